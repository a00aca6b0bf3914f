"""What a zip's directory records and local headers share: extra fields, times, streams (PKWARE APPNOTE 6.3.10)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from vigie.cell.containers import unpack
from vigie.cell.containers.entry import Broken, Times, dos_time, filetime, micros

LOCAL = struct.Struct("<4s5HL2L2H")
"""Local file header (4.3.7): mark, version, flags, method, time, date, CRC, packed, size, bytes of name and extra."""
LOCAL_MARK = b"PK\3\4"
STORED, LZMA = 0, 14
CODERS: dict[int, Callable[[], unpack.Coder]] = {
    8: unpack.deflate,
    12: unpack.bzip2,
    20: unpack.zstd,
    93: unpack.zstd,
    95: unpack.xz,
}
_NAMES = {1: "Shrink", 6: "Implode", 9: "Deflate64", 96: "JPEG variant", 97: "WavPack", 98: "PPMd"}

# the parsers are ours and check what they read; struct.error and OSError are what an archive cut or changed
# under the reader can still raise, OverflowError a seek beyond what the system's offsets hold
ERRORS = (struct.error, OSError, OverflowError, *unpack.ERRORS)


def unread(flags: int, method: int) -> tuple[str, str] | None:
    """Return code and detail of why a member with these fields is not read; None where it is."""
    if flags & 1 or method == 99:
        return "encrypted", "AES" if method == 99 else "ZipCrypto or stronger"
    if method not in (STORED, LZMA) and method not in CODERS:
        return "unsupported", f"compressed with {_NAMES.get(method, f'method {method}')}"
    return None


def unpacked(raw: Iterator[bytes], method: int, flags: int, size: int) -> Iterator[bytes]:
    """Decompress a member; ``size`` ends an LZMA stream that has no end mark."""
    if method == STORED:
        yield from raw
        return
    first = next(raw, b"")
    if method == LZMA:
        coder = unpack.lzma1(first[4:9].ljust(5, b"\0"))
        first = first[9:]
    else:
        coder = CODERS[method]()
    ends = method == LZMA and not flags & 2  # 5.8.9: without the bit no end mark, the size ends it
    left = size
    while first and not coder.ended and (left or not ends):
        for chunk in coder.feed(first):
            some = chunk[:left] if ends else chunk
            left -= len(some)
            yield some
        first = next(raw, b"")


def sizes(extra: bytes, *fields: int) -> tuple[int, ...]:
    """Return 32-bit fields, with those that did not fit taken from the zip64 field, in its order (4.5.3)."""
    if 0xFFFFFFFF not in fields:
        return fields
    large = dict(parts(extra)).get(1, b"")
    values = iter(struct.unpack_from(f"<{len(large) // 8}Q", large))
    return tuple(next(values, was) if was == 0xFFFFFFFF else was for was in fields)


def parts(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and data of each extra field (4.5.1)."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def times(date: int, time: int, extra: bytes) -> Times:
    """Return the most exact times: NTFS (tag 10, UTC), Unix (tag 0x5455, UTC), or DOS, which is a local clock."""
    found = dict(parts(extra))
    ntfs, unix = found.get(10, b""), found.get(0x5455, b"")
    if len(ntfs) >= 32 and ntfs[4:8] == b"\1\0\x18\0":
        modified, accessed, created = map(filetime, struct.unpack_from("<3Q", ntfs, 8))
        return Times(modified=modified, accessed=accessed, created=created, times_from="zip-ntfs")
    if len(unix) >= 5 and unix[0] & 1:
        return Times(modified=micros(struct.unpack_from("<i", unix, 1)[0]), times_from="zip-unix")
    return Times(modified=dos_time(date, time), times_from="zip-local")


def checked(chunks: Iterator[bytes], crc: int, size: int) -> Iterator[bytes]:
    """Yield the chunks; raises ``Broken`` at their end where they are not what the archive promised."""
    found, given = 0, 0
    for chunk in chunks:
        found, given = zlib.crc32(chunk, found), given + len(chunk)
        yield chunk
    if given < size:
        raise Broken("truncated", f"{size - given} of {size} bytes are missing")
    if found != crc or given != size:
        detail = f"CRC-32 {found:08x} over {given} bytes, promised {crc:08x} over {size}"
        raise Broken("bad_checksum", detail, whole=True)
