"""Truth values as PostgreSQL's server writes them: an ``INSERT`` has ``true`` where ``COPY`` has ``t``."""

from __future__ import annotations

import itertools
import typing as t

import numpy as np

from vigie.numeric.tuples import BARE, Rows

if t.TYPE_CHECKING:
    from vigie.cell.dumps.create import Column

_WORDS = (np.frombuffer(b"true", np.uint8), np.frombuffer(b"false", np.uint8))


def shortened(rows: Rows, columns: list[Column]) -> Rows:
    """Return the rows with ``t`` and ``f`` in columns of type ``boolean`` that hold those words written out."""
    which = [number for number, one in enumerate(columns) if one.type == "boolean"]
    if not (rows.kinds[:, which] == BARE).any():
        return rows
    lengths = rows.lengths.copy()
    starts = np.cumsum(lengths, dtype=np.int64).reshape(lengths.shape) - lengths
    values, kept = rows.values.copy(), np.ones(len(rows.values), np.bool_)
    for number, word in itertools.product(which, _WORDS):
        like = np.flatnonzero((rows.kinds[:, number] == BARE) & (rows.lengths[:, number] == len(word)))
        letters = starts[like, number][:, np.newaxis] + np.arange(len(word))
        same = ((values[letters] | 0x20) == word).all(axis=1)
        values[letters[same, 0]] = word[0]
        kept[letters[same, 1:]] = False
        lengths[like[same], number] = 1
    return rows._replace(values=values[kept], lengths=lengths)
