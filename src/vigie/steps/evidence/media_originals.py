"""Digests and type of each file as it lies on the examiner's disk."""

import os
from collections.abc import Iterator

from vigie.kernel.blob import open_original
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.evidence import Found, Original
from vigie.rows.problems import Problem
from vigie.rows.wire import Failed, Seen, Trouble


class Originals(Params, frozen=True):
    """Settings. Digesting runs at some 380 MB/s a core (evidence.md 1.4), so 20 ms/MB is ample."""

    pace: Pace = Pace(wall_s=60, wall_s_per_mb=0.02, most_wall_s=1e6, memory_mb=512, output_mb=4)


@stage(split="key", unit="found", plan="select * from found order by item, path")
def originals(found: Table[Found], evidence: Evidence, params: Originals) -> Iterator[Unit[Original | Problem]]:
    """Read every listed file once: MD5, SHA-1, SHA-256, size, content type by content."""
    fds: list[int] = []
    rows: list[Found] = []
    try:
        for one in found:
            try:
                fds.append(open_original(evidence.path(one.item, one.path)))
                rows.append(one)
            except FileNotFoundError:
                yield Unit(key=one.key, rows=[_problem(evidence, one, "missing", "")])
            except OSError as error:
                yield Unit(key=one.key, rows=[_problem(evidence, one, "unreadable", error.strerror or "")])
        limits = params.pace.limits(sum(one.size_bytes for one in rows))
        seen = evidence.look(fds, limits)
    finally:
        for fd in fds:
            os.close(fd)
    for index, one in enumerate(rows):
        yield Unit(key=one.key, rows=_row(evidence, one, seen[index]))


def _row(evidence: Evidence, one: Found, seen: Seen | Trouble | Failed) -> list[Original | Problem]:
    if not isinstance(seen, Seen):
        return [_problem(evidence, one, seen.code, seen.detail)]
    row = Original.make(
        found=one.key,
        item=one.item,
        path=one.path,
        size_bytes=seen.size_bytes,
        md5=seen.md5,
        sha1=seen.sha1,
        sha256=seen.sha256,
        content_type=seen.content_type,
        modified=one.modified,
        accessed=one.accessed,
        changed=one.changed,
    )
    if seen.size_bytes == one.size_bytes:
        return [row]
    return [
        row,
        _problem(
            evidence, one, "changed", f"was {one.size_bytes} bytes when listed, is {seen.size_bytes}", counts=False
        ),
    ]


def _problem(evidence: Evidence, one: Found, code: str, detail: str, *, counts: bool = True) -> Problem:
    subject = locator.join(*evidence.place(one.item, one.path))
    return Problem.make(stage="originals", subject=subject, code=code, detail=detail, counts=counts, unit=one.key)
