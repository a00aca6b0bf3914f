"""A candidate and what stands round it; what may come of it."""

from __future__ import annotations

import typing as t


class Hit(t.NamedTuple):
    """An identifier; places are those of the arena."""

    start: int
    end: int
    kind: str
    """One of ``rows.people.IDENTIFIERS``."""
    value: str
    checked: bool


class Hidden(t.NamedTuple):
    """A secret: its place, and nothing of it."""

    start: int
    end: int
    kind: str
    """``private_key``, ``seed``."""


class Place(t.NamedTuple):
    """A candidate in its row."""

    data: memoryview
    """The arena."""
    low: int
    """Where its row begins."""
    high: int
    """Where its row ends."""
    start: int
    end: int

    def text(self) -> str:
        """Return the candidate; bytes that are no UTF-8 are replaced."""
        return str(self.data[self.start : self.end], "utf-8", "replace")

    def before(self, many: int) -> bytes:
        """Return at most so many bytes of the row before it."""
        return bytes(self.data[max(self.low, self.start - many) : self.start])

    def after(self, many: int) -> bytes:
        """Return at most so many bytes of the row behind it."""
        return bytes(self.data[self.end : min(self.high, self.end + many)])

    def hit(self, kind: str, value: str, *, checked: bool, start: int | None = None, end: int | None = None) -> Hit:
        """Return it as an identifier, by default all of it."""
        return Hit(self.start if start is None else start, self.end if end is None else end, kind, value, checked)
