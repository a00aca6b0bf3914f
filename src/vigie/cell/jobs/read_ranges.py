"""Job: read one file of facts about IP networks."""

from __future__ import annotations

import io
import typing as t

import numpy as np

from vigie.cell.geo import mmdb, texts
from vigie.cell.job import Bench, Job, Refused
from vigie.cell.lists.reading.lines import first_lines
from vigie.numeric import ranges as loops
from vigie.numeric import search_tree
from vigie.rows.wire import Ranges, RangesHead, ReadRanges

if t.TYPE_CHECKING:
    from vigie.cell.geo.gathered import Found

EACH: t.Final = 8192
"""Ranges in one reply: 320 KiB."""
HEAD_BYTES: t.Final = 1 << 16
_PACKED: t.Final = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))


def run(ask: ReadRanges, bench: Bench) -> None:
    """Send what the file says of itself, its ranges - disjoint, in order - and its troubles."""
    raw = bench.files[0]
    file = io.BufferedReader(raw, 1 << 17) if isinstance(raw, io.RawIOBase) else raw
    found = _read(file, ask.flag)
    if not len(found.ranges.low):
        first = f"; {found.troubles[0].detail}" if found.troubles else ""
        raise Refused("bad_ranges", f"no network in it, read as {found.head.format}{first}")
    made, overlaps = loops.disjoint(found.ranges)
    four = made.four()
    bench.send(
        RangesHead(
            format=found.head.format,
            name=found.head.name,
            dated=found.head.dated,
            about=found.head.about,
            ipv4=four,
            ipv6=len(made.low) - four,
            countries=len(set(made.country.tolist()) - {b""}),
            rejected=found.rejected,
            overlaps=overlaps,
        )
    )
    for one in found.troubles:
        bench.send(one)
    for number, part in enumerate(loops.packed(made, EACH)):
        bench.send(Ranges(number=number, data=part))


def _read(file: t.BinaryIO, flag: str) -> Found:
    """Tell the format by its content."""
    head = file.read(HEAD_BYTES)
    if not head:
        raise Refused("empty", "the file has no bytes")
    for magic, name in _PACKED:
        if head.startswith(magic):
            raise Refused("bad_ranges", f"it is packed with {name}: unpack it first")
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - mmdb.WITHIN))
    tail = file.read(mmdb.WITHIN)
    file.seek(0)
    if mmdb.is_mmdb(tail):
        return mmdb.read(file)
    lines = [one for one in first_lines(head, 200) if not one.startswith(("#", ";", "//"))][:50]
    if lines and sum(map(texts.is_ranges, lines)) * 2 >= len(lines):
        return texts.ranges(file)
    if lines and sum(map(texts.is_network, lines)) * 2 >= len(lines):
        return texts.networks(file, flag)
    begins = f"; it begins {lines[0][:200]!r}" if lines else ""
    raise Refused("bad_ranges", f"neither a MaxMind DB, nor lines low,high,COUNTRY, nor a list of networks{begins}")


def warm() -> None:
    """Compile or load the loops."""
    search_tree.walk(np.frombuffer(bytes(12), np.uint8), 2, 24, 128, 4)  # a buffer, as a file is: it cannot be written
    texts.networks(io.BytesIO(b"# 2020-01-02\n192.0.2.0/24 tor\n2001:db8::/32 DE\nx\n192.0.2.0/25 vpn\n"), "")
    found = texts.ranges(io.BytesIO(b"1,9,DE\n2,3,FR\n"))
    loops.disjoint(found.ranges)
    b"\xff".decode("ascii", "replace")


JOB = Job(ask=ReadRanges, run=run, warm=warm)
