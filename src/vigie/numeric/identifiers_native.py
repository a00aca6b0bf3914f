"""The passes over texts in C (``native/identifiers.c``), called with arrays that were checked here."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.identifiers_scan import LEAST_RUN

if t.TYPE_CHECKING:
    import numpy.typing as npt

    from vigie.numeric.identifiers_anchors import Anchors, Bytes, Ints, Words
    from vigie.numeric.native import Native


class Loops:
    """What ``identifiers_numba.Loops`` does, by the library at one level of vector instructions."""

    def __init__(self, native: Native, level: int) -> None:
        self.level = level
        size, at = ctypes.c_int64, ctypes.c_void_p
        self._marks = native.lib.identifiers_marks
        self._marks.argtypes = [ctypes.c_int, at, size, size, *(at,) * 5, size]
        self._marks.restype = size
        self._look = native.lib.look_at
        self._look.argtypes = [at, at, at, size, *(at,) * 6, ctypes.c_int]
        self._look.restype = size

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

    def look(
        self, values: Bytes, offsets: Ints, marks: Ints, words: Words, held: Ints, out: Ints, left: Ints, *, glued: bool
    ) -> int:
        """Write what is worth a check at marks; return how many."""
        _check((values, np.uint8, 1), (offsets, np.int64, 1), (marks, np.int64, 2), (held, np.int64, 2),
               (out, np.int64, 2), (left, np.int64, 1))  # fmt: skip
        size = np.maximum(marks[:, 1] - marks[:, 0], 0)
        if (
            not marks.shape[1:] == (3,) == held.shape[:1] or out.shape[1:] != (4,) or held.shape[1:] != (2,)
            or len(out) < len(marks) + int(size.sum()) // LEAST_RUN or len(left) < len(offsets) - 1
            or (len(marks) and not offsets[0] <= marks[:, 0].min() <= marks[:, 1].max() <= offsets[-1] <= len(values))
            or (len(marks) and marks[:, 0].max() >= offsets[-1])
        ):  # fmt: skip
            raise ValueError(f"{marks.shape} marks, {len(offsets)} offsets, {held.shape}, {out.shape}, {len(left)}")
        return int(
            self._look(
                values.ctypes.data, offsets.ctypes.data, marks.ctypes.data, len(marks), words.text.ctypes.data,
                words.ends.ctypes.data, words.places.ctypes.data, held.ctypes.data, out.ctypes.data, left.ctypes.data,
                glued,
            )
        )  # fmt: skip


def _check(*all_: tuple[npt.NDArray[t.Any], type, int]) -> None:
    for one, kind, sides in all_:
        if one.dtype != kind or one.ndim != sides or not one.flags.c_contiguous:
            raise ValueError(f"not a contiguous array of {kind.__name__} with {sides} sides: {one.dtype}{one.shape}")
