"""Frames on the line between house and cell: a 4-byte big-endian length and that many bytes of msgpack."""

from __future__ import annotations

import struct
import typing as t

import msgspec

if t.TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: t.Final = struct.Struct(">I")
ENCODER: t.Final = msgspec.msgpack.Encoder()
READ_BYTES: t.Final = 1 << 18


class Malformed(ValueError):  # noqa: N818 - it is a finding about the sender, not an error of ours
    """Bytes that are no frame, or a frame that is no message."""


def pack(message: msgspec.Struct, most: int, out: bytearray | None = None) -> bytearray:
    """Frame one message. ``ValueError`` if its body is larger than ``most`` bytes: the sender's own mistake.

    ``out``: a frame that has been sent, whose room is used again.
    """
    out = bytearray(HEAD.size) if out is None else out
    ENCODER.encode_into(message, out, HEAD.size)
    length = len(out) - HEAD.size
    if length > most:
        raise ValueError(f"{type(message).__name__} of {length} bytes; a message may have {most}")
    HEAD.pack_into(out, 0, length)
    return out


class Unpacker:
    """Cuts a stream of untrusted bytes into frame bodies; holds at most one frame of ``most`` bytes and one reading.

    What comes is read into ``room``: a large frame straight to where it stays, so that its bytes are moved once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._scratch = memoryview(bytearray(READ_BYTES))
        self._kept = 0
        """Bytes of a head that lie in ``_scratch``."""
        self._frame = memoryview(b"")
        self._came = 0
        """Bytes of ``_frame`` that have come."""

    @property
    def unfinished(self) -> int:
        """Bytes of a frame that has not come to its end."""
        return HEAD.size + self._came if self._frame else self._kept

    def room(self) -> list[memoryview]:
        """Return where the next bytes go, in this order, as ``os.readv`` takes it; call ``took`` after each reading."""
        return [self._frame[self._came :], self._scratch] if self._frame else [self._scratch[self._kept :]]

    def took(self, count: int) -> Iterator[memoryview]:
        """Yield the bodies that are complete with the ``count`` bytes read. ``Malformed`` if a length is too large."""
        if self._frame:
            more = min(count, len(self._frame) - self._came)
            self._came, count = self._came + more, count - more
            if self._came < len(self._frame):
                return
            whole, self._frame, self._came = self._frame, memoryview(b""), 0
            yield whole.toreadonly()
        end, start = self._kept + count, 0
        self._kept = 0
        while end - start >= HEAD.size:
            (length,) = HEAD.unpack_from(self._scratch, start)
            if length > self._most:
                raise Malformed(f"a frame of {length} bytes announced; the most is {self._most}")
            start += HEAD.size
            some = self._scratch[start : min(start + length, end)]
            if len(some) < length:
                self._frame, self._came = memoryview(bytearray(length)), len(some)
                self._frame[: len(some)] = some
                return
            start += length
            yield memoryview(bytes(some))
        self._kept = end - start
        self._scratch[: self._kept] = bytes(self._scratch[start:end])
