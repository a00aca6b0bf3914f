"""QCOW2 images. Source: docs/interop/qcow2.rst of QEMU; all numbers are big-endian.

Read here since libqcow 20260703 gives wrong bytes, and no error, for compressed clusters: 11 of the first 30 in an
image that ``qemu-img convert -c`` wrote (tests/evidence/test_images.py reads one).
"""

from __future__ import annotations

import functools
import struct
import typing as t
import zlib

import zstandard

from vigie.cell.containers.entry import Broken

_HEADER = struct.Struct(">4sIQIIQIIQ")
_OFFSET = 0x00FF_FFFF_FFFF_FE00
_COMPRESSED = 1 << 62
_EXTERNAL_DATA, _OTHER_COMPRESSION, _SUBCLUSTERS = 4, 8, 16


class Qcow2:
    """The sectors of a QCOW2 without a base image. Raises ``Broken`` where it is of a kind that is not read."""

    def __init__(self, file: t.BinaryIO) -> None:
        self._file = file
        head = self._at(0, 112)
        if len(head) < 72:
            raise Broken("truncated", "a QCOW2 header needs 72 bytes")
        _, version, backing, _, bits, self.size, crypt, self._l1_entries, self._l1 = _HEADER.unpack_from(head)
        if version not in (2, 3):
            raise Broken("unsupported", f"QCOW version {version}: convert it with `qemu-img convert -O raw`")
        if backing:
            raise Broken("unsupported", "a QCOW2 overlay: flatten it with its base image by `qemu-img convert`")
        if crypt:
            raise Broken("encrypted", "a QCOW2 with its own encryption: decrypt it with `qemu-img convert`")
        features = struct.unpack_from(">Q", head, 72)[0] if version == 3 else 0
        if features & (_EXTERNAL_DATA | _SUBCLUSTERS):
            raise Broken("unsupported", "a QCOW2 with an external data file or extended L2 entries: convert it to raw")
        if not 9 <= bits <= 21:
            raise Broken("damaged", f"clusters of 2^{bits} bytes")
        self._zstd = bool(features & _OTHER_COMPRESSION) and head[104:105] == b"\1"
        self._bits = bits
        self._bytes = 1 << bits
        self._table = functools.lru_cache(maxsize=32)(self._read_table)
        self._unpacked = functools.lru_cache(maxsize=4)(self._unpack)

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end. Raises OSError where a cluster cannot be had."""
        size = min(size, self.size - offset)
        out = bytearray()
        while offset >= 0 and len(out) < size:
            within = offset & (self._bytes - 1)
            length = min(size - len(out), self._bytes - within)
            out += self._cluster(offset >> self._bits, within, length)
            offset += length
        return bytes(out)

    def _cluster(self, index: int, within: int, length: int) -> bytes:
        first, second = divmod(index, self._bytes // 8)
        if first >= self._l1_entries:
            raise OSError(f"cluster {index} is beyond the L1 table")
        pointer = struct.unpack(">Q", self._at(self._l1 + first * 8, 8).rjust(8, b"\0"))[0] & _OFFSET
        entry = struct.unpack_from(">Q", self._table(pointer), second * 8)[0] if pointer else 0
        if entry & _COMPRESSED:
            return self._unpacked(entry)[within : within + length]
        where = entry & _OFFSET
        if entry & 1 or not where:
            return bytes(length)
        data = self._at(where + within, length)
        if len(data) < length and (index + 1) << self._bits < self.size:
            raise OSError(f"cluster {index} is cut off")
        return data.ljust(length, b"\0")  # the last cluster need not be there as a whole

    def _read_table(self, pointer: int) -> bytes:
        table = self._at(pointer, self._bytes)
        if len(table) < self._bytes:
            raise OSError(f"the L2 table at {pointer} is cut off")
        return table

    def _unpack(self, entry: int) -> bytes:
        split = 62 - (self._bits - 8)
        where = entry & ((1 << split) - 1)
        sectors = (entry >> split & ((1 << (self._bits - 8)) - 1)) + 1
        packed = self._at(where, sectors * 512 - (where & 511))
        try:
            if self._zstd:
                data = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj().decompress(packed)
            else:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, self._bytes)
        except (zlib.error, zstandard.ZstdError) as error:
            raise OSError(f"a compressed cluster at {where}: {error}") from error
        if len(data) < self._bytes:
            raise OSError(f"a compressed cluster at {where} gives {len(data)} bytes")
        return data[: self._bytes]

    def _at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)
