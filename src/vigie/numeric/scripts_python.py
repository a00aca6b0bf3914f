"""What scripts tell without being run: the judge of ``native/scripts.c``, and what works without it."""

from __future__ import annotations

import typing as t

P2PK, P2PKH, P2SH, MULTISIG, P2WPKH, P2WSH, P2TR, ANCHOR, WITNESS, OP_RETURN, NONSTANDARD = range(1, 12)
"""Places in ``rows.money.SCRIPT_TYPES``."""
ANYONE_CAN_PAY, LOW_R, COMPRESSED, SIGNED = 4, 8, 16, 32
_HIGH_R: t.Final = 64
_MOST_CONTROL: t.Final = 33 + 32 * 128


def kind(script: bytes) -> int:
    """Return what an output's script is, as Core's ``Solver`` has it, but that all that begin OP_RETURN are that.

    Keys of P2PK and multisig have a length that fits their first byte; multisig is m of n up to 20. A program of
    version 0 with another length than 20 or 32 can never be spent: not standard.
    """
    size = len(script)
    if size == 25 and script.startswith(b"\x76\xa9\x14") and script.endswith(b"\x88\xac"):
        return P2PKH
    if size == 23 and script.startswith(b"\xa9\x14") and script.endswith(b"\x87"):
        return P2SH
    if 4 <= size <= 42 and script[1] + 2 == size and (script[0] == 0 or 0x51 <= script[0] <= 0x60):
        return _program(script)
    if script.startswith(b"\x6a"):
        return OP_RETURN
    if size in (35, 67) and script[0] == size - 2 and script[-1] == 0xAC and is_key(script[1:-1]):
        return P2PK
    return MULTISIG if _is_multisig(script) else NONSTANDARD


def signs(script: bytes, witness: t.Sequence[bytes]) -> int:
    """Return what an input shows of who signed it: bits of ``in_signs`` (``kernel/chain/chain.py``), by form alone.

    Looked at is what its script pushes and its witness' items. A signature is one in strict DER with its hash type
    (BIP 66). An input with an empty script and a witness of one item of 64 or 65 bytes, or that ends with a control
    block, spends by Taproot (BIP 341): its items of 64 or 65 bytes are signatures, and none is ECDSA's. Compressed keys
    are also looked for among the pushes of the script that the last push, or the last item, is. Without an ECDSA
    signature with a longer r each one is low: ``LOW_R`` stands wherever ``SIGNED`` does and none is high.
    """
    found = (_of_script(script) if script else 0) | (_of_witness(witness, bare=not script) if witness else 0)
    if not found & SIGNED:
        return found & COMPRESSED
    return found & (ANYONE_CAN_PAY | COMPRESSED | SIGNED) | (0 if found & _HIGH_R else LOW_R)


def is_key(data: bytes) -> bool:
    """Tell whether bytes have the form of a public key."""
    return _is_compressed(data) or (len(data) == 65 and data[0] in (4, 6, 7))


def _program(script: bytes) -> int:
    if script[0] == 0:
        return {22: P2WPKH, 34: P2WSH}.get(len(script), NONSTANDARD)
    if script[0] == 0x51 and len(script) == 34:
        return P2TR
    return ANCHOR if script == b"\x51\x02\x4e\x73" else WITNESS


def _is_compressed(data: bytes) -> bool:
    return len(data) == 33 and data[0] in (2, 3)


def _step(script: bytes, at: int) -> tuple[bytes, int] | None:
    """Return what the opcode at a place pushes, and the place behind; None: it reaches beyond the end."""
    op, at = script[at], at + 1
    size = op if op < 0x4C else 0
    if 0x4C <= op <= 0x4E:
        wide = 1 << op - 0x4C
        if len(script) - at < wide:
            return None
        size = int.from_bytes(script[at : at + wide], "little")
        at += wide
    return None if len(script) - at < size else (script[at : at + size], at + size)


def _small(script: bytes, at: int) -> tuple[int, int]:
    """Return the number from 1 to 20 at a place, or 0, and the place behind."""
    here = script[at : at + 2]
    if here and 0x51 <= here[0] <= 0x60:
        return here[0] - 0x50, at + 1
    return (here[1], at + 2) if len(here) == 2 and here[0] == 1 and 16 < here[1] <= 20 else (0, at)


def _is_multisig(script: bytes) -> bool:
    if len(script) < 3 or script[-1] != 0xAE:
        return False
    least, at = _small(script, 0)
    keys = 0
    while least and at < len(script):
        one = _step(script, at)
        if one is None:
            return False
        if not is_key(one[0]):
            break
        keys, at = keys + 1, one[1]
    every, at = _small(script, at)
    return 0 < least <= every == keys and at + 1 == len(script)


def _der(data: bytes) -> int:
    """Return ``LOW_R`` or ``_HIGH_R`` of a strict DER signature with its hash type; 0: it is none."""
    if not 9 <= len(data) <= 73 or data[0] != 0x30 or data[1] != len(data) - 3:
        return 0
    r = data[3]
    if 5 + r >= len(data) or r + data[5 + r] + 7 != len(data):
        return 0
    whole = _is_whole(data[2 : 4 + r]) and _is_whole(data[4 + r : -1])
    return (_HIGH_R if r > 32 else LOW_R) if whole else 0


def _is_whole(data: bytes) -> bool:
    """Tell whether it is a positive whole number in DER, its mark and its length before it."""
    value = data[2:]
    return data[0] == 2 and bool(value) and value[0] < 0x80 and (len(value) == 1 or value[0] > 0 or value[1] >= 0x80)


def _hash_type(last: int) -> int:
    return SIGNED | ANYONE_CAN_PAY if last & 0x80 else SIGNED


def _look(data: bytes) -> int:
    if _is_compressed(data):
        return COMPRESSED
    found = _der(data)
    return found | _hash_type(data[-1]) if found else 0


def _schnorr(data: bytes) -> int:
    if len(data) == 64:
        return SIGNED
    return _hash_type(data[64]) if len(data) == 65 else 0


def _within(script: bytes) -> int:
    """Look for keys that a script within names."""
    at = 0
    if is_key(script) or _der(script):
        return 0
    while at < len(script):
        one = _step(script, at)
        if one is None:
            return 0
        if _is_compressed(one[0]):
            return COMPRESSED
        at = one[1]
    return 0


def _of_script(script: bytes) -> int:
    found, at, last = 0, 0, b""
    while at < len(script):
        one = None if script[at] > 0x60 or script[at] == 0x50 else _step(script, at)
        if one is None:
            return found
        last, at = one
        found |= _look(last)
    return found | _within(last)


def _of_witness(items: t.Sequence[bytes], *, bare: bool) -> int:
    if len(items) >= 2 and items[-1][:1] == b"\x50":  # an annex (BIP 341)
        items = items[:-1]
    last = items[-1]
    path = bare and len(items) >= 2 and _is_control(last)
    if path:
        items = items[:-2]
    found = 0
    if path or (bare and len(items) == 1 and len(last) in (64, 65)):
        for one in items:
            found |= _schnorr(one)
        return found
    for one in items:
        found |= _look(one)
    return found | _within(last)


def _is_control(data: bytes) -> bool:
    return 33 <= len(data) <= _MOST_CONTROL and (len(data) - 33) % 32 == 0 and data[0] & 0xFE == 0xC0
