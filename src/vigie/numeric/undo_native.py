"""Undo records by the library (``native/undo.c``), called with arrays that ``undo`` made and checked."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import MISSING

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.numeric.native import Native
    from vigie.numeric.undo import Undone

POINTERS: t.Final = ("value", "height", "length", "coinbase", "type", "scripts")


class _Undone(ctypes.Structure):
    """``struct undone``."""

    _fields_ = (
        *((one, ctypes.c_int64) for one in ("n_ins", "n_bytes", "n_points", "most_ins", "most_bytes")),
        *((one, ctypes.c_void_p) for one in (*POINTERS, "points")),
    )


def parse(
    raw: bytes, ins: NDArray[np.uint32], out: Undone, native: Native | None = NATIVE
) -> tuple[int, int, int, list[int]]:
    """Fill columns; return 0 or why not, where, bytes of scripts, and where keys stand that want their other half."""
    if native is None:
        raise RuntimeError(MISSING)
    said = _Undone(most_ins=len(out.value), most_bytes=len(out.scripts))
    points = np.empty(len(out.value), np.int64)
    for one in POINTERS:
        setattr(said, one, getattr(out, one).ctypes.data)
    said.points = points.ctypes.data
    where = ctypes.c_int64()
    call = native.lib.undo_parse
    call.restype = ctypes.c_int32
    size, at = ctypes.c_int64, ctypes.c_void_p
    call.argtypes = [ctypes.c_char_p, size, at, size, at, at]
    code = call(raw, len(raw), ins.ctypes.data, len(ins), ctypes.byref(said), ctypes.byref(where))
    return int(code), where.value, said.n_bytes, points[: said.n_points].tolist()
