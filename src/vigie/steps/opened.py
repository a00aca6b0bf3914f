"""The bytes of files, wherever they lie: what steps that read contents share."""

from collections.abc import Iterator

from vigie.kernel import segments
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File
from vigie.rows.evidence import Original
from vigie.rows.wire import Bounds


def opened(
    files: Table[File], originals: Table[Original], evidence: Evidence, *, bounds: Bounds, pace: Pace
) -> Iterator[tuple[File, Blob | Lost]]:
    """Give the bytes of each file in turn, and close them again."""
    rows = files.rows()
    keys = ", ".join(sorted({f"unhex('{one.original.hex()}')" for one in rows if one.depth}))
    containers = query(Original, f"select * from o where key in ({keys})", o=originals).rows() if keys else []
    rest = segments.of(evidence, containers, originals)
    for file, blob in evidence.open(rows, {one.key: one for one in containers}, rest, bounds=bounds, pace=pace):
        try:
            yield file, blob
        finally:
            if isinstance(blob, Blob):
                blob.close()
