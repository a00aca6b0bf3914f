"""PDQ's loops in C (``native/pdq.c``), called with pictures that were checked here: C trusts what it is given."""

from __future__ import annotations

import ctypes
import struct
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE, Hash

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native
    from vigie.numeric.pdq_operator import Lines, Prints

_BYTE: t.Final = np.dtype(np.uint8)
_HASH: t.Final = struct.Struct("=32s2i")
"""One hash as C writes it: 32 bytes, then ``struct figures``."""
_Room: t.Final = ctypes.c_char * _HASH.size


class Picture(ctypes.Structure):
    """As ``struct picture`` of ``native/pdq.c``."""

    _fields_: t.ClassVar = [
        ("pixels", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("stride", "height", "width", "channels")),
        *((name, ctypes.c_double) for name in ("gain", "parts")),
    ]


class Loops:
    """The functions of ``pdq_numba``, by the library at one level of vector instructions."""

    def __init__(self, native: Native, level: int) -> None:
        lib, pointer = native.lib, ctypes.c_void_p
        self.level = level
        self._cosines: npt.NDArray[np.float64] = np.empty(0)
        self._cosines_at = 0
        self._reduce, self._print = lib.pdq_reduce, lib.pdq_print
        self._hash, self._orientations = lib.pdq_hash, lib.pdq_orientations
        self._reduce.argtypes = [ctypes.c_int, pointer, ctypes.c_int, ctypes.c_int, pointer]
        self._print.argtypes = [ctypes.c_int, *(pointer,) * 4]
        self._hash.argtypes = self._orientations.argtypes = [ctypes.c_int, *(pointer,) * 4]

    def reduce(self, lines: Lines, *, rows_mirrored: bool, columns_mirrored: bool) -> npt.NDArray[np.float64]:
        """Return the 64 x 64 luma picture, float64."""
        out = np.empty((SIDE, SIDE), np.float64)
        picture = _picture(lines)
        done = self._reduce(self.level, ctypes.addressof(picture), rows_mirrored, columns_mirrored, out.ctypes.data)
        _check(done, lines)
        return out

    def print_of(self, reduced: npt.NDArray[np.float64], cosines: npt.NDArray[np.float64]) -> Hash:
        """Hash a 64 x 64 picture."""
        if reduced.shape != (SIDE, SIDE) or reduced.dtype != np.float64 or not reduced.flags.c_contiguous:
            raise ValueError(f"not a contiguous float64[64, 64]: {reduced.dtype}{reduced.shape}")
        room = _Room()
        at = ctypes.addressof(room)
        self._print(self.level, reduced.ctypes.data, self._table(cosines), at, at + 32)
        return Hash(*_HASH.unpack(room))

    def hash_of(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Hash:
        """Hash a picture as stored."""
        room, picture = _Room(), _picture(lines)
        at = ctypes.addressof(room)
        _check(self._hash(self.level, ctypes.addressof(picture), self._table(cosines), at, at + 32), lines)
        return Hash(*_HASH.unpack(room))

    def orientations(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Prints:
        """Hash a picture in its eight orientations: uint8[8, 32] and int32[8, 2], quality and weak."""
        values, figures, picture = np.empty((8, 32), np.uint8), np.empty((8, 2), np.int32), _picture(lines)
        room = (values.ctypes.data, figures.ctypes.data)
        _check(self._orientations(self.level, ctypes.addressof(picture), self._table(cosines), *room), lines)
        return values, figures

    def _table(self, cosines: npt.NDArray[np.float64]) -> int:
        """Address of the cosines. There is one table, and numpy takes 1 us to say where: a hash takes 30 in all."""
        if cosines is not self._cosines:
            self._cosines, self._cosines_at = cosines, cosines.ctypes.data
        return self._cosines_at


def _picture(lines: Lines) -> Picture:
    pixels, stride, height, width, channels, gain, parts = lines
    needed = (height - 1) * stride + width * channels
    if pixels.dtype != _BYTE or pixels.ndim != 1 or not pixels.flags.c_contiguous:
        raise ValueError("pixels are not contiguous bytes")
    if channels not in {1, 3} or stride < 0 or pixels.size < needed:
        raise ValueError(f"{pixels.size} bytes for a picture of {needed}")
    # numpy takes 1 us to say where an array lies; a buffer that may be written to says so in a third of that
    at = ctypes.addressof(ctypes.c_char.from_buffer(pixels.data)) if pixels.flags.writeable else pixels.ctypes.data
    return Picture(at, stride, height, width, channels, gain, parts)


def _check(done: int, lines: Lines) -> None:
    if done:
        raise MemoryError(f"no memory for the sums of a picture {lines.width} pixels wide")
