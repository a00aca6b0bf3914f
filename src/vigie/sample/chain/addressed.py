"""Addresses of regtest for many scripts at once (BIP 173, BIP 350, base58check)."""

from __future__ import annotations

import functools
import hashlib
import typing as t

import numpy as np

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

HRP = "bcrt"
_CHARS = np.frombuffer(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", np.uint8)
_WORDS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [one + other for one in _B58 for other in _B58]
_HEAD = [*(ord(one) >> 5 for one in HRP), 0, *(ord(one) & 31 for one in HRP)]
_WITNESS = {"p2wpkh": 0, "p2wsh": 0, "p2tr": 1, "anchor": 1}
_PREFIX = {"p2pkh": (b"\x6f", 3, 23), "p2sh": (b"\xc4", 2, 22)}


def addresses(kinds: t.Sequence[str], scripts: t.Sequence[bytes]) -> list[str]:
    """Return the address of each script; ``""`` where its kind has none."""
    out = [""] * len(scripts)
    groups: dict[tuple[str, int], list[int]] = {}
    for at, (kind, script) in enumerate(zip(kinds, scripts, strict=True)):
        if kind in _PREFIX:
            prefix, low, high = _PREFIX[kind]
            out[at] = _base58(prefix + script[low:high])
        elif kind in _WITNESS:
            groups.setdefault((kind, len(script)), []).append(at)
    for (kind, size), places in groups.items():
        programs = np.frombuffer(b"".join(scripts[at] for at in places), np.uint8).reshape(-1, size)[:, 2:]
        for at, text in zip(places, _bech32(programs, _WITNESS[kind]), strict=True):
            out[at] = text
    return out


def _bech32(programs: NDArray[np.uint8], version: int) -> list[str]:
    rows, width = programs.shape
    bits = np.unpackbits(programs, axis=1)
    bits = np.pad(bits, ((0, 0), (0, -8 * width % 5))).reshape(rows, -1, 5)
    values = bits @ np.array([16, 8, 4, 2, 1], np.uint8)
    data = np.concatenate([np.full((rows, 1), version, np.uint8), values], axis=1)
    constant, parts = _parts(version, data.shape[1])
    state = constant ^ np.bitwise_xor.reduce(parts[np.arange(data.shape[1]), data], axis=1)
    check = (state[:, None] >> np.arange(25, -1, -5, dtype=np.uint32)) & np.uint32(31)
    text = _CHARS[np.concatenate([data, check.astype(np.uint8)], axis=1)]
    size = text.shape[1]
    whole = text.tobytes().decode()
    return [f"{HRP}1{whole[at : at + size]}" for at in range(0, rows * size, size)]


@functools.cache
def _parts(version: int, width: int) -> tuple[np.uint32, NDArray[np.uint32]]:
    """Return the checksum of ``width`` zeros, and what each value at each place changes of it: it is linear.

    uint32[width, 32].
    """
    after = [0] * 6
    whole = _checksum(1, [*_HEAD, *[0] * width, *after]) ^ (0x2BC830A3 if version else 1)
    parts = [[_checksum(0, [one, *[0] * (width - 1 - place), *after]) for one in range(32)] for place in range(width)]
    return np.uint32(whole), np.array(parts, np.uint32)


def _checksum(state: int, values: t.Iterable[int]) -> int:
    """Return BIP 173's remainder after more values."""
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate(_WORDS):
            if top >> bit & 1:
                state ^= word
    return state


def _base58(body: bytes) -> str:
    """Return a body that does not begin with a zero, with its checksum."""
    number = int.from_bytes(body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4])
    out = []
    while number:
        number, pair = divmod(number, 58 * 58)
        out.append(_PAIRS[pair])
    return "".join(reversed(out)).lstrip("1")
