"""The shop: an address for each order, money gathered, peeled off and brought to exchanges; refunds and payouts."""

from __future__ import annotations

import typing as t

from vigie.rows.chain_truth import TruthPath, TruthPeel
from vigie.sample.chain.account import VPUB, Account
from vigie.sample.chain.orders import DAY, Past
from vigie.sample.chain.press import DUST
from vigie.sample.chain.wallets import STYLES

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from vigie.sample.chain.background import Background
    from vigie.sample.chain.exchanges import Exchange
    from vigie.sample.chain.locks import Lock
    from vigie.sample.chain.press import Put, Sent
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.spending import Coin

SHARED = 3
"""Addresses that all orders of the old board are paid to: the first of the account."""
SKIPS, LONG_GAP = 0.2, 45
"""Share of orders before which carts were left, each with an address; the longest row of such, above a gap limit."""
TRICKLE = 14 * DAY
"""Within so much the shop gathers what it was paid at the latest ..."""
GATHERED = 25
"""... or when it has about so many coins."""


class Shop:
    """Its wallet and what it does with it."""

    def __init__(self, scene: Scene, exchanges: list[Exchange], background: Background, orders: int) -> None:
        self.scene, self._exchanges, self._background = scene, exchanges, background
        self.account = Account(scene.seed)
        self.wallet = scene.wallet(
            "shop", "shop", kind="p2wpkh", style=STYLES[2], xpub=self.account.node.public(VPUB)
        )  # Electrum's habits, as its file lies on the server
        self.next, self.changes = SHARED, 0
        """Indexes that come next: of addresses for orders, and for change."""
        self._left = max(2, orders * 2 // 5)
        """Orders until the long gap."""
        self._shared = [self.account.lock(self.wallet, 0, number, "order") for number in range(SHARED)]
        self._deposits: dict[str, Lock] = {}
        self._peels = 0
        self._limit = 4
        self._last = 0

    def lock(self, board: int) -> tuple[Lock, int]:
        """Return what an order is to be paid to, and the index of its address."""
        if board >= 0:
            return self._shared[board % SHARED], board % SHARED
        self._left -= 1
        if not self._left:
            self.next += LONG_GAP
        elif self.scene.rng.random() < SKIPS:
            self.next += 1 + int(self.scene.rng.random() * 3)
        self.next += 1
        return self.account.lock(self.wallet, 0, self.next - 1, "order"), self.next - 1

    def change(self) -> Lock:
        """Return the next address for change."""
        self.changes += 1
        return self.account.lock(self.wallet, 1, self.changes - 1, "change")

    def paid(self, sent: Sent, coin: Coin, vout: int) -> None:
        """Remember of a coin which payment it is."""
        coin.past = (*coin.past, Past("", sent.txid, vout, 0, ""))

    def gather(self) -> None:
        """Gather what was paid, when it is much or long ago; bring it on at the next opportunity."""
        wallet, now = self.wallet, self.scene.now
        wallet.coins = [one for one in wallet.coins if not one.spent]
        if len(wallet.coins) < 2 or (len(wallet.coins) < self._limit and now - self._last < TRICKLE):
            return
        self._last = now
        self._limit = 4 + int(self.scene.rng.random() * GATHERED)
        coins = wallet.take(self.scene.rng, 60)
        worth = sum(one.value for one in coins) - self.scene.press.fee(coins, 1, wallet.style)
        if worth < 20 * DUST:
            wallet.back(coins)
            return
        pasts = _joined(coins)
        if self.scene.rng.random() < 0.2:
            exchange = self._exchange()
            sent = self._spend(coins, [(worth, self._deposit(exchange))], "consolidation", -1)
            self._arrived(sent, 0, exchange, [one.on() for one in pasts])
            return
        sent = self._spend(coins, [(worth, self.change())], "consolidation", 0)
        rest = sent.coins[0]
        wallet.coins.remove(rest)
        rest.past = tuple(one.on() for one in pasts)
        number, self._peels = self._peels, self._peels + 1
        self._later(rest, number, 0, 3 + int(self.scene.rng.random() * 9))

    def _later(self, rest: Coin, number: int, hop: int, hops: int) -> None:
        wait = int(self.scene.rng.random() * DAY / 3)
        self.scene.at(self.scene.now + 1 + wait, lambda: self._peel(rest, number, hop, hops))

    def _peel(self, rest: Coin, number: int, hop: int, hops: int) -> None:
        """Take one hop: pay somebody, let the rest go on; at last all of it to an exchange."""
        scene, rng = self.scene, self.scene.rng
        left = rest.value - scene.press.fee([rest], 2, self.wallet.style)
        exchange = self._exchange()
        peel = int(left * (0.08 + rng.random() * 0.3))
        if hop + 1 >= hops or peel < 20 * DUST:
            if left < DUST:
                self.wallet.got(rest)
                return
            sent = self._spend([rest], [(left, self._deposit(exchange))], "peel", -1)
            self._arrived(sent, 0, exchange, [one.on("peel" if hop else "") for one in rest.past])
            scene.book.add(TruthPeel, number, hop, sent.txid, sent.places[0], -1, self.wallet.name)
            return
        to_exchange = rng.random() < 0.6
        lock = self._deposit(exchange) if to_exchange else self._background.anybody().lock()
        sent = self._spend([rest], [(peel, lock), (left - peel, self.change())], "peel", 1)
        pasts = tuple(one.on("peel") for one in rest.past)
        if to_exchange:
            self._arrived(sent, 0, exchange, pasts)
        scene.book.add(TruthPeel, number, hop, sent.txid, sent.places[0], sent.places[1], self.wallet.name)
        goes_on = sent.coins[1]
        self.wallet.coins.remove(goes_on)
        goes_on.past = pasts
        self._later(goes_on, number, hop + 1, hops)

    def send(self, sat: int, lock: Lock, does: str) -> Sent | None:
        """Pay somebody out of what is there; None where that is too little."""
        wallet, press = self.wallet, self.scene.press
        coins = wallet.covering(sat + int(press.rate * 2 * 400))
        rest = sum(one.value for one in coins) - sat - press.fee(coins, 2, wallet.style)
        if not coins or rest < DUST:
            wallet.back(coins)
            return None
        pasts = _joined(coins)
        sent = self._spend(coins, [(sat, lock), (rest, self.change())], does, 1)
        sent.coins[1].past = tuple(one.on() for one in pasts)
        return sent

    def _spend(self, coins: list[Coin], puts: list[Put], does: str, change: int) -> Sent:
        wallet = self.wallet
        return self.scene.press.spend(coins, puts, wallet.style, does=does, wallet=wallet.name, change=change)

    def _exchange(self) -> Exchange:
        rng = self.scene.rng
        return self._exchanges[int(rng.random() ** 2 * len(self._exchanges))]

    def _deposit(self, exchange: Exchange) -> Lock:
        """Return the shop's address there: the same for some time."""
        name = exchange.named.id
        if name not in self._deposits or self.scene.rng.random() < 0.1:
            self._deposits[name] = exchange.deposit_lock()
        return self._deposits[name]

    def _arrived(self, sent: Sent, put: int, exchange: Exchange, pasts: Iterable[Past]) -> None:
        """Write down which payments came to an exchange with an output."""
        for one in pasts:
            self.scene.book.add(
                TruthPath, "forward", one.txid, one.vout, sent.txid, sent.places[put], exchange.named.id, one.hops,
                one.through,
            )  # fmt: skip


def _joined(coins: Iterable[Coin]) -> tuple[Past, ...]:
    """Return the pasts of coins, one for each payment: the shortest way."""
    best: dict[tuple[bytes, int], Past] = {}
    for one in (past for coin in coins for past in coin.past):
        known = best.get((one.txid, one.vout))
        if known is None or one.hops < known.hops:
            best[one.txid, one.vout] = one
    return tuple(best.values())
