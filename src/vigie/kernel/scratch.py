"""Files of passing use in a case's ``tmp``: what does not fit in memory, of us and of DuckDB.

A process that has a database open on a case holds a shared lock (flock) on its ``tmp``, also one that only looks: that
writes nothing. So whoever gets the lock alone knows that what lies there, and is not his own, was left by a process
that was killed. On a network file system the lock may be known to one machine only.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import typing as t

if t.TYPE_CHECKING:
    from pathlib import Path

NAME: t.Final = re.compile(r"scratch-(?:([0-9]+)-)?[a-z0-9_]+|duckdb_temp_(?:([0-9]+)_)?[A-Za-z0-9_.-]+")
"""With the number of the process, where the name tells it."""

_HELD: dict[Path, set[int]] = {}
"""Descriptors of this process's shared locks."""


def name() -> str:
    """Return a new name for a file of passing use."""
    return f"scratch-{os.getpid()}-{secrets.token_hex(16)}"


def hold(tmp: Path) -> t.Callable[[], None]:
    """Say that this process may have files in ``tmp``; return what takes that back. Errors: OSError."""
    fd = _open(tmp)
    fcntl.flock(fd, fcntl.LOCK_SH)
    _HELD.setdefault(tmp, set()).add(fd)

    def release() -> None:
        _HELD[tmp].discard(fd)
        os.close(fd)

    return release


def sweep(tmp: Path) -> list[Path]:
    """Remove what killed processes left in ``tmp``, unless another process may have files there; return the paths.

    Only one process at a time may do this: our own locks are given up meanwhile. Errors: OSError.
    """
    mine = set(_HELD.get(tmp, ()))  # as it is now: a table that goes away takes its own out
    for fd in mine:
        fcntl.flock(fd, fcntl.LOCK_UN)
    try:
        return _swept(tmp)
    finally:
        for fd in mine & _HELD.get(tmp, set()):
            fcntl.flock(fd, fcntl.LOCK_SH)


def _swept(tmp: Path) -> list[Path]:
    fd = _open(tmp)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = [path for path in sorted(tmp.iterdir()) if (found := NAME.fullmatch(path.name)) and _other(found)]
        left = [path for path in left if not path.is_dir() or path.is_symlink()]
        for path in left:
            path.unlink(missing_ok=True)
    except BlockingIOError:
        return []  # another process is at work; what is left goes at the start of a later run
    finally:
        os.close(fd)
    return left


def _other(found: re.Match[str]) -> bool:
    return str(os.getpid()) not in found.groups()


def _open(tmp: Path) -> int:
    return os.open(tmp, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
