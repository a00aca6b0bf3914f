"""Columns as the cell sends them, turned into a table that a query can read. Nothing in them is believed unchecked."""

from __future__ import annotations

import typing as t

import numpy as np
import pyarrow as pa

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.rows.wire import Portion

BATCH_ROWS = 1 << 17
BATCH_BYTES = 32 << 20
"""Rows wait until there are so many, or so large: then they are worth a query."""


class Untrue(ValueError):  # noqa: N818 - it is a finding about the cell, not an error of ours
    """Columns that do not fit each other, or text that is none."""


class Columns:
    """Rows of one table that wait. The table they make has ``number``, ``place``, and ``c0``, ``c1`` ..."""

    def __init__(self, raw: Sequence[bool]) -> None:
        """``raw``: which of the columns are bytes, the others are text."""
        self._raw = tuple(raw)
        self._held: list[Portion] = []
        self.rows = self.size_bytes = 0

    def add(self, portion: Portion) -> bool:
        """Take rows; tell whether there are enough for a query. Raises ``Untrue``."""
        rows = len(portion.places) // 8
        if not rows or len(portion.places) % 8 or len(portion.columns) != len(self._raw):
            raise Untrue("rows without places, or with other columns than were asked for")
        if any(len(one.lengths) != 4 * rows for one in portion.columns):
            raise Untrue("columns of different lengths")
        self._held.append(portion)
        self.rows += rows
        self.size_bytes += len(portion.places) + sum(len(one.lengths) + len(one.values) for one in portion.columns)
        return self.rows >= BATCH_ROWS or self.size_bytes >= BATCH_BYTES

    def taken(self) -> Columns:
        """Give away what waits, to be made a table elsewhere, and wait for more."""
        out = Columns(self._raw)
        out._held, out.rows, out.size_bytes = self._held, self.rows, self.size_bytes
        self._held, self.rows, self.size_bytes = [], 0, 0
        return out

    def take(self) -> pa.Table:
        """Return what waits as a table, and wait for more. Raises ``Untrue``."""
        held, self._held, self.rows, self.size_bytes = self._held, [], 0, 0
        numbers = [one.number + np.arange(len(one.places) // 8, dtype=np.int64) for one in held]
        places = np.frombuffer(b"".join(one.places for one in held), "<i8")
        data: list[pa.Array[t.Any]] = [pa.array(np.concatenate(numbers)), pa.array(places)]
        for at, raw in enumerate(self._raw):
            lengths = np.frombuffer(b"".join(one.columns[at].lengths for one in held), "<i4")
            data.append(_column(lengths, b"".join(one.columns[at].values for one in held), raw=raw))
        return pa.Table.from_arrays(data, names=["number", "place", *(f"c{i}" for i in range(len(self._raw)))])


def _column(lengths: np.ndarray[t.Any, np.dtype[np.int32]], values: bytes, *, raw: bool) -> pa.Array[t.Any]:
    if len(lengths) and int(lengths.min()) < -1:
        raise Untrue("a value of negative length")
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.maximum(lengths, 0), out=ends[1:])
    if int(ends[-1]) != len(values):
        raise Untrue("lengths that are not those of the values")
    known = lengths >= 0
    nulls = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    buffers = [nulls, pa.py_buffer(ends.astype(np.int32).tobytes()), pa.py_buffer(values)]
    made = pa.Array.from_buffers(pa.binary() if raw else pa.string(), len(lengths), buffers)
    try:
        made.validate(full=True)
    except pa.ArrowInvalid as error:
        raise Untrue(str(error)) from None
    return made
