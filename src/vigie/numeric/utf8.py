"""Is it UTF-8? Asked of every column of a dump, so without making text of it: 1 to 10 GB/s."""

from __future__ import annotations

import codecs
import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

PIECE_BYTES: t.Final = 1 << 16


def whole(values: npt.NDArray[np.uint8]) -> bool:
    """Tell whether all of the bytes, uint8[n], are UTF-8 (RFC 3629): no surrogate, nothing longer than it need be."""
    values = np.ascontiguousarray(values, np.uint8)
    if NATIVE is None:
        return whole_codec(values)
    return bool(NATIVE.lib.utf8_whole(ctypes.c_void_p(values.ctypes.data), ctypes.c_int64(len(values))))


def whole_each(values: npt.NDArray[np.uint8], starts: npt.NDArray[np.integer[t.Any]]) -> bool:
    """Tell whether each value of a column is UTF-8: no character reaches from one into the next.

    ``values``: uint8[n], one behind the other; ``starts``: where each begins, ascending, at most n.
    """
    inside = starts[: np.searchsorted(starts, len(values))]
    return not ((values[inside] & 0xC0) == 0x80).any() and whole(values)


def whole_codec(values: npt.NDArray[np.uint8]) -> bool:
    """Do the same with Python's codec, in pieces: the judge of the C, and what works without it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(values), PIECE_BYTES):
            decoder.decode(values[start : start + PIECE_BYTES].tobytes())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
