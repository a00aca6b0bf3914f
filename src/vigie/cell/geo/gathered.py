"""What a reader of IP networks gives: ranges in plain columns, gathered until the file ends."""

from __future__ import annotations

import array
import typing as t

import msgspec
import numpy as np

from vigie.cell.job import Refused
from vigie.numeric.ranges import Ranges
from vigie.rows.countries import FLAGS

if t.TYPE_CHECKING:
    from vigie.rows.wire import Trouble

MOST_RANGES: t.Final = 8_000_000
"""The largest city databases have six million networks; of their countries a tenth is left."""
MOST_TROUBLES: t.Final = 1000
_LOW: t.Final = (1 << 64) - 1
BITS: t.Final = {name: 1 << place for place, name in enumerate(FLAGS)}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself."""

    format: str
    name: str = ""
    dated: str = ""
    about: str = ""


class Gathered:
    """Ranges as they come, 40 bytes each."""

    def __init__(self) -> None:
        self.words = array.array("Q")
        self.said = array.array("Q")
        """Country as two letters, flags, AS number in one number."""

    def add(self, low: int, high: int, country: str, flags: int, asn: int = 0) -> None:
        """Take a range of addresses, 128-bit numbers, unless nothing is said of it. Errors: Refused ``too_large``."""
        if not (country or flags or asn):
            return
        if len(self.said) >= MOST_RANGES:
            raise Refused("too_large", f"more than {MOST_RANGES:,} ranges")
        self.words.extend((low >> 64, low & _LOW, high >> 64, high & _LOW))
        letters = int.from_bytes(country.encode("ascii"), "big") if country else 0
        self.said.append(letters << 48 | flags << 32 | asn)

    def ranges(self) -> Ranges:
        """Return all as columns."""
        words = np.frombuffer(self.words, np.uint64).reshape(-1, 4) if self.words else np.zeros((0, 4), np.uint64)
        said = np.frombuffer(self.said, np.uint64) if self.said else np.zeros(0, np.uint64)
        country = (said >> np.uint64(48)).astype(">u2").view("S2")
        flags = (said >> np.uint64(32)).astype(np.uint8)
        return Ranges(words[:, :2], words[:, 2:], country, flags, said.astype(np.uint32))


class Found(t.NamedTuple):
    """A file, read: what it says of itself, its ranges, how many records were left out, and the first of those."""

    head: Head
    ranges: Ranges
    rejected: int
    troubles: list[Trouble]
