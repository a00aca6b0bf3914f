"""Small files that only this case's key can have made: chunks of unfinished work, and notes of what a run begins.

A seal is HMAC-SHA256 (RFC 2104) under a key drawn with HKDF-SHA256 (RFC 5869) from the private Ed25519 key; the salt
is the origin of the log, so one signing key may serve two cases and a file of one does not pass in the other. Who can
write to the folder but has no key can remove such a file, and cannot plant or change one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import typing as t

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vigie.kernel import durable
from vigie.kernel.errors import IntegrityError

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CONTEXT: t.Final = b"vigie seal 1"
SEAL_BYTES: t.Final = 32
CHUNK: t.Final = re.compile(r"([0-9]{8})-([0-9a-f]{64})\.chunk")


def key_of(private: Ed25519PrivateKey, origin: str) -> bytes:
    """Return the key (32 bytes) that seals files of the case with this origin."""
    return HKDF(hashes.SHA256(), 32, salt=origin.encode(), info=CONTEXT).derive(private.private_bytes_raw())


def seal(key: bytes, *parts: bytes) -> bytes:
    """Return the seal (32 bytes) over parts, each with its length before it: no two lists of parts read alike."""
    return hmac.digest(key, b"".join(len(part).to_bytes(8, "big") + part for part in parts), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Compare two seals in constant time."""
    return hmac.compare_digest(one, other)


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """One chunk as it lies in its folder."""

    path: Path
    number: int
    body: bytes
    """Seal and payload."""

    @property
    def payload(self) -> bytes:
        """What was put in."""
        return self.body[SEAL_BYTES:]


class Chunks:
    """Sealed files ``<number>-<SHA-256>.chunk`` in one folder, whose name, with the recipe in it, is sealed too."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._key = key
        self._next = 1 + max((number_of(path) for path in paths(folder)), default=-1)

    def put(self, payload: bytes) -> Path:
        """Write one chunk, whole or not at all. Errors: OSError."""
        body = self._seal(self._next, payload) + payload
        path = self.folder / f"{self._next:08d}-{hashlib.sha256(body).hexdigest()}.chunk"
        durable.write(path, body)
        self._next += 1
        return path

    def take(self) -> Iterator[bytes]:
        """Give the payloads in the order in which they were put. Errors: IntegrityError, naming the file."""
        for path in paths(self.folder):
            chunk = read(path)
            if not self.holds(chunk):
                raise IntegrityError(
                    f"{path} was not made with this case's key: planted, or moved here from elsewhere. "
                    "Nothing was taken from it. Find out who wrote it; then move it out of the case."
                )
            yield chunk.payload

    def holds(self, chunk: Chunk) -> bool:
        """Tell whether the seal of a chunk is this case's, for this folder and this number."""
        return same(chunk.body[:SEAL_BYTES], self._seal(chunk.number, chunk.payload))

    def _seal(self, number: int, payload: bytes) -> bytes:
        return seal(self._key, b"chunk", os.fsencode(self.folder.name), b"%d" % number, payload)


def paths(folder: Path) -> list[Path]:
    """Return what calls itself a chunk in a folder, by name."""
    return sorted(folder.glob("*.chunk"))


def number_of(path: Path) -> int:
    """Return the number of a chunk, -1 where its name is none."""
    found = CHUNK.fullmatch(path.name)
    return int(found[1]) if found else -1


def read(path: Path) -> Chunk:
    """Read a chunk and hold it against the digest in its name, which takes no key. Errors: IntegrityError."""
    found = CHUNK.fullmatch(path.name)
    if not found or path.is_symlink() or not path.is_file():
        raise IntegrityError(f"{path} is no chunk that vigie wrote: planted. Find out who wrote it; then move it away.")
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != found[2]:
        raise IntegrityError(
            f"{path} is not as it was written: damaged or changed. Nothing was taken from it. "
            "Keep a copy of it, then remove it: what it held is read again."
        )
    return Chunk(path=path, number=int(found[1]), body=body)
