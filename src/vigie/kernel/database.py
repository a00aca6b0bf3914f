"""DuckDB, opened so that it reads the case folder, writes its own spill files there, and nothing else."""

from __future__ import annotations

import contextlib
import functools
import typing as t
import weakref
from pathlib import Path

import duckdb
import msgspec

from vigie.kernel import scratch

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how much a query may use."""

    folder: Path
    """Whose Parquet files may be read."""
    tmp: Path | None = None
    """Where it spills, and whose files may be read too; None: ``tmp`` in the folder."""
    memory_bytes: int = 1 << 30
    threads: int = 2

    @property
    def spill(self) -> Path:
        """The folder for what does not fit in memory."""
        return self.tmp or self.folder / "tmp"


@contextlib.contextmanager
def connect(room: Room | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory; with a room, its folder's Parquet files may be read and memory spills to ``tmp``.

    Opening costs about 30 ms, so queries over tables in memory share one database (a cursor costs 1 ms).
    """
    db = _opened(room)
    cursor = db.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


@functools.lru_cache(maxsize=4)
def _opened(room: Room | None) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    settings = {
        "threads": room.threads if room else 1,
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_persistent_secrets": "false",
        "TimeZone": "'UTC'",
    }
    if room:
        room.spill.mkdir(exist_ok=True)
        weakref.finalize(db, scratch.hold(room.spill))
        settings["memory_limit"] = f"'{room.memory_bytes} B'"
        settings["temp_directory"] = literal(room.spill)
        settings["allowed_directories"] = f"[{literal(room.folder)}, {literal(room.spill)}]"
    settings["enable_external_access"] = "false"
    settings["lock_configuration"] = "true"
    for name, value in settings.items():
        db.execute(f"set {name} = {value}")
    return db


def literal(path: Path) -> str:
    """Return a path as SQL writes text."""
    return "'" + str(path).replace("'", "''") + "'"
