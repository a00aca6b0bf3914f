"""zip: by its central directory, compared with the local headers (PKWARE APPNOTE 6.3.10; numbers are its sections).

Read here and not by ``zipfile``, which gives up a whole archive for one name that is no UTF-8, keeps every header
in memory, cuts names at NUL and raises where bytes could still be had.
"""

from __future__ import annotations

import dataclasses
import stat
import struct
import typing as t
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator

from vigie.cell.containers import unpack
from vigie.cell.containers.entry import (
    CHUNK,
    Broken,
    Entry,
    Fault,
    Found,
    Source,
    Times,
    bounded,
    broken_by,
    dos_time,
    filetime,
    in_archive,
    micros,
)

_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5HL2L2H")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_STORED, _LZMA = 0, 14
_MOST_GAP = 4096
"""So far behind a member a local header is looked for: data descriptors (4.3.9) and padding are shorter."""
_CODERS: dict[int, Callable[[], unpack.Coder]] = {
    8: unpack.deflate,
    12: unpack.bzip2,
    20: unpack.zstd,
    93: unpack.zstd,
    95: unpack.xz,
}
_NAMES = {1: "Shrink", 6: "Implode", 9: "Deflate64", 96: "JPEG variant", 97: "WavPack", 98: "PPMd"}

# the parser below is ours and checks what it reads; struct.error and OSError are what a directory cut or changed
# under the reader can still raise, OverflowError a seek beyond what the system's offsets hold
_ERRORS = (struct.error, OSError, OverflowError, *unpack.ERRORS)


@dataclasses.dataclass(frozen=True, slots=True)
class _Record:
    """One central directory record (4.3.12)."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    made_by: int
    attributes: int
    times: Times


class _Directory(t.NamedTuple):
    start: int
    size: int
    members: int
    shift: int
    """Bytes before the archive, as in a self-extracting one: added to each offset."""
    after: int = 0
    """Bytes after it."""


@broken_by(*_ERRORS)
def read(source: Source) -> Iterator[Found]:
    """Yield every member of the central directory."""
    file = source.files[0]
    directory = _find(file)
    file.seek(0)
    if directory.shift and file.read(4) == b"PK\3\4":
        # an archive cut off within a stored zip ends in that zip's directory; two joined ones in the second's
        detail = f"a member at 0 that no directory lists; the archive read begins at {directory.shift}"
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)
    if directory.after:
        yield Fault(steps=(), code="damaged", detail=f"{directory.after} bytes follow its end", counts=False)
    starts = array("Q", sorted(record.offset for record in _records(file, directory)))
    if not directory.shift and (not starts or starts[0]):
        yield from _unlisted(file, 0, starts[0] if starts else directory.start)
    records = 0
    for record in _records(file, directory):
        records += 1
        yield from _member(file, directory, record, starts)
    if records != directory.members and records & 0xFFFF != directory.members:
        detail = f"the end record promises {directory.members} members, the directory has {records}"
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)


def _member(file: t.BinaryIO, directory: _Directory, record: _Record, starts: array[int]) -> Iterator[Found]:
    steps = (bounded(record.name),)
    mode = record.attributes >> 16 if record.made_by == 3 else 0
    if record.name[-1:] == b"/" and not record.size:
        return
    if stat.S_ISLNK(mode):
        yield Fault(steps=steps, code="link", detail="symbolic link")
    elif stat.S_IFMT(mode) in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        yield Fault(steps=steps, code="special", detail="a device, socket or pipe")
    elif record.flags & 1 or record.method == 99:
        yield Fault(steps=steps, code="encrypted", detail="AES" if record.method == 99 else "ZipCrypto or stronger")
    elif record.method not in (_STORED, _LZMA) and record.method not in _CODERS:
        method = _NAMES.get(record.method, f"method {record.method}")
        yield Fault(steps=steps, code="unsupported", detail=f"compressed with {method}")
    else:
        after = bisect_right(starts, record.offset)
        end = starts[after] if after < len(starts) else directory.start - directory.shift
        if record.offset + 30 + len(record.name) + record.packed > end:
            yield Fault(steps=steps, code="damaged", detail="overlaps what follows it in the archive", counts=False)
        entry = Entry(steps=steps, chunks=lambda: _content(file, record, directory.shift), times=record.times)
        yield from in_archive(record.name, entry)
        file.seek(record.offset + directory.shift)
        header = file.read(_LOCAL.size)
        if len(header) == _LOCAL.size:
            *_, name_bytes, extra_bytes = _LOCAL.unpack(header)
            at = record.offset + _LOCAL.size + name_bytes + extra_bytes + record.packed
            yield from _unlisted(file, at + directory.shift, end + directory.shift)


def _unlisted(file: t.BinaryIO, at: int, end: int) -> Iterator[Fault]:
    """Say where a local header begins between members, which no record points to: left out, or of an older edition."""
    if end - at < _LOCAL.size:
        return
    file.seek(at)
    found = file.read(min(end - at, _MOST_GAP)).find(b"PK\3\4")
    if found >= 0:
        detail = f"a member at {at + found} that no directory lists: it was not read"
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)


@broken_by(*_ERRORS)
def _content(file: t.BinaryIO, record: _Record, shift: int) -> Iterator[bytes]:
    at = record.offset + shift
    file.seek(at)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
        raise Broken("damaged", f"no local header at {at}")
    *_, name_bytes, extra_bytes = _LOCAL.unpack(header)
    name = file.read(name_bytes)
    raw = unpack.pieces(file, at + _LOCAL.size + name_bytes + extra_bytes, record.packed)
    crc, size = 0, 0
    for chunk in _unpacked(raw, record):
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        yield chunk
    if size < record.size:
        raise Broken("truncated", f"{record.size - size} of {record.size} bytes are missing")
    if crc != record.crc or size != record.size:
        detail = f"CRC-32 {crc:08x} over {size} bytes, promised {record.crc:08x} over {record.size}"
        raise Broken("bad_checksum", detail, whole=True)
    if name != record.name:
        raise Broken("damaged", f"its local header has another name: {name[:200]!r}", whole=True)


def _unpacked(raw: Iterator[bytes], record: _Record) -> Iterator[bytes]:
    if record.method == _STORED:
        yield from raw
        return
    first = next(raw, b"")
    if record.method == _LZMA:
        coder = unpack.lzma1(first[4:9].ljust(5, b"\0"))
        first = first[9:]
    else:
        coder = _CODERS[record.method]()
    ends = record.method == _LZMA and not record.flags & 2  # 5.8.9: without the bit no end mark, the size ends it
    left = record.size
    while first and not coder.ended and (left or not ends):
        for chunk in coder.feed(first):
            some = chunk[:left] if ends else chunk
            left -= len(some)
            yield some
        first = next(raw, b"")


def _find(file: t.BinaryIO) -> _Directory:
    """Find the central directory by the end record (4.3.16), which may have up to 65,535 bytes of comment after it."""
    size = file.seek(0, 2)
    start = max(0, size - _END.size - 0xFFFF)
    file.seek(start)
    tail = file.read(_END.size + 0xFFFF)
    at = len(tail)
    while (at := tail.rfind(b"PK\5\6", 0, at)) >= 0:
        if at + _END.size > len(tail):
            continue
        _, _, _, _, count, length, offset, comment = _END.unpack_from(tail, at)
        if at + _END.size + comment > len(tail):
            continue
        found = _zip64(file, tail, at, start) or _Directory(start + at - length, length, count,
                                                            start + at - length - offset)  # fmt: skip
        if found.start < 0 or found.shift < 0:
            raise Broken("damaged", "the central directory begins before the archive")
        return found._replace(after=len(tail) - at - _END.size - comment)
    raise Broken("truncated", "no end of central directory: cut off, or not the last part of a split archive")


def _zip64(file: t.BinaryIO, tail: bytes, at: int, start: int) -> _Directory | None:
    """Read the zip64 end record through its locator (4.3.14, 4.3.15), None where there is none."""
    if at < 20 or tail[at - 20 : at - 16] != b"PK\6\7":
        return None
    where = start + at - 20 - _END64.size  # it stands right before its locator, whatever was put before the archive
    file.seek(max(0, where))
    record = file.read(_END64.size)
    if len(record) < _END64.size or record[:4] != b"PK\6\6":
        raise Broken("damaged", "a zip64 locator without its record")
    *_, count, length, offset = _END64.unpack(record)
    return _Directory(where - length, length, count, where - length - offset)


def _records(file: t.BinaryIO, directory: _Directory) -> Iterator[_Record]:
    """Parse the central directory, a MiB at a time."""
    at, end = directory.start, directory.start + directory.size
    data, used = b"", 0
    while at + used < end:
        if len(data) - used < _CENTRAL.size + 3 * 0xFFFF:
            at, used = at + used, 0
            file.seek(at)
            data = file.read(min(CHUNK, end - at))
        if len(data) - used < _CENTRAL.size or data[used : used + 4] != b"PK\1\2":
            raise Broken("damaged", f"no directory record at {at + used}")
        fields = _CENTRAL.unpack_from(data, used)
        name_bytes, extra_bytes, comment_bytes = fields[12:15]
        begin = used + _CENTRAL.size
        used = begin + name_bytes + extra_bytes + comment_bytes
        if used > len(data):
            raise Broken("truncated", "the central directory ends within a record")
        extra = data[begin + name_bytes : begin + name_bytes + extra_bytes]
        yield _record(fields, data[begin : begin + name_bytes], extra)


def _record(fields: tuple[t.Any, ...], name: bytes, extra: bytes) -> _Record:
    _, _, made_by, _, _, flags, method, time, date, crc, packed, size, *_, attributes, offset = fields
    parts = dict(_extra(extra))
    large = parts.get(1, b"")
    if 0xFFFFFFFF in (size, packed, offset):  # 4.5.3: only what does not fit is there, in this order
        values = iter(struct.unpack_from(f"<{len(large) // 8}Q", large))
        size, packed, offset = (next(values, was) if was == 0xFFFFFFFF else was for was in (size, packed, offset))
    return _Record(name, flags, method, crc, packed, size, offset, made_by, attributes, _times(date, time, parts))


def _extra(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _times(date: int, time: int, parts: dict[int, bytes]) -> Times:
    """Return the most exact times: NTFS (tag 10, UTC), Unix (tag 0x5455, UTC), or DOS, which is a local clock."""
    ntfs, unix = parts.get(10, b""), parts.get(0x5455, b"")
    if len(ntfs) >= 32 and ntfs[4:8] == b"\1\0\x18\0":
        modified, accessed, created = map(filetime, struct.unpack_from("<3Q", ntfs, 8))
        return Times(modified=modified, accessed=accessed, created=created, times_from="zip-ntfs")
    if len(unix) >= 5 and unix[0] & 1:
        return Times(modified=micros(struct.unpack_from("<i", unix, 1)[0]), times_from="zip-unix")
    return Times(modified=dos_time(date, time), times_from="zip-local")
