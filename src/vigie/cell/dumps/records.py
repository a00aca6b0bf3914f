"""Records of a text that are taken whole: cut where they end, bounded in length, and left behind where they are not."""

from __future__ import annotations

import typing as t

from vigie.cell.dumps.pieces import Odd

if t.TYPE_CHECKING:
    from vigie.cell.dumps.window import Window

MOST_RECORD: t.Final = 1 << 24
"""Bytes of a record. A longer one is left out and counted."""
TABLE: t.Final = "table"
"""What the one table of a text is called."""
MOST_RUNAWAYS: t.Final = 64
"""Records whose end was not found, behind whose first line reading goes on; after so many what was looked through for
an end is passed, else a file of such lines would be read again for each of them."""


class Lost:
    """Goes behind records whose end is not found, and counts them."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.many = 0

    def skip(self) -> Odd:
        """Go behind the line in which the record begins, or behind all that is in sight; return what to say of it."""
        window = self._window
        place, ahead = window.place, len(window.data) - window.at
        self.many += 1
        found = window.data.find(b"\n", window.at) if self.many <= MOST_RUNAWAYS else -1
        if found < 0:
            found = window.data.rfind(b"\n", window.at)
        while found < 0:
            window.at = len(window.data)
            if not window.more():
                break
            found = window.data.find(b"\n", window.at)
        window.at = found + 1 if found >= 0 else window.at
        return Odd("width", f"a record does not end within {ahead} bytes: it was left out", place, TABLE)
