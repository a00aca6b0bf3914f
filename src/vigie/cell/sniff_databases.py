"""Files of database servers: what lies in a data directory, which no reader but the server's own makes sense of.

Sources: InnoDB's ``fil0fil.h``, ``fsp0fsp.h``, ``log0log.h``; magic numbers of MyISAM and Aria; PostgreSQL's
``pg_control.h``, ``bufpage.h``; SQLite's file format, sections 3 and 4; WiredTiger's ``block.h``; Redis' ``rdb.c``;
BSON 1.1; mongodump's archive. Those of MariaDB, PostgreSQL and SQLite were held to what these write (tests); MySQL,
MongoDB and Redis are not to be had in Debian's main or were not tried. Strict: what is taken for one of these is
read by nobody.
"""

from __future__ import annotations

import re
import struct

INNODB = "application/x-innodb-tablespace"
INNODB_SYSTEM = "application/x-innodb-system"
INNODB_LOG = "application/x-innodb-log"
MYISAM = "application/x-myisam-index"
ARIA = "application/x-aria-index"
FRM = "application/x-mysql-frm"
PG_CONTROL = "application/x-postgresql-control"
PG_PAGES = "application/x-postgresql-pages"
WIREDTIGER = "application/x-wiredtiger"
WIREDTIGER_TABLE = "application/x-wiredtiger-table"
SQLITE_LOG = "application/x-sqlite-wal"
SQLITE_JOURNAL = "application/x-sqlite-journal"
REDIS = "application/x-redis-rdb"
BSON = "application/x-bson"
MONGODUMP = "application/x-mongodump"

_LOG_MAKER = re.compile(rb"(?:MariaDB|MySQL|ibbackup) \d")
_LOG_FORMATS = (0, 1, 2, 3, 4, 5, 6, 103, 104, 0x50485953, 0x50687973)
"""MySQL 5.7-8.4, MariaDB 10.2-10.4, 10.5 (``PHYS``) and since 10.8 (``Phys``); with a bit set where encrypted."""
_PAGE = 8192
_BSON_KEYS = b"\1\2\3\5\x07\x09\x10\x11\x12"
"""Types of ``_id`` that are in use: numbers, text, documents, binary, identifiers, times."""


def content_type(head: bytes, size: int | None) -> str:
    """Return the type of a file of a database server; ``""`` where it is none that is known."""
    return _innodb(head, size) or _mysql(head, size) or _postgres(head, size) or _others(head)


def _innodb(head: bytes, size: int | None) -> str:
    """Page 0 of a tablespace: its number, its type, and the number of the space, which stands there twice."""
    if len(head) < 64 or head[4:8] != bytes(4) or head[24:26] != b"\0\x08":
        return ""
    space, again, unused, pages, limit = struct.unpack_from(">5I", head, 34)
    if space != again or unused or not pages or limit > max(pages, 64):
        return ""
    # a page is 1 KiB (compressed) to 64 KiB; the file may be longer than what its header says by then
    if size is not None and not 512 <= size / pages <= 131_072:
        return ""
    return INNODB if space else INNODB_SYSTEM


def _mysql(head: bytes, size: int | None) -> str:
    if len(head) < 48:
        return ""
    (form,) = struct.unpack_from(">I", head)
    if form & 0x7FFFFFFF in _LOG_FORMATS and _LOG_MAKER.match(head, 16):
        return INNODB_LOG
    if head.startswith((b"\xfe\xfe\x07\1", b"\xfe\xfe\x07\2")):
        return MYISAM
    if head.startswith((b"\xfe\xfe\x09\2", b"\xfe\xfe\x09\3")):
        return ARIA
    (length,) = struct.unpack_from("<I", head, 10)
    table = head.startswith(b"\xfe\1") and head[8:10] == b"\1\0" and length == size
    return FRM if table or head.startswith(b"TYPE=VIEW\nquery=") else ""


def _postgres(head: bytes, size: int | None) -> str:
    if len(head) >= 24:
        version, day = struct.unpack_from("<II", head, 8)
        if 800 <= version <= 2000 and 2005_01_01_0 < day < 2100_01_01_0 and size == _PAGE:  # catalogues bear a date
            return PG_CONTROL
    return PG_PAGES if size is not None and size >= _PAGE and size % _PAGE == 0 and _are_pages(head) else ""


def _are_pages(head: bytes) -> bool:
    """Tell whether all that is seen are pages of PostgreSQL 8.3 or newer, or empty ones, and the first is not."""
    for at in range(0, len(head) - _PAGE + 1, _PAGE):
        flags, lower, upper, special, version = struct.unpack_from("<5H", head, at + 10)
        if version == 0x2004 and flags < 16 and 24 <= lower <= upper <= special <= _PAGE and special >= _PAGE - 64:
            continue
        if not at or any(head[at : at + _PAGE]):
            return False
    return len(head) >= _PAGE


def _others(head: bytes) -> str:  # noqa: PLR0911 - one line for each format, each gives its answer
    if head.startswith((b"\x37\x7f\x06\x82\0\x2d\xe2\x18", b"\x37\x7f\x06\x83\0\x2d\xe2\x18")):
        return SQLITE_LOG
    if head.startswith(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"):
        return SQLITE_JOURNAL
    if head.startswith(b"WiredTiger\nWiredTiger "):
        return WIREDTIGER
    if head.startswith((b"\x41\xd8\1\0\1\0\0\0", b"\x41\xd8\1\0\1\0\1\0")):
        return WIREDTIGER_TABLE
    if re.match(rb"REDIS00\d\d[\xf5-\xff]", head):
        return REDIS
    if head.startswith(b"\x6d\xe2\x99\x81"):
        return MONGODUMP
    return BSON if _is_bson(head) else ""


def _is_bson(head: bytes) -> bool:
    """Tell whether documents follow each other that begin with ``_id``, as mongodump writes them."""
    at = met = 0
    while at + 9 <= len(head) and met < 20:
        (length,) = struct.unpack_from("<i", head, at)
        if length < 10 or head[at + 4] not in _BSON_KEYS or head[at + 5 : at + 9] != b"_id\0":
            return False
        if at + length <= len(head) and head[at + length - 1]:
            return False
        at, met = at + length, met + 1
    return met > 0
