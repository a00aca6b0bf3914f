"""Which reader a dump has, by its content type."""

from __future__ import annotations

import collections
import io
import sqlite3
import typing as t

import numpy as np

from vigie.cell.dumps import mysql, postgres, postgres_custom, sqlite
from vigie.numeric import chunked

if t.TYPE_CHECKING:
    from vigie.cell.dumps.pieces import Reader

READERS: t.Final[dict[str, Reader]] = {
    "application/x-mysqldump": mysql.read,
    "application/vnd.sqlite3": sqlite.read,
    "application/x-pgdump": postgres.read,
    "application/x-pgdump-custom": postgres_custom.read,
}


def warm() -> None:
    """Compile or load the loops of each reader, and all that it imports late: the sandbox opens no files."""
    for read, text in ((mysql.read, _MYSQL), (sqlite.read, _sqlite()), (postgres.read, _POSTGRES)):
        collections.deque(read(io.BytesIO(text), lambda _table, columns: list(range(len(columns)))), 0)
    chunked.Chunks(1).read(np.frombuffer(b"\0\0", np.uint8), 0)


_MYSQL = b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1,'a');\nDROP TABLE t;"

_POSTGRES = b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nCOPY t (a) FROM stdin;\n1\n\\.\nDROP TABLE t;"


def _sqlite() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c)")
        database.execute("INSERT INTO t VALUES (1, ?, 1.5)", ("a" * 5000,))
    made = database.serialize()
    database.close()
    return made
