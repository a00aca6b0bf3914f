"""Unfinished work: units as they were done, in chunks, so that a killed run goes on where it was.

A chunk is written whole or not at all, and sealed with the case's key (``kernel/seal.py``): one that was changed, or
planted by somebody who can write to the folder, stops the run. When all units are done the chunks become tables,
sorted by key: how often the work was interrupted, and in which order it was done, leaves no mark on the result.
"""

from __future__ import annotations

import shutil
import time
import typing as t

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vigie.kernel import durable
from vigie.kernel.schema import schema
from vigie.kernel.seal import Chunks
from vigie.kernel.table import ROW_GROUP, Table, copy, of
from vigie.rows.base import ROWS, Row

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.kernel.database import Room

FLUSH_ROWS = 4_000
FLUSH_S = 5.0
"""A killed run loses at most this much, and what was in flight."""


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """Some rows of one unit; ``last`` says that the unit is done with them."""

    sitting: int
    """Number of the attempt that read them: what a killed one left half-way is not mixed with what came later."""
    unit: bytes
    last: bool
    rows: list[tuple[str, msgspec.Raw]]


class Work:
    """The folder of one piece of unfinished work. Errors: IntegrityError for a chunk that ``key`` did not seal."""

    def __init__(self, folder: Path, room: Room, key: bytes) -> None:
        self.folder = folder
        self.room = room
        folder.mkdir(parents=True, exist_ok=True)
        durable.sweep(folder)
        self._chunks = Chunks(folder, key)
        self.done: set[bytes] = set()
        self.problems = 0
        self._sitting = 0
        self._done_in: dict[bytes, int] = {}
        self._pieces: list[Piece] = []
        self._rows = 0
        self._flushed = time.monotonic()
        self._encoder = msgspec.msgpack.Encoder()
        for piece in self._read():
            if piece.last:
                self.done.add(piece.unit)
                self._done_in[piece.unit] = piece.sitting
            self._sitting = max(self._sitting, piece.sitting + 1)
            self.problems += sum(name == "problem" for name, _ in piece.rows)

    def add(self, unit: bytes, rows: list[t.Any], *, last: bool = True) -> None:
        """Keep rows of a unit; they are on disk after ``FLUSH_S`` seconds or ``FLUSH_ROWS`` rows."""
        encoded = [(row.table(), msgspec.Raw(self._encoder.encode(row))) for row in rows]
        self._pieces.append(Piece(self._sitting, unit, last, encoded))
        self._rows += len(rows) + 1
        self.problems += sum(name == "problem" for name, _ in encoded)
        if last:
            self.done.add(unit)
            self._done_in[unit] = self._sitting
        if self._rows >= FLUSH_ROWS or time.monotonic() - self._flushed >= FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Write what is in memory as one chunk."""
        if self._pieces:
            raw = self._encoder.encode(self._pieces)
            self._chunks.put(len(raw).to_bytes(8, "big") + pa.compress(raw, codec="zstd", asbytes=True))
        self._pieces, self._rows, self._flushed = [], 0, time.monotonic()

    def finish(
        self,
        rows: tuple[type[Row], ...],
        place: t.Callable[[type[Row]], Path],
        earlier: dict[type[Row], list[Table[t.Any]]],
    ) -> dict[type[Row], str]:
        """Turn the chunks, and rows read earlier, into one sorted Parquet file for each row type; return digests."""
        self.flush()
        writers = {row.table(): pq.ParquetWriter(self.folder / f"{row.table()}.unsorted", schema(row)) for row in rows}
        waiting: dict[str, list[Row]] = {name: [] for name in writers}
        try:
            for row, tables in earlier.items():
                for table in tables:
                    writers[row.table()].write_table(table.arrow)
            for piece in self._read():
                if self._done_in.get(piece.unit) != piece.sitting:
                    continue
                for name, raw in piece.rows:
                    waiting[name].append(msgspec.msgpack.decode(raw, type=ROWS[name]))
                    if len(waiting[name]) >= ROW_GROUP:
                        writers[name].write_table(of(ROWS[name], waiting[name]).arrow)
                        waiting[name] = []
            for name, rest in waiting.items():
                writers[name].write_table(of(ROWS[name], rest).arrow)
        finally:
            for writer in writers.values():
                writer.close()
        out = {}
        for row in rows:
            unsorted = self.folder / f"{row.table()}.unsorted"
            out[row] = copy(Table(row, files=[unsorted], room=self.room), place(row))
        return out

    def drop(self) -> None:
        """Remove the folder: its work has become tables."""
        shutil.rmtree(self.folder)

    def _read(self) -> Iterator[Piece]:
        decoder = msgspec.msgpack.Decoder(list[Piece])
        for body in self._chunks.take():
            size = int.from_bytes(body[:8], "big")
            yield from decoder.decode(pa.decompress(body[8:], decompressed_size=size, codec="zstd", asbytes=True))
