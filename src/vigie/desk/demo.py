"""``vigie demo``: the whole job on a generated, benign case, and how well it did."""

from __future__ import annotations

import os
import time
import typing as t
from pathlib import Path

import msgspec
import typer

from vigie import steps
from vigie.desk import output, scores_money, scores_people
from vigie.desk.chain import taken
from vigie.desk.lists import read_mapping
from vigie.desk.map import put
from vigie.desk.numbers import facts, numbers
from vigie.desk.opening import engine, needs
from vigie.desk.options import Accept, Json, machine, processors
from vigie.desk.progress import watching
from vigie.desk.report import FILE, written
from vigie.desk.run import code_of, evaluated
from vigie.desk.sample import Seed, Sizes, drawn
from vigie.desk.scores import Scores, score
from vigie.desk.summary import summary
from vigie.desk.tables import print_table
from vigie.kernel import geo, intake, lists, tags
from vigie.kernel.case import Case, now
from vigie.kernel.chain.naming import use
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import order
from vigie.kernel.settings import About
from vigie.rows.countries import FLAGS
from vigie.rows.evidence import Item
from vigie.rows.list_formats import AUTO
from vigie.sample.forum.make import MAPPING, REFERENCE
from vigie.sample.lists import OPTIONS

if t.TYPE_CHECKING:
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch

command = typer.Typer(add_completion=False)
MOST_NAMED: t.Final = 5
STORE: t.Final = "chain"
DATED: t.Final = "2019-01-01"
"""Of the sample's lists of networks, which change no more than its forums do."""


@command.command("demo")
def demo(
    folder: t.Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to make it; must not exist yet, or be empty.")
    ] = Path("demo"),
    size: Sizes = "small",
    seed: Seed = 1,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Draw a benign case, take it in, match it with its lists, group it, order it, score it, report it."""
    began = time.monotonic()
    folder = free(folder)
    made = drawn(folder / "sample", seed, size, as_json=as_json)
    if not as_json:
        output.emit(f"{made.files:,} files drawn by program, with {len(made.lists)} hash lists and the truth.")
    steps.load()
    about = About(
        name="demo", authority="Practice unit", examiner="A. Person", created=now().isoformat(timespec="seconds")
    )
    case = Case.create(folder / "case", about)
    put(case, made.folder / MAPPING)  # of the platform that no mapping of vigie's knows
    case = Case.open(case.folder)
    wants = needs(case, accept=accept_isolation)
    with engine(case, processors()) as worker, watching(as_json=as_json) as watch:
        take_in(case, made.evidence, made.lists, worker, wants, watch)
        networks(case, made.folder / REFERENCE, worker, wants, watch)
        money(case, made.folder, folder / STORE, worker, wants, watch)
        wants = msgspec.structs.replace(wants, items=case.read(Item).rows())
        case.custody.append(
            "run_started", {"engine": "local", "jobs": worker.jobs, "only": "", "keys": 0, "machine": machine()}
        )
        evaluated(case, order(), worker, wants, watch)
    found, scores, people = numbers(case), score(case, made.truth), scores_people.score(case, made.folder)
    paid = scores_money.score(case, made.folder)
    report = case.folder / FILE
    digest = written(case, report)
    seconds = time.monotonic() - began
    if as_json:
        scored = msgspec.to_builtins(scores) | {"precision": scores.precision, "recall": scores.recall}
        output.document(
            "demo",
            case=case.folder,
            report=report,
            sha256=digest,
            seconds=seconds,
            scores=scored,
            people=msgspec.to_builtins(people),
            money=msgspec.to_builtins(paid),
            numbers=facts(found),
        )
    else:
        summary(case.folder, found)
        told(scores)
        for line in scores_people.lines(people) if people else ():
            output.emit(line)
        for line in scores_money.lines(paid) if paid else ():
            output.emit(line)
        output.emit(f"Done in {output.span(seconds)}. Report: {report.resolve()}")
    raise typer.Exit(code_of(found))


def free(folder: Path) -> Path:
    """Return the folder to use: the one asked for, or the next free one beside it."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Give another --dir.")
    number = 1
    one = folder
    while one.exists() and any(one.iterdir()):
        number += 1
        one = folder.with_name(f"{folder.name}-{number}")
    one.mkdir(parents=True, exist_ok=True)
    return one


def take_in(
    case: Case,
    evidence: t.Sequence[Path],
    files: t.Sequence[Path],
    worker: Engine,
    wants: Needs,
    watch: Watch,
) -> None:
    """Take in evidence, and lists with the options that the sample names for them."""
    items = [intake.register(case, os.fsencode(path)) for path in evidence]
    intake.take_in(case, items, worker, wants, watch)
    for path in files:
        options = OPTIONS[path.name]
        mapping = read_mapping(path.parent.parent / options["mapping"]) if "mapping" in options else {}
        one = lists.register(
            case,
            os.fsencode(path),
            worker.cell("read_list", wants),
            form="mapped" if mapping else AUTO,
            meaning=options.get("meaning", "listed"),
            mapping=mapping,
            scheme=options.get("scheme", ""),
        )
        lists.read(case, one, worker, wants, watch)


def networks(case: Case, folder: Path, worker: Engine, wants: Needs, watch: Watch) -> None:
    """Take in what the sample knows of IP networks, dated by the day before its forums begin."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix == ".yaml":  # tags of the practice chain
            continue
        flag = path.stem if path.stem in FLAGS else ""
        cell = worker.cell("read_ranges", wants)
        one = geo.register(case, os.fsencode(path), cell, dated=DATED, flag=flag)
        geo.read(case, one, worker, wants, watch)


def told(scores: Scores) -> None:
    """Print the scores."""
    names = ["listed", "near", "new", "conflict", "benign", "not read"]
    rows = [[true, *(f"{found.get(name, 0):,}" for name in names)] for true, found in sorted(scores.standings.items())]
    print_table("Against the truth: true standing of files, and what was found", ["truth", *(f"{n}>" for n in names)],
                rows)  # fmt: skip
    output.emit(
        f"{scores.unreachable:,} files are turned or cropped so far that plain PDQ is not expected to tie them; "
        f"of the others, {len(scores.wrong):,} stand wrongly."
    )
    output.emit(
        f"Grouping: {scores.precision:.1%} of {scores.pairs_found:,} grouped pairs belong together; "
        f"{scores.recall:.1%} of {scores.pairs_true:,} reachable pairs were grouped."
    )
    output.emit(
        f"Compilations: {scores.spans_found:,} of {scores.spans:,} listed videos within others were found, "
        f"{scores.spans - len(scores.spans_missed):,} with every end within a second."
    )
    output.emit(f"Problems: {scores.problems_seen:,} of {scores.problems_expected:,} expected ones were seen.")
    for name, some in (
        ("stands wrongly", scores.wrong),
        ("stretch in a compilation missed or misplaced", scores.spans_missed),
        ("missed problem", scores.problems_missed),
        ("file on one side only", scores.files_missed),
    ):
        for one in some[:MOST_NAMED]:
            output.emit(f"  {name}: {output.clean(one)}")
        if len(some) > MOST_NAMED:
            output.emit(f"  … {len(some) - MOST_NAMED:,} more")


def money(case: Case, sample: Path, store: Path, worker: Engine, wants: Needs, watch: Watch) -> None:
    """Take in the sample's tags, its chain into a store of its own, and have the case work with that."""
    files = tags.register(case, [os.fsencode(path) for path in sorted((sample / REFERENCE).glob("*.yaml"))])
    tags.read(case, files, worker, wants, watch)
    taken(store, "regtest", wants.accept, watch, blocks=sample / "node" / "regtest" / "blocks")
    use(case, store)
