"""NSRL RDS version 3: SQLite with table METADATA and the views and tables that tools read (FILE, PKG, MFG, OS)."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from vigie.sample.listing import Entry

_SCHEMA = """
create table VERSION (version text, build_set text, build_date text, release_date text, description text);
create table MFG (manufacturer_id integer primary key, name text);
create table OS (operating_system_id integer primary key, name text, version text, manufacturer_id integer);
create table PKG (package_id integer primary key, name text, version text, operating_system_id integer,
    manufacturer_id integer, language text, application_type text);
create table METADATA (object_id integer primary key, sha256 text, sha1 text, md5 text, crc32 text, extension text,
    file_name text, bytes integer, package_id integer);
create view FILE as select sha256, sha1, md5, crc32, file_name, bytes as file_size, package_id from METADATA;
"""


def write_nsrl(path: Path, entries: Iterable[Entry]) -> None:
    """Write a reference data set of stock files; digests in upper hex, as NIST writes them."""
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode=off")
    database.execute("pragma synchronous=off")
    database.executescript(_SCHEMA)
    database.execute("insert into VERSION values ('2026.09.1', 'sample', '2026-09-01', '2026-09-01', 'vigie sample')")
    database.execute("insert into MFG values (1, 'Okari Software')")
    database.execute("insert into OS values (1, 'Okari OS', '3', 1)")
    database.execute("insert into PKG values (1, 'Stock pictures', '1.0', 1, 1, 'English', 'Images')")
    rows = (
        (
            one.sha256.hex().upper(),
            one.sha1.hex().upper(),
            one.md5.hex().upper(),
            "00000000",
            one.name.rpartition(".")[2],
            one.name,
            one.size_bytes,
        )
        for one in entries
    )
    database.executemany("insert into METADATA values (null, ?, ?, ?, ?, ?, ?, ?, 1)", rows)
    database.commit()
    database.close()
