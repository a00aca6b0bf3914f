"""The variants of many stills, from the records in which they are kept."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.distinct import Ints, Words

if t.TYPE_CHECKING:
    from collections.abc import Iterable

RECORD: t.Final = 35
"""Bytes of one hash: number of the variant, quality, weak, and 32 of value."""


class Packed(t.NamedTuple):
    """Hashes of variants, sorted by still and number."""

    still: Ints
    """Which of the stills given; int64[n]."""
    number: Ints
    """Which variant: 0 as it is; int64[n]."""
    code: Words
    """uint64[n, 4]."""


def unpacked(records: Iterable[bytes], *, least_quality: int, most_weak: int) -> Packed:
    """Read one byte string for each still, records of 35 bytes; those too poor to be compared are left out.

    Raises ValueError where a string is no whole number of records.
    """
    given = list(records)
    lengths = np.array([len(one) for one in given], np.int64)
    if (lengths % RECORD).any():
        raise ValueError(f"{lengths[lengths % RECORD > 0][0]} bytes are no whole number of records of {RECORD}")
    rows = np.frombuffer(b"".join(given), np.uint8).reshape(-1, RECORD)
    still = np.repeat(np.arange(len(given)), lengths // RECORD)
    good = np.flatnonzero((rows[:, 1] >= least_quality) & (rows[:, 2] <= most_weak))
    good = good[np.lexsort((rows[good, 0], still[good]))]
    code = np.ascontiguousarray(rows[good, 3:]).view(np.uint64)
    return Packed(still[good], rows[good, 0].astype(np.int64), code)


def some(of: Packed, which: np.ndarray[t.Any, np.dtype[np.bool_]]) -> Packed:
    """Keep some of the hashes."""
    return Packed(of.still[which], of.number[which], of.code[which])
