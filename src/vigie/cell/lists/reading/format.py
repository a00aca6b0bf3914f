"""What a list format is: how to know it, how to read it, where it is described, and an example."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterator

from vigie.cell.lists.reading.encoding import as_utf8
from vigie.rows.wire import Entry, ListHead, Trouble

HEAD_BYTES = 1 << 16
"""How much of a list ``detect`` sees."""

Replies = Iterator[ListHead | Entry | Trouble]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """One list to be read."""

    raw: t.BinaryIO
    """The list as it was given; seekable and buffered."""
    path: bytes | None = None
    """Where a reader that must open by path finds it."""
    mapping: dict[str, str] = dataclasses.field(default_factory=dict)

    def open(self, encoding: str = "") -> t.BinaryIO:
        """Return the list from its first byte on, as UTF-8 without a byte-order mark."""
        return as_utf8(self.raw, encoding)

    def head(self, encoding: str = "") -> bytes:
        """Return its first ``HEAD_BYTES`` bytes, as ``open`` gives them. Call it before ``open``."""
        return self.open(encoding).read(HEAD_BYTES)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Example:
    """A small list of invented hashes, and the mapping it needs."""

    content: bytes
    mapping: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListFormat:
    """One format; each module of ``cell.lists`` has one, named ``FORMAT``."""

    name: str
    """As in ``rows.list_formats.LIST_FORMATS``."""
    reference: str
    """Where the format is described."""
    detect: Callable[[bytes], bool]
    """Could a list that begins with these bytes be of this format?"""
    read: Callable[[Source], Replies]
    """Yields heads, entries and troubles; raises ``Refused`` where the list as a whole cannot be read."""
    example: Callable[[], Example]
    by_path: bool = False
    """Must it be opened by path (``Source.path``)?"""
