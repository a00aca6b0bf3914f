"""Where the chunks of an E01 lie: its tables, each with a copy, and what a damaged one still tells.

Source: Expert Witness Compression Format (EWF) by J. Metz, 3.8 (table), 3.9 (table2).
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t
from collections.abc import Iterator

from vigie.cell.containers.ewf_sections import Damage, Section, checked

_HEAD = struct.Struct("<I4xQ4xI")
_MOST_ENTRIES = 1 << 24
_COMPRESSED = 1 << 31
_NONE = memoryview(b"").cast("I")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One chunk as it is stored in a segment file."""

    start: int
    end: int
    compressed: bool | None
    """None: the table had no room to say (EnCase 6.7, beyond 2 GiB)."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The chunks that one table lists, in order."""

    segment: int
    """Index of its file."""
    at: int
    end: int
    base: int
    entries: memoryview
    state: t.Literal["sound", "doubtful", "lost"]
    """Doubtful: the checksum of its entries fails; each chunk still proves its own place. Lost: not even their number
    can be read."""

    def spans(self) -> Iterator[Span | None]:
        """Give each chunk's place, None where it cannot be one. The last one ends where the table begins.

        SMART and EnCase 1 have the chunks in the table's own section: there it ends where that does. An offset has
        31 bits and a flag; EnCase 6.7 lets it run over into the flag, after which no chunk is compressed.
        """
        over, entries = False, self.entries
        for index in range(len(entries)):
            entry = entries[index]
            start = entry if over else entry & ~_COMPRESSED
            if index + 1 < len(entries):
                following = entries[index + 1]
                end = following if over else following & ~_COMPRESSED
                if end < start < following:
                    end = following
                end += self.base
            else:
                end = self.at if self.base + start < self.at else self.end
            compressed = None if over else entry >= _COMPRESSED
            over = over or end - self.base >= _COMPRESSED
            start += self.base
            yield Span(start=start, end=end, compressed=compressed) if start < end <= self.end else None


def tables(files: list[t.BinaryIO], found: list[list[Section]], damage: Damage) -> Iterator[Table]:
    """Give the tables in the order of their chunks; for one that is damaged, its copy."""
    for segment, sections in enumerate(found):
        before: Section | None = None
        first: Table | None = None
        for section in sections:
            if section.kind == b"table":
                if first is not None:
                    yield first
                first = _read(files[segment], segment, section, section.at, damage)
            elif section.kind == b"table2":
                at = section.at
                if before is not None and before.kind == b"table" and first is not None:
                    at = before.at
                elif first is not None:
                    yield first
                    first = None
                second = _read(files[segment], segment, section, at, damage)
                first = second if first is None else _better(first, second, damage)
            before = section
        if first is not None:
            yield first


def _better(first: Table, second: Table, damage: Damage) -> Table:
    if first.state == second.state == "sound" and (first.base, first.entries) != (second.base, second.entries):
        damage.add(f"the table at byte {first.at} of segment {first.segment + 1} and its copy say different things")
    return min(first, second, key=lambda one: ("sound", "doubtful", "lost").index(one.state))


def _read(file: t.BinaryIO, segment: int, section: Section, at: int, damage: Damage) -> Table:
    """Read one table; ``at``: where the first of the two copies begins."""
    file.seek(section.data)
    head = file.read(min(_HEAD.size, section.size))
    what = f"the {section.kind.decode()} at byte {section.at} of segment {segment + 1}"
    count, base, _ = _HEAD.unpack(head) if len(head) == _HEAD.size else (0, 0, 0)
    if len(head) < _HEAD.size or not checked(head) or count > min(_MOST_ENTRIES, (section.size - _HEAD.size) // 4):
        damage.add(what)
        return Table(segment=segment, at=at, end=section.end, base=0, entries=_NONE, state="lost")
    data = file.read(4 * count + 4)
    entries = memoryview(data)[: 4 * count].cast("I")
    # SMART and EnCase 1 let the chunks follow at once, with no checksum between
    bare = bool(count) and base + (entries[0] & ~_COMPRESSED) == section.data + _HEAD.size + 4 * count
    sound = bare or checked(data)
    if not sound:
        damage.add(f"the entries of {what}")
    state: t.Literal["sound", "doubtful"] = "sound" if sound else "doubtful"
    return Table(segment=segment, at=at, end=section.end, base=base, entries=entries, state=state)
