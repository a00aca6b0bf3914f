"""Columns of blocks as they are answered: ``rows.blocks.LAYOUT``, in pieces."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.rows import blocks as rows
from vigie.rows.wire import CHUNK_BYTES, Blocks, Data

if t.TYPE_CHECKING:
    from vigie.cell.job import Bench


def send(bench: Bench, named: dict[str, np.ndarray[t.Any, t.Any]]) -> None:
    """Send a batch of blocks, by name of column."""
    many = {one.of: len(named[one.name]) for one in rows.LAYOUT}
    body = b"".join(np.ascontiguousarray(named[one.name], one.form).tobytes() for one in rows.LAYOUT)
    bench.send(Blocks(**many))
    for start in range(0, len(body), CHUNK_BYTES):
        end = start + CHUNK_BYTES
        bench.send(Data(data=body[start:end], last=end >= len(body)))
