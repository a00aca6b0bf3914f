"""Room 3, fingerprints: short descriptions by which content is recognised again."""

import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Bits256, Examples, Of, Row, Sha256

HASHES = tuple(bytes([i]) + bytes(31) for i in (0, 1, 3, 255)) + tuple(bytes([i]) * 32 for i in (15, 85))
"""A few 256-bit hashes, some near each other."""


class Fingerprint(Row, frozen=True, kw_only=True):
    """One PDQ hash of a still, or of one frame of a video."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "algorithm", "sampling", "frame")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    algorithm: t.Annotated[str, Examples(("pdq", "vpdq"))]
    """``pdq``: a still, RGB exact. ``vpdq``: a video frame, luma plane."""
    frame: int
    """Number of the frame in presentation order among the frames decoded in this mode; 0 for a still."""
    at_s: float
    """Time stamp of the frame, in seconds from the start of the stream; 0 for a still."""
    value: t.Annotated[Bits256, Examples(HASHES)]
    quality: t.Annotated[int, Examples((100, 80, 30))]
    """PDQ quality 0-100; below 50 the hash is not used for matching."""
    weak: int
    """How many of the 256 coefficients lie within 0.05 of the median: about 1 for photographs, 256 for flat fields."""
    sampling: t.Annotated[str, Examples(("still", "key", "dense"))]
