"""Which coding process a JPEG says it uses (ITU-T T.81: B.1.1.3, table B.1)."""

from __future__ import annotations

import re
import typing as t

LOSSLESS_OR_LAYERED: t.Final = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF})
"""SOF3 and the hierarchical ones. libjpeg-turbo reads SOF3 without converting colours: a hash of it would be wrong."""
_ALONE: t.Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""TEM, RST0-7 and SOI have no length."""
_FILL: t.Final = re.compile(rb"\xff{2,}")
_SCAN: t.Final = frozenset({0xD9, 0xDA})
_NOT_FRAMES: t.Final = frozenset({0xC4, 0xC8, 0xCC})
"""DHT, JPG and DAC stand among the numbers of the frames."""


def process(data: bytes) -> int:
    """Return the second byte of the first SOF marker; 0 where none comes before the first scan."""
    at = data.find(b"\xff", 2)
    while 0 <= at < len(data) - 3:
        marker = data[at + 1]
        if marker in _SCAN:
            return 0
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            return marker
        if fill := _FILL.match(data, at):  # megabytes of it, perhaps
            at = fill.end() - 1
        elif marker in _ALONE or not marker:
            at = data.find(b"\xff", at + 2)
        else:
            at = data.find(b"\xff", at + 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2))
    return 0
