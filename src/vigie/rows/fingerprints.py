"""Room 3, fingerprints: short descriptions by which content is recognised again."""

import itertools
import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Bits256, Examples, Of, Row, Sha256

HASHES = tuple(bytes([i]) + bytes(31) for i in (0, 1, 3, 255)) + tuple(bytes([i]) * 32 for i in (15, 85))
"""A few 256-bit hashes, some near each other."""

_TWO = b"".join(bytes([i, 80, 2]) + HASHES[i % 3] for i in (0, 7, 15, 26))
TURNED = ("mirrored", "turned 180", "upside down", "transposed", "turned 90", "transversed", "turned 270")
"""The eight orientations but the one it is stored in; turns are clockwise."""
TRIMMED = ("trimmed", *(f"trimmed {name}" for name in TURNED))
"""Without its border."""
EDITED = (
    *("pad1.2", "pad2.5", "pad4"),
    *("tilt-5", "tilt-4", "tilt-3.2", "tilt-2.5", "tilt-1.8", "tilt-1.2"),
    *("tilt+1.2", "tilt+1.8", "tilt+2.5", "tilt+3.2", "tilt+4", "tilt+5"),
)
"""Padded by its own reflection, per cent a side; turned by so many degrees clockwise."""
_SIDES = ("top", "left", "bottom", "right")
_OPPOSITE = {("top", "bottom"): "high", ("left", "right"): "wide"}
_TWO_SIDES = tuple(itertools.product(("2.4", "4.6", "6.8", "9"), repeat=2))
CROPS = (
    *("crop1.25", "crop2.5", "crop3.75", "crop5", "crop6.25", "crop7.5", "crop8.75", "crop10", "crop11.25", "crop12.5"),
    *(f"{side}{share}" for share in ("2.5", "5", "7.5", "10", "12.5") for side in _SIDES),
    *("high0.6", "wide0.6", "high11.2", "wide11.2"),
    *(
        f"{_OPPOSITE[one, other]}{a}" if a == b and (one, other) in _OPPOSITE else f"{one}{a}{other}{b}"
        for one, other in itertools.combinations(_SIDES, 2)
        for a, b in _TWO_SIDES
    ),
)
"""Without so many per cent of each side; of one side; of two sides (``top2.4left9``); ``high``: as much of top and
bottom, ``wide``: of left and right."""
VARIANTS: tuple[str, ...] = ("", *TURNED, *TRIMMED, *EDITED, *CROPS)
"""What a hash may be of: the picture as it is stored, or one of these, which ``numeric.variants`` makes."""


class Fingerprint(Row, frozen=True, kw_only=True):
    """One PDQ hash of a still, or of one key frame of a video."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "algorithm", "sampling", "frame")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    algorithm: t.Annotated[str, Examples(("pdq", "vpdq"))]
    """``pdq``: a still, RGB exact. ``vpdq``: a video frame, luma plane."""
    frame: int
    """Number of the frame in presentation order among the frames decoded in this mode (``key``: those key frames that
    ``key_apart_s`` of ``prints`` chose); 0 for a still."""
    at_s: float
    """Time stamp of the frame, in seconds from the start of the stream; 0 for a still."""
    value: t.Annotated[Bits256, Examples(HASHES)]
    quality: t.Annotated[int, Examples((100, 80, 30))]
    """PDQ quality 0-100; below 50 the hash is not used for matching."""
    weak: int
    """How many of the 256 bits a change of one grey level may flip: 7 for photographs (median), 256 for flat fields."""
    sampling: t.Annotated[str, Examples(("still", "key", "dense"))]
    trimmed: t.Annotated[bytes, Examples((b"", *(bytes([80, 2]) + one for one in HASHES[:3])))]
    """Of a frame of a film that has bars at its edges, what is between them: quality, weak (255 at most), PDQ hash, 34
    bytes; ``b""`` where there are none."""


class DensePrint(Fingerprint, frozen=True, kw_only=True):
    """One PDQ hash of a frame of a video that key frames did not decide: of all frames that others refer to.

    A table of its own, because what is to be read so closely depends on what the fingerprints met.
    """


class Variants(Row, frozen=True, kw_only=True):
    """The hashes of one still as it would be after an edit was undone or done: dozens, so they lie in one row."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    prints: t.Annotated[bytes, Examples((b"", *(bytes([i, 90, 1]) + h for i, h in enumerate(HASHES)), _TWO))]
    """35 bytes each: place of its name in ``VARIANTS``, quality, weak (255 at most), PDQ hash."""


FOUND = 255
"""Kind of a region that was found, and is no tile."""
_BOXES = (bytes([1, 44, 0, 200, 1, 244, 1, 44]), bytes(4) + bytes([1, 244] * 2))
_REGIONS = tuple(_BOXES[i % 2] + bytes([(FOUND, 4, 5)[i % 3], 80, 1]) + h for i, h in enumerate(HASHES))


class Regions(Row, frozen=True, kw_only=True):
    """The hashes of parts of one still: of rectangles found in it, and of fixed tiles."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    prints: t.Annotated[bytes, Examples((b"", *_REGIONS, _REGIONS[0] + _REGIONS[1], b"".join(_REGIONS)))]
    """43 bytes each: left, top, width, height (2 bytes each, big-endian, thousandths of the sides), which tile (255: a
    rectangle that was found), quality, weak (255 at most), PDQ hash."""


def region(left: int, top: int, width: int, height: int) -> str:
    """Return the name of a part of a picture, in thousandths of its sides: ``region:left,top,width,height``."""
    return f"region:{left},{top},{width},{height}"


def box_of(name: str) -> tuple[int, int, int, int]:
    """Return left, top, width, height of a part so named. Errors: ValueError."""
    left, top, width, height = (int(number) for number in name.removeprefix("region:").split(","))
    return left, top, width, height
