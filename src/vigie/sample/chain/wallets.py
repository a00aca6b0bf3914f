"""Wallets: who holds which coins, and by what habits a program that spends them can be told."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    import random

    from vigie.sample.chain.locks import Lock, Locksmith
    from vigie.sample.chain.spending import Coin


class Style(t.NamedTuple):
    """How a program writes transactions."""

    name: str
    version: int
    sequence: int
    tip: bool
    """Does it set the locktime to the height of the chain's tip, against fee sniping?"""
    low_r: bool
    sorts: bool
    """BIP 69; otherwise change lies anywhere."""
    rate: float
    """Of the fee that others pay."""


STYLES: tuple[Style, ...] = (
    Style("core", 2, 0xFFFFFFFD, True, True, False, 1.0),
    Style("core 0.16", 2, 0xFFFFFFFE, True, False, False, 1.0),
    Style("electrum", 2, 0xFFFFFFFD, True, True, True, 1.1),
    Style("phone", 1, 0xFFFFFFFF, False, False, False, 1.4),
    Style("phone, sorted", 1, 0xFFFFFFFF, False, False, True, 1.2),
    Style("hardware", 2, 0xFFFFFFFD, False, True, False, 0.9),
    Style("service", 2, 0xFFFFFFFF, False, False, False, 1.5),
)
SERVICE = STYLES[6]
KINDS = (("p2wpkh", 46), ("p2pkh", 20), ("p2sh", 14), ("p2tr", 14), ("p2wsh", 4), ("p2pk", 1), ("multisig", 1))
"""Kinds of locks that wallets make, and how many of 100 wallets."""


class Wallet:
    """Keys that one person or service holds, and the coins that they open."""

    __slots__ = (
        "account", "actor", "coins", "dump", "held", "kind", "name", "owner", "pool", "smith", "style", "xpub",
    )  # fmt: skip

    def __init__(
        self, name: str, owner: str, kind: str, style: Style, smith: Locksmith, *, pool: list[Coin] | None = None
    ) -> None:
        self.name, self.owner, self.kind, self.style, self.smith = name, owner, kind, style, smith
        self.coins: list[Coin] = []
        self.pool = pool
        """Where coins are put besides, for those who look for anybody that has some."""
        self.held: Lock | None = None
        """The one lock that this wallet takes all money with."""
        self.actor = self.dump = self.account = self.xpub = ""

    def lock(self, role: str = "") -> Lock:
        """Return a lock to be paid with: a new one, where the wallet does not use one again and again."""
        return self.held or self.smith.make(self, self.kind, role)

    def got(self, coin: Coin) -> None:
        """Take a coin."""
        self.coins.append(coin)
        if self.pool is not None:
            self.pool.append(coin)

    def take(self, rng: random.Random, most: int) -> list[Coin]:
        """Take out up to so many coins, any of them; nothing but coins that stand alone may be left."""
        coins = self.coins
        out: list[Coin] = []
        while coins and len(out) < most:
            at = int(rng.random() * len(coins))
            coins[at], coins[-1] = coins[-1], coins[at]
            coin = coins.pop()
            if not coin.spent:
                out.append(coin)
        return out

    def covering(self, amount: int) -> list[Coin]:
        """Take out the fewest coins that come to an amount; none where all of them do not."""
        left = sorted((one for one in self.coins if not one.spent), key=lambda one: one.value)
        single = next((at for at, one in enumerate(left) if one.value >= amount), None)
        if single is not None:
            out = [left.pop(single)]
        else:
            out = []
            while left and sum(one.value for one in out) < amount:
                out.append(left.pop())
        if sum(one.value for one in out) < amount:
            return []
        self.coins = left
        return out

    def back(self, coins: t.Iterable[Coin]) -> None:
        """Put coins back that were taken out and not spent."""
        self.coins += coins

    @property
    def balance(self) -> int:
        """Satoshi that it can spend."""
        return sum(one.value for one in self.coins if not one.spent)
