"""Bitcoin addresses, many at once, into the scripts they stand for: base58check, bech32 and bech32m by columns.

Sources: Bitcoin Core ``base58.cpp`` and ``key_io.cpp``; BIP 173, BIP 350. In C (``native/coins.c``) 3 million a
second, by columns without it 0.4.
"""

from __future__ import annotations

import ctypes
import hashlib
import typing as t

import numpy as np

from vigie.numeric import sha256
from vigie.numeric.native import NATIVE, Native

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLOCK: t.Final = 1 << 15
"""Addresses at a time: their numbers stay in the cache."""
_FIVE: t.Final = 58**5
_BODY: t.Final = 25
"""Bytes of version, hash and checksum."""
_MOST_DIGITS: t.Final = 35
_KEY_HASH, _SCRIPT_HASH = (0x00, 0x6F), (0x05, 0xC4)
_PREFIXES: t.Final = ("bc", "tb", "bcrt")
_MOST_SCRIPT: t.Final = 42
_GENERATOR: t.Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M: t.Final = 0x2BC830A3


def _places(digits: str) -> NDArray[np.uint8]:
    table = np.full(256, 255, np.uint8)
    table[np.frombuffer(digits.encode(), np.uint8)] = np.arange(len(digits))
    return table


_BASE58: t.Final = _places("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
_BASE32: t.Final = _places("qpzry9x8gf2tvdw0s3jn54khce6mua7l")


def scripts(addresses: Sequence[str], *, native: Native | None = NATIVE) -> list[bytes]:
    """Return the script of each address, of any of Bitcoin's networks; ``b""`` where it is none or does not hold."""
    if native is None:
        return scripts_by_columns(addresses)
    text = "".join(addresses).encode("ascii", "replace")  # one byte for each character
    ends = np.cumsum(np.fromiter(map(len, addresses), np.int64, len(addresses)))
    out = np.empty((len(addresses), _MOST_SCRIPT), np.uint8)
    sizes = np.empty(len(addresses), np.uint8)
    at = ctypes.c_void_p
    native.lib.coins_scripts(ctypes.c_int(sha256.form(native)), ctypes.c_char_p(text), at(ends.ctypes.data),
                             ctypes.c_int64(len(addresses)), at(out.ctypes.data), at(sizes.ctypes.data))  # fmt: skip
    held = out.tobytes()
    return [held[at : at + size] for at, size in zip(range(0, len(held), _MOST_SCRIPT), sizes.tolist(), strict=True)]


def scripts_by_columns(addresses: Sequence[str]) -> list[bytes]:
    """Do the same without the library: the judge of the C."""
    out = [b""] * len(addresses)
    old: list[int] = []
    witness: dict[tuple[str, int], list[int]] = {}
    for at, one in enumerate(addresses):
        if one[:1] in "123mn" and 26 <= len(one) <= _MOST_DIGITS:
            old.append(at)
        elif prefix := _prefix(one):
            witness.setdefault((prefix, len(one)), []).append(at)
    for start in range(0, len(old), BLOCK):
        part = old[start : start + BLOCK]
        for at, script in zip(part, _base58([addresses[at] for at in part]), strict=True):
            out[at] = script
    for (prefix, _), places in witness.items():
        for start in range(0, len(places), BLOCK):
            part = places[start : start + BLOCK]
            for at, script in zip(part, _bech32(prefix, [addresses[at].lower() for at in part]), strict=True):
                out[at] = script
    return out


def _prefix(text: str) -> str:
    """Return the human-readable part of what may be a segwit address, all in one case."""
    if not (14 <= len(text) <= 90 and text.isascii()) or text not in (text.lower(), text.upper()):
        return ""
    prefix = text.lower().rpartition("1")[0]
    return prefix if prefix in _PREFIXES else ""


def _digits(texts: list[str], width: int, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return [n, width] values of digits, 255 for what is none; shorter texts are filled from the left with zeros."""
    joined = "".join(one.rjust(width, "1") for one in texts).encode("ascii", "replace")
    return table[np.frombuffer(joined, np.uint8)].reshape(len(texts), width)


def _base58(texts: list[str]) -> list[bytes]:
    digits = _digits(texts, _MOST_DIGITS, _BASE58)
    good = (digits < 58).all(axis=1)
    limbs = [np.zeros(len(texts), np.uint64) for _ in range(7)]  # 32 bits each, lowest first
    low = np.uint64(0xFFFFFFFF)
    for at in range(0, _MOST_DIGITS, 5):
        carry = np.zeros(len(texts), np.uint64)
        for place in range(at, at + 5):
            carry = carry * np.uint64(58) + digits[:, place]
        for place, limb in enumerate(limbs):
            carry += limb * np.uint64(_FIVE)
            limbs[place], carry = carry & low, carry >> np.uint64(32)
    whole = np.stack(limbs[::-1], axis=1).astype(">u4").view(np.uint8)
    good &= ~whole[:, : whole.shape[1] - _BODY].any(axis=1)
    body = whole[:, -_BODY:]
    # a leading "1" is a zero byte, so that a text and what it holds are one to one
    ones = np.array([len(one) - len(one.lstrip("1")) for one in texts])
    zeros = np.where(body.any(axis=1), (body != 0).argmax(axis=1), _BODY)
    good &= ones == zeros
    held = body.tobytes()
    out = []
    sha256 = hashlib.sha256
    for at, fits in enumerate(good.tolist()):
        one = held[at * _BODY : (at + 1) * _BODY]
        if not fits or sha256(sha256(one[:21]).digest()).digest()[:4] != one[21:]:
            out.append(b"")
        elif one[0] in _KEY_HASH:
            out.append(b"\x76\xa9\x14" + one[1:21] + b"\x88\xac")
        else:
            out.append(b"\xa9\x14" + one[1:21] + b"\x87" if one[0] in _SCRIPT_HASH else b"")
    return out


def _bech32(prefix: str, texts: list[str]) -> list[bytes]:
    """Return the scripts of texts of one length under one prefix, in lower case."""
    digits = _digits([one[len(prefix) + 1 :] for one in texts], len(texts[0]) - len(prefix) - 1, _BASE32)
    if digits.shape[1] < 8:
        return [b""] * len(texts)
    good = (digits < 32).all(axis=1)
    check = np.full(len(texts), _started(prefix), np.uint32)
    for column in digits.T:
        top = check >> np.uint32(25)
        check = (check & np.uint32(0x1FFFFFF)) << np.uint32(5) ^ column
        for bit, term in enumerate(_GENERATOR):
            check ^= np.where(top >> np.uint32(bit) & np.uint32(1), np.uint32(term), np.uint32(0))
    version = digits[:, 0]
    good &= np.where(version == 0, check == 1, check == _BECH32M) & (version <= 16)
    bits = np.unpackbits(digits[:, 1:-6, None], axis=2)[:, :, 3:].reshape(len(texts), -1)
    whole = bits.shape[1] // 8 * 8
    if bits.shape[1] - whole > 4 or not 2 <= whole // 8 <= 40:
        return [b""] * len(texts)
    good &= ~bits[:, whole:].any(axis=1)
    if whole // 8 not in (20, 32):
        good &= version != 0
    programs = np.packbits(bits[:, :whole], axis=1)
    size = bytes([whole // 8])
    return [
        bytes([number + 0x50 if number else 0]) + size + program.tobytes() if fits else b""
        for fits, number, program in zip(good.tolist(), version.tolist(), programs, strict=True)
    ]


def _started(prefix: str) -> int:
    check = 1
    for value in (*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix)):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            check ^= term if top >> bit & 1 else 0
    return check
