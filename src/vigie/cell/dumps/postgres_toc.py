"""The table of contents of ``pg_dump``'s own formats: custom (``-Fc``), and ``toc.dat`` of tar and directory.

As ``pg_backup_archiver.c`` has it (``ReadHead``, ``ReadToc``), versions 1.12 to 1.16: PostgreSQL 9.0 to 18.
"""

from __future__ import annotations

import typing as t

from vigie.cell.dumps.window import Window

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC: t.Final = b"PGDMP"
VERSIONS: t.Final = range(12, 17)
"""Of the format, behind ``1.``."""
FORMATS: t.Final = {1: "custom", 3: "tar"}
"""A directory's ``toc.dat`` calls itself that of a tar."""
PACKED: t.Final = {0: "none", 1: "gzip", 2: "lz4", 3: "zstd"}
MOST_TEXT: t.Final = 1 << 20
"""Bytes read of one text; the rest is passed over."""
NO_DATA: t.Final = 3


class Cut(Exception):  # noqa: N818 - it is a verdict about the input
    """The archive ends too early."""


class Unread(Exception):  # noqa: N818 - the same
    """An archive in a form that is not read; the text says which, and what to do."""


class Head(t.NamedTuple):
    """What an archive says of itself."""

    version: int
    width: int
    """Bytes of a number."""
    offset_width: int
    """Bytes of a place in the archive."""
    format: str
    packed: str
    """How its data is compressed."""
    said: list[str]


class Entry(t.NamedTuple):
    """One thing of the database: a table, its rows, a function ..."""

    number: int
    kind: str
    """``TABLE``, ``TABLE DATA`` ..."""
    name: str
    schema: str
    statement: bytes
    """What makes it."""
    place: int
    """Where in the archive that statement stands."""
    copy: bytes
    """The ``COPY`` that its data follows, or nothing."""
    data: bool
    """Is there any?"""
    file: str
    """Of a tar or directory: the file beside this one that holds the data."""


class Archive:
    """Reads numbers and texts one behind the other."""

    def __init__(self, file: t.BinaryIO) -> None:
        self.window = Window(file)
        self._width = 4

    def head(self) -> Head:
        """Read the start; raises ``Unread``, ``Cut``."""
        magic, major, minor, _revision = self.taken(5), self.byte(), self.byte(), self.byte()
        if magic != MAGIC or major != 1 or minor not in VERSIONS:
            raise Unread(f"version {major}.{minor} of pg_dump's custom format, not 1.{VERSIONS[0]} to 1.{VERSIONS[-1]}")
        width, offset_width, form = self.byte(), self.byte(), self.byte()
        if not 1 <= width <= 8 or not 1 <= offset_width <= 8 or form not in FORMATS:
            raise Unread(f"numbers of {width} and {offset_width} bytes, form {form}: no archive that pg_dump writes")
        self._width = width
        packed = self.byte() if minor >= 15 else int(self.number() != 0)
        for _ in range(7):  # when it was made, in local time
            self.number()
        said = [self.text().decode("utf-8", "replace") for _ in range(3)]
        return Head(minor, width, offset_width, FORMATS[form], PACKED.get(packed, str(packed)), said)

    def entries(self, head: Head) -> Iterator[Entry]:
        """Read the table of contents; raises ``Cut``."""
        for _ in range(self.number()):
            number, _dumper, _table, _object = self.number(), self.number(), self.text(), self.text()
            name, kind, _section = self.text(), self.text(), self.number()
            place = self.window.place + 1 + self._width
            statement, _drop, copy, schema = self.text(), self.text(), self.text(), self.text()
            _tablespace, _method = self.text(), self.text() if head.version >= 14 else b""
            _relkind = self.number() if head.version >= 16 else 0
            _owner, _oids = self.text(), self.text()
            while self.needs():
                pass
            state, file = NO_DATA, b""
            if head.format == "custom":
                state = self.byte()
                self.taken(head.offset_width)
            else:
                file = self.text()
            yield Entry(number, _told(kind), _told(name), _told(schema), statement, place, copy,
                        state != NO_DATA or bool(file), _told(file))  # fmt: skip

    def taken(self, many: int) -> bytes:
        """Return so many bytes, at most ``MOST_TEXT``."""
        window = self.window
        if not window.sees(many):
            raise Cut
        window.at += many
        return window.data[window.at - many : window.at]

    def byte(self) -> int:
        """Return one byte."""
        return self.taken(1)[0]

    def number(self) -> int:
        """Return a number: a byte for its sign, then its bytes, the lowest first."""
        raw = self.taken(1 + self._width)
        value = int.from_bytes(raw[1:], "little")
        return -value if raw[0] else value

    def needs(self) -> bool:
        """Pass one of the numbers of what an entry needs; False where there are no more."""
        return self._text() is not None

    def text(self) -> bytes:
        """Return a text, empty where there is none."""
        return self._text() or b""

    def _text(self) -> bytes | None:
        many = self.number()
        if many < 0:
            return None
        out, left = self.taken(min(many, MOST_TEXT)), max(many - MOST_TEXT, 0)
        while left:
            left -= len(self.taken(min(left, MOST_TEXT)))
        return out


def _told(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")
