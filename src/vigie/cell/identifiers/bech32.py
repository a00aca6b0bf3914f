"""Addresses of segregated witness: bech32 and bech32m (BIP-173, BIP-350)."""

from __future__ import annotations

import functools
import operator
import typing as t

DIGITS: t.Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: t.Final = {digit: value for value, digit in enumerate(DIGITS)}
_GENERATOR: t.Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_TERMS: t.Final = [
    functools.reduce(operator.xor, (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1), 0)
    for top in range(32)
]
"""What the five bits that are shifted out add."""
_BECH32, _BECH32M = 1, 0x2BC830A3
MOST: t.Final = 90


def address(text: str, prefixes: tuple[str, ...]) -> str | None:
    """Return a segwit address in lower case; None where checksum, version or length do not hold.

    ``prefixes``: of the networks that count. Version 0 is bech32 with 20 or 32 bytes, 1 to 16 are bech32m with 2 to 40.
    """
    low = text.lower()
    if len(text) > MOST or text not in (low, text.upper()):
        return None
    prefix, _, digits = low.rpartition("1")
    if prefix not in prefixes or len(digits) < 8 or digits.strip(DIGITS):
        return None
    data = [_VALUES[digit] for digit in digits]
    version, program = data[0], _bytes(data[1:-6])
    if version > 16 or program is None or not 2 <= len(program) <= 40 or (not version and len(program) not in (20, 32)):
        return None
    return low if _polymod(prefix, data) == (_BECH32M if version else _BECH32) else None


def _polymod(prefix: str, data: list[int]) -> int:
    check = 1
    for value in (*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix), *data):
        check = (check & 0x1FFFFFF) << 5 ^ value ^ _TERMS[check >> 25]
    return check


def _bytes(data: list[int]) -> bytes | None:
    """Return groups of five bits as bytes; None where what is left over is more than padding."""
    number = 0
    for value in data:
        number = number << 5 | value
    over = len(data) * 5 % 8
    return None if over >= 5 or number & ((1 << over) - 1) else (number >> over).to_bytes(len(data) * 5 // 8)
