r"""What columns hold of whole numbers, as 64-bit integers: ``\s*[-+]?[0-9]{1,19}(\.0*)?\s*``, and what fits in them.

A fraction of zeros is none (``12.00``), blanks round a number are left out (space, ``\t \n \f \r``), and what is no
number, or lies beyond 64 bits, is NULL. ``forums.conversions.integer`` says the same of text in SQL.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.columns import NULL_LENGTH, Bytes, Cells, Lengths
from vigie.numeric.views import read_only

WIDTH: t.Final = 8
MOST_DIGITS: t.Final = 19


def wholes(cells: Cells) -> Cells:
    """Return a column of numbers: of each that is one, int64 little-endian; the others NULL."""
    rows = len(cells.lengths)
    out, lengths = np.empty(rows, "<i8"), np.empty(rows, np.int32)
    used = _wholes(read_only(cells.values), cells.lengths, out, lengths)
    return Cells(out[:used].view(np.uint8), lengths)


@numba.njit(cache=True, nogil=True)
def _wholes(values: Bytes, lengths: Lengths, out: npt.NDArray[np.int64], told: Lengths) -> int:
    at = np.uint64(0)
    one, ten, most = np.uint64(1), np.uint64(10), np.uint64(0x7FFFFFFFFFFFFFFF)
    used = 0
    for row in range(len(lengths)):
        told[row] = NULL_LENGTH
        if lengths[row] <= 0:
            continue
        end = at + np.uint64(lengths[row])
        begin, at = at, end
        while begin < end and _blank(values[begin]):
            begin += one
        while begin < end and _blank(values[end - one]):
            end -= one
        less = begin < end and values[begin] == 45
        if less or (begin < end and values[begin] == 43):
            begin += one
        total, first = np.uint64(0), begin
        while begin < end and begin - first < np.uint64(MOST_DIGITS) and 48 <= values[begin] <= 57:
            total = total * ten + np.uint64(values[begin] - 48)
            begin += one
        known = begin > first
        if begin < end and values[begin] == 46:
            begin += one
            while begin < end and values[begin] == 48:
                begin += one
        if known and begin == end and total <= most + np.uint64(less):
            out[used] = -np.int64(total) if less else np.int64(total)
            told[row] = WIDTH
            used += 1
    return used


@numba.njit(cache=True, nogil=True)
def _blank(byte: int) -> bool:
    return byte in (32, 9, 10, 12, 13)
