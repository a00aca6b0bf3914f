"""The variants of many stills, from the records in which they are kept."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.distinct import Ints, Words
from vigie.numeric.packed import records

if t.TYPE_CHECKING:
    from collections.abc import Iterable

KIND: t.Final = np.dtype([("number", "u1"), ("quality", "u1"), ("weak", "u1"), ("code", "u1", 32)])
"""One hash; ``number``: of the variant."""
RECORD: t.Final = KIND.itemsize
"""Its bytes: 35."""


class Packed(t.NamedTuple):
    """Hashes of variants, sorted by still and number."""

    still: Ints
    """Which of the stills given; int64[n]."""
    number: Ints
    """Which variant: 0 as it is; int64[n]."""
    code: Words
    """uint64[n, 4]."""


def unpacked(given: Iterable[bytes], *, least_quality: int, most_weak: int) -> Packed:
    """Read one byte string for each still, records of 35 bytes; those too poor to be compared are left out.

    Raises ValueError where a string is no whole number of records.
    """
    still, rows, code = records(given, KIND, least_quality=least_quality, most_weak=most_weak)
    order = np.lexsort((rows["number"], still))
    return Packed(still[order], rows["number"][order].astype(np.int64), code[order])


def some(of: Packed, which: np.ndarray[t.Any, np.dtype[np.bool_]]) -> Packed:
    """Keep some of the hashes."""
    return Packed(of.still[which], of.number[which], of.code[which])
