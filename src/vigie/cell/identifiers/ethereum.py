"""Ethereum addresses."""

from __future__ import annotations

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
    nibbles = keccak256(low.encode()).hex()
    right = all(one.isdigit() or one.isupper() == (nibbles[at] >= "8") for at, one in enumerate(digits))
    return ("0x" + low, True) if right else None
