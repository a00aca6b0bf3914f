"""Output scripts and addresses, both ways, of all networks; and an output script's kind."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.coins import base58, bech32
from vigie.numeric.coins.hashing import Bytes

PREFIXES: t.Final = {"bc": "main", "tb": "test", "bcrt": "regtest"}
"""Human-readable parts of segwit addresses. testnet4 and signet have that of the test network."""
_HRPS: t.Final = {"main": "bc", "test": "tb", "testnet4": "tb", "signet": "tb", "regtest": "bcrt"}
VERSIONS: t.Final = {0x00: ("main", "p2pkh"), 0x05: ("main", "p2sh"), 0x6F: ("test", "p2pkh"), 0xC4: ("test", "p2sh")}
"""First byte of 21. The test networks, regtest too, share theirs: they are told as ``test``."""
_KEY_HASH, _SCRIPT_HASH = {"main": 0x00}, {"main": 0x05}
_OP_1: t.Final = 0x51
_ANCHOR: t.Final = bytes.fromhex("51024e73")


class Address(t.NamedTuple):
    """What an address says."""

    network: str
    """``main``, ``test`` (or another of its kind: the prefix does not tell), ``regtest``."""
    type: str
    """One of ``rows.money.SCRIPT_TYPES``."""
    script: bytes
    text: str
    """In normal form: bech32 in lower case."""


def read(text: str) -> Address | None:
    """Return what an address of Bitcoin's networks says; None where it is none, or its checksum does not hold."""
    prefix = text[:5].lower().rpartition("1")[0] if text[:2].lower() in ("bc", "tb") else ""
    if prefix in PREFIXES:
        told = bech32.told(text)
        held = bech32.program(told) if told else None
        if told is None or held is None or told.prefix not in PREFIXES:
            return None
        script = witness(*held)
        return Address(PREFIXES[told.prefix], kind(script), script, text.lower())
    body = base58.checked(text) if 25 <= len(text) <= 36 else None
    if body is None or len(body) != 21 or body[0] not in VERSIONS:
        return None
    network, type_ = VERSIONS[body[0]]
    return Address(network, type_, key_hash(body[1:]) if type_ == "p2pkh" else script_hash(body[1:]), text)


def address(script: bytes, network: str) -> str:
    """Return a script's address on one of ``rows.money.NETWORKS``; ``""``: this kind has none."""
    return addresses(np.frombuffer(script, np.uint8).reshape(1, -1), kind(script), network)[0]


def addresses(scripts: Bytes, type_: str, network: str) -> list[str]:
    """Return the addresses of uint8[n, width], all of one kind; ``""`` each: this kind has none."""
    if type_ == "p2pkh":
        return base58.addresses(_KEY_HASH.get(network, 0x6F), scripts[:, 3:23])
    if type_ == "p2sh":
        return base58.addresses(_SCRIPT_HASH.get(network, 0xC4), scripts[:, 2:22])
    if type_ in ("p2wpkh", "p2wsh", "p2tr", "anchor", "witness") and len(scripts):
        first = int(scripts[0, 0])
        return bech32.addresses(_HRPS[network], first - _OP_1 + 1 if first else 0, scripts[:, 2:])
    return [""] * len(scripts)


def kind(script: bytes) -> str:  # noqa: PLR0911 - one line for each kind
    """Return which of ``rows.money.SCRIPT_TYPES`` an output script is, as Bitcoin Core's ``Solver`` tells them."""
    many = len(script)
    if many == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return "p2pkh"
    if many == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return "p2sh"
    if script == _ANCHOR:
        return "anchor"
    if 4 <= many <= 42 and (not script[0] or _OP_1 <= script[0] <= _OP_1 + 15) and script[1] == many - 2 >= 2:
        if not script[0]:
            return {22: "p2wpkh", 34: "p2wsh"}.get(many, "nonstandard")
        return "p2tr" if script[0] == _OP_1 and many == 34 else "witness"
    if many in (35, 67) and script[0] == many - 2 and script[-1] == 0xAC and _is_key(script[1:-1]):
        return "p2pk"
    if script[:1] == b"\x6a" and _only_pushes(script[1:]):
        return "op_return"
    return "multisig" if _is_multisig(script) else "nonstandard"


def key_hash(held: bytes) -> bytes:
    """Return the P2PKH script of 20 bytes."""
    return b"\x76\xa9\x14" + held + b"\x88\xac"


def script_hash(held: bytes) -> bytes:
    """Return the P2SH script of 20 bytes."""
    return b"\xa9\x14" + held + b"\x87"


def witness(version: int, program: bytes) -> bytes:
    """Return the script of a witness program."""
    return bytes([version + _OP_1 - 1 if version else 0, len(program)]) + program


def _is_key(key: bytes) -> bool:
    return (len(key) == 33 and key[0] in (2, 3)) or (len(key) == 65 and key[0] in (4, 6, 7))


def _only_pushes(rest: bytes) -> bool:
    at = 0
    while at < len(rest):
        code = rest[at]
        if code > 0x60:
            return False
        wide = {0x4C: 1, 0x4D: 2, 0x4E: 4}.get(code, 0)
        at += (
            1 + wide + (int.from_bytes(rest[at + 1 : at + 1 + wide], "little") if wide else code if code < 0x4C else 0)
        )
    return at == len(rest)


def _is_multisig(script: bytes) -> bool:
    """M keys of n, with numbers up to 16 as one byte each and up to 20 pushed (``MatchMultisig``)."""
    if len(script) < 3 or script[-1] != 0xAE:
        return False
    at, found = 0, 0
    needed, at = _number(script, at)
    while at < len(script) and script[at] in (33, 65) and _is_key(script[at + 1 : at + 1 + script[at]]):
        at += 1 + script[at]
        found += 1
    there, at = _number(script, at)
    return at == len(script) - 1 and 1 <= needed <= there == found <= 20


def _number(script: bytes, at: int) -> tuple[int, int]:
    if at < len(script) and _OP_1 <= script[at] <= _OP_1 + 15:
        return script[at] - _OP_1 + 1, at + 1
    if script[at : at + 1] == b"\x01" and 17 <= script[at + 1] <= 20:
        return script[at + 1], at + 2
    return 0, len(script) + 1
