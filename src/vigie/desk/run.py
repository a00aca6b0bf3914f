"""``vigie run``: do everything that is not done yet."""

from __future__ import annotations

import typing as t
from pathlib import Path

import msgspec
import typer

from vigie.desk import copies, output
from vigie.desk.decided import Judging
from vigie.desk.going import telling
from vigie.desk.numbers import Numbers, facts, numbers
from vigie.desk.opening import engine, needs, opened, remember, secrets
from vigie.desk.options import Accept, Folder, Jobs, Json, machine, processors
from vigie.desk.progress import watching
from vigie.desk.summary import summary
from vigie.kernel import evaluate, intake
from vigie.kernel.errors import UsageError
from vigie.rows.evidence import Item
from vigie.rows.given import Given
from vigie.rows.matches import Standing

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch
    from vigie.kernel.stage import Stage

command = typer.Typer(add_completion=False)
INTEGRITY = 3


@command.command("run")
def run(
    folder: Folder,
    only: t.Annotated[str, typer.Option(metavar="STAGE", help="Do one stage.", show_default=False)] = "",
    kind: t.Annotated[
        t.Literal["local", "inline"],
        typer.Option("--engine", help="local: several cells at once; inline: one."),
    ] = "local",
    jobs: Jobs = None,
    key_file: t.Annotated[
        Path | None,
        typer.Option(help="Keys of encrypted volumes, one a line, or a key file; never logged.", show_default=False),
    ] = None,
    ask_key: t.Annotated[bool, typer.Option("--ask-key", help="Ask for such a key on the terminal.")] = False,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Do everything that is not done yet. Stop it whenever you like: the same command goes on from there."""
    keys = secrets(key_file, ask=ask_key)
    case = opened(folder)
    if not len(case.read(Item)) and not len(case.read(Given)):
        raise UsageError(f"the case holds no evidence yet. Add some with: vigie add {folder} PATH (or vigie give)")
    stages = [evaluate.stage_named(only)] if only else evaluate.order()
    case.note_settings()
    wants = needs(case, keys=keys, accept=accept_isolation)
    lanes = 1 if kind == "inline" else jobs or processors()
    case.custody.append(
        "run_started", {"engine": kind, "jobs": lanes, "only": only, "keys": len(keys), "machine": machine()}
    )
    with engine(case, lanes) as worker, watching(as_json=as_json) as watch, telling(case.folder, watch) as told:
        done = evaluated(case, stages, worker, wants, told)
    remember(case.custody, as_json=as_json)
    found = numbers(case)
    if as_json:
        output.document("run", runs=done, numbers=facts(found))
    else:
        summary(folder, found, copies.counted(case))
    raise typer.Exit(code_of(found))


def evaluated(case: Case, stages: list[Stage], worker: Engine, wants: Needs, watch: Watch) -> list[dict[str, t.Any]]:
    """Do these stages in order; return what came of each. Errors: IntegrityError for evidence that differs."""
    intake.check(case)
    out, judge = list[dict[str, t.Any]](), Judging(case)

    def told(one: evaluate.Progress) -> None:
        watch(one if one.decided.of else msgspec.structs.replace(one, decided=judge.now()))

    for stage in stages:
        runs = evaluate.do(case, stage, worker, wants, told, judge)
        if Standing in stage.writes:
            judge.settle()
        out += [{"stage": stage.name, "run": one.id, "rows": one.rows, "isolation": one.level} for one in runs]
        if stage.name == intake.VERIFICATIONS:
            intake.check(case)
    return out


def code_of(found: Numbers) -> int:
    """Return the exit code of a run: lost rows are an integrity failure."""
    return INTEGRITY if found.conservation.state == "broken" else 0
