"""zip: by its central directory, compared with the local headers (PKWARE APPNOTE 6.3.10; numbers are its sections).

Read here and not by ``zipfile``, which gives up a whole archive for one name that is no UTF-8, keeps every header
in memory, cuts names at NUL and raises where bytes could still be had.
"""

from __future__ import annotations

import dataclasses
import stat
import struct
import typing as t
from array import array
from bisect import bisect_right
from collections.abc import Iterator

from vigie.cell.containers import unpack, zip_parts, zip_salvage
from vigie.cell.containers.entry import (
    CHUNK,
    Broken,
    Entry,
    Fault,
    Found,
    Source,
    Tally,
    Times,
    bounded,
    broken_by,
    in_archive,
)
from vigie.cell.containers.zip_parts import LOCAL, LOCAL_MARK

_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_MOST_GAP = 4096
"""So far behind a member a local header is looked for: data descriptors (4.3.9) and padding are shorter."""


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


@broken_by(*zip_parts.ERRORS)
def read(source: Source) -> Iterator[Found]:
    """Yield every member of the central directory."""
    file = source.files[0]
    salvage = zip_salvage.Salvage(file)
    try:
        directory = _find(file)
        starts = array("Q", sorted(record.offset for record in _records(file, directory)))
    except Broken as error:
        yield from salvage.read(file.seek(0, 2))
        detail = f"; {salvage.members} members were read by their own headers" if salvage.members else ""
        raise Broken(error.code, error.detail + detail) from error
    file.seek(0)
    if directory.shift and file.read(4) == LOCAL_MARK:
        # an archive cut off within a stored zip ends in that zip's directory; two joined ones in the second's
        yield from salvage.read(directory.shift)
        if salvage.at > directory.shift:
            detail = f"cut off within a member; {salvage.members} members were read by their own headers"
            raise Broken("truncated", detail)
        detail = (
            f"{salvage.members} members before {directory.shift} that no directory lists, read by their own headers"
        )
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)
    if directory.after:
        yield Fault(steps=(), code="damaged", detail=f"{directory.after} bytes follow its end", counts=False)
    if not directory.shift and (not starts or starts[0]):
        yield from _unlisted(file, 0, starts[0] if starts else directory.start)
    records = 0
    for record in _records(file, directory):
        records += 1
        yield from _member(file, directory, record, starts)
    wraps = records & 0xFFFF == directory.members  # writers without zip64 count no further than 16 bits
    yield Tally(by="zip end record", said=records if wraps else directory.members, met=records)


def _member(file: t.BinaryIO, directory: _Directory, record: _Record, starts: array[int]) -> Iterator[Found]:
    steps = (bounded(record.name),)
    mode = record.attributes >> 16 if record.made_by == 3 else 0
    if record.name[-1:] == b"/" and not record.size:
        return
    if stat.S_ISLNK(mode):
        yield Fault(steps=steps, code="link", detail="symbolic link")
    elif stat.S_IFMT(mode) in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        yield Fault(steps=steps, code="special", detail="a device, socket or pipe")
    elif why := zip_parts.unread(record.flags, record.method):
        yield Fault(steps=steps, code=why[0], detail=why[1])
    else:
        after = bisect_right(starts, record.offset)
        end = starts[after] if after < len(starts) else directory.start - directory.shift
        if record.offset + 30 + len(record.name) + record.packed > end:
            yield Fault(steps=steps, code="damaged", detail="overlaps what follows it in the archive", counts=False)
        entry = Entry(steps=steps, chunks=lambda: _content(file, record, directory.shift), times=record.times)
        yield from in_archive(record.name, entry)
        file.seek(record.offset + directory.shift)
        header = file.read(LOCAL.size)
        if len(header) == LOCAL.size:
            *_, name_bytes, extra_bytes = LOCAL.unpack(header)
            at = record.offset + LOCAL.size + name_bytes + extra_bytes + record.packed
            yield from _unlisted(file, at + directory.shift, end + directory.shift)


def _unlisted(file: t.BinaryIO, at: int, end: int) -> Iterator[Fault]:
    """Say where a local header begins between members, which no record points to: left out, or of an older edition."""
    if end - at < LOCAL.size:
        return
    file.seek(at)
    found = file.read(min(end - at, _MOST_GAP)).find(LOCAL_MARK)
    if found >= 0:
        detail = f"a member at {at + found} that no directory lists: it was not read"
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)


@broken_by(*zip_parts.ERRORS)
def _content(file: t.BinaryIO, record: _Record, shift: int) -> Iterator[bytes]:
    at = record.offset + shift
    file.seek(at)
    header = file.read(LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != LOCAL_MARK:
        raise Broken("damaged", f"no local header at {at}")
    *_, name_bytes, extra_bytes = LOCAL.unpack(header)
    name = file.read(name_bytes)
    raw = unpack.pieces(file, at + LOCAL.size + name_bytes + extra_bytes, record.packed)
    yield from zip_parts.checked(
        zip_parts.unpacked(raw, record.method, record.flags, record.size), record.crc, record.size
    )
    if name != record.name:
        raise Broken("damaged", f"its local header has another name: {name[:200]!r}", whole=True)


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
    size, packed, offset = zip_parts.sizes(extra, size, packed, offset)
    times = zip_parts.times(date, time, extra)
    return _Record(name, flags, method, crc, packed, size, offset, made_by, attributes, times)
