"""The loops of ``variants``, ``variants_view`` and ``regions_numba``, by numba: where nothing native is built.

All have explicit signatures, so they are compiled or loaded at import: in the cell nothing can be compiled later.
Floats are float32 in a stated order, and none is fused: the native loops give the same bits.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE
from vigie.numeric.variants_terms import (
    CELLS,
    COEFFICIENTS,
    FILTER,
    MOST_BLOCKS,
    NEAR_LEVELS,
    REFLECTED,
    SAME_LEVELS,
    UNIFORM,
    WEAK,
    Bytes,
    Floats,
    Ints,
    Mask,
)

_bytes = numba.types.Array(numba.uint8, 2, "C", readonly=True)
_floats = numba.float32[:, ::1]
_line = numba.float32[::1]
_ints = numba.int64[::1]
_long = numba.int64
_HASHED: t.Final = (
    "Tuple((uint8[:, ::1], int64[::1], int64[::1]))"
    "(float32[:, ::1], float64[:, ::1], int64[::1], float32[:, ::1], float32[:, ::1])"
)


@numba.njit(
    [_floats(numba.types.Array(numba.uint8, 2, "C", readonly=True), _long, _long, _long, _line)], cache=True, nogil=True
)
def _blocks(pixels: Bytes, width: int, step_y: int, step_x: int, mix: Floats) -> Floats:
    """Mean luma of blocks of ``step_y`` x ``step_x`` pixels; those at the end may be smaller.

    Of large pictures every second or third row and so on is read, at least four of each block: half the time or less,
    and the hashes differ by a bit or two.
    """
    height = len(pixels)
    rows, columns = (height + step_y - 1) // step_y, (width + step_x - 1) // step_x
    out = np.empty((rows, columns), np.float32)
    n, skip = 3 * width, max(step_y // 4, 1)
    total, luma = np.empty(n, np.int32), np.empty(width, np.float32)
    red, green, blue = mix[0], mix[1], mix[2]
    for r in range(rows):
        y, end = r * step_y, min((r + 1) * step_y, height)
        high = (end - y + skip - 1) // skip
        total[:] = 0
        while y + skip < end:
            p0, p1 = pixels[y], pixels[y + skip]
            for x in range(n):
                total[x] += np.int32(p0[x]) + np.int32(p1[x])
            y += 2 * skip
        if y < end:
            p0 = pixels[y]
            for x in range(n):
                total[x] += np.int32(p0[x])
        for x in range(width):
            luma[x] = (
                np.float32(total[3 * x]) * red
                + np.float32(total[3 * x + 1]) * green
                + np.float32(total[3 * x + 2]) * blue
            )
        for c in range(columns):
            x0, x1 = c * step_x, min((c + 1) * step_x, width)
            level = np.float32(0.0)
            for x in range(x0, x1):
                level += luma[x]
            out[r, c] = level / np.float32(high * (x1 - x0))
    return out


@numba.njit(["Tuple((int64[::1], int64[::1], float32[:, ::1]))(int64, int64, int64)"], cache=True, nogil=True)
def _taps(length: int, step: int, blocks: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """For each cell of one axis: its first block, its number of blocks, and their weights."""
    reach = max(length * FILTER, float(step))
    most = int(2 * reach / step) + 3
    first, count = np.zeros(CELLS, np.int64), np.zeros(CELLS, np.int64)
    weights = np.zeros((CELLS, most), np.float32)
    for k in range(CELLS):
        place = (k + 0.5) * length / CELLS
        start = max(int((place - reach) // step), 0)
        total = 0.0
        first[k] = min(start, blocks - 1)
        for b in range(first[k], min(first[k] + most, blocks)):
            end = min((b + 1) * step, length)
            middle = (b * step + end) / 2
            weight = max(1.0 - abs(middle - place) / reach, 0.0) * (end - b * step)
            weights[k, b - first[k]] = np.float32(weight)
            total += weight
            if weight > 0:
                count[k] = b - first[k] + 1
        if total <= 0.0:
            count[k], weights[k, 0], total = 1, np.float32(1.0), 1.0
        for b in range(count[k]):
            weights[k, b] = np.float32(weights[k, b] / total)
    return first, count, weights


@numba.njit([_floats(_floats, _ints, _ints, _floats)], cache=True, nogil=True)
def _reduced(rows: Floats, first: Ints, count: Ints, weights: Floats) -> Floats:
    """Sum rows with these weights; float32[256, n]."""
    n = rows.shape[1]
    out = np.zeros((CELLS, n), np.float32)
    for k in range(CELLS):
        for b in range(count[k]):
            weight, source = weights[k, b], first[k] + b
            for x in range(n):
                out[k, x] += weight * rows[source, x]
    return out


@numba.njit([_floats(_floats)], cache=True, nogil=True)
def _turned(rows: Floats) -> Floats:
    """Transpose, in tiles that stay in the nearest cache."""
    n, m = rows.shape
    out = np.empty((m, n), np.float32)
    for i0 in range(0, n, 16):
        for j0 in range(0, m, 16):
            for j in range(j0, min(j0 + 16, m)):
                for i in range(i0, min(i0 + 16, n)):
                    out[j, i] = rows[i, j]
    return out


@numba.njit([_floats(_floats, _long, _long, _long, _long)], cache=True, nogil=True)
def _filtered(small: Floats, height: int, width: int, step_y: int, step_x: int) -> Floats:
    """Filter and reduce the blocks to the cells, first down the columns, then along the rows."""
    rows, columns = small.shape
    turned = _turned(_reduced(small, *_taps(height, step_y, rows)))
    return _turned(_reduced(turned, *_taps(width, step_x, columns)))


@numba.njit([_long(_line, _ints)], cache=True, nogil=True)
def _level(line: Floats, seen: Ints) -> int:
    """Return the median of a line of which nearly all lies near it; -1 where it does not."""
    seen[:] = 0
    for x in range(len(line)):
        seen[min(max(int(line[x] + np.float32(0.5)), 0), 255)] += 1
    below, middle = 0, 0
    while 2 * (below + seen[middle]) < len(line):
        below += seen[middle]
        middle += 1
    near = 0
    for level in range(max(middle - NEAR_LEVELS, 0), min(middle + NEAR_LEVELS, 255) + 1):
        near += seen[level]
    return middle if near >= UNIFORM * len(line) else -1


@numba.njit([_long(_floats, _ints, _long, _line)], cache=True, nogil=True)
def _side(small: Floats, box: Ints, side: int, line: Floats) -> int:
    """Copy the outermost line of one side (top, left, bottom, right) within the box; its length."""
    top, left, bottom, right = box
    if side % 2 == 0:
        y = top if side == 0 else bottom - 1
        for x in range(left, right):
            line[x - left] = small[y, x]
        return int(right - left)
    x = left if side == 1 else right - 1
    for y in range(top, bottom):
        line[y - top] = small[y, x]
    return int(bottom - top)


@numba.njit([_ints(_floats)], cache=True, nogil=True)
def _inside(small: Floats) -> Ints:
    """Take off lines of one level at the edges; first row, first column, end of rows, end of columns.

    One level for all four sides, that of the first side that has one: a sky below a bar is not border.
    """
    box = np.array([0, 0, small.shape[0], small.shape[1]])
    seen, line = np.zeros(256, np.int64), np.empty(max(small.shape), np.float32)
    border = -1
    for side in (0, 2, 1, 3):
        while box[0] < box[2] and box[1] < box[3]:
            level = _level(line[: _side(small, box, side, line)], seen)
            if level >= 0 and border < 0:
                border = level
            if level < 0 or abs(level - border) > SAME_LEVELS:
                break
            box[side] += 1 if side < 2 else -1
    return box


@numba.njit([numba.float64(numba.float64, numba.float64, _long)], cache=True, nogil=True)
def _place(place: float, most: float, edge: int) -> float:
    """Bring a place into 0 .. most: mirrored at the edges, or to the edge."""
    if edge == REFLECTED and place < -0.5:
        place = -1.0 - place
    if edge == REFLECTED and place > most + 0.5:
        place = 2.0 * most + 1.0 - place
    return min(max(place, 0.0), most - 1e-6)


@numba.njit([numba.void(_floats, numba.float64[::1], _long, _floats)], cache=True, nogil=True)
def _sample(grid: Floats, m: npt.NDArray[np.float64], edge: int, out: Floats) -> None:
    """Take 64 x 64 samples of the view, linear between its cells."""
    most = len(grid) - 1.0
    for i in range(SIDE):
        for j in range(SIDE):
            y = _place(m[0] + m[1] * i + m[2] * j, most, edge)
            x = _place(m[3] + m[4] * i + m[5] * j, most, edge)
            r, c = int(y), int(x)
            v, u = np.float32(y - r), np.float32(x - c)
            above = grid[r, c] + (grid[r, c + 1] - grid[r, c]) * u
            below = grid[r + 1, c] + (grid[r + 1, c + 1] - grid[r + 1, c]) * u
            out[i, j] = above + (below - above) * v


@numba.njit([numba.void(_floats, numba.float64[::1], _long, _floats)], cache=True, nogil=True)
def _sample_upright(grid: Floats, m: npt.NDArray[np.float64], edge: int, out: Floats) -> None:
    """Do as ``_sample`` where rows are rows: half of the work, for most variants."""
    most = len(grid) - 1.0
    line = np.empty(len(grid), np.float32)
    columns, shares = np.empty(SIDE, np.int64), np.empty(SIDE, np.float32)
    for j in range(SIDE):
        x = _place(m[3] + m[5] * j, most, edge)
        columns[j] = int(x)
        shares[j] = np.float32(x - columns[j])
    for i in range(SIDE):
        y = _place(m[0] + m[1] * i, most, edge)
        r = int(y)
        v = np.float32(y - r)
        above, below = grid[r], grid[r + 1]
        for x in range(len(line)):
            line[x] = above[x] + (below[x] - above[x]) * v
        for j in range(SIDE):
            c = columns[j]
            out[i, j] = line[c] + (line[c + 1] - line[c]) * shares[j]


@numba.njit([numba.void(_floats, _floats)], cache=True, nogil=True)
def _folded(picture: Floats, out: Floats) -> None:
    """Subtract and add rows that lie opposite: a cosine is opposite, or the same, from both ends."""
    middle = SIDE // 2
    for k in range(middle):
        for j in range(SIDE):
            out[k, j] = picture[k, j] - picture[SIDE - 1 - k, j]
            out[middle + k, j] = picture[k, j] + picture[SIDE - 1 - k, j]


@numba.njit([numba.void(_floats, _floats, _floats, _floats, _floats)], cache=True, nogil=True)
def _transformed(dct: Floats, dct_t: Floats, folded: Floats, rows: Floats, out: Floats) -> None:
    """Write the 16 x 16 coefficients ``D P D^T`` of a folded picture; ``rows`` (16 x 64) is room to work in."""
    middle = SIDE // 2
    for i in range(COEFFICIENTS):
        start = middle * (i % 2)
        for j in range(SIDE):
            rows[i, j] = np.float32(0.0)
        for k in range(0, middle, 4):
            w0, w1, w2, w3 = dct[i, k], dct[i, k + 1], dct[i, k + 2], dct[i, k + 3]
            n = start + k
            for j in range(SIDE):
                rows[i, j] += (w0 * folded[n, j] + w1 * folded[n + 1, j]) + (
                    w2 * folded[n + 2, j] + w3 * folded[n + 3, j]
                )
    for i in range(COEFFICIENTS):
        for j in range(COEFFICIENTS):
            out[i, j] = np.float32(0.0)
        for k in range(0, SIDE, 4):
            w0, w1, w2, w3 = rows[i, k], rows[i, k + 1], rows[i, k + 2], rows[i, k + 3]
            for j in range(COEFFICIENTS):
                out[i, j] += (w0 * dct_t[k, j] + w1 * dct_t[k + 1, j]) + (w2 * dct_t[k + 2, j] + w3 * dct_t[k + 3, j])


@numba.njit([_long(_floats)], cache=True, nogil=True)
def _quality(picture: Floats) -> int:
    """As ``pdq``; whole numbers of 32 bits, which vectors hold."""
    total = np.int32(0)
    scale = np.float32(100.0 / 255.0)
    for i in range(SIDE - 1):
        for j in range(SIDE):
            total += np.int32(abs(np.int32((picture[i, j] - picture[i + 1, j]) * scale)))
    for i in range(SIDE):
        for j in range(SIDE - 1):
            total += np.int32(abs(np.int32((picture[i, j] - picture[i, j + 1]) * scale)))
    return min(int(total) // 90, 100)


@numba.njit([_HASHED], cache=True, nogil=True)
def _hashed(
    grid: Floats, maps: npt.NDArray[np.float64], edges: Ints, dct: Floats, dct_t: Floats
) -> tuple[npt.NDArray[np.uint8], Ints, Ints]:
    n = len(maps)
    values = np.zeros((n, 32), np.uint8)
    quality, weak = np.zeros(n, np.int64), np.zeros(n, np.int64)
    picture = np.empty((SIDE, SIDE), np.float32)
    folded, rows = np.empty((SIDE, SIDE), np.float32), np.empty((COEFFICIENTS, SIDE), np.float32)
    square = np.empty((COEFFICIENTS, COEFFICIENTS), np.float32)
    for v in range(n):
        if maps[v, 2] == 0.0 and maps[v, 4] == 0.0:
            _sample_upright(grid, maps[v], edges[v], picture)
        else:
            _sample(grid, maps[v], edges[v], picture)
        quality[v] = _quality(picture)
        _folded(picture, folded)
        _transformed(dct, dct_t, folded, rows, square)
        flat = square.ravel()
        median = np.partition(flat, 127)[127]
        for b in range(COEFFICIENTS * COEFFICIENTS):
            if flat[b] > median:
                values[v, 31 - b // 8] |= np.uint8(1 << (b % 8))
            if abs(flat[b] - median) <= WEAK:
                weak[v] += 1
    return values, quality, weak


@numba.njit([numba.int64[:, ::1](numba.boolean[:, ::1])], cache=True, nogil=True)
def connected(mask: Mask) -> Ints:
    """Bounds of 4-connected blocks of more than 64 cells, by flooding; int64[n, 4]."""
    height, width = mask.shape
    seen = np.zeros((height, width), np.bool_)
    stack = np.empty((height * width, 2), np.int32)
    out = np.empty((MOST_BLOCKS, 4), np.int64)
    n = 0
    for y in range(height):
        for x in range(width):
            if not mask[y, x] or seen[y, x] or n == MOST_BLOCKS:
                continue
            seen[y, x] = True
            stack[0, 0], stack[0, 1] = y, x
            held, cells = 1, 0
            top, left, bottom, right = y, x, y, x
            while held:
                held -= 1
                r, c = stack[held, 0], stack[held, 1]
                cells += 1
                top, bottom = min(top, r), max(bottom, r)
                left, right = min(left, c), max(right, c)
                for k in range(4):
                    i, j = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
                    if 0 <= i < height and 0 <= j < width and mask[i, j] and not seen[i, j]:
                        seen[i, j] = True
                        stack[held, 0], stack[held, 1] = i, j
                        held += 1
            if cells > 64:
                out[n] = top, left, bottom + 1, right + 1
                n += 1
    return out[:n]


_RGB: t.Final = np.array([0.299, 0.587, 0.114], np.float32)


class Loops:
    """What ``variants_native.Loops`` does, by numba."""

    def view(self, pixels: Bytes, step_y: int, step_x: int) -> tuple[Floats, Ints]:
        """Reduce uint8[h, 3 w], RGB, to a view; and what is inside its border, in blocks."""
        height, width = pixels.shape[0], pixels.shape[1] // 3
        small = _blocks(pixels, width, step_y, step_x, _RGB)
        return _filtered(small, height, width, step_y, step_x), _inside(small)

    def hashes(
        self, grid: Floats, maps: npt.NDArray[np.float64], edges: Ints, dct: Floats, dct_t: Floats
    ) -> tuple[Bytes, Ints, Ints]:
        """Hash variants of a view: uint8[n, 32], quality and weak."""
        values, quality, weak = _hashed(grid, maps, edges, dct, dct_t)
        return values, quality, weak
