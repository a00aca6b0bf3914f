"""Points of secp256k1, by libsecp256k1 itself (coincurve's binding): public derivation and taproot's tweak.

A child is ``parent + t * G`` (BIP 32). ``tweak_add`` does this in 39 us; making ``t * G`` by the tables for signing and
adding the two takes 22.
"""

from __future__ import annotations

import hashlib
import typing as t

import numpy as np
from coincurve._libsecp256k1 import ffi, lib

from vigie.numeric.coins.hashing import Bytes, sha256d

_CONTEXT: t.Final = lib.secp256k1_context_create(lib.SECP256K1_CONTEXT_NONE)
_COMPRESSED: t.Final = lib.SECP256K1_EC_COMPRESSED
_UNCOMPRESSED: t.Final = lib.SECP256K1_EC_UNCOMPRESSED
HARDENED: t.Final = 1 << 31
"""Indexes from here on need the private key."""


def is_point(key: bytes) -> bool:
    """Tell whether 33 or 65 bytes are a public key."""
    return len(key) in (33, 65) and bool(
        lib.secp256k1_ec_pubkey_parse(_CONTEXT, ffi.new("secp256k1_pubkey *"), key, len(key))
    )


def is_private(number: bytes) -> bool:
    """Tell whether 32 bytes are a private key: above zero and below the order."""
    return len(number) == 32 and bool(lib.secp256k1_ec_seckey_verify(_CONTEXT, number))


def children(key: bytes, chain: bytes, first: int, count: int) -> tuple[Bytes, Bytes]:
    """Derive children ``first`` to ``first + count - 1`` of a public key (BIP 32, CKDpub).

    ``key``: 33 bytes; ``chain``: 32. Return uint8[count, 33] and uint8[count, 32]: keys and chain codes. One in 2**127
    indexes has none: its rows are zeros. Raises ValueError where the key is no point, or an index is hardened.
    """
    if not 0 <= first <= first + count <= HARDENED:
        raise ValueError(f"indexes {first} to {first + count} are not between 0 and 2**31")
    parent, child = _pair(key)
    both = ffi.new("secp256k1_pubkey *[2]", [parent, child])
    made, length = ffi.new("secp256k1_pubkey *"), ffi.new("size_t *", 33)
    keys, chains = np.zeros((count, 33), np.uint8), np.zeros((count, 32), np.uint8)
    if not count:
        return keys, chains
    into, codes = ffi.from_buffer("unsigned char[]", keys), chains.data.cast("B")
    inner, outer = _hmac(chain)
    create, combine, serialize = (
        lib.secp256k1_ec_pubkey_create, lib.secp256k1_ec_pubkey_combine, lib.secp256k1_ec_pubkey_serialize,
    )  # fmt: skip
    for at in range(count):
        one, two = inner.copy(), outer.copy()
        one.update(key + (first + at).to_bytes(4))
        two.update(one.digest())
        told = two.digest()
        if create(_CONTEXT, child, told) and combine(_CONTEXT, made, both, 2):
            serialize(_CONTEXT, into + 33 * at, length, made, _COMPRESSED)
            codes[32 * at : 32 * at + 32] = told[32:]
    return keys, chains


def electrum(master: bytes, branch: int, first: int, count: int) -> Bytes:
    """Derive children of a master public key of Electrum 1 (64 bytes), as it did before BIP 32; uint8[count, 65].

    Source: Electrum, ``keystore.py``, ``Old_KeyStore``: SHA-256d of ``index:branch:`` and the key, times G, is added.
    """
    parent, child, made = (ffi.new("secp256k1_pubkey *") for _ in range(3))
    if len(master) != 64 or not lib.secp256k1_ec_pubkey_parse(_CONTEXT, parent, b"\4" + master, 65):
        raise ValueError("the master key is no point of the curve")
    both, length = ffi.new("secp256k1_pubkey *[2]", [parent, child]), ffi.new("size_t *", 65)
    out = np.zeros((count, 65), np.uint8)
    if not count:
        return out
    into = ffi.from_buffer("unsigned char[]", out)
    for at in range(count):
        tweak = sha256d(f"{first + at}:{branch}:".encode() + master)
        if lib.secp256k1_ec_pubkey_create(_CONTEXT, child, tweak):
            lib.secp256k1_ec_pubkey_combine(_CONTEXT, made, both, 2)
            lib.secp256k1_ec_pubkey_serialize(_CONTEXT, into + 65 * at, length, made, _UNCOMPRESSED)
    return out


def tapped(keys: Bytes, roots: t.Sequence[bytes] | None = None) -> Bytes:
    """Return uint8[n, 32], the output keys of taproot (BIP 341) for internal keys uint8[n, 33].

    ``roots``: the merkle root of each one's tree of scripts; none: it is spent by key alone (BIP 86). Raises ValueError
    where a key is no point.
    """
    out = np.zeros((len(keys), 32), np.uint8)
    if not len(keys):
        return out
    mark = hashlib.sha256(b"TapTweak").digest()
    begun = hashlib.sha256(mark + mark)
    made, length, buffer = ffi.new("secp256k1_pubkey *"), ffi.new("size_t *", 33), ffi.new("unsigned char[33]")
    inner, tweak = ffi.new("secp256k1_pubkey *"), ffi.new("secp256k1_pubkey *")
    both = ffi.new("secp256k1_pubkey *[2]", [inner, tweak])
    flat, whole = keys.tobytes(), out.data.cast("B")
    for at in range(len(keys)):
        x = flat[33 * at + 1 : 33 * at + 33]
        one = begun.copy()
        one.update(x + roots[at] if roots else x)
        if not lib.secp256k1_ec_pubkey_parse(_CONTEXT, inner, b"\2" + x, 33):
            raise ValueError("an internal key is no point of the curve")
        if lib.secp256k1_ec_pubkey_create(_CONTEXT, tweak, one.digest()):
            lib.secp256k1_ec_pubkey_combine(_CONTEXT, made, both, 2)
            lib.secp256k1_ec_pubkey_serialize(_CONTEXT, buffer, length, made, _COMPRESSED)
            whole[32 * at : 32 * at + 32] = bytes(buffer)[1:]
    return out


def _pair(key: bytes) -> tuple[t.Any, t.Any]:
    parent = ffi.new("secp256k1_pubkey *")
    if len(key) != 33 or not lib.secp256k1_ec_pubkey_parse(_CONTEXT, parent, key, 33):
        raise ValueError("the parent key is no point of the curve")
    return parent, ffi.new("secp256k1_pubkey *")


def _hmac(key: bytes) -> tuple[t.Any, t.Any]:
    """Return HMAC-SHA512 begun with a key of 32 bytes, inner and outer: each child goes on from a copy (RFC 2104)."""
    filled = key.ljust(128, b"\0")
    return tuple(hashlib.sha512(bytes(one ^ pad for one in filled)) for pad in (0x36, 0x5C))  # type: ignore[return-value] # two of them
