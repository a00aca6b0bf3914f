"""Segments of the near-duplicate search kept in the case: a list is sorted into tables once, and read by all.

A segment is a function of its codes, and lies in ``index/`` under their digest: the folder is a memo that may be
removed at any time. A file is built in its place in the page cache and mapped read-only afterwards, so processes share
it and the system may drop its pages: it is no memory of the process. Two processes may make the same one at once.

Beside each file lies its record under the case's seal (``kernel/seal.py``), for a segment that somebody changed could
hide what is listed. On opening, once in a process, the record is checked, and a checksum over all bytes at the speed
of memory; ``vigie verify`` reads SHA-256. What does not hold is never used: it is made anew, and told.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import re
import typing as t
from pathlib import Path

import msgspec
import numpy as np

from vigie.kernel import durable
from vigie.kernel.seal import same, seal
from vigie.numeric import hamming
from vigie.numeric.hamming import Index, Segment
from vigie.numeric.hamming_tables import BUCKETS, TABLES, Words

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import DTypeLike, NDArray

FOLDER: t.Final = "index"
FORMAT: t.Final = b"vigie segment 1\n"
PAGE: t.Final = 4096
LANES: t.Final = 8192
MOST_SEGMENTS: t.Final = 64
"""Codes of more lists than that are one segment: each is searched by itself."""
NAME: t.Final = re.compile(r"([0-9a-f]{64})\.(segment|record)")


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold of a segment's file."""

    rows: int
    codes: int
    tables: bool
    size_bytes: int
    checksum: str
    """See ``checksum``; hex."""
    sha256: str


class Shelf:
    """Keeps segments; made for stages, which may ask it for nothing else. It changes how fast they are, no result."""

    def __init__(self, folder: Path | None = None, key: bytes = b"", tell: Callable[[str], None] | None = None) -> None:
        """``folder``: where to keep them; None keeps none. ``tell``: hears of a file that does not hold."""
        self._folder, self._key, self._tell = folder, key, tell
        self._open: dict[str, Segment] = {}

    def segment(self, codes: Words) -> Segment:
        """Return the segment of these codes, uint64[n, 4]: from the shelf, or made and put there."""
        if self._folder is None or len(codes) < hamming.WORTH_TABLES:
            return hamming.segment(codes)
        codes = np.ascontiguousarray(codes)
        digest = hashlib.sha256(FORMAT)
        digest.update(codes.data)
        name = digest.hexdigest()
        if name not in self._open:
            self._open[name] = self._kept(self._folder, name) or self._made(self._folder, name, codes)
        return self._open[name]

    def index(
        self, codes: Words, owner: NDArray[np.uint8] | None = None, withdrawn: NDArray[np.bool_] | None = None
    ) -> Index:
        """Return an index of codes whose ids are their rows: one segment for each list, so that a new one costs itself.

        ``owner``: for each row the list it is from, uint8[n, w], those of one list side by side. ``withdrawn``: rows
        that are not to be found, bool[n]; the segments stay as they are.
        """
        cuts = np.zeros(0, np.int64) if owner is None else np.flatnonzero((owner[1:] != owner[:-1]).any(axis=1)) + 1
        if len(cuts) >= MOST_SEGMENTS:
            cuts = cuts[:0]
        segments = [self.segment(part) for part in np.split(codes, cuts)]
        return hamming.together(segments, () if withdrawn is None else np.split(withdrawn, cuts))

    def _kept(self, folder: Path, name: str) -> Segment | None:
        path, record = folder / f"{name}.segment", folder / f"{name}.record"
        if not record.exists() or not path.exists():
            return None
        try:
            expected = read(record, self._key)
            found = _mapped(path, expected)
        except ValueError as error:
            if self._tell:
                self._tell(f"{FOLDER}/{path.name}: {error}. It was not used, and is made anew.")
            return None
        return found

    def _made(self, folder: Path, name: str, codes: Words) -> Segment:
        folder.mkdir(mode=0o700, exist_ok=True)
        durable.sweep(folder)  # what a killed one left behind
        path = folder / f"{name}.segment"
        with durable.writing(path) as stream:
            space = _Space(stream.fileno())
            made = hamming.segment(codes, space.empty)
            space.flush()
            tables, size = made.tables is not None, space.size
            check = checksum(space.pieces())
            space.close()
            with os.fdopen(os.dup(stream.fileno()), "rb") as whole:
                whole.seek(0)
                sha256 = durable.sha256_of_stream(whole)
        record = Record(
            rows=len(made.members), codes=len(made.codes), tables=tables, size_bytes=size, checksum=check, sha256=sha256
        )
        del made
        body = msgspec.json.encode(record)
        durable.write(folder / f"{name}.record", _seal(self._key, name, body) + b"\n" + body + b"\n")
        return _mapped(path, record, check=False)


def read(path: Path, key: bytes) -> Record:
    """Return a record. Errors: ValueError, saying why it is not to be believed."""
    signed, _, body = path.read_bytes()[:4096].partition(b"\n")
    if not same(signed, _seal(key, path.stem, body.removesuffix(b"\n"))):
        raise ValueError("its record does not bear the seal of this case")
    return msgspec.json.decode(body, type=Record)


def trouble(path: Path, key: bytes) -> str:
    """Say what is wrong with a file of the shelf that has a record, all its bytes read; ``""`` for nothing."""
    record = path.with_suffix(".record")
    try:
        expected = read(record, key)
    except ValueError as error:
        return str(error)
    if path == record:
        return "" if path.with_suffix(".segment").is_file() else "a record without its segment"
    found = durable.sha256_of(path)
    return "" if found == expected.sha256 else f"SHA-256 {found}"


def checksum(pieces: Iterator[NDArray[np.uint64]]) -> str:
    """Return a checksum of arrays of whole pages, at the speed of memory: against damage, not against forgers.

    8,192 lanes, each a polynomial of every 8,192th word modulo 2^64; its factor is odd, so no changed word is lost.
    """
    lanes = np.zeros(LANES, np.uint64)
    factor = np.uint64(0x9E3779B97F4A7C15)
    for piece in pieces:
        for start in range(0, len(piece), LANES):
            words = piece[start : start + LANES]
            np.multiply(lanes, factor, out=lanes)
            lanes[: len(words)] += words
    return hashlib.sha256(lanes.astype("<u8").tobytes()).hexdigest()


def _seal(key: bytes, name: str, body: bytes) -> bytes:
    return seal(key, b"segment", name.encode(), body).hex().encode()


def _shapes(record: Record) -> list[tuple[tuple[int, ...], type[np.generic]]]:
    n, tables = record.codes, TABLES if record.tables else 0
    return [
        ((record.rows,), np.uint32),
        ((n + 1,), np.uint32),
        ((n, 4), np.uint64),
        ((tables, BUCKETS + 1), np.uint32),
        ((tables, n), np.uint32),
        ((tables, n), np.uint32),
    ]


def _room(shape: tuple[int, ...], dtype: DTypeLike) -> int:
    """Return the bytes of an array in whole pages."""
    return -(-math.prod(shape) * np.dtype(dtype).itemsize // PAGE) * PAGE


def _mapped(path: Path, record: Record, *, check: bool = True) -> Segment:
    """Map a segment's file, read-only. Errors: ValueError where it is not what its record says."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        size = os.fstat(fd).st_size
        if size != record.size_bytes or size != sum(_room(*one) for one in _shapes(record)):
            raise ValueError(f"it has {size:,} bytes, its record says {record.size_bytes:,}")
        whole = np.frombuffer(mmap.mmap(fd, size, prot=mmap.PROT_READ), np.uint64)
    finally:
        os.close(fd)
    arrays, at, pieces = [], 0, []
    for shape, dtype in _shapes(record):
        room = _room(shape, dtype) // 8
        pieces.append(whole[at : at + room])
        arrays.append(whole[at : at + room].view(dtype)[: math.prod(shape)].reshape(shape))
        at += room
    if check and checksum(iter(pieces)) != record.checksum:
        raise ValueError("its bytes are not those that were written")
    return Segment(*arrays)


class _Space:
    """A file that grows by one mapped array after another."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._maps: list[mmap.mmap] = []
        self.size = 0

    def empty(self, shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[t.Any]:
        """Return an array that lies in the file. Errors: OSError where the disk is full."""
        room = _room(shape, dtype)
        if not room:
            return np.empty(shape, dtype)
        # The space is there before it is written to: a full disk found by a mapping is a signal that kills.
        os.posix_fallocate(self._fd, self.size, room)
        self._maps.append(mmap.mmap(self._fd, room, offset=self.size))
        self.size += room
        return np.frombuffer(self._maps[-1], dtype)[: math.prod(shape)].reshape(shape)

    def pieces(self) -> Iterator[NDArray[np.uint64]]:
        """Yield what was written, in the order of the file."""
        for one in self._maps:
            yield np.frombuffer(one, np.uint64)

    def flush(self) -> None:
        """Bring what was written into the file. Errors: OSError."""
        for one in self._maps:
            one.flush()

    def close(self) -> None:
        """Forget the maps: they end with the last array that lies in one."""
        self._maps = []
