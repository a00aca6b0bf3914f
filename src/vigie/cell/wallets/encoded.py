"""Addresses and extended keys, as text and as what they stand for (base58check; BIP 32, 173, 350; SLIP-132)."""

from __future__ import annotations

import hashlib
import typing as t

from Cryptodome.Hash import RIPEMD160

from vigie.numeric.coins import base58, bech32

PREFIXES: t.Final = {"bc": "main", "tb": "test", "bcrt": "regtest"}
"""Of segwit addresses. ``test``: signet and testnet4 have the same; base58 has them for regtest too."""
_VERSIONS: t.Final = {0x00: ("main", "p2pkh"), 0x05: ("main", "p2sh"), 0x6F: ("test", "p2pkh"), 0xC4: ("test", "p2sh")}
_EXTENDED: t.Final[dict[bytes, tuple[str, str, bool]]] = {
    bytes.fromhex("0488b21e"): ("main", "", False), bytes.fromhex("0488ade4"): ("main", "", True),
    bytes.fromhex("043587cf"): ("test", "", False), bytes.fromhex("04358394"): ("test", "", True),
    bytes.fromhex("049d7cb2"): ("main", "p2sh", False), bytes.fromhex("049d7878"): ("main", "p2sh", True),
    bytes.fromhex("04b24746"): ("main", "p2wpkh", False), bytes.fromhex("04b2430c"): ("main", "p2wpkh", True),
    bytes.fromhex("044a5262"): ("test", "p2sh", False), bytes.fromhex("044a4e28"): ("test", "p2sh", True),
    bytes.fromhex("045f1cf6"): ("test", "p2wpkh", False), bytes.fromhex("045f18bc"): ("test", "p2wpkh", True),
    bytes.fromhex("0295b43f"): ("main", "p2sh", False), bytes.fromhex("0295b005"): ("main", "p2sh", True),
    bytes.fromhex("02aa7ed3"): ("main", "p2wsh", False), bytes.fromhex("02aa7a99"): ("main", "p2wsh", True),
    bytes.fromhex("024289ef"): ("test", "p2sh", False), bytes.fromhex("024285b5"): ("test", "p2sh", True),
    bytes.fromhex("02575483"): ("test", "p2wsh", False), bytes.fromhex("02575048"): ("test", "p2wsh", True),
}  # fmt: skip
"""Version of an extended key -> network, kind of script that it hints at, is it private? (BIP 32, SLIP-132)."""
_PUBLIC: t.Final = {"main": bytes.fromhex("0488b21e"), "test": bytes.fromhex("043587cf")}


class Extended(t.NamedTuple):
    """An extended key (BIP 32)."""

    network: str
    script_type: str
    """What its prefix hints at; ``""``: nothing."""
    private: bool
    depth: int
    payload: bytes
    """74 bytes: depth, parent's fingerprint, child number, chain code, key."""


def hash160(data: bytes) -> bytes:
    """Return RIPEMD-160 of SHA-256. Of a library: a system's OpenSSL may lack it."""
    return RIPEMD160.new(hashlib.sha256(data).digest()).digest()


def base58check(data: bytes) -> str:
    """Write bytes with their checksum."""
    held = data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, out = int.from_bytes(held), ""
    while number:
        number, rest = divmod(number, 58)
        out = base58.DIGITS[rest] + out
    return "1" * (len(held) - len(held.lstrip(b"\0"))) + out


def extended(text: str) -> Extended | None:
    """Read an extended key; None where it is none."""
    held = base58.checked(text) if len(text) in (111, 112) else None
    known = _EXTENDED.get(held[:4]) if held and len(held) == 78 else None
    return Extended(*known, held[4], held[4:]) if held and known else None


def xpub(payload: bytes, network: str) -> str:
    """Write the 74 bytes of an extended public key as ``xpub``, or ``tpub`` on a network that is not the main one."""
    return base58check(_PUBLIC["main" if network == "main" else "test"] + payload)


def script_of(address: str) -> tuple[bytes, str]:
    """Return the script of an address and its network; both empty where it is none of Bitcoin's."""
    if (held := base58.checked(address)) and len(held) == 21 and held[0] in _VERSIONS:
        network, kind = _VERSIONS[held[0]]
        script = b"\x76\xa9\x14" + held[1:] + b"\x88\xac" if kind == "p2pkh" else b"\xa9\x14" + held[1:] + b"\x87"
        return script, network
    low = bech32.segwit(address, tuple(PREFIXES))
    if low is None:
        return b"", ""
    prefix, _, digits = low.rpartition("1")
    values = [bech32.DIGITS.index(one) for one in digits[:-6]]
    number = 0
    for value in values[1:]:
        number = number << 5 | value
    many = (len(values) - 1) * 5 // 8
    program = (number >> ((len(values) - 1) * 5 - many * 8)).to_bytes(many)
    return bytes([0x50 + values[0] if values[0] else 0, many]) + program, PREFIXES[prefix]
