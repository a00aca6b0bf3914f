"""Decompress streams in bounded pieces: DEFLATE, bzip2, LZMA, LZ4, Zstandard.

The standard library's file objects hide what an examiner must know (trailing bytes, a cut, a second stream), so
the decompressors are driven here, byte-exact about where a stream ends.
"""

from __future__ import annotations

import bz2
import lzma
import typing as t
import zlib
from collections.abc import Callable, Iterator

import lz4.frame
import zstandard

from vigie.cell.containers.entry import CHUNK, Broken

MOST_WINDOW_BYTES = 1 << 27
"""Largest dictionary taken: `zstd --ultra --long=27`; xz -9 needs half of it."""
_ZSTD_FEED = 1024
"""Zstandard cannot be told how much to give; its densest block makes 128 KiB of 4 bytes, so this makes 32 MiB."""

ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError)
"""bz2 says OSError or ValueError for bad data, EOFError past the end; the others have their own."""


class Coder(t.Protocol):
    """One compressed stream."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next input and give what it unfolds to, at most ``CHUNK`` at a time (Zstandard: 32 MiB)."""

    @property
    def ended(self) -> bool:
        """Has the stream said that it ends."""

    @property
    def rest(self) -> bytes:
        """Input after its end."""


class _Deflate:
    def __init__(self, wbits: int) -> None:
        self._coder = zlib.decompressobj(wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            out = self._coder.decompress(data, CHUNK)
            data = self._coder.unconsumed_tail
            if out:
                yield out
            if self._coder.eof or (not data and len(out) < CHUNK):
                return

    @property
    def ended(self) -> bool:
        return self._coder.eof

    @property
    def rest(self) -> bytes:
        return self._coder.unused_data


class _Salvaged(_Deflate):
    """zlib keeps what it has unfolded when it meets damage: the last piece is gone through again, byte by byte."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._coder.eof:
            before = self._coder.copy()
            try:
                out = self._coder.decompress(data, CHUNK)
            except zlib.error:
                yield _until_damage(before, data)
                raise
            data = self._coder.unconsumed_tail
            if out:
                yield out
            if not data and len(out) < CHUNK:
                return


def _until_damage(coder: zlib._Decompress, data: bytes) -> bytes:
    out = bytearray()
    for at in range(len(data)):
        try:
            out += coder.decompress(data[at : at + 1])
        except zlib.error:
            break
    return bytes(out)


class _Bounded:
    """bz2 and lzma, whose decompressors keep what they have not given yet."""

    def __init__(self, coder: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._coder = coder

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._coder.eof:
            out = self._coder.decompress(data, CHUNK)
            data = b""
            if out:
                yield out
            if self._coder.needs_input or (not out and not self._coder.eof):
                return

    @property
    def ended(self) -> bool:
        return self._coder.eof

    @property
    def rest(self) -> bytes:
        return self._coder.unused_data


class _Lz4:
    def __init__(self) -> None:
        self._coder = lz4.frame.LZ4FrameDecompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self._coder.eof:
            try:
                out = self._coder.decompress(data, CHUNK)
            except RuntimeError as error:  # all that its C library complains of
                raise ValueError(str(error)) from error
            data = b""
            if out:
                yield out
            elif not self._coder.eof:  # it may hold what it has not given, also where it asks for more
                return

    @property
    def ended(self) -> bool:
        return bool(self._coder.eof)

    @property
    def rest(self) -> bytes:
        return self._coder.unused_data or b""


class _Zstandard:
    def __init__(self) -> None:
        self._coder = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES).decompressobj()
        self._unread = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_FEED):
            out = self._coder.decompress(data[at : at + _ZSTD_FEED])
            for start in range(0, len(out), CHUNK):
                yield out[start : start + CHUNK]
            if self._coder.eof:
                self._unread = data[at + _ZSTD_FEED :]
                return

    @property
    def ended(self) -> bool:
        return bool(self._coder.eof)

    @property
    def rest(self) -> bytes:
        return self._coder.unused_data + self._unread


def deflate() -> Coder:
    """Raw DEFLATE, as zip has it (RFC 1951)."""
    return _Deflate(-zlib.MAX_WBITS)


def zlib_stream() -> Coder:
    """DEFLATE with zlib's header and checksum (RFC 1950); where it is damaged, all that stands before that is given."""
    return _Salvaged(zlib.MAX_WBITS)


def gzip() -> Coder:
    """One gzip member with header and checksum (RFC 1952)."""
    return _Deflate(16 + zlib.MAX_WBITS)


def bzip2() -> Coder:
    """One bzip2 stream."""
    return _Bounded(bz2.BZ2Decompressor())


def xz() -> Coder:
    """One xz stream."""
    return _Bounded(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * MOST_WINDOW_BYTES))


def lzma1(properties: bytes) -> Coder:
    """LZMA as zip has it: five property bytes, then the raw stream (APPNOTE 5.8.8)."""
    rest, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    if rest >= 9 * 5 * 5 or dictionary > MOST_WINDOW_BYTES:
        raise Broken("damaged", "LZMA properties out of range")
    chain = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": rest % 9, "lp": rest // 9 % 5,
             "pb": rest // 45}  # fmt: skip
    return _Bounded(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain]))


def lz4_frame() -> Coder:
    """One LZ4 frame (lz4_Frame_format.md 1.6.2), its checksums looked at where it has any."""
    return _Lz4()


def zstd() -> Coder:
    """One Zstandard frame (RFC 8878)."""
    return _Zstandard()


class Stream:
    """Several compressed streams one after the other, as gzip, bzip2, xz and zstd files may have them."""

    def __init__(self, new: Callable[[], Coder], source: Iterator[bytes], magic: tuple[bytes, ...]) -> None:
        self._new = new
        self._magic = magic
        self._source = source
        self.trailing = False
        """Did bytes that are no stream follow the last one? Known when ``chunks`` has ended."""

    def chunks(self) -> Iterator[bytes]:
        """Give the content; raises ``Broken`` where it is cut or damaged."""
        coder, fresh, streams = self._new(), True, 0
        for data in self._source:
            rest = data
            while rest:
                if fresh and not (rest := rest.lstrip(b"\0")):
                    break  # padding between streams: tape blocks of gzip, stream padding of xz
                if fresh and streams and not rest.startswith(self._magic):
                    self.trailing = True
                    return
                try:
                    yield from coder.feed(rest)
                except ERRORS as error:
                    if fresh and streams:
                        self.trailing = True
                        return
                    if "emory" in str(error):
                        raise Broken("too_large", f"needs a larger dictionary than is given: {error}") from error
                    raise Broken("damaged", f"{type(error).__name__}: {error}") from error
                fresh, rest = False, b""
                if coder.ended:
                    rest, coder, fresh, streams = coder.rest, self._new(), True, streams + 1
        if not fresh or not streams:
            raise Broken("truncated", "the compressed stream ends too early")


def pieces(file: t.BinaryIO, start: int = 0, size: int | None = None) -> Iterator[bytes]:
    """Read a file from ``start``, ``size`` bytes or to its end; it may be moved by others between two pieces."""
    at, end = start, None if size is None else start + size
    while end is None or at < end:
        file.seek(at)
        data = file.read(CHUNK if end is None else min(CHUNK, end - at))
        if not data:
            return
        at += len(data)
        yield data
