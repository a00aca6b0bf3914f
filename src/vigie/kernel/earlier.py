"""What earlier runs of a reading stage have read for good, so that it is not read again."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.stage import STAGES, Stage
from vigie.kernel.table import Table, flow, join, look, query, registered, spill
from vigie.kernel.work import SHOWN_UNITS, UNIT_DIGITS
from vigie.rows.problems import Problem

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from vigie.kernel.case import Case
    from vigie.kernel.engine import Needs
    from vigie.kernel.plan import Plan
    from vigie.kernel.run import Recipe, Run
    from vigie.rows.base import Row

PASSING = ("missing", "unreadable", "changed", "worker_lost")
"""Problems that may be gone when the run is done again."""
AGAIN = "(counts or code <> 'changed')"
"""But for the remark that a file changed before it was digested: what was taken in then stays taken in."""


def attempts(case: Case, recipe: Recipe) -> Run | None:
    """Return the last attempt at this recipe, if there was one."""
    found = None
    while run := case.run(msgspec.structs.replace(recipe, attempt=found.recipe.attempt + 1 if found else 0).id):
        found = run
    return found


def _retried(needs: Needs) -> tuple[str, ...]:
    return (*PASSING, "encrypted") if needs.secrets else PASSING


def may_pass(case: Case, run: Run, needs: Needs) -> bool:
    """Tell whether the run has problems that may be gone by now."""
    files = [case.checked(run, name) for name in run.files("problem")]
    codes = ", ".join(f"'{code}'" for code in _retried(needs))
    table = Table(Problem, files=files, room=case.room)
    sql = f"select 1 from p where code in ({codes}) and {AGAIN} limit 1"
    return bool(files) and bool(look(sql, p=table))


def kept(case: Case, stage: Stage, recipe: Recipe, plan: Plan, needs: Needs, folder: Path) -> Path:
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
        if not row.PARTS
    ]


def _alike(case: Case, recipe: Recipe) -> list[Run]:
    """Return the run of this kind that counts, or the newest one: it has taken over what came before it."""
    if STAGES[recipe.stage].each:
        return []  # such a run stands alone: nothing that was read for another row serves it
    runs = [run for run in case.all_runs() if run.recipe.stage == recipe.stage and run.recipe.kind == recipe.kind]
    return runs[-1:]


def rows_of(case: Case, stage: Stage, recipe: Recipe, row: type[Row], kept: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows that earlier runs of this kind have for these units."""
    sql = f'select x.* from x semi join kept on x."{_unit_column(stage, row)}" = kept.unit'
    for kind, file in _files(case, stage, recipe):
        if kind is row:
            yield from flow(row, sql, case.room, x=Table(row, files=[file], room=case.room), kept=kept)


def parts_of(case: Case, stage: Stage, recipe: Recipe, kept: Path) -> dict[str, str]:
    """Return the files of rows that came in tables which earlier runs of this kind have for these units: name, digest.

    Such a file holds the rows of one unit only, and serves the new run as it is.
    """
    names = {
        name: run.outputs[name]
        for run in _alike(case, recipe)
        for row in stage.writes
        for name in run.files(row.table())
        if row.PARTS
    }
    if not names:
        return {}
    with registered({"kept": kept}, case.room) as db:
        units = {unit.hex()[:UNIT_DIGITS] for (unit,) in db.sql("select unit from kept").fetchall()}
    return {name: digest for name, digest in names.items() if name.split(".")[1].split("-")[0] in units}


def in_parts(
    case: Case, stage: Stage, recipe: Recipe, kept: Path
) -> Iterator[tuple[list[bytes], dict[type[Row], Table[t.Any]]]]:
    """Yield the units that earlier runs of this kind have read, with their rows, some at a time: for who shows them."""
    if not _alike(case, recipe):
        return
    with registered({"kept": kept}, case.room) as db:
        ((count,),) = db.sql("select count(*) from kept").fetchall()
    parts = -(-count // SHOWN_UNITS)
    for part in range(parts):
        with registered({"kept": kept}, case.room) as db:
            units = [one for (one,) in db.sql(f"select unit from kept where hash(unit) % {parts} = {part}").fetchall()]
        tables = {row: list[Table[t.Any]]() for row in stage.writes}
        for row, file in _files(case, stage, recipe):
            sql = f'select x.* from x semi join kept on x."{(column := _unit_column(stage, row))}" = kept.unit'
            sql += f' where hash(x."{column}") % {parts} = {part}'
            tables[row].append(query(row, sql, x=Table(row, files=[file], room=case.room), kept=kept))
        yield units, {row: join(row, some) for row, some in tables.items()}


def _unit_column(stage: Stage, row: type[Row]) -> str:
    return "unit" if row is Problem else stage.unit
