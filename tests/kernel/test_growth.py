"""The house holds nothing for a unit: what it has in its own hands is as much for many as for few."""

import itertools
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.conftest import new_case
from vigie.kernel.case import Case, now
from vigie.kernel.engine import Needs
from vigie.kernel.evaluate import do, record
from vigie.kernel.evidence import Evidence
from vigie.kernel.isolation import Level
from vigie.kernel.local import Local
from vigie.kernel.run import Recipe, tools
from vigie.kernel.stage import STAGES, Stage, Unit, stage
from vigie.kernel.table import Table, copy, of
from vigie.rows.evidence import Found, Item
from vigie.rows.problems import Problem

FEW, MANY = 18_000, 54_000
"""Both fill every buffer that has a bound: 8,192 rows the largest."""
MOST_BYTES = 16
"""A Python object takes 16 bytes at the least, and a list or a set of them 8 more."""


class Stopped(Exception):  # noqa: N818 - as Ctrl-C would be
    """Half of the units are done."""


class Nobody(Local):
    """An engine whose lanes read nothing: it answers at once, and may stop on the way."""

    def __init__(self) -> None:
        super().__init__(2)
        self.stops_at = -1

    def level(self, needs: Needs) -> Level:
        return needs.minimum

    def read(
        self, stage: Stage, shards: Iterator[Table[Found]], tables: object, params: object, needs: object
    ) -> Iterator[Unit[Problem]]:
        del tables, params, needs
        for number, one in enumerate(itertools.chain.from_iterable(shards)):
            if number == self.stops_at:
                raise Stopped
            row = Problem.make(stage=stage.name, subject=one.path, code="empty", detail="", counts=False, unit=one.key)
            yield Unit(key=one.key, rows=[row])


@pytest.fixture
def reading() -> Iterator[Stage]:
    @stage(split="key", unit="unit", plan="select * from found order by item, path")
    def glance(found: Table[Found], evidence: Evidence) -> Iterator[Unit[Problem]]:
        """Stand for a reading stage; the engine answers for it."""
        del evidence
        yield from (Unit(key=one.key, rows=[]) for one in found)

    yield STAGES["glance"]
    del STAGES["glance"]


def listed(folder: Path, count: int) -> tuple[Case, Needs]:
    """Return a case with a listing of files that lie nowhere."""
    case = Case.open(new_case(folder))
    item = Item.make(name="s", path="/nowhere", kind="folder", taken_in_at=now(), examiner="e")
    rows = [
        Found.make(item=item.key, path=f"{n:07}", size_bytes=1, modified=None, accessed=None, changed=None)
        for n in range(count)
    ]
    recipe = Recipe(stage="walk", code="", params={}, inputs={}, tools=tools())
    outputs = {}
    for table in (of(Item, [item]), of(Found, rows)):
        file = case.place(table.row, recipe.id)
        outputs[str(file.relative_to(folder))] = copy(table, file)
    case.commit("walk:s", record(recipe, now(), time.monotonic(), outputs, {}))
    return case, Needs(tmp=folder / "tmp", items=[item])


def peak(case: Case, stage: Stage, engine: Nobody, needs: Needs) -> int:
    """Return the most that Python held while the stage was done, in bytes."""
    tracemalloc.start(1)
    try:
        do(case, stage, engine, needs, lambda _: None)
    except Stopped:
        pass
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def test_what_the_house_holds_does_not_grow_with_the_case(tmp_path: Path, reading: Stage) -> None:
    held: dict[int, list[int]] = {}
    for count in (FEW, MANY):
        case, needs = listed(tmp_path / str(count), count)
        engine = Nobody()
        engine.stops_at = count // 2
        half = peak(case, reading, engine, needs)
        engine.stops_at = -1
        held[count] = [half, peak(case, reading, engine, needs)]
        assert len(case.read(Problem)) == count
    for part, few, many in zip(("from nothing", "going on"), *held.values(), strict=True):
        assert (many - few) / (MANY - FEW) < MOST_BYTES, (
            f"{part}: {few:,} bytes for {FEW:,} units, {many:,} for {MANY:,}"
        )
