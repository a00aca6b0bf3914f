"""Rows of one type, in columns: the only door to Arrow and DuckDB for the rooms.

A table lies in memory or in Parquet files of a case. Queries read the files in place, with bounded memory, and what a
query gives lies in a file too where it is large; whoever asks for a column loads that column, for ``arrow`` all of
them. The files of a case were checked against the custody log before they came here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import typing as t
import weakref
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vigie.kernel import durable, scratch
from vigie.kernel.database import Room, connect, literal
from vigie.kernel.errors import UsageError
from vigie.kernel.keyed import keyed
from vigie.kernel.schema import schema
from vigie.kernel.stretches import stretches
from vigie.rows.base import Row

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

R = t.TypeVar("R", bound=Row)
Column: t.TypeAlias = "np.ndarray[t.Any, t.Any]"
Named: t.TypeAlias = "Table[t.Any] | Selected | pa.Table | Path"
"""What a query may give a name to; a path is a Parquet file below the folder of its room."""
ROW_GROUP = 65_536
BATCH_ROWS = 8_192
NUMBERS_ROWS = 1 << 18
SORTED_ROWS = 1 << 20
"""Rows that are sorted at a time, where a table lies so that it can be."""
HELD_SHARE = 16
"""A result that is larger than this part of the memory of its room lies in a file."""


class Table(t.Generic[R]):
    """Rows of one type; a cast to the declared schema guards the door."""

    __slots__ = ("__weakref__", "_arrow", "files", "made_of", "room", "row")

    def __init__(
        self, row: type[R], arrow: pa.Table | None = None, *, files: Sequence[Path] = (), room: Room | None = None
    ) -> None:
        self.row = row
        self.files = tuple(files)
        self.room = room
        self.made_of: tuple[Table[R], ...] = ()
        """Tables whose files are among these, and would go with them."""
        self._arrow = _cast(arrow, row) if arrow is not None else (None if files else schema(row).empty_table())

    @property
    def lying(self) -> tuple[Path, ...]:
        """The files it lies in, as long as it was not loaded."""
        return self.files if self._arrow is None else ()

    @property
    def arrow(self) -> pa.Table:
        """All rows as an Arrow table, loaded on first use."""
        if self._arrow is None:
            parts = [read_parquet(file) for file in self.files]
            self._arrow = _cast(pa.concat_tables(parts), self.row)
        return self._arrow

    def __len__(self) -> int:
        if self._arrow is None:
            return sum(map(rows_in, self.files))
        return self._arrow.num_rows

    def __iter__(self) -> Iterator[R]:
        """Go through the rows as objects, in bounded memory."""
        for batch in self.batches():
            for one in batch.to_pylist():
                yield self.row(**one)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Go through the rows in Arrow batches, in bounded memory."""
        if self._arrow is not None:
            yield from self._arrow.to_batches(max_chunksize=BATCH_ROWS)
            return
        for file in self.files:
            with pq.ParquetFile(file, page_checksum_verification=True, pre_buffer=False) as reader:
                yield from reader.iter_batches(batch_size=BATCH_ROWS)

    def rows(self) -> list[R]:
        """Return all rows as objects; for small tables."""
        return list(self)

    def column(self, name: str) -> Column:
        """Return one column: native numbers, ``object`` for text, bytes and what may be null."""
        kind = schema(self.row).field(name)
        values = self._values(name)
        if not kind.nullable and (
            pa.types.is_integer(kind.type) or pa.types.is_floating(kind.type) or pa.types.is_boolean(kind.type)
        ):
            return values.to_numpy()
        out = np.empty(len(values), dtype=object)
        out[:] = values.to_pylist()
        return out

    def matrix(self, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        """Return a column of equal-length byte strings as bytes, shape (rows, width)."""
        kind = schema(self.row).field(name).type
        values = self._values(name)
        if not pa.types.is_fixed_size_binary(kind):
            raw: list[bytes] = [bytes(one) for one in values.to_pylist() if one is not None]
            width = len(raw[0]) if raw else 0
            return np.frombuffer(b"".join(raw), np.uint8).reshape(len(raw), width)
        width = kind.byte_width
        parts = [_fixed(chunk, width) for chunk in values.chunks]
        return np.concatenate(parts) if parts else np.empty((0, width), np.uint8)

    def words(self, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
        """Return a column of equal-length byte strings as 64-bit words, shape (rows, width / 8)."""
        return np.ascontiguousarray(self.matrix(name)).view(np.uint64)

    def _values(self, name: str) -> pa.ChunkedArray[t.Any]:
        if self._arrow is not None:
            return self._arrow.column(name)
        kind = schema(self.row).field(name)
        parts = pa.concat_tables([read_parquet(file, [name]) for file in self.files])
        return parts.cast(pa.schema([kind])).column(name)

    def parts(self, name: str, count: int) -> list[Table[R]]:
        """Divide the rows by the hash of one column; equal values stay together."""
        sql = f'select * from rows where hash("{name}") % {count} = '
        return [query(self.row, f"{sql}{i}", rows=self) for i in range(count)]


class Selected(msgspec.Struct, frozen=True):
    """A ``select`` over tables under a name of its own, done where a query needs it: nothing is written for it."""

    sql: str
    """Names its tables in braces."""
    tables: t.Mapping[str, Named]


def of(row: type[R], rows: Iterable[R] = ()) -> Table[R]:
    """Build a table from row objects."""
    values = list(zip(*map(msgspec.structs.astuple, rows), strict=True)) or [()] * len(row.__struct_fields__)
    data = [pa.array(one, kind.type) for one, kind in zip(values, schema(row), strict=True)]
    return Table(row, pa.Table.from_arrays(data, schema=schema(row)))


def columns(row: type[R], **given: t.Any) -> Table[R]:
    """Build a table from columns of equal length; ``key`` is derived when it is not given.

    A column of fixed-width bytes may be a list of bytes or an array of shape (rows, width) in any dtype, one of texts
    what ``kernel.columnar`` gives. One plain value (text, bytes, number) stands in every row; at least one column is
    none.
    """
    kinds = schema(row)
    wanted = [f for f in kinds if f.name in given or f.name != "key"]
    rows = next(len(one) for one in given.values() if not isinstance(one, str | bytes | int | float))
    data = [_column(given[f.name], f.type, rows) for f in wanted]
    table = pa.Table.from_arrays(data, schema=pa.schema(wanted))
    return Table(row, table)


def query(row: type[R], sql: str, **tables: Named) -> Table[R]:
    """Build a table by one DuckDB ``select`` over named tables; ``key`` is derived when it is not selected.

    Over tables that lie in a case, a large result lies in a file of the case's ``tmp`` for as long as the table lives.
    What does not fit the case's memory is asked again of one thread. Errors: UsageError where it still does not.
    """
    room = room_of(tables)
    if room is None:
        with registered(tables) as db:
            return Table(row, _asked_of(db, row, sql).to_arrow_table())
    try:
        return _asked(row, sql, room, tables)
    except duckdb.OutOfMemoryException:  # each thread holds what cannot be put aside
        alone = msgspec.structs.replace(room, threads=1)
    try:
        return _asked(row, sql, alone, tables)
    except duckdb.OutOfMemoryException as error:
        raise too_little(room, row.table(), error) from None


def too_little(room: Room | None, table: str, error: duckdb.Error) -> UsageError:
    """Return the error that says that a query did not fit the memory of its room."""
    return UsageError(
        f"The memory that queries may use, {room.memory_bytes >> 20 if room else 0} MiB, is too little for table"
        f" {table}. Raise memory_mb in [machine] of case.toml and run again. ({str(error).splitlines()[0]})"
    )


def _asked(row: type[R], sql: str, room: Room, tables: t.Mapping[str, Named]) -> Table[R]:
    return gathered(row, flow(row, sql, room, **tables), room)


def gathered(row: type[R], batches: Iterator[pa.RecordBatch], room: Room | None) -> Table[R]:
    """Build a table of rows that come in batches; in a room what is large lies in a file of its ``tmp``."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if room and size > room.memory_bytes // HELD_SHARE:
            return _spilled(row, itertools.chain(held, batches), room)
    return Table(row, pa.Table.from_batches(held, schema=schema(row)))


def _spilled(row: type[R], batches: Iterable[pa.RecordBatch], room: Room) -> Table[R]:
    path = room.spill / scratch.name()
    try:
        with passing(path, schema(row)) as writer:
            for part in _even(batches, schema(row)):
                writer.write_table(part)
        made = Table(row, files=[path], room=room)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    weakref.finalize(made, path.unlink, missing_ok=True)
    return made


def flow(row: type[R], sql: str, room: Room | None = None, **tables: Named) -> Iterator[pa.RecordBatch]:
    """Yield what one DuckDB ``select`` gives, as rows of a type and in its order, in bounded memory."""
    with registered(tables, room) as db:
        yield from flowing(db, row, sql)


def flowing(db: duckdb.DuckDBPyConnection, row: type[Row], sql: str) -> Iterator[pa.RecordBatch]:
    """Yield what one ``select`` gives in a database that is open, as rows of a type."""
    for batch in _asked_of(db, row, sql).to_arrow_reader(BATCH_ROWS):
        yield from _cast(pa.Table.from_batches([batch]), row).to_batches()


def numbers(sql: str, **tables: Named) -> Iterator[list[Column]]:
    """Yield the columns of one DuckDB ``select``, numbers and none of them null, some rows at a time.

    Errors: UsageError where it does not fit the memory of the room of its tables.
    """
    with registered(tables) as db:
        try:
            for batch in db.sql(sql).to_arrow_reader(NUMBERS_ROWS):
                yield [column.to_numpy() for column in batch.columns]
        except duckdb.OutOfMemoryException as error:
            raise too_little(room_of(tables), "of passing use", error) from None


def lay(row: type[R], sql: str, path: Path, room: Room, **tables: Named) -> Table[R]:
    """Write what one DuckDB ``select`` gives to a file of passing use, in its order; return it as a table."""
    with passing(path, schema(row)) as writer:
        for batch in flow(row, sql, room, **tables):
            writer.write_batch(batch)
    return Table(row, files=[path], room=room)


def spill(sql: str, path: Path, room: Room, **tables: Named) -> None:
    """Write what one DuckDB ``select`` gives, whatever its columns, to a file of passing use, in bounded memory."""
    with registered(tables, room) as db:
        reader = db.sql(sql).to_arrow_reader(ROW_GROUP)
        with passing(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)


@contextlib.contextmanager
def passing(path: Path, kinds: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Open a Parquet file of passing use: it is written quickly, and nobody relies on it after a power cut.

    What lies there is of no use any more and goes first; a link that somebody put there is never followed.
    """
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, durable.MODE)
    with (
        os.fdopen(fd, "wb") as out,
        pq.ParquetWriter(
            out, kinds, compression="lz4", use_dictionary=False, write_page_checksum=True, version="2.6"
        ) as writer,
    ):
        yield writer


def look(sql: str, **tables: Named) -> list[dict[str, t.Any]]:
    """Return the rows of one DuckDB ``select`` as dictionaries: for the desk, which shows and does not keep."""
    with registered(tables) as db:
        return _fetch(db, sql).to_pylist()


def stream(sql: str, **tables: Named) -> Iterator[dict[str, t.Any]]:
    """Yield the rows of one DuckDB ``select`` as dictionaries, in bounded memory."""
    with registered(tables) as db:
        for batch in db.sql(sql).to_arrow_reader(BATCH_ROWS):
            yield from batch.to_pylist()


def copy(source: Table[R], path: Path) -> str:
    """Write a table to one Parquet file, sorted and without double rows, in bounded memory; return its SHA-256."""
    return _sorted("select distinct * from source", source, path)


def write(source: Table[R], path: Path) -> str:
    """Write a table to one sorted Parquet file; return its SHA-256. The same rows give the same bytes."""
    if source.lying:
        return _evenly(source.row, _in_order(source), path)
    ordered = source.arrow.sort_by([(name, "ascending") for name in source.row.ORDER])
    return _evenly(source.row, ordered.to_batches(max_chunksize=ROW_GROUP), path)


def _in_order(source: Table[R]) -> Iterator[pa.RecordBatch]:
    """Yield the rows as they are sorted: a stretch of accounts at a time, where they lie so that each is read once."""
    order = ", ".join(f'"{name}"' for name in source.row.ORDER)
    parts = stretches(source, "account", SORTED_ROWS) if source.row.ORDER[:2] == ("platform", "account") else ["true"]
    if len(parts) > 1:
        parts = [f"{platform} and {part}" for platform in _platforms(source) for part in parts]
    for part in parts:
        with registered({"source": source}) as db:
            yield from db.sql(f"select * from source where {part} order by {order}").to_arrow_reader(ROW_GROUP)


def _platforms(source: Table[R]) -> list[str]:
    """Return a condition for each of the platforms, in their order."""
    found = look("select distinct platform from source order by platform", source=source)
    return [f"platform = unhex('{one['platform'].hex()}')" for one in found]


def _sorted(sql: str, source: Table[R], path: Path) -> str:
    with registered({"source": source}) as db:
        order = ", ".join(f'"{name}"' for name in source.row.ORDER)
        reader = db.sql(f"{sql} order by {order}").to_arrow_reader(ROW_GROUP)
        return _evenly(source.row, reader, path)


def export(found: pa.RecordBatchReader, path: Path) -> int:
    """Write what a person asked to have as a Parquet file, as it comes; return how many rows it has."""
    count = 0
    with (
        durable.writing(path) as out,
        pq.ParquetWriter(out, found.schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for part in _even(found, found.schema):
            writer.write_table(part, row_group_size=ROW_GROUP)
            count += len(part)
    return count


def rows_in(file: Path) -> int:
    """Return how many rows a Parquet file says it has."""
    return pq.read_metadata(file).num_rows


def read_parquet(file: Path, names: list[str] | None = None) -> pa.Table:
    """Read a Parquet file, or some columns of it, checking the checksum of every page."""
    return pq.read_table(file, columns=names, page_checksum_verification=True, partitioning=None)


def together(row: type[R], parts: Iterable[Table[R]], room: Room | None) -> Table[R]:
    """Put tables of one row type under one another as they come; what is large lies in files of the room."""
    laid, held, size = list[Table[R]](), list[pa.Table](), 0
    for part in parts:
        if part.lying:
            laid.append(part)
            continue
        held.append(part.arrow)
        size += part.arrow.nbytes
        if room and size > room.memory_bytes // HELD_SHARE:
            laid.append(_spilled(row, _batches(held), room))
            held, size = [], 0
    if not laid or not room:
        whole = [*(one.arrow for one in laid), *held]
        return Table(row, pa.concat_tables(whole) if whole else None)
    if held:
        laid.append(_spilled(row, _batches(held), room))
    made = Table(row, files=[file for one in laid for file in one.lying], room=room)
    made.made_of = tuple(laid)
    return made


def _batches(tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    return (batch for one in tables for batch in one.to_batches())


def join(row: type[R], tables: Iterable[Table[R]]) -> Table[R]:
    """Put tables of one row type under one another."""
    parts = [x.arrow for x in tables]
    return Table(row, pa.concat_tables(parts) if parts else None)


def plain(value: t.Any) -> t.Any:
    """Return a cell's value as JSON can say it: hex for bytes, ISO 8601 for times."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value


def written(row: type[Row], groups: Iterable[pa.Table], path: Path) -> str:
    """Write rows to one Parquet file in the order in which they come, a row group each; return its SHA-256."""
    kinds = schema(row)
    with durable.writing(path) as stream:
        out = durable.Sealed(stream)
        with pq.ParquetWriter(
            pa.PythonFile(out, mode="w"),  # type: ignore[arg-type] # the stubs want an IOBase: all it asks is to write
            kinds,
            compression="snappy" if row.PARTS else "zstd",  # half of its CPU, for half more of the disk
            write_page_checksum=True,
            version="2.6",
            use_dictionary=_repeating(row),  # type: ignore[arg-type] # the stubs know no list of columns
        ) as writer:
            for part in groups:
                writer.write_table(_cast(part, row), row_group_size=ROW_GROUP)
    return out.hexdigest()


def _evenly(row: type[Row], batches: Iterable[pa.RecordBatch], path: Path) -> str:
    """Write rows in row groups of one size, however a query cut them; return the SHA-256."""
    return written(row, _even(batches, schema(row)), path)


def _repeating(row: type[Row]) -> list[str]:
    """Return the columns for whose values a dictionary is worth trying."""
    return [name for name in row.__struct_fields__ if name not in row.UNLIKE]


def _even(batches: Iterable[pa.RecordBatch], kinds: pa.Schema) -> Iterator[pa.Table]:
    """Cut batches anew, for where a query cuts them depends on its threads: all of ``ROW_GROUP`` rows but the last."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        while rows >= ROW_GROUP:
            held = pa.Table.from_batches(waiting)
            yield held.slice(0, ROW_GROUP).combine_chunks()
            waiting, rows = held.slice(ROW_GROUP).to_batches(), rows - ROW_GROUP
    yield (pa.Table.from_batches(waiting) if waiting else kinds.empty_table()).combine_chunks()


def _cast(arrow: pa.Table, row: type[Row]) -> pa.Table:
    """Return a table in the declared schema; its keys are derived where it has none."""
    kinds = schema(row)
    fields = [one for one in kinds if one.name != "key" or "key" in arrow.column_names]
    data = []
    for field, values in zip(fields, arrow.select([one.name for one in fields]).columns, strict=True):
        if not field.nullable and values.null_count:
            raise ValueError(f"{row.__name__}.{field.name} may not be null, and {values.null_count} are")
        data.append(values if values.type.equals(field.type) else pc.cast(values, field.type))
    if len(fields) < len(kinds):
        data.insert(kinds.get_field_index("key"), keyed(pa.Table.from_arrays(data, schema=pa.schema(fields)), row))
    return pa.Table.from_arrays(data, schema=kinds)


def _fixed(chunk: pa.Array[t.Any], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    buffer = chunk.buffers()[1]
    if buffer is None:
        return np.empty((0, width), np.uint8)
    flat = np.frombuffer(memoryview(buffer), np.uint8)
    start = chunk.offset * width
    part: np.ndarray[t.Any, t.Any] = flat[start : start + len(chunk) * width]
    return part.reshape(len(chunk), width)


def _column(values: t.Any, kind: pa.DataType, rows: int) -> pa.Array[t.Any]:
    if isinstance(values, str | bytes | int | float):
        return pa.array([values], kind).take(np.zeros(rows, np.int64))
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, np.ndarray) and values.ndim == 2:
        flat = np.ascontiguousarray(values).view(np.uint8)
        if pa.types.is_fixed_size_binary(kind):
            return pa.FixedSizeBinaryArray.from_buffers(kind, len(flat), [None, pa.py_buffer(flat.tobytes())])
        ends = np.arange(len(flat) + 1, dtype=np.int32) * flat.shape[1]
        return pa.Array.from_buffers(kind, len(flat), [None, pa.py_buffer(ends), pa.py_buffer(flat.tobytes())])
    if isinstance(values, np.ndarray) and values.dtype != object:
        return pa.array(values, kind)
    return pa.array(list(values), kind)


def _asked_of(db: duckdb.DuckDBPyConnection, row: type[Row], sql: str) -> duckdb.DuckDBPyRelation:
    """Return what a query gives, with the columns of the row type; without a key where the query has none."""
    found = db.sql(sql)
    derived = set() if "key" in found.columns else {"key"}
    return found.project(", ".join(f'"{name}"' for name in row.__struct_fields__ if name not in derived))


def _fetch(db: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    found: pa.Table = db.sql(sql).to_arrow_table()
    return found


def room_of(tables: t.Mapping[str, Named]) -> Room | None:
    """Return the room of tables that lie in one."""
    for one in tables.values():
        found = room_of(one.tables) if isinstance(one, Selected) else one.room if isinstance(one, Table) else None
        if found:
            return found
    return None


@contextlib.contextmanager
def registered(tables: t.Mapping[str, Named], room: Room | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in which these tables have names."""
    with connect(room or room_of(tables)) as db:
        for name, table in tables.items():
            _name(db, name, table)
        yield db


def _name(db: duckdb.DuckDBPyConnection, name: str, table: Named) -> None:
    if isinstance(table, Selected):
        inner = {one: f"{name}_{one}" for one in table.tables}
        for one, called in inner.items():
            _name(db, called, table.tables[one])
        db.execute(f"create temp view {name} as {table.sql.format(**inner)}")
        return
    files = [table] if isinstance(table, Path) else table.lying if isinstance(table, Table) else ()
    if files:
        listed = ", ".join(literal(file) for file in files)
        db.execute(f"create temp view {name} as select * from read_parquet([{listed}])")
    else:
        db.register(name, table.arrow if isinstance(table, Table) else table)


def encode(value: t.Any) -> bytes:
    """Return JSON for the command line and for files that people read."""
    return msgspec.json.encode(value, enc_hook=plain)
