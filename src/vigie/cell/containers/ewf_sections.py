"""The sections of one segment file of an E01, each found through the descriptor before it.

Source: Expert Witness Compression Format (EWF) by J. Metz, 2 (segment file) and 3 (sections).
"""

from __future__ import annotations

import dataclasses
import os
import struct
import typing as t
import zlib

_DESCRIPTOR = struct.Struct("<16sQQ40xI")
_MOST_SECTIONS = 1 << 20
HEAD_BYTES = 13
DESCRIPTOR_BYTES = _DESCRIPTOR.size
ENDS: t.Final = (b"next", b"done")


class Damage:
    """What does not fit its checksum, counted; the first ones in words."""

    MOST_TOLD = 8

    def __init__(self) -> None:
        self.count = 0
        self._told: list[str] = []

    def add(self, what: str, count: int = 1) -> None:
        """Count it."""
        self.count += count
        if len(self._told) < self.MOST_TOLD:
            self._told.append(what)

    def __str__(self) -> str:
        more = self.count > len(self._told) == self.MOST_TOLD
        return "; ".join(self._told) + (f"; {self.count:,} in all" if more else "")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One section: its descriptor at ``at``, then its data up to ``end``."""

    kind: bytes
    at: int
    end: int

    @property
    def data(self) -> int:
        """Where its data begin."""
        return self.at + DESCRIPTOR_BYTES

    @property
    def size(self) -> int:
        """How many bytes of data it has."""
        return max(0, self.end - self.data)


def sections(file: t.BinaryIO, segment: int, damage: Damage) -> list[Section]:
    """Follow the descriptors to the last one, ``next`` or ``done`` where nothing is missing.

    A descriptor whose checksum fails still leads on if what it points to, by offset or by size, is one that fits.
    """
    size = file.seek(0, os.SEEK_END)
    at, out = HEAD_BYTES, list[Section]()
    while len(out) < _MOST_SECTIONS:
        data = _descriptor(file, at)
        if len(data) < DESCRIPTOR_BYTES:
            return out
        name, following, length, _ = _DESCRIPTOR.unpack(data)
        kind, sound = bytes(name).rstrip(b"\0"), _fits(data)
        if not sound:
            damage.add(f"the section descriptor at byte {at} of segment {segment}")
            further = (one for one in (following, at + length) if at < one < size)
            following = next((one for one in further if _fits(_descriptor(file, one))), at)
            if following == at and at + DESCRIPTOR_BYTES == size:
                kind = b"done"  # it is the last thing in the file: what it was called is no matter
        ends = kind in ENDS or not at < following < size
        out.append(Section(kind=kind, at=at, end=min(at + max(length, DESCRIPTOR_BYTES), size) if ends else following))
        if ends:
            return out
        at = following
    return out


def _descriptor(file: t.BinaryIO, at: int) -> bytes:
    file.seek(at)
    return file.read(DESCRIPTOR_BYTES)


def _fits(descriptor: bytes) -> bool:
    return len(descriptor) == DESCRIPTOR_BYTES and checked(descriptor)


def checked(data: bytes) -> bool:
    """Tell whether the last four bytes are the Adler-32 of those before."""
    return zlib.adler32(data[:-4]) == int.from_bytes(data[-4:], "little")
