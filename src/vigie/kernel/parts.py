"""Rows that come in tables, not one by one: a unit's rows of a type lie in Parquet files written once.

A database of thirty million rows would not be written twice for the sake of an order it has already: rows come in
the order of the evidence, and each file becomes one of the run's as it is. Where one ends depends on the rows alone,
so that the same evidence gives the same files. Such a row type says ``PARTS``.
"""

from __future__ import annotations

import shutil
import typing as t

import msgspec
import pyarrow as pa

from vigie.kernel import durable
from vigie.kernel.errors import IntegrityError
from vigie.kernel.table import ROW_GROUP, Table, written

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.rows.base import Row

PART_BYTES = 64 << 20
PART_ROWS = 16 * ROW_GROUP
WIDE_BYTES = 8 << 20


class Part(msgspec.Struct, array_like=True, frozen=True):
    """One such file, as a chunk of unfinished work names it: under its seal, so that another is noticed."""

    table: str
    number: int
    """Which file of this unit and table, from 0."""
    file: str
    sha256: str


class Parts:
    """The files of the units that are being read in one sitting."""

    def __init__(self, folder: Path, sitting: int) -> None:
        self._folder, self._sitting = folder, sitting
        self._held: dict[tuple[bytes, type[Row]], _Held] = {}
        self._written = 0

    def add(self, unit: bytes, tables: list[Table[t.Any]]) -> list[Part]:
        """Take rows of a unit; return the files that are full with them."""
        out = []
        for table in tables:
            held = self._held.setdefault((unit, table.row), _Held())
            out += [self._write(table.row, held, part) for part in held.add(table.arrow)]
        return out

    def end(self, unit: bytes) -> list[Part]:
        """Return the last files of a unit."""
        mine = [key for key in self._held if key[0] == unit]
        out = []
        for key in sorted(mine, key=lambda one: one[1].table()):
            held = self._held.pop(key)
            if rest := held.rest():
                out.append(self._write(key[1], held, rest))
        return out

    def _write(self, row: type[Row], held: _Held, tables: list[pa.Table]) -> Part:
        name = f"{row.table()}.{self._sitting}-{self._written}.part"
        whole = pa.concat_tables(tables)
        groups = (whole.slice(start, ROW_GROUP) for start in range(0, len(whole), ROW_GROUP))
        digest = written(row, map(_together, groups), self._folder / name)
        self._written += 1
        held.files += 1
        return Part(row.table(), held.files - 1, name, digest)


def _together(table: pa.Table) -> pa.Table:
    """Put the pieces of each column together, but of one so large that the copy would cost: its pieces are replies."""
    columns = [one if one.nbytes > WIDE_BYTES else one.combine_chunks() for one in table.columns]
    return pa.Table.from_arrays(columns, schema=table.schema)


class _Held:
    """Rows of one unit and type that wait for a file."""

    def __init__(self) -> None:
        self.files = 0
        self._tables: list[pa.Table] = []
        self._rows = self._bytes = 0

    def add(self, table: pa.Table) -> t.Iterator[list[pa.Table]]:
        """Yield what fills a file."""
        self._tables.append(table)
        self._rows, self._bytes = self._rows + len(table), self._bytes + table.nbytes
        if self._rows >= PART_ROWS or self._bytes >= PART_BYTES:
            yield self.rest()

    def rest(self) -> list[pa.Table]:
        """Take what is there."""
        out, self._tables, self._rows, self._bytes = self._tables, [], 0, 0
        return out if sum(map(len, out)) else []


def settle(part: Part, folder: Path, place: Path, *, just_written: bool) -> None:
    """Put a file where the run has it, too: a run that is killed before its entry stands begins again with both.

    One of an earlier sitting is held to its digest first; one of this sitting will be, as every file of a run, by
    whoever reads it first.
    Errors: IntegrityError where it is not the one that was written.
    """
    file = folder / part.file
    whole = file.is_file() and not file.is_symlink() and (just_written or durable.sha256_of(file) == part.sha256)
    if not whole:
        raise IntegrityError(
            f"{file} is not as it was written: changed, damaged or removed while the run went on. Nothing was made of"
            " it; remove the folder it lies in and run again, and what it held is read again."
        )
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(file)
    except OSError:  # a file system without links
        with durable.writing(place) as out, file.open("rb") as source:
            shutil.copyfileobj(source, out)
    durable.sync_folder(place.parent)
