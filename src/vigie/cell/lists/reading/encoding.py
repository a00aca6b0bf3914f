"""A list in any encoding, as a stream of UTF-8."""

from __future__ import annotations

import codecs
import io
import typing as t

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ENCODINGS = frozenset(
    """
    utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be ascii latin-1 iso-8859-2 iso-8859-15 koi8-r mac-roman
    cp437 cp850 cp852 cp866 cp1250 cp1251 cp1252 cp1253 cp1254 cp932 cp949 shift_jis euc_jp euc_kr gbk gb18030 big5
    """.split()  # noqa: SIM905 - as a list it is thirty lines
)
"""What a mapping may name. Python loads an encoding from disk when it is first used, which the sandbox forbids:
these are loaded before."""


def warm() -> None:
    """Load every encoding of ``ENCODINGS``."""
    for name in ENCODINGS:
        codecs.lookup(name)


class Recoded(io.RawIOBase):
    """The bytes of a file in some encoding, as UTF-8; what does not decode becomes U+FFFD."""

    def __init__(self, file: t.BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: t.Any) -> int:
        """Fill the buffer; 0 at the end."""
        while not self._left:
            chunk = self._file.read(1 << 16)
            self._left = self._decoder.decode(chunk, final=not chunk).encode("utf-8", "replace")
            if not chunk and not self._left:
                return 0
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def as_utf8(file: t.BinaryIO, encoding: str = "") -> t.BinaryIO:
    """Return the file from its first byte on, as UTF-8 without a byte-order mark.

    ``encoding`` is what the examiner declared; a byte-order mark says more than that. Without either, the bytes
    come as they are, and whoever decodes them states the fallback.
    """
    file.seek(0)
    head = file.read(4)
    for bom, name in BOMS:
        if head.startswith(bom):
            file.seek(len(bom))
            return file if name == "utf-8" else io.BufferedReader(Recoded(file, name), 1 << 17)
    file.seek(0)
    if encoding and codecs.lookup(encoding).name != "utf-8":
        return io.BufferedReader(Recoded(file, encoding), 1 << 17)
    return file
