"""``vigie geo``: databases of IP networks, by which addresses get a country."""

from __future__ import annotations

import datetime as dt
import os
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.opening import engine, needs, opened, remember, viewed
from vigie.desk.options import Accept, Folder, Json
from vigie.desk.progress import watching
from vigie.desk.tables import print_table
from vigie.kernel import geo as intake
from vigie.kernel.errors import UsageError
from vigie.rows.countries import FLAGS, IpBase

command = typer.Typer(add_completion=False, help="Databases of IP networks: add one, show those there are.")
GIVEN: t.Final = [name for name in FLAGS if name != "special"]


@command.command("add")
def add(
    folder: Folder,
    file: t.Annotated[
        Path, typer.Argument(metavar="FILE", help="An .mmdb, geoip, geoip6, or a list of networks.", show_default=False)
    ],
    dated: t.Annotated[str, typer.Option(help="Its date, YYYY-MM-DD.", show_default="as it says")] = "",
    name: t.Annotated[
        str, typer.Option(help="Name of the source, the same for all its editions.", show_default="as it says")
    ] = "",
    flag: t.Annotated[
        str,
        typer.Option(metavar="|".join(GIVEN), help="What all networks of a plain list are.", show_default=False),
    ] = "",
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Read a database of IP networks once. Give several, of several makers and dates: they are asked one by one."""
    if dated:
        _day(dated)
    if flag and flag not in GIVEN:
        raise UsageError(f"--flag: there is no {flag!r}. There are {', '.join(GIVEN)}.")
    case = opened(folder)
    wants = needs(case, accept=accept_isolation)
    with engine(case, 1) as worker, watching(as_json=as_json) as watch:
        cell = worker.cell("read_ranges", wants)
        one = intake.register(case, os.fsencode(file), cell, name=name, dated=dated, flag=flag)
        found = intake.read(case, one, worker, wants, watch)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("geo add", base=_facts(found))
        return
    rejected = f", {found.rejected:,} lines or records left out" if found.rejected else ""
    output.emit(
        f"{output.clean(found.name)} of {found.dated:%Y-%m-%d} ({found.format}): {found.ipv4:,} ranges of IPv4,"
        f" {found.ipv6:,} of IPv6, {found.countries} countries{rejected}"
    )
    if found.about:
        output.emit(f"  {output.clean(found.about, most=200)}")


@command.command("show")
def show(folder: Folder, as_json: Json = False) -> None:
    """Show the databases of a case with their dates."""
    case = viewed(folder)
    found = sorted(case.read(IpBase), key=lambda one: (one.name, one.dated, one.key))
    if as_json:
        output.document("geo show", bases=[_facts(one) for one in found])
        return
    rows = [
        [one.key.hex()[:12], one.name, f"{one.dated:%Y-%m-%d}", one.format, f"{one.ipv4:,}", f"{one.ipv6:,}",
         f"{one.countries}", f"{one.rejected:,}"]
        for one in found
    ]  # fmt: skip
    columns = ["key", "name", "dated", "format", "IPv4>", "IPv6>", "countries>", "left out>"]
    print_table("Databases of IP networks", columns, rows)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--dated: {text!r} is no date; write YYYY-MM-DD.") from None


def _facts(one: IpBase) -> dict[str, t.Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
