"""What is decided while a stage is still reading: counted now and then on what has come, shown, and never relied on.

Stages that compare contents with lists give the same rows for a part of the contents as for all of them (their contract
tests hold them to it), so what they say of the contents read so far is what they will say in the end. Who counts, and
what *decided* means, is the judge's business: the kernel knows no pictures.
"""

from __future__ import annotations

import time
import typing as t

import msgspec
import pyarrow as pa

from vigie.kernel.table import of

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vigie.kernel.stage import Stage, Unit
    from vigie.kernel.table import Named, Table
    from vigie.rows.base import Row

LEAST_WAIT_S = 2.0
WAITS = 6
"""After a look that took a second of processor time, so many seconds pass before the next: a seventh of one core.

Processor time, for on a busy machine a look seems long; lanes go on reading meanwhile. What came in the meantime must
cost less than it: a still takes 1.6 ms to compare with the lists in every way, and two lanes read 75 in a second, so
with 20 each look took longer than the one before, and the large sample had none for four of its five minutes.
"""
MOST_WAITING = 50_000
"""Units that wait for a look; those that come beyond are not seen before the stage has ended."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many contents of a case have their standing already, by standing; a lower bound while a stage reads."""

    of: int = 0
    """Contents that will have one in the end."""
    by: dict[str, int] = {}

    @property
    def total(self) -> int:
        """All that are decided."""
        return sum(self.by.values())


class Judge(t.Protocol):
    """Whoever can say what is decided."""

    def now(self) -> Count:
        """Return what is decided by all that was given so far."""
        ...

    def begin(self, stage: Stage) -> bool:
        """Hear that a stage is about to read, when all before it is committed; tell whether its units matter."""
        ...

    def add(self, units: Named, tables: dict[type[Row], Table[t.Any]]) -> None:
        """Take units of that stage that are done, named in a column ``unit``, with all their rows. Each comes once."""
        ...

    def end(self, *, whole: bool) -> None:
        """Hear that the stage was read to its end; ``whole``: ``add`` was given all of its units."""
        ...


class Meanwhile:
    """Collects what one reading stage gives, and lets the judge look at it now and then."""

    def __init__(
        self,
        judge: Judge,
        stage: Stage,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        self._judge = judge
        self._writes = stage.writes
        self._clock, self._worked = clock, worked
        self._wants = judge.begin(stage)
        self._units: list[bytes] = []
        self._rows: dict[type[Row], list[Row]] = {row: [] for row in stage.writes}
        self._whole = True
        self._began = clock()
        self._due = self._began + LEAST_WAIT_S
        self._took, self._looked = 0.0, False

    @property
    def decided(self) -> Count:
        """What is decided as far as was looked."""
        return self._judge.now()

    def earlier(self, parts: Iterable[tuple[list[bytes], dict[type[Row], Table[t.Any]]]]) -> None:
        """Take what earlier sittings and runs have read, some units at a time."""
        for units, tables in parts if self._wants else ():
            if units:
                self._judge.add(_named(units), tables)

    def came(self, unit: Unit[t.Any]) -> None:
        """Take a unit that has just come, and look if it is time to."""
        if not self._wants:
            return
        if not unit.last or len(self._units) >= MOST_WAITING:
            self._whole = False
        else:
            self._units.append(unit.key)
            for row in unit.rows:
                self._rows[type(row)].append(row)
        if self._clock() >= self._due:
            self._look()

    def end(self) -> None:
        """Look at the rest, where that costs little beside what the stage took."""
        if not self._wants:
            return
        took = self._clock() - self._began
        if self._units and took >= max(LEAST_WAIT_S, WAITS * self._took):
            self._look()
        self._judge.end(whole=self._whole and not self._units)

    def _look(self) -> None:
        began = self._worked()
        self._judge.add(_named(self._units), {row: of(row, rows) for row, rows in self._rows.items()})
        self._units, self._rows = [], {row: [] for row in self._writes}
        took = self._worked() - began
        # The first look also loads what every later one finds there: compiled loops, lists sorted into segments.
        self._took = took if self._looked else 0.0
        self._looked = True
        self._due = self._clock() + max(LEAST_WAIT_S, WAITS * self._took)


def _named(units: list[bytes]) -> pa.Table:
    return pa.table({"unit": pa.array(units, pa.binary())})
