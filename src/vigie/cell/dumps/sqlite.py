"""SQLite files: the rows of every ordinary table, out of its pages; nothing in it is executed.

``place`` of a row is its number (rowid); in a table ``WITHOUT ROWID``, which is the how-manieth it was met. Text is
UTF-8 whatever the file's encoding. Views, virtual tables and triggers are named.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.dumps import sqlite_schema
from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Odd, Said
from vigie.cell.dumps.sqlite_pages import Broken, Pages
from vigie.numeric import sqlite_records
from vigie.numeric.sqlite_records import Layout, Records
from vigie.numeric.tuples import NULL, TEXT, Rows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Want
    from vigie.cell.dumps.sqlite_pages import Cells

CHARSET: t.Final = "utf8mb4"
ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""
MOST_SQL: t.Final = 1 << 20
"""Of one declaration."""
MOST_SCHEMA: t.Final = 64 << 20
"""Of all of them."""
MOST_COLUMNS: t.Final = 32_767
"""As SQLite has it."""
MOST_NAMED: t.Final = 20


class _Entry(t.NamedTuple):
    """A row of the schema."""

    type: str
    name: str
    root: int
    sql: str


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield what stands in a SQLite file, table by table; ``want`` says which columns are kept, by number."""
    try:
        pages = Pages(file)
    except Broken as broken:
        yield Odd("malformed", str(broken), 0)
        return
    if pages.missing:
        detail = f"{pages.missing} of its {pages.missing + pages.count} pages are not there"
        yield Odd("truncated", detail, pages.bytes)
    if pages.logged:
        yield Odd("beside", "written with a write-ahead log: what is not yet merged lies in the file -wal", 18)
    yield from _Reading(pages, want).pieces()


class _Reading:
    def __init__(self, pages: Pages, want: Want) -> None:
        self._pages, self._want = pages, want
        self._next: dict[str, int] = {}

    def pieces(self) -> Iterator[Piece]:
        entries: list[_Entry] = []
        held = 0
        layout = Layout(np.arange(5), 5, [(NULL, b"")] * 5)
        for piece in self._rows("sqlite_schema", layout, 1, index=False, most=MOST_SQL):
            if isinstance(piece, Odd):
                yield _apart(piece)
                continue
            for kind, name, _, root, sql in _texts(piece):
                held += len(sql)
                entries.append(_Entry(kind, name, int(root) if root.isdecimal() else 0, sql))
            if held > MOST_SCHEMA:
                yield Odd("malformed", f"its declarations are longer than {MOST_SCHEMA} bytes; the rest is not read", 0)
                break
        yield from self._named(entries)
        tables = [one for one in entries if one.type == "table" and one.root]
        for entry in tables:
            if entry.name == "sqlite_sequence":
                yield from self._sequence(entry)
        seen: set[str] = set()
        for entry in tables:
            if entry.name not in seen and not entry.name.lower().startswith("sqlite_"):
                yield from self._table(entry)
            seen.add(entry.name)

    def _named(self, entries: list[_Entry]) -> Iterator[Piece]:
        """Name what is not read: it has no rows, or would do something."""
        for entry in entries:
            if entry.type == "view":
                yield Said(f"view {entry.name[:100]}", 0)
            elif entry.type == "table" and not entry.root:
                detail = f"virtual table {entry.name[:100]}: what it holds lies in tables beside it or outside"
                yield Odd("unread", f"{detail}: {entry.sql[:200]}", 0, entry.name)
        triggers = [entry.name[:100] for entry in entries if entry.type == "trigger"]
        if triggers:
            named = ", ".join(triggers[:MOST_NAMED]) + (" ..." if len(triggers) > MOST_NAMED else "")
            yield Odd("executable", f"{len(triggers)} triggers: {named}", 0, many=len(triggers))

    def _sequence(self, entry: _Entry) -> Iterator[Piece]:
        """Read which number the next row of a table would have had (``AUTOINCREMENT``)."""
        layout = Layout(np.arange(2), 2, [(NULL, b"")] * 2)
        for piece in self._rows(entry.name, layout, entry.root, index=False, most=MOST_VALUE):
            if isinstance(piece, Odd):
                yield _apart(piece)
                continue
            for name, last in _texts(piece):
                if last.isdecimal() and len(last) <= 18:
                    self._next[name] = int(last) + 1

    def _table(self, entry: _Entry) -> Iterator[Piece]:
        place = self._pages.place(entry.root)
        made = sqlite_schema.table(entry.sql)
        if made is None or len(made.columns) > MOST_COLUMNS:
            yield Odd("unread", f"table {entry.name[:100]}: its declaration is not understood", place, entry.name)
            return
        yield Created(entry.name, made.columns, self._next.get(entry.name, 0), place)
        if made.computed:
            yield Said(f"{entry.name[:100]}: computed and not stored: {', '.join(made.computed)[:200]}", place)
        kept = self._want(entry.name, made.columns)
        columns = [made.columns[one] for one in kept]
        most = min(MOST_VALUE, ROOM // max(len(kept), 1) - 128)
        for piece in self._rows(
            entry.name, made.layout(kept, self._pages.encoding), entry.root, index=made.keyed, most=most
        ):
            yield piece if isinstance(piece, Odd) else Batch(entry.name, columns, piece, CHARSET)

    def _rows(self, table: str, layout: Layout, root: int, *, index: bool, most: int) -> Iterator[Rows | Odd]:
        room = max(ROOM, len(layout.source) * max(most, 32))
        records = Records(layout, usable=self._pages.usable, index=index, rows=ROWS, room=room, most=most)
        return _Rows(self._pages, records, table, root, index=index).pieces()


class _Rows:
    """The rows of one table; those that cannot be read are counted as what has another width than its columns."""

    def __init__(self, pages: Pages, records: Records, table: str, root: int, *, index: bool) -> None:
        self._pages, self._records, self._table, self._root, self._index = pages, records, table, root, index
        self._place, self._met = pages.place(root), 0

    def pieces(self) -> Iterator[Rows | Odd]:
        records, name = self._records, self._table[:100]
        for cells in self._pages.tree(self._root, index=self._index):
            if isinstance(cells, Broken):
                yield Odd("malformed", f"table {name}: {cells}", self._place, self._table)
                continue
            cell, status = 0, sqlite_records.FULL
            while status != sqlite_records.DONE:
                status, cell = records.read(cells.page, cells.header, cells.many, cell, cells.prefix)
                if status == sqlite_records.FULL:
                    yield self._taken()
                elif status == sqlite_records.AWAY:
                    yield from self._away(cells, cell)
                    cell += 1
        rows = self._taken()
        if len(rows.places):
            yield rows
        if many := records.bad():
            yield Odd("width", f"{many} rows of {name} make no sense", self._place, self._table, many)

    def _away(self, cells: Cells, cell: int) -> Iterator[Rows | Odd]:
        """Read a row that goes on in other pages."""
        try:
            payload, declared, rowid = self._pages.whole(cells, cell, self._records, index=self._index)
        except Broken as broken:
            self._records.spoil()
            yield Odd("malformed", f"a row of {self._table[:100]}: {broken}", self._place, self._table)
            return
        record = np.frombuffer(payload, np.uint8)
        if not self._records.add(record, declared, rowid):
            yield self._taken()
            self._records.add(record, declared, rowid)

    def _taken(self) -> Rows:
        rows, encoding = self._records.take(), self._pages.encoding
        if encoding != "utf-8":
            rows = sqlite_records.rewritten(
                rows, TEXT, TEXT, lambda text: text.decode(encoding, "backslashreplace").encode("utf-8", "replace")
            )
        first = self._met + 1
        self._met += len(rows.places)
        return rows._replace(places=np.arange(first, self._met + 1)) if self._index else rows


def _apart(odd: Odd) -> Odd:
    """Return what is odd in a table of SQLite's own, which is none of the dump's."""
    return odd._replace(code="malformed", detail=f"{odd.table}: {odd.detail}", table="")


def _texts(rows: Rows) -> Iterator[list[str]]:
    whole, at = rows.values.tobytes(), 0
    for lengths in rows.lengths.tolist():
        out = []
        for length in lengths:
            out.append(whole[at : at + length].decode("utf-8", "backslashreplace"))
            at += length
        yield out
