"""Rows as tokenisers give them, value behind value, turned into columns: bytes moved, nothing looked at."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.views import read_only

NULL_LENGTH: t.Final = -1

if t.TYPE_CHECKING:
    from vigie.numeric.tuples import Rows

Bytes = npt.NDArray[np.uint8]
Lengths = npt.NDArray[np.int32]


class Cells(t.NamedTuple):
    """One column: its values one behind the other."""

    values: Bytes
    lengths: Lengths
    """int32[rows]; ``NULL_LENGTH`` for NULL."""


def split(rows: Rows) -> list[Cells]:
    """Return the columns of rows."""
    many = rows.lengths.shape[1]
    told = np.empty((many, rows.lengths.shape[0]), np.int32)
    ends = np.cumsum(_measured(read_only(rows.lengths), read_only(rows.kinds), told))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if many else np.zeros(0, np.int64)
    out = np.empty(int(ends[-1]) if many else 0, np.uint8)
    _split(read_only(rows.values), told, starts.copy(), out)
    return [Cells(out[starts[i] : ends[i]], told[i]) for i in range(many)]


@numba.njit(cache=True, nogil=True)
def _measured(
    lengths: npt.NDArray[np.int32], kinds: npt.NDArray[np.uint8], told: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Write the lengths of each column, ``NULL_LENGTH`` for NULL; return how many bytes each has."""
    sizes = np.zeros(lengths.shape[1], np.int64)
    for row in range(lengths.shape[0]):
        for column in range(lengths.shape[1]):
            null = kinds[row, column] & 0x7F == 0
            told[column, row] = NULL_LENGTH if null else lengths[row, column]
            sizes[column] += 0 if null else lengths[row, column]
    return sizes


@numba.njit(cache=True, nogil=True)
def _split(values: Bytes, told: npt.NDArray[np.int32], at: npt.NDArray[np.int64], out: Bytes) -> None:
    place = np.uint64(0)  # unsigned: an index that may be negative is looked at for each byte
    for row in range(told.shape[1]):
        for column in range(told.shape[0]):
            size, to = np.uint64(max(told[column, row], 0)), np.uint64(at[column])
            for i in range(size):
                out[to + i] = values[place + i]
            at[column] = to + size
            place += size


def there(cells: Cells) -> Cells:
    """Return ``1`` for each value that is neither NULL nor empty, and nothing for any other."""
    lengths = (cells.lengths > 0).astype(np.int32)
    return Cells(np.full(int(lengths.sum()), ord("1"), np.uint8), lengths)
