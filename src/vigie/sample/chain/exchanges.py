"""Exchanges: hot wallets, deposit addresses of customers, sweeps, withdrawals one by one and in batches."""

from __future__ import annotations

import bisect
import operator
import typing as t

from vigie.sample.chain.press import DUST
from vigie.sample.chain.wallets import Wallet

if t.TYPE_CHECKING:
    from vigie.sample.chain.locks import Lock
    from vigie.sample.chain.press import Put, Sent
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.spending import Coin


class Named(t.NamedTuple):
    """An exchange of this made-up world."""

    id: str
    label: str
    countries: tuple[str, ...]
    deposits: str
    """Kind of its deposit addresses."""


EXCHANGES: tuple[Named, ...] = (
    Named("mirabel", "Mirabel Exchange", ("FR",), "p2wpkh"),
    Named("ostrava-coin", "Ostrava Coin", ("CZ",), "p2pkh"),
    Named("lumo", "Lumo", ("MT", "DE"), "p2sh"),
    Named("kestrel-markets", "Kestrel Markets", ("US",), "p2wpkh"),
    Named("tidewater", "Tidewater", (), "p2wsh"),
    Named("north-quay", "North Quay", ("EE",), "p2tr"),
)
SHOWN = 8
RECYCLED = 0.03
"""Share of deposit addresses that had another customer before."""


_VALUE = operator.attrgetter("value")


class Hot(Wallet):
    """An exchange's coins by value, for it comes to have hundreds of thousands; those on deposit addresses apart."""

    __slots__ = ("deposits",)

    def __init__(self, *args: t.Any, **named: t.Any) -> None:
        super().__init__(*args, **named)
        self.deposits: list[Coin] = []

    def got(self, coin: Coin) -> None:
        """Take a coin."""
        if coin.lock.role == "deposit":
            self.deposits.append(coin)
        else:
            bisect.insort(self.coins, coin, key=_VALUE)

    def covering(self, amount: int) -> list[Coin]:
        """Take out the fewest coins that come to an amount; none where all of them do not."""
        coins = self.coins
        single = bisect.bisect_left(coins, amount, key=_VALUE)
        if single < len(coins):
            return [coins.pop(single)]
        many, worth = 0, 0
        while many < len(coins) and worth < amount:
            many += 1
            worth += coins[-many].value
        if worth < amount:
            return []
        self.coins, out = coins[:-many], coins[-many:]
        return out[::-1]

    def back(self, coins: t.Iterable[Coin]) -> None:
        """Put coins back that were taken out and not spent."""
        for one in coins:
            bisect.insort(self.coins, one, key=_VALUE)


class Exchange:
    """One of them."""

    def __init__(self, scene: Scene, named: Named) -> None:
        self.scene, self.named = scene, named
        kind = "p2wsh" if len(named.countries) > 1 else "p2wpkh"
        made = scene.wallet(f"exchange:{named.id}", "exchange", kind=kind, actor=named.id, made_as=Hot)
        self.wallet = t.cast("Hot", made)
        self._hot = [self.wallet.smith.make(self.wallet, self.wallet.kind, "hot") for _ in range(3)]
        self.shown: list[Lock] = [self._hot[0]]
        """Locks that somebody could have tagged: the first hot ones. Deposits are swept to the very first."""
        self._old: list[Lock] = []

    def hot(self) -> Lock:
        """Return one of the addresses of its own money: there are few, and they are used again; one never changes."""
        rng = self.scene.rng
        if rng.random() < 0.3:
            self._hot[1 + int(rng.random() * 2)] = self.wallet.smith.make(self.wallet, self.wallet.kind, "hot")
        lock = self._hot[int(rng.random() * 3)]
        if len(self.shown) < SHOWN and lock not in self.shown:
            self.shown.append(lock)
        return lock

    def deposit_lock(self) -> Lock:
        """Return a deposit address for a customer."""
        rng = self.scene.rng
        if self._old and rng.random() < RECYCLED:
            return self._old[int(rng.random() * len(self._old))]
        lock = self.wallet.smith.make(self.wallet, self.named.deposits, "deposit")
        if len(self._old) < 1_000:
            self._old.append(lock)
        return lock

    def sweep(self, most: int = 120) -> Sent | None:
        """Gather deposits at the address that the exchange is known by."""
        press, coins = self.scene.press, self.wallet.deposits
        some, self.wallet.deposits = coins[:most], coins[most:]
        worth = sum(one.value for one in some) - press.fee(some, 1, self.wallet.style)
        if worth < DUST:
            self.wallet.deposits += some
            return None
        return press.spend(some, [(worth, self._hot[0])], self.wallet.style, does="sweep", wallet=self.wallet.name)

    def withdraw(self, puts: list[Put]) -> Sent | None:
        """Pay somebody, or many; None where there is not enough in the hot wallet."""
        press, wallet = self.scene.press, self.wallet
        total = sum(value for value, _ in puts)
        margin = int(press.rate * 2 * (300 + 34 * len(puts)))
        coins = wallet.covering(total + margin)
        if not coins:
            return None
        rest = sum(one.value for one in coins) - total - press.fee(coins, len(puts) + 1, wallet.style)
        if rest < DUST:
            wallet.back(coins)
            return None
        does = "batch" if len(puts) > 2 else "withdrawal"
        every = [*puts, (rest, self.hot())]
        return press.spend(coins, every, wallet.style, does=does, wallet=wallet.name, change=len(puts))
