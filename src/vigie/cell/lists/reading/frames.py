"""vPDQ frame hashes of one video, in both text forms.

Lines ``frame,quality,hex,timestamp`` as the vpdq tool writes them, and the JSON list of
``"hex,quality,timestamp"`` of python-threatexchange, which has no frame numbers: the position counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from vigie.cell.lists.reading.entries import digest
from vigie.rows.wire import Entry, Frame

MOST_FRAMES = 200_000
"""Of one video: 55 hours at one hash a second."""
FRAMES_AN_ENTRY = 10_000
"""What one ``Entry`` carries: 75 bytes each must stay under ``wire.MOST_REPLY_BYTES``."""


def frame_of(number: str | int, quality: str, hexed: str, at_s: str) -> Frame | str:
    """Return the frame, or what does not fit."""
    value = digest(hexed.strip(), 32)
    if value is None:
        return f"the hash is not 64 hex digits: {hexed[:80]!r}"
    try:
        frame, level, seconds = int(number), int(quality), float(at_s)
    except ValueError:
        return "frame, quality or time is no number"
    if not 0 <= frame < 1 << 31 or not 0 <= level <= 100:
        return "frame or quality is out of range"
    if not math.isfinite(seconds) or not 0 <= seconds < 1e9:
        return "the time is out of range"
    return Frame(frame=frame, at_s=seconds, quality=level, value=value)


def from_line(line: str) -> Frame | str:
    """Read ``frame,quality,hex,timestamp``."""
    fields = line.split(",")
    if len(fields) != 4:
        return f"{len(fields)} fields, not frame,quality,hex,timestamp"
    return frame_of(*fields)


def from_item(position: int, item: object) -> Frame | str:
    """Read ``"hex,quality,timestamp"`` at this position of a JSON list."""
    fields = item.split(",") if isinstance(item, str) else []
    if len(fields) != 3:
        return 'not "hex,quality,timestamp"'
    return frame_of(position, fields[1], fields[0], fields[2])


def video_entries(
    number: int, frames: list[Frame], *, entry: str = "", category: str = "", withdrawn: bool = False
) -> Iterator[Entry]:
    """Yield the video as one entry, or as several of the same number where its frames exceed one message."""
    for start in range(0, len(frames), FRAMES_AN_ENTRY):
        part = frames[start : start + FRAMES_AN_ENTRY]
        yield Entry(number=number, entry=entry, frames=part, category=category, withdrawn=withdrawn)
