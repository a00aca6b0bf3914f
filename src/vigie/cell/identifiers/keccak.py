"""Keccak-256 as it was before NIST padded it otherwise: what Ethereum and Monero use. It is not SHA3-256."""

from __future__ import annotations

from Cryptodome.Hash import keccak


def keccak256(data: bytes) -> bytes:
    """Return 32 bytes."""
    return keccak.new(digest_bits=256, data=data).digest()
