"""A small view of a picture, from which all its variants are sampled; and where its border ends."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.variants_loops import LOOPS
from vigie.numeric.variants_terms import CELLS, Bytes, Floats, Ints

LEAST_SHARE: t.Final = 0.2
"""So much of each side must be left inside the border, else it is no border."""
LEAST_TRIMMED: t.Final = 0.006
"""Less than this of a side is no border but a line at the edge."""


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
    grid, inside = LOOPS.view(pixels, step_y, step_x)
    return View(grid, height, width, _box(inside, height, width, step_y, step_x))


def _box(inside: Ints, height: int, width: int, step_y: int, step_x: int) -> Box | None:
    top, left, bottom, right = map(int, inside)
    ends_y = [min(top * step_y, height), min(bottom * step_y, height)]
    ends_x = [min(left * step_x, width), min(right * step_x, width)]
    box = Box(ends_y[0] / height, ends_x[0] / width, ends_y[1] / height, ends_x[1] / width)
    high, wide = box.bottom - box.top, box.right - box.left
    if min(high, wide) < LEAST_SHARE or 1 - min(high, wide) < LEAST_TRIMMED:
        return None
    return box
