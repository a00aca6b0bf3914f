"""Job: list the tables of a dump, with their columns and how many rows it holds of each."""

from __future__ import annotations

import typing as t

from vigie.cell.dumps import extents
from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Beside, Odd, Piece, Said
from vigie.cell.dumps.readers import pieces, warm
from vigie.cell.job import Bench, Job, Refused
from vigie.rows.wire import Column, Survey, Surveyed, Trouble

MOST_TABLES: t.Final = 10_000
MOST_COLUMNS: t.Final = 4096
"""As MySQL has it (InnoDB: 1,017)."""
MOST_TROUBLES: t.Final = 1000
MOST_NAME: t.Final = 200
MOST_FILE: t.Final = 1000
ROOM_BYTES: t.Final = 900_000
"""Of a reply that names all columns; it may have 1 MiB."""
CODES: t.Final = {
    "executable": "not_executed", "malformed": "damaged", "width": "misfit", "no_table": "no_table",
    "truncated": "truncated", "unread": "unread", "beside": "beside", "charset": "charset",
    "assumed": "assumed",
}  # fmt: skip


class _Table:
    def __init__(self, made: Created) -> None:
        self.made = made
        self.again = self.rows = self.misfits = 0
        self.beside = ""

    def row(self, extent: str) -> Surveyed:
        long = min(128, ROOM_BYTES // (8 * max(len(self.made.columns), 1)))  # four bytes a character, name and type
        columns = [Column(name=one.name[:long], type=one.type[:long]) for one in self.made.columns]
        counts = {"again": self.again, "rows": self.rows, "misfits": self.misfits, "said_next": self.made.next}
        beside = self.beside[:MOST_FILE]
        name = self.made.name
        if len(name) > MOST_NAME:  # MySQL allows 64: it is told apart by its place
            name = f"{name[:MOST_NAME]}... at byte {self.made.place}"
        return Surveyed(name=name, columns=columns, place=self.made.place, extent=extent, beside=beside, **counts)


def run(ask: Survey, bench: Bench) -> None:
    """Send each table when all of the dump has been read, and what is odd as it comes."""
    tables: dict[str, _Table] = {}
    odd, held = 0, extents.Extents(ask.content_type)
    for piece in pieces(ask.content_type, bench.files, ask.beside, lambda _table, _columns: []):
        held.see(piece)
        if trouble := _trouble(piece, tables):
            odd += 1
            if odd <= MOST_TROUBLES:
                bench.send(trouble)
        if isinstance(piece, Beside):
            if piece.table in tables:
                tables[piece.table].beside = piece.file
        elif not isinstance(piece, Said):
            _count(piece, tables)
    if odd > MOST_TROUBLES:
        bench.send(Trouble(code="damaged", detail=f"{odd - MOST_TROUBLES} more that is odd", counts=False))
    _send(tables, held, bench)


def _send(tables: dict[str, _Table], held: extents.Extents, bench: Bench) -> None:
    if not tables:
        raise Refused("decode_error", "a dump without a table")
    if held.missing():
        bench.send(Trouble(code="truncated", detail=extents.CUT, counts=False))
    for name, one in tables.items():
        bench.send(one.row(held.of(name)))


def _count(piece: Created | Batch | Odd, tables: dict[str, _Table]) -> None:
    if isinstance(piece, Created):
        if len(tables) >= MOST_TABLES or len(piece.columns) > MOST_COLUMNS:
            raise Refused("too_large", f"more than {MOST_TABLES} tables, or {MOST_COLUMNS} columns of one")
        if piece.name in tables:
            tables[piece.name].again = piece.place
        else:
            tables[piece.name] = _Table(piece)
    elif isinstance(piece, Batch):
        tables[piece.table].rows += len(piece.rows.places)
    elif piece.code == "width":
        tables[piece.table].misfits += piece.many


def _trouble(of: Piece, tables: dict[str, _Table]) -> Trouble | None:
    """Say what is odd, and that a table comes again: a dump appended to itself holds rows twice, a server once."""
    if isinstance(of, Odd):
        return Trouble(
            number=of.place, code=CODES[of.code], detail=f"byte {of.place}: {of.detail}"[:1000], counts=False
        )
    if isinstance(of, Created) and of.name in tables:
        first = tables[of.name].made.place
        detail = f"byte {of.place}: {of.name[:MOST_NAME]} is declared again, first at byte {first}"
        return Trouble(number=of.place, code="repeated", detail=detail, counts=False)
    return None


JOB = Job(ask=Survey, run=run, warm=warm)
