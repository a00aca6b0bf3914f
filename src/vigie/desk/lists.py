"""``vigie lists``: hash lists of others."""

from __future__ import annotations

import os
import re
import tomllib
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.opening import engine, needs, opened, remember, viewed
from vigie.desk.options import Accept, Folder, Json
from vigie.desk.progress import watching
from vigie.desk.tables import print_table
from vigie.kernel import lists as intake
from vigie.kernel.errors import UsageError
from vigie.rows.list_formats import AUTO, LIST_FORMATS
from vigie.rows.matches import HashList

command = typer.Typer(add_completion=False, help="Hash lists: add one, show those there are.")
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2})?)?)?)?", re.ASCII)
BENIGN_FORMATS = ("nsrl", "nsrl-v2")
FORMATS = f"There are {', '.join([AUTO, *LIST_FORMATS])} (docs/lists.md)."


@command.command("add")
def add(
    folder: Folder,
    file: t.Annotated[Path, typer.Argument(metavar="FILE", help="The list.", show_default=False)],
    form: t.Annotated[
        str,
        typer.Option("--format", metavar="|".join([AUTO, *LIST_FORMATS]), help="How to read it."),
    ] = AUTO,
    meaning: t.Annotated[
        t.Literal["listed", "benign"] | None,
        typer.Option(
            metavar="listed|benign",
            help="What standing in it means.",
            show_default="benign for NSRL, else listed",
        ),
    ] = None,
    mapping: t.Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Which column is what.", show_default=False)
    ] = None,
    name: t.Annotated[str, typer.Option(help="Name of the list, where it does not say.", show_default=False)] = "",
    version: t.Annotated[str, typer.Option(help="Its edition.", show_default=False)] = "",
    dated: t.Annotated[str, typer.Option(help="Its date, YYYY-MM-DD.", show_default=False)] = "",
    scheme: t.Annotated[str, typer.Option(help="Scheme of its categories.", show_default=False)] = "",
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Read a hash list once and keep its entries as an index; malformed entries become problems."""
    if form not in (AUTO, *LIST_FORMATS):
        raise UsageError(
            f"--format: there is no format {form!r}. {FORMATS} To read any other table, leave --format out and say"
            " which column is what with --mapping FILE.toml."
        )
    if dated and not DATE.fullmatch(dated):
        raise UsageError(f"--dated: {dated!r} is no date; write YYYY-MM-DD. By it the later of two editions is told.")
    case = opened(folder)
    wants = needs(case, accept=accept_isolation)
    taken = read_mapping(mapping)
    form = "mapped" if form == AUTO and taken else form
    benign = form in BENIGN_FORMATS or (form == AUTO and is_nsrl(file))
    with engine(case, 1) as worker, watching(as_json=as_json) as watch:
        one = intake.register(
            case,
            os.fsencode(file),
            worker.cell("read_list", wants),
            form=form,
            meaning=meaning or ("benign" if benign else "listed"),
            mapping=taken,
            name=name,
            version=version,
            dated=dated,
            scheme=scheme,
        )
        found = intake.read(case, one, worker, wants, watch)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("lists add", list=_facts(found))
        return
    rejected = f", {found.rejected:,} rejected (vigie show {folder} problems)" if found.rejected else ""
    withdrawn = f", {found.withdrawn:,} withdrawn" if found.withdrawn else ""
    output.emit(
        f"{output.clean(found.name)} ({found.format}, {found.meaning}): {found.entries:,} entries{withdrawn}{rejected}"
    )


@command.command("show")
def show(folder: Folder, as_json: Json = False) -> None:
    """Show the lists of a case with version, date and number of entries."""
    case = viewed(folder)
    found = sorted(case.read(HashList), key=lambda one: (one.name, one.key))
    if as_json:
        output.document("lists show", lists=[_facts(one) for one in found])
        return
    rows = [
        [one.key.hex()[:12], one.name, one.version, one.dated, one.format, one.meaning, f"{one.entries:,}",
         f"{one.withdrawn:,}", f"{one.rejected:,}"]
        for one in found
    ]  # fmt: skip
    print_table("Hash lists", ["key", "name", "version", "dated", "format", "meaning", "entries>", "withdrawn>",
                               "rejected>"], rows)  # fmt: skip


def read_mapping(file: Path | None) -> dict[str, str]:
    """Read a mapping file: a flat TOML table of texts."""
    if file is None:
        return {}
    try:
        found = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}. A mapping is a flat TOML table of texts.") from None
    bad = [name for name, value in found.items() if not isinstance(value, str)]
    if bad or not found:
        raise UsageError(f"{file}: {bad[0] if bad else 'nothing'} is no text. A mapping is a flat TOML table of texts.")
    return {name: str(value) for name, value in found.items()}


def is_nsrl(file: Path) -> bool:
    """Tell by its name and first bytes whether a file is NSRL's; the cell alone reads more of it."""
    if file.name.lower() == "nsrlfile.txt":
        return True
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def _facts(one: HashList) -> dict[str, t.Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
