"""Job: give the columns that are wanted of the tables of a dump, in columns."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.dumps import charsets, odd, readers
from vigie.cell.dumps.pieces import Batch
from vigie.cell.identifiers import find as identifiers
from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import addresses_shown, columns
from vigie.numeric.ends import offsets
from vigie.numeric.tuples import CUT, Rows
from vigie.numeric.wholes import wholes
from vigie.rows import wire
from vigie.rows.wire import Extent, Extract, Mentions, Portion, Withheld

if t.TYPE_CHECKING:
    from vigie.cell.dumps.create import Column
    from vigie.cell.identifiers.find import Ints
    from vigie.numeric.columns import Cells

ROOM_BYTES: t.Final = 900_000
"""Of the values of a reply; it may have 1 MiB."""
MOST_TEXT: t.Final = 1024
MENTION_BYTES: t.Final = 32
"""Of an identifier beside its texts."""
MOST_SECRET: t.Final = 1 << 18
MARK: t.Final = b"[private key, sealed]"
ROW_BYTES: t.Final = 64
"""Of a row beside its values, without the lengths of its columns."""


class _Wish:
    """A table that is wanted, and how much of it has been given."""

    def __init__(self, number: int, of: wire.Wish) -> None:
        self.number, self.of = number, of
        self.rows = self.cut = self.crowded = 0
        self.odd = [odd.Column() for _ in of.columns]
        self.met = False

    def extent(self) -> Extent:
        """Say how much was given."""
        told = [one.told(number) for number, one in enumerate(self.odd) if one.values]
        return Extent(wish=self.number, rows=self.rows, cut=self.cut, odd=told, crowded=self.crowded)

    def kept(self, columns: list[Column]) -> list[int]:
        """Return the numbers of the columns that are wanted, ascending."""
        self.met = True
        wanted = {one.name for one in self.of.columns}
        seen: set[str] = set()
        out = []
        for number, one in enumerate(columns):
            if one.name in wanted and one.name not in seen:
                seen.add(one.name)
                out.append(number)
        return out


def run(ask: Extract, bench: Bench) -> None:
    """Send the rows of each table as they come, and how many there were when all of the dump has been read."""
    wishes = {one.relation: _Wish(number, one) for number, one in enumerate(ask.wishes)}

    def want(table: str, columns: list[Column]) -> list[int]:
        return wishes[table].kept(columns) if table in wishes else []

    otherwise = charsets.codec(ask.otherwise) if ask.otherwise else ""
    if otherwise is None:
        raise Refused("unsupported", f"no character set {ask.otherwise!r} is known")
    for piece in readers.pieces(ask.content_type, bench.files, ask.beside, want):
        if isinstance(piece, Batch) and piece.table in wishes:
            _send(piece, wishes[piece.table], bench, otherwise)
    for one in wishes.values():
        if one.met or not ask.beside:
            bench.send(one.extent())


def _send(batch: Batch, wish: _Wish, bench: Bench, otherwise: str) -> None:
    rows, many = batch.rows, len(batch.rows.places)
    wish.cut += int(np.count_nonzero(rows.kinds & CUT))
    given = dict(zip((one.name for one in batch.columns), columns.split(rows), strict=True))
    none = columns.Cells(np.zeros(0, np.uint8), np.full(many, columns.NULL_LENGTH, np.int32))
    codec = charsets.codec(batch.charset) or "utf-8"
    cells: list[Cells] = []
    for one, told in zip(wish.of.columns, wish.odd, strict=True):
        found = raw = given.get(one.name, none)
        if one.form == "address":
            found = addresses_shown.shown(raw)
            told.add(odd.somewhere(raw, odd.emptied(raw, found)), wish.rows + 1, rows.places)
        elif one.form == "whole":
            found = wholes(raw)
            told.add(odd.emptied(raw, found), wish.rows + 1, rows.places)
        elif one.form == "there":
            found = columns.there(found)
        elif one.form == "text":
            found, untold, read = charsets.text(raw, codec, otherwise)
            if len(untold):
                told.add(untold, wish.rows + 1, rows.places)
                told.hold(raw, untold, codec)
                told.read += read
        if one.search:
            found = _searched(found, len(cells), wish, bench)
        cells.append(found)
    for portion, cut in portions(wish.number, wish.rows + 1, rows.places, cells):
        wish.cut += cut
        bench.send(portion)
    wish.rows += many


def _searched(cells: Cells, column: int, wish: _Wish, bench: Bench) -> Cells:
    """Send the identifiers in a column; return it with marks where secrets stood."""
    at = offsets(cells.lengths)
    found = identifiers.find(cells.values, at)
    wish.crowded += int(found.left.sum())
    first = wish.rows + 1
    values, contexts = ([one[:MOST_TEXT].encode() for one in texts] for texts in (found.value, found.context))
    for some in _slices([len(value) + len(line) for value, line in zip(values, contexts, strict=True)]):
        bench.send(
            Mentions(
                wish=wish.number,
                column=column,
                numbers=_view(first + found.row[some], "<i8"),
                starts=_view(found.start[some], "<i8"),
                kinds=_view(found.kind[some], "u1"),
                checked=_view(found.checked[some], "u1"),
                quoted=_view(found.quoted[some], "u1"),
                values=_texts(values[some]),
                contexts=_texts(contexts[some]),
            )
        )
    secrets = found.secrets
    if not len(secrets.row):
        return cells
    starts, ends = at[secrets.row] + secrets.start, at[secrets.row] + secrets.end
    for row, start, low, high, kind in zip(secrets.row.tolist(), secrets.start.tolist(), starts.tolist(), ends.tolist(),
                                           secrets.kind.tolist(), strict=True):  # fmt: skip
        value = cells.values[low : min(high, low + MOST_SECRET)].tobytes()
        bench.send(Withheld(wish=wish.number, number=first + row, column=column, start=start, kind=kind, value=value))
    return _without(cells, secrets.row, starts, ends)


def _slices(sizes: list[int]) -> t.Iterator[slice]:
    """Cut identifiers, with texts of these sizes, into replies that are small enough."""
    total = np.cumsum(np.array(sizes, np.int64) + MENTION_BYTES)
    start = 0
    while start < len(sizes):
        before = int(total[start - 1]) if start else 0
        stop = int(np.searchsorted(total, before + ROOM_BYTES, side="right"))
        yield slice(start, stop)
        start = stop


def _texts(raw: list[bytes]) -> wire.Cells:
    lengths = np.fromiter(map(len, raw), np.int32, len(raw))
    return wire.Cells(lengths=_view(lengths, "<i4"), values=memoryview(b"".join(raw)))


def _without(cells: Cells, rows: Ints, starts: Ints, ends: Ints) -> Cells:
    raw, lengths, done, held = cells.values.tobytes(), cells.lengths.copy(), 0, list[bytes]()
    for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True):
        held += [raw[done:start], MARK]
        lengths[row] += len(MARK) - (end - start)
        done = end
    held.append(raw[done:])
    return columns.Cells(np.frombuffer(b"".join(held), np.uint8), lengths)


def portions(
    wish: int, number: int, places: np.ndarray[t.Any, t.Any], cells: list[Cells]
) -> t.Iterator[tuple[Portion, int]]:
    """Cut rows into replies that are small enough, each with how many values lost their ends for it.

    None does but in a single row that is too long by itself.
    """
    ends = [offsets(one.lengths) for one in cells]
    total = np.arange(len(places) + 1, dtype=np.int64) * (ROW_BYTES + 4 * len(cells)) + sum(ends)
    start = 0
    while start < len(places):
        stop = int(np.searchsorted(total, total[start] + ROOM_BYTES, side="right")) - 1
        most = 1 << 62
        if stop <= start:
            stop, most = start + 1, ROOM_BYTES // max(len(cells), 1) - ROW_BYTES
        yield (
            Portion(
                wish=wish,
                number=number + start,
                places=_view(places[start:stop], "<i8"),
                columns=[_cells(one, at, start, stop, most) for one, at in zip(cells, ends, strict=True)],
            ),
            sum(int(at[stop] - at[start]) > most for at in ends),
        )
        start = stop


def _cells(of: Cells, at: np.ndarray[t.Any, t.Any], start: int, stop: int, most: int) -> wire.Cells:
    lengths, values = of.lengths[start:stop], of.values[at[start] : at[stop]]
    if len(values) > most:
        values = values[:most]
        while len(values) and (int(of.values[at[start] + len(values)]) & 0xC0) == 0x80:  # not within a character
            values = values[:-1]
        lengths = np.array([len(values)], np.int32)
    return wire.Cells(lengths=_view(lengths, "<i4"), values=_view(values, "u1"))


def _view(of: np.ndarray[t.Any, t.Any], kind: str) -> memoryview:
    return memoryview(np.ascontiguousarray(of, kind)).cast("B")  # type: ignore[arg-type] # an array is a buffer


def warm() -> None:
    """Compile or load the loops."""
    readers.warm()
    identifiers.warm()
    empty = columns.Cells(np.zeros(0, np.uint8), np.zeros(0, np.int32))
    addresses_shown.shown(empty)
    wholes(empty)
    none = np.zeros((1, 0), np.int32)
    columns.split(Rows(np.zeros(0, np.uint8), none, none.astype(np.uint8), np.zeros(1, np.int64)))


JOB = Job(ask=Extract, run=run, warm=warm)
"""Columns of the tables of a dump, tokenised and decoded: what stands in a dump is read and never executed."""
