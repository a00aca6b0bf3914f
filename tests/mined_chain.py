"""Regtest blocks that a node accepts, made in a few lines: locks that anybody opens, outputs of every kind."""

from __future__ import annotations

import struct
import typing as t

import numpy as np

from vigie.kernel.chain.proof import Tree, root
from vigie.numeric.headers import block_hash

GENESIS = bytes.fromhex("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")[::-1]
GENESIS_RAW = bytes.fromhex(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a"
    "51323a9fb8aa4b1e5e4adae5494dffff7f20020000000101000000010000000000000000000000000000000000000000000000000000000000000000"
    "ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f6620"
    "7365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6"
    "a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
)
START = 1_296_688_602
TRUE, TRUE_HASHED = (
    b"\x51",
    b"\x00\x20" + bytes.fromhex("4ae81572f06e1b88fd5ced7a1a000945432e83e1551e6f721ee9c00b8cc33260"),
)
"""Anybody opens them: OP_TRUE, and P2WSH of it."""


class Coin(t.NamedTuple):
    txid: bytes
    vout: int
    value: int
    script: bytes


class Block(t.NamedTuple):
    height: int
    hash: bytes
    raw: bytes
    coins: list[Coin]
    """What of it may be spent, now or - of the coinbase - after a hundred blocks."""


def twice(data: bytes) -> bytes:
    return block_hash(data)


def sized(data: bytes) -> bytes:
    return compact(len(data)) + data


def compact(number: int) -> bytes:
    return bytes([number]) if number < 253 else b"\xfd" + number.to_bytes(2, "little")


def others(chance: np.random.Generator) -> bytes:
    """Draw an output script that nobody here spends."""
    word = chance.bytes(20)
    return (
        b"\x76\xa9\x14" + word + b"\x88\xac", b"\xa9\x14" + word + b"\x87", b"\x00\x14" + word,
        b"\x51\x20" + chance.bytes(32), b"\x6a\x04" + chance.bytes(4), b"\x21\x02" + chance.bytes(32) + b"\xac",
        b"\x51\x21\x02" + chance.bytes(32) + b"\x51\xae", b"\x51\x02\x4e\x73", b"\x60\x04" + chance.bytes(4), b"",
    )[int(chance.integers(10))]  # fmt: skip


def pay(coins: list[Coin], outputs: list[tuple[int, bytes]]) -> tuple[bytes, bytes, bytes]:
    """Return a transaction's id (order of blocks), wtxid and bytes."""
    took = b"".join(coin.txid + struct.pack("<I", coin.vout) + b"\0" + b"\xfd\xff\xff\xff" for coin in coins)
    put = b"".join(struct.pack("<q", value) + sized(script) for value, script in outputs)
    body = compact(len(coins)) + took + compact(len(outputs)) + put
    bare = struct.pack("<i", 2) + body + bytes(4)
    if all(coin.script == TRUE for coin in coins):
        return twice(bare), twice(bare), bare
    seen = b"".join(b"\x01\x01\x51" if coin.script == TRUE_HASHED else b"\0" for coin in coins)
    raw = struct.pack("<i", 2) + b"\0\x01" + body + seen + bytes(4)
    return twice(bare), twice(raw), raw


def mine(seed: int, previous: Block | None, coins: list[Coin], *, spends: int = 3) -> Block:
    """Return a block behind another one (None: the first), with transactions that spend some of ``coins``."""
    chance = np.random.default_rng(seed)
    height = previous.height + 1 if previous else 1
    txs: list[tuple[bytes, bytes, bytes]] = []
    made: list[Coin] = []
    for _ in range(spends):
        taken = [coins.pop(int(chance.integers(len(coins)))) for _ in range(int(chance.integers(1, 4))) if coins]
        if not taken:
            break
        total = sum(coin.value for coin in taken)
        outputs = [(total // 3, TRUE), (total // 3, TRUE_HASHED), (total // 4, others(chance)), (0, others(chance))]
        tx = pay(taken, outputs)
        txs.append(tx)
        own = [Coin(tx[0], vout, value, script) for vout, (value, script) in enumerate(outputs[:2])]
        coins += own  # also for those that follow in this block
        made += own
    witness = top([bytes(32), *(wtxid for _, wtxid, _ in txs)])
    value = (50 * 10**8) >> (height // 150)
    outputs = [(value, TRUE), (0, b"\x6a\x24\xaa\x21\xa9\xed" + twice(witness + bytes(32)))]
    push = bytes([0x50 + height]) if height <= 16 else sized(height.to_bytes(height.bit_length() // 8 + 1, "little"))
    script = push + sized(struct.pack("<q", seed))
    body = b"\x01" + bytes(32) + b"\xff" * 4 + sized(script) + b"\xff" * 4 + compact(len(outputs))
    body += b"".join(struct.pack("<q", one) + sized(text) for one, text in outputs)
    bare = struct.pack("<i", 2) + body + bytes(4)
    raw = struct.pack("<i", 2) + b"\0\x01" + body + b"\x01\x20" + bytes(32) + bytes(4)
    mint = Coin(twice(bare), 0, value, TRUE)
    merkle = top([mint.txid, *(txid for txid, _, _ in txs)])
    before = previous.hash if previous else GENESIS
    nonce = 0
    while True:
        header = struct.pack("<i32s32sIII", 4, before, merkle, START + 600 * height, 0x207FFFFF, nonce)
        if twice(header)[31] < 0x7F:
            break
        nonce += 1
    whole = header + compact(1 + len(txs)) + raw + b"".join(one for _, _, one in txs)
    return Block(height, twice(header), whole, [mint, *made])


def top(hashes: list[bytes]) -> bytes:
    tree = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
    return root(hashes[0], 0, Tree(tree).branch(0))


def mined(seed: int, count: int, *, after: list[Block] | None = None) -> list[Block]:
    """Return so many blocks, from the first on or behind others; what they spend is a hundred blocks old or new."""
    chain = list(after or [])
    coins: list[Coin] = []
    spent = set[tuple[bytes, int]]()
    begin = len(chain)
    for one in chain:
        spent |= taken(one)
    for one in chain:
        coins += [c for c in one.coins[1:] if (c.txid, c.vout) not in spent]
    for number in range(begin, begin + count):
        if number >= 100:
            mint = chain[number - 100].coins[0]
            if (mint.txid, mint.vout) not in spent:
                coins.append(mint)
        block = mine(seed + number, chain[-1] if chain else None, coins)
        spent |= taken(block)
        chain.append(block)
    return chain[begin:]


def taken(block: Block) -> set[tuple[bytes, int]]:
    """Return which coins a block spends, found in its bytes by what ``pay`` writes."""
    out, at = set(), 0
    while (at := block.raw.find(b"\0\xfd\xff\xff\xff", at)) >= 0:
        out.add((block.raw[at - 36 : at - 4], int.from_bytes(block.raw[at - 4 : at], "little")))
        at += 5
    return out


def record(raw: bytes) -> bytes:
    """Return a block as a file of blocks holds it."""
    return bytes.fromhex("fabfb5da") + struct.pack("<I", len(raw)) + raw
