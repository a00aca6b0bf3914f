"""Every file, at any depth: those of folders as they lie, those of containers as they are walked."""

import datetime as dt
from collections.abc import Iterator

from vigie.kernel import segments
from vigie.kernel.blob import differs
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.kernel.walked import expand
from vigie.rows import locator
from vigie.rows.artefacts import File, Tally
from vigie.rows.content_types import EMPTY, UNKNOWN, expandable, kind_of, may_hold_pictures, unsupported
from vigie.rows.evidence import Original
from vigie.rows.problems import Problem
from vigie.rows.wire import Bounds, Data, Failed, Member, Tallied, Trouble

PART_ROWS = 2_000
GONE = ("missing", "unreadable", "changed")
"""Why a container as a whole gave nothing, or nothing to rely on: counts as an input without a row."""
PROMISING = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"),
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".3gp", ".mpg", ".mpeg"),
    *(".zip", ".rar", ".7z", ".tar", ".tgz", ".e01", ".vmdk", ".qcow2", ".vhd", ".vhdx"),
)
"""Names that promise what vigie reads: bytes that are nothing it knows deserve a word then."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Files(Params, frozen=True):
    """Settings. The bounds on unfolding are ``rows.wire.Bounds``; the slowest reader measured gives 51 MB/s."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


@stage(split="key", unit="original", plan="select * from originals order by item, path")
def files(
    originals: Table[Original], everything: Table[Original], evidence: Evidence, params: Files
) -> Iterator[Unit[File | Tally | Problem]]:
    """List every file of every original; containers are opened to the bounds, and what cannot be read is a Problem."""
    rows = originals.rows()
    containers = [one for one in rows if expandable(one.content_type)]
    rest = segments.of(evidence, containers, everything)
    later = segments.later(evidence, containers, everything)
    for one in rows:
        file = _file(evidence, one)
        if expandable(one.content_type) and one.key not in later:
            yield from _inside(evidence, one, file, rest[one.key], params)
        else:
            yield Unit(key=one.key, rows=[file, *_remarks(one, file.locator)])


def _inside(
    evidence: Evidence, one: Original, file: File, rest: list[Original], params: Files
) -> Iterator[Unit[File | Tally | Problem]]:
    top = evidence.place(one.item, one.path)
    containers: dict[int | None, str] = {None: file.locator}
    rows: list[File | Tally | Problem] = [file]
    members = 0
    for reply in _walked(evidence, one, rest, params):
        if isinstance(reply, Member):
            member = _member(one, top, reply, containers)
            rows.append(member)
            rows.extend(_remarks_on_member(one, member))
            if member.kind == "container":
                containers[reply.number] = member.locator
            members += 1
        elif isinstance(reply, Tallied):
            rows.extend(_tally(one, locator.join(*top, *reply.steps), reply))
        elif isinstance(reply, Trouble | Failed):
            steps = reply.steps if isinstance(reply, Trouble) else []
            # a container of which nothing came is a loss, whatever stopped its reader
            counts = reply.counts if isinstance(reply, Trouble) else reply.code in GONE or not members
            rows.append(_problem(one, locator.join(*top, *steps), reply.code, reply.detail, counts=counts))
        if len(rows) >= PART_ROWS:
            yield Unit(key=one.key, rows=rows, last=False)
            rows = []
    yield Unit(key=one.key, rows=rows)


def _walked(
    evidence: Evidence, one: Original, rest: list[Original], params: Files
) -> Iterator[Member | Data | Tallied | Trouble | Failed]:
    """Walk a container if its parts are what was taken in; say so if they were no longer so at the end."""
    try:
        if changed := _changed(evidence, (one, *rest)):
            yield Failed(code="changed", detail=changed)
            return
        yield from expand(evidence, one, rest, bounds=params.bounds, pace=params.pace)
        if changed := _changed(evidence, (one, *rest)):
            yield Failed(code="changed", detail=f"while it was read: {changed}")
    except FileNotFoundError:
        yield Failed(code="missing")
    except OSError as error:
        yield Failed(code="unreadable", detail=error.strerror or "")


def _changed(evidence: Evidence, parts: tuple[Original, ...]) -> str:
    for one in parts:
        if found := differs(evidence.path(one.item, one.path), one.size_bytes, one.modified, one.sha256):
            return found
    return ""


def _file(evidence: Evidence, one: Original) -> File:
    place = locator.join(*evidence.place(one.item, one.path))
    return File.make(
        locator=place,
        item=one.item,
        original=one.key,
        container="",
        name=(one.path or place).rsplit("/", 1)[-1],
        depth=0,
        size_bytes=one.size_bytes,
        md5=one.md5,
        sha1=one.sha1,
        sha256=one.sha256,
        content_type=one.content_type,
        kind=kind_of(one.content_type),
        origin="allocated",
        modified=one.modified,
        accessed=one.accessed,
        changed=one.changed,
        created=None,
        times_from="posix",
    )


def _member(one: Original, top: tuple[bytes, ...], reply: Member, containers: dict[int | None, str]) -> File:
    last = locator.show(reply.steps[-1])
    return File.make(
        locator=locator.join(*top, *reply.steps),
        item=one.item,
        original=one.key,
        container=containers.get(reply.inside, containers[None]),
        name=last.rsplit("/", 1)[-1],
        depth=reply.containers + 1,
        size_bytes=reply.size_bytes,
        md5=reply.md5,
        sha1=reply.sha1,
        sha256=reply.sha256,
        content_type=reply.content_type,
        kind=kind_of(reply.content_type),
        origin=reply.origin,
        modified=_time(reply.modified),
        accessed=_time(reply.accessed),
        changed=_time(reply.changed),
        created=_time(reply.created),
        times_from=reply.times_from,
    )


def _tally(one: Original, place: str, reply: Tallied) -> Iterator[Tally | Problem]:
    yield Tally.make(container=place, item=one.item, original=one.key, by=reply.by, said=reply.said, met=reply.met)
    if reply.said != reply.met:
        detail = f"{reply.by}: {reply.said:,} entries; met: {reply.met:,}"
        yield _problem(one, place, "count_differs", detail, counts=False)


def _time(micros: int | None) -> dt.datetime | None:
    return None if micros is None else EPOCH + dt.timedelta(microseconds=micros)


def _remarks(one: Original, place: str) -> list[Problem]:
    if one.content_type == EMPTY:
        return [_problem(one, place, "empty", "", counts=False)]
    if advice := unsupported(one.content_type):
        return [_problem(one, place, "unsupported", advice, counts=False)]
    return _unsearched(one, place, one.content_type)


def _remarks_on_member(one: Original, member: File) -> list[Problem]:
    if member.content_type == EMPTY:
        return [_problem(one, member.locator, "empty", "", counts=False)]
    return _unsearched(one, member.locator, member.content_type)  # of containers the walk itself has spoken


def _unsearched(one: Original, place: str, content_type: str) -> list[Problem]:
    if what := may_hold_pictures(content_type):
        return [_problem(one, place, "not_searched", what, counts=False)]
    if content_type == UNKNOWN and place.lower().endswith(PROMISING):
        return [_problem(one, place, "unrecognised", "", counts=False)]
    return []


def _problem(one: Original, subject: str, code: str, detail: str, *, counts: bool) -> Problem:
    return Problem.make(stage="files", subject=subject, code=code, detail=detail, counts=counts, unit=one.key)
