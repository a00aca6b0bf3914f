"""Bytes read from front to back, as Bitcoin Core serialises: little-endian, vectors with a CompactSize before them."""

from __future__ import annotations

import struct


class Short(Exception):  # noqa: N818 - it is a verdict about bytes, not an error of ours
    """Fewer bytes than the form asks for, or a length that cannot be."""


class Cursor:
    """Reads within ``data[at:end]`` and nowhere else."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self.end - self.at

    def take(self, many: int) -> bytes:
        """Return the next bytes. Raises ``Short``."""
        if many > self.end - self.at:
            raise Short(f"{many} bytes at {self.at}, where {self.left} are")
        self.at += many
        return self.data[self.at - many : self.at]

    def number(self, form: str) -> int:
        """Return a number of this form of ``struct``, little-endian."""
        size = struct.calcsize("<" + form)
        value: int = struct.unpack("<" + form, self.take(size))[0]
        return value

    def compact(self) -> int:
        """Return a CompactSize."""
        first = self.number("B")
        return first if first < 253 else self.number({253: "H", 254: "I", 255: "Q"}[first])

    def vector(self) -> bytes:
        """Return bytes with their length before them."""
        return self.take(self.compact())

    def text(self) -> str:
        r"""Return a vector as text; what is no UTF-8 stands as ``\xe9``."""
        return self.vector().decode("utf-8", "backslashreplace")
