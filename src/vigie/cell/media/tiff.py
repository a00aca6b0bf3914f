"""A bounded reader of TIFF directories: the structure of TIFF files and of every EXIF block.

Sources: TIFF 6.0 section 2; BigTIFF (libtiff.gitlab.io/libtiff/specification/bigtiff.html). Nothing here raises on
bad bytes: an entry that points outside of the block, or is larger than its bounds, is not there.
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ENTRIES: t.Final = 1000
"""Entries of one directory; cameras write fewer than 100."""
MOST_VALUES: t.Final = 64
"""Numbers of one entry; none that is asked for has more than 4."""
MOST_TEXT_BYTES: t.Final = 1024
MOST_PAGES: t.Final = 65_536

_SIZES: t.Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 13: 4, 16: 8}
"""Bytes of one value by TIFF type; other types carry nothing that is asked for."""
_FORMATS: t.Final = {1: "B", 3: "H", 4: "I", 5: "II", 7: "B", 9: "i", 10: "ii", 13: "I", 16: "Q"}

Numbers = tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Block:
    """A TIFF header and what follows it."""

    data: bytes | memoryview
    order: t.Literal["<", ">"]
    big: bool
    first: int
    """Offset of the first directory."""

    def directory(self, offset: int) -> tuple[dict[int, str | Numbers], int]:
        """Return the entries by tag, text or numbers, and the offset of the next directory (0: none)."""
        count_bytes, entry_bytes = (8, 20) if self.big else (2, 12)
        count = self._number(offset, count_bytes)
        if count is None or count > MOST_ENTRIES:
            return {}, 0
        start = offset + count_bytes
        entries = {tag: value for tag, value in self._entries(start, count, entry_bytes) if value is not None}
        return entries, self._number(start + count * entry_bytes, 8 if self.big else 4) or 0

    def pages(self) -> int:
        """Return how many directories the main chain has, at least 1; a chain that bites its tail ends there."""
        seen: set[int] = set()
        offset = self.first
        count_bytes, entry_bytes, next_bytes = (8, 20, 8) if self.big else (2, 12, 4)
        while offset and offset not in seen and len(seen) < MOST_PAGES:
            count = self._number(offset, count_bytes)
            if count is None:
                break
            seen.add(offset)
            offset = self._number(offset + count_bytes + count * entry_bytes, next_bytes) or 0
        return max(len(seen), 1)

    def _entries(self, start: int, count: int, entry_bytes: int) -> Iterator[tuple[int, str | Numbers | None]]:
        width = 8 if self.big else 4
        for i in range(count):
            at = start + i * entry_bytes
            tag, kind = self._number(at, 2), self._number(at + 2, 2)
            values = self._number(at + 4, width)
            if tag is None or kind is None or values is None:
                return
            size = _SIZES.get(kind, 0) * values
            place: int | None = at + 4 + width
            if size > width:
                place = self._number(at + 4 + width, width)
            yield tag, None if place is None or not size else self._value(place, kind, values)

    def _value(self, place: int, kind: int, values: int) -> str | Numbers | None:
        if kind == 2:
            text = bytes(self.data[place : place + min(values, MOST_TEXT_BYTES)])
            return text.split(b"\0")[0].decode("utf-8", "replace")
        if values > MOST_VALUES or place + values * _SIZES[kind] > len(self.data):
            return None
        raw = struct.unpack_from(self.order + _FORMATS[kind] * values, self.data, place)
        if kind in (5, 10):
            pairs = zip(raw[::2], raw[1::2], strict=True)
            return tuple(top / bottom if bottom else float("nan") for top, bottom in pairs)
        return raw

    def _number(self, at: int, size: int) -> int | None:
        if at < 0 or at + size > len(self.data):
            return None
        return int.from_bytes(self.data[at : at + size], "little" if self.order == "<" else "big")


def block(data: bytes | memoryview) -> Block | None:
    """Read the header of a TIFF file or EXIF block; None where it is none."""
    if len(data) < 8:
        return None
    order: t.Literal["<", ">"]
    match bytes(data[:4]):
        case b"II*\0" | b"II+\0":
            order = "<"
        case b"MM\0*" | b"MM\0+":
            order = ">"
        case _:
            return None
    big = 0x2B in (data[2], data[3])
    at, size = (8, 8) if big else (4, 4)
    first = int.from_bytes(data[at : at + size], "little" if order == "<" else "big")
    return Block(data=data, order=order, big=big, first=first)
