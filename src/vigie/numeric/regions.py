"""Hashes of parts of a picture: of the rectangles it shows, and of fixed tiles, of which an edit spoils only some.

Rectangles are hashed exactly, as the pictures they are. Tiles are sampled from the view that all variants are made of:
a tile of ours is compared with the same tile of another picture, so both are filtered alike.
Source: reference/media.md 8.4; docs/matching.md 8.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq import LEAST_SIDE_PX as LEAST_PDQ_PX
from vigie.numeric.pdq import NOTHING, hash_reduced, reduce_to_64
from vigie.numeric.pdq_operator import Hash, Lines
from vigie.numeric.regions_found import rectangles
from vigie.numeric.regions_terms import Rect
from vigie.numeric.variants import LEAST_SIDE_PX, Recipe, prints
from vigie.numeric.variants_view import View, view_of

MOST_FOUND: t.Final = 8
MOST_HASHED: t.Final = 1.5
"""The rectangles that are hashed have together at most this share of the picture's area: bounds the work."""
PARTS: t.Final = 1000
"""A box is told in thousandths of the picture's sides."""


def _tile(top: float, left: float, bottom: float, right: float) -> Recipe:
    return Recipe("tile", top, left, bottom, right)


TILES: t.Final = (
    *(_tile(0, 0, 0.5, 1), _tile(0.5, 0, 1, 1), _tile(0, 0, 1, 0.5), _tile(0, 0.5, 1, 1)),
    *(_tile(y, x, y + 0.5, x + 0.5) for y in (0, 0.5) for x in (0, 0.5)),
    _tile(0.25, 0.25, 0.75, 0.75),
    *(_tile(k / 3, 0, (k + 1) / 3, 1) for k in range(3)),
    *(_tile(0, k / 3, 1, (k + 1) / 3) for k in range(3)),
)
"""Halves, quarters, the middle, thirds across and down: whatever lies in one place leaves some whole."""


class Region(t.NamedTuple):
    """A part of a picture and its hash."""

    box: tuple[int, int, int, int]
    """Left, top, width, height, in thousandths of the sides."""
    tile: int
    """Place in ``TILES``; -1 for a rectangle that was found."""
    hash: Hash


def regions_of(image: npt.NDArray[np.uint8], view: View | None = None) -> list[Region]:
    """Return the regions of ``image`` (uint8[h, w, 3], RGB); none of a picture with a side under 64 px."""
    if min(image.shape[:2]) < LEAST_SIDE_PX:
        return []
    image = np.ascontiguousarray(image)
    made = prints(view or view_of(image), TILES)
    tiles = [
        Region(_tile_box(one), place, Hash(value.tobytes(), int(quality), int(weak)))
        for place, (one, value, quality, weak) in enumerate(
            zip(TILES, made.values, made.quality, made.weak, strict=True)
        )
    ]
    return [*found(image), *tiles]


def found(image: npt.NDArray[np.uint8]) -> list[Region]:
    """Return the rectangles of ``image`` (uint8[h, w, 3], RGB, contiguous), each hashed where it lies."""
    left, out = MOST_HASHED * image.shape[0] * image.shape[1], []
    for rect in rectangles(image, MOST_FOUND):
        left -= rect.area
        if left >= 0 and rect.area:
            out.append(Region(_box(rect, *image.shape[:2]), -1, _hash(image, rect)))
    return out


def _hash(image: npt.NDArray[np.uint8], of: Rect) -> Hash:
    """Return the exact hash of a part, where it lies: a copy of it would cost more than the hash."""
    high, wide, stride = of.bottom - of.top, of.right - of.left, 3 * image.shape[1]
    if min(high, wide) < LEAST_PDQ_PX:
        return NOTHING
    flat = image.reshape(-1)[of.top * stride + 3 * of.left :]
    return hash_reduced(reduce_to_64(Lines(flat, stride, high, wide, 3, 1.0, 1000.0)))


def _box(of: Rect, height: int, width: int) -> tuple[int, int, int, int]:
    left, top = round(of.left * PARTS / width), round(of.top * PARTS / height)
    return left, top, round(of.right * PARTS / width) - left, round(of.bottom * PARTS / height) - top


def _tile_box(of: Recipe) -> tuple[int, int, int, int]:
    left, top = round(of.left * PARTS), round(of.top * PARTS)
    return left, top, round(of.right * PARTS) - left, round(of.bottom * PARTS) - top
