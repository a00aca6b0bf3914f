"""Which reader a dump has, by its content type."""

from __future__ import annotations

import collections
import io
import sqlite3
import typing as t

import numpy as np

from vigie.cell.dumps import delimited, json_lines, mysql, outfile, postgres, postgres_beside, postgres_custom, sqlite
from vigie.cell.dumps.utf16 import or_utf8
from vigie.cell.job import Refused
from vigie.cell.lists.reading import encoding
from vigie.numeric import chunked

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Paired, Piece, Reader, Want

READERS: t.Final[dict[str, Reader]] = {
    "application/x-mysqldump": or_utf8(mysql.read),
    "application/vnd.sqlite3": sqlite.read,
    "application/x-pgdump": or_utf8(postgres.read),
    "application/x-pgdump-custom": postgres_custom.read,
    "text/csv": or_utf8(delimited.read),
    "application/x-ndjson": or_utf8(json_lines.read),
    "application/x-mysqldump-table": or_utf8(mysql.read),
    "application/x-pgdump-toc": postgres_custom.read,
}
PAIRED: t.Final[dict[str, Paired]] = {
    "application/x-mysqldump-table": outfile.read,
    "application/x-pgdump-toc": postgres_beside.read,
}
"""Of dumps whose rows may lie in files beside them: those that read such a file."""


def pieces(content_type: str, files: list[t.BinaryIO], beside: str, want: Want) -> Iterator[Piece]:
    """Read a dump, the first file; where ``beside`` names the second, the rows in that. Raises ``Refused``."""
    if beside and (paired := PAIRED.get(content_type)) and len(files) == 2:
        return paired(files[0], files[1], beside, want)
    reader = READERS.get(content_type)
    if reader is None or beside:
        raise Refused("unsupported", f"no reader of dumps for {content_type} {'and a file beside it' * bool(beside)}")
    return reader(files[0], want)


def warm() -> None:
    """Compile or load the loops of each reader, and all that it imports late: the sandbox opens no files."""
    encoding.warm()
    samples = (
        (mysql.read, _MYSQL), (sqlite.read, _sqlite()), (postgres.read, _POSTGRES), (delimited.read, _DELIMITED),
        (json_lines.read, _JSON),
    )  # fmt: skip
    for read, text in samples:
        collections.deque(read(io.BytesIO(text), lambda _table, columns: list(range(len(columns)))), 0)
    every = io.BytesIO(b"CREATE TABLE t (\n `a` int,\n `b` text\n) ENGINE=x;\n")
    rows = io.BytesIO(b"1\t'a'\n2\t\\N\n")
    collections.deque(outfile.read(every, rows, "t.txt", lambda _table, columns: list(range(len(columns)))), 0)
    chunked.Chunks(1).read(np.frombuffer(b"\0\0", np.uint8), 0)


_MYSQL = b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1,'a');\nDROP TABLE t;"

_POSTGRES = b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nCOPY t (a) FROM stdin;\n1\n\\.\nDROP TABLE t;"

_DELIMITED = b"name,born,city\n" + b'"a",1,b\n' * 3

_JSON = b"[" + b'{"a":"a","b":2,"c":null},' * 3 + b"]"


def _sqlite() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c)")
        database.execute("INSERT INTO t VALUES (1, ?, 1.5)", ("a" * 5000,))
    made = database.serialize()
    database.close()
    return made
