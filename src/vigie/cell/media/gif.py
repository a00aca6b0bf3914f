"""How many pictures a GIF holds, without decoding any (GIF89a specification, sections 15-26)."""

from __future__ import annotations

import typing as t

MOST_FRAMES: t.Final = 1_000_000


def frames(data: bytes) -> int:
    """Count the image descriptors; what comes after damage or beyond ``MOST_FRAMES`` is not counted."""
    if len(data) < 13:
        return 0
    at = 13 + _table(data[10])
    count = 0
    while at < len(data) and count < MOST_FRAMES:
        match data[at]:
            case 0x21:  # extension: introducer, label, sub-blocks
                at = _after(data, at + 2)
            case 0x2C:  # image: descriptor of 10 bytes, local colours, code size, sub-blocks
                if at + 10 > len(data):
                    break
                count += 1
                at = _after(data, at + 10 + _table(data[at + 9]) + 1)
            case _:  # trailer, or damage
                break
    return count


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after(data: bytes, at: int) -> int:
    """Return the offset behind the sub-blocks that begin at ``at``."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1
