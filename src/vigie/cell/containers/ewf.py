"""E01 images: all segments there and in order, each section and each chunk with the checksum stored beside it.

libewf opens some incomplete sets without a word and gives a damaged chunk as zeros. So all of an image is read here
once when it is taken in: digests and checksums in one pass. The walk then reads through libewf, which is quicker at
finding its way.

Source: Expert Witness Compression Format (EWF) by J. Metz, 2 (segment file) and 3 (sections).
"""

from __future__ import annotations

import re
import struct
import typing as t
import zlib
from collections.abc import Iterator

from vigie.cell.containers.entry import CHUNK, Broken
from vigie.cell.containers.ewf_sections import ENDS, HEAD_BYTES, Damage, Section, checked, sections
from vigie.cell.containers.ewf_tables import Span, Table, tables

_SIGNATURE = b"EVF\x09\r\n\xff\0\1"
_VOLUME = struct.Struct("<4xIIIQ")
_SMART_BYTES = 94
_VOLUME_BYTES = 1052
_MOST_CHUNK_BYTES = 1 << 26
_MOST_TEXT_BYTES = 1 << 20
_LEAST_STORED = 8
"""No chunk takes fewer bytes in a file: the header, an empty block and the checksum of zlib."""


def check(files: list[t.BinaryIO]) -> None:
    """Raise ``Broken`` ``segment_missing`` unless the segments are 1 to n, each goes on and the last one ends."""
    _found(files, Damage())


def _found(files: list[t.BinaryIO], damage: Damage) -> list[list[Section]]:
    out = []
    for expected, file in enumerate(files, 1):
        file.seek(0)
        head = file.read(HEAD_BYTES)
        number = int.from_bytes(head[9:11], "little")
        if (head[:9], head[11:]) != (_SIGNATURE, b"\0\0"):
            damage.add(f"the head of segment {expected}")
        if number != expected:
            raise Broken("segment_missing", f"segment {expected} is expected, this file is segment {number}")
        found = sections(file, expected, damage)
        last = found[-1].kind if found else b""
        if last == b"done" and expected < len(files):
            raise Broken("damaged", f"segment {expected} ends the image, more files were given")
        if last == b"next" and expected == len(files):
            raise Broken("segment_missing", f"segment {expected + 1} is not there; segment {expected} says it follows")
        if last not in ENDS:
            raise Broken("truncated", f"segment {expected} is cut off after its section {last!r}")
        out.append(found)
    return out


class Image:
    """An E01 read by its own tables: content, stored digests, and what does not fit its checksum."""

    def __init__(self, files: list[t.BinaryIO]) -> None:
        """Read all but the chunks. Raises ``Broken`` where segments are missing or nothing says how large it is."""
        self._files = files
        self.damage = Damage()
        self.stored: dict[str, str] = {}
        """``md5`` and ``sha1`` of the content, hexadecimal, where they are stored."""
        self._found = _found(files, self.damage)
        volumes = list[tuple[int, int, int, int]]()
        for number, found in enumerate(self._found):
            for section in found:
                data = self._data(number, section)
                if section.kind in (b"volume", b"disk", b"data"):
                    volumes.extend(self._volume(number, section, data))
                elif section.kind in _DIGESTS:
                    self._digests(number, section, data)
                elif section.kind in (b"header", b"header2", b"xheader", b"xhash"):
                    self._text(number, section, data)
        if not volumes:
            raise Broken("damaged", "no section that can be read says how large the image is")
        chunks, sectors_a_chunk, self.sector_bytes, sectors = volumes[0]
        self.chunk_bytes = sectors_a_chunk * self.sector_bytes
        self.size = (sectors or chunks * sectors_a_chunk) * self.sector_bytes
        self.count = -(-self.size // self.chunk_bytes)
        """How many chunks it has."""

    def _data(self, number: int, section: Section) -> bytes:
        file = self._files[number]
        file.seek(section.data)
        return file.read(min(section.size, _MOST_TEXT_BYTES))

    def _bad(self, number: int, section: Section) -> None:
        self.damage.add(f"the section {section.kind.decode()} at byte {section.at} of segment {number + 1}")

    def _volume(self, number: int, section: Section, data: bytes) -> Iterator[tuple[int, int, int, int]]:
        small = len(data) < _VOLUME_BYTES
        body = data[: _SMART_BYTES if small else _VOLUME_BYTES]
        if len(body) < _SMART_BYTES or not checked(body):
            self._bad(number, section)
            return
        chunks, sectors_a_chunk, sector_bytes, sectors = _VOLUME.unpack_from(body)
        if small:  # SMART: 32 bits, then reserved ones
            sectors &= 0xFFFFFFFF
        if not 0 < sectors_a_chunk * sector_bytes <= _MOST_CHUNK_BYTES:
            raise Broken("damaged", f"chunks of {sectors_a_chunk} sectors of {sector_bytes} bytes")
        yield chunks, sectors_a_chunk, sector_bytes, sectors

    def _digests(self, number: int, section: Section, data: bytes) -> None:
        size, places = _DIGESTS[section.kind]
        if len(data) < size or not checked(data[:size]):
            self._bad(number, section)
            return
        for name, (start, end) in places.items():
            if any(data[start:end]):
                self._store(name, data[start:end].hex())

    def _text(self, number: int, section: Section, data: bytes) -> None:
        """Inflate what is told in words: the case, the examiner, and in EWFX the digests."""
        coder = zlib.decompressobj()
        try:
            text = coder.decompress(data, _MOST_TEXT_BYTES)
        except zlib.error:
            self._bad(number, section)
            return
        if not coder.eof and len(text) < _MOST_TEXT_BYTES:
            self._bad(number, section)
        elif section.kind == b"xhash":
            for name, digest in re.findall(rb"<(MD5|SHA1)>([0-9A-Fa-f]{32,40})</", text):
                self._store(name.decode().lower(), digest.decode().lower())

    def _store(self, name: str, digest: str) -> None:
        if self.stored.setdefault(name, digest) != digest:
            self.damage.add(f"two stored {name.upper()} differ: {self.stored[name]} and {digest}")

    def chunks(self) -> Iterator[bytes]:
        """Give the content in order, zeros for a chunk that fails, as libewf does; count what fails."""
        lost = self._lost()
        done = 0
        for table in tables(self._files, self._found, self.damage):
            left = self.count - done
            if table.state == "lost":
                gone = min(lost, left, table.at // _LEAST_STORED)
                self._failed(done, gone, "their table and its copy cannot be read")
                for _ in range(gone):
                    yield bytes(self._length(done))
                    done += 1
                continue
            if len(table.entries) > left:
                self.damage.add(f"{len(table.entries) - left:,} chunks more than the image has room for")
            for run in _runs(table, self._most_stored):
                for data in self._read(table.segment, run[: self.count - done]):
                    size = self._length(done)
                    chunk = _unpacked(*data, size, self.chunk_bytes) if data else None
                    if chunk is None:
                        self._failed(done, 1)
                    yield bytes(size) if chunk is None else chunk
                    done += 1
        if done < self.count:
            self._failed(done, self.count - done, "no table lists them")

    def _lost(self) -> int:
        """Return how many chunks a table that cannot be read had; 0 where several cannot, and no number is sure."""
        listed, lost = 0, 0
        for table in tables(self._files, self._found, Damage()):
            listed += len(table.entries)
            lost += table.state == "lost"
        return max(0, self.count - listed) if lost == 1 else 0

    def _length(self, number: int) -> int:
        return min(self.chunk_bytes, self.size - number * self.chunk_bytes)

    def _failed(self, first: int, count: int, why: str = "its checksum fails") -> None:
        if count:
            sectors = self.chunk_bytes // self.sector_bytes
            last = min((first + count) * sectors, self.size // self.sector_bytes) - 1
            which = f"chunk {first}" if count == 1 else f"chunks {first} to {first + count - 1}"
            self.damage.add(f"{which} (sectors {first * sectors} to {last}): {why}", count)

    @property
    def _most_stored(self) -> int:
        """Zlib makes a chunk that it cannot make smaller larger by this much at most; a checksum is 4 bytes."""
        return self.chunk_bytes + self.chunk_bytes // 1000 + 64

    def _read(self, segment: int, run: list[Span | None]) -> Iterator[tuple[memoryview, bool | None] | None]:
        """Give what is stored of each chunk of a run, which lies in one piece."""
        there = [one for one in run if one is not None]
        if not there:
            yield from (None for _ in run)
            return
        file, start = self._files[segment], there[0].start
        file.seek(start)
        view = memoryview(file.read(there[-1].end - start))
        for one in run:
            yield None if one is None else (view[one.start - start : one.end - start], one.compressed)


def _runs(table: Table, most: int) -> Iterator[list[Span | None]]:
    """Group the chunks of a table into pieces that are read at once; a chunk has at most ``most`` stored bytes."""
    run, size = list[Span | None](), 0
    for span in table.spans():
        if span is None:
            if run:
                yield run
            yield [None]
            run, size = [], 0
            continue
        whole = span.end - span.start <= most
        run.append(span if whole else Span(start=span.start, end=span.start + most, compressed=span.compressed))
        size += span.end - span.start
        if size >= CHUNK or not whole:
            yield run
            run, size = [], 0
    if run:
        yield run


def _unpacked(stored: memoryview, compressed: bool | None, size: int, whole: int) -> bytes | None:
    """Return a chunk's ``size`` bytes where its checksum fits; the last chunk may be filled up to a ``whole`` one."""
    if compressed is not True:
        # as long as there is room for; or slack follows: then the last chunk is as long as the media or a whole one
        for length in dict.fromkeys((min(len(stored) - 4, whole), size, whole)):
            if length < size:
                continue
            body, checksum = stored[:length], stored[length : length + 4]
            if len(checksum) == 4 and zlib.adler32(body) == int.from_bytes(checksum, "little"):
                return bytes(body[:size])
        if compressed is False:
            return None
    coder = zlib.decompressobj()
    try:
        data = coder.decompress(stored, whole + 1)
    except zlib.error:
        return None
    return data[:size] if coder.eof and size <= len(data) <= whole else None


_DIGESTS: t.Final = {
    b"hash": (36, {"md5": (0, 16)}),
    b"digest": (80, {"md5": (0, 16), "sha1": (16, 36)}),
}
"""Sections with digests of the content: how long, with the checksum, and what stands where."""
