"""The search for rectangles in C (``native/regions.c``), called with pictures that were checked here."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.regions_terms import Rect

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native
    from vigie.numeric.variants_terms import Bytes


class Loops:
    """What ``regions_numba.Loops`` does, by the library at one level of vector instructions."""

    def __init__(self, native: Native, level: int) -> None:
        self.level = level
        self._rectangles = native.lib.regions_rectangles
        self._rectangles.argtypes = [ctypes.c_int, ctypes.c_void_p, *(ctypes.c_int64,) * 4, ctypes.c_void_p]
        self._rectangles.restype = ctypes.c_int64

    def rectangles(self, image: Bytes, most: int) -> list[Rect]:
        """Return at most ``most`` rectangles of ``image`` (uint8[h, w, 3], RGB, contiguous), the largest first."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.flags.c_contiguous:
            raise ValueError(f"not a contiguous uint8[h, w, 3]: {image.dtype}{image.shape}")
        if most < 0:
            raise ValueError(f"at most {most} rectangles")
        height, width, _ = image.shape
        out = np.empty((most, 4), np.int64)
        many = self._rectangles(self.level, image.ctypes.data, 3 * width, height, width, most, out.ctypes.data)
        if many < 0:
            raise MemoryError(f"no memory for the parts of a picture of {width} x {height} pixels")
        return [Rect(*one) for one in out[:many].tolist()]
