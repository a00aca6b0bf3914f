"""A block's header: its hash, and the work that it shows (Bitcoin Core, ``pow.cpp`` and ``arith_uint256.cpp``)."""

from __future__ import annotations

import typing as t
from hashlib import sha256

PERIOD: t.Final = 2016
"""Blocks after which the difficulty changes, so that they take ..."""
PERIOD_S: t.Final = 14 * 24 * 3600
"""... two weeks (Core, ``pow.cpp``)."""


def twice(data: bytes) -> bytes:
    """Return the SHA-256 of the SHA-256: what names all that is in blocks."""
    return sha256(sha256(data).digest()).digest()


def block_hash(header: bytes) -> bytes:
    """Return the hash of the 80 bytes of a header, in the order of blocks."""
    return twice(header)


def target(bits: int) -> int:
    """Return the number that a hash may not be above, as ``nBits`` writes it: 0 where it is none.

    None is: negative, zero, or more than 256 bits.
    """
    size, word = bits >> 24, bits & 0x7FFFFF
    value = word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)
    negative = bits & 0x800000 and value
    return 0 if negative or value >> 256 else value


def shows_work(header: bytes, limit: int) -> bool:
    """Tell whether a header's hash is within its own target, and that within the network's (``nBits`` too)."""
    most = target(int.from_bytes(header[72:76], "little"))
    return 0 < most <= target(limit) and int.from_bytes(block_hash(header), "little") <= most


def work(bits: int) -> int:
    """Return how many hashes it takes on average to find one within a target: what chains are compared by."""
    most = target(bits)
    return (1 << 256) // (most + 1) if most else 0


def next_bits(bits: int, taken_s: int, limit: int) -> int:
    """Return the ``nBits`` due after a period that took so long and ended with ``bits``.

    ``CalculateNextWorkRequired``: a period is to take ``PERIOD_S``; the target moves by a factor of four at most, and
    never above ``limit``.
    """
    taken_s = min(max(taken_s, PERIOD_S // 4), PERIOD_S * 4)
    return compact(min(target(bits) * taken_s // PERIOD_S, target(limit)))


def compact(value: int) -> int:
    """Return a target as ``nBits`` writes it (``arith_uint256::GetCompact``)."""
    size = (value.bit_length() + 7) // 8
    word = value << 8 * (3 - size) if size <= 3 else value >> 8 * (size - 3)
    if word & 0x800000:
        word, size = word >> 8, size + 1
    return word | size << 24
