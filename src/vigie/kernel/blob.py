"""The bytes of one file, held by a descriptor: the original itself, or what came out of a container.

What comes out of a container is kept in memory up to 64 MiB and beyond that in an unnamed file in the case's
``tmp`` folder, which vanishes with its descriptor: no copy of evidence is left behind under any name.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import stat
import typing as t

import msgspec

from vigie.rows.ahead import Ahead

if t.TYPE_CHECKING:
    from pathlib import Path

IN_MEMORY_BYTES = 64 << 20


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that may be read through ``fd``, and what they are; closed by whoever asked for them."""

    fd: int
    size_bytes: int
    sha256: bytes

    def state(self) -> tuple[int, int, int]:
        """Return what is no longer the same once the file has been written to."""
        status = os.fstat(self.fd)
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def close(self) -> None:
        """Let the bytes go."""
        os.close(self.fd)

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose bytes could not be had: why, in a code of ``rows.codes``."""

    code: str
    detail: str = ""


class Spool:
    """Takes the chunks of one member and gives them back as a ``Blob``."""

    def __init__(self, tmp: Path) -> None:
        self.tmp = tmp
        self.fd = os.memfd_create("member", os.MFD_CLOEXEC)
        self.size_bytes = 0
        self.digest = hashlib.sha256()
        self.in_memory = True

    def add(self, data: bytes) -> None:
        """Append a chunk; moves to disk when it grows beyond ``IN_MEMORY_BYTES``."""
        if self.in_memory and self.size_bytes + len(data) > IN_MEMORY_BYTES:
            disk = os.open(self.tmp, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
            os.lseek(self.fd, 0, os.SEEK_SET)
            while chunk := os.read(self.fd, 1 << 20):
                _write(disk, chunk)
            os.close(self.fd)
            self.fd, self.in_memory = disk, False
        _write(self.fd, data)
        self.digest.update(data)
        self.size_bytes += len(data)

    def blob(self) -> Blob:
        """Return what was taken, open for reading only; the spool is at its end."""
        fd = os.open(f"/proc/self/fd/{self.fd}", os.O_RDONLY | os.O_CLOEXEC)
        os.close(self.fd)
        return Blob(fd=fd, size_bytes=self.size_bytes, sha256=self.digest.digest())

    def drop(self) -> None:
        """Forget what was taken."""
        os.close(self.fd)


def open_original(path: bytes) -> int:
    """Open evidence for reading without following a link at the end and, where that is allowed, without a trace.

    ``O_NOATIME`` keeps the access time; the kernel grants it to the owner and to root only. For others the medium
    should be mounted read-only or ``noatime``; ``docs/custody.md`` says so. Errors: OSError, also for a folder,
    pipe or device that has come to stand where a file was.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        fd = os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        fd = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return fd


def differs(path: bytes, size_bytes: int, modified: dt.datetime | None, sha256: bytes) -> str:
    """Say how an original differs from what was taken in; ``""`` where it does not. Errors: OSError.

    Size and time of change are compared first: only where one of them differs the bytes are digested, since what
    this guards is read at once, and may be a disk.
    """
    fd = open_original(path)
    try:
        status = os.fstat(fd)
        if status.st_size == size_bytes and time_of(status.st_mtime_ns) == modified and modified is not None:
            return ""
        found = digest_of(fd)
        return "" if found == sha256 else f"SHA-256 is {found.hex()}, was {sha256.hex()}"
    finally:
        os.close(fd)


def time_of(ns: int) -> dt.datetime | None:
    """Return a time of the file system to the microsecond; None before the year 1 or after 9999."""
    try:
        return dt.datetime.fromtimestamp(ns // 1_000_000_000, dt.UTC).replace(microsecond=ns % 1_000_000_000 // 1000)
    except (OverflowError, ValueError, OSError):
        return None


def digest_of(fd: int) -> bytes:
    """Return the SHA-256 of what the descriptor holds, and leave it at its start."""
    os.lseek(fd, 0, os.SEEK_SET)
    digest, room = hashlib.sha256(), memoryview(bytearray(1 << 18))  # read where it was read before: it stays at hand
    ahead, place = Ahead(fd), 0
    ahead.reading(place)
    while count := os.readv(fd, [room]):
        digest.update(room[:count])
        place += count
        ahead.reading(place)
    os.lseek(fd, 0, os.SEEK_SET)
    return digest.digest()


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
