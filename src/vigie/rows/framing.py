"""Frames on the line between house and cell: a 4-byte big-endian length and that many bytes of msgpack."""

from __future__ import annotations

import struct
import typing as t

import msgspec

if t.TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: t.Final = struct.Struct(">I")
ENCODER: t.Final = msgspec.msgpack.Encoder()


class Malformed(ValueError):  # noqa: N818 - it is a finding about the sender, not an error of ours
    """Bytes that are no frame, or a frame that is no message."""


def pack(message: msgspec.Struct, most: int) -> bytearray:
    """Frame one message. ``ValueError`` if its body is larger than ``most`` bytes: the sender's own mistake."""
    out = bytearray(HEAD.size)
    ENCODER.encode_into(message, out, HEAD.size)
    length = len(out) - HEAD.size
    if length > most:
        raise ValueError(f"{type(message).__name__} of {length} bytes; a message may have {most}")
    HEAD.pack_into(out, 0, length)
    return out


class Unpacker:
    """Cuts a stream of untrusted bytes into frame bodies; holds at most one frame of ``most`` bytes and one feed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self._need = HEAD.size
        self.unfinished = 0
        """Bytes of a frame that has not come to its end."""

    def feed(self, untrusted: bytes) -> Iterator[memoryview]:
        """Yield the bodies that are now complete. ``Malformed`` as soon as a length is too large."""
        self._parts.append(untrusted)
        self.unfinished += len(untrusted)
        if self.unfinished < self._need:  # a large frame is put together once, not with each of its parts
            return
        held, start = memoryview(b"".join(self._parts)), 0
        self._need = HEAD.size
        try:
            while len(held) - start >= HEAD.size:
                (length,) = HEAD.unpack_from(held, start)
                if length > self._most:
                    raise Malformed(f"a frame of {length} bytes announced; the most is {self._most}")
                end = start + HEAD.size + length
                if len(held) < end:
                    self._need = end - start
                    return
                body, start = held[start + HEAD.size : end], end
                # A view keeps all that came with it: of a small one, a copy.
                yield body if 2 * length >= len(held) else memoryview(bytes(body))
        finally:
            self._parts, self.unfinished = [bytes(held[start:])], len(held) - start
