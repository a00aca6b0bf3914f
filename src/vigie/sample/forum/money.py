"""The practice chain of a sample: payments in bitcoin become orders of it, and are told what came of them."""

from __future__ import annotations

import random
import typing as t

import msgspec

from vigie.rows.locator import join
from vigie.sample.chain.make import ChainMade, chain
from vigie.sample.chain.orders import Order, priced
from vigie.sample.forum.members import SINCE, UNTIL
from vigie.sample.forum.payments import WALLETS, payments
from vigie.sample.forum.scene import Scene
from vigie.sample.store import FOLDER

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from vigie.sample.forum.attached import Files
    from vigie.sample.forum.payments import Paid
    from vigie.sample.forum.world import Forum, Software
    from vigie.sample.made import Size

NODE = "node/regtest"
"""Where the block files lie: what the unit's own node has, and no part of what was seized."""
TRANSACTIONS: dict[Size, int] = {"small": 2_500, "medium": 20_000, "large": 100_000}
BOARD = "xenforo"
"""The software of the old board, whose orders share addresses; the custom platform has one for each."""


def settle(
    folder: Path,
    seed: int,
    size: Size,
    forums: Sequence[Forum],
    files: Callable[[Forum], Files],
    dumps: Mapping[Software, str],
    firsts: Mapping[Software, int],
) -> tuple[list[Forum], ChainMade]:
    """Make the chain of some platforms; return them with what it made of their orders.

    ``dumps``: path of each software's dump on the server; ``firsts``: number there of its first account.
    """
    rng = random.Random(seed)  # noqa: S311 - chance that can be drawn again; nothing here is secret
    orders: list[Order] = []
    numbers: dict[tuple[str, str], tuple[int, int]] = {}
    for forum in forums:
        software = forum.wanted.software
        if software not in (BOARD, "custom"):
            continue
        path = dumps[software]
        dump = join(FOLDER, path.encode(), path.rpartition("/")[2].removesuffix(".gz").encode())
        for one in payments(Scene(forum, files(forum))):
            # the old board's tables say nothing of what went out, nor of what was never paid
            if one.processor == "bitcoin" and (
                software != BOARD or (one.direction == "in" and one.status != "pending")
            ):
                order = _order(rng, one, dump, str(one.account + firsts[software]), shared=software == BOARD)
                orders.append(order)
                numbers[dump, order.payment] = (forum.number, one.number)
    made = chain(
        folder / NODE, folder, seed=seed, transactions=TRANSACTIONS[size], orders=orders, since=SINCE, until=UNTIL
    )
    amounts = {(one.dump, one.payment): one.sat for one in orders}
    settled: dict[int, dict[int, tuple[str, str, str]]] = {}
    for key, told in made.settled.items():
        forum_, number = numbers[key]
        whole, rest = divmod(amounts[key], 10**8)
        settled.setdefault(forum_, {})[number] = (told.address, told.txid, f"{whole}.{rest:08d}")
    replaced = [msgspec.structs.replace(one, settled=settled.get(one.number, {})) for one in forums]
    return replaced, made


def _order(rng: random.Random, paid: Paid, dump: str, account: str, *, shared: bool) -> Order:
    return Order(
        dump=dump,
        payment=str(paid.number + 1),
        account=account,
        at=paid.at,
        comes=paid.direction == "in",
        sat=priced(rng, (paid.at - SINCE) / (UNTIL - SINCE)),
        board=int(rng.random() * WALLETS) if shared else -1,
        unpaid=paid.status == "pending",
        refunded=paid.status == "refunded",
    )
