"""The engine of one machine: lanes, which are threads that do little but wait for the children of their cells.

Why threads and not processes: ``docs/decisions/0004-lanes.md``.
"""

from __future__ import annotations

import queue
import threading
import time
import typing as t

from vigie.kernel.cell import Cell
from vigie.kernel.engine import Needs, Tables, whole
from vigie.kernel.evidence import Evidence
from vigie.kernel.isolation import Level, check
from vigie.kernel.stage import Unit

if t.TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from vigie.kernel.chain.chain import Chain
    from vigie.kernel.shelf import Shelf
    from vigie.kernel.stage import Params, Stage
    from vigie.kernel.table import Table
    from vigie.rows.base import Row

WAITING_UNITS = 256
"""Units that may wait to be kept ..."""
WAITING_BYTES = 96 << 20
"""... and bytes of their tables, beyond one unit: so much lies between lanes and a writer, however slow its disk."""
GRACE_S = 0.3
"""How long a lane that was told to stop may go on with what it reads."""
LISTEN_S = 0.5
"""How often the waiting thread looks up: a signal that another thread has taken reaches it only between two waits."""
END_S = 20


class _Stopped(Exception):  # noqa: N818 - ends a lane that was told to stop; nobody else sees it
    """No more is to be read."""


class Lane:
    """What one thread reads with: a cell for each job, started when it is first needed."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self._cells: dict[str, Cell] = {}

    def cell(self, job: str) -> Cell:
        """Return the cell for one job."""
        if job not in self._cells:
            needs = self.needs
            self._cells[job] = Cell(scratch=needs.tmp, minimum=needs.minimum, accept=needs.accept, job=job)
        return self._cells[job]

    def interrupt(self) -> None:
        """Kill what the cells are reading."""
        for cell in list(self._cells.values()):
            cell.interrupt()

    def close(self) -> None:
        """End the cells."""
        for cell in self._cells.values():
            cell.close()


class Local:
    """Runs pure stages in this process, and reading stages in ``jobs`` lanes that live as long as the engine."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._lanes: list[Lane] = []

    def evaluate(
        self,
        stage: Stage,
        tables: Tables,
        params: Params | None,
        shelf: Shelf | None = None,
        chain: Chain | None = None,
    ) -> tuple[Table[Row], ...]:
        """Evaluate a pure stage at once, in this process."""
        return whole(stage, tables, params, shelf, chain)

    def cell(self, job: str, needs: Needs) -> Cell:
        """Return a cell of the first lane, for what is asked outside a stage."""
        self.level(needs)
        return self._lanes[0].cell(job)

    def level(self, needs: Needs) -> Level:
        """Return the level of the weakest cell; refuses one that is too weak for the case."""
        while len(self._lanes) < self.jobs:
            self._lanes.append(Lane(needs))
        level = self._lanes[0].cell("look").level  # proved once for all that have the same layers; others are refused
        check(level, needs.minimum, needs.accept)
        return level

    def read(
        self, stage: Stage, shards: Iterator[Table[t.Any]], tables: Tables, params: Params | None, needs: Needs
    ) -> Generator[Unit[t.Any]]:
        """Yield units as lanes finish them. Closing it kills what the lanes are reading, and waits for them."""
        self.level(needs)
        first = next(iter(stage.reads))
        extra: dict[str, t.Any] = {} if params is None else {"params": params}

        def do(shard: Table[t.Any], lane: Lane) -> Iterator[Unit[t.Any]]:
            def cell(job: str) -> Cell:
                if rush.stop.is_set():
                    raise _Stopped
                return lane.cell(job)

            evidence = Evidence(cell, tmp=needs.tmp, items=needs.items, secrets=needs.secrets, vault=needs.vault)
            yield from stage.call(**{**tables, first: shard}, evidence=evidence, **extra)

        rush = _Rush(do, shards)
        threads = [threading.Thread(target=rush.work, args=(lane,), daemon=True) for lane in self._lanes]
        for thread in threads:
            thread.start()
        try:
            yield from rush.results(len(threads))
        finally:
            rush.stop.set()
            _end(threads, self._lanes)

    def close(self) -> None:
        """End all cells."""
        for lane in self._lanes:
            lane.close()
        self._lanes = []


def _end(threads: list[threading.Thread], lanes: list[Lane]) -> None:
    """Wait for lanes that were told to stop; what they still read is killed, and they may read nothing more."""
    deadline = time.monotonic() + END_S
    for thread, lane in zip(threads, lanes, strict=True):
        thread.join(GRACE_S)
        while thread.is_alive() and time.monotonic() < deadline:
            lane.interrupt()
            thread.join(GRACE_S)


class _Rush:
    """One reading stage under way: shards go out to lanes, units come back, an error ends it all."""

    def __init__(
        self, do: Callable[[Table[t.Any], Lane], Iterator[Unit[t.Any]]], shards: Iterator[Table[t.Any]]
    ) -> None:
        self.do = do
        self.stop = threading.Event()
        self._shards = shards
        self._turn = threading.Lock()
        self._results: queue.Queue[Unit[t.Any] | BaseException | None] = queue.Queue(WAITING_UNITS)
        self._room, self._waiting = threading.Condition(), 0

    def work(self, lane: Lane) -> None:
        """Do shards until there are none left; runs in a lane's thread."""
        try:
            while not self.stop.is_set():
                with self._turn:
                    shard = next(self._shards, None)
                if shard is None:
                    break
                for unit in self.do(shard, lane):
                    self._put(unit)
                    if self.stop.is_set():
                        return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
            self._put(error)

    def results(self, lanes: int) -> Iterator[Unit[t.Any]]:
        """Yield units until every lane has ended."""
        while lanes:
            try:
                got = self._results.get(timeout=LISTEN_S)
            except queue.Empty:
                continue
            if isinstance(got, BaseException):
                raise got
            with self._room:
                self._waiting -= _size(got)
                self._room.notify_all()
            if got is None:
                lanes -= 1
            else:
                yield got

    def _put(self, value: Unit[t.Any] | BaseException | None) -> None:
        size = _size(value)
        with self._room:
            while self._waiting and self._waiting + size > WAITING_BYTES and not self.stop.is_set():
                self._room.wait(0.2)
            self._waiting += size
        while not self.stop.is_set():
            try:
                self._results.put(value, timeout=0.2)
            except queue.Full:
                continue
            return


def _size(value: Unit[t.Any] | BaseException | None) -> int:
    """Return the bytes of the tables in what a lane hands over."""
    return sum(one.arrow.nbytes for one in value.tables if not one.lying) if isinstance(value, Unit) else 0
