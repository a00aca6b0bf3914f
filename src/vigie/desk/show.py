"""``vigie show``: print a table."""

from __future__ import annotations

import csv
import json
import math
import os
import sys
import typing as t
from pathlib import Path

import typer
import typer.core

from vigie.desk import accounts, copies, output, remnants, settled
from vigie.desk.faces import FACES, Face
from vigie.desk.opening import opened, viewed
from vigie.desk.options import Folder, Json, WithContact, left_out
from vigie.desk.resembling import scored_by
from vigie.desk.tables import KEYS, print_table
from vigie.kernel import durable
from vigie.kernel.errors import UsageError
from vigie.kernel.view import View
from vigie.rows.people import READ

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)
ON_SCREEN: t.Final = 40
MADE: t.Final = {"remnants": remnants, "payments": settled}
"""Tables that are put together of several."""
COPIED: t.Final = frozenset({"copies", "layers", "ranked", *(f"{name}s" for name in READ)})
"""Tables of which a copy of a platform changes what their rows count."""
APART: t.Final = frozenset({"ranked", "countries", "attributions"})
"""Tables without technical accounts."""
PREFIX: t.Final = 12
"""Hex digits of a key or digest on the terminal; ``vigie explain`` takes them."""


class _Show(typer.core.TyperCommand):
    """``--top`` may stand without a number."""

    def parse_args(self, ctx: t.Any, args: list[str]) -> list[str]:
        at = args.index("--top") + 1 if "--top" in args else 0
        if at and not "".join(args[at : at + 1]).isdecimal():
            args = [*args[:at], str(accounts.FIRST), *args[at:]]
        return super().parse_args(ctx, args)


@command.command("show", cls=_Show)
def show(
    folder: Folder,
    what: t.Annotated[
        str,
        typer.Argument(show_default=False, metavar="TABLE", help=", ".join(FACES)),
    ],
    where: t.Annotated[
        str,
        typer.Option(
            metavar="SQL",
            help="A DuckDB boolean expression over the columns; digests and keys are lower-case hex text.",
            show_default=False,
        ),
    ] = "",
    limit: t.Annotated[
        int | None, typer.Option(min=1, help="Rows at most.", show_default=f"{ON_SCREEN} on the terminal, else all")
    ] = None,
    as_csv: t.Annotated[bool, typer.Option("--csv", help="Print CSV with all columns.")] = False,
    as_json: Json = False,
    parquet: t.Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a Parquet file with all columns.", show_default=False)
    ] = None,
    top: t.Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="[N]",
            show_default=False,
            help=f"Of accounts: the first ones by what they did ({accounts.FIRST} without a number).",
        ),
    ] = None,
    why: t.Annotated[
        str,
        typer.Option(
            metavar="RANK|NAME|KEY|PREFIX:NUMBER",
            show_default=False,
            help="Of accounts: why one stands where it does, factor by factor.",
        ),
    ] = "",
    with_contact: WithContact = False,
) -> None:
    """Print a table, whole or in part. What is written to a file is noted in the custody log."""
    if as_csv and (as_json or parquet):
        raise UsageError("Give one of --csv, --json, --parquet.")
    if what not in FACES:
        raise UsageError(f"There is no table {what!r} to show. There are: {', '.join(FACES)}.")
    face = MADE[what].FACE if what in MADE else FACES[what]
    if top is not None or why:
        if what != "accounts" or where or limit or parquet:
            raise UsageError("--top and --why are for accounts, and go with --csv or --json only. See also: ranked.")
        accounts.show(viewed(folder), top or accounts.FIRST, why, as_csv=as_csv, as_json=as_json)
        return
    case = opened(folder) if parquet else viewed(folder)  # what leaves the case is logged
    wanted = ON_SCREEN if limit is None and not (as_csv or as_json or parquet) else limit
    without = () if with_contact else face.contact
    table = MADE[what].table(case) if what in MADE else case.read(face.row)
    view = View(table, where=where, order=face.order, limit=wanted, without=without)
    if without:
        left_out(without, as_json=as_json)
    if text := _beside(case, what):
        output.note(json.dumps({"note": text}) if as_json else f"note: {text}")
    if parquet:
        _export(case, view, parquet, what, as_json=as_json)
    elif as_json:
        _json(view, what)
    elif as_csv:
        _csv(view)
    else:
        _terminal(view, face, what)


def _beside(case: Case, what: str) -> str:
    """Return what whoever sees a table has to know of it."""
    said = [scored_by(case) or "" if what == "resemblances" else ""]
    said += [accounts.set_apart(case) if what in APART else "", copies.counted(case) if what in COPIED else ""]
    return " ".join(one for one in said if one)


def _terminal(view: View, face: Face, what: str) -> None:
    columns = [name for name in face.columns if name in view.columns]
    rows = [[shown(name, one[name]) for name in columns] for one in view.rows()]
    numbers = {name for name in columns if name.endswith(("_bits", "_bytes", "_px", "_s"))}
    numbers |= {"rank", "points", "contents", "files", "entries", "withdrawn", "rejected", "said", "met"}
    print_table(what, [f"{name}>" if name in numbers else name for name in columns], rows)
    total = view.count()
    if total > len(rows):
        output.emit(f"{len(rows):,} of {total:,} {what}; more with --limit, all with --csv or --json")
    else:
        output.emit(f"{total:,} {what}")


def shown(name: str, value: t.Any) -> str:  # noqa: PLR0911 - one return for each kind of value
    """Return a value for a person: keys and digests shortened, sizes with a unit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "size_bytes":
        return output.size(value)
    if isinstance(value, float):
        if name == "probability":  # never rounded up to a certainty
            return f"{math.floor(value * 1000) / 1000:.3f}"
        return f"{value:.3g}" if name in {"m", "u"} else f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    if name in KEYS:
        return str(value)[:PREFIX]
    return str(value)


def _json(view: View, what: str) -> None:
    """Print one document row by row, so that a table of any length fits."""
    head = json.dumps({"schema": output.SCHEMA, "command": "show", "table": what, "total": view.count()})
    sys.stdout.write(head[:-1] + ', "rows": [')
    for index, one in enumerate(view.rows()):
        sys.stdout.write((",\n" if index else "\n") + json.dumps(one))
    sys.stdout.write("\n]}\n")


def _csv(view: View) -> None:
    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(view.columns)
    for one in view.rows():
        out.writerow([output.cell(one[name]) for name in view.columns])


def _export(case: Case, view: View, file: Path, what: str, *, as_json: bool) -> None:
    if file.exists():
        raise UsageError(f"{file} is there already. Name another file.")
    count = view.export(file)
    digest = durable.sha256_of(file)
    about: dict[str, t.Any] = {"table": what, "rows": count, "sha256": digest}
    case.custody.append("exported", about | inside(case, file))
    if as_json:
        output.document("show", table=what, rows=count, file=file, sha256=digest)
    else:
        output.emit(f"{count:,} {what} written to {file}, SHA-256 {digest}")


def inside(case: Case, file: Path) -> dict[str, str]:
    """Return where a file lies in the case folder, for the log: then `vigie verify` watches over it."""
    path, home = os.path.realpath(file), os.path.realpath(case.folder)
    return {"inside": os.path.relpath(path, home)} if path.startswith(home + os.sep) else {}
