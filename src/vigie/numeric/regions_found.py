"""Rectangles inside a page: the pictures that a screenshot or a collage shows, by its ground and their straight edges.

A page has one or a few *grounds*, levels that much of it has. What differs from a ground is cut by projection profiles
(Nagy and Seth 1984, XY-cut) and into connected blocks; a block is a rectangle where most of each of its four sides
differs from the ground. The edges are then moved to where the picture has its steepest step, at full size.

Done in C where that is built (``native/regions.c``), else by numpy and numba; both find the same.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.native import NATIVE

if t.TYPE_CHECKING:
    from vigie.numeric import regions_native, regions_numba
    from vigie.numeric.regions_terms import Rect
    from vigie.numeric.variants_terms import Bytes


def _chosen() -> regions_native.Loops | regions_numba.Loops:
    if NATIVE:
        from vigie.numeric import regions_native  # noqa: PLC0415 - only what is used may be loaded

        return regions_native.Loops(NATIVE, NATIVE.level)
    from vigie.numeric import regions_numba  # noqa: PLC0415 - as above

    return regions_numba.Loops()


LOOPS: t.Final = _chosen()


def rectangles(image: Bytes, most: int) -> list[Rect]:
    """Return at most ``most`` rectangles of ``image`` (uint8[h, w, 3], RGB), the largest first."""
    return LOOPS.rectangles(np.ascontiguousarray(image), most)
