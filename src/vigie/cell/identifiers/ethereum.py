"""Ethereum addresses."""

from __future__ import annotations

import typing as t

from vigie.cell.identifiers.keccak import keccak256


def address(text: str) -> tuple[str, bool] | None:
    """Return ``0x`` and 40 digits in lower case, and whether a checksum holds; None where its case is a wrong one.

    Source: EIP-55: a letter is a capital where the nibble of Keccak-256 of the digits in lower case is 8 or more. One
    that is all in lower or all in upper case has no checksum.
    """
    digits = text[2:]
    low = digits.lower()
    if len(set(low)) < 4:
        return None  # of nobody: zeros and the like
    if digits in (low, digits.upper()):
        return "0x" + low, False
    nibbles = keccak256(low.encode()).hex()[: len(digits)]
    has, wants = (int(text.translate(of), 4) for text, of in ((digits, _CASES), (nibbles, _WANTED)))
    return None if (has ^ wants) & int(low.translate(_LETTERS), 4) else ("0x" + low, True)


_LOW, _CAPITAL = "abcdef", "ABCDEF"
_CASES: t.Final = str.maketrans("0123456789" + _LOW + _CAPITAL, "0" * 10 + "1" * 6 + "2" * 6)
"""Of each digit two bits: none, a small letter, a capital."""
_WANTED: t.Final = str.maketrans("0123456789" + _LOW, "1" * 8 + "2" * 8)
_LETTERS: t.Final = str.maketrans("0123456789" + _LOW, "0" * 10 + "3" * 6)
