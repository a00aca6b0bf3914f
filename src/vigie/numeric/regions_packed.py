"""The regions of many stills, from the records in which they are kept."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.distinct import Ints, Words
from vigie.numeric.packed import records

if t.TYPE_CHECKING:
    from collections.abc import Iterable

RECORD: t.Final = np.dtype(
    [("box", ">u2", (4,)), ("tile", "u1"), ("quality", "u1"), ("weak", "u1"), ("code", "u1", 32)]
)
"""43 bytes of one region."""
FOUND: t.Final = 255


class Packed(t.NamedTuple):
    """Hashes of regions, sorted by still."""

    still: Ints
    """Which of the stills given; int64[n]."""
    box: Ints
    """Left, top, width, height, in thousandths; int64[n, 4]."""
    tile: Ints
    """Which tile; 255 for a rectangle that was found; int64[n]."""
    code: Words
    """uint64[n, 4]."""


def unpacked(given: Iterable[bytes], *, least_quality: int, most_weak: int) -> Packed:
    """Read one byte string for each still; regions too poor to be compared are left out.

    Raises ValueError where a string is no whole number of records.
    """
    still, rows, code = records(given, RECORD, least_quality=least_quality, most_weak=most_weak)
    return Packed(still, rows["box"].astype(np.int64), rows["tile"].astype(np.int64), code)


def some(of: Packed, which: np.ndarray[t.Any, t.Any]) -> Packed:
    """Keep some of the hashes."""
    return Packed(*(column[which] for column in of))
