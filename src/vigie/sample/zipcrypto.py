"""A zip with one encrypted member, written by hand: the standard library reads such files and cannot make them.

Source: PKWARE APPNOTE 6.3.10, section 6.1 (traditional encryption). Long broken as a cipher; here it only has to
be what examiners meet.
"""

import struct
import zlib

_TABLE = [0] * 256
for _byte in range(256):
    _value = _byte
    for _ in range(8):
        _value = (_value >> 1) ^ (0xEDB88320 if _value & 1 else 0)
    _TABLE[_byte] = _value


def _crc(value: int, byte: int) -> int:
    return (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]


def encrypt(data: bytes, password: bytes, head: bytes) -> bytes:
    """Return ``head`` (12 bytes; the last one proves the password) and data, encrypted."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(byte: int) -> None:
        keys[0] = _crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[2], keys[1] >> 24)

    for byte in password:
        turn(byte)
    out = bytearray()
    for byte in head + data:
        mask = (keys[2] | 2) & 0xFFFF
        out.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        turn(byte)
    return bytes(out)


def encrypted_zip(name: bytes, data: bytes, *, password: bytes, salt: bytes) -> bytes:
    """Return a zip that holds one stored, encrypted member; ``salt``: 11 bytes that stand for randomness."""
    crc = zlib.crc32(data)
    body = encrypt(data, password, salt + bytes([crc >> 24]))
    # version 2.0, flag bit 0 encrypted, stored, 1 January 2023 00:00
    shared = struct.pack("<HHHHHIII", 20, 1, 0, 0, (43 << 9) | (1 << 5) | 1, crc, len(body), len(data))
    local = b"PK\3\4" + shared + struct.pack("<HH", len(name), 0) + name
    central = b"PK\1\2" + struct.pack("<H", 20) + shared + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    at = len(local) + len(body)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), at, 0)
    return local + body + central + end
