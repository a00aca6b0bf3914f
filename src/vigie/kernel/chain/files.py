"""Files of a store: one that grows, with its digests kept as it does; what is mapped; what differs from its digests."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import typing as t
from pathlib import Path

import numpy as np

from vigie.kernel.chain.layout import PART_BYTES, Part
from vigie.kernel.errors import IntegrityError

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Growing:
    """A file that is appended to. What it holds beyond ``part`` when it is opened was never sealed, and is cut off."""

    def __init__(self, folder: Path, part: Part, width: int) -> None:
        """Open it, or make it. Errors: IntegrityError where it is short or its last part differs; OSError."""
        self.path, self.width, self.rows = folder / part.file, width, part.rows
        self.file = part.file
        self._stream = open(unlinked(self.path, os.O_RDWR | os.O_CREAT), "r+b")  # noqa: SIM115 - held open as long as it grows
        size = part.rows * width
        if os.fstat(self._stream.fileno()).st_size < size:
            self._stream.close()
            raise cut_short(self.path, size)
        self._stream.truncate(size)
        self._done = part.digests[: size // PART_BYTES]
        self._last = hashlib.sha256()
        self._stream.seek(size - size % PART_BYTES)
        self._last.update(self._stream.read(size % PART_BYTES))
        self._in_last = size % PART_BYTES
        if self._in_last and self._last.hexdigest() != part.digests[-1]:
            self._stream.close()
            raise changed(self.path, size - self._in_last, size)

    def put(self, rows: NDArray[t.Any]) -> None:
        """Append rows. Errors: OSError."""
        data = np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data
        self._stream.write(data)
        self.rows += len(data) // self.width
        while data:
            some = data[: PART_BYTES - self._in_last]
            self._last.update(some)
            self._in_last += len(some)
            data = data[len(some) :]
            if self._in_last == PART_BYTES:
                self._done.append(self._last.hexdigest())
                self._last, self._in_last = hashlib.sha256(), 0

    def flush(self) -> None:
        """Let mappings see what was put."""
        self._stream.flush()

    def part(self, *, synced: bool = True) -> Part:
        """Return what it holds now, on disk where ``synced``. Errors: OSError."""
        self._stream.flush()
        if synced:
            os.fsync(self._stream.fileno())
        last = [self._last.hexdigest()] if self._in_last else []
        return Part(file=self.file, rows=self.rows, digests=[*self._done, *last])

    def close(self) -> None:
        """Let go of it."""
        self._stream.close()


def fresh(folder: Path, file: str, width: int) -> Growing:
    """Begin a file; what a killed writer left under its name goes. Errors: OSError."""
    (folder / file).unlink(missing_ok=True)
    return Growing(folder, Part(file=file, rows=0, digests=[]), width)


def copied(folder: Path, part: Part, file: str, rows: int, width: int) -> Growing:
    """Begin a file with the first rows of another, which stays for those who read it.

    Errors: OSError, IntegrityError where what is copied is damaged.
    """
    growing = fresh(folder, file, width)
    source = mapped(folder, part.file, "u1", rows * width)
    for begin in range(0, len(source), PART_BYTES):
        some = np.array(source[begin : begin + PART_BYTES])
        if len(some) == PART_BYTES and hashlib.sha256(some.data).hexdigest() != part.digests[begin // PART_BYTES]:
            raise changed(folder / part.file, begin, begin + PART_BYTES)
        growing.put(some)
    return growing


def mapped(folder: Path, file: str, form: str, rows: int, wide: int = 1, offset: int = 0) -> NDArray[t.Any]:
    """Map the first rows of a file, read-only. Errors: IntegrityError where it is gone or too short; OSError."""
    path = folder / file
    shape = (rows, wide) if wide > 1 else (rows,)
    size = offset + rows * wide * np.dtype(form).itemsize
    try:
        stream = open(unlinked(path, os.O_RDONLY), "rb")  # noqa: SIM115 - closed below, by with
    except FileNotFoundError:
        raise IntegrityError(f"{path} is gone. Restore it, or import the chain anew.") from None
    with stream:
        if os.fstat(stream.fileno()).st_size < size:
            raise cut_short(path, size)
        if not rows:
            return np.empty(shape, form)
        return np.memmap(stream, form, "r", offset, shape).view(np.ndarray)


def unlinked(path: Path, flags: int) -> int:
    """Open a file of a store, never what a link of that name leads to, and nothing that may wait (a pipe).

    Errors: IntegrityError where it is no plain file; OSError.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise
        raise IntegrityError(f"{path} is no plain file, as all of a store are. Do not use it.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IntegrityError(f"{path} is no plain file, as all of a store are. Do not use it.")
    return descriptor


def differences(path: Path, part: Part, size: int) -> Iterator[IntegrityError]:
    """Read a file as far as it counts and yield what differs from its digests, each with its bytes."""
    try:
        stream = open(unlinked(path, os.O_RDONLY), "rb")  # noqa: SIM115 - closed below, by with
    except FileNotFoundError:
        yield IntegrityError(f"{path} is gone. Restore it, or import the chain anew.")
        return
    except IntegrityError as error:
        yield error
        return
    with stream:
        if os.fstat(stream.fileno()).st_size < size:
            yield cut_short(path, size)
        for number, begin in enumerate(range(0, size, PART_BYTES)):
            end = min(begin + PART_BYTES, size)
            data = stream.read(end - begin)
            if len(data) < end - begin:
                return
            if number >= len(part.digests) or hashlib.sha256(data).hexdigest() != part.digests[number]:
                yield changed(path, begin, end)


def whole(path: Path, part: Part) -> bytes:
    """Read a file whose rows are bytes: what is returned is what was compared. Errors: IntegrityError, OSError."""
    try:
        stream = open(unlinked(path, os.O_RDONLY), "rb")  # noqa: SIM115 - closed below, by with
    except FileNotFoundError:
        raise IntegrityError(f"{path} is gone. Restore it, or import the chain anew.") from None
    with stream:
        data = stream.read(part.rows)
    if len(data) < part.rows:
        raise cut_short(path, part.rows)
    for number, begin in enumerate(range(0, part.rows, PART_BYTES)):
        some = data[begin : begin + PART_BYTES]
        if hashlib.sha256(some).hexdigest() != part.digests[number]:
            raise changed(path, begin, begin + len(some))
    return data


def changed(path: Path, begin: int, end: int) -> IntegrityError:
    """Return the error of bytes that are not those that were sealed."""
    return IntegrityError(
        f"{path}: bytes {begin:,} to {end:,} are not those that were sealed. Restore it, or import the chain anew."
    )


def cut_short(path: Path, size: int) -> IntegrityError:
    """Return the error of a file that has lost its end."""
    there = path.stat().st_size
    return IntegrityError(f"{path}: bytes {there:,} to {size:,} are missing. Restore it, or import the chain anew.")
