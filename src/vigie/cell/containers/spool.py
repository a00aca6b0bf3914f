"""Where the bytes of a nested container or of a wanted member wait: in memory, or in a scratch file."""

from __future__ import annotations

import io
import typing as t

from vigie.cell.containers.entry import CHUNK

MOST_IN_MEMORY = 16 << 20


class NoRoom(Exception):  # noqa: N818 - a verdict about the input: too large for the scratch file
    """The bytes do not fit where they may be put."""


class Spool:
    """Takes bytes in order, then is a seekable file."""

    def __init__(self, scratch: t.BinaryIO | None) -> None:
        self._scratch = scratch
        self.file: t.BinaryIO = io.BytesIO()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises ``NoRoom``."""
        if self.size + len(chunk) > MOST_IN_MEMORY and self.file is not self._scratch:
            self._move()
        try:
            self.file.write(chunk)
        except OSError as error:  # the child's file-size limit, or a full disk
            raise NoRoom(f"does not fit the scratch file: {error.strerror or error}") from error
        self.size += len(chunk)

    def _move(self) -> None:
        if self._scratch is None:
            raise NoRoom(f"more than {MOST_IN_MEMORY} bytes and no scratch file at this depth")
        held = t.cast("io.BytesIO", self.file).getbuffer()
        try:
            self._scratch.seek(0)
            self._scratch.truncate()
            self._scratch.write(held)
        except OSError as error:
            raise NoRoom(f"does not fit the scratch file: {error.strerror or error}") from error
        self.file = self._scratch

    def chunks(self) -> t.Iterator[bytes]:
        """Give the bytes back from the start."""
        self.file.seek(0)
        while chunk := self.file.read(CHUNK):
            yield chunk
