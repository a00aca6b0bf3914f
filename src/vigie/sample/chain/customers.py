"""Customers: coins bought at an exchange, kept in wallets of their own, paid to the shop as people pay."""

from __future__ import annotations

import datetime as dt
import typing as t

from vigie.rows.chain_truth import TruthOrder, TruthPath, TruthSettled
from vigie.sample.chain.addressed import addresses
from vigie.sample.chain.joins import Party
from vigie.sample.chain.orders import DAY, Order, Past, Settled
from vigie.sample.chain.press import DUST

if t.TYPE_CHECKING:
    from vigie.sample.chain.exchanges import Exchange
    from vigie.sample.chain.joins import Joins
    from vigie.sample.chain.locks import Lock
    from vigie.sample.chain.press import Put, Sent
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.shop import Shop
    from vigie.sample.chain.wallets import Wallet

DIRECT, PAYJOIN, MIXED = 0.22, 0.05, 0.08
"""Shares of orders: paid by an exchange, by PayJoin, after a CoinJoin."""
UNDER, OVER, TWICE, LATE = 0.05, 0.04, 0.03, 0.05
NAMED = 0.6
"""Share of orders of which the platform wrote down the transaction."""
TRIES = 40


class Customers:
    """All of them, and their orders."""

    def __init__(self, scene: Scene, shop: Shop, exchanges: list[Exchange], joins: Joins) -> None:
        self.scene, self.shop, self._exchanges, self._joins = scene, shop, exchanges, joins
        self._wallets: dict[tuple[str, str], Wallet] = {}
        self.settled: dict[tuple[str, str], Settled] = {}
        self.orders = 0

    def expect(self, order: Order) -> None:
        """Have an order come in, be paid, and be written down, when its time comes."""
        self.scene.at(order.at, lambda: self._comes(order) if order.comes else self._payout(order))

    def _comes(self, order: Order) -> None:
        lock, index = self.shop.lock(order.board)
        (address,) = addresses([lock.kind], [lock.script])
        self.settled[order.dump, order.payment] = Settled(address, "")
        rng = self.scene.rng
        one = _Case(self, order, lock, index, address)
        if order.unpaid:
            one.close("unpaid")
            return
        wait = 300 + int(rng.random() * 2_700)
        if rng.random() < LATE:
            one.notes.add("late")
            wait = DAY + int(rng.random() * 6 * DAY)
        self.scene.at(order.at + wait, one.pay)

    def wallet(self, order: Order) -> Wallet:
        """Return the wallet of an order's account."""
        key = order.dump, order.account
        if key not in self._wallets:
            number = len(self._wallets)
            kind = "p2wpkh" if self.scene.rng.random() < 0.5 else ""
            while kind in ("", "p2pk", "multisig", "p2wsh"):
                kind = self.scene.rng.choice(("p2pkh", "p2sh", "p2tr", "p2wpkh"))
            self._wallets[key] = self.scene.wallet(
                f"customer {number}", "customer", kind=kind, dump=order.dump, account=order.account
            )
        return self._wallets[key]

    def buy(self, wallet: Wallet, sat: int) -> bool:
        """Have an exchange pay to a customer's wallet; False where none can."""
        rng = self.scene.rng
        start = int(rng.random() * len(self._exchanges))
        for at in range(len(self._exchanges)):
            exchange = self._exchanges[(start + at) % len(self._exchanges)]
            sent = exchange.withdraw([(sat, wallet.lock())])
            if sent is not None:
                sent.coins[0].past = (Past(exchange.named.id, sent.txid, sent.places[0], 0, ""),)
                return True
        return False

    def direct(self, lock: Lock, sat: int) -> tuple[Sent, Exchange] | None:
        """Have an exchange pay an order for a customer of its own."""
        rng = self.scene.rng
        start = int(rng.random() * len(self._exchanges))
        for at in range(len(self._exchanges)):
            exchange = self._exchanges[(start + at) % len(self._exchanges)]
            sent = exchange.withdraw([(sat, lock)])
            if sent is not None:
                return sent, exchange
        return None

    def mix(self, wallet: Wallet) -> bool:
        """Bring a customer's largest coin into a CoinJoin."""
        coins = sorted((one for one in wallet.coins if not one.spent), key=lambda one: -one.value)[:1]
        return bool(coins) and self._joins.next(Party(wallet, coins)) is not None

    def _payout(self, order: Order) -> None:
        wallet = self.wallet(order)
        lock = wallet.lock()
        (address,) = addresses([lock.kind], [lock.script])
        self.settled[order.dump, order.payment] = Settled(address, "")
        case = _Case(self, order, lock, -1, address)
        self.scene.at(order.at, lambda: case.send(TRIES))


class _Case:
    """One order, from the moment when it came in."""

    def __init__(self, all_: Customers, order: Order, lock: Lock, index: int, address: str) -> None:
        self.all, self.order, self.lock, self.index, self.address = all_, order, lock, index, address
        self.notes: set[str] = set()
        self.received = 0
        self.txid = b""
        self._tries = TRIES

    def pay(self) -> None:
        """Pay, in one of the ways in which people do."""
        rng, sat = self.all.scene.rng, self.order.sat
        chance = rng.random()
        if chance < UNDER:
            sat = int(sat * (0.5 + 0.48 * rng.random()))
            self.notes.add("underpaid")
        elif chance < UNDER + OVER:
            sat = int(sat * (1.02 + 0.5 * rng.random()))
            self.notes.add("overpaid")
        way = rng.random()
        if way < DIRECT:
            done = self._direct(sat)
        else:
            done = self._own(sat, mixes=way > 1 - MIXED, joins=DIRECT <= way < DIRECT + PAYJOIN)
        if not done:
            self._tries -= 1
            if self._tries:  # nobody had the money: they have it later
                self.all.scene.at(self.all.scene.now + 3_600, self.pay)
                self.notes.add("late")
            else:
                self.close("unpaid")
            return
        if rng.random() < TWICE and self._own(sat, mixes=False, joins=False):
            self.notes.add("double")
        if self.order.refunded:
            self.all.scene.at(self.all.scene.now + DAY, lambda: self._refund(TRIES))
        else:
            self.close()

    def _direct(self, sat: int) -> bool:
        found = self.all.direct(self.lock, sat)
        if found is None:
            return False
        sent, exchange = found
        self._settle(sent, 0, sat, exchange.wallet.name, sat)
        self._backward(sent, 0, (Past(exchange.named.id, sent.txid, sent.places[0], 0, ""),))
        self.notes.add("exchange")
        return True

    def _own(self, sat: int, *, mixes: bool, joins: bool) -> bool:
        """Pay from the customer's own wallet, which buys what it lacks."""
        scene, shop = self.all.scene, self.all.shop
        wallet = self.all.wallet(self.order)
        needed = sat + int(scene.press.rate * 2 * 500) + DUST
        if wallet.balance < needed + 20 * DUST:
            much = int(1_000_000 if mixes else needed * (1.5 + scene.rng.random() * 4)) + 10_000
            if not self.all.buy(wallet, max(much, needed * 3 // 2)):
                return False
        if mixes:
            self.all.mix(wallet)  # where nobody is there to mix with, it pays as it is
        coins = wallet.covering(needed)
        if not coins:
            return False
        rest = sum(one.value for one in coins) - sat
        pasts = tuple({past: None for one in coins for past in one.past})
        own = [one for one in shop.wallet.coins if not one.spent and one.lock is not self.lock][:1] if joins else []
        if own:
            shop.wallet.coins.remove(own[0])
        rest -= scene.press.fee([*coins, *own], 2, wallet.style)
        value = sat + sum(one.value for one in own)
        puts: list[Put] = [(value, self.lock)]
        if rest >= DUST:
            puts.append((rest, wallet.lock("change")))
        sent = scene.press.spend(
            [*coins, *own],
            puts,
            wallet.style,
            does="payjoin" if own else "payment",
            wallet="" if own else wallet.name,
            change=1 if rest >= DUST and not own else -1,
        )
        if own:
            self.notes.add("payjoin")
            sent.coins[0].past = tuple(one.on("payjoin") for one in own[0].past)
        self._settle(sent, 0, value, wallet.name, sat)
        later = tuple(one.on("payjoin" if own else "") for one in pasts)
        if rest >= DUST:
            sent.coins[1].past = later
        self._backward(sent, 0, later)
        return True

    def _settle(self, sent: Sent, put: int, value: int, wallet: str, sat: int) -> None:
        order, scene = self.order, self.all.scene
        vout = sent.places[put]
        named = not self.txid and (order.board >= 0 or scene.rng.random() < NAMED)
        self.received += sat
        if named:
            self.txid = sent.txid
            self.all.settled[order.dump, order.payment] = Settled(self.address, sent.txid.hex())
        scene.book.add(
            TruthSettled, order.dump, order.payment, order.account, sent.txid, vout, self.address, value,
            scene.press.height, wallet, named,
        )  # fmt: skip
        if order.comes:
            self.all.shop.paid(sent, sent.coins[put], vout)

    def _backward(self, sent: Sent, put: int, pasts: tuple[Past, ...]) -> None:
        best = {(one.txid, one.vout): one for one in sorted(pasts, key=lambda one: -one.hops)}
        for one in best.values():
            self.all.scene.book.add(
                TruthPath, "backward", sent.txid, sent.places[put], one.txid, one.vout, one.actor, one.hops,
                one.through,
            )  # fmt: skip

    def _refund(self, tries: int) -> None:
        wallet = self.all.wallet(self.order)
        if self.all.shop.send(self.order.sat * 9 // 10, wallet.lock(), "refund") is not None:
            self.notes.add("refunded")
        elif tries:
            self.all.scene.at(self.all.scene.now + DAY, lambda: self._refund(tries - 1))
            return
        self.close()

    def send(self, tries: int) -> None:
        """Have the shop send money, when it has enough."""
        sent = self.all.shop.send(self.order.sat, self.lock, "payout")
        if sent is None:
            if tries:
                self.all.scene.at(self.all.scene.now + DAY, lambda: self.send(tries - 1))
            else:
                self.close("unpaid")
            return
        self._settle(sent, 0, self.order.sat, "shop", self.order.sat)
        self.close()

    def close(self, *notes: str) -> None:
        """Write down what became of it."""
        order = self.order
        self.all.orders += 1
        self.all.scene.book.add(
            TruthOrder, order.dump, order.payment, order.account, dt.datetime.fromtimestamp(order.at, dt.UTC),
            self.address, order.board >= 0, self.index, order.sat, self.received,
            ",".join(sorted({*self.notes, *notes})), "in" if order.comes else "out",
        )  # fmt: skip
