"""Bech32 and bech32m (BIP 173, BIP 350), of one text or of each row of an array."""

from __future__ import annotations

import functools
import operator
import typing as t

import numpy as np

from vigie.numeric.coins.hashing import Bytes

DIGITS: t.Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32: t.Final = 1
BECH32M: t.Final = 0x2BC830A3
MOST: t.Final = 90
"""Characters of an address. Invoices and silent payments (BIP 352) are longer."""
_VALUES: t.Final = {digit: value for value, digit in enumerate(DIGITS)}
_GENERATOR: t.Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_TERMS: t.Final = [
    functools.reduce(operator.xor, (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1), 0)
    for top in range(32)
]
"""What the five bits that are shifted out add."""


class Told(t.NamedTuple):
    """A text whose checksum holds."""

    prefix: str
    """In lower case."""
    data: list[int]
    """Five bits each, without the checksum."""
    constant: int
    """``BECH32`` or ``BECH32M``."""


def told(text: str, most: int = MOST) -> Told | None:
    """Return what a text holds; None where its form or its checksum does not hold, or it is longer than ``most``."""
    low = text.lower()
    if not 8 <= len(text) <= most or text not in (low, text.upper()) or not text.isascii():
        return None
    prefix, _, digits = low.rpartition("1")
    if not prefix or len(prefix) > 83 or len(digits) < 6 or digits.strip(DIGITS) or not prefix.isprintable():
        return None
    data = [_VALUES[digit] for digit in digits]
    constant = _polymod(prefix, data)
    return Told(prefix, data[:-6], constant) if constant in (BECH32, BECH32M) else None


def written(prefix: str, data: t.Sequence[int], constant: int) -> str:
    """Return a text of groups of five bits: what ``told`` gives back."""
    check = _polymod(prefix, [*data, 0, 0, 0, 0, 0, 0]) ^ constant
    return f"{prefix}1" + "".join(DIGITS[one] for one in (*data, *((check >> (25 - 5 * i)) & 31 for i in range(6))))


def program(of: Told) -> tuple[int, bytes] | None:
    """Return version and program of a segwit address (BIP 173, 350); None where length or constant are of none."""
    if not of.data:
        return None
    version, held = of.data[0], unpacked(of.data[1:])
    if version > 16 or held is None or not 2 <= len(held) <= 40 or (not version and len(held) not in (20, 32)):
        return None
    return (version, held) if of.constant == (BECH32M if version else BECH32) else None


def segwit(text: str, prefixes: tuple[str, ...]) -> str | None:
    """Return a segwit address in lower case; None where it is none. ``prefixes``: of the networks that count."""
    held = told(text)
    return text.lower() if held and held.prefix in prefixes and program(held) else None


def address(prefix: str, version: int, held: bytes) -> str:
    """Return the address of a witness program."""
    return written(prefix, [version, *packed(held)], BECH32M if version else BECH32)


def addresses(prefix: str, version: int, programs: Bytes) -> list[str]:
    """Return the addresses of uint8[n, width], as ``address`` would one by one."""
    bits = np.unpackbits(programs, axis=1)
    over = -bits.shape[1] % 5
    bits = np.pad(bits, ((0, 0), (0, over))) if over else bits
    groups = bits.reshape(len(programs), -1, 5) @ np.array([16, 8, 4, 2, 1], np.uint8)
    data = np.empty((len(programs), groups.shape[1] + 7), np.uint8)
    data[:, 0], data[:, 1:-6], data[:, -6:] = version, groups, 0
    terms, check = np.array(_TERMS, np.uint32), np.full(len(data), _polymod(prefix, []), np.uint32)
    for column in data.T:
        check = (check & np.uint32(0x1FFFFFF)) << np.uint32(5) ^ column ^ terms[check >> np.uint32(25)]
    check ^= np.uint32(BECH32M if version else BECH32)
    for place in range(6):
        data[:, -6 + place] = check >> np.uint32(25 - 5 * place) & np.uint32(31)
    text = np.frombuffer(DIGITS.encode(), np.uint8)[data].tobytes().decode()
    wide, start = data.shape[1], prefix + "1"
    return [start + text[at : at + wide] for at in range(0, len(text), wide)]


def unpacked(data: t.Sequence[int]) -> bytes | None:
    """Return groups of five bits as bytes; None where what is left over is more than padding."""
    number = 0
    for value in data:
        number = number << 5 | value
    over = len(data) * 5 % 8
    return None if over >= 5 or number & ((1 << over) - 1) else (number >> over).to_bytes(len(data) * 5 // 8)


def packed(held: bytes) -> list[int]:
    """Return bytes as groups of five bits, the last filled with zeros."""
    many = -(-len(held) * 8 // 5)
    number = int.from_bytes(held) << (many * 5 - len(held) * 8)
    return [number >> 5 * (many - 1 - i) & 31 for i in range(many)]


def _polymod(prefix: str, data: t.Sequence[int]) -> int:
    check = 1
    for value in (*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix), *data):
        check = (check & 0x1FFFFFF) << 5 ^ value ^ _TERMS[check >> 25]
    return check
