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

from vigie.kernel.case import now
from vigie.kernel.engine import divide
from vigie.kernel.errors import UsageError
from vigie.kernel.plan import Plan
from vigie.kernel.run import Recipe, Run, cell_digest, tools, version
from vigie.kernel.stage import STAGES, Params, Stage
from vigie.kernel.table import Table, flow, look, of, spill, write
from vigie.kernel.work import Work
from vigie.numeric import native
from vigie.rows.problems import Problem

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.rows.base import Row

PASSING = ("missing", "unreadable", "changed", "worker_lost")
"""Problems that may be gone when the run is done again."""
AGAIN = "(counts or code <> 'changed')"
"""But for the remark that a file changed before it was digested: what was taken in then stays taken in."""


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


Watch: t.TypeAlias = "Callable[[Progress], None]"


def order() -> list[Stage]:
    """Return all stages so that each comes after those that write what it reads; ties by name."""
    writers: dict[str, set[str]] = {}
    for stage in STAGES.values():
        for row in stage.writes:
            writers.setdefault(row.table(), set()).add(stage.name)
    left, out = dict(sorted(STAGES.items())), list[Stage]()
    while left:
        ready = [s for s in left.values() if not _waits_for(s, writers) & set(left)]
        if not ready:
            raise TypeError(f"stages wait for each other: {', '.join(left)}")
        out.append(ready[0])
        del left[ready[0].name]
    return out


def _waits_for(stage: Stage, writers: dict[str, set[str]]) -> set[str]:
    """Return the stages that write what this one reads."""
    return {name for row in stage.reads.values() for name in writers.get(row.table(), set())} - {stage.name}


def do(case: Case, stage: Stage, engine: Engine, needs: Needs, watch: Watch) -> list[Run]:
    """Do one stage and make its runs count; return them: one, or one for each row where the stage says so."""
    params = stage.settings(case.settings.stage.get(stage.name, {}))
    recipe = recipe_of(case, stage)
    if stage.each:
        return _each(case, stage, params, recipe, engine, needs, watch)
    if stage.reading:
        tables = {name: case.read(row) for name, row in stage.reads.items()}
        return [_read(case, stage, stage.name, tables, params, recipe, engine, needs, watch)]
    if found := _earlier(case, stage.name, recipe, watch):
        return [found]
    started, clock = now(), time.monotonic()
    watch(Progress(stage=stage.name, done=0, of=1))
    tables = {name: case.read(row) for name, row in stage.reads.items()}
    made = engine.evaluate(stage, tables, params)
    files = {case.place(table.row, recipe.id): table for table in made}
    outputs = {str(path.relative_to(case.folder)): write(table, path) for path, table in files.items()}
    rows = {table.row.table(): len(table) for table in made}
    run = record(recipe, started, clock, outputs, rows)
    case.commit(stage.name, run)
    watch(Progress(stage=stage.name, done=1, of=1, finished=True))
    return [run]


def recipe_of(case: Case, stage: Stage) -> Recipe:
    """Return what decides the outcome of a stage as the case stands now."""
    params = stage.settings(case.settings.stage.get(stage.name, {}))
    return Recipe(
        stage=stage.name,
        code=stage.code,
        params=t.cast("dict[str, t.Any]", msgspec.to_builtins(params)) if params else {},
        inputs={row.table(): case.digests(row) for row in stage.reads.values()},
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
    found = _attempts(case, recipe)
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
) -> Run:
    standing = _attempts(case, recipe)
    if standing and not _passing(case, standing, needs):
        return t.cast("Run", _earlier(case, label, standing.recipe, watch))
    if standing:
        recipe = msgspec.structs.replace(recipe, attempt=standing.recipe.attempt + 1)
    started, clock = now(), time.monotonic()
    first = next(iter(stage.reads))
    column = t.cast("str", stage.split)
    work = Work(case.folder / "work" / f"{label.replace(':', '-')}-{recipe.kind}", case.room, case.custody.seal_key())
    plan = Plan(stage.reads[first], _planned(stage, recipe), column, work.folder, case.room, {**tables})
    kept = _kept(case, stage, recipe, plan, needs, work.folder)
    plan.strike(done=work.done, kept=kept)
    done, bytes_done = plan.struck, plan.struck_bytes
    sizes: dict[bytes, int] = {}  # of the units that were given out and have not come back

    def tell(finished: bool = False) -> None:
        watch(
            Progress(
                stage=stage.name,
                done=done,
                of=plan.units,
                bytes_done=bytes_done,
                bytes_of=plan.size_bytes,
                problems=work.problems,
                kept=plan.struck,
                finished=finished,
            )
        )

    def given_out() -> Iterator[Table[t.Any]]:
        for shard in divide(plan.row, plan.left(), stage.together, engine.jobs):
            sizes.update(zip(shard.column(column), shard.column("size_bytes").tolist(), strict=True))
            yield shard

    tell()
    level = ""
    try:
        if plan.struck < plan.units:
            level = str(engine.level(needs))
            others = {name: table for name, table in tables.items() if name != first}
            with contextlib.closing(engine.read(stage, given_out(), others, params, needs)) as units_read:
                for unit in units_read:
                    work.add(unit.key, unit.rows, last=unit.last)
                    if unit.last:
                        done += 1
                        bytes_done += sizes.pop(unit.key)
                    tell()
    finally:
        work.flush()  # what was done stays done, whatever stopped us
    earlier = {row: _rows_of(case, stage, recipe, row, kept) for row in stage.writes}
    digests = work.finish(stage.writes, lambda row: case.place(row, recipe.id), earlier)
    outputs = {str(case.place(row, recipe.id).relative_to(case.folder)): d for row, d in digests.items()}
    if standing and sorted(outputs.values()) == sorted(standing.outputs.values()):
        for name in outputs:  # the same again: the first attempt stands
            (case.folder / name).unlink()
        work.drop()
        tell(finished=True)
        return standing
    rows = {row.table(): len(Table(row, files=[case.place(row, recipe.id)])) for row in stage.writes}
    run = record(
        recipe, started, clock, outputs, rows, level=level or (standing.level if standing else ""), units=plan.units
    )
    case.commit(label, run)
    work.drop()
    tell(finished=True)
    return run


def _planned(stage: Stage, recipe: Recipe) -> str:
    """Return the stage's plan with its settings filled in: ``$name`` stands for a setting's value."""
    plan = stage.plan
    for name, value in recipe.params.items():
        plan = plan.replace(f"${name}", str(value)) if isinstance(value, str | int | float) else plan
    return plan


def _attempts(case: Case, recipe: Recipe) -> Run | None:
    """Return the last attempt at this recipe, if there was one."""
    found = None
    while run := case.run(msgspec.structs.replace(recipe, attempt=found.recipe.attempt + 1 if found else 0).id):
        found = run
    return found


def _retried(needs: Needs) -> tuple[str, ...]:
    return (*PASSING, "encrypted") if needs.secrets else PASSING


def _passing(case: Case, run: Run, needs: Needs) -> bool:
    """Tell whether the run has problems that may be gone by now."""
    files = [case.checked(run, name) for name in run.files("problem")]
    codes = ", ".join(f"'{code}'" for code in _retried(needs))
    table = Table(Problem, files=files, room=case.room)
    sql = f"select 1 from p where code in ({codes}) and {AGAIN} limit 1"
    return bool(files) and bool(look(sql, p=table))


def _kept(case: Case, stage: Stage, recipe: Recipe, plan: Plan, needs: Needs, folder: Path) -> Path:
    """Write down the units of the plan that an earlier run of this kind has read for good."""
    read = {
        f"x{number}": (row, Table(row, files=[file], room=case.room))
        for number, (row, file) in enumerate(_files(case, stage, recipe))
    }
    units = [f'select "{_unit_column(stage, row)}" as unit from {name}' for name, (row, _) in read.items()]
    codes = ", ".join(f"'{code}'" for code in _retried(needs))
    sql = (
        f"select distinct unit from ({' union all '.join(units) or 'select null::blob as unit where false'}) u"
        f' semi join plan on plan."{plan.column}" = u.unit'
        f" anti join (select unit from p where stage = '{stage.name}' and code in ({codes}) and {AGAIN}) again"
        " on again.unit = u.unit"
    )
    tables = {name: table for name, (_, table) in read.items()}
    path = folder / "kept.parquet"
    spill(sql, path, case.room, **tables, plan=plan.table, p=case.read(Problem))
    return path


def _files(case: Case, stage: Stage, recipe: Recipe) -> list[tuple[type[Row], Path]]:
    """Return the files, and their rows, of the earlier run that serves this one."""
    return [
        (row, case.checked(run, name))
        for run in _alike(case, recipe)
        for row in stage.writes
        for name in run.files(row.table())
    ]


def _alike(case: Case, recipe: Recipe) -> list[Run]:
    """Return the run of this kind that counts, or the newest one: it has taken over what came before it."""
    if STAGES[recipe.stage].each:
        return []  # such a run stands alone: nothing that was read for another row serves it
    runs = [run for run in case.all_runs() if run.recipe.stage == recipe.stage and run.recipe.kind == recipe.kind]
    return runs[-1:]


def _rows_of(case: Case, stage: Stage, recipe: Recipe, row: type[Row], kept: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows that earlier runs of this kind have for these units."""
    sql = f'select x.* from x semi join kept on x."{_unit_column(stage, row)}" = kept.unit'
    for kind, file in _files(case, stage, recipe):
        if kind is row:
            yield from flow(row, sql, case.room, x=Table(row, files=[file], room=case.room), kept=kept)


def _unit_column(stage: Stage, row: type[Row]) -> str:
    return "unit" if row is Problem else stage.unit


def record(
    recipe: Recipe,
    started: dt.datetime,
    clock: float,
    outputs: dict[str, str],
    rows: dict[str, int],
    *,
    level: str = "",
    units: int = 0,
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
    )


def stage_named(name: str) -> Stage:
    """Return a stage by name."""
    if name not in STAGES:
        raise UsageError(f"there is no stage {name!r}; known: {', '.join(s.name for s in order())}")
    return STAGES[name]
