"""The hash of a video frame without the bars that stand at the edges of its film."""

from __future__ import annotations

import typing as t

from vigie.cell.media.luma import Hasher, has_luma, luma_of
from vigie.numeric.bars import Bars, Inside
from vigie.rows.wire import Trimmed

if t.TYPE_CHECKING:
    import av

    from vigie.numeric.pdq_operator import Hash

LOOK_S: t.Final = 1.0
"""So far apart frames are looked at for bars, and each of the first ``LOOK_FIRST``."""
LOOK_FIRST: t.Final = 16
MOST_LOOKS: t.Final = 10_000
"""Nearly three hours; a film whose time stamps leap would have each frame looked at."""


class Trimmer:
    """Learns the bars of one film from its frames, and hashes what is between them as far as it knows them by then."""

    def __init__(self) -> None:
        self._shape = 0, 0
        self._bars = Bars(0, 0)
        self._hasher = Hasher()
        self._looked, self._last_s = 0, 0.0
        self._hashed: dict[int, tuple[Inside, Hash]] = {}

    def look(self, frame: av.VideoFrame, at_s: float) -> None:
        """Look at the edges of a frame, where the last look is long enough ago."""
        soon = self._looked >= LOOK_FIRST and abs(at_s - self._last_s) < LOOK_S
        if soon or self._looked >= MOST_LOOKS:
            return
        luma = luma_of(frame)
        if luma is None:
            return
        if luma.plane.shape != self._shape:
            self._shape = luma.plane.shape
            self._bars = Bars(*self._shape)
        self._bars.look(luma.plane)
        self._looked += 1
        self._last_s = at_s

    def hash(self, number: int, frame: av.VideoFrame) -> None:
        """Hash what is between the bars, if there are any; ``number``: by which it is asked for again."""
        inside = self._bars.inside()
        if inside and (frame.height, frame.width) == self._shape and has_luma(frame):
            self._hashed[number] = inside, self._hasher.hash(frame, inside)

    def of(self, number: int) -> Trimmed | None:
        """Return the hash, now that all frames were seen: None where the bars turned out to be others, or none."""
        inside, (by_then, hashed) = self._bars.inside(), self._hashed.get(number, (None, None))
        if inside is None or by_then is None or hashed is None or not self._bars.alike(inside, by_then):
            return None
        return Trimmed(value=hashed.value, quality=hashed.quality, weak=hashed.weak)
