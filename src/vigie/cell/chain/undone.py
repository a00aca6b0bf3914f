"""Which undo record is of which block: those of a file of blocks lie in the file of the same number, in another order.

A record says how many transactions it undoes, and ends with the SHA256d of the hash of the block before and itself.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.chain.records import Record, candidates
from vigie.numeric.headers import twice

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.cell.chain.file import File

SUM_BYTES: t.Final = 32
NOTHING: t.Final = b"\0"
"""The record of a block that holds a coinbase alone."""
FREE_BYTES: t.Final = 1 << 26
"""What may be hashed in vain, beside ``TIMES`` the file; connected blocks lie nearly in order, so that little is."""
TIMES: t.Final = 8


class Undo:
    """The records of an undo file, each given once."""

    def __init__(self, file: File, magic: bytes) -> None:
        self._data = file.data
        self._plain: dict[bytes, int] = {}
        self._by_count: dict[bytes, list[Record]] = {}
        self._budget = FREE_BYTES + TIMES * len(file.data)
        self.left = 0
        for one in candidates(file, magic, (1, len(file.data)), SUM_BYTES):
            self.left += 1
            if self._data[one.start : one.end] == NOTHING:
                sum_ = self._sum(one)
                self._plain[sum_] = self._plain.get(sum_, 0) + 1
            else:
                self._by_count.setdefault(self._head(one), []).append(one)

    def of(self, before: bytes, ins: NDArray[np.uint32]) -> bytes | None:
        """Return the record of the block after ``before``, whose transactions but the coinbase have so many inputs."""
        if not len(ins):
            sum_ = twice(before + NOTHING)
            if not self._plain.get(sum_):
                return None
            self._plain[sum_] -= 1
            self.left -= 1
            return NOTHING
        rest = self._by_count.get(_compact(len(ins)) + _compact(int(ins[0])), [])
        for place, one in enumerate(rest):
            if self._budget < 0:
                return None
            self._budget -= one.end - one.start
            record = bytes(self._data[one.start : one.end])
            if twice(before + record) == self._sum(one):
                del rest[place]
                self.left -= 1
                return record
        return None

    def _sum(self, one: Record) -> bytes:
        return bytes(self._data[one.end : one.end + SUM_BYTES])

    def _head(self, one: Record) -> bytes:
        """Return its first two counts as they are written: of transactions, and of the inputs of the first."""
        first = _width(self._data[one.start])
        second = self._data[one.start + first : one.start + first + 1]
        return bytes(self._data[one.start : one.start + first + _width(second[0])]) if second else b""


def _width(first: int) -> int:
    return 1 + (1 << first - 0xFC if first >= 0xFD else 0)


def _compact(number: int) -> bytes:
    if number < 0xFD:
        return bytes([number])
    return b"\xfd" + number.to_bytes(2, "little") if number < 1 << 16 else b"\xfe" + number.to_bytes(4, "little")
