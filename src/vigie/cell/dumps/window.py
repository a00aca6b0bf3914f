"""A file seen through a window that moves on: what is looked at is contiguous, and never more than a bound."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.rows import ahead

STEP = 1 << 20


class Window:
    """``data[at:]`` is what has been read and not been passed."""

    def __init__(self, file: t.BinaryIO) -> None:
        self._file = file
        self.data = b""
        self.at = 0
        self.offset = 0
        """Where ``data[0]`` lies in the file."""
        self.ended = False
        self._ahead = ahead.of(file)

    @property
    def place(self) -> int:
        """Where in the file the next byte lies."""
        return self.offset + self.at

    def more(self) -> bool:
        """Read on, keeping what has not been passed; False at the end of the file."""
        if self._ahead:
            self._ahead.reading(self.offset + len(self.data))
        new = b"" if self.ended else self._file.read(STEP)
        self.ended = not new
        self.offset += self.at
        self.data, self.at = self.data[self.at :] + new, 0
        return bool(new)

    def sees(self, many: int) -> bool:
        """Read until so many bytes lie ahead; False where the file has fewer."""
        while len(self.data) - self.at < many and self.more():
            pass
        return len(self.data) - self.at >= many

    def array(self) -> npt.NDArray[np.uint8]:
        """Return ``data`` as uint8[n], not copied."""
        return np.frombuffer(self.data, np.uint8)
