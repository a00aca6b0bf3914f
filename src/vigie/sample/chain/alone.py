"""A practice chain without a forum: of any size, to measure on."""

from __future__ import annotations

import random
import typing as t

from vigie.sample.chain.make import FULL, SPACING, ChainMade, chain
from vigie.sample.chain.orders import DAY, drawn
from vigie.sample.chain.tags import write_tags

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SINCE = 1_600_000_000
ORDERS = 60
"""Transactions for each order."""
LEAST_DAYS = 120


def alone(
    folder: Path, seed: int, transactions: int, tell: Callable[[int, int], None] = lambda _done, _all: None
) -> ChainMade:
    """Write ``folder``/node/regtest/blocks, ``reference``/tags.yaml and actors.yaml, and the truth.

    Memory grows with the coins that are not spent (about 1 KB each), not with transactions.
    Raises FileExistsError where ``folder`` holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    until = SINCE + max(LEAST_DAYS * DAY, transactions // FULL * SPACING)
    rng = random.Random(seed)  # noqa: S311 - chance that can be drawn again; nothing here is secret
    orders = drawn(rng, max(20, transactions // ORDERS), SINCE, until)
    made = chain(
        folder / "node" / "regtest",
        folder,
        seed=seed,
        transactions=transactions,
        orders=orders,
        since=SINCE,
        until=until,
        tell=tell,
    )
    write_tags(folder / "reference", made.hot)
    return made
