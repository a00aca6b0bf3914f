"""How a file comes to be: whole and on disk under its name, or not there at all.

Temporary file in the same folder, fsync, rename, fsync of the folder. An error from fsync is final: the
temporary file is removed and the caller writes anew, for the kernel may have dropped the pages that failed.
A temporary file is locked (flock) as long as its writer lives, so ``sweep`` knows what was left behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MODE = 0o600
TEMPORARY = "*.tmp-*"


def write(path: Path, data: bytes) -> str:
    """Write ``data`` under ``path``, replacing what was there; return its SHA-256 in hex. Errors: OSError."""
    with writing(path) as stream:
        stream.write(data)
    return hashlib.sha256(data).hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a stream whose bytes stand under ``path`` once the block ends well, and nowhere if it does not.

    Mode 0600. Errors: OSError, after which ``path`` is as it was before.
    """
    fd, temporary = _temporary(path)
    keep = os.dup(fd)  # the lock lives as long as this copy, so that close can be checked before the rename
    try:
        with os.fdopen(fd, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(keep)
    sync_folder(path.parent)


class Sealed:
    """A stream whose SHA-256 is known once all is written: nothing need be read back for it. It closes nothing."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def write(self, data: ReadableBuffer) -> int:
        """Write on."""
        self._digest.update(data)
        return self._stream.write(data)

    def flush(self) -> None:
        """Hand on what is held."""
        self._stream.flush()

    def hexdigest(self) -> str:
        """Return the SHA-256 of what has been written, in hex."""
        return self._digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Bring the names in ``folder`` to disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sweep(folder: Path) -> list[Path]:
    """Remove temporary files in ``folder`` (not below it) whose writer is gone; return their paths, sorted."""
    return [path for path in sorted(folder.glob(TEMPORARY)) if _orphan_removed(path)]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, reading it in bounded pieces."""
    with path.open("rb") as stream:
        return sha256_of_stream(stream)


def sha256_of_stream(stream: BufferedReader) -> str:
    """Return the SHA-256 in hex of what is left in a stream."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _temporary(path: Path) -> tuple[int, Path]:
    while True:
        temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}-{secrets.token_hex(8)}")
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        except OSError:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        if os.fstat(fd).st_nlink:
            return fd, temporary
        os.close(fd)  # swept between creation and lock: take another


def _orphan_removed(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # published or removed meanwhile
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False  # its writer lives
    finally:
        os.close(fd)
    return True
