"""Where the work of a stage is done. The house divides; the same function runs whatever the engine is."""

from __future__ import annotations

import itertools
import typing as t

import msgspec
import numpy as np
import pyarrow as pa

from vigie.kernel.chain.assembled import none
from vigie.kernel.chain.chain import Chain
from vigie.kernel.isolation import Level
from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Params, Stage, Unit
from vigie.kernel.table import Table, join
from vigie.rows.base import Row

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from vigie.kernel.cell import Cell
    from vigie.rows.evidence import Item

SHARD_ROWS = 64
"""Units a lane takes at a time, unless they lie together in one container."""
SHARD_BYTES = 64 << 20
MOST_TOGETHER = 20_000
LEAST_SHARED = 1 << 20
"""Bytes of the last heap that are worth a lane of their own."""

R = t.TypeVar("R", bound=Row)
Tables: t.TypeAlias = "dict[str, Table[t.Any]]"


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What reading evidence needs, the same for all lanes."""

    tmp: Path
    items: list[Item]
    secrets: tuple[bytes, ...] = ()
    vault: bytes = b""
    """Key that seals secrets met in evidence (``kernel/vault.py``); without it they are left out, and counted."""
    minimum: Level = Level.S2
    accept: Level | None = None


class Engine(t.Protocol):
    """Anything that can evaluate a stage."""

    jobs: int

    def evaluate(
        self,
        stage: Stage,
        tables: Tables,
        params: Params | None,
        shelf: Shelf | None = None,
        chain: Chain | None = None,
    ) -> tuple[Table[Row], ...]:
        """Return the tables a pure stage makes of these tables, and of the chain where it asks for one.

        It may keep search segments on the shelf.
        """
        ...

    def read(
        self, stage: Stage, shards: Iterator[Table[t.Any]], tables: Tables, params: Params | None, needs: Needs
    ) -> Generator[Unit[t.Any]]:
        """Yield the units of a reading stage as they are done, in any order; closing it stops the work.

        ``shards`` of its first table are taken when a lane is free; ``tables`` are the others.
        """
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


def whole(
    stage: Stage, tables: Tables, params: Params | None, shelf: Shelf | None = None, chain: Chain | None = None
) -> tuple[Table[Row], ...]:
    """Evaluate a pure stage at once; without a chain it reads one that holds nothing."""
    extra: dict[str, t.Any] = {} if params is None else {"params": params}
    if stage.shelf:
        extra[stage.shelf] = shelf or Shelf()
    if stage.chain:
        extra[stage.chain] = chain or none()
    made = stage.call(**tables, **extra)
    return made if isinstance(made, tuple) else (made,)


def in_parts(
    stage: Stage,
    tables: Tables,
    params: Params | None,
    count: int,
    shelf: Shelf | None = None,
    chain: Chain | None = None,
) -> tuple[Table[Row], ...]:
    """Evaluate a pure stage part by part: what a cluster does, and what the contract tests hold to the whole.

    Tables that have the split column are divided by it, the others go whole to every part.
    """
    if stage.split is None:
        return whole(stage, tables, params, shelf, chain)
    split = stage.split
    divided = {
        name: table.parts(split, count) if split in table.row.__struct_fields__ else [table] * count
        for name, table in tables.items()
    }
    made = [whole(stage, {n: p[i] for n, p in divided.items()}, params, shelf, chain) for i in range(count)]
    return tuple(join(row, [one[i] for one in made]) for i, row in enumerate(stage.writes))


def divide(row: type[R], batches: Iterable[pa.RecordBatch], together: str, lanes: int = 1) -> Iterator[Table[R]]:
    """Cut the plan into shards of consecutive rows, as it comes.

    Rows that lie together stay together, but a large heap of them is shared out among the lanes: each walks the
    container once, and decoding its members takes longer than walking. What lies alone is shared out at the end, by
    bytes: no lane should wait while another reads all that is left.
    """
    heap = _Heap(row, lanes)
    before: np.ndarray[t.Any, t.Any] | None = None
    for batch in batches:
        count = len(batch)
        if not count:
            continue
        ends = np.arange(count)
        if together:
            values = Table(row, pa.Table.from_batches([batch])).matrix(together)
            ends = np.flatnonzero((values[1:] != values[:-1]).any(axis=1)) + 1
            if before is not None and (before != values[0]).any():
                ends = np.concatenate([[0], ends])
            before = values[-1]
        read = np.zeros(count + 1, np.int64)
        if "size_bytes" in batch.schema.names:
            np.cumsum(batch.column("size_bytes").to_numpy(), out=read[1:])
        start = 0
        while (end := heap.end(start, ends, read)) is not None:
            heap.add(batch.slice(start, end - start), read[end] - read[start])
            yield from heap.shards()
            start = end
        heap.add(batch.slice(start), read[count] - read[start])
        yield from heap.overflow()
    yield from heap.shards() if together else heap.shared()


class _Heap(t.Generic[R]):
    """Rows that are about to become shards."""

    def __init__(self, row: type[R], lanes: int) -> None:
        self.row = row
        self.lanes = lanes
        self._parts: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._overflowed = False

    def end(self, start: int, ends: np.ndarray[t.Any, t.Any], read: np.ndarray[t.Any, t.Any]) -> int | None:
        """Return the first place from ``start`` on where the heap may end and is large enough to."""
        first = np.searchsorted(ends, start if self._rows or self._overflowed else start + 1)
        rows = np.searchsorted(ends, start + SHARD_ROWS - self._rows)
        size = np.searchsorted(read[ends], read[start] + SHARD_BYTES - self._bytes)
        at = first if self._overflowed else max(first, min(rows, size))
        return int(ends[at]) if at < len(ends) else None

    def add(self, batch: pa.RecordBatch, read: int) -> None:
        """Put rows on the heap."""
        if len(batch):
            self._parts.append(batch)
            self._rows, self._bytes = self._rows + len(batch), self._bytes + int(read)

    def shards(self) -> Iterator[Table[R]]:
        """Take all of the heap."""
        share = MOST_TOGETHER if self._overflowed else max(SHARD_ROWS, -(-self._rows // self.lanes))
        yield from self._taken(min(MOST_TOGETHER, share), 0)
        self._overflowed = False

    def shared(self) -> Iterator[Table[R]]:
        """Take all of the heap, in parts of about as many bytes for each lane."""
        if not self._rows:
            return
        held = pa.Table.from_batches(self._parts)
        parts = min(self.lanes, max(1, self._bytes // LEAST_SHARED))
        sizes = held["size_bytes"].to_numpy() if parts > 1 else np.ones(len(held), np.int64)
        read = np.cumsum(sizes)
        cuts = np.unique(np.searchsorted(read, read[-1] * np.arange(1, parts) // parts) + 1)
        for start, end in itertools.pairwise([0, *cuts[cuts < len(held)].tolist(), len(held)]):
            yield Table(self.row, held.slice(start, end - start))
        self._parts, self._rows, self._bytes = [], 0, 0

    def overflow(self) -> Iterator[Table[R]]:
        """Take from a heap that is as large as all lanes together may have at once; its end is still to come."""
        if self._rows >= MOST_TOGETHER * self.lanes:
            self._overflowed = True
            yield from self._taken(MOST_TOGETHER, MOST_TOGETHER - 1)

    def _taken(self, share: int, leave: int) -> Iterator[Table[R]]:
        if not self._rows:
            return
        held = pa.Table.from_batches(self._parts)
        start = 0
        while len(held) - start > leave:
            yield Table(self.row, held.slice(start, share))
            start += share
        rest = held.slice(start)
        self._parts, self._rows, self._bytes = rest.to_batches(), len(rest), 0
