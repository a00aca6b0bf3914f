"""NSRL Reference Data Set, version 3: a SQLite database. Known software, in no sense good or bad.

A database is a program as much as a file: a view may be any query. So it is opened read-only and immutable with
SQLite's own limits down, only FILE, METADATA and VERSION may be read, and a query that runs without giving rows is
stopped. Plain tables come before views, for they cost one pass.
"""

from __future__ import annotations

import sqlite3
import urllib.parse
from collections.abc import Iterator

from vigie.cell.job import Refused
from vigie.cell.lists.reading.entries import entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.text import cleaned
from vigie.rows.wire import ListHead, Trouble

_MAGIC = b"SQLite format 3\0"
_READABLE = {"FILE", "METADATA", "VERSION", "SQLITE_MASTER", "SQLITE_SCHEMA"}
_FUNCTIONS = {"upper", "lower", "hex", "trim", "substr", "coalesce", "ifnull"}
_COLUMNS = ("md5", "sha1", "sha256")
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1 << 16,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 16,
    sqlite3.SQLITE_LIMIT_COLUMN: 256,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 4,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "query_only=ON",
    "temp_store=MEMORY",
    "mmap_size=0",
    "cache_size=-8192",
)
TICK_STEPS = 1_000_000
"""Virtual-machine steps of SQLite between two looks at the clock of steps; a plain row takes about ten."""
MOST_TICKS = 1_000
"""Steps without a row, in ticks: about a minute."""


class _Ticks:
    """Stops a query that works and works and gives no rows."""

    def __init__(self) -> None:
        self.left = MOST_TICKS

    def __call__(self) -> int:
        self.left -= 1
        return self.left < 0


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and (first or "").upper() in _READABLE:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _opened(path: bytes, ticks: _Ticks) -> sqlite3.Connection:
    where = f"file:{urllib.parse.quote(path)}?mode=ro&immutable=1"
    connection = sqlite3.connect(where, uri=True, isolation_level=None)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = bytes
    connection.set_authorizer(_authorize)
    connection.set_progress_handler(ticks, TICK_STEPS)
    return connection


def _chosen(connection: sqlite3.Connection) -> str:
    """Return what holds the hashes: table FILE, table METADATA, or view FILE."""
    found: set[tuple[bytes, bytes]] = set()
    made = "SELECT type, upper(name), upper(substr(sql, 1, 14)) FROM sqlite_master"
    for kind, name, sql in connection.execute(f"{made} WHERE upper(name) IN ('FILE', 'METADATA')").fetchmany(16):
        if isinstance(sql, bytes) and not sql.startswith(b"CREATE VIRTUAL"):
            found.add((kind, name))
    for kind, name in ((b"table", b"FILE"), (b"table", b"METADATA"), (b"view", b"FILE")):
        if (kind, name) in found:
            return name.decode()
    raise Refused("bad_list", "a SQLite database with neither FILE nor METADATA: not NSRL RDS v3")


def _edition(connection: sqlite3.Connection) -> ListHead:
    """Return what table VERSION says; a database without it says nothing."""
    try:
        cursor = connection.execute("SELECT * FROM VERSION LIMIT 1")
        row = dict(zip((column[0].lower() for column in cursor.description), cursor.fetchone() or (), strict=False))
    except sqlite3.OperationalError:  # no such table
        row = {}
    texts = {key: cleaned(_text(value), 128) for key, value in row.items()}
    return ListHead(name="NSRL RDS", version=texts.get("version", "") or "3", dated=texts.get("release_date", "")[:10])


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _rows(connection: sqlite3.Connection, table: str, ticks: _Ticks) -> Iterator[dict[str, str]]:
    cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")
    columns = [column for column in _COLUMNS if column in {known[0].lower() for known in cursor.description}]
    if not columns:
        raise Refused("bad_list", f"{table} has none of the columns {', '.join(_COLUMNS)}")
    cursor = connection.execute(f"SELECT {', '.join(columns)} FROM {table}")
    for row in cursor:  # not in batches: a break would take the rows of its batch along
        ticks.left = MOST_TICKS
        yield dict(zip(columns, map(_text, row), strict=True))


def _read(source: Source) -> Replies:
    if not source.path:
        raise Refused("bad_list", "a SQLite list is opened by path, and none was given")
    source.raw.seek(0)
    if source.raw.read(16) != _MAGIC:
        raise Refused("bad_list", "not a SQLite database; the text form NSRLFile.txt is --format nsrl-v2")
    ticks = _Ticks()
    number = 0
    try:
        connection = _opened(source.path, ticks)
    except sqlite3.Error as error:
        raise Refused("bad_list", cleaned(f"SQLite cannot open it: {error}")) from error
    try:
        table = _chosen(connection)
        yield _edition(connection)
        for hashes in _rows(connection, table, ticks):
            number += 1
            yield from entries(number, f"row {number} of {table}", hashes)
    except sqlite3.Error as error:
        detail = cleaned(f"SQLite stops after row {number}: {error}")
        if not number:
            raise Refused("bad_list", detail) from error
        yield Trouble(number=number + 1, code="cpu_limit" if ticks.left < 0 else "damaged", detail=detail)
    finally:
        connection.close()


def _detect(head: bytes) -> bool:
    return head.startswith(_MAGIC)


def _example() -> Example:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE FILE (sha256, sha1, md5, crc32, file_name, file_size, package_id)")
    row = (
        "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
        "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D",
        "5D41402ABC4B2A76B9719D911017C592",
        "3610A686",
        "hello.txt",
        5,
        1,
    )
    database.execute("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    database.commit()
    content = database.serialize()
    database.close()
    return Example(content=content)


FORMAT = ListFormat(
    name="nsrl",
    reference="NIST NSRL RDSv3 schema (FILE, METADATA, VERSION); sqlite.org 'Defense Against The Dark Arts'",
    detect=_detect,
    read=_read,
    example=_example,
    by_path=True,
)
