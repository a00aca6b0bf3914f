"""Which tables a database dump holds, and how many rows of each: nothing of it is unknown to the case."""

from collections.abc import Iterator

from vigie.kernel.blob import Blob, Lost
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows.artefacts import BundleFile, Field, File, Relation
from vigie.rows.content_types import DATABASES
from vigie.rows.evidence import Original
from vigie.rows.problems import Problem
from vigie.rows.wire import Bounds, Failed, Survey, Surveyed, Trouble
from vigie.steps.opened import opened
from vigie.steps.surveyed import rows_of


class Relations(Params, frozen=True):
    """Settings. A dump of long statements is read at 100 MB/s and more, one of the shortest there are at 1."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=3.0, most_wall_s=1e6, memory_mb=1024)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


@stage(
    split="sha256",
    unit="content",
    together="original",
    soon=True,
    plan="""
    select * from files where kind = 'database' and sha256 not in (select sha256 from bundlefiles)
    qualify row_number() over (partition by sha256 order by depth, locator) = 1
    order by depth > 0, original, locator
    """,
)
def relations(
    files: Table[File],
    bundlefiles: Table[BundleFile],  # noqa: ARG001 - the plan leaves out what is part of a dump in several files
    originals: Table[Original],
    evidence: Evidence,
    params: Relations,
) -> Iterator[Unit[Relation | Field | Problem]]:
    """List the tables of each dump in one file, parsed and never executed; what is odd in it is a Problem."""
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        yield Unit(key=file.sha256, rows=list(_read(file, blob, evidence, params.pace)))


def _read(file: File, blob: Blob | Lost, evidence: Evidence, pace: Pace) -> Iterator[Relation | Field | Problem]:
    if isinstance(blob, Lost):
        yield _problem(file, blob.code, blob.detail, counts=True)
        return
    before, met = blob.state(), 0
    for reply in evidence.ask(Survey(content_type=file.content_type), [blob.fd], limits=pace.limits(blob.size_bytes)):
        if isinstance(reply, Surveyed):
            yield from rows_of(reply, file.sha256, DATABASES[file.content_type], extent=reply.extent)
            met += 1
        elif isinstance(reply, Trouble | Failed):
            yield _problem(file, reply.code, reply.detail, counts=isinstance(reply, Failed) and not met)
    if blob.state() != before:
        yield _problem(file, "changed", "while it was read", counts=False)


def _problem(file: File, code: str, detail: str, *, counts: bool) -> Problem:
    return Problem.make(
        stage="relations", subject=file.locator, code=code, detail=detail, counts=counts, unit=file.sha256
    )
