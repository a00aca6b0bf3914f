"""PDQ's loops, compiled by numba: what runs where the native library is not built.

Pixels are summed as whole numbers (``pdq_operator``), so neither vector width nor the order in which LLVM adds can
change a bit. What follows is float64 in a stated order: numba contracts no multiplication and addition into one.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE, WEAK, Hash, axis

if t.TYPE_CHECKING:
    from vigie.numeric.pdq_operator import Lines, Prints

ROWS: t.Final = 8
"""Rows of samples that are finished together: their luma lies side by side, one vector register wide."""

_bytes = numba.types.Array(numba.uint8, 1, "C", readonly=True)
_ints = numba.int64[::1]
_floats = numba.float64[:, ::1]


@numba.njit(
    [numba.void(_bytes, *(numba.int64,) * 3, *(_ints,) * 6, _floats)],
    cache=True,
    nogil=True,
)
def weighted_sums(  # noqa: C901, PLR0912 - one hot loop; calls between its parts would cost the vectoriser its view
    pixels: npt.NDArray[np.uint8],
    stride: int,
    width: int,
    channels: int,
    row_first: npt.NDArray[np.int64],
    row_at: npt.NDArray[np.int64],
    row_weights: npt.NDArray[np.int64],
    column_first: npt.NDArray[np.int64],
    column_at: npt.NDArray[np.int64],
    column_weights: npt.NDArray[np.int64],
    sums: npt.NDArray[np.float64],
) -> None:
    """Apply both operators to interleaved bytes; ``sums`` holds whole numbers below 2**53.

    ``pixels``: row ``r`` begins at byte ``r * stride`` and has ``width * channels`` bytes that count; three channels
    are added up as 299 R + 587 G + 114 B. ``sums``: float64[rows of one operator, rows of the other], written.
    """
    n = width * channels
    row = np.empty(n, np.uint32)
    luma = np.empty((width, ROWS), np.float64)
    total = np.empty(ROWS, np.float64)
    for block in range(0, len(row_first), ROWS):
        many = min(ROWS, len(row_first) - block)
        for i in range(many):
            row[:] = 0
            r = row_first[block + i]
            tap = row_at[block + i]
            end = row_at[block + i + 1]
            while tap + 4 <= end:
                w0, w1 = np.uint32(row_weights[tap]), np.uint32(row_weights[tap + 1])
                w2, w3 = np.uint32(row_weights[tap + 2]), np.uint32(row_weights[tap + 3])
                p0 = pixels[r * stride : r * stride + n]
                p1 = pixels[(r + 1) * stride : (r + 1) * stride + n]
                p2 = pixels[(r + 2) * stride : (r + 2) * stride + n]
                p3 = pixels[(r + 3) * stride : (r + 3) * stride + n]
                for x in range(n):
                    row[x] += w0 * p0[x] + w1 * p1[x] + w2 * p2[x] + w3 * p3[x]
                tap += 4
                r += 4
            while tap < end:
                w0 = np.uint32(row_weights[tap])
                p0 = pixels[r * stride : r * stride + n]
                for x in range(n):
                    row[x] += w0 * p0[x]
                tap += 1
                r += 1
            if channels == 1:
                for x in range(width):
                    luma[x, i] = row[x]
            else:
                for x in range(width):
                    luma[x, i] = 299.0 * row[3 * x] + 587.0 * row[3 * x + 1] + 114.0 * row[3 * x + 2]
        for k in range(len(column_first)):
            total[:] = 0.0
            for tap in range(column_at[k], column_at[k + 1]):
                weight = float(column_weights[tap])
                line = luma[column_first[k] + tap - column_at[k]]
                for i in range(ROWS):
                    total[i] += weight * line[i]
            for i in range(many):
                sums[block + i, k] = total[i]


@numba.njit(
    [numba.void(_floats, numba.int64, numba.int64, numba.float64, numba.float64, _floats)],
    cache=True,
    nogil=True,
)
def samples(
    sums: npt.NDArray[np.float64],
    row_window: int,
    column_window: int,
    gain: float,
    parts: float,
    out: npt.NDArray[np.float64],
) -> None:
    """Divide the sums into the 64 x 64 picture: ``out = sum * gain / (parts * row_window**2 * column_window**2)``.

    The formulas are symmetric, so a transposed picture gives the transposed samples, bit by bit. Nowhere is a product
    added to: there is nothing that a compiler might fuse.
    """
    rows, columns = float(row_window), float(column_window)
    divisor = parts * (rows * rows * (columns * columns))
    for i in range(SIDE):
        for j in range(SIDE):
            out[i, j] = sums[i, j]
    last = SIDE - 1
    if row_window % 2 == 0:
        for j in range(SIDE):
            out[last, j] = sums[last, j] + sums[SIDE, j] * rows / (rows - 1.0)
    if column_window % 2 == 0:
        for i in range(SIDE):
            out[i, last] = sums[i, last] + sums[i, SIDE] * columns / (columns - 1.0)
        if row_window % 2 == 0:
            below = sums[SIDE, last] * rows / (rows - 1.0)
            beside = sums[last, SIDE] * columns / (columns - 1.0)
            corner = sums[SIDE, SIDE] * (rows * columns) / ((rows - 1.0) * (columns - 1.0))
            out[last, last] = sums[last, last] + (below + beside) + corner
    for i in range(SIDE):
        for j in range(SIDE):
            out[i, j] = out[i, j] * gain / divisor


@numba.njit([numba.int64(_floats)], cache=True, nogil=True)
def quality_of(reduced: npt.NDArray[np.float64]) -> int:
    """Return PDQ quality, 0-100, of the 64 x 64 picture: float32 and truncated toward zero, as in the reference."""
    picture = reduced.astype(np.float32)
    hundred, most = np.float32(100.0), np.float32(255.0)
    total = 0
    for i in range(SIDE - 1):
        for j in range(SIDE):
            total += abs(int((picture[i, j] - picture[i + 1, j]) * hundred / most))
    for i in range(SIDE):
        for j in range(SIDE - 1):
            total += abs(int((picture[i, j] - picture[i, j + 1]) * hundred / most))
    return min(total // 90, 100)


@numba.njit([numba.float64[::1](_floats, _floats)], cache=True, nogil=True)
def coefficients_of(dct: npt.NDArray[np.float64], reduced: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the 256 coefficients ``D B D^T`` by rows, each summed from its first term on (a BLAS promises no order).

    ``dct``: float64[64, 16], the transposed matrix. Column ``i`` is its own mirror image where ``i`` is odd and its
    mirror image negated where it is even: pairs of samples are added or subtracted first, and half of it is needed.
    """
    many, pairs = dct.shape[1], SIDE // 2
    folded = np.empty((2, pairs, SIDE), np.float64)
    for k in range(pairs):
        for j in range(SIDE):
            folded[0, k, j] = reduced[k, j] - reduced[SIDE - 1 - k, j]
            folded[1, k, j] = reduced[k, j] + reduced[SIDE - 1 - k, j]
    half = np.zeros((many, SIDE), np.float64)
    out = np.zeros((many, many), np.float64)
    for i in range(many):
        for k in range(pairs):
            weight = dct[k, i]
            for j in range(SIDE):
                half[i, j] += weight * folded[i % 2, k, j]
        for k in range(pairs):
            less, more = half[i, k] - half[i, SIDE - 1 - k], half[i, k] + half[i, SIDE - 1 - k]
            for j in range(0, many, 2):
                out[i, j] += less * dct[k, j]
                out[i, j + 1] += more * dct[k, j + 1]
    return out.reshape(-1)


class Loops:
    """What ``pdq_native.Loops`` does, by numba."""

    def reduce(self, lines: Lines, *, rows_mirrored: bool, columns_mirrored: bool) -> npt.NDArray[np.float64]:
        """Return the 64 x 64 luma picture, float64."""
        rows = axis(lines.height, mirrored=rows_mirrored)
        columns = axis(lines.width, mirrored=columns_mirrored)
        sums = np.empty((len(rows.first), len(columns.first)), np.float64)
        weighted_sums(lines.pixels, lines.stride, lines.width, lines.channels, *rows[:3], *columns[:3], sums)
        reduced = np.empty((SIDE, SIDE), np.float64)
        samples(sums, rows.window, columns.window, lines.gain, lines.parts, reduced)
        return reduced

    def print_of(self, reduced: npt.NDArray[np.float64], cosines: npt.NDArray[np.float64]) -> Hash:
        """Hash a 64 x 64 picture."""
        coefficients = coefficients_of(cosines, reduced)
        above = coefficients - np.partition(coefficients, 127)[127]
        weak = np.count_nonzero(np.abs(above) <= WEAK)
        return Hash(np.packbits(above[::-1] > 0.0).tobytes(), int(quality_of(reduced)), int(weak))

    def hash_of(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Hash:
        """Hash a picture as stored."""
        return self.print_of(self.reduce(lines, rows_mirrored=False, columns_mirrored=False), cosines)

    def orientations(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Prints:
        """Hash a picture in its eight orientations: uint8[8, 32] and int32[8, 2], quality and weak."""
        plain, beside, turned, below = (
            self.reduce(lines, rows_mirrored=rows, columns_mirrored=columns)
            for rows, columns in ((False, False), (False, True), (True, True), (True, False))
        )
        pictures = (plain, beside, turned, below, plain.T, below.T, turned.T, beside.T)
        found = [self.print_of(np.ascontiguousarray(each), cosines) for each in pictures]
        values = np.frombuffer(b"".join(one.value for one in found), np.uint8).reshape(8, 32)
        return values, np.array([(one.quality, one.weak) for one in found], np.int32)
