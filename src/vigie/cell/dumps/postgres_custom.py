"""Dumps of PostgreSQL in its custom format (``pg_dump -Fc``); of its tar and directory formats the table of contents.

The archive is read from its start to its end: the places that its table of contents gives are not needed, and blocks of
data may lie in any order. Statements and rows are SQL, read as in ``postgres``. The place of a row is its byte in the
unpacked data of its table, as ``pg_restore`` writes it.
"""

from __future__ import annotations

import io
import typing as t

from vigie.cell.containers import unpack
from vigie.cell.dumps.pieces import LARGE, Beside, Odd, Said
from vigie.cell.dumps.postgres import Known, Reading
from vigie.cell.dumps.postgres_toc import Archive, Cut, Entry, Head, Unread
from vigie.numeric import chunked

if t.TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from vigie.cell.dumps.pieces import Piece, Want

ADVICE: t.Final = "turn a copy into SQL with `pg_restore -f out.sql COPY`, which needs no server, and add that"
TOGETHER: t.Final = "add the whole folder or archive, or else"
MOST_RATIO: t.Final = 1000
FREE_BYTES: t.Final = 256 << 20
"""Data may unfold to so many bytes, and beyond them to so many for each of its own; as ``rows.wire.Bounds`` has it."""
_DATA, _LARGE = 1, 3
_CODERS: t.Final[dict[str, Callable[[], unpack.Coder]]] = {
    "gzip": unpack.zlib_stream,
    "lz4": unpack.lz4_frame,
    "zstd": unpack.zstd,
}


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield what stands in an archive, in its order; ``want`` says which columns of a table are kept, by number."""
    archive, known, data, large = Archive(file), Known(), dict[int, Entry](), 0
    try:
        head = archive.head()
        for text in ("database {}", "Dumped from database version {}", "Dumped by pg_dump version {}"):
            yield Said(text.format(head.said.pop(0)[:100]), 0)
        for one in archive.entries(head):
            yield from declared(one, want, known)
            if one.kind == "TABLE DATA" and one.data:
                data[one.number] = one._replace(statement=b"")
                if one.file:
                    yield Beside(f"{one.schema}.{one.name}", one.file)
            large += one.kind == "BLOBS" and bool(one.file)
        if large:
            detail = "large objects lie in files beside this one, and are passed over"
            yield Odd("unread", detail, archive.window.place, LARGE)
        yield from _all_data(archive, head, data, want, known)
    except Cut:
        yield Odd("truncated", "the archive ends too early", archive.window.place)
    except Unread as error:
        yield Odd("unread", f"{error}: {ADVICE}", archive.window.place)
    if data:
        yield _missing(list(data.values()), archive.window.place)


def declared(one: Entry, want: Want, known: Known) -> Iterator[Piece]:
    """Read the statement that makes an entry, as any other."""
    if one.statement:
        known.schema = one.schema
        yield from Reading(io.BytesIO(one.statement + b"\n;"), want, known, one.place).pieces()


def _missing(lost: list[Entry], place: int) -> Odd:
    first = lost[0]
    whose = f"the rows of {len(lost)} tables, {first.schema}.{first.name} the first"
    if first.file:
        where = f"lie in files beside this one ({first.file[:100]})"
        return Odd("beside", f"{whose[:500]}, {where}: {TOGETHER} {ADVICE}", place)
    return Odd("truncated", f"{whose[:500]}, are not in the archive", place, many=len(lost))


def _all_data(archive: Archive, head: Head, data: dict[int, Entry], want: Want, known: Known) -> Iterator[Piece]:
    """Read the blocks of data; what has been met is taken from ``data``."""
    if head.format != "custom":
        return
    if head.packed not in ("none", *_CODERS):
        data.clear()
        raise Unread(f"the rows of all tables are compressed with {head.packed}")
    large, window = 0, archive.window
    while window.sees(1):
        place, kind, number = window.place, archive.byte(), archive.number()
        if kind == _LARGE:
            while archive.number():
                large += 1
                _Flow(archive, head).drained()
        elif kind != _DATA:
            yield Odd("malformed", "no block of data begins where one should", place)
            break
        elif not (yield from _table(archive, head, data.pop(number, None), want, known)):
            break
    if large:
        yield Odd("unread", f"{large} large objects are passed over", window.place, LARGE, many=large)


def _table(archive: Archive, head: Head, one: Entry | None, want: Want, known: Known) -> Generator[Piece, None, bool]:
    """Read one block of data; False where nothing behind it can be read."""
    place, flow = archive.window.place, _Flow(archive, head)
    if one is None:
        yield Odd("no_table", "a block of data that belongs to no table", place)
        flow.drained()
        return not flow.lost
    known.schema = one.schema
    name = f"{one.schema}.{one.name}"[:200]
    reading = Reading(t.cast("t.BinaryIO", flow), want, known)
    for piece in reading.copied(one.copy, name) if one.copy.strip() else reading.pieces():
        if isinstance(piece, Odd):
            yield piece._replace(detail=f"of the unpacked data of {name}: {piece.detail}")
        else:
            yield piece
    flow.drained()
    if why := flow.lost or flow.trouble:
        yield Odd("malformed", f"the data of {name} begins: {why}", place, name)
    return not flow.lost


class _Flow:
    """The data of one block, unpacked, as a file that can be read once."""

    def __init__(self, archive: Archive, head: Head) -> None:
        self._window, self._chunks = archive.window, chunked.Chunks(head.width)
        self._coder = None if head.packed == "none" else _CODERS[head.packed]()
        self._unfolded, self._ended = self._pieces(), False
        self.lost = ""
        """Why nothing behind the block can be read."""
        self.trouble = ""
        """Why it could not be unpacked to its end."""

    def read(self, _many: int) -> bytes:
        """Return the next bytes, at most 1 MiB; b"" at the end."""
        return next(self._unfolded, b"")

    def drained(self) -> None:
        """Pass what is left of the block; its checksum is looked at on the way."""
        for rest in (self._unfolded, self._packed()):
            for _ in rest:
                pass

    def _packed(self) -> Iterator[bytes]:
        """Give what the chunks of the block hold, as it stands in the archive."""
        window = self._window
        while not self._ended:
            if not window.sees(1):
                self._ended, self.lost = True, "the archive ends in it"
                return
            status, window.at, piece = self._chunks.read(window.array(), window.at)
            self._ended = status != chunked.MORE
            if status == chunked.MALFORMED:
                self.lost = "a length in it is none"
            if piece:
                yield piece

    def _pieces(self) -> Iterator[bytes]:
        packed = unpacked = 0
        for piece in self._packed():
            packed += len(piece)
            for out in self._fed(piece):
                unpacked += len(out)
                if unpacked > FREE_BYTES + MOST_RATIO * packed:
                    self.trouble = f"it unfolds to more than {MOST_RATIO} times its bytes; no more of it was read"
                    return
                yield out
            if self.trouble:
                return
        if self._coder is not None and not self._coder.ended:
            self.trouble = "its compressed data ends too early"

    def _fed(self, piece: bytes) -> Iterator[bytes]:
        if self._coder is None:
            yield piece
            return
        if not self._coder.ended:
            try:
                yield from self._coder.feed(piece)
            except unpack.ERRORS as error:
                self.trouble = f"its compressed data is damaged: {error}"
                return
            piece = self._coder.rest
        if self._coder.ended and piece:
            self.trouble = "bytes stand behind the end of its compressed data"
