"""A dump that was saved as UTF-16, as PowerShell's ``mysqldump > file`` does: seen as UTF-8 by whoever reads it.

Bytes are counted in the UTF-8 text then, not in the file. What PowerShell did before is beyond mending: it decodes
what a program writes by the code page of the console, so letters beyond ASCII may be others by now.
"""

from __future__ import annotations

import codecs
import io
import typing as t

from vigie.cell.dumps.pieces import Odd
from vigie.cell.lists.reading.encoding import Recoded

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Reader, Want

MARKS: t.Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def or_utf8(read: Reader) -> Reader:
    """Return a reader that reads what ``read`` does, and the same saved as UTF-16 with a mark."""

    def either(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
        file.seek(0)
        encoding = MARKS.get(file.read(2))
        if encoding is None:
            file.seek(0)
            yield from read(file, want)
            return
        yield Odd("charset", "it is UTF-16; bytes are counted in its text as UTF-8", 0)
        yield from read(t.cast("t.BinaryIO", io.BufferedReader(Recoded(file, encoding), 1 << 20)), want)

    return either
