r"""Delimited text (CSV, TSV and their kin): one table, whose columns its first line names.

``place`` is the byte at which a record begins. A field without quotes in which nothing or ``\N`` stands is NULL; all
else is text. Text that is not UTF-8 is taken for Windows-1252, and that is said.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell import sniff_tables
from vigie.cell.dumps.create import Column, Created
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.cell.dumps.records import MOST_RECORD, TABLE, Lost
from vigie.cell.dumps.window import Window
from vigie.numeric import delimited
from vigie.numeric.tuples import Rows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Want

ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""
MARK: t.Final = b"\xef\xbb\xbf"
UTF8: t.Final = "utf8mb4"
FALLBACK: t.Final = "cp1252"


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield the one table of a delimited text; ``want`` says which columns are kept, by number."""
    window = Window(file)
    window.sees(sniff_tables.HEAD_BYTES + len(MARK))
    window.at = len(MARK) if window.data.startswith(MARK) else 0
    found = sniff_tables.delimited(window.data[window.at : window.at + sniff_tables.HEAD_BYTES])
    if found is None:
        yield Odd("malformed", "no line of names with records below it", 0)
        return
    window.at += found.start
    columns = [Column(name, "") for name in found.names]
    yield Created(TABLE, columns, 0, window.place)
    yield from _Reading(window, columns, want(TABLE, columns), found.delimiter).pieces()


class _Reading:
    def __init__(self, window: Window, columns: list[Column], kept: list[int], delimiter: str) -> None:
        self._window, self._lost = window, Lost(window)
        self._columns = [columns[one] for one in kept]
        self._wanted = np.full(len(columns), -1, np.int64)
        self._wanted[kept] = np.arange(len(kept))
        most = min(MOST_VALUE, ROOM // max(len(kept), 1))
        self._records = delimited.Records(self._wanted, ord(delimiter), rows=ROWS, room=ROOM, most=most)
        self._names, self._fallen = window.place, False

    def pieces(self) -> Iterator[Piece]:
        window = self._window
        while True:
            status, window.at = self._records.read(window.array(), window.at, window.offset, final=window.ended)
            ahead = len(window.data) - window.at
            if status == delimited.FULL:
                yield from self._taken()
            elif window.ended and not ahead:
                break
            elif window.ended or ahead >= MOST_RECORD:
                yield self._lost.skip()
            else:
                window.sees(min(2 * ahead + 1, MOST_RECORD))
        yield from self._taken()

    def _taken(self) -> Iterator[Piece]:
        """Give the rows that have been read, but for that of the names."""
        rows = self._records.take()
        if len(rows.places) and rows.places[0] == self._names:
            names = int(rows.lengths[0].sum())
            rows = Rows(rows.values[names:], rows.lengths[1:], rows.kinds[1:], rows.places[1:])
        if len(rows.places):
            charset, place = charset_of(rows), int(rows.places[0])
            if charset != UTF8 and not self._fallen:
                self._fallen = True
                yield Odd("charset", "its text is not UTF-8 and is taken for Windows-1252", place)
            yield Batch(TABLE, self._columns, rows, charset)
        many, first = self._records.misfits()
        if many:
            detail = f"{many} records have another number of values than there are names"
            yield Odd("width", detail, first, TABLE, many)


def charset_of(rows: Rows) -> str:
    """Return what the text of some rows is written in; a few bytes that are none do not make it another set."""
    if not (rows.values & 0x80).any():
        return UTF8
    wrong = rows.values.tobytes().decode("utf-8", "replace").count("\ufffd")
    return FALLBACK if wrong * 4 > int(np.count_nonzero(rows.values & 0x80)) else UTF8
