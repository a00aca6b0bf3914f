"""Unfinished work: units as they were done, in chunks, so that a killed run goes on where it was.

A chunk is written whole or not at all, and sealed with the case's key (``kernel/seal.py``): one that was changed, or
planted by somebody who can write to the folder, stops the run. When all units are done the chunks become tables,
sorted by key: how often the work was interrupted, and in which order it was done, leaves no mark on the result.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import typing as t

import msgspec
import pyarrow as pa

from vigie.kernel import abandoned
from vigie.kernel.errors import IntegrityError
from vigie.kernel.parts import Part, Parts, settle
from vigie.kernel.schema import schema
from vigie.kernel.seal import Chunks
from vigie.kernel.table import BATCH_ROWS, Table, copy, of, passing
from vigie.rows.base import ROWS, Row

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow.parquet as pq

    from vigie.kernel.database import Room

DONE = pa.schema([pa.field("unit", pa.binary(), nullable=False)])
FLUSH_ROWS = 4_000
FLUSH_S = 5.0
"""A killed run loses at most this much, and what was in flight."""
UNIT_DIGITS = 32
"""Of a unit, in the name of a file of its rows."""
SHOWN_UNITS = 20_000
"""Units that are shown at a time: their rows are some 60 MB."""


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """Some rows of one unit; ``last`` says that the unit is done with them."""

    sitting: int
    """Number of the attempt that read them: what a killed one left half-way is not mixed with what came later."""
    unit: bytes
    part: int
    """How many pieces of the unit came before it in this sitting: one that was lost with its chunk is missed."""
    last: bool
    rows: list[tuple[str, msgspec.Raw]]
    parts: list[Part] = []
    """Files of rows that came in tables; written before the chunk that names them."""


class Work:
    """The folder of one piece of unfinished work. Errors: IntegrityError for a chunk that ``key`` did not seal, a link.

    Nothing is held for a unit once it is done: those that were done in earlier sittings stand in a file, ``done``.
    """

    def __init__(self, folder: Path, room: Room, key: bytes) -> None:
        self.folder = folder
        self.room = room
        abandoned.folder(folder)
        self._key = key
        self._chunks = Chunks(folder, key)
        self._written = 0
        self.done = folder / "done.parquet"
        """Units that earlier sittings have done, in a column ``unit``."""
        self.problems = 0
        self._sitting = 0
        self._open: dict[bytes, int] = {}
        """Units of this sitting that have begun -> how many pieces of them came."""
        self._pieces: list[Piece] = []
        self._rows = 0
        self._flushed = time.monotonic()
        self._encoder = msgspec.msgpack.Encoder()
        with passing(self.done, DONE) as writer:
            self._torn = self._look_back(writer)
        self._parts = Parts(folder, self._sitting)

    def _look_back(self, writer: pq.ParquetWriter) -> set[tuple[int, bytes]]:
        """Write down what earlier sittings have done; return the units, by sitting, of which pieces are missing."""
        torn = set[tuple[int, bytes]]()
        begun: dict[tuple[int, bytes], int] = {}
        done: list[bytes] = []
        for piece in self._read():
            self._sitting = max(self._sitting, piece.sitting + 1)
            self.problems += sum(name == "problem" for name, _ in piece.rows)
            name = (piece.sitting, piece.unit)
            if begun.pop(name, 0) != piece.part or name in torn:
                torn.add(name)
            elif piece.last:
                done.append(piece.unit)
            else:
                begun[name] = piece.part + 1
            if len(done) >= BATCH_ROWS:
                writer.write_batch(pa.record_batch([pa.array(done, pa.binary())], schema=DONE))
                done = []
        writer.write_batch(pa.record_batch([pa.array(done, pa.binary())], schema=DONE))
        return torn | set(begun)

    def add(self, unit: bytes, rows: list[t.Any], tables: t.Sequence[Table[t.Any]] = (), *, last: bool = True) -> None:
        """Keep rows of a unit; they are on disk after ``FLUSH_S`` seconds or ``FLUSH_ROWS`` rows."""
        files = self._parts.add(unit, list(tables))
        if last:
            files += self._parts.end(unit)
        encoded = [(row.table(), msgspec.Raw(self._encoder.encode(row))) for row in rows]
        part = self._open.pop(unit, 0)
        if not last:
            self._open[unit] = part + 1
        self._pieces.append(Piece(self._sitting, unit, part, last, encoded, files))
        self._rows += len(rows) + 1
        self.problems += sum(name == "problem" for name, _ in encoded)
        if self._rows >= FLUSH_ROWS or time.monotonic() - self._flushed >= FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Write what is in memory as one chunk."""
        if self._pieces:
            raw = self._encoder.encode(self._pieces)
            self._chunks.put(len(raw).to_bytes(8, "big") + pa.compress(raw, codec="zstd", asbytes=True))
            self._written += 1
        self._pieces, self._rows, self._flushed = [], 0, time.monotonic()

    def so_far(self, rows: tuple[type[Row], ...]) -> Iterator[tuple[list[bytes], dict[type[Row], Table[t.Any]]]]:
        """Yield the units that earlier sittings have done, with their rows, some at a time: for whoever shows them."""
        decoders = {name: msgspec.msgpack.Decoder(ROWS[name]) for name in (row.table() for row in rows)}
        units: list[bytes] = []
        held: dict[type[Row], list[Row]] = {row: [] for row in rows}
        written, self._written = self._written, 0
        for piece in self._read():
            if (piece.sitting, piece.unit) in self._torn:
                continue
            for name, raw in piece.rows:
                held[ROWS[name]].append(decoders[name].decode(raw))
            units += [piece.unit] * piece.last
            if piece.last and len(units) >= SHOWN_UNITS:
                yield units, {row: of(row, found) for row, found in held.items()}
                units, held = [], {row: [] for row in rows}
        self._written = written
        yield units, {row: of(row, found) for row, found in held.items()}

    def finish(
        self,
        rows: tuple[type[Row], ...],
        place: t.Callable[[type[Row]], Path],
        earlier: Mapping[type[Row], Iterable[pa.RecordBatch]],
    ) -> dict[type[Row], str]:
        """Turn the chunks, and rows read earlier, into one sorted Parquet file for each row type; return digests.

        Errors: IntegrityError where a chunk has gone since it was written or looked at.
        """
        self.flush()
        rows = tuple(row for row in rows if not row.PARTS)
        torn = self._torn | {(self._sitting, unit) for unit in self._open}
        unsorted = {row: self.folder / f"{row.table()}.unsorted" for row in rows}
        expected, self._written = self._written, 0
        with contextlib.ExitStack() as stack:
            writers = {row.table(): stack.enter_context(passing(unsorted[row], schema(row))) for row in rows}
            for row in rows:
                for batch in earlier.get(row, ()):
                    writers[row.table()].write_batch(batch)
            waiting: dict[str, list[Row]] = {name: [] for name in writers}
            decoders = {name: msgspec.msgpack.Decoder(ROWS[name]) for name in writers}
            for piece in self._read():
                if torn and (piece.sitting, piece.unit) in torn:
                    continue
                for name, raw in piece.rows:
                    waiting[name].append(decoders[name].decode(raw))
                    if len(waiting[name]) >= BATCH_ROWS:
                        writers[name].write_table(of(ROWS[name], waiting[name]).arrow)
                        waiting[name] = []
            for name, rest in waiting.items():
                writers[name].write_table(of(ROWS[name], rest).arrow)
        if self._written != expected:
            raise IntegrityError(
                f"{self.folder} holds {self._written} chunks, and {expected} were written: somebody removed some while"
                " the run went on. Nothing was made of the rest; run again, and what is gone is read again."
            )
        return {row: copy(Table(row, files=[file], room=self.room), place(row)) for row, file in unsorted.items()}

    def settle(self, place: t.Callable[[type[Row], str], Path]) -> dict[Path, Part]:
        """Put the files of rows that came in tables where ``place`` says; return them."""
        torn = self._torn | {(self._sitting, unit) for unit in self._open}
        out = {}
        expected, self._written = self._written, 0
        for piece in self._read():
            for part in piece.parts if (piece.sitting, piece.unit) not in torn else ():
                path = place(ROWS[part.table], f"{piece.unit.hex()[:UNIT_DIGITS]:0<{UNIT_DIGITS}}-{part.number}")
                settle(part, self.folder, path, just_written=piece.sitting == self._sitting)
                out[path] = part
        self._written = expected
        return out

    def drop(self) -> None:
        """Remove the folder, for its work has become tables, and what others of this stage hold for nobody."""
        shutil.rmtree(self.folder)
        abandoned.sweep(self.folder, self._key)

    def _read(self) -> Iterator[Piece]:
        decoder = msgspec.msgpack.Decoder(list[Piece])
        for body in self._chunks.take():
            self._written += 1
            size = int.from_bytes(body[:8], "big")
            yield from decoder.decode(pa.decompress(body[8:], decompressed_size=size, codec="zstd", asbytes=True))
