"""The loops of variants in C (``native/variants.c``), called with arrays that were checked here."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE
from vigie.numeric.variants_terms import CELLS, COEFFICIENTS, Bytes, Floats, Ints

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native


class Loops:
    """The functions of ``variants_numba``, by the library at one level of vector instructions."""

    def __init__(self, native: Native, level: int) -> None:
        pointer, whole, code = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int
        lib = native.lib
        self.level = level
        self._view, self._hashes = lib.variants_view, lib.variants_hashes
        self._view.argtypes = [code, pointer, *(whole,) * 4, pointer, pointer]
        self._hashes.argtypes = [code, *(pointer,) * 3, whole, *(pointer,) * 5]
        self._hashes.restype = None

    def view(self, pixels: Bytes, step_y: int, step_x: int) -> tuple[Floats, Ints]:
        """Reduce uint8[h, 3 w], RGB, to a view; and what is inside its border, in blocks."""
        _check(pixels, np.uint8, (None, None))
        height, width = pixels.shape[0], pixels.shape[1] // 3
        if min(height, width, step_y, step_x) < 1:
            raise ValueError(f"a picture of {width} x {height} pixels in blocks of {step_x} x {step_y}")
        grid, box = np.empty((CELLS, CELLS), np.float32), np.empty(4, np.int64)
        if self._view(self.level, pixels.ctypes.data, height, width, step_y, step_x, grid.ctypes.data, box.ctypes.data):
            raise MemoryError(f"no memory for the view of a picture of {width} x {height} pixels")
        return grid, box

    def hashes(
        self, grid: Floats, maps: npt.NDArray[np.float64], edges: Ints, dct: Floats, dct_t: Floats
    ) -> tuple[Bytes, Ints, Ints]:
        """Hash variants of a view: uint8[n, 32], quality and weak."""
        n = len(edges)
        _check(grid, np.float32, (CELLS, CELLS))
        _check(maps, np.float64, (n, 6))
        _check(edges, np.int64, (n,))
        _check(dct, np.float32, (COEFFICIENTS, SIDE))
        _check(dct_t, np.float32, (SIDE, COEFFICIENTS))
        if not np.isfinite(maps).all():
            raise ValueError("a map leads nowhere")
        values, quality, weak = np.empty((n, 32), np.uint8), np.empty(n, np.int64), np.empty(n, np.int64)
        given = (each.ctypes.data for each in (grid, maps, edges))
        tables = (each.ctypes.data for each in (dct, dct_t, values, quality, weak))
        self._hashes(self.level, *given, n, *tables)
        return values, quality, weak


def _check(array: npt.NDArray[t.Any], kind: type[np.generic], shape: tuple[int | None, ...]) -> None:
    fits = array.ndim == len(shape) and all(want in {None, has} for want, has in zip(shape, array.shape, strict=True))
    if array.dtype != kind or not fits or not array.flags.c_contiguous:
        raise ValueError(f"not a contiguous {kind.__name__}{shape}: {array.dtype}{array.shape}")
