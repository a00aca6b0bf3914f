"""From one record of a list, as the cell read it, to the rows of the index."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.rows import wire
from vigie.rows.matches import Known

DIGESTS = ("md5", "sha1", "sha256", "pdq")


def known_rows(list_key: bytes, meaning: str, reply: wire.Entry) -> Iterator[Known]:
    """Yield one row for each digest and PDQ hash of the entry, and one for each frame of a listed video.

    ``list_key``: key of the ``HashList``. An entry that the list does not name goes by its number. ``quality`` is
    the list's word on the PDQ hash or frame (0-100), and 100 for digests, which have none.
    """
    shared = {
        "list": list_key,
        "number": reply.number,
        "entry": reply.entry or str(reply.number),
        "meaning": meaning,
        "category": reply.category,
        "series": reply.series,
        "withdrawn": reply.withdrawn,
    }
    for algorithm in DIGESTS:
        value: bytes | None = getattr(reply, algorithm)
        if value is not None:
            quality = reply.quality if algorithm == "pdq" else 100
            yield Known.make(**shared, algorithm=algorithm, value=value, quality=quality, frame=0, at_s=0.0)
    for frame in reply.frames:
        yield Known.make(
            **shared, algorithm="vpdq", value=frame.value, quality=frame.quality, frame=frame.frame, at_s=frame.at_s
        )
