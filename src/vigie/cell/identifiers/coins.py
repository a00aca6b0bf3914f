"""Addresses of Bitcoin, Litecoin, Dogecoin and Tron, and private keys that look like them, by version and checksum."""

from __future__ import annotations

import typing as t

from vigie.cell.identifiers import base58, bech32

_VERSIONS: t.Final = {0x00: "btc", 0x05: "btc", 0x30: "ltc", 0x32: "ltc", 0x1E: "doge", 0x16: "doge", 0x41: "trx"}
"""First byte of 21 (``chainparams.cpp`` of each; TRON's documentation). 0x05 was Litecoin's until 2017 too: it is told
as Bitcoin's."""
_PRIVATE: t.Final = {0x80, 0xEF, 0xB0, 0x9E}
"""Wallet import format of Bitcoin, its test networks, Litecoin and Dogecoin: 33 bytes, or 34 of a compressed key."""
_EXTENDED: t.Final = 78
"""Bytes of an extended key (BIP-32); a private one has a zero before its 32 bytes."""
_BIP38: t.Final = (b"\x01\x42", b"\x01\x43")


def address(text: str) -> tuple[str, str] | None:
    """Return kind and normal form of an address: base 58 as it stands, bech32 in lower case."""
    low = text[:4].lower()
    if low.startswith("bc1") or low == "ltc1":
        whole = bech32.address(text, ("bc", "ltc"))
        return None if whole is None else ("btc" if low.startswith("bc1") else "ltc", whole)
    body = base58.checked(text)
    if body is None or len(body) != 21 or body[0] not in _VERSIONS:
        return None
    return _VERSIONS[body[0]], text


def private(text: str) -> bool:
    """Return whether it is a private key: WIF, an extended one (BIP-32, SLIP-132), or one under a password (BIP-38)."""
    body = base58.checked(text)
    if body is None:
        return False
    if len(body) in (33, 34):
        return body[0] in _PRIVATE and (len(body) == 33 or body[33] == 1)
    return (len(body) == _EXTENDED and not body[45]) or (len(body) == 39 and body[:2] in _BIP38)
