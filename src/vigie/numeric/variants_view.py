"""A small view of a picture, from which all its variants are sampled; and where its border ends."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

CELLS: t.Final = 256
"""The view has 256 x 256 cells, whatever the shape of the picture."""
FILTER: t.Final = 1 / 128
"""PDQ's two box filters of 1/128 of the side together are a triangle that reaches so far to each side."""
NEAR_LEVELS: t.Final = 14
"""A row or column is border where nearly all of it lies within so many grey levels of its median ..."""
UNIFORM: t.Final = 0.985
"""... namely this share (media.md 8.3)."""
SAME_LEVELS: t.Final = 6
"""... and whose medians are so near each other."""
LEAST_SHARE: t.Final = 0.2
"""So much of each side must be left inside the border, else it is no border."""
LEAST_TRIMMED: t.Final = 0.006
"""Less than this of a side is no border but a line at the edge."""

_RGB = np.array([0.299, 0.587, 0.114], np.float32)


class Box(t.NamedTuple):
    """A rectangle, in shares of the picture."""

    top: float
    left: float
    bottom: float
    right: float


class View(t.NamedTuple):
    """A picture made small."""

    grid: Floats
    """float32[256, 256]: luma with PDQ's filter applied; cell (i, j) is its value at ((i + 1/2) / 256 ...)."""
    height: int
    width: int
    """Size of the picture, in pixels."""
    inside: Box | None
    """What is within its border; None where it has none."""


def view_of(image: Bytes) -> View:
    """Return the view of ``image``: uint8[h, w, 3], RGB, at least 1 x 1."""
    height, width, _ = image.shape
    pixels = np.ascontiguousarray(image).reshape(height, 3 * width)
    step_y, step_x = max(height // CELLS, 1), max(width // CELLS, 1)
    small = _blocks(pixels, width, step_y, step_x, _RGB)
    grid = _filtered(small, height, width, step_y, step_x)
    return View(grid, height, width, _box(small, height, width, step_y, step_x))


def _box(small: Floats, height: int, width: int, step_y: int, step_x: int) -> Box | None:
    top, left, bottom, right = map(int, _inside(small))
    ends_y = [min(top * step_y, height), min(bottom * step_y, height)]
    ends_x = [min(left * step_x, width), min(right * step_x, width)]
    box = Box(ends_y[0] / height, ends_x[0] / width, ends_y[1] / height, ends_x[1] / width)
    high, wide = box.bottom - box.top, box.right - box.left
    if min(high, wide) < LEAST_SHARE or 1 - min(high, wide) < LEAST_TRIMMED:
        return None
    return box


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _filtered(small: Floats, height: int, width: int, step_y: int, step_x: int) -> Floats:
    """Filter and reduce the blocks to the cells, first down the columns, then along the rows."""
    rows, columns = small.shape
    turned = _turned(_reduced(small, *_taps(height, step_y, rows)))
    return _turned(_reduced(turned, *_taps(width, step_x, columns)))


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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
