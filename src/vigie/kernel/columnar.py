"""Columns as the cell sends them, turned into a table that a query can read. Nothing in them is believed unchecked."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vigie.kernel.schema import schema
from vigie.kernel.table import Table, registered
from vigie.numeric import utf8
from vigie.numeric.ends import narrow

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vigie.rows.base import Row
    from vigie.rows.wire import Cells, Form, Portion

R = t.TypeVar("R", bound="Row")
BATCH_ROWS = 1 << 18
BATCH_BYTES = 64 << 20
"""Rows wait until there are so many, or so large: then they are worth a query."""
LONG_BYTES = 4 << 20
"""A column of so many in a batch is worth more pieces, so that it need not be copied."""
MOST_TEXT = 4096
"""Bytes of a text that stands beside a row: 1,024 characters."""
MOST_MADE = 512 << 20
MOST_OF_ROW = 16 << 20
"""Bytes of the rows that a rule makes of a batch, and of one row, where it makes several of each."""
WIDTH = 8
"""Bytes of a whole number."""


class Untrue(ValueError):  # noqa: N818 - it is a finding about the cell, not an error of ours
    """Columns that do not fit each other, or text that is none."""


class Columns:
    """Rows of one table that wait. The table they make has ``number``, ``place``, and ``c0``, ``c1`` ..."""

    def __init__(self, forms: Sequence[Form]) -> None:
        """``forms``: in which the columns were asked for."""
        self._forms = tuple(forms)
        self._held: list[Portion] = []
        self.rows = self.size_bytes = 0

    def add(self, portion: Portion) -> bool:
        """Take rows; tell whether there are enough for a query. Raises ``Untrue``."""
        rows = len(portion.places) // 8
        if not rows or len(portion.places) % 8 or len(portion.columns) != len(self._forms):
            raise Untrue("rows without places, or with other columns than were asked for")
        if any(len(one.lengths) != 4 * rows for one in portion.columns):
            raise Untrue("columns of different lengths")
        self._held.append(portion)
        self.rows += rows
        self.size_bytes += len(portion.places) + sum(len(one.lengths) + len(one.values) for one in portion.columns)
        return self.rows >= BATCH_ROWS or self.size_bytes >= BATCH_BYTES

    def taken(self) -> Columns:
        """Give away what waits, to be made a table elsewhere, and wait for more."""
        out = Columns(self._forms)
        out._held, out.rows, out.size_bytes = self._held, self.rows, self.size_bytes
        self._held, self.rows, self.size_bytes = [], 0, 0
        return out

    def take(self) -> pa.Table:
        """Return what waits as a table, and wait for more. Raises ``Untrue``."""
        held, self._held, self.rows, self.size_bytes = self._held, [], 0, 0
        first = [one.number + np.arange(len(one.places) // 8, dtype=np.int64) for one in held]
        places = np.frombuffer(b"".join(one.places for one in held), "<i8")
        data: list[t.Any] = [pa.array(np.concatenate(first)), pa.array(places)]
        for at, form in enumerate(self._forms):
            data.append(pa.chunked_array([_column(*one, form) for one in _pieces([one.columns[at] for one in held])]))
        return pa.Table.from_arrays(data, names=["number", "place", *(f"c{i}" for i in range(len(self._forms)))])


def _pieces(came: list[Cells]) -> t.Iterator[tuple[memoryview, memoryview]]:
    """Give lengths and values of a column: long texts, most of a dump, as they came, others put together."""
    if sum(len(one.values) for one in came) >= LONG_BYTES:
        yield from ((one.lengths, one.values) for one in came)
    else:
        lengths, values = (b"".join(parts) for parts in zip(*((x.lengths, x.values) for x in came), strict=True))
        yield memoryview(lengths), memoryview(values)


def texts(given: Cells, rows: int) -> pa.Array[t.Any]:
    """Return texts of at most ``MOST_TEXT``, none of them NULL, so many as there are rows. Raises ``Untrue``."""
    found = _column(given.lengths, given.values, "text")
    if len(found) != rows or found.null_count or (rows and int(np.frombuffer(given.lengths, "<i4").max()) > MOST_TEXT):
        raise Untrue("texts of another number, without one, or too long")
    return found


def bounded(batch: pa.Table, parts: str, repeated: Sequence[str]) -> tuple[pa.Table, int]:
    """Return the rows of a batch of which a rule that makes several of each may make them, and how many it may not.

    ``parts``: SQL of how many come of each; ``repeated``: the columns that stand in each of them. A row whose number is
    a text of 1 MB, and that names 10,000 accounts, would become 10 GB.
    """
    with registered({"batch": batch}) as db:
        counts = db.sql(f"select coalesce({parts}, 0)::bigint as parts from batch order by number").to_arrow_table()
    sizes = np.zeros(len(batch), np.int64)
    for one in map(batch.column, repeated):
        if not pa.types.is_integer(one.type):
            sizes += pc.fill_null(pc.binary_length(one), 0).to_numpy()
    weights = counts["parts"].to_numpy() * sizes
    kept = weights <= MOST_OF_ROW
    kept &= np.cumsum(np.where(kept, weights, 0)) <= MOST_MADE
    return (batch, 0) if kept.all() else (batch.filter(pa.array(kept)), int((~kept).sum()))


def numbers(given: memoryview, kind: str, rows: int) -> npt.NDArray[t.Any]:
    """Return numbers of that dtype, so many as there are rows, none below 0. Raises ``Untrue``."""
    if len(given) != rows * np.dtype(kind).itemsize:
        raise Untrue("numbers of another number")
    out = np.frombuffer(given, kind)
    if (out < 0).any():
        raise Untrue("a number below 0")
    return out


def made(row: type[R], sql: str, batch: pa.Table, *, plain: Mapping[str, str], fixed: Mapping[str, t.Any]) -> Table[R]:
    """Return the rows that a query over ``batch``, a table of ``Columns``, makes of it.

    ``plain``: fields that are a text column of the batch as it is, NULL as ``''``; ``fixed``: fields that are the same
    in all rows. The query gives the other fields, ``number`` among them: what it need not look at goes past it.
    """
    with registered({"batch": batch}) as db:
        found: pa.Table = db.sql(sql).to_arrow_table()
    rows = np.searchsorted(batch["number"].to_numpy(), found["number"].to_numpy())
    whole = len(rows) == len(batch) and bool((rows == np.arange(len(batch))).all())
    for name, column in plain.items():
        told = pa.chunked_array([_told(one) for one in batch[column].chunks], pa.string())
        found = found.append_column(name, told if whole else told.take(pa.array(rows, pa.int64())))
    for name, value in fixed.items():
        found = found.append_column(name, pa.repeat(pa.scalar(value, schema(row).field(name).type), len(found)))
    return Table(row, found)


def _told(values: pa.Array[t.Any]) -> pa.Array[t.Any]:
    """Return texts with '' for NULL, which is what lies there but for the mark."""
    _, ends, held = values.buffers()
    return pa.Array.from_buffers(pa.string(), len(values), [None, ends, held], offset=values.offset)


def _column(sizes: memoryview, values: memoryview, form: Form) -> pa.Array[t.Any]:
    if len(sizes) % 4:
        raise Untrue("lengths of another width")
    lengths = np.frombuffer(sizes, "<i4")
    try:
        ends, there = narrow(lengths)
    except ValueError as error:
        raise Untrue(str(error)) from None
    if form == "whole":
        return _wholes(lengths, values)
    if int(ends[-1]) != len(values):
        raise Untrue("lengths that are not those of the values")
    if form != "raw" and not utf8.whole_each(np.frombuffer(values, np.uint8), ends[:-1]):
        raise Untrue("text that is no UTF-8")
    buffers = [None if there is None else pa.py_buffer(there.data), pa.py_buffer(ends.data), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.binary() if form == "raw" else pa.string(), len(lengths), buffers)


def _wholes(lengths: npt.NDArray[np.int32], values: memoryview) -> pa.Array[t.Any]:
    known = lengths >= 0
    if (lengths[known] != WIDTH).any() or len(values) != WIDTH * int(known.sum()):
        raise Untrue("whole numbers of another width")
    if known.all():
        return pa.array(np.frombuffer(values, "<i8"), pa.int64())
    out = np.zeros(len(lengths), np.int64)
    out[known] = np.frombuffer(values, "<i8")
    return pa.array(out, mask=~known)
