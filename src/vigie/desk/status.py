"""``vigie status``: what is in the case, what is done, what a run would do."""

from __future__ import annotations

import typing as t

import msgspec
import typer

from vigie.desk import going, kept, output
from vigie.desk.numbers import facts, numbers
from vigie.desk.opening import viewed
from vigie.desk.options import Folder, Json
from vigie.desk.summary import summary
from vigie.desk.tables import print_table
from vigie.kernel import evaluate
from vigie.kernel.cell import Cell
from vigie.kernel.isolation import Level
from vigie.kernel.table import look
from vigie.numeric import native
from vigie.rows.evidence import Item, Original
from vigie.rows.matches import HashList

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)


@command.command("status")
def status(folder: Folder, as_json: Json = False) -> None:
    """Show items, lists, stages, the isolation level of this machine, counts, problems and unfinished work."""
    case = viewed(folder)
    about = case.settings.case
    stages = states(case)
    level, weakness = isolation(case)
    policy = case.settings.machine.isolation
    items: list[dict[str, t.Any]] = [
        {"name": one.name, "path": one.path, "kind": one.kind, "taken_in_at": one.taken_in_at, "originals": count}
        for one, count in _items(case)
    ]
    lists = sorted(case.read(HashList), key=lambda one: (one.name, one.key))
    found = numbers(case)
    run = going.seen(folder)
    if as_json:
        output.document(
            "status",
            run=msgspec.to_builtins(run),
            case={name: getattr(about, name) for name in about.__struct_fields__},
            items=items,
            lists=[{"name": x.name, "version": x.version, "dated": x.dated, "entries": x.entries} for x in lists],
            stages=stages,
            isolation={"level": str(level), "policy": str(policy), "enough": level >= policy, "says": weakness},
            loops=native.using(),
            custody={
                "entries": case.custody.size,
                "verifier_key": case.custody.verifier_key,
                "checkpoint": kept.line(case.custody.size, case.custody.root),
            },
            numbers=facts(found),
        )
        return
    output.emit(f"{output.clean(about.name)}: {output.clean(about.authority)}, {output.clean(about.examiner)}")
    print_table(
        "Evidence",
        ["item", "kind", "files>", "taken in", "path"],
        [
            [x["name"], x["kind"], f"{x['originals']:,}", f"{x['taken_in_at']:%Y-%m-%d %H:%M} UTC", x["path"]]
            for x in items
        ],
    )
    print_table(
        "Hash lists",
        ["name", "version", "dated", "meaning", "entries>"],
        [[x.name, x.version, x.dated, x.meaning, f"{x.entries:,}"] for x in lists],
    )
    print_table("Stages", ["stage", "state", "rows"], [[x["stage"], x["state"], _rows(x)] for x in stages])
    if run:
        output.emit(going.lines(run))
    enough = "" if level >= policy else f" The case allows {policy} at least: a run is refused."
    output.emit(f"Isolation on this machine: {weakness}{enough}")
    output.emit(f"Numeric loops: {native.using()}.")
    output.emit(f"Custody log: {case.custody.size:,} signed entries. To write down, or mail to a colleague:")
    output.emit(f"  checkpoint {kept.line(case.custody.size, case.custody.root)}")
    summary(folder, found)


def states(case: Case) -> list[dict[str, t.Any]]:
    """Return for each stage whether it is done, and whether work on it was left unfinished."""
    counting = case.counting()
    out: list[dict[str, t.Any]] = []
    for stage in evaluate.order():
        runs = [run for run in counting.values() if run.recipe.stage == stage.name]
        unfinished = sorted((case.folder / "work").glob(f"{stage.name}-*/*.chunk"))
        # a stage that reads each list by itself is done where there is none, once anything is
        read = runs or (stage.each and counting)
        state = "done" if read and evaluate.stands(case, stage) else "to do again" if runs else "to do"
        if unfinished:
            state = "unfinished"
        rows: dict[str, int] = {}
        for run in runs:
            for name, count in run.rows.items():
                rows[name] = rows.get(name, 0) + count
        levels = sorted({run.level for run in runs if run.level})
        out.append({"stage": stage.name, "state": state, "rows": rows, "isolation": levels[0] if levels else ""})
    return out


def isolation(case: Case) -> tuple[Level, str]:
    """Attack this machine's sandbox; return the level it holds and what that means."""
    with Cell(scratch=case.folder / "tmp", minimum=Level.S0, job="look") as cell:
        return cell.level, cell.weakness


def _items(case: Case) -> t.Iterator[tuple[Item, int]]:
    counted = look("select item, count(*) as n from o group by item", o=case.read(Original))
    counts = {one["item"]: int(one["n"]) for one in counted}
    for one in sorted(case.read(Item), key=lambda item: item.name):
        yield one, counts.get(one.key, 0)


def _rows(state: dict[str, t.Any]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in state["rows"].items())
