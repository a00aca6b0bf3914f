"""Job: look for identifiers of money in a file of any kind."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.identifiers import find, sight
from vigie.cell.job import Bench, Job
from vigie.numeric.texts import Texts
from vigie.rows import wire
from vigie.rows.sightings import ENCODINGS
from vigie.rows.wire import Hid, Searched, Seek, Sights

MOST_TEXT: t.Final = 4096
MOST_SECRET: t.Final = 1 << 18
MANY: t.Final = 200
"""Identifiers of a reply, of at most 4 KiB each."""


def run(_: Seek, bench: Bench) -> None:
    """Send what is found as it is found, and how much was not looked at."""
    left = 0
    for one in sight.sights(bench.files[0]):
        left += int(one.found.left.sum())
        encoding = ENCODINGS.index(one.encoding)
        for first in range(0, len(one.starts), MANY):
            some = slice(first, first + MANY)
            bench.send(
                Sights(
                    encoding=encoding,
                    starts=_view(one.starts[some], "<i8"),
                    kinds=_view(one.found.kind[some], "u1"),
                    checked=_view(one.found.checked[some], "u1"),
                    values=_texts(one.found.values, some),
                    contexts=_texts(one.found.lines, some),
                )
            )
        for start, kind, value in one.hidden:
            bench.send(Hid(encoding=encoding, start=start, kind=kind, value=value[:MOST_SECRET]))
    bench.send(Searched(left=left))


def _texts(of: Texts, some: slice) -> wire.Cells:
    ends = of.offsets[some.start : some.stop + 1]
    raw, lengths = of.values[ends[0] : ends[-1]].data, np.diff(ends)
    if lengths.max(initial=0) > MOST_TEXT:  # an invoice, a URI; rare
        cut = [one.encode()[:MOST_TEXT].decode("utf-8", "ignore").encode() for one in of.take(some).strings()]
        raw, lengths = memoryview(b"".join(cut)), np.array([len(one) for one in cut], np.int64)
    return wire.Cells(lengths=_view(lengths, "<i4"), values=raw)


def _view(of: np.ndarray[t.Any, t.Any], kind: str) -> memoryview:
    return memoryview(np.ascontiguousarray(of, kind)).cast("B")  # type: ignore[arg-type] # an array is a buffer


JOB = Job(ask=Seek, run=run, warm=find.warm_money)
"""Texts are looked at as bytes, whatever holds them; nothing is unpacked or executed."""
