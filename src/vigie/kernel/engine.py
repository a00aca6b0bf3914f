"""Where the work of a stage is done. An engine divides and gathers; the same function runs whatever it is.

``Local`` runs pure stages in this process and reading stages in lanes: threads that do little but wait, each with
its own cell, whose children do the work. Why threads and not processes: ``docs/decisions/0004-lanes.md``.
"""

from __future__ import annotations

import queue
import threading
import typing as t

import msgspec
import numpy as np

from vigie.kernel.cell import Cell
from vigie.kernel.evidence import Evidence
from vigie.kernel.isolation import Level, check
from vigie.kernel.stage import Params, Stage, Unit
from vigie.kernel.table import Table, join

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.rows.base import Row
    from vigie.rows.evidence import Item

SHARD_ROWS = 64
"""Units a lane takes at a time, unless they lie together in one container."""
SHARD_BYTES = 64 << 20
MOST_TOGETHER = 20_000
WAITING_UNITS = 256
"""Units that may wait to be kept: bounds the memory between lanes and writer."""

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

    def read(self, stage: Stage, tables: Tables, params: Params | None, needs: Needs) -> Iterator[Unit[t.Any]]:
        """Yield the units of a reading stage as they are done, in any order."""
        ...

    def level(self, needs: Needs) -> Level:
        """Return the isolation level under which ``read`` works; refuses one that is too weak."""
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


class Local:
    """The machine vigie runs on: ``jobs`` lanes, each with one cell that lives as long as the engine."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._cells: list[Cell] = []

    def evaluate(self, stage: Stage, tables: Tables, params: Params | None) -> tuple[Table[Row], ...]:
        """Evaluate a pure stage at once, in this process."""
        return whole(stage, tables, params)

    def level(self, needs: Needs) -> Level:
        """Return the level of the weakest cell."""
        self._start(needs)
        level = min(cell.level for cell in self._cells)
        check(level, needs.minimum, needs.accept)
        return level

    def read(self, stage: Stage, tables: Tables, params: Params | None, needs: Needs) -> Iterator[Unit[t.Any]]:
        """Yield units as lanes finish them. Closing the iterator stops the lanes at once."""
        self.level(needs)
        first = next(iter(stage.reads))
        shards: queue.SimpleQueue[Table[t.Any]] = queue.SimpleQueue()
        for shard in divide(tables[first], stage.together):
            shards.put(shard)
        results: queue.Queue[Unit[t.Any] | BaseException | None] = queue.Queue(WAITING_UNITS)
        stop = threading.Event()

        def put(value: Unit[t.Any] | BaseException | None) -> None:
            while not stop.is_set():
                try:
                    return results.put(value, timeout=0.2)
                except queue.Full:
                    continue
            return None

        def lane(cell: Cell) -> None:
            evidence = Evidence(cell, tmp=needs.tmp, items=needs.items, secrets=needs.secrets)
            extra: dict[str, t.Any] = {} if params is None else {"params": params}
            try:
                while not stop.is_set():
                    try:
                        shard = shards.get_nowait()
                    except queue.Empty:
                        break
                    for unit in stage.call(**{**tables, first: shard}, evidence=evidence, **extra):
                        put(unit)
                        if stop.is_set():
                            return
                put(None)
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
                put(error)

        lanes = [threading.Thread(target=lane, args=(cell,), daemon=True) for cell in self._cells]
        for thread in lanes:
            thread.start()
        try:
            running = len(lanes)
            while running:
                got = results.get()
                if got is None:
                    running -= 1
                elif isinstance(got, BaseException):
                    raise got
                else:
                    yield got
        finally:
            stop.set()
            for thread in lanes:
                thread.join(timeout=10)

    def close(self) -> None:
        """End the cells."""
        for cell in self._cells:
            cell.close()
        self._cells = []

    def _start(self, needs: Needs) -> None:
        while len(self._cells) < self.jobs:
            self._cells.append(Cell(scratch=needs.tmp))


def divide(table: Table[t.Any], together: str) -> Iterator[Table[t.Any]]:
    """Cut the plan into shards of consecutive rows; rows that lie together stay together."""
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
            for part in range(start, end, MOST_TOGETHER):
                yield Table(table.row, table.arrow.slice(part, min(MOST_TOGETHER, end - part)))
            start = end
