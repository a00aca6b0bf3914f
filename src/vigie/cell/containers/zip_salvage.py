"""zip without its directory: cut off, say. Members by their local headers alone (PKWARE APPNOTE 6.3.10; 4.3.7, 4.3.9).

A member whose header leaves its size to a data descriptor ends where its stream does; stored ones where a
descriptor fits the bytes before it. What is found so has lost its place in the archive, so its origin is ``orphan``.
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t
import zlib
from collections.abc import Iterator

from vigie.cell.containers import unpack, zip_parts
from vigie.cell.containers.entry import CHUNK, Broken, Entry, Fault, Found, bounded, broken_by, in_archive
from vigie.cell.containers.zip_parts import LOCAL, LOCAL_MARK

_DESCRIPTOR_MARK = b"PK\7\x08"
_MOST_VERSION = 63
"""Version needed to extract: the highest one there is (4.4.3.2)."""
_METHODS, _LATER_METHODS = 20, range(93, 100)
"""Compression methods there are (4.4.5)."""
_WORK = 8
"""Packed bytes that may be unpacked in vain, in sizes of the archive: a header is found where none was written."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Header:
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name: bytes
    extra: bytes
    start: int
    """Where its bytes begin."""

    @property
    def streamed(self) -> bool:
        """Whether its sizes are in a data descriptor behind it."""
        return bool(self.flags & 8) and not self.packed


class Salvage:
    """The members of an archive, or of the part of it before ``stop``, in the order they were written."""

    def __init__(self, file: t.BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._vain = 0
        self.at = 0
        """Where the search stands: behind the last member found."""
        self.members = 0

    @broken_by(*zip_parts.ERRORS)
    def read(self, stop: int) -> Iterator[Found]:
        """Yield every member whose header begins before ``stop``."""
        while (at := _mark(self._file, self.at, stop)) is not None:
            header = self._header(at)
            if header is None:
                self.at = at + 1
                continue
            yield from self._member(header)

    def _member(self, header: _Header) -> Iterator[Found]:
        if header.name[-1:] == b"/" and not header.size:
            self.at = header.start + header.packed
            return
        self.members += 1
        steps = (bounded(header.name),)
        if why := zip_parts.unread(header.flags, header.method):
            yield Fault(steps=steps, code=why[0], detail=why[1])
            self.at = header.start + header.packed
            return
        content = _Streamed(self._file, header) if header.streamed else _Sized(self._file, header)
        times = zip_parts.times(header.date, header.time, header.extra)
        yield from in_archive(header.name, Entry(steps=steps, chunks=content, times=times, origin="orphan"))
        self.at, vain = content.end()
        self._vain += vain
        if self._vain > _WORK * self._size:
            raise Broken("bomb", "its local headers lead into each other")

    def _header(self, at: int) -> _Header | None:
        """Parse what may be a local header; None where it cannot be one, or is cut."""
        self._file.seek(at)
        raw = self._file.read(LOCAL.size)
        if len(raw) < LOCAL.size:
            return None
        _, version, flags, method, time, date, crc, packed, size, name_bytes, extra_bytes = LOCAL.unpack(raw)
        name, extra = self._file.read(name_bytes), self._file.read(extra_bytes)
        known = method <= _METHODS or method in _LATER_METHODS
        if version & 0xFF > _MOST_VERSION or not known or not name or len(extra) < extra_bytes:
            return None
        size, packed = zip_parts.sizes(extra, size, packed)
        start = at + LOCAL.size + name_bytes + extra_bytes
        return _Header(flags, method, time, date, crc, packed, size, name, extra, start)


class _Sized:
    """A member whose header says how large it is."""

    def __init__(self, file: t.BinaryIO, header: _Header) -> None:
        self._file = file
        self._header = header

    @broken_by(*zip_parts.ERRORS)
    def __call__(self) -> Iterator[bytes]:
        header = self._header
        raw = unpack.pieces(self._file, header.start, header.packed)
        chunks = zip_parts.unpacked(raw, header.method, header.flags, header.size)
        yield from zip_parts.checked(chunks, header.crc, header.size)

    def end(self) -> tuple[int, int]:
        """Return where the member ends, and how many bytes had to be unpacked in vain to know: none."""
        return self._header.start + self._header.packed, 0


class _Streamed:
    """A member whose size is told behind it; unpacked once more where it was not read to its end."""

    def __init__(self, file: t.BinaryIO, header: _Header) -> None:
        self._file = file
        self._header = header
        self._end: int | None = None
        self._vain = 0

    @broken_by(*zip_parts.ERRORS)
    def __call__(self) -> Iterator[bytes]:
        header = self._header
        if header.method == zip_parts.STORED:
            yield from self._stored()
            return
        if header.method not in zip_parts.CODERS:
            raise Broken("unsupported", "an LZMA stream whose size stood in the directory that is lost")
        coder, at, crc, size = zip_parts.CODERS[header.method](), header.start, 0, 0
        for data in unpack.pieces(self._file, header.start):
            at += len(data)
            self._vain = at - header.start
            for chunk in coder.feed(data):
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
                yield chunk
            if coder.ended:
                break
        if not coder.ended:
            raise Broken("truncated", "its stream ends too early")
        at -= len(coder.rest)
        after = self._descriptor(at, at - header.start, crc, size)
        self._end, self._vain = after or at, 0
        if after is None:
            raise Broken("bad_checksum", "no data descriptor behind it fits its bytes", whole=True)

    def _stored(self) -> Iterator[bytes]:
        """Give the bytes up to a descriptor that fits them, or to the next local header where none does."""
        start, end = self._header.start, None
        crc, at, kept = 0, self._header.start, b""
        for data in unpack.pieces(self._file, start):
            kept += data
            while end is None and (found := kept.find(_DESCRIPTOR_MARK)) >= 0:
                crc, at, kept = zlib.crc32(kept[:found], crc), at + found, kept[found:]
                end = self._descriptor(at, at - start, crc, at - start)
                if end is None:
                    crc, at, kept = zlib.crc32(kept[:1], crc), at + 1, kept[1:]
            if end is not None:
                break
            some = kept[: len(kept) - 3]
            crc, at, kept = zlib.crc32(some, crc), at + len(some), kept[len(some) :]
        if end is not None:
            self._end = end
            yield from unpack.pieces(self._file, start, at - start)
            return
        size = self._file.seek(0, 2)
        following = _mark(self._file, start, size)
        self._end, self._vain = size if following is None else following, size - start
        yield from unpack.pieces(self._file, start, self._end - start)
        raise Broken("truncated", "no data descriptor fits: where it ends is not known")

    def _descriptor(self, at: int, packed: int, crc: int, size: int) -> int | None:
        """Return where a descriptor at ``at`` ends that says this; it may lack its mark, and have 64 bits."""
        self._file.seek(at)
        data = self._file.read(24)
        for form in ("<4sLLL", "<4sLQQ", "<LLL", "<LQQ"):
            length = struct.calcsize(form)
            if len(data) < length:
                continue
            fields = struct.unpack_from(form, data)
            marked = fields[0] == _DESCRIPTOR_MARK
            if fields[-3:] == (crc, packed, size) and (marked or len(fields) == 3):
                return at + length
        return None

    def end(self) -> tuple[int, int]:
        """Return where the search goes on, and how many bytes were read without finding where the member ends."""
        if self._end is None and not self._vain:
            try:
                for _ in self():
                    pass
            except Broken:
                pass  # whoever reads the member is told; here it is only asked where it ends
        return self._header.start if self._end is None else self._end, self._vain


def _mark(file: t.BinaryIO, at: int, stop: int) -> int | None:
    """Return where the next mark of a local header stands, before ``stop``."""
    while at < stop:
        file.seek(at)
        data = file.read(min(CHUNK, stop - at) + len(LOCAL_MARK) - 1)
        if (found := data.find(LOCAL_MARK)) >= 0:
            return at + found
        at += CHUNK
    return None
