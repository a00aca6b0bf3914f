"""Where transactions come together into blocks: what was spent, what fees are, who is told of new coins."""

from __future__ import annotations

import collections
import typing as t

from vigie.rows.chain_truth import TruthTransaction
from vigie.sample.chain.blocks import GENESIS, MATURITY, Block, coinbase, mined, subsidy
from vigie.sample.chain.locks import SIZES, Lock
from vigie.sample.chain.spending import ALL, Coin, Signed, hash256, signed

if t.TYPE_CHECKING:
    import random

    from vigie.sample.chain.book import Book
    from vigie.sample.chain.wallets import Style

Put = tuple[int, "Lock | bytes"]
"""An output: satoshi, and the lock that it pays or, of OP_RETURN, the script."""
MOST_WEIGHT = 3_900_000
DUST = 546


class Sent(t.NamedTuple):
    """A transaction that was taken into the block."""

    txid: bytes
    """In display order."""
    coins: list[Coin]
    """Its outputs as they were asked for, those of OP_RETURN left out."""
    places: list[int]
    """Where each output that was asked for stands."""


class Press:
    """Makes blocks, one after the other."""

    def __init__(self, rng: random.Random, book: Book) -> None:
        self._rng, self._book = rng, book
        self.height, self.previous = 1, hash256(GENESIS[:80])
        self.rate = 8.0
        """Satoshi a virtual byte that is paid now."""
        self.transactions = self.inputs = self.outputs = 0
        """Without coinbases."""
        self._young: collections.deque[Coin] = collections.deque()
        self._begin()

    def _begin(self) -> None:
        self.block: list[Signed] = []
        self._spent: list[t.Sequence[Coin]] = []
        self.fees = self.weight = 0

    def fee(self, coins: t.Sequence[Coin], outputs: int, style: Style) -> int:
        """Return about what a transaction costs, satoshi."""
        size = 11 + 34 * outputs + sum([SIZES[coin.lock.kind] for coin in coins])
        return int(size * self.rate * style.rate) + 1

    def spend(
        self,
        coins: t.Sequence[Coin],
        puts: t.Sequence[Put],
        style: Style,
        *,
        does: str,
        wallet: str,
        join: str = "",
        change: int = -1,
        covers: int = ALL,
    ) -> Sent:
        """Take a transaction into the block; what outputs leave of the inputs is its fee.

        ``change``: which of ``puts`` goes back to whom it came from. Errors: ValueError where more is spent than there
        is.
        """
        rng = self._rng
        fee = sum([coin.value for coin in coins]) - sum([value for value, _ in puts])
        if fee < 0 or any(coin.spent for coin in coins):
            raise ValueError(f"a {does} of {wallet} spends {-fee} satoshi that are not there, or a coin twice")
        scripts = [to if isinstance(to, bytes) else to.sized for _, to in puts]
        outputs = [value.to_bytes(8, "little") + script for (value, _), script in zip(puts, scripts, strict=True)]
        order = list(range(len(puts)))
        if style.sorts:
            coins = sorted(coins, key=lambda coin: (coin.outpoint[31::-1], coin.outpoint[32:][::-1]))
            order.sort(key=lambda at: (puts[at][0], scripts[at][1:]))
        elif len(order) > 1:
            rng.shuffle(order)
        made = signed(
            coins,
            [outputs[at] for at in order],
            version=style.version,
            sequence=style.sequence,
            locktime=self.height - 1 if style.tip else 0,
            low_r=style.low_r,
            covers=covers,
        )
        for coin in coins:
            coin.spent = True
        self.block.append(made)
        self._spent.append(coins)
        self.fees += fee
        self.weight += made.weight
        places = [0] * len(puts)
        for place, at in enumerate(order):
            places[at] = place
        news = self._new(made.txid, puts, places, 2 * self.height)
        self.transactions += 1
        self.inputs += len(coins)
        self.outputs += len(puts)
        txid = made.txid[::-1]
        said = places[change] if change >= 0 else -1
        self._book.add(TruthTransaction, txid, self.height, len(self.block), does, wallet, join, said)
        return Sent(txid, news, places)

    def _new(self, txid: bytes, puts: t.Sequence[Put], places: t.Sequence[int], mark: int) -> list[Coin]:
        out = []
        for (value, lock), place in zip(puts, places, strict=True):
            if isinstance(lock, Lock):
                if not lock.seen:
                    self._book.script(lock)
                out.append(Coin(txid + place.to_bytes(4, "little"), value, lock, mark))
                if not mark & 1:
                    lock.wallet.got(out[-1])
        return out

    @property
    def full(self) -> bool:
        """Say whether there is no room for much more in this block."""
        return self.weight > MOST_WEIGHT

    def end(self, time: int, miner: Lock) -> Block:
        """End the block, pay its miner, hand out the coins of a miner that are old enough by now; return it."""
        height = self.height
        worth = subsidy(height) + self.fees
        wtxids = [one.wtxid for one in self.block]
        first = coinbase(height, [worth.to_bytes(8, "little") + miner.sized], wtxids, b"/vigie sample/")
        block = mined(height, self.previous, time, [first, *self.block], self._spent)
        self._book.add(TruthTransaction, first.txid[::-1], height, 0, "coinbase", "", "", -1)
        self._young += self._new(first.txid, [(worth, miner)], [0], 2 * height + 1)
        if len(self._young) >= MATURITY:
            coin = self._young.popleft()
            coin.lock.wallet.got(coin)
        self.height, self.previous = height + 1, block.hash
        self._begin()
        return block

    def stale(self, block: Block, time: int, miner: Lock) -> Block:
        """Return another block in the place of one, which did not make it: with nothing but its coinbase."""
        put = subsidy(block.height).to_bytes(8, "little") + miner.sized
        first = coinbase(block.height, [put], [], b"/vigie sample, late/")
        return mined(block.height, block.previous, time, [first], [])._replace(undo=b"")
