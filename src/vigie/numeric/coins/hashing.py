"""Bitcoin's hashes, of one value or of each row of an array."""

from __future__ import annotations

import hashlib
import typing as t

import numpy as np
import numpy.typing as npt
from Cryptodome.Hash import RIPEMD160

Bytes = npt.NDArray[np.uint8]


def by_openssl() -> t.Callable[[bytes], bytes] | None:
    """Return RIPEMD-160 of OpenSSL; None where its legacy provider is missing."""
    try:
        begun = hashlib.new("ripemd160", usedforsecurity=False)
    except ValueError:
        return None

    def digest(data: bytes) -> bytes:
        one = begun.copy()  # much faster than looking the hash up by its name
        one.update(data)
        return one.digest()

    return digest


def by_cryptodome(data: bytes) -> bytes:
    """Return RIPEMD-160, 20 bytes, by a library that always has it."""
    return RIPEMD160.new(data).digest()


ripemd160: t.Final = by_openssl() or by_cryptodome
"""bytes -> 20 bytes."""


def sha256(data: bytes) -> bytes:
    """Return 32 bytes."""
    return hashlib.sha256(data).digest()


def sha256d(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256, 32 bytes."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    """Return RIPEMD-160 of SHA-256, 20 bytes."""
    return ripemd160(hashlib.sha256(data).digest())


def tagged(tag: str, data: bytes) -> bytes:
    """Return a tagged hash, 32 bytes (BIP 340)."""
    mark = hashlib.sha256(tag.encode()).digest()
    return hashlib.sha256(mark + mark + data).digest()


def each(rows: Bytes, digest: t.Callable[[bytes], bytes], width: int) -> Bytes:
    """Return uint8[n, width]: the digest of each row of uint8[n, m], m above 0."""
    flat, many = rows.tobytes(), rows.shape[1]
    out = b"".join([digest(flat[at : at + many]) for at in range(0, len(flat), many)])
    return np.frombuffer(out, np.uint8).reshape(-1, width)
