"""What an MP4 or QuickTime file says of its size, read before FFmpeg makes a table of it (ISO 14496-12: 4.2, 8.7.3)."""

from __future__ import annotations

import io
import struct
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_INTO: t.Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_SIZES: t.Final = (b"stsz", b"stz2")
MOST_BOXES: t.Final = 100_000


def samples(file: t.BinaryIO) -> int:
    """Return the largest number of samples that a track of pictures counts; 0 where none is found."""
    most, pictures, count = 0, False, 0
    for name, body in _boxes(file):
        if name == b"trak":
            pictures, count = False, 0
        elif name == b"hdlr":
            pictures = body[8:12] == b"vide"
        elif name in _SIZES and len(body) >= 12:
            count = struct.unpack_from(">I", body, 8)[0]
        most = max(most, count) if pictures else most
    file.seek(0)
    return most


def _boxes(file: t.BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and first bytes of each box, down to the tables of samples; at most ``MOST_BOXES``.

    A box that cannot be ends the walk: FFmpeg judges what is broken.
    """
    until = [file.seek(0, io.SEEK_END)]
    here = 0
    for _ in range(MOST_BOXES):
        while until and here + 8 > until[-1]:
            here = until.pop()
        if not until:
            return
        file.seek(here)
        head = file.read(32)
        if len(head) < 16:
            return
        size, name = struct.unpack_from(">I4s", head)
        long = 8 if size == 1 else 0
        size = struct.unpack_from(">Q", head, 8)[0] if long else size or until[-1] - here
        if size < 8 + long:
            return
        yield name, head[8 + long :]
        if name in _INTO:
            until.append(min(here + size, until[-1]))
            here += 8 + long
        else:
            here += size
