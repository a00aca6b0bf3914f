"""PDQ's loops in C (``native/pdq.c``), called with pictures that were checked here: C trusts what it is given."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native
    from vigie.numeric.pdq_operator import Lines, Prints


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

    def print_of(self, reduced: npt.NDArray[np.float64], cosines: npt.NDArray[np.float64]) -> Prints:
        """Hash a 64 x 64 picture: uint8[1, 32] and int32[1, 2], quality and weak."""
        if reduced.shape != (SIDE, SIDE) or reduced.dtype != np.float64 or not reduced.flags.c_contiguous:
            raise ValueError(f"not a contiguous float64[64, 64]: {reduced.dtype}{reduced.shape}")
        values, figures = _room(1)
        self._print(self.level, reduced.ctypes.data, cosines.ctypes.data, values.ctypes.data, figures.ctypes.data)
        return values, figures

    def hash_of(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Prints:
        """Hash a picture as stored: uint8[1, 32] and int32[1, 2], quality and weak."""
        return self._call(self._hash, lines, cosines, 1)

    def orientations(self, lines: Lines, cosines: npt.NDArray[np.float64]) -> Prints:
        """Hash a picture in its eight orientations: uint8[8, 32] and int32[8, 2], quality and weak."""
        return self._call(self._orientations, lines, cosines, 8)

    def _call(self, function: t.Any, lines: Lines, cosines: npt.NDArray[np.float64], many: int) -> Prints:
        values, figures = _room(many)
        picture = _picture(lines)
        address = ctypes.addressof(picture)
        done = function(self.level, address, _address(cosines), _address(values), _address(figures))
        _check(done, lines)
        return values, figures


def _address(of: npt.NDArray[t.Any]) -> int:
    """As ``of.ctypes.data``, which takes 1 us: a small picture is hashed in 30."""
    address: int = of.__array_interface__["data"][0]
    return address


def _room(many: int) -> Prints:
    return np.empty((many, 32), np.uint8), np.empty((many, 2), np.int32)


def _picture(lines: Lines) -> Picture:
    pixels, stride, height, width, channels, gain, parts = lines
    needed = (height - 1) * stride + width * channels
    if pixels.dtype != np.uint8 or pixels.ndim != 1 or not pixels.flags.c_contiguous:
        raise ValueError("pixels are not contiguous bytes")
    if channels not in {1, 3} or stride < 0 or pixels.size < needed:
        raise ValueError(f"{pixels.size} bytes for a picture of {needed}")
    return Picture(_address(pixels), stride, height, width, channels, gain, parts)


def _check(done: int, lines: Lines) -> None:
    if done:
        raise MemoryError(f"no memory for the sums of a picture {lines.width} pixels wide")
