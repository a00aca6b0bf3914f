"""Frames on the line between house and cell: a 4-byte big-endian length and that many bytes of msgpack."""

from __future__ import annotations

import struct
import typing as t

import msgspec

if t.TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: t.Final = struct.Struct(">I")


class Malformed(ValueError):  # noqa: N818 - it is a finding about the sender, not an error of ours
    """Bytes that are no frame, or a frame that is no message."""


def pack(message: msgspec.Struct, most: int) -> bytes:
    """Frame one message. ``ValueError`` if its body is larger than ``most`` bytes: the sender's own mistake."""
    body = msgspec.msgpack.encode(message)
    if len(body) > most:
        raise ValueError(f"{type(message).__name__} of {len(body)} bytes; a message may have {most}")
    return HEAD.pack(len(body)) + body


class Unpacker:
    """Cuts a stream of untrusted bytes into frame bodies; holds at most one frame of ``most`` bytes and one feed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray()

    def feed(self, untrusted: bytes) -> Iterator[bytes]:
        """Yield the bodies that are now complete. ``Malformed`` as soon as a length is too large."""
        held = self._held
        held += untrusted
        start = 0
        try:
            while len(held) - start >= HEAD.size:
                (length,) = HEAD.unpack_from(held, start)
                if length > self._most:
                    raise Malformed(f"a frame of {length} bytes announced; the most is {self._most}")
                end = start + HEAD.size + length
                if len(held) < end:
                    return
                body = bytes(held[start + HEAD.size : end])
                start = end
                yield body
        finally:
            del held[:start]

    @property
    def unfinished(self) -> int:
        """Bytes of a frame that has not come to its end."""
        return len(self._held)
