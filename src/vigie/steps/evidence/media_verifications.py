"""What disk images say of their own integrity, checked when they are taken in."""

from collections.abc import Iterator

from vigie.kernel import segments
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.evidence import Original, Verdict, Verification
from vigie.rows.problems import Problem
from vigie.rows.segments import CONTINUES
from vigie.rows.wire import Failed, Integrity, Verify


class Verifications(Params, frozen=True):
    """Settings. Reading deflated E01 runs at 57 to 800 MB/s (evidence.md 1.4): 100 ms/MB is ample."""

    pace: Pace = Pace(wall_s=60, wall_s_per_mb=0.1, most_wall_s=1e6, memory_mb=2048, output_mb=1)


@stage(
    split="key",
    unit="original",
    plan=f"""
    select * from originals
    where content_type in ('application/x-ewf', 'application/x-ewf2') and not regexp_matches(path, '{CONTINUES}')
    order by item, path
    """,
)
def verifications(
    originals: Table[Original], everything: Table[Original], evidence: Evidence, params: Verifications
) -> Iterator[Unit[Verification | Problem]]:
    """Read each image that stores digests or checksums of its content whole, and compare."""
    images = originals.rows()
    rest = segments.of(evidence, images, everything)
    for one in images:
        yield Unit(key=one.key, rows=[_verified(evidence, one, rest[one.key], params.pace)])


def _verified(evidence: Evidence, one: Original, rest: list[Original], pace: Pace) -> Verification | Problem:
    paths = [evidence.path(part.item, part.path) for part in (one, *rest)]
    limits = pace.limits(one.size_bytes + sum(part.size_bytes for part in rest))
    end = Failed(code="protocol", detail="the reader gave no digests")
    ask = Verify(content_type=one.content_type, paths=paths)
    try:
        with evidence.opened(paths) as (fds, readable):
            for reply in evidence.ask(ask, fds, limits=limits, readable=readable):
                if isinstance(reply, Integrity):
                    return _row(one, reply)
                if isinstance(reply, Failed):
                    end = reply
    except FileNotFoundError:
        end = Failed(code="missing")
    except OSError as error:
        end = Failed(code="unreadable", detail=error.strerror or "")
    subject = locator.join(*evidence.place(one.item, one.path))
    return Problem.make(
        stage="verifications", subject=subject, code=end.code, detail=end.detail, counts=False, unit=one.key
    )


def _row(one: Original, found: Integrity) -> Verification:
    pairs = [(found.stored_md5, found.computed_md5), (found.stored_sha1, found.computed_sha1)]
    stored = [(a.lower(), b.lower()) for a, b in pairs if a]
    verdict: Verdict = "verified" if stored else "no_stored_hash"
    if any(a != b for a, b in stored):
        verdict = "mismatch"
    elif found.damaged:
        verdict = "damaged"
    return Verification.make(
        original=one.key,
        verdict=verdict,
        segments=found.segments,
        media_bytes=found.media_bytes,
        stored_md5=found.stored_md5,
        stored_sha1=found.stored_sha1,
        computed_md5=found.computed_md5,
        computed_sha1=found.computed_sha1,
        computed_sha256=found.computed_sha256,
        damaged=found.damaged,
        damage=found.damage,
    )
