"""Are all segments of an E01 there, and in order? libewf opens some incomplete sets without a word.

Source: Expert Witness Compression Format (EWF) by J. Metz, 2 (segment file) and 3 (sections).
"""

from __future__ import annotations

import os
import struct
import typing as t

from vigie.cell.containers.entry import Broken

_SECTION = struct.Struct("<16sQQ40xI")
_MOST_SECTIONS = 1 << 20


def check(files: list[t.BinaryIO]) -> None:
    """Raise ``Broken`` ``segment_missing`` unless the segments are 1 to n, each goes on and the last one ends."""
    for expected, file in enumerate(files, 1):
        file.seek(0)
        head = file.read(13)
        number = int.from_bytes(head[9:11], "little")
        if number != expected:
            raise Broken("segment_missing", f"segment {expected} is expected, this file is segment {number}")
        last = _last_section(file)
        if last == b"done" and expected < len(files):
            raise Broken("damaged", f"segment {expected} ends the image, more files were given")
        if last == b"next" and expected == len(files):
            raise Broken("segment_missing", f"segment {expected + 1} is not there; segment {expected} says it follows")
        if last not in (b"done", b"next"):
            raise Broken("truncated", f"segment {expected} is cut off after its section {last!r}")


def _last_section(file: t.BinaryIO) -> bytes:
    """Follow the section descriptors, each of which names the next; ``next`` and ``done`` name themselves."""
    size = file.seek(0, os.SEEK_END)
    at, kind = 13, b""
    for _ in range(_MOST_SECTIONS):
        file.seek(at)
        data = file.read(_SECTION.size)
        if len(data) < _SECTION.size:
            return kind
        name, following, _, _ = _SECTION.unpack(data)
        kind = bytes(name).rstrip(b"\0")
        if kind in (b"next", b"done") or following <= at or following >= size:
            return kind
        at = following
    return kind
