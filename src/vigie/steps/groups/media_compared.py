"""Candidates laid over each other: the second check, by geometry, of what parts of two stills say."""

import contextlib
import typing as t
from collections.abc import Iterator

from vigie.kernel import segments
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Count, Params, Share, Unit, stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File
from vigie.rows.evidence import Original
from vigie.rows.fingerprints import box_of
from vigie.rows.groups import Candidate, Compared
from vigie.rows.problems import Problem
from vigie.rows.wire import Bounds, Box, Compare, Failed, Laid

Found: t.TypeAlias = Compared | Problem


class Comparing(Params, frozen=True):
    """Settings. What the thresholds find, and how often they err on unrelated pairs: docs/matching.md 8."""

    least_inliers: Count = 12
    """So many features must agree on one way to lay one over the other ..."""
    least_agreement: Share = 0.6
    """... so much of what is common and has structure must look alike then ..."""
    least_structure: Share = 0.4
    least_agreement_plain: Share = 0.8
    """(this much where less of the frames has structure: two pages may have one frame round different pictures) ..."""
    least_overlap: Share = 0.3
    """... and so much of the one that is shown more of must be common."""
    least_framed: Share = 0.75
    """Or so much looks alike where simply their frames are laid over each other."""
    most_pixels: Count = 100_000_000
    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=20, wall_s_per_mb=2.0, most_wall_s=1800, memory_mb=2048, output_mb=1)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


@stage(split="key", unit="candidate", plan="select * from candidates order by a, b")
def compared(
    candidates: Table[Candidate],
    files: Table[File],
    originals: Table[Original],
    evidence: Evidence,
    params: Comparing,
) -> Iterator[Unit[Compared | Problem]]:
    """Read both stills of each candidate and lay one over the other."""
    rows = candidates.rows()
    with contextlib.ExitStack() as held:
        opened = _opened(rows, files, originals, evidence, params, held)
        for one in rows:
            yield Unit(key=one.key, rows=[_compared(one, opened, evidence, params)])


def _opened(
    rows: list[Candidate],
    files: Table[File],
    originals: Table[Original],
    evidence: Evidence,
    params: Comparing,
    held: contextlib.ExitStack,
) -> dict[bytes, tuple[File, Blob | Lost]]:
    """Open each content of these pairs once, where it lies least deep; closed with ``held``.

    A shard has at most 64 pairs, and few bytes beyond 64 MB (``kernel/engine.py``): bounds what is open.
    """
    named = ", ".join(sorted({f"unhex('{digest.hex()}')" for one in rows for digest in (one.a, one.b)}))
    wanted = query(
        File,
        f"""
        select * from f where kind = 'image' and sha256 in ({named})
        qualify row_number() over (partition by sha256 order by depth, locator) = 1
        order by depth > 0, original, locator
        """,
        f=files,
    ).rows()
    keys = ", ".join(sorted({f"unhex('{one.original.hex()}')" for one in wanted if one.depth}))
    containers = query(Original, f"select * from o where key in ({keys})", o=originals).rows() if keys else []
    rest = segments.of(evidence, containers, originals)
    out = {}
    around = {one.key: one for one in containers}
    for file, blob in evidence.open(wanted, around, rest, bounds=params.bounds, pace=params.opening):
        if isinstance(blob, Blob):
            held.callback(blob.close)
        out[file.sha256] = (file, blob)
    return out


def _compared(
    one: Candidate, opened: dict[bytes, tuple[File, Blob | Lost]], evidence: Evidence, params: Comparing
) -> Found:
    blobs, types = [], []
    for digest in (one.a, one.b):
        file, blob = opened[digest]
        if isinstance(blob, Lost):
            return _problem(one, file, blob.code, blob.detail)
        blobs.append(blob)
        types.append(file.content_type)
    file, _ = opened[one.a]
    before = [blob.state() for blob in blobs]
    ask = Compare(
        content_types=(types[0], types[1]),
        parts=(_box(one.part_a), _box(one.part_b)),
        most_pixels=params.most_pixels,
    )
    row: Found | None = None
    limits = params.pace.limits(one.size_bytes)
    for reply in evidence.ask(ask, [blob.fd for blob in blobs], limits=limits):
        if isinstance(reply, Laid):
            row = _row(one, reply, params)
        elif isinstance(reply, Failed) and row is None:
            row = _problem(one, file, reply.code, reply.detail)
    if [blob.state() for blob in blobs] != before:
        return _problem(one, file, "changed", "while it was read")
    return row or _problem(one, file, "protocol", "the reader ended without a word on this pair")


def _row(one: Candidate, laid: Laid, params: Comparing) -> Compared:
    whose = "a" if one.part_a else "b" if one.part_b else ""
    return Compared.make(
        candidate=one.key,
        a=one.a,
        b=one.b,
        verdict=_verdict(laid, params),
        variant=one.part_a or one.part_b,
        variant_of=whose,
        tried=laid.tried,
        inliers=laid.inliers,
        agreement=laid.agreement,
        framed=laid.framed,
        structure=laid.structure,
        overlap_a=laid.overlap_a,
        overlap_b=laid.overlap_b,
        scale=laid.scale,
        degrees=laid.degrees,
        shift_x=laid.shift_x,
        shift_y=laid.shift_y,
    )


def _verdict(laid: Laid, params: Comparing) -> str:
    common = max(laid.overlap_a, laid.overlap_b) >= params.least_overlap
    plain = laid.structure < params.least_structure
    least = params.least_agreement_plain if plain else params.least_agreement
    if common and laid.inliers >= params.least_inliers and laid.agreement >= least:
        return "same"
    if laid.framed >= max(least, params.least_framed):
        return "same"
    return "unproved" if laid.features >= params.least_inliers else "no_features"


def _box(part: str) -> Box | None:
    if not part:
        return None
    left, top, width, height = box_of(part)
    return Box(left=left, top=top, width=width, height=height)


def _problem(one: Candidate, file: File, code: str, detail: str) -> Problem:
    other = (one.b if file.sha256 == one.a else one.a).hex()
    return Problem.make(
        stage="compared",
        subject=file.locator,
        code=code,
        detail=f"compared with SHA-256 {other}: {detail}".removesuffix(": "),
        counts=False,
        unit=one.key,
    )
