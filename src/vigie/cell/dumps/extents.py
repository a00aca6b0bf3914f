"""How much of each table a dump holds: all, or what stood before a cut, or nobody can say.

A dump is laid down table after table, so what lies before another table is whole whatever happens behind; mysqldump
says in a remark that it came to its end (since 5.0), as pg_dump does, and other programs say nothing.
"""

from __future__ import annotations

import re
import typing as t

from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Odd, Said

if t.TYPE_CHECKING:
    from vigie.cell.dumps.pieces import Piece

CUT: t.Final = "the dump ends without the remark that ends it"
_BEGINS = re.compile(r"(?:MySQL|MariaDB) dump (\d{1,4})\.(\d{1,4})")
_SINCE = (10, 10)
"""mysqldump of MySQL 5.0: those before have no last remark."""
_ENDS = "Dump completed"
_BOUNDED = frozenset(
    {"application/vnd.sqlite3", "application/x-pgdump", "application/x-pgdump-custom", "application/x-pgdump-toc"}
)
"""Formats that themselves say where they end: their readers say so where they do not."""
_PAGES = "application/vnd.sqlite3"
"""Its tables have no order: what is missing is told table by table."""
_BESIDE = "application/x-mysqldump-table"
"""What says that it ends is the file of the declaration, not that of the rows."""
_LOSSES = frozenset({"malformed", "unread", "no_table", "beside"})


class Extents:
    """What the pieces of a dump say of that."""

    def __init__(self, content_type: str) -> None:
        self._type = content_type
        self._promised = False
        """Did it begin as one that says in the end that it is whole?"""
        self._ended = content_type in _BOUNDED
        self._cut = self._loss = self._between = False
        self._short: dict[str, str] = {}
        self._filled: set[str] = set()
        self._last = ""

    def see(self, piece: Piece) -> None:
        """Take one piece, in its order."""
        if isinstance(piece, Created):
            self._between |= bool(self._filled)
            self._last = piece.name
        elif isinstance(piece, Batch):
            self._filled.add(piece.table)
            self._last = piece.table
        elif isinstance(piece, Odd):
            self._odd(piece)
        elif isinstance(piece, Said):
            self._said(piece.text.strip())

    def _said(self, text: str) -> None:
        if begins := _BEGINS.match(text):
            self._promised, self._ended = (int(begins[1]), int(begins[2])) >= _SINCE, False
        elif text.startswith(_ENDS):
            self._promised, self._ended = False, True

    def _odd(self, piece: Odd) -> None:
        if piece.code == "truncated":
            self._cut = True
            if piece.table:
                self._short[piece.table] = "cut"
        elif piece.code in _LOSSES and piece.table:
            self._short.setdefault(piece.table, "damaged")
        elif piece.code in _LOSSES:
            self._loss = True

    def missing(self) -> bool:
        """Tell at the end whether the dump began as one that says that it is whole, and does not, with no other cut."""
        return self._promised and not self._cut

    def of(self, table: str) -> str:
        """Return the extent of a table, one of ``rows.artefacts.EXTENTS``."""
        if table in self._short:
            return self._short[table]
        if self._loss:
            return "damaged"
        # where rows follow each declaration, a table without any had none
        passed = table != self._last and (table in self._filled or self._between)
        if passed or self._type == _PAGES:
            return "whole"
        if self._cut or self._promised:
            return "cut"
        return "whole" if self._ended and self._type != _BESIDE else "open"
