"""Runs of sectors as file objects: a window into a disk, segments one after the other, what libyal gives."""

from __future__ import annotations

import os
import typing as t
from bisect import bisect_right

import pytsk3

# What libyal's bindings and pytsk3 raise on damaged input: OSError for nearly all, the others where a number taken
# from the file does not fit the Python type it is put into, or no memory could be had for it.
LIBRARY_ERRORS = (OSError, ValueError, RuntimeError, OverflowError, MemoryError, SystemError, TypeError, LookupError)


class Sectors(t.Protocol):
    """What readers of disks need of one: they read anywhere, and nobody relies on where the last one stopped."""

    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end. Raises OSError."""


class Foreign:
    """A media or volume object of a libyal binding."""

    def __init__(self, media: t.Any, size: int, *beneath: object) -> None:
        self._media = media
        self._beneath = beneath  # the bindings do not keep what they read from alive
        self.size = size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end."""
        size = min(size, self.size - offset)
        if size <= 0 or offset < 0:
            return b""
        return bytes(self._media.read_buffer_at_offset(size, offset))


class Segments:
    """Files one after the other: a raw image, split or not."""

    def __init__(self, files: list[t.BinaryIO]) -> None:
        self._files = files
        self._starts = []
        self.size = 0
        for file in files:
            self._starts.append(self.size)
            self.size += file.seek(0, os.SEEK_END)

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end."""
        out = bytearray()
        while len(out) < size and 0 <= offset < self.size:
            which = bisect_right(self._starts, offset) - 1
            file = self._files[which]
            file.seek(offset - self._starts[which])
            data = file.read(size - len(out))
            if not data:
                break
            out += data
            offset += len(data)
        return bytes(out)


class Window:
    """A partition: sectors of a disk from ``start`` on."""

    def __init__(self, disk: Sectors, start: int, size: int) -> None:
        self._disk = disk
        self._start = start
        self.size = max(0, min(size, disk.size - start))

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end."""
        size = min(size, self.size - offset)
        return self._disk.read_at(self._start + offset, size) if size > 0 and offset >= 0 else b""


class Seekable:
    """Sectors as the file object that libyal's ``open_file_object`` asks for; each reader makes its own."""

    def __init__(self, sectors: Sectors) -> None:
        self._sectors = sectors
        self._at = 0

    def read(self, size: int | None = None) -> bytes:
        """Read from where it stands."""
        data = self._sectors.read_at(self._at, self._sectors.size - self._at if size is None else size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; returns the new position."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._sectors.size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def get_offset(self) -> int:
        """Return the position."""
        return self._at

    def get_size(self) -> int:
        """Return the size."""
        return self._sectors.size


class TskImage(pytsk3.Img_Info):  # type: ignore[misc]  # pytsk3 ships no types
    """Sectors as The Sleuth Kit reads them."""

    def __init__(self, sectors: Sectors) -> None:
        self._sectors = sectors
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def close(self) -> None:
        """Nothing is held that needs closing."""

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end."""
        return self._sectors.read_at(offset, size)

    def get_size(self) -> int:
        """Return the size."""
        return self._sectors.size
