"""A block's header: its hash, and the work that it shows (Bitcoin Core, ``pow.cpp`` and ``arith_uint256.cpp``)."""

from __future__ import annotations

from hashlib import sha256


def block_hash(header: bytes) -> bytes:
    """Return the hash of the 80 bytes of a header, in the order of blocks."""
    return sha256(sha256(header).digest()).digest()


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
