"""Three digests, the size and the content type of a stream, in one pass over its bytes."""

from __future__ import annotations

import hashlib
import typing as t

from vigie.cell import sniff
from vigie.rows import ahead

READ_BYTES = 1 << 20


class Digests(t.NamedTuple):
    """What one pass gives; the fields that ``wire.Seen`` and ``wire.Member`` share."""

    size_bytes: int
    md5: bytes
    sha1: bytes
    sha256: bytes
    content_type: str


class Digester:
    """Takes the bytes of one stream in order. MD5 and SHA-1 are here to meet hash lists, not for security."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._head = bytearray()
        self._tail = b""
        self.size = 0

    def update(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._md5.update(chunk)
        self._sha1.update(chunk)
        self._sha256.update(chunk)
        if self.size < sniff.HEAD_BYTES:
            self._head += chunk[: sniff.HEAD_BYTES - self.size]
        self.size += len(chunk)
        self._tail = (self._tail + chunk)[-sniff.TAIL_BYTES :] if len(chunk) < sniff.TAIL_BYTES else (
            chunk[-sniff.TAIL_BYTES :]
        )  # fmt: skip

    def type_so_far(self) -> str:
        """Return the content type by the head alone."""
        return sniff.content_type(bytes(self._head))

    def finish(self) -> Digests:
        """Return the result; the stream is over."""
        return Digests(
            self.size,
            self._md5.digest(),
            self._sha1.digest(),
            self._sha256.digest(),
            sniff.content_type(bytes(self._head), tail=self._tail, size=self.size),
        )


def of(file: t.BinaryIO) -> Digests:
    """Digest a file from where it stands to its end. Raises OSError where it cannot be read."""
    digester, fetching = Digester(), ahead.of(file)
    if fetching:
        fetching.reading(0)
    while chunk := file.read(READ_BYTES):
        digester.update(chunk)
        if fetching:
            fetching.reading(digester.size)
    return digester.finish()
