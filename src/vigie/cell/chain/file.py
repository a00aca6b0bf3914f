"""A file of blocks or of undo records, read whole and without its key (Core 28: ``xor.dat``)."""

from __future__ import annotations

import io
import typing as t

import numpy as np

from vigie.cell.job import Refused
from vigie.rows.blocks import KEY_BYTES

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BYTES: t.Final = 1 << 30
"""Core begins another file at 128 MiB."""


class File(t.NamedTuple):
    """Its bytes from ``start`` on, as a node without a key would have written them."""

    data: bytearray
    start: int
    used: int
    """From here on there is nothing in it: zeros as they lie on the disk, which a node reserves and does not obscure.
    The last record may reach into them by the zeros that it ends with."""

    @property
    def raw(self) -> NDArray[np.uint8]:
        """The same bytes, for loops."""
        return np.frombuffer(self.data, np.uint8)


def read(file: t.BinaryIO, key: bytes, start: int = 0) -> File:
    """Read a file from a byte on. Errors: ``Refused``."""
    if len(key) not in (0, KEY_BYTES):
        raise Refused("no_blocks", f"the key has {len(key)} bytes: xor.dat has {KEY_BYTES}")
    size = file.seek(0, io.SEEK_END)
    if start > size:
        raise Refused("changed", f"it has {size} bytes, and had {start} or more when it was read before")
    if size - start > MOST_BYTES:
        raise Refused("too_large", f"{size - start} bytes where a node begins another file at 128 MiB")
    data = bytearray(size - start)
    file.seek(start)
    got = 0
    with memoryview(data) as view:
        while got < len(data):
            came = file.readinto(view[got:])  # type: ignore[attr-defined] # the cell's files are raw or buffered
            if not came:
                raise Refused("truncated", f"it ended at byte {start + got} of {size} while it was read")
            got += came
    raw = np.frombuffer(data, np.uint8)
    used = _used(raw)
    if any(key):
        _clear(raw, key, start)
    return File(data, start, used)


def _used(raw: NDArray[np.uint8]) -> int:
    """Return where the zeros at the end begin."""
    end = len(raw)
    while end:
        begin = max(0, end - (1 << 20))
        there = np.flatnonzero(raw[begin:end])
        if len(there):
            return begin + int(there[-1]) + 1
        end = begin
    return 0


def _clear(raw: NDArray[np.uint8], key: bytes, start: int) -> None:
    """Take the key away; it is laid cyclically from the first byte of the file on."""
    turned = np.frombuffer(key[start % KEY_BYTES :] + key[: start % KEY_BYTES], np.uint8)
    whole = len(raw) // KEY_BYTES * KEY_BYTES
    raw[:whole].view(np.uint64)[:] ^= turned.view(np.uint64)
    raw[whole:] ^= turned[: len(raw) - whole]
