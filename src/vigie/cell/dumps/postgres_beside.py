"""Rows of one table of a directory or tar of ``pg_dump`` (``-Fd``, ``-Ft``): a file beside ``toc.dat``, unpacked.

The table of contents says of which table they are and in which form. The place of a row is its byte in that file.
"""

from __future__ import annotations

import typing as t

from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.cell.dumps.postgres import Known, Reading
from vigie.cell.dumps.postgres_custom import declared
from vigie.cell.dumps.postgres_toc import Archive, Cut, Entry, Unread

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Want


_TELLING: t.Final = frozenset({"TABLE", "FOREIGN TABLE", "ENCODING", "STDSTRINGS", "SEARCHPATH"})
"""Entries that say what the columns of tables are and how text is written; the others may be thousands."""


def read(toc: t.BinaryIO, rows: t.BinaryIO, name: str, want: Want) -> Iterator[Piece]:
    """Yield the table whose rows lie in the file of this name, and those rows."""
    known, made, found = Known(), dict[str, Created](), list[Entry]()
    try:
        for one in _entries(toc):
            if one.kind in _TELLING:
                made |= {piece.name: piece for piece in declared(one, _none, known) if isinstance(piece, Created)}
            if one.kind == "TABLE DATA" and one.file == name:
                found.append(one)
    except (Cut, Unread) as error:
        if not found:
            yield Odd("no_table", f"the table of contents cannot be read as far as {name[:100]}: {error}", 0)
            return
    if len(found) != 1:
        yield Odd("no_table", f"{len(found)} tables say that their rows lie in {name[:100]}", 0)
        return
    yield from _with_tables(_rows(found[0], rows, want, known), f"{found[0].schema}.{found[0].name}", made)


def _entries(toc: t.BinaryIO) -> Iterator[Entry]:
    archive = Archive(toc)
    yield from archive.entries(archive.head())


def _none(_table: str, _columns: list[t.Any]) -> list[int]:
    return []


def _rows(of: Entry, rows: t.BinaryIO, want: Want, known: Known) -> Iterator[Piece]:
    known.schema = of.schema
    reading = Reading(rows, want, known)
    name = f"{of.schema}.{of.name}"
    for piece in reading.copied(of.copy, name) if of.copy.strip() else reading.pieces():
        yield piece._replace(detail=f"{of.file}: {piece.detail}") if isinstance(piece, Odd) else piece


def _with_tables(pieces: Iterator[Piece], name: str, made: dict[str, Created]) -> Iterator[Piece]:
    """Give before its first rows each table that is met, and the one whose rows these should be in any case."""
    given = {name}
    if name in made:
        yield made[name]
    for piece in pieces:
        if isinstance(piece, Batch | Odd) and piece.table in made and piece.table not in given:
            given.add(piece.table)
            yield made[piece.table]
        yield piece
