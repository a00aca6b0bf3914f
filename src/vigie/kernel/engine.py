"""Where the work of a stage is done. An engine divides and gathers; the same function runs whatever it is."""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.kernel.isolation import Level
from vigie.kernel.stage import Params, Stage, Unit
from vigie.kernel.table import Table, join

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from vigie.kernel.cell import Cell
    from vigie.rows.base import Row
    from vigie.rows.evidence import Item

SHARD_ROWS = 64
"""Units a lane takes at a time, unless they lie together in one container."""
SHARD_BYTES = 64 << 20
MOST_TOGETHER = 20_000

Tables: t.TypeAlias = "dict[str, Table[t.Any]]"


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What reading evidence needs, the same for all lanes."""

    tmp: Path
    items: list[Item]
    secrets: tuple[bytes, ...] = ()
    minimum: Level = Level.S2
    accept: Level | None = None


class Engine(t.Protocol):
    """Anything that can evaluate a stage."""

    jobs: int

    def evaluate(self, stage: Stage, tables: Tables, params: Params | None) -> tuple[Table[Row], ...]:
        """Return the tables a pure stage makes of these tables."""
        ...

    def read(self, stage: Stage, tables: Tables, params: Params | None, needs: Needs) -> Generator[Unit[t.Any]]:
        """Yield the units of a reading stage as they are done, in any order; closing it stops the work."""
        ...

    def level(self, needs: Needs) -> Level:
        """Return the isolation level under which ``read`` works; refuses one that is too weak."""
        ...

    def cell(self, job: str, needs: Needs) -> Cell:
        """Return a cell for what is asked outside a stage."""
        ...

    def close(self) -> None:
        """End the cells."""
        ...


def whole(stage: Stage, tables: Tables, params: Params | None) -> tuple[Table[Row], ...]:
    """Evaluate a pure stage at once."""
    extra = {} if params is None else {"params": params}
    made = stage.call(**tables, **extra)
    return made if isinstance(made, tuple) else (made,)


def in_parts(stage: Stage, tables: Tables, params: Params | None, count: int) -> tuple[Table[Row], ...]:
    """Evaluate a pure stage part by part: what a cluster does, and what the contract tests hold to the whole.

    Tables that have the split column are divided by it, the others go whole to every part.
    """
    if stage.split is None:
        return whole(stage, tables, params)
    split = stage.split
    divided = {
        name: table.parts(split, count) if split in table.row.__struct_fields__ else [table] * count
        for name, table in tables.items()
    }
    made = [whole(stage, {n: p[i] for n, p in divided.items()}, params) for i in range(count)]
    return tuple(join(row, [one[i] for one in made]) for i, row in enumerate(stage.writes))


def divide(table: Table[t.Any], together: str, lanes: int = 1) -> Iterator[Table[t.Any]]:
    """Cut the plan into shards of consecutive rows.

    Rows that lie together stay together, but a large heap of them is shared out among the lanes: each walks the
    container once, and decoding its members takes longer than walking.
    """
    count = len(table)
    if not count:
        return
    change = np.arange(1, count)
    if together:
        values = table.matrix(together)
        change = np.flatnonzero((values[1:] != values[:-1]).any(axis=1)) + 1
    has_size = "size_bytes" in table.row.__struct_fields__
    below = np.cumsum(table.column("size_bytes")) if has_size else np.zeros(count, np.int64)
    start = 0
    for end in (*map(int, change), count):
        read = below[end - 1] - (below[start - 1] if start else 0)
        if end - start >= SHARD_ROWS or read >= SHARD_BYTES or end == count:
            size = min(MOST_TOGETHER, max(SHARD_ROWS, -(-(end - start) // lanes)))
            for part in range(start, end, size):
                yield Table(table.row, table.arrow.slice(part, min(size, end - part)))
            start = end
