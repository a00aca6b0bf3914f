"""``vigie report``: one HTML page about the case. No script, nothing from outside, no pixel of evidence."""

from __future__ import annotations

import datetime as dt
import json
import os
import typing as t
from pathlib import Path

import jinja2
import typer

from vigie.desk import anytime, charts, facts, money, output, people
from vigie.desk.enquiries import bitcoin
from vigie.desk.numbers import numbers
from vigie.desk.opening import opened, remember, viewed
from vigie.desk.options import Folder, Json
from vigie.desk.show import inside
from vigie.desk.summary import EXPLAINED
from vigie.kernel import durable
from vigie.kernel.case import now
from vigie.kernel.custody_files import LOG
from vigie.kernel.errors import UsageError
from vigie.kernel.run import version

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)
FILE: t.Final = "report.html"
BAR_WIDTH: t.Final = 480.0
TIMELINE_HEIGHT: t.Final = 110.0
CURVE_LEFT: t.Final = 60.0
CURVE_WIDTH: t.Final = 640.0
CURVE_HEIGHT: t.Final = 180.0


@command.command("report")
def report(
    folder: Folder,
    out: t.Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it.", show_default=f"CASE/{FILE}")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write one self-contained HTML page about the case; its digest goes into the custody log.

    Of a case that cannot be written to, a page can be made with --out: it says that no log entry vouches for it.
    """
    case = opened(folder) if os.access(folder / LOG, os.W_OK) else viewed(folder)
    if case.custody.read_only and (out is None or inside(case, out)):
        raise UsageError(f"{folder} cannot be written to. Name a place outside it with --out FILE.")
    file = out or case.folder / FILE
    digest = written(case, file)
    if case.custody.read_only:
        text = f"The case cannot be written to: its custody log has no entry of this page, SHA-256 {digest}."
        output.note(json.dumps({"note": text}) if as_json else f"note: {text}")
    else:
        remember(case.custody, as_json=as_json)
    if as_json:
        output.document("report", file=file, sha256=digest, logged=not case.custody.read_only)
    else:
        output.emit(f"Report: {file}, SHA-256 {digest}")


def written(case: Case, file: Path) -> str:
    """Write the report of a case, and log it unless the case was opened to look at it only; return its digest."""
    digest = durable.write(file, page(case, now()).encode())
    if not case.custody.read_only:
        case.custody.append("reported", {"sha256": digest, **inside(case, file)})
    return digest


def page(case: Case, at: dt.datetime) -> str:
    """Return the page. The same state of the case gives the same page, but for the time ``at``."""
    of = numbers(case)
    unit, bins, older = charts.timeline(facts.days(case), height=TIMELINE_HEIGHT)
    course = anytime.anytime(case)
    order = ("new", "near", "conflict", "listed", "benign")
    funnel = {
        "files": of.files,
        "pictures and videos": of.media_files,
        "distinct contents": of.media_contents,
        "groups": of.groups,
        "to look at": of.look,
    }
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vigie.desk", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "n": _number,
        "t": _text,
        "when": _when,
        "day": lambda moment: f"{moment:%Y-%m-%d}",
        "size": output.size,
        "span": output.span,
        "short": _short,
        "btc": bitcoin,
    }
    return environment.get_template("report.html.j2").render(
        about=case.settings.case,
        folder=case.folder.resolve().name,
        at=at,
        version=version(),
        of=of,
        explained=EXPLAINED,
        order=order,
        standings=charts.stacked({name: of.standings[name] for name in order}),
        funnel=charts.bars({name: {name: count} for name, count in funnel.items()}, width=BAR_WIDTH, rest=""),
        funnel_order=list(funnel),
        places=charts.bars(facts.places(case), width=BAR_WIDTH, rest="{} other items"),
        kinds=charts.KINDS,
        types=charts.bars(facts.types(case), width=BAR_WIDTH, rest="{} other types"),
        unit=unit,
        bins=bins,
        older=older,
        timeline_height=TIMELINE_HEIGHT,
        leads=facts.leads(case),
        people=people.told(case),
        money=money.told(case),
        groups=facts.groups(case),
        grouped=facts.grouped(case),
        most_leads=facts.MOST_LEADS,
        lists=facts.lists(case),
        items=facts.items(case),
        verifications=facts.verifications(case),
        problems=facts.problem_places(case),
        problem_count=sum(one.count for one in of.problems),
        runs=facts.runs(case),
        course=course,
        marks=anytime.MARKS,
        curve=charts.course(course, left=CURVE_LEFT, width=CURVE_WIDTH, height=CURVE_HEIGHT) if course else None,
        curve_left=CURVE_LEFT,
        curve_width=CURVE_WIDTH,
        curve_height=CURVE_HEIGHT,
        signed=facts.signed(case),
        logged=not case.custody.read_only,
        verifier_key=case.custody.verifier_key,
        policy=case.settings.machine.isolation,
    )


def _number(value: float) -> str:
    return f"{value:,}"


def _text(value: str) -> str:
    """Return text out of evidence so that no character in it is invisible or turns the line round."""
    return output.clean(value, most=400)


def _when(value: dt.datetime | None) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if value else "-"


def _short(value: bytes | str) -> str:
    return (value.hex() if isinstance(value, bytes) else value)[:12]
