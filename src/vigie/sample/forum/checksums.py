"""Addresses and keys with right checksums, out of random bytes: nobody holds what would open them."""

import base64
import hashlib
import struct

_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_XMR_WIDTHS = (0, 2, 3, 5, 6, 7, 9, 10, 11)
"""Characters that a block of so many bytes takes in Monero's base 58."""
_ROUNDS = 24
_LANES = 2**64 - 1


def btc(payload: bytes, *, script: bool = False) -> str:
    """Return the address of a 20-byte hash: pay to public key hash, or to script hash (base58check)."""
    body = (b"\x05" if script else b"\0") + payload
    return base58(body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4])


def base58(data: bytes) -> str:
    """Return base 58 as Bitcoin writes it: leading zero bytes stand as ``1``."""
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = _B58[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def bech32(payload: bytes) -> str:
    """Return the Bitcoin address of a 20-byte witness program, version 0 (BIP 173)."""
    number = int.from_bytes(payload, "big")
    data = [0, *(number >> 5 * at & 31 for at in range(31, -1, -1))]
    head = [3, 3, 0, 2, 3]  # "bc", high bits and low bits
    check = _polymod([*head, *data, *[0] * 6]) ^ 1
    data += [check >> 5 * at & 31 for at in range(5, -1, -1)]
    return "bc1" + "".join(_BECH32[one] for one in data)


def _polymod(values: list[int]) -> int:
    out = 1
    for value in values:
        top, out = out >> 25, (out & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            out ^= word if top >> bit & 1 else 0
    return out


def eth(payload: bytes) -> str:
    """Return the address of 20 bytes with its checksum in capitals (EIP-55)."""
    text = payload.hex()
    check = keccak256(text.encode()).hex()
    return "0x" + "".join(one.upper() if int(mark, 16) > 7 else one for one, mark in zip(text, check, strict=False))


def xmr(spend: bytes, view: bytes) -> str:
    """Return the standard Monero address of two 32-byte keys (network byte 18)."""
    body = b"\x12" + spend + view
    body += keccak256(body)[:4]
    return "".join(_xmr_block(body[at : at + 8]) for at in range(0, len(body), 8))


def _xmr_block(block: bytes) -> str:
    number, out = int.from_bytes(block, "big"), ""
    for _ in range(_XMR_WIDTHS[len(block)]):
        number, digit = divmod(number, 58)
        out = _B58[digit] + out
    return out


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 with the padding of before FIPS 202, as Ethereum and Monero use it; 32 bytes."""
    rate = 136
    padded = bytearray(data + b"\x01" + b"\0" * (-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), rate):
        for lane, word in enumerate(struct.unpack("<17Q", padded[start : start + rate])):
            state[lane] ^= word
        _permute(state)
    return struct.pack("<4Q", *state[:4])


def _permute(state: list[int]) -> None:
    """Apply Keccak-f[1600] (FIPS 202 3.3) to 25 lanes, x + 5 y."""
    constant = 1
    for _ in range(_ROUNDS):
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        for x in range(5):
            flip = columns[x - 1] ^ _turn(columns[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                state[x + y] ^= flip
        x, y, held = 1, 0, state[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            held, state[x + 5 * y] = state[x + 5 * y], _turn(held, (step + 1) * (step + 2) // 2 % 64)
        for y in range(0, 25, 5):
            row = state[y : y + 5]
            for x in range(5):
                state[x + y] = row[x] ^ (~row[(x + 1) % 5] & _LANES & row[(x + 2) % 5])
        for bit in range(7):
            state[0] ^= (constant & 1) << (2**bit - 1)
            constant = constant << 1 ^ (0x171 if constant & 0x80 else 0)


def _turn(lane: int, by: int) -> int:
    return (lane << by | lane >> 64 - by) & _LANES if by else lane


def tox(key: bytes, nospam: bytes) -> str:
    """Return a Tox id: 32 bytes of key, 4 more, and the two bytes that all pairs of bytes XOR to."""
    body = key + nospam
    even, odd = 0, 0
    for at in range(0, len(body), 2):
        even ^= body[at]
        odd ^= body[at + 1]
    return (body + bytes((even, odd))).hex().upper()


def pgp(raw: bytes, name: str, made: int) -> tuple[str, str]:
    """Return (armoured public key block, fingerprint in hex): a version 4 RSA key out of 256 random bytes.

    RFC 4880 5.5.2 (packet), 5.11 (user id), 6.2 (armour), 6.1 (CRC-24), 12.2 (fingerprint). It verifies nothing.
    """
    modulus = bytes([raw[0] | 0x80]) + raw[1:255] + bytes([raw[255] | 1])
    body = b"\x04" + struct.pack(">I", made) + b"\x01" + struct.pack(">H", 2048) + modulus
    body += struct.pack(">H", 17) + b"\x01\0\x01"
    user = name.encode()
    packets = b"\x99" + struct.pack(">H", len(body)) + body + b"\xb4" + bytes([len(user)]) + user
    text = base64.b64encode(packets).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    crc = base64.b64encode(crc24(packets).to_bytes(3, "big")).decode()
    armour = ["-----BEGIN PGP PUBLIC KEY BLOCK-----", "", *lines, f"={crc}", "-----END PGP PUBLIC KEY BLOCK-----"]
    print_ = hashlib.sha1(b"\x99" + struct.pack(">H", len(body)) + body, usedforsecurity=False).hexdigest()
    return "\n".join(armour), print_


def crc24(data: bytes) -> int:
    """Return the CRC of RFC 4880 6.1."""
    out = 0xB704CE
    for byte in data:
        out ^= byte << 16
        for _ in range(8):
            out <<= 1
            if out & 0x1000000:
                out ^= 0x1864CFB
    return out
