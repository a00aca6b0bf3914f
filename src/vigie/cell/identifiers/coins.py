"""Addresses of Bitcoin, Litecoin, Dogecoin and Tron, and private keys that look like them, by version and checksum."""

from __future__ import annotations

import re
import typing as t

from vigie.numeric.coins import base58, bech32, extended, scripts

_VERSIONS: t.Final = {0x30: "ltc", 0x32: "ltc", 0x1E: "doge", 0x16: "doge", 0x41: "trx"}
"""First byte of 21 (``chainparams.cpp`` of each; TRON's documentation), of others than Bitcoin. 0x05 was
Litecoin's until 2017 too: it is told as Bitcoin's."""
_INVOICE: t.Final = re.compile(r"ln(bcrt|bc|tbs|tb|sb)(\d+[munp]?)?\Z")
"""Prefix of a network and an amount (BOLT 11)."""
_PRIVATE: t.Final = {0x80, 0xEF, 0xB0, 0x9E}
"""Wallet import format of Bitcoin, its test networks, Litecoin and Dogecoin: 33 bytes, or 34 of a compressed key."""
_EXTENDED: t.Final = 78
"""Bytes of an extended key (BIP-32); a private one has a zero before its 32 bytes."""
_BIP38: t.Final = (b"\x01\x42", b"\x01\x43")


def address(text: str) -> tuple[str, str] | None:
    """Return kind and normal form of an address: base 58 as it stands, bech32 in lower case."""
    said = scripts.read(text)
    if said is not None:
        return ("btc" if said.network == "main" else "btctest"), said.text
    if text[:4].lower() == "ltc1":
        told = bech32.told(text)
        return ("ltc", text.lower()) if told and told.prefix == "ltc" and bech32.program(told) else None
    body = base58.checked(text)
    if body is None or len(body) != 21 or body[0] not in _VERSIONS:
        return None
    return _VERSIONS[body[0]], text


def invoice(text: str) -> str | None:
    """Return a Lightning invoice in lower case, where its checksum holds (BOLT 11: long bech32)."""
    told = bech32.told(text, most=4096)
    if told is None or told.constant != bech32.BECH32 or not _INVOICE.match(told.prefix) or len(told.data) < 7 + 104:
        return None
    return text.lower()


def silent(text: str) -> str | None:
    """Return an address of silent payments in lower case (BIP 352): two keys or more, bech32m of up to 1,023 digits."""
    told = bech32.told(text, most=1023)
    if told is None or told.constant != bech32.BECH32M or told.prefix not in ("sp", "tsp") or not told.data:
        return None
    held = bech32.unpacked(told.data[1:])
    return text.lower() if held is not None and len(held) >= 66 and (told.data[0] or len(held) == 66) else None


def extended_public(text: str) -> str | None:
    """Return an extended public key as it stands, where all that BIP 32 asks holds; of any prefix (SLIP 132)."""
    return text if extended.read(text) else None


def transaction(text: str) -> str | None:
    """Return what may be the id of a transaction, in lower case: 64 digits that are no text, nor of few different ones.

    Nothing checks it but a chain that holds it.
    """
    low = text.lower()
    if text not in (low, text.upper()) or len(set(low)) < 8 or low.isdecimal() or low.strip("0123456789abcdef"):
        return None
    return None if all(32 <= one < 127 for one in bytes.fromhex(low)) else low


def private(text: str) -> bool:
    """Return whether it is a private key: WIF, an extended one (BIP-32, SLIP-132), or one under a password (BIP-38)."""
    body = base58.checked(text)
    if body is None:
        return False
    if len(body) in (33, 34):
        return body[0] in _PRIVATE and (len(body) == 33 or body[33] == 1)
    return (len(body) == _EXTENDED and not body[45]) or (len(body) == 39 and body[:2] in _BIP38)
