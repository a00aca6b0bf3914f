"""Feeds for tests of the store: chains drawn by chance whose headers follow each other, and are not mined."""

from __future__ import annotations

import struct
import typing as t

import numpy as np

from vigie.kernel.chain.chain import COINBASE, Chain
from vigie.kernel.chain.feed import Feed
from vigie.numeric.headers import block_hash


def drawn_feed(seed: int, blocks: int, *, prev: bytes = bytes(32), reuse: Feed | None = None, each: int = 4) -> Feed:
    """Draw blocks that follow ``prev``; what they spend was made in them or in ``reuse``, or nowhere."""
    chance = np.random.default_rng(seed)
    hashes, ins, outs, flags, prev_tx, prev_vout, values, lengths, scripts = ([] for _ in range(9))
    purse: list[tuple[bytes, int]] = []
    if reuse is not None:
        for number, one in enumerate(reuse.tx_hash):
            purse += [(one.tobytes(), vout) for vout in range(int(reuse.tx_outs[number]))]
        purse = [one for one in purse if one not in spent_in(reuse)]
    headers, counts = [], []
    for number in range(blocks):
        many = int(chance.integers(1, each + 1))
        header = struct.pack("<i32s32sIII", 4, prev, chance.bytes(32), 1_700_000_000 + 600 * number, 0x207FFFFF, seed)
        headers.append(header)
        prev = block_hash(header)
        counts.append(many)
        for place in range(many):
            mine = chance.bytes(32)
            taken = [(bytes(32), 0xFFFFFFFF)] if place == 0 else []
            for _ in range(int(chance.integers(1, 4)) if place else 0):
                if purse and chance.random() < 0.9:
                    taken.append(purse.pop(int(chance.integers(len(purse)))))
                else:
                    taken.append((chance.bytes(32), 0))
            made = int(chance.integers(1, 4))
            hashes.append(mine)
            ins.append(len(taken))
            outs.append(made)
            flags.append(0 if place else COINBASE)
            prev_tx += [one for one, _ in taken]
            prev_vout += [vout for _, vout in taken]
            for vout in range(made):
                purse.append((mine, vout))
                text = bytes([int(chance.integers(12))]) * int(chance.integers(0, 30))
                values.append(int(chance.integers(0, 1 << 50)))
                lengths.append(len(text))
                scripts.append(text)
    n_tx = len(hashes)
    return Feed(
        headers=np.frombuffer(b"".join(headers), np.uint8).reshape(-1, 80),
        block_txs=np.array(counts, np.uint32),
        tx_hash=np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32),
        tx_ins=np.array(ins, np.uint32),
        tx_outs=np.array(outs, np.uint32),
        tx_version=np.full(n_tx, 2, np.int32),
        tx_lock=chance.integers(0, 1 << 32, n_tx, dtype=np.uint32),
        tx_vsize=np.full(n_tx, 150, np.uint32),
        tx_flags=np.array(flags, np.uint8),
        prev_tx=np.frombuffer(b"".join(prev_tx), np.uint8).reshape(-1, 32),
        prev_vout=np.array(prev_vout, np.uint32),
        in_signs=chance.integers(0, 64, len(prev_vout), dtype=np.uint8),
        out_value=np.array(values, np.int64),
        out_length=np.array(lengths, np.uint32),
        out_type=np.array([len(text) % 11 + 1 for text in scripts], np.uint8),
        scripts=np.frombuffer(b"".join(scripts), np.uint8),
    )


def spent_in(feed: Feed) -> set[tuple[bytes, int]]:
    return {(one.tobytes(), int(vout)) for one, vout in zip(feed.prev_tx, feed.prev_vout, strict=True)}


def heights(first: int, feed: Feed) -> t.Any:
    return np.arange(first, first + len(feed.headers), dtype=np.int32)


def same(one: Chain, other: Chain) -> None:
    """Two chains hold the same, whatever files they lie in."""
    assert one.identity == other.identity
    for name in Chain.__slots__:
        if name not in ("salt", "tx_runs", "script_runs", "identity"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
