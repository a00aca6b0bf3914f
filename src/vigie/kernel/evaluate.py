"""Doing a stage over a case: only what has not been done, kept as it is done, committed at the end.

The same recipe is never done twice: a run that is already there is chosen. A reading stage does only those units
that no earlier run of its kind has read, nor a killed one; whatever the history, the tables come out the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import typing as t

import msgspec

from vigie.kernel import abandoned, earlier
from vigie.kernel.case import now
from vigie.kernel.chain.used import chain_of, identity_of
from vigie.kernel.curve import Curve, Point
from vigie.kernel.engine import divide
from vigie.kernel.errors import UsageError
from vigie.kernel.meanwhile import Count, Judge, Meanwhile
from vigie.kernel.plan import Plan
from vigie.kernel.run import Recipe, Run, cell_digest, tools, version
from vigie.kernel.shelf import FOLDER, Shelf
from vigie.kernel.stage import STAGES, Params, Stage, Unit
from vigie.kernel.table import Table, of, rows_in, write
from vigie.kernel.work import Work
from vigie.numeric import native

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.rows.base import Row


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stage is. ``done`` and ``of`` count units; bytes count what the units hold."""

    stage: str
    done: int
    of: int
    bytes_done: int = 0
    bytes_of: int = 0
    problems: int = 0
    kept: int = 0
    """How many of ``done`` were there before this run."""
    finished: bool = False
    repeated: bool = False
    """Nothing was to be done: an earlier run has the same recipe."""
    decided: Count = Count()
    """Contents whose standing is clear already; none where nobody counts."""


Watch: t.TypeAlias = "Callable[[Progress], None]"


def order() -> list[Stage]:
    """Return all stages so that each comes after those that write what it reads, and what decides cheaply comes first.

    A pure stage costs seconds: it is done as soon as it can be, so that lists decide before a picture is decoded. Of
    stages that read, one that says it is soon done comes first, then the one that could have begun earliest. Ties by
    name.
    """
    writers: dict[str, set[str]] = {}
    for stage in STAGES.values():
        for row in stage.writes:
            writers.setdefault(row.table(), set()).add(stage.name)
    waits = {name: _waits_for(stage, writers) for name, stage in STAGES.items()}
    left, out, since = dict(sorted(STAGES.items())), list[Stage](), dict[str, int]()
    while left:
        ready = [s for s in left.values() if not waits[s.name] & set(left)]
        if not ready:
            raise TypeError(f"stages wait for each other: {', '.join(left)}")
        for one in ready:
            since.setdefault(one.name, len(out))
        pure = [s for s in ready if not s.reading]
        best = pure[0] if pure else min(ready, key=lambda s: (not s.soon, since[s.name]))
        out.append(best)
        del left[best.name]
    return out


def _waits_for(stage: Stage, writers: dict[str, set[str]]) -> set[str]:
    """Return the stages that write what this one reads."""
    return {name for row in stage.reads.values() for name in writers.get(row.table(), set())} - {stage.name}


def do(case: Case, stage: Stage, engine: Engine, needs: Needs, watch: Watch, judge: Judge | None = None) -> list[Run]:
    """Do one stage and make its runs count; return them: one, or one for each row where the stage says so.

    ``judge`` counts what is decided while it reads. It is asked and shown, and decides no row.
    """
    params = stage.settings(case.settings.stage.get(stage.name, {}))
    recipe = recipe_of(case, stage)
    if stage.each:
        return _each(case, stage, params, recipe, engine, needs, watch)
    if stage.reading:
        tables = {name: case.read(row) for name, row in stage.reads.items()}
        return [_read(case, stage, stage.name, tables, params, recipe, engine, needs, watch, judge)]
    if found := _earlier(case, stage.name, recipe, watch):
        return [found]
    started, clock = now(), time.monotonic()
    watch(Progress(stage=stage.name, done=0, of=1))
    tables = {name: case.read(row) for name, row in stage.reads.items()}
    kept, chain = shelf(case) if stage.shelf else None, chain_of(case) if stage.chain else None
    made = engine.evaluate(stage, tables, params, kept, chain)
    files = {case.place(table.row, recipe.id): table for table in made}
    outputs = {str(path.relative_to(case.folder)): write(table, path) for path, table in files.items()}
    rows = {table.row.table(): len(table) for table in made}
    run = record(recipe, started, clock, outputs, rows)
    case.commit(stage.name, run)
    watch(Progress(stage=stage.name, done=1, of=1, finished=True))
    return [run]


def shelf(case: Case) -> Shelf:
    """Return the case's shelf of search segments; one that was damaged is told in the log."""

    def tell(what: str) -> None:
        case.custody.append("segment_damaged", {"what": what})

    return Shelf(case.folder / FOLDER, case.custody.seal_key(), tell)


def recipe_of(case: Case, stage: Stage) -> Recipe:
    """Return what decides the outcome of a stage as the case stands now."""
    params = stage.settings(case.settings.stage.get(stage.name, {}))
    chain = {"chain": [identity_of(case).hex()]} if stage.chain else {}
    return Recipe(
        stage=stage.name,
        code=stage.code,
        params=t.cast("dict[str, t.Any]", msgspec.to_builtins(params)) if params else {},
        inputs={row.table(): case.digests(row) for row in stage.reads.values()} | chain,
        tools=tools(),
        cell=cell_digest() if stage.reading else "",
    )


def stands(case: Case, stage: Stage) -> bool:
    """Tell whether a run would change nothing: what counts for this stage has the recipe it would have now."""
    recipe = recipe_of(case, stage)
    if not stage.each:
        return _stands(case, stage.name, recipe)
    row = next(iter(stage.reads.values()))
    return all(
        _stands(
            case,
            f"{stage.name}:{one.key.hex()}",
            msgspec.structs.replace(recipe, inputs={**recipe.inputs, row.table(): [one.key.hex()]}),
        )
        for one in case.read(row)
    )


def _stands(case: Case, label: str, recipe: Recipe) -> bool:
    found = earlier.attempts(case, recipe)
    return found is not None and case.current.get(label) == found.id


def _each(
    case: Case, stage: Stage, params: Params | None, recipe: Recipe, engine: Engine, needs: Needs, watch: Watch
) -> list[Run]:
    """Read each row of the first table in a run of its own."""
    first, row = next(iter(stage.reads.items()))
    others = {name: case.read(kind) for name, kind in stage.reads.items() if name != first}
    runs = []
    for one in case.read(row).rows():
        own = msgspec.structs.replace(recipe, inputs={**recipe.inputs, row.table(): [one.key.hex()]})
        tables = {first: of(row, [one]), **others}
        runs.append(_read(case, stage, f"{stage.name}:{one.key.hex()}", tables, params, own, engine, needs, watch))
    return runs


def _earlier(case: Case, label: str, recipe: Recipe, watch: Watch) -> Run | None:
    found = case.run(recipe.id)
    if found:
        if case.current.get(label) != found.id:
            case.choose(label, found)
        watch(Progress(stage=recipe.stage, done=1, of=1, finished=True, repeated=True))
    return found


def _read(
    case: Case,
    stage: Stage,
    label: str,
    tables: dict[str, Table[t.Any]],
    params: Params | None,
    recipe: Recipe,
    engine: Engine,
    needs: Needs,
    watch: Watch,
    judge: Judge | None = None,
) -> Run:
    standing = earlier.attempts(case, recipe)
    folder = case.folder / "work" / f"{label.replace(':', '-')}-{recipe.kind}"
    if standing and not earlier.may_pass(case, standing, needs):
        abandoned.done(folder, case.custody.seal_key())
        return t.cast("Run", _earlier(case, label, standing.recipe, watch))
    if standing:
        recipe = msgspec.structs.replace(recipe, attempt=standing.recipe.attempt + 1)
    started, clock = now(), time.monotonic()
    first, row = next(iter(stage.reads.items()))
    work = Work(folder, case.room, case.custody.seal_key())
    plan = Plan(row, _planned(stage, recipe), t.cast("str", stage.split), work.folder, case.room, {**tables})
    kept = earlier.kept(case, stage, recipe, plan, needs, work.folder)
    plan.strike(done=work.done, kept=kept)
    level = ""
    reading = _Reading(stage, plan, work, watch)
    try:
        if plan.struck < plan.units:
            if judge:
                reading.meanwhile = Meanwhile(judge, stage)
                reading.meanwhile.earlier(work.so_far(stage.writes))
                reading.meanwhile.earlier(earlier.in_parts(case, stage, recipe, kept))
            reading.tell()
            level = str(engine.level(needs))
            others = {name: table for name, table in tables.items() if name != first}
            shards = reading.shards(engine.jobs)
            with contextlib.closing(engine.read(stage, shards, others, params, needs)) as units:
                reading.keep(units)
    finally:
        work.flush()  # what was done stays done, whatever stopped us
    reading.end()
    before = {row: earlier.rows_of(case, stage, recipe, row, kept) for row in stage.writes if not row.PARTS}
    digests = work.finish(stage.writes, lambda row: case.place(row, recipe.id), before)
    parts = work.settle(lambda row, part: case.place(row, recipe.id, part))
    made = {case.place(row, recipe.id): digest for row, digest in digests.items()}
    made |= {path: part.sha256 for path, part in parts.items()}
    outputs = {str(path.relative_to(case.folder)): digest for path, digest in made.items()}
    outputs |= earlier.parts_of(case, stage, recipe, kept)
    if standing and sorted(outputs.values()) == sorted(standing.outputs.values()):
        for path in made:  # the same again: the first attempt stands
            path.unlink()
        work.drop()
        reading.tell(finished=True)
        return standing
    rows = {row.table(): sum(map(rows_in, _files(case, outputs, row))) for row in stage.writes}
    run = record(
        recipe,
        started,
        clock,
        outputs,
        rows,
        level=level or (standing.level if standing else ""),
        units=plan.units,
        points=reading.curve.points,
    )
    case.commit(label, run)
    work.drop()
    reading.tell(finished=True)
    return run


def _files(case: Case, outputs: Iterable[str], row: type[Row]) -> list[Path]:
    return [case.folder / name for name in outputs if name.startswith(f"tables/{row.table()}/")]


class _Reading:
    """Units on their way: given out to the engine, come back, kept."""

    def __init__(self, stage: Stage, plan: Plan, work: Work, watch: Watch) -> None:
        self.stage = stage
        self.plan = plan
        self.work = work
        self.watch = watch
        self.meanwhile: Meanwhile | None = None
        self.curve = Curve()
        self.done, self.bytes_done = plan.struck, plan.struck_bytes
        self._began = time.monotonic()
        self._out: dict[bytes, int] = {}
        """Sizes of the units that were given out and have not come back: no more than the lanes hold."""

    def shards(self, lanes: int) -> Iterator[Table[t.Any]]:
        """Give out what is left to be read."""
        plan = self.plan
        for shard in divide(plan.row, plan.left(), self.stage.together, lanes):
            self._out.update(zip(shard.column(plan.column), shard.column("size_bytes").tolist(), strict=True))
            yield shard

    def keep(self, units: Iterable[Unit[t.Any]]) -> None:
        """Keep what comes back."""
        for unit in units:
            self.work.add(unit.key, unit.rows, unit.tables, last=unit.last)
            if unit.last:
                self.done += 1
                self.bytes_done += self._out.pop(unit.key)
            if self.meanwhile:
                self.meanwhile.came(unit)
            self.tell()

    def end(self) -> None:
        """Look at what is decided once all is read."""
        if self.meanwhile:
            self.meanwhile.end()
        self.tell(last=True)

    def tell(self, *, finished: bool = False, last: bool = False) -> None:
        """Tell how far it is."""
        decided = self.meanwhile.decided if self.meanwhile else Count()
        if not finished:
            seconds = time.monotonic() - self._began
            self.curve.add(seconds, self.done, self.bytes_done, decided.total, last=last)
        self.watch(
            Progress(
                stage=self.stage.name,
                done=self.done,
                of=self.plan.units,
                bytes_done=self.bytes_done,
                bytes_of=self.plan.size_bytes,
                problems=self.work.problems,
                kept=self.plan.struck,
                finished=finished,
                decided=decided,
            )
        )


def _planned(stage: Stage, recipe: Recipe) -> str:
    """Return the stage's plan with its settings filled in: ``$name`` stands for a setting's value."""
    plan = stage.plan
    for name, value in recipe.params.items():
        plan = plan.replace(f"${name}", str(value)) if isinstance(value, str | int | float) else plan
    return plan


def record(
    recipe: Recipe,
    started: dt.datetime,
    clock: float,
    outputs: dict[str, str],
    rows: dict[str, int],
    *,
    level: str = "",
    units: int = 0,
    points: list[Point] | None = None,
) -> Run:
    """Return the record of what was just done."""
    return Run(
        id=recipe.id,
        recipe=recipe,
        version=version(),
        started=started,
        seconds=round(time.monotonic() - clock, 3),
        level=level,
        units=units,
        rows=rows,
        outputs=outputs,
        loops=native.using(),
        points=points or [],
    )


def stage_named(name: str) -> Stage:
    """Return a stage by name."""
    if name not in STAGES:
        raise UsageError(f"there is no stage {name!r}; known: {', '.join(s.name for s in order())}")
    return STAGES[name]
