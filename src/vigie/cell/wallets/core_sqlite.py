"""Records of a Bitcoin Core wallet in SQLite: table ``main (key, value)``, by the cell's own reader of pages.

Beside the rows that the database counts, what stands between them and in its free pages is looked at: records that
were deleted, told by their form (``carve``).
"""

from __future__ import annotations

import typing as t

from vigie.cell.dumps import sqlite_log
from vigie.cell.dumps.sqlite_pages import Broken, Pages
from vigie.cell.job import Refused
from vigie.cell.wallets import carve
from vigie.cell.wallets.core_record import Record
from vigie.rows.wire import Trouble

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.sqlite_pages import Cells

MOST_VALUE: t.Final = 64 << 20
NETWORKS: t.Final = {
    0xF9BEB4D9: "main", 0x0B110907: "test", 0x1C163F28: "testnet4", 0x0A03CF40: "signet", 0xFABFB5DA: "regtest",
}  # fmt: skip
"""Magic of a network, which Core writes as the file's application number (signet: that of the public one)."""


class _Row(t.NamedTuple):
    values: list[bytes]
    places: list[int]
    """Byte of the file at which each begins; -1: in pieces."""
    span: tuple[int, int]
    """Bytes of the page that the cell takes."""


def network(head: bytes) -> str:
    """Return the network of which the file says that it is; ``""`` where it does not."""
    return NETWORKS.get(int.from_bytes(head[68:72]), "")


def read(file: t.BinaryIO, beside: t.BinaryIO | None = None) -> Iterator[Record | Trouble | str]:
    """Yield the records of a wallet, then those that were carved; first, as text, what came of a log beside it.

    Raises ``Refused`` where it has none.
    """
    try:
        size = Pages(file).size
        if beside is not None:
            file, found = sqlite_log.laid(file, beside, size)
            yield _told(found, beside)
        pages = Pages(file)
    except Broken as broken:
        raise Refused("damaged", str(broken)) from broken
    if pages.missing:
        detail = f"{pages.missing} of its {pages.missing + pages.count} pages are not there"
        yield Trouble(code="truncated", detail=detail, counts=False)
    if pages.logged and beside is None:
        detail = "written with a write-ahead log: what is not yet merged lies in the file -wal, which is not there"
        yield Trouble(code="beside", detail=detail, counts=False)
    roots = list(_roots(pages))
    if not roots:
        raise Refused("damaged", "it has no table `main` of records")
    loose: list[tuple[int, bytes]] = []
    for cells in pages.tree(roots[0], index=False):
        if isinstance(cells, Broken):
            yield Trouble(code="damaged", detail=f"table main: {cells}", counts=False)
            continue
        yield from _records(pages, cells, _place(pages, file, cells.number), loose)
    # a log may say that there are more pages than anybody wrote: these are zeros
    loose += ((_place(pages, file, number), page) for number, page in pages.free() if page.strip(b"\0"))
    if isinstance(file, sqlite_log.Merged):
        loose += ((-1, page) for page in file.loose())
    yield from carve.carved(loose)


def _roots(pages: Pages) -> Iterator[int]:
    for cells in pages.tree(1, index=False):
        if isinstance(cells, Broken):
            continue
        for row in _rows(pages, cells, -1):
            if isinstance(row, _Row) and len(row.values) == 5 and row.values[:2] == [b"table", b"main"]:
                yield int.from_bytes(row.values[3])


def _told(found: sqlite_log.Beside, beside: t.BinaryIO) -> Trouble | str:
    if found.merged:
        return f"merged with {found.text} (SHA-256 {sqlite_log.digest(beside)})"
    return Trouble(code="beside", detail=f"nothing was merged: {found.text}"[:1000], counts=False)


def _place(pages: Pages, file: t.BinaryIO, number: int) -> int:
    """Return at which byte of the wallet's file a page begins; -1: it lies in the file beside."""
    return -1 if isinstance(file, sqlite_log.Merged) and file.elsewhere(number) else pages.place(number)


def _records(pages: Pages, cells: Cells, base: int, loose: list[tuple[int, bytes]]) -> Iterator[Record | Trouble]:
    spans = [(0, cells.header + 2 * cells.many)]
    for row in _rows(pages, cells, base):
        if isinstance(row, Broken):
            yield Trouble(code="damaged", detail=f"a record on page {cells.number}: {row}", counts=False)
            continue
        spans.append(row.span)
        if len(row.values) != 2:
            yield Trouble(code="misfit", detail=f"page {cells.number}: a row of {len(row.values)} values", counts=False)
            continue
        yield Record(row.values[0], row.values[1], row.places[0], row.places[1])
    whole, done = cells.page.tobytes(), 0
    for start, end in [*sorted(spans), (len(whole), len(whole))]:
        if start - done >= carve.LEAST_BYTES:
            loose.append((base + done if base >= 0 else -1, whole[done:start]))
        done = max(done, end)


def _rows(pages: Pages, cells: Cells, base: int) -> Iterator[_Row | Broken]:
    """Read the rows on a leaf (file format, sections 1.6 and 2.1)."""
    whole = cells.page.tobytes()
    for cell in range(cells.many):
        at = int.from_bytes(whole[cells.header + 2 * cell : cells.header + 2 * cell + 2])
        try:
            yield _row(pages, whole, at, base)
        except Broken as broken:
            yield broken


def _row(pages: Pages, page: bytes, at: int, base: int) -> _Row:
    start = at
    declared, at = _varint(page, at)
    _, at = _varint(page, at)
    most = pages.usable - 35
    here = declared
    if declared > most:
        least = (pages.usable - 12) * 32 // 255 - 23
        here = least + (declared - least) % (pages.usable - 4)
        here = here if here <= most else least
    if at + here > len(page) or declared > MOST_VALUE:
        raise Broken(f"it says that it has {declared} bytes")
    payload, end = page[at : at + here], at + here
    if here < declared:
        payload += pages.onward(int.from_bytes(page[end : end + 4]), declared - here)
        end += 4
    length, head = _varint(payload, 0)
    sizes: list[int] = []
    while head < min(length, len(payload)):
        kind, head = _varint(payload, head)
        sizes.append(kind - 12 >> 1 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind])
    if head != length or length + sum(sizes) > len(payload):
        raise Broken("its header makes no sense")
    values, places, here_at = list[bytes](), list[int](), length
    for size in sizes:
        values.append(payload[here_at : here_at + size])
        places.append(base + at + here_at if base >= 0 and here_at + size <= here else -1)
        here_at += size
    return _Row(values, places, (start, end))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        if at + place >= len(data):
            raise Broken("a number goes on behind the end")
        one = data[at + place]
        if place == 8:
            return value << 8 | one, at + 9
        value = value << 7 | one & 127
        if one < 128:
            return value, at + place + 1
    raise AssertionError("unreachable")
