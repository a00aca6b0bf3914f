"""Addresses of onion services, version 3."""

from __future__ import annotations

import base64
import hashlib


def address(text: str) -> str | None:
    """Return 56 digits of base 32 and ``.onion`` in lower case, where the checksum holds.

    Source: Tor's rend-spec-v3, 6: key, two bytes of SHA3-256 of ``.onion checksum``, key and version; version 3.
    """
    digits = text[:56].upper()
    if not all("A" <= digit <= "Z" or "2" <= digit <= "7" for digit in digits):
        return None
    held = base64.b32decode(digits)
    key, check, version = held[:32], held[32:34], held[34:]
    right = hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == check and version == b"\x03"
    return f"{digits.lower()}.onion" if right else None
