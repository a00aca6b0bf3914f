"""The passes over texts in C (``native/identifiers.c``), called with arrays that were checked here."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

if t.TYPE_CHECKING:
    import numpy.typing as npt

    from vigie.numeric.identifiers_anchors import Anchors, Bytes, Ints
    from vigie.numeric.native import Native


class Loops:
    """What ``identifiers_numba.Loops`` does, by the library at one level of vector instructions."""

    def __init__(self, native: Native, level: int) -> None:
        self.level = level
        size, at = ctypes.c_int64, ctypes.c_void_p
        self._marks = native.lib.identifiers_marks
        self._marks.argtypes = [ctypes.c_int, at, size, size, *(at,) * 5, size]
        self._marks.restype = size

    def marks(self, values: Bytes, first: int, end: int, wanted: Anchors, state: Ints, out: Ints) -> int:
        """Write marks of ``values[first:end]`` from ``state`` on; return how many. ``out``: int64[1024 or more, 3]."""
        _check((values, np.uint8, 1), (out, np.int64, 2), (state, np.int64, 1))
        if not 0 <= first <= end <= len(values) or len(out) < 1024 or out.shape[1] != 3 or len(state) != 3:
            raise ValueError(f"{first}, {end} of {len(values)} bytes, {out.shape} for marks, {len(state)} of state")
        return int(
            self._marks(
                self.level, values.ctypes.data, first, end, wanted.sets.ctypes.data, wanted.nibbles.ctypes.data,
                wanted.codes.ctypes.data, state.ctypes.data, out.ctypes.data, len(out),
            )
        )  # fmt: skip


def _check(*all_: tuple[npt.NDArray[t.Any], type, int]) -> None:
    for one, kind, sides in all_:
        if one.dtype != kind or one.ndim != sides or not one.flags.c_contiguous:
            raise ValueError(f"not a contiguous array of {kind.__name__} with {sides} sides: {one.dtype}{one.shape}")
