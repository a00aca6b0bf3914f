"""Base 58: as Bitcoin checks it (double SHA-256), and as Monero cuts it into blocks."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.coins.hashing import Bytes, each, sha256d

DIGITS: t.Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MOST: t.Final = 120
"""Characters that are looked at: an extended key has 112, a Monero address 106."""
_VALUES: t.Final = {digit: value for value, digit in enumerate(DIGITS)}
_BLOCKS: t.Final = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
"""Bytes by digits (Monero, ``base58.cpp``)."""
_FIVE: t.Final = 58**5
_WIDTH: t.Final = 35
"""Digits of 25 bytes, at most."""


def checked(text: str) -> bytes | None:
    """Return what a base58check text holds, without its checksum; None where that does not hold.

    Source: Bitcoin Core, ``base58.cpp``: four bytes of SHA-256 of SHA-256; each leading ``1`` is a zero byte.
    """
    number = _number(text) if len(text) <= MOST else None
    if number is None:
        return None
    zeros = len(text) - len(text.lstrip("1"))
    held = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
    body, check = held[:-4], held[-4:]
    return body if body and sha256d(body)[:4] == check else None


def written(body: bytes) -> str:
    """Return bytes as base58check: what ``checked`` gives back."""
    held = body + sha256d(body)[:4]
    number, out = int.from_bytes(held), ""
    while number:
        number, digit = divmod(number, 58)
        out = DIGITS[digit] + out
    return "1" * (len(held) - len(held.lstrip(b"\0"))) + out


def addresses(version: int, hashes: Bytes) -> list[str]:
    """Return the addresses of uint8[n, 20] with a version byte, as ``written`` would one by one."""
    held = np.empty((len(hashes), 28), np.uint8)  # 25 bytes, right of three zeros: seven words
    held[:, :3], held[:, 3], held[:, 4:24] = 0, version, hashes
    held[:, 24:] = each(np.ascontiguousarray(held[:, 3:24]), sha256d, 32)[:, :4]
    words = held.view(">u4").astype(np.uint64)
    digits = np.empty((len(held), _WIDTH), np.uint8)
    for at in range(_WIDTH - 5, -1, -5):
        rest = np.zeros(len(held), np.uint64)
        for word in range(7):
            rest = rest << np.uint64(32) | words[:, word]
            words[:, word], rest = np.divmod(rest, np.uint64(_FIVE))
        for place in range(4, -1, -1):
            rest, digits[:, at + place] = np.divmod(rest, np.uint64(58))
    zeros = np.argmax(held[:, 3:] != 0, axis=1)
    # An address of nothing but zeros has its checksum, so there always is a digit and a byte that is none.
    starts = np.argmax(digits != 0, axis=1) - zeros
    text = np.frombuffer(DIGITS.encode(), np.uint8)[digits].tobytes().decode()
    return [
        text[at + start : at + _WIDTH] for at, start in zip(range(0, len(text), _WIDTH), starts.tolist(), strict=True)
    ]


def blocks(text: str) -> bytes | None:
    """Return the bytes of Monero's base 58, blocks of 11 digits, 8 bytes each; None where it is none."""
    out = b""
    for at in range(0, len(text), 11):
        block = text[at : at + 11]
        number, many = _number(block), _BLOCKS.get(len(block))
        if number is None or many is None or number >> (8 * many):
            return None
        out += number.to_bytes(many)
    return out


def _number(text: str) -> int | None:
    number = 0
    for digit in text:
        value = _VALUES.get(digit)
        if value is None:
            return None
        number = number * 58 + value
    return number
