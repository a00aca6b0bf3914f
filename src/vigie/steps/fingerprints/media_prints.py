"""Fingerprints of media: each content is decoded once and every hash is taken from that.

Stills and the key frames of videos first, since they cost least and decide most; then all reference frames of
those videos that neither a listed digest nor their key frames have decided.
"""

import struct
import typing as t
from collections.abc import Iterator

from vigie.kernel.blob import Blob, Lost
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Count, Params, Seconds, Unit, stage
from vigie.kernel.table import Table
from vigie.rows.artefacts import File, Media
from vigie.rows.evidence import Original
from vigie.rows.fingerprints import DensePrint, Fingerprint, Regions, Variants
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.rows.problems import Problem
from vigie.rows.wire import KEY_APART_S, Bounds, Decode, Facts, Failed, Parts, Print, Trouble, Varied, Watch
from vigie.steps.opened import opened

ONE_FILE_EACH = """
    qualify row_number() over (partition by sha256 order by depth, locator) = 1
    order by kind = 'video', depth > 0, original, locator
"""
"""Each content is read where it lies least deep. Stills of the whole case come before videos, for they cost least and
decide most; of each, files of one container come together, so a container that holds both is walked twice."""

Found: t.TypeAlias = Media | Fingerprint | DensePrint | Variants | Regions | Problem


class Reading(Params, frozen=True):
    """Settings of both. Times and sizes: engine.md 1.4; 100 Mpx is the largest medium-format sensor on sale."""

    most_pixels: Count = 100_000_000
    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=20, wall_s_per_mb=2.0, most_wall_s=1800, memory_mb=2048, output_mb=16)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


class Prints(Reading, frozen=True):
    """Settings."""

    key_apart_s: Seconds = KEY_APART_S
    """Of the key frames of a video, the first in each so many seconds (or sixteenth of a short one) is decoded; 0: all.
    Measured: docs/matching.md 3."""


class Dense(Reading, frozen=True):
    """Settings. ``videos``: ``undecided`` (by no listed digest, nor by ``triage``), ``all`` or ``none``."""

    videos: t.Literal["undecided", "all", "none"] = "undecided"
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=10.0, most_wall_s=7200, memory_mb=2048, output_mb=64)


@stage(
    split="sha256",
    unit="content",
    together="original",
    plan=f"select * from files where kind in ('image', 'video') {ONE_FILE_EACH}",
)
def prints(
    files: Table[File], originals: Table[Original], evidence: Evidence, params: Prints
) -> Iterator[Unit[Media | Fingerprint | Variants | Regions | Problem]]:
    """PDQ of every still, whole, varied and in parts, and of key frames of every video; what they say of themselves."""
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        ask = _ask_first(file, params)
        yield Unit(key=file.sha256, rows=_read(file, blob, evidence, params, ask, "prints"))


@stage(
    split="sha256",
    unit="content",
    together="original",
    plan=f"""
    select * from files
    where kind = 'video' and sha256 in (select content from media)
    and ('$videos' = 'all' or '$videos' = 'undecided' and sha256 not in (select content from decided)
        and not exists (
        select 1 from known where known.meaning = 'listed' and not known.withdrawn
        and known.key not in (select known from taken_back) and (
            algorithm = 'sha256' and value = files.sha256 or algorithm = 'sha1' and value = files.sha1
            or algorithm = 'md5' and value = files.md5)))
    {ONE_FILE_EACH}
    """,
)
def dense(
    files: Table[File],
    originals: Table[Original],
    known: Table[Known],
    taken_back: Table[Withdrawn],
    media: Table[Media],
    decided: Table[Decided],
    evidence: Evidence,
    params: Dense,
) -> Iterator[Unit[DensePrint | Problem]]:
    """PDQ of all frames that others refer to, for videos that neither a digest nor key frames have decided."""
    del known, taken_back, media, decided  # the plan reads them
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        ask = Watch(content_type=file.content_type, sampling="dense", most_pixels=params.most_pixels)
        found = _read(file, blob, evidence, params, ask, "dense")
        rows = [row for row in found if isinstance(row, DensePrint | Problem)]
        yield Unit(key=file.sha256, rows=rows)


def _read(
    file: File, blob: Blob | Lost, evidence: Evidence, params: Reading, ask: Decode | Watch, step: str
) -> list[Found]:
    def problem(code: str, detail: str, *, counts: bool) -> Problem:
        return Problem.make(stage=step, subject=file.locator, code=code, detail=detail, counts=counts, unit=file.sha256)

    if isinstance(blob, Lost):
        return [problem(blob.code, blob.detail, counts=True)]
    rows: list[Found] = []
    before = blob.state()
    for reply in evidence.ask(ask, [blob.fd], limits=params.pace.limits(blob.size_bytes)):
        if isinstance(reply, Facts):
            rows.append(_media(file, reply))
        elif isinstance(reply, Print):
            rows.append(fingerprint(file.sha256, reply, DensePrint if step == "dense" else Fingerprint))
        elif isinstance(reply, Varied | Parts):
            rows.append(_variants(file, reply) if isinstance(reply, Varied) else _regions(file, reply))
        elif isinstance(reply, Trouble):
            rows.append(problem(reply.code, reply.detail, counts=False))
        elif isinstance(reply, Failed):
            rows.append(problem(reply.code, reply.detail, counts=not rows))
    if blob.state() != before:
        return [problem("changed", "while it was read", counts=True)]
    return rows


def _ask_first(file: File, params: Prints) -> Decode | Watch:
    if file.kind == "image":
        return Decode(content_type=file.content_type, most_pixels=params.most_pixels)
    return Watch(content_type=file.content_type, key_apart_s=params.key_apart_s, most_pixels=params.most_pixels)


def _media(file: File, facts: Facts) -> Media:
    given = {name: getattr(facts, name) for name in facts.__struct_fields__}
    return Media.make(content=file.sha256, **given)


def fingerprint(content: bytes, found: Print, row: type[Fingerprint]) -> Fingerprint:
    """Return the row of one hash of this content."""
    given = {name: getattr(found, name) for name in found.__struct_fields__}
    inner = found.trimmed
    given["trimmed"] = bytes((inner.quality, min(inner.weak, 255))) + inner.value if inner else b""
    return row.make(content=content, **given)


def _variants(file: File, found: Varied) -> Variants:
    packed = (bytes((one.number, one.quality, min(one.weak, 255))) + one.value for one in found.variants)
    return Variants.make(content=file.sha256, prints=b"".join(packed))


def _regions(file: File, found: Parts) -> Regions:
    packed = (
        struct.pack(">4H3B", *(b.left, b.top, b.width, b.height), one.tile, one.quality, min(one.weak, 255)) + one.value
        for one in found.regions
        for b in (one.box,)
    )
    return Regions.make(content=file.sha256, prints=b"".join(packed))
