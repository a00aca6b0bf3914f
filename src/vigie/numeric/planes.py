"""PDQ of the frames of one film: luma planes of one shape, each hashed where it lies, by one call.

Between two frames a decoder runs through all caches, so what is done once a frame is done cold: ten times its cost in
a loop. What can be settled once a film (shape, gain, room for the answer) is therefore settled before.
"""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric import pdq
from vigie.numeric.native import NATIVE
from vigie.numeric.pdq_native import Picture
from vigie.numeric.pdq_operator import LONGEST_SIDE_PX, MOST_PIXELS, Hash

if t.TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from vigie.numeric.native import Native


class Planes:
    """Hashes luma planes of one shape; the same bits as ``pdq.hash_luma``."""

    def __init__(self, height: int, width: int, stride: int, *, full_range: bool) -> None:
        """``stride``: bytes from one line to the next. Raises ``ValueError`` where lines overlap."""
        if stride < width or min(height, width) < 1:
            raise ValueError(f"lines of {width} bytes, {stride} apart")
        self._shape, self._stride, self._full_range = (height, width), stride, full_range
        self._needed = (height - 1) * stride + width
        usual = min(height, width) >= pdq.LEAST_SIDE_PX and max(height, width) <= LONGEST_SIDE_PX
        self._native = self._prepared(NATIVE) if NATIVE and usual and height * width <= MOST_PIXELS else None

    def hash(self, address: int, size: int) -> Hash:
        """Return the hash of the plane of ``size`` bytes at ``address``, which must stay there meanwhile.

        Raises ``ValueError`` where there are too few bytes, or PDQ is not computed for so large a plane.
        """
        if size < self._needed:
            raise ValueError(f"{size} bytes for a plane of {self._needed}")
        if self._native:
            return self._native(address)
        memory = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))
        plane: npt.NDArray[np.uint8] = np.ndarray(self._shape, np.uint8, memory, strides=(self._stride, 1))
        return pdq.hash_luma(plane, full_range=self._full_range)

    def _prepared(self, native: Native) -> Callable[[int], Hash]:
        gain, parts = (1.0, 1.0) if self._full_range else (255.0, 219.0)
        picture = Picture(None, self._stride, *self._shape, 1, gain, parts)
        value, figures = (ctypes.c_uint8 * 32)(), (ctypes.c_int32 * 2)()
        function, level = native.lib.pdq_hash, native.level
        given = (ctypes.addressof(picture), pdq.COSINES.ctypes.data, ctypes.addressof(value), ctypes.addressof(figures))

        def hashed(address: int) -> Hash:
            picture.pixels = address
            if function(level, *given):
                raise MemoryError(f"no memory for the sums of a picture {picture.width} pixels wide")
            return Hash(bytes(value), *figures)

        return hashed
