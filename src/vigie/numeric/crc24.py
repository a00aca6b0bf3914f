"""CRC-24, which OpenPGP writes behind what it armours (RFC 9580, 6.1)."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.native import NATIVE


def crc24(data: bytes) -> int:
    """Return the checksum of bytes, below 2^24."""
    if NATIVE is None:
        return crc24_python(data)
    call = NATIVE.lib.crc24_of
    call.restype = ctypes.c_uint32
    return int(call(ctypes.c_char_p(data), ctypes.c_int64(len(data)), ctypes.c_void_p(_ARRAY.ctypes.data)))


def crc24_python(data: bytes) -> int:
    """Do the same byte by byte: the judge of the C, and what works without it."""
    value = 0xB704CE
    for byte in data:
        value = (value << 8 ^ _TABLE[(value >> 16 ^ byte) & 0xFF]) & 0xFFFFFF
    return value


def _entry(byte: int) -> int:
    value = byte << 16
    for _ in range(8):
        value = value << 1 ^ (0x864CFB if value & 0x800000 else 0)
    return value & 0xFFFFFF


_TABLE: t.Final = [_entry(byte) for byte in range(256)]
_ARRAY: t.Final = np.array(_TABLE, np.uint32)
