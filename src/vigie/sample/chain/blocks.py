"""Blocks of a regtest chain: coinbase, merkle tree, witness commitment (BIP 141), proof of work, undo data."""

from __future__ import annotations

import struct
import typing as t

from vigie.sample.chain.locks import compact, sized
from vigie.sample.chain.spending import Coin, Signed, hash256

BITS = 0x207FFFFF
_TARGET = 0x7FFFFF << 8 * (0x20 - 3)
SUBSIDY, HALVING = 50 * 10**8, 150
MATURITY = 100
GENESIS = bytes.fromhex(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a"
    "51323a9fb8aa4b1e5e4adae5494dffff7f20020000000101000000010000000000000000000000000000000000000000000000000000000000000000"
    "ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f6620"
    "7365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6"
    "a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
)
"""Block 0 of regtest, as in Bitcoin Core's chainparams."""
_RESERVED = bytes(32)


class Block(t.NamedTuple):
    """A block and what it takes to undo it; ``hash`` in the order of blocks."""

    height: int
    hash: bytes
    previous: bytes
    raw: bytes
    undo: bytes


def subsidy(height: int) -> int:
    """Return what a block may make, satoshi."""
    halvings = height // HALVING
    return SUBSIDY >> halvings if halvings < 64 else 0


def coinbase(height: int, outputs: t.Sequence[bytes], wtxids: t.Sequence[bytes], word: bytes) -> Signed:
    """Return the first transaction of a block; ``wtxids`` are those of the others, ``word`` makes it another one."""
    commitment = hash256(merkle([bytes(32), *wtxids]) + _RESERVED)
    every = [*outputs, bytes(8) + sized(bytes.fromhex("6a24aa21a9ed") + commitment)]
    script = sized(_height(height) + sized(word))
    body = b"\x01" + bytes(32) + b"\xff" * 4 + script + b"\xff" * 4 + compact(len(every)) + b"".join(every)
    head, tail = struct.pack("<i", 2), bytes(4)
    bare = head + body + tail
    raw = head + b"\0\x01" + body + b"\x01\x20" + _RESERVED + tail
    return Signed(hash256(bare), bytes(32), raw, 3 * len(bare) + len(raw))


def _height(height: int) -> bytes:
    """Return a height as BIP 34 wants it pushed."""
    if height <= 16:
        return bytes([0x50 + height])
    return sized(height.to_bytes(height.bit_length() // 8 + 1, "little"))


def mined(
    height: int, previous: bytes, time: int, transactions: t.Sequence[Signed], spent: t.Sequence[t.Sequence[Coin]]
) -> Block:
    """Return a block with proof of work; ``spent`` are the coins that each transaction after the first spends."""
    root = merkle([one.txid for one in transactions])
    head = struct.pack("<i", 0x20000000) + previous + root + struct.pack("<II", time, BITS)
    nonce = 0
    while int.from_bytes(hash256(head + struct.pack("<I", nonce)), "little") > _TARGET:
        nonce += 1
    head += struct.pack("<I", nonce)
    raw = head + compact(len(transactions)) + b"".join([one.raw for one in transactions])
    return Block(height, hash256(head), previous, raw, undo(spent))


def merkle(ids: t.Sequence[bytes]) -> bytes:
    """Return the root of the tree over ids."""
    level = list(ids)
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        level = [hash256(one + other) for one, other in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def undo(spent: t.Sequence[t.Sequence[Coin]]) -> bytes:
    """Return a block's undo data, as Bitcoin Core's ``CBlockUndo``."""
    parts = [compact(len(spent))]
    for coins in spent:
        parts.append(compact(len(coins)))
        for coin in coins:
            lead = b"\0" if coin.mark > 1 else b""  # where a version of the transaction stood once
            parts.append(varint(coin.mark) + lead + varint(squeezed(coin.value)) + _script(coin.lock.script))
    return b"".join(parts)


def varint(number: int) -> bytes:
    """Return a number as Bitcoin Core's VARINT: 7 bits a byte, highest first, one less for each byte that follows."""
    out = [number & 0x7F]
    while number > 0x7F:
        number = (number >> 7) - 1
        out.append(number & 0x7F | 0x80)
    return bytes(reversed(out))


def squeezed(value: int) -> int:
    """Return an amount as Bitcoin Core's ``CompressAmount`` makes it."""
    if not value:
        return 0
    exponent = 0
    while exponent < 9 and value % 10 == 0:
        value //= 10
        exponent += 1
    if exponent == 9:
        return 1 + (value - 1) * 10 + 9
    number, digit = divmod(value, 10)
    return 1 + (number * 9 + digit - 1) * 10 + exponent


def _script(script: bytes) -> bytes:
    """Return a script as Bitcoin Core's ``ScriptCompression`` makes it."""
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return b"\0" + script[3:23]
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return b"\x01" + script[2:22]
    if len(script) == 35 and script[0] == 33 and script[1] in (2, 3) and script[34] == 0xAC:
        return script[1:34]
    return varint(len(script) + 6) + script
