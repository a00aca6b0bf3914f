"""Job: tell which compact filters of blocks may hold one of some scripts."""

from __future__ import annotations

import struct
import typing as t

import numpy as np

from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import golomb
from vigie.rows.wire import Filtered, MatchFilters

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES: t.Final = 1 << 28
HASH_BYTES: t.Final = 32
HEAD = struct.Struct("<I")


def run(ask: MatchFilters, bench: Bench) -> None:
    """Send the numbers of the filters that match."""
    del ask
    scripts = [one for one in _framed(bench.files[0]) if one]
    texts = b"".join(scripts)
    starts = np.concatenate([[0], np.cumsum([len(one) for one in scripts])]).astype(np.uint64)
    found = []
    count = 0
    for count, one in enumerate(_framed(bench.files[1]), 1):
        try:
            if golomb.matches(one[HASH_BYTES:], one[:HASH_BYTES], texts, starts):
                found.append(count - 1)
        except ValueError as error:
            raise Refused("damaged", f"filter {count} of block {one[:HASH_BYTES][::-1].hex()}: {error}") from None
    bench.send(Filtered(filters=count, matching=found))


def _framed(file: t.BinaryIO) -> Iterator[bytes]:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES} bytes")
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + HEAD.size], "little")
        at += HEAD.size
        if at + size > len(data):
            raise Refused("truncated", f"{size} bytes announced at {at}, of {len(data)}")
        yield data[at : at + size]
        at += size


JOB = Job(ask=MatchFilters, run=run, warm=golomb.warm)
"""Filters are what a node says: read here, and what they say is only which blocks to look at."""
