"""A practice chain: drawn block by block, written as a node keeps it, with its truth."""

from __future__ import annotations

import contextlib
import gc
import random
import typing as t

import msgspec

from vigie.rows.chain_truth import TruthPath, TruthPeel
from vigie.sample.chain.addressed import addresses
from vigie.sample.chain.background import Background
from vigie.sample.chain.blocks import GENESIS, Block
from vigie.sample.chain.book import Book
from vigie.sample.chain.customers import Customers
from vigie.sample.chain.exchanges import EXCHANGES, Exchange
from vigie.sample.chain.files import BlockFiles, xor_key
from vigie.sample.chain.joins import Joins
from vigie.sample.chain.orders import Order, Settled
from vigie.sample.chain.press import DUST, Press, Put
from vigie.sample.chain.scene import Scene
from vigie.sample.chain.shop import Shop
from vigie.sample.chain.spending import hash256

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SETUP = 130
"""Blocks before the first order: a coinbase is spent after a hundred."""
SPACING = 600
STALE = 0.01
"""Share of heights at which somebody found another block, too late."""
WINDOW = 8
"""Blocks that may lie in the files in another order than that of their heights."""
FULL = 2_000
"""Transactions of a block, at most about."""
JOIN_EVERY, DUST_EVERY = 110, 1_400
"""Transactions from one CoinJoin to the next, from one storm of dust to the next."""

COLLECT = 500_000
"""Objects that are made before Python looks for cycles among them."""


class ChainMade(msgspec.Struct, frozen=True, kw_only=True):
    """What was made."""

    blocks: Path
    """Folder of block files."""
    height: int
    stale: int
    transactions: int
    inputs: int
    outputs: int
    """Coinbases apart."""
    bytes: int
    orders: int
    paths: int
    peels: int
    truth: tuple[Path, ...]
    settled: dict[tuple[str, str], Settled]
    """(dump, payment) -> what the platform knows of it."""
    shop: Shop
    hot: dict[str, list[str]]
    """Exchange -> some of its hot addresses that the chain has paid."""


def chain(
    folder: Path,
    truth: Path,
    *,
    seed: int,
    transactions: int,
    orders: Sequence[Order],
    since: int,
    until: int,
    plain: bool = False,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> ChainMade:
    """Write ``folder``/blocks and, into ``truth``, the truth about it; ``plain``: without the key of ``xor.dat``.

    ``since`` and ``until`` bound the times of orders, s since 1970. Blocks come when something is paid, and evenly
    besides.
    """
    rng = random.Random(seed)  # noqa: S311 - chance that can be drawn again; nothing here is secret
    files = BlockFiles(folder / "blocks", b"" if plain else xor_key(seed))
    with _rare_collections(), Book(truth) as book:
        press = Press(rng, book)
        scene = Scene(seed, rng, book, press)
        run = _Run(scene, files, transactions, orders)
        run.setup(since)
        run.live(_times(rng, since, until, orders, transactions), tell)
        run.close()
    counts = book.counts
    return ChainMade(
        blocks=folder / "blocks",
        height=press.height - 1,
        stale=run.stale,
        transactions=press.transactions,
        inputs=press.inputs,
        outputs=press.outputs,
        bytes=files.bytes,
        orders=run.customers.orders,
        paths=counts[TruthPath],
        peels=counts[TruthPeel],
        truth=book.paths,
        settled=run.customers.settled,
        shop=run.shop,
        hot={one.named.id: _addresses(one) for one in run.exchanges},
    )


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles seldom: nearly all that is made here is let go without, and looking through it takes an eighth.

    What does go round are wallets and their locks, a few hundred bytes each.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECT, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _addresses(one: Exchange) -> list[str]:
    shown = [lock for lock in one.shown if lock.seen]
    return addresses([lock.kind for lock in shown], [lock.script for lock in shown])


def _times(rng: random.Random, since: int, until: int, orders: Sequence[Order], transactions: int) -> list[int]:
    """Return when blocks are found: evenly, but for chance, and soon after orders where blocks are rare."""
    count = max(60, -(-transactions // FULL))
    apart = (until - since) / count
    times = [since + int(apart * (number + 0.8 * rng.random())) for number in range(count)]
    if apart > 2 * SPACING:
        for order in orders:
            times += [order.at + 1 + int(rng.random() * 300), order.at + 3_100 + int(rng.random() * 1_500)]
    out: list[int] = []
    for one in sorted(times):
        if not out or one - out[-1] >= 30:
            out.append(one)
    return out


class _Run:
    """Goes through the blocks."""

    def __init__(self, scene: Scene, files: BlockFiles, transactions: int, orders: Sequence[Order]) -> None:
        self.scene, self.files, self._wanted = scene, files, transactions
        self.exchanges = [Exchange(scene, one) for one in EXCHANGES]
        self.background = Background(scene, max(120, min(300_000, transactions // 12)), self.exchanges)
        self.joins = Joins(scene)
        self.shop = Shop(scene, self.exchanges, self.background, len(orders))
        self.customers = Customers(scene, self.shop, self.exchanges, self.joins)
        self._orders = orders
        self.stale = 0
        self._held: list[Block] = []
        self._next_join, self._next_dust = JOIN_EVERY, DUST_EVERY // 2
        self._stormer = scene.wallet("stormer", "background", pooled=False)
        files.put([Block(0, hash256(GENESIS[:80]), bytes(32), GENESIS, b"")])

    def setup(self, since: int) -> None:
        """Make money, and give it to exchanges and to everybody else."""
        scene = self.scene
        for number in range(SETUP):
            scene.now = since - (SETUP - number) * SPACING
            self.background.pay_out_miners(min(250, 40 + len(self.background.wallets) // 20))
            self._end()
        for order in self._orders:
            self.customers.expect(order)

    def live(self, times: Sequence[int], tell: Callable[[int, int], None]) -> None:
        """Let time go by."""
        scene, press = self.scene, self.scene.press
        for number, now in enumerate(times):
            scene.now = now
            press.rate = 2 + 18 * scene.rng.random() ** 2
            scene.happen()
            self.shop.gather()
            share = (self._wanted - press.transactions) / (len(times) - number)
            self._fill(press.transactions + int(share * (0.7 + 0.6 * scene.rng.random())))
            self._end()
            tell(min(press.transactions, self._wanted), self._wanted)
        late = 0
        while (scene.waiting or late < 3) and late < 400:  # what was begun comes to its end
            scene.now += SPACING if not scene.waiting else 6 * 3_600
            scene.happen()
            self.shop.gather()
            self._end()
            late += 1

    def _fill(self, until: int) -> None:
        scene, press = self.scene, self.scene.press
        background, rng = self.background, scene.rng
        failed = 0
        if rng.random() < 0.3:
            background.pay_out_miners(3)
        while press.transactions < until and not press.full and failed < 200:
            if press.transactions >= self._next_join:
                self._next_join = press.transactions + int(JOIN_EVERY * (0.5 + rng.random()))
                self.joins.next()
            if press.transactions >= self._next_dust:
                self._next_dust = press.transactions + DUST_EVERY
                self._storm()
            failed = 0 if background.step() else failed + 1
            if rng.random() < 0.02:
                scene.happen()

    def _storm(self) -> None:
        """Have somebody send crumbs to many, so that they spend them together with the rest one day."""
        scene = self.scene
        coin = scene.some_coin(400 * DUST)
        if coin is None or coin not in coin.lock.wallet.coins:  # one that lies in a mix
            return
        wallet = coin.lock.wallet
        known = [one.lock for one in self.shop.wallet.coins][:40]
        known += [found.lock for _ in range(150) if (found := scene.some_coin()) is not None]
        puts: list[Put] = [(DUST, one) for one in known]
        worth = coin.value - DUST * len(puts) - scene.press.fee([coin], len(puts) + 1, wallet.style)
        if worth < DUST:
            return
        puts.append((worth, wallet.lock("change")))
        wallet.coins.remove(coin)
        scene.press.spend([coin], puts, wallet.style, does="dust", wallet=wallet.name, change=len(puts) - 1)

    def _end(self) -> None:
        scene, rng = self.scene, self.scene.rng
        miners = self.background.miners
        miner = miners[int(rng.random() * len(miners))]
        block = scene.press.end(scene.now, miner.lock())
        self._held.append(block)
        if block.height > SETUP and rng.random() < STALE:
            self.stale += 1
            self._held.append(scene.press.stale(block, scene.now + 7, miners[0].lock()))
        if len(self._held) >= WINDOW:
            self._flush()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if self.scene.rng.random() < 0.5:
            self.scene.rng.shuffle(held)
        self.files.put(held)

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self.files.close()
