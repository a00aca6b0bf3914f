"""Hashes of many stills as their table keeps them: one string of records for each still."""

from __future__ import annotations

import typing as t

import numpy as np

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from vigie.numeric.distinct import Ints, Words


class Records(t.NamedTuple):
    """Records that are worth comparing, in the order given."""

    still: Ints
    """Which of the stills given; int64[n]."""
    rows: npt.NDArray[t.Any]
    """The records, as the kind asked for says; [n]."""
    code: Words
    """uint64[n, 4]."""


def records(given: Iterable[bytes], kind: np.dtype[t.Any], *, least_quality: int, most_weak: int) -> Records:
    """Read strings of records of this ``kind``, with fields ``quality``, ``weak`` and ``code``; leave poor ones out.

    Raises ValueError where a string is no whole number of records.
    """
    held = list(given)
    lengths = np.array([len(one) for one in held], np.int64)
    torn = lengths[lengths % kind.itemsize > 0]
    if len(torn):
        raise ValueError(f"{torn[0]} bytes are no whole number of records of {kind.itemsize} bytes")
    rows = np.frombuffer(b"".join(held), kind)
    still = np.repeat(np.arange(len(held)), lengths // kind.itemsize)
    good = np.flatnonzero((rows["quality"] >= least_quality) & (rows["weak"] <= most_weak))
    rows = rows[good]
    return Records(still[good], rows, np.ascontiguousarray(rows["code"]).view(np.uint64).reshape(-1, 4))
