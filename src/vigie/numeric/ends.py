"""Lengths of values that lie one behind the other, turned into where each begins and ends."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

Lengths = npt.NDArray[np.int32]


def offsets(lengths: Lengths) -> npt.NDArray[np.int64]:
    """Return int64[rows + 1]: where each value begins, and the end of the last. A length below 0 counts as 0."""
    lengths = _aligned(lengths)
    out = np.zeros(len(lengths) + 1, np.int64)
    if NATIVE is None:
        np.cumsum(np.maximum(lengths, 0), out=out[1:])
    else:
        NATIVE.lib.ends_of(
            ctypes.c_void_p(lengths.ctypes.data), ctypes.c_int64(len(lengths)), ctypes.c_void_p(out.ctypes.data)
        )
    return out


def narrow(lengths: Lengths) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8] | None]:
    """Return int32[rows + 1], the same in 32 bits, and which values are there; None where all are.

    uint8[(rows + 7) / 8], a bit each, the lowest first, as Arrow has it (Columnar Format, Validity Bitmaps). A length
    of -1 is of one that is not there. Raises ValueError for a length below that, and for more than 2^31 - 1 bytes.
    """
    lengths = _aligned(lengths)
    if NATIVE is None:
        return _narrow_numpy(lengths)
    ends, there = np.empty(len(lengths) + 1, np.int32), np.zeros((len(lengths) + 7) // 8, np.uint8)
    call = NATIVE.lib.ends_and_bits_of
    call.restype = ctypes.c_int64
    missing = call(
        ctypes.c_void_p(lengths.ctypes.data), ctypes.c_int64(len(lengths)), ctypes.c_void_p(ends.ctypes.data),
        ctypes.c_void_p(there.ctypes.data),
    )  # fmt: skip
    if missing < 0:
        raise ValueError("lengths below -1, or of more than 2^31 - 1 bytes")
    return ends, there if missing else None


def _aligned(lengths: Lengths) -> Lengths:
    """Return them where the C may read them as numbers: in a reply they begin at any byte."""
    return np.require(lengths, np.int32, ["C", "A"])


def _narrow_numpy(lengths: Lengths) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8] | None]:
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.maximum(lengths, 0), out=ends[1:])
    if (lengths < -1).any() or ends[-1] > np.iinfo(np.int32).max:
        raise ValueError("lengths below -1, or of more than 2^31 - 1 bytes")
    known = lengths >= 0
    return ends.astype(np.int32), None if known.all() else np.packbits(known, bitorder="little")
