"""Values of a column that do not come out as what they were asked for: how many, which first, and what they may be."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.dumps.likely import likely
from vigie.numeric.columns import Cells
from vigie.numeric.ends import offsets
from vigie.rows.wire import Odd

Rows: t.TypeAlias = npt.NDArray[np.int64]
MOST_HELD: t.Final = 200
"""Values at which is looked for what they may be ..."""
MOST_BYTES: t.Final = 4096
"""... and bytes of each, round the first that is none."""
NOWHERE: t.Final = (b"0", b"::", b"0.0.0.0", b"::ffff:0.0.0.0", bytes(4), bytes(16))
"""Addresses that say nothing, and are no oddity."""


class Column:
    """What is odd in one column so far."""

    def __init__(self) -> None:
        self.values = self.read = self.number = self.place = self.at = 0
        self.held: list[bytes] = []

    def add(self, rows: Rows, first: int, places: npt.NDArray[np.int64]) -> None:
        """Count rows of a batch, whose first one has number ``first``."""
        if len(rows) and not self.values:
            self.number, self.place = first + int(rows[0]), int(places[rows[0]])
        self.values += len(rows)

    def hold(self, cells: Cells, rows: Rows, codec: str) -> None:
        """Keep some of the values that are no text in that codec."""
        at = offsets(cells.lengths)
        for row in rows[: MOST_HELD - len(self.held)].tolist():
            one = cells.values[at[row] : at[row + 1]].tobytes()
            where = _where(one, codec)
            if not self.held:
                self.at = where
            start = max(where - MOST_BYTES // 2, 0)  # what is no text may stand far behind the start
            while 0 < start < where and one[start] & 0xC0 == 0x80:  # not within a character
                start += 1
            self.held.append(one[start : start + MOST_BYTES])

    def told(self, number: int) -> Odd:
        """Return it as the house takes it."""
        name, fit = likely(self.held)
        return Odd(
            column=number, values=self.values, read=self.read, number=self.number, place=self.place, at=self.at,
            held=len(self.held), likely=name, fit=fit,
        )  # fmt: skip


def emptied(before: Cells, after: Cells) -> Rows:
    """Return the rows of which a value was there, and nothing came."""
    return np.flatnonzero((before.lengths > 0) & (after.lengths <= 0))


def somewhere(cells: Cells, rows: Rows) -> Rows:
    """Return those of the rows whose value is none of ``NOWHERE``."""
    if not len(rows):
        return rows
    at, kept = offsets(cells.lengths), np.ones(len(rows), np.bool_)
    for one in NOWHERE:
        same = np.flatnonzero(cells.lengths[rows] == len(one))
        held = cells.values[at[rows[same]][:, None] + np.arange(len(one))]
        kept[same[(held == np.frombuffer(one, np.uint8)).all(axis=1)]] = False
    return rows[kept]


def _where(value: bytes, codec: str) -> int:
    try:
        value.decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return 0
