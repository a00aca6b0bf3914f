"""Rows as tokenisers give them, value behind value, turned into columns: bytes moved, nothing looked at."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

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
    nulls = (rows.kinds & 0x7F) == 0
    sizes = np.where(nulls, 0, rows.lengths).astype(np.int64)
    ends = np.cumsum(sizes.sum(axis=0))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if many else np.zeros(0, np.int64)
    out = np.empty(int(ends[-1]) if many else 0, np.uint8)
    values = rows.values.view()
    values.flags.writeable = False  # one type for the loop, whoever made the rows: the sandbox compiles nothing
    _split(values, sizes, starts.copy(), out)
    lengths = np.where(nulls, NULL_LENGTH, rows.lengths).astype(np.int32)
    return [Cells(out[starts[i] : ends[i]], np.ascontiguousarray(lengths[:, i])) for i in range(many)]


@numba.njit(cache=True, nogil=True)
def _split(values: Bytes, sizes: npt.NDArray[np.int64], at: npt.NDArray[np.int64], out: Bytes) -> None:
    place = np.uint64(0)  # unsigned: an index that may be negative is looked at for each byte
    for row in range(sizes.shape[0]):
        for column in range(sizes.shape[1]):
            size, to = np.uint64(sizes[row, column]), np.uint64(at[column])
            for i in range(size):
                out[to + i] = values[place + i]
            at[column] = to + size
            place += size


def offsets(lengths: Lengths) -> npt.NDArray[np.int64]:
    """Return int64[rows + 1]: where each value begins, and the end of the last."""
    out = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.maximum(lengths, 0), out=out[1:])
    return out


def there(cells: Cells) -> Cells:
    """Return ``1`` for each value that is neither NULL nor empty, and nothing for any other."""
    lengths = (cells.lengths > 0).astype(np.int32)
    return Cells(np.full(int(lengths.sum()), ord("1"), np.uint8), lengths)
