"""Base 58: as Bitcoin checks it (double SHA-256), and as Monero cuts it into blocks."""

from __future__ import annotations

import hashlib
import typing as t

DIGITS: t.Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES: t.Final = {digit: value for value, digit in enumerate(DIGITS)}
_BLOCKS: t.Final = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
"""Bytes by digits (Monero, ``base58.cpp``)."""


def checked(text: str) -> bytes | None:
    """Return what a base58check text holds, without its checksum; None where that does not hold.

    Source: Bitcoin Core, ``base58.cpp``: four bytes of SHA-256 of SHA-256; each leading ``1`` is a zero byte.
    """
    number = _number(text)
    if number is None:
        return None
    zeros = len(text) - len(text.lstrip("1"))
    held = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
    body, check = held[:-4], held[-4:]
    return body if body and hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check else None


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
