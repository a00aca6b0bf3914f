"""Unfinished work that no run can use any more: removed once the stage it was for has been done.

Each start of a stage writes its lists (plan, what was done, what is kept, rows not yet sorted) anew, so those of
another folder are of no use to anybody. Chunks are, as long as a setting may be put back and the readers are the
same: what other readers read is never taken over (``kernel/run.py``). Only what vigie wrote is removed - a chunk bears
the case's seal -; what somebody else put there stays, and ``vigie verify`` names it.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from vigie.kernel import durable, seal
from vigie.kernel.errors import IntegrityError
from vigie.kernel.run import cell_digest

FOLDER: t.Final = re.compile(r"(.+)-[0-9a-f]{32}")
LISTS: t.Final = re.compile(r"(?:done|kept|plan)\.parquet|[a-z]+\.unsorted|[a-z]+\.[0-9]+-[0-9]+\.part")
READERS: t.Final = "readers"
"""File in a folder of unfinished work: digest of the code and the libraries that read what is in it."""


def folder(path: Path) -> Path:
    """Make a folder of unfinished work, or go on with the one that is there; it says who reads.

    Errors: IntegrityError where it is a link, OSError.
    """
    path.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        raise IntegrityError(f"{path} is a link, and vigie makes none: planted. Find out who made it; then remove it.")
    durable.sweep(path)
    if not (path / READERS).exists():
        durable.write(path / READERS, cell_digest().encode())
    return path


def ours(name: str) -> bool:
    """Tell whether a file of this name, that is no chunk, may lie in a folder of unfinished work."""
    return bool(LISTS.fullmatch(name)) or name == READERS


def sweep(done: Path, key: bytes) -> None:
    """Remove what the folders beside ``done``, of the same stage, hold for nobody."""
    mine = FOLDER.fullmatch(done.name)
    for other in sorted(done.parent.iterdir()) if mine else ():
        found = FOLDER.fullmatch(other.name)
        if found and mine and found[1] == mine[1] and other != done and other.is_dir() and not other.is_symlink():
            _empty(other, key, chunks=not _of_use(other))


def done(path: Path, key: bytes) -> None:
    """Empty the folder of work that has become tables: its run was killed between its log entry and that."""
    if path.is_dir() and not path.is_symlink():
        _empty(path, key, chunks=True)


def _empty(path: Path, key: bytes, *, chunks: bool) -> None:
    durable.sweep(path)
    for one in sorted(path.iterdir()):
        if LISTS.fullmatch(one.name) or (chunks and one.suffix == ".chunk" and _sealed(one, key)):
            one.unlink()
    if [one.name for one in path.iterdir()] == [READERS]:
        (path / READERS).unlink()
    if not any(path.iterdir()):
        path.rmdir()


def _of_use(path: Path) -> bool:
    readers = path / READERS
    return not readers.is_symlink() and readers.is_file() and readers.read_bytes() == cell_digest().encode()


def _sealed(path: Path, key: bytes) -> bool:
    try:
        return seal.Chunks(path.parent, key).holds(seal.read(path))
    except IntegrityError:
        return False  # not as it was written, or never written by vigie: a person looks at it
