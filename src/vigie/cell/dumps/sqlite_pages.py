"""Pages of a SQLite file: its header, the cells of a table in their order, records that go on in other pages.

By the file format alone (https://sqlite.org/fileformat2.html): no code of SQLite sees the bytes, and no file need be
opened. Each page is read once at most, whatever points at it; so a tree that bites its tail ends, and all there is to
do is bounded by the size of the file. Free pages, and what was deleted and still stands in them, are read of wallets
alone.
"""

from __future__ import annotations

import io
import struct
import typing as t

import numpy as np

from vigie.numeric import sqlite_records

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

MAGIC: t.Final = b"SQLite format 3\0"
HEADER_BYTES: t.Final = 100
ENCODINGS: t.Final = {0: "utf-8", 1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
"""0: of a file in which no table has been made yet."""
MOST_RECORD: t.Final = 64 << 20
"""Bytes of one record that are put together; values behind them are cut off."""
_INDEX_LEAF, _TABLE_LEAF = 10, 13
"""Kinds of pages; eight less of one that leads to others."""


class Broken(Exception):  # noqa: N818 - it is a verdict about bytes, not an error of ours
    """A page or a record that makes no sense, and why."""


class Cells(t.NamedTuple):
    """A page that holds rows."""

    number: int
    page: npt.NDArray[np.uint8]
    header: int
    """Where the numbers that say where its cells begin stand."""
    many: int
    prefix: int
    """Bytes before the record of each cell: 4 where it also leads to a page."""


class Pages:
    """Reads the pages of one file."""

    def __init__(self, file: t.BinaryIO) -> None:
        """Raise ``Broken`` where the header is none."""
        self._file = file
        file.seek(0)
        head = file.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
            raise Broken("it has no header of SQLite")
        (size,) = struct.unpack_from(">H", head, 16)
        self.size = 65536 if size == 1 else size
        self.usable = self.size - head[20]
        if self.size < 512 or self.size & (self.size - 1) or self.usable < 480:
            raise Broken(f"its pages cannot be of {self.size} bytes, {self.usable} of them used")
        if int.from_bytes(head[56:60]) not in ENCODINGS:
            raise Broken(f"its text is in no encoding that SQLite has: {int.from_bytes(head[56:60])}")
        self.encoding = ENCODINGS[int.from_bytes(head[56:60])]
        self.logged = 2 in head[18:20]
        """Was it written with a write-ahead log, which lies beside it?"""
        self.bytes = file.seek(0, io.SEEK_END)
        self.count = -(-self.bytes // self.size)
        # the number in the header counts where the same program wrote both it and the last change (section 1.3.8)
        said = int.from_bytes(head[28:32]) if head[24:28] == head[92:96] else 0
        self.missing = max(said - self.count, 0)
        self._seen = bytearray(self.count // 8 + 1)

    def tree(self, root: int, *, index: bool) -> Iterator[Cells | Broken]:
        """Yield the pages of a table that hold rows; ``Broken`` for each that cannot be read."""
        waiting = [root] if self._claim(root) else []
        if not waiting:
            yield Broken(f"its first page, {root}, is not there, or is another's")
        while waiting:
            try:
                cells, inner = self._cells(waiting.pop(), _INDEX_LEAF if index else _TABLE_LEAF)
            except Broken as broken:
                yield broken
                continue
            if not inner or index:
                yield cells
            if inner:
                below = self._below(cells)
                claimed = [number for number in below if self._claim(number)]
                waiting += claimed
                if len(claimed) < len(below):
                    many = len(below) - len(claimed)
                    yield Broken(f"page {cells.number} leads to {many} pages that are not there, or are another's")

    def place(self, number: int) -> int:
        """Return at which byte a page begins; 0 where it is not there."""
        return (number - 1) * self.size if number <= self.count else 0

    def _cells(self, number: int, leaf: int) -> tuple[Cells, bool]:
        """Read a page of a table; say also whether others lie below it."""
        page = self._read(number)
        start = HEADER_BYTES if number == 1 else 0
        kind, many = int(page[start]), int(page[start + 3]) << 8 | int(page[start + 4])
        inner = kind == leaf - 8
        header = start + (12 if inner else 8)
        if kind != leaf and not inner:
            raise Broken(f"page {number} is of kind {kind}, which is none of the table's")
        if header + 2 * many > self.usable:
            raise Broken(f"page {number} cannot hold {many} cells")
        return Cells(number, page, header, many, 4 if inner else 0), inner

    def _below(self, cells: Cells) -> list[int]:
        """Return the pages to which one leads, the last first; what leads out of the page is a page 0."""
        page = cells.page
        pointers = page[cells.header : cells.header + 2 * cells.many].astype(np.int64).reshape(cells.many, 2)
        at = np.concatenate([[cells.header - 4], (pointers[:, 0] << 8 | pointers[:, 1])[::-1]])
        inside = at + 4 <= self.usable
        bytes_of = page[np.where(inside, at, 0)[:, None] + np.arange(4)].astype(np.int64)
        numbers = bytes_of[:, 0] << 24 | bytes_of[:, 1] << 16 | bytes_of[:, 2] << 8 | bytes_of[:, 3]
        found: list[int] = np.where(inside, numbers, 0).tolist()
        return found

    def whole(self, cells: Cells, cell: int, records: sqlite_records.Records, *, index: bool) -> tuple[bytes, int, int]:
        """Return as much of a record that goes on in other pages as is wanted, its whole length, its row's number."""
        at, here, declared, rowid = sqlite_records.cell_at(
            cells.page, cells.header, cells.many, cell, cells.prefix, index
        )
        held = bytearray(cells.page[at : at + here])
        (following,) = struct.unpack(">I", cells.page[at + here : at + here + 4].tobytes())
        while (need := records.need(np.frombuffer(held, np.uint8), declared)) > len(held):
            # what is needed is known once the header is whole, which for nearly all is at once
            stop = min(need, declared, MOST_RECORD)
            if len(held) >= stop:
                break
            parts = [bytes(held)]
            have = len(held)
            while have < stop:
                if not self._claim(following):
                    raise Broken(f"page {following}, in which it goes on, is not there, or is another's")
                page = self._read(following)
                parts.append(page[4 : 4 + min(self.usable - 4, declared - have)].tobytes())
                have += len(parts[-1])
                following = int.from_bytes(page[:4].tobytes())
            held = bytearray(b"".join(parts))
        return bytes(held), declared, rowid

    def onward(self, following: int, many: int) -> bytes:
        """Return the so many bytes of a record that lie in other pages, of which the first is given."""
        parts, have = list[bytes](), 0
        while have < many:
            if not self._claim(following):
                raise Broken(f"page {following}, in which it goes on, is not there, or is another's")
            page = self._read(following)
            parts.append(page[4 : 4 + min(self.usable - 4, many - have)].tobytes())
            have += len(parts[-1])
            following = int.from_bytes(page[:4].tobytes())
        return b"".join(parts)

    def free(self) -> Iterator[tuple[int, bytes]]:
        """Yield the pages that were given up, with their numbers (section 1.5)."""
        self._file.seek(32)
        trunk = int.from_bytes(self._file.read(4))
        while trunk and self._claim(trunk):
            try:
                page = self._read(trunk).tobytes()
            except Broken:
                return
            many = min(int.from_bytes(page[4:8]), self.usable // 4 - 2)
            yield trunk, page
            for at in range(8, 8 + 4 * many, 4):
                number = int.from_bytes(page[at : at + 4])
                if self._claim(number) and number * self.size <= self.bytes:
                    yield number, self._read(number).tobytes()
            trunk = int.from_bytes(page[:4])

    def _claim(self, number: int) -> bool:
        """Tell whether a page is there and nothing has led to it before: a page is part of one thing, once."""
        if not 1 <= number <= self.count or self._seen[number >> 3] >> (number & 7) & 1:
            return False
        self._seen[number >> 3] |= 1 << (number & 7)
        return True

    def _read(self, number: int) -> npt.NDArray[np.uint8]:
        self._file.seek((number - 1) * self.size)
        page = self._file.read(self.size)
        if len(page) < self.size:
            raise Broken(f"page {number} is cut off")
        return np.frombuffer(page, np.uint8)[: self.usable]
