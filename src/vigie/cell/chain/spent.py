"""What blocks spend, as a node answers ``rest/spenttxouts/HASH.bin``: for each transaction, for each input, an output.

Bitcoin Core, ``rest.cpp``: vectors as serialize.h has them, value (8 bytes) and script of each; a coinbase has none.
Heights are not said: they are 0.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric import blocks_codes as codes
from vigie.numeric.scripts_python import kind
from vigie.numeric.undo import Refusal, Undone
from vigie.rows.blocks import MOST_MONEY

if t.TYPE_CHECKING:
    from numpy.typing import NDArray


class Spent:
    """The answers for some blocks, one behind the other in the order of the blocks."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        """Tell whether something is left over: it belongs to no block."""
        return int(self._at < len(self._data))

    def of(self, ins: NDArray[np.uint32]) -> Undone | Refusal:
        """Return what the next block spends, whose transactions but the coinbase have ``ins`` inputs each."""
        start = self._at
        values: list[int] = []
        scripts: list[bytes] = []
        try:
            counts = [0, *ins.tolist()]
            if self._size() != len(counts) or any(self._vector(values, scripts) != count for count in counts):
                return Refusal(codes.COUNT, start)
        except IndexError:
            return Refusal(codes.COUNT, start)
        if any(not 0 <= one <= MOST_MONEY for one in values):
            return Refusal(codes.COUNT, start)
        return Undone(
            value=np.array(values, np.int64),
            height=np.zeros(len(values), np.int32),
            length=np.array([len(one) for one in scripts], np.uint32),
            coinbase=np.zeros(len(values), np.uint8),
            type=np.array([kind(one) for one in scripts], np.uint8),
            scripts=np.frombuffer(b"".join(scripts), np.uint8),
        )

    def _vector(self, values: list[int], scripts: list[bytes]) -> int:
        count = self._size()
        for _ in range(count):
            values.append(int.from_bytes(self._take(8), "little", signed=True))
            scripts.append(self._take(self._size()))
        return count

    def _size(self) -> int:
        first = self._take(1)[0]
        return int.from_bytes(self._take(1 << (first - 252)), "little") if first > 252 else first

    def _take(self, size: int) -> bytes:
        """Errors: IndexError where it ends before."""
        end = self._at + size
        if end > len(self._data):
            raise IndexError(end)
        taken = self._data[self._at : end]
        self._at = end
        return taken
