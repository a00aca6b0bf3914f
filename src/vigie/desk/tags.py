"""``vigie tags``: files that say whose addresses are; add them, show them, write them out."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.opening import engine, needs, opened, remember, viewed
from vigie.desk.options import Accept, Folder, Json, processors
from vigie.desk.progress import watching
from vigie.desk.tables import print_table
from vigie.desk.tags_out import tagpack
from vigie.kernel import durable
from vigie.kernel import tags as intake
from vigie.kernel.errors import UsageError
from vigie.kernel.table import look
from vigie.rows.paths import Enquiry
from vigie.rows.tags import FORMATS, Actor, Pack, PackFile, Tag, TagConflict, Tagged

command = typer.Typer(add_completion=False, help="Tags of addresses: add packs of them, show and write them.")
PAIR: t.Final = "FIELD=VALUE"


@command.command("add")
def add(
    folder: Folder,
    files: t.Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER", help="TagPacks, ActorPacks, lists, or folders of them.")
    ],
    private: t.Annotated[bool, typer.Option(help="The unit's own: never written out for others.")] = False,
    format: t.Annotated[  # noqa: A002 - the option's name
        str, typer.Option(metavar="|".join(FORMATS), help="Its form.", show_default="by its content")
    ] = "",
    say: t.Annotated[
        list[str] | None,
        typer.Option(metavar=PAIR, help="What holds where the file is silent, as label=... Repeat it."),
    ] = None,
    column: t.Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Of a register: which column is legal_name, jurisdictions, id ..."),
    ] = None,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Read files of tags or actors once. A tag is what somebody asserts: source and date stay with it."""
    if format and format not in FORMATS:
        raise UsageError(f"--format: there is no {format!r}. There are {', '.join(FORMATS)}.")
    said, columns = _pairs("--say", say), _pairs("--column", column)
    case = opened(folder)
    wants = needs(case, accept=accept_isolation)
    paths = list(dict.fromkeys(path for one in files for path in intake.found(os.fsencode(one))))
    with engine(case, processors()) as worker, watching(as_json=as_json) as watch:
        worker.level(wants)
        before = {one.key for one in case.read(PackFile)}
        given = intake.register(case, paths, format=format, private=private, say=said, columns=columns)
        packs, problems = intake.read(case, given, worker, wants, watch)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("tags add", packs=[_facts(one) for one in packs], unread=[_facts(one) for one in problems])
    else:
        for one in packs:
            output.emit(_line(one) + " (was in the case already)" * (one.file in before))
        for problem in problems:
            output.emit(f"not added: {output.clean(problem.subject, most=200)}: {problem.code}, {problem.detail}")
    if problems and not packs:
        raise UsageError("none of these files could be read. docs/money.md says which forms vigie reads.")


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    made = {}
    for one in given or []:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"{option}: {one!r} is no {PAIR}")
        made[name.strip()] = value.strip()
    return made


def _line(one: Pack) -> str:
    left = f", {one.rejected:,} left out" if one.rejected else ""
    own = ", private" if one.private else ""
    holds = [f"{one.tags:,} tags"] * bool(one.tags or not one.actors) + [f"{one.actors:,} actors"] * bool(one.actors)
    return f"{output.clean(one.title)} by {output.clean(one.creator)} ({one.format}{own}): {', '.join(holds)}{left}"


@command.command("show")
def show(folder: Folder, as_json: Json = False) -> None:
    """Show the packs of a case, and what could not be read."""
    case = viewed(folder)
    packs = sorted(case.read(Pack), key=lambda one: (one.title, one.key))
    if as_json:
        output.document("tags show", packs=[_facts(one) for one in packs])
        return
    found = look(
        _OF_PACKS,
        tag=case.read(Tag),
        actor=case.read(Actor),
        tagged=case.read(Tagged),
        enquiry=case.read(Enquiry),
        conflict=case.read(TagConflict),
    )
    about = {one["file"]: one for one in found}
    rows = [
        [one.key.hex()[:12], one.title, one.creator, one.format, "private" if one.private else "",
         f"{one.tags:,}", f"{one.actors:,}", f"{one.rejected:,}",
         *_of_pack(about.get(one.file)), one.sha256.hex()[:12]]
        for one in packs
    ]  # fmt: skip
    print_table("Packs of tags", ["key", "title", "by", "format", "", "tags>", "actors>", "left out>", "newest",
                                  "met>", "contradicted>", "sha256"], rows)  # fmt: skip
    if any(one.tags for one in packs):
        output.emit("met: tags on the case's addresses (vigie show CASE tagged) or where a trace ended (vigie show CASE"
                    " enquiries); contradicted: of these, by another tag (vigie show CASE tagconflicts)")  # fmt: skip
    unread = len({one.key for one in case.read(PackFile)} - {one.file for one in packs})
    if unread:
        output.emit(f"{unread} files could not be read: vigie show CASE problems")


_OF_PACKS: t.Final = """
    with newest as (select file, max(lastmod) as newest from
            (select file, lastmod from tag union all select file, lastmod from actor) group by file),
        against as (select tag from conflict union select other from conflict),
        met as (select tag.file, count(distinct tag.key) as met, count(distinct against.tag) as against
            from (select tag from tagged union select tag from enquiry) x join tag on tag.key = x.tag
            left join against on against.tag = tag.key group by tag.file)
    select newest.file, newest, met, against from newest left join met on met.file = newest.file
"""


def _of_pack(found: dict[str, t.Any] | None) -> list[str]:
    """Return how new a pack's newest entry is, how many of its tags were met and how many of them are contradicted."""
    if found is None:
        return ["", "", ""]
    newest = f"{found['newest']:%Y-%m-%d}" if found["newest"] else ""
    return [newest, f"{found['met'] or 0:,}", f"{found['against'] or 0:,}"]


@command.command("export")
def export(
    folder: Folder,
    out: t.Annotated[Path, typer.Option(metavar="FILE", help="Where to write the TagPack.", show_default=False)],
    with_private: t.Annotated[bool, typer.Option(help="The tags of private packs, too.")] = False,
    as_json: Json = False,
) -> None:
    """Write the case's own attributions as a TagPack (YAML), for other units; tags marked private are left out."""
    case = opened(folder)
    if out.exists():
        raise UsageError(f"{out} exists. Give a new file.")
    made = tagpack(case, with_private=with_private)
    try:
        digest = durable.write(out, made.text.encode())
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}") from None
    about: dict[str, t.Any] = {"what": "tagpack", "sha256": digest, "tags": made.tags}
    case.custody.append("exported", about)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("tags export", file=str(out), sha256=digest, tags=made.tags, left_out=made.left_out)
        return
    private = f"; {made.left_out:,} of private packs left out" if made.left_out else ""
    output.emit(f"{made.tags:,} tags in {output.clean(str(out))}{private}. SHA-256 {digest}")


def _facts(one: t.Any) -> dict[str, t.Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
