"""The tables of a dump, as vigie's own readers give them."""

import io

from vigie.cell.dumps import mysql, postgres
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.numeric.tuples import NULL


def tables(data):
    """Return (rows by table, each a dictionary of column -> text or None; what the reader finds odd)."""
    read = postgres.read if data.startswith(b"--\n-- PostgreSQL") else mysql.read
    found, strange = {}, []
    for piece in read(io.BytesIO(data), lambda _name, columns: list(range(len(columns)))):
        if isinstance(piece, Odd):
            strange.append((piece.code, piece.detail))
        if not isinstance(piece, Batch):
            continue
        whole, at = piece.rows.values.tobytes(), 0
        rows = found.setdefault(piece.table.removeprefix("public."), [])
        for lengths, kinds in zip(piece.rows.lengths.tolist(), piece.rows.kinds.tolist(), strict=True):
            row = {}
            for column, length, kind in zip(piece.columns, lengths, kinds, strict=True):
                value = whole[at : at + length]
                row[column.name] = None if kind == NULL else value.decode("utf-8", "surrogateescape")
                at += length
            rows.append(row)
    return found, strange
