"""Tox IDs."""

from __future__ import annotations


def identifier(text: str) -> str | None:
    """Return the public key of a Tox ID, 64 hexadecimal digits in upper case, where the ID's checksum holds.

    An ID is key (32 bytes), nospam (4) and checksum (2: exclusive or of all pairs of bytes; Tox specification,
    "Messenger", Tox ID). Whoever is spammed changes the nospam: the key stays, and is what two are compared by.
    """
    held = bytes.fromhex(text)
    even, odd = 0, 0
    for at in range(0, 38, 2):
        even, odd = even ^ held[at], odd ^ held[at + 1]
    return None if even or odd or not any(held) else text[:64].upper()
