"""Records of Bitcoin Core's wallets: one form of key and value whatever database keeps them.

A key is the name of the record's kind, with its length, and what that kind adds.
"""

from __future__ import annotations

import typing as t

from vigie.cell.wallets.cursor import Cursor, Short


class Record(t.NamedTuple):
    """A record and where it stands in the file."""

    key: bytes
    value: bytes
    key_at: int
    """Byte of the file at which its key begins; -1: it lies in pieces."""
    value_at: int
    carved: bool = False

    def kind(self) -> str:
        """Return the name of its kind; ``""`` where it has none that is text."""
        try:
            name = Cursor(self.key).vector()
        except Short:
            return ""
        return name.decode("ascii", "replace") if name.isascii() and len(name) < 64 else ""

    def rest(self) -> Cursor:
        """Return its key behind the name."""
        cursor = Cursor(self.key)
        cursor.vector()
        return cursor
