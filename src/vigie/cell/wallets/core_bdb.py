"""Records of an old Bitcoin Core wallet: a Berkeley DB btree, read page by page.

Source: Berkeley DB 4.8 ``dbinc/db_page.h``. A page is read once at most, whatever points at it; so a tree that bites
its tail ends. Deleted items, free pages and what stands between items are carved.
"""

from __future__ import annotations

import io
import struct
import typing as t

from vigie.cell.job import Refused
from vigie.cell.wallets import carve
from vigie.cell.wallets.core_record import Record
from vigie.rows.wire import Trouble

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC: t.Final = 0x00053162
MAGIC_AT: t.Final = 12
HEADER: t.Final = 26
"""Bytes of a page before its entries."""
MOST_VALUE: t.Final = 64 << 20
_FREE, _INNER, _LEAF, _OVERFLOW, _META = 0, 3, 5, 7, 9
_DATA, _AWAY = 1, 3
_DELETED: t.Final = 0x80
_CHECKSUMS: t.Final = 1
MOST_TROUBLES: t.Final = 100


class _Bad(Exception):  # noqa: N818 - it is a verdict about bytes, not an error of ours
    """A page or an item that makes no sense."""


class _Item(t.NamedTuple):
    data: bytes
    at: int
    """Byte of the file; -1: in pieces."""
    deleted: bool


def read(file: t.BinaryIO) -> Iterator[Record | Trouble]:
    """Yield the records of the wallet, then those that were carved. Raises ``Refused`` where nothing can be read."""
    yield from _Book(file).records()


class _Book:
    def __init__(self, file: t.BinaryIO) -> None:
        self._file = file
        self._bytes = file.seek(0, io.SEEK_END)
        file.seek(0)
        head = file.read(512)
        if len(head) < 512:
            raise Refused("truncated", "it ends within its first page")
        self._order = "<" if int.from_bytes(head[MAGIC_AT : MAGIC_AT + 4], "little") == MAGIC else ">"
        version, self.size, cipher, kind, flags = struct.unpack_from(f"{self._order}IIBBB", head, MAGIC_AT + 4)
        if self.size < 512 or self.size > 65536 or self.size & (self.size - 1) or kind != _META:
            raise Refused("damaged", f"a page of {self.size} bytes, of kind {kind}")
        if cipher or flags & _CHECKSUMS:
            raise Refused(
                "unsupported", "Berkeley DB with encrypted or checksummed pages: no wallet of Core's has such"
            )
        if not 8 <= version <= 10:
            raise Refused("unsupported", f"version {version} of Berkeley DB's btree")
        self._count = self._bytes // self.size
        self._seen: set[int] = set()
        self._loose: list[tuple[int, bytes]] = []
        self._troubles = 0

    def records(self) -> Iterator[Record | Trouble]:
        if self._bytes % self.size:
            yield self._trouble("truncated", "its last page is cut off")
        (last,) = struct.unpack_from(f"{self._order}I", self._page(0), 32)
        if last >= self._count:
            yield self._trouble("truncated", f"{last + 1 - self._count} of its {last + 1} pages are not there")
        names = [one for one in self._pairs(self._root(0)) if isinstance(one, tuple)]
        found = [value.data for key, value in names if key.data == b"main" and len(value.data) == 4]
        if not found:
            raise Refused("damaged", "it has no database `main` in it")
        # big-endian whatever the machine, but written by some as it has numbers
        number = next((n for n in (int.from_bytes(found[0]), int.from_bytes(found[0], "little")) if n < self._count), 0)
        self._seen.add(number)
        for one in self._pairs(self._root(number)):
            if isinstance(one, Trouble):
                yield one
                continue
            key, value = one
            gone = key.deleted or value.deleted
            yield Record(key.data, value.data, key.at, value.at, carved=gone)
        for page in range(1, self._count):
            if page not in self._seen:
                self._loose.append((page * self.size, self._page(page)))
        yield from carve.carved(self._loose, paired=True)

    def _root(self, number: int) -> int:
        page = self._page(number)
        if page[25] != _META or struct.unpack_from(f"{self._order}I", page, MAGIC_AT)[0] != MAGIC:
            raise Refused("damaged", f"page {number} does not describe a btree")
        root: int = struct.unpack_from(f"{self._order}I", page, 88)[0]
        return root

    def _pairs(self, root: int) -> Iterator[tuple[_Item, _Item] | Trouble]:
        waiting = [root]
        while waiting:
            number = waiting.pop()
            try:
                kind, entries, page = self._opened(number)
                if kind == _INNER:
                    waiting += [self._below(page, at) for at in reversed(entries)]
                    continue
            except _Bad as bad:
                yield self._trouble("damaged", f"page {number}: {bad}")
                continue
            for at in range(0, len(entries), 2):
                try:
                    yield self._item(number, page, entries[at]), self._item(number, page, entries[at + 1])
                except _Bad as bad:
                    yield self._trouble("damaged", f"a record on page {number}: {bad}")
            self._between(number, page, entries)

    def _opened(self, number: int) -> tuple[int, list[int], bytes]:
        if not 0 < number < self._count or number in self._seen:
            raise _Bad("it is not there, or was led to before")
        self._seen.add(number)
        page = self._page(number)
        (many,) = struct.unpack_from(f"{self._order}H", page, 20)
        if HEADER + 2 * many > self.size:
            raise _Bad(f"it cannot have {many} entries")
        if page[25] not in (_INNER, _LEAF) or (page[25] == _LEAF and many % 2):
            raise _Bad(f"it is of kind {page[25]} with {many} entries")
        return page[25], list(struct.unpack_from(f"{self._order}{many}H", page, HEADER)), page

    def _below(self, page: bytes, at: int) -> int:
        if at + 8 > self.size:
            raise _Bad("an entry leads out of it")
        number: int = struct.unpack_from(f"{self._order}I", page, at + 4)[0]
        return number

    def _item(self, number: int, page: bytes, at: int) -> _Item:
        if at + 12 > self.size + 9:
            raise _Bad("an entry leads out of it")
        length, kind = struct.unpack_from(f"{self._order}HB", page, at)
        deleted = bool(kind & _DELETED)
        if kind & ~_DELETED == _DATA:
            if at + 3 + length > self.size:
                raise _Bad(f"an item of {length} bytes leads out of it")
            return _Item(page[at + 3 : at + 3 + length], number * self.size + at + 3, deleted)
        if kind & ~_DELETED == _AWAY and at + 12 <= self.size:
            first, total = struct.unpack_from(f"{self._order}II", page, at + 4)
            return _Item(self._away(first, total), -1, deleted)
        raise _Bad(f"an item of kind {kind}")

    def _away(self, number: int, total: int) -> bytes:
        """Read an item that lies in pages of its own."""
        if total > min(MOST_VALUE, self._bytes):
            raise _Bad(f"an item of {total} bytes")
        parts, have = list[bytes](), 0
        while have < total:
            kind, _, page = self._open_away(number)
            (many,) = struct.unpack_from(f"{self._order}H", page, 22)
            if kind != _OVERFLOW or not many or HEADER + many > self.size:
                raise _Bad(f"an item goes on in page {number}, of kind {kind}")
            parts.append(page[HEADER : HEADER + many])
            have += many
            (number,) = struct.unpack_from(f"{self._order}I", page, 16)
        return b"".join(parts)[:total]

    def _open_away(self, number: int) -> tuple[int, int, bytes]:
        if not 0 < number < self._count or number in self._seen:
            raise _Bad(f"an item goes on in page {number}, which is not there, or another's")
        self._seen.add(number)
        page = self._page(number)
        return page[25], 0, page

    def _between(self, number: int, page: bytes, entries: list[int]) -> None:
        """Keep what stands before the first item and was given up."""
        first = min((one for one in entries if one >= HEADER), default=self.size)
        start = HEADER + 2 * len(entries)
        if first - start >= carve.LEAST_BYTES:
            self._loose.append((number * self.size + start, page[start:first]))

    def _page(self, number: int) -> bytes:
        self._file.seek(number * self.size)
        page = self._file.read(self.size)
        if len(page) < self.size:
            raise Refused("truncated", f"page {number} is cut off")
        return page

    def _trouble(self, code: str, detail: str) -> Trouble:
        self._troubles += 1
        return Trouble(code=code, detail=detail[:1000], counts=False)
