"""Bars at the edges of a film: lines of one level that nearly all its frames have in the same place.

The rule for one frame is that of a still's border (``variants_view``, reference/media.md 8.3): a line belongs to the
bar where ``UNIFORM`` of it lies near its median, and the medians of one side are alike. What one dark frame has at its
edges is no bar; what ``MOST`` of the frames have is.
"""

from __future__ import annotations

import bisect
import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

UNIFORM: t.Final = 0.985
"""So much of a line lies ..."""
NEAR_LEVELS: t.Final = 14
"""... so near its median."""
SAME_LEVELS: t.Final = 6
"""The medians of all lines of a bar are so near that of the outermost one."""
MOST: t.Final = 0.9
"""So many frames have at least these bars."""
LEAST_SHARE: t.Final = 0.2
"""So much of each side must be left between the bars, else the frame (black, a title) tells nothing of them."""
LEAST_TRIMMED: t.Final = 0.012
"""Less than this of a side is no bar: it moves the hash by less than re-encoding does."""

Luma = npt.NDArray[np.uint8]


class Inside(t.NamedTuple):
    """What lies between the bars, in pixels: first row and column, end of rows and columns."""

    top: int
    left: int
    bottom: int
    right: int


class Bars:
    """Gathers what the frames of one film have at their edges; all of one shape."""

    def __init__(self, height: int, width: int) -> None:
        self._shape = height, width
        self._widths: tuple[list[int], ...] = ([], [], [], [])
        """Of the bars of each frame: above, left, below, right; sorted."""

    def look(self, plane: Luma) -> None:
        """Look at one more frame: uint8[h, w], luma, in any strides."""
        height, width = self._shape
        top, left, bottom, right = inside(plane)
        if bottom - top < LEAST_SHARE * height or right - left < LEAST_SHARE * width:
            return
        for widths, one in zip(self._widths, (top, left, height - bottom, width - right), strict=True):
            bisect.insort(widths, one)

    def inside(self) -> Inside | None:
        """Return what lies between the bars, by all frames so far; None where there are none."""
        height, width = self._shape
        seen = len(self._widths[0])
        if not seen:
            return None
        top, left, bottom, right = (widths[int((1 - MOST) * seen)] for widths in self._widths)
        if max((top + bottom) / height, (left + right) / width) < LEAST_TRIMMED:
            return None
        return Inside(top, left, height - bottom, width - right)

    def alike(self, one: Inside, other: Inside) -> bool:
        """Tell whether two results are the same for a hash: no side moves by more than half of ``LEAST_TRIMMED``."""
        height, width = self._shape
        sides = (height, width, height, width)
        return all(abs(a - b) <= LEAST_TRIMMED / 2 * of for a, b, of in zip(one, other, sides, strict=True))


def inside(plane: Luma) -> tuple[int, int, int, int]:
    """Return the first row and column and the end of rows and columns of what lies between the bars of one frame.

    ``plane``: uint8[h, w], at least one of each. In C (``native/bars.c``) where that is built and rows are whole.
    """
    stride, step = plane.strides
    if NATIVE is None or step != 1 or stride < plane.shape[1]:
        return inside_numpy(plane)
    box = (ctypes.c_int64 * 4)(0, 0, *plane.shape)
    NATIVE.lib.bars_inside(ctypes.c_void_p(plane.ctypes.data), ctypes.c_int64(stride), box)
    top, left, bottom, right = box
    return top, left, bottom, right


def inside_numpy(plane: Luma) -> tuple[int, int, int, int]:
    """Take off lines of one level at the edges: above and below, then left and right of what is left.

    Two opposite sides have a bar, of one level, or neither: a sky is none. The judge of the C in the tests; not numba,
    which would be loaded into every fork of the cell that reads films.
    """
    box = [0, 0, *plane.shape]
    for side in (0, 1):
        border, other = (_level(_line(plane, box, one)) for one in (side, side + 2))
        if border < 0 or other < 0 or abs(border - other) > SAME_LEVELS:
            continue
        for one in (side, side + 2):
            while box[side] < box[side + 2]:
                level = _level(_line(plane, box, one))
                if level < 0 or abs(level - border) > SAME_LEVELS:
                    break
                box[one] += 1 if one < 2 else -1
        if box[side] >= box[side + 2]:
            break
    top, left, bottom, right = box
    return top, left, bottom, right


def _line(plane: Luma, box: list[int], side: int) -> Luma:
    """Return the outermost line of a side of what is left."""
    top, left, bottom, right = box
    if side % 2 == 0:
        return plane[top if side == 0 else bottom - 1, left:right]
    return plane[top:bottom, left if side == 1 else right - 1]


def _level(line: Luma) -> int:
    """Return the median of a line of which nearly all lies near it; -1 where it does not."""
    seen = np.cumsum(np.bincount(line, minlength=256))
    middle = int(np.searchsorted(seen, (len(line) + 1) // 2))
    low, high = middle - NEAR_LEVELS - 1, min(middle + NEAR_LEVELS, 255)
    near = int(seen[high]) - (int(seen[low]) if low >= 0 else 0)
    return middle if near >= UNIFORM * len(line) else -1
