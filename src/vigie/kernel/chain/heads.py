"""All headers of a node's best chain, checked: they hang together, each shows its work, and the difficulty is earned.

A node that lies about a block has to show a header for it that took as much work as the true one.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.chain.node import HEADER_BYTES, HEADERS, NodeError
from vigie.numeric.headers import PERIOD, block_hash, next_bits, shows_work
from vigie.rows.blocks import LIMITS

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from vigie.kernel.chain.node import Node

GENESIS: t.Final = {
    "main": "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    "test": "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    "testnet4": "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
    "signet": "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
    "regtest": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
}
"""Hashes of first blocks (Core, ``kernel/chainparams.cpp``); a signet of one's own has the same first block."""
DEEPEST: t.Final = 200
"""Blocks that a reorganisation may take back; none of the main chain was as deep as that since 2010."""


class Heads:
    """Headers from the first block on, as far as they were read."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.raw = bytearray()
        self.hashes = bytearray()
        """32 bytes each, in the order of blocks."""
        self._places: dict[bytes, int] = {}

    def load(self, raw: bytes) -> None:
        """Begin with headers that were read before. Errors: NodeError where they cannot be."""
        for start in range(0, len(raw) - len(raw) % HEADER_BYTES, HEADER_BYTES):
            self._add(raw[start : start + HEADER_BYTES], "what was kept")

    def __len__(self) -> int:
        return len(self.raw) // HEADER_BYTES

    def at(self, height: int) -> bytes:
        """Return the header at a height."""
        return bytes(self.raw[height * HEADER_BYTES : (height + 1) * HEADER_BYTES])

    def hash_at(self, height: int) -> bytes:
        """Return a block's hash in display order."""
        return bytes(self.hashes[height * 32 : (height + 1) * 32])[::-1]

    def height_of(self, which: bytes) -> int:
        """Return at which height a block (display order) stands; -1: not in this chain."""
        return self._places.get(which, -1)

    def medians(self, height: int) -> int:
        """Return the median of the times of the eleven blocks before a height (BIP 113); 0 of the first."""
        first = max(0, height - 11)
        times = np.frombuffer(bytes(self.raw[first * HEADER_BYTES : height * HEADER_BYTES]), np.uint8)
        shown = np.sort(np.ascontiguousarray(times.reshape(-1, HEADER_BYTES)[:, 68:72]).view("<u4").reshape(-1))
        return int(shown[len(shown) // 2]) if len(shown) else 0

    def follow(self, node: Node, watch: Callable[[int], None]) -> int:
        """Read on to the node's tip; return the height from which on headers are others than before.

        Errors: NodeError where they do not hang together, lack work, or leave the chain deeper than ``DEEPEST``.
        """
        fork = self._fork(node)
        kept = len(self)
        self._cut(fork)
        while True:
            first = self.hash_at(len(self) - 1) if len(self) else bytes.fromhex(GENESIS[self.network])
            given = node.headers(first, HEADERS)
            fresh = given[HEADER_BYTES:] if len(self) else given
            if given[:HEADER_BYTES] and block_hash(given[:HEADER_BYTES])[::-1] != first:
                raise NodeError(
                    f"The node at {node} gave other headers than those after {first.hex()}. Is it {self.network}?"
                )
            for start in range(0, len(fresh), HEADER_BYTES):
                self._add(fresh[start : start + HEADER_BYTES], f"The node at {node}")
            watch(len(self))
            if not fresh:
                break
        if len(self) < kept and self.network != "regtest":
            raise NodeError(f"The node at {node} took back {kept - len(self)} blocks. Ask it again when it is in step.")
        return fork

    def _fork(self, node: Node) -> int:
        """Return how many of the headers the node still has in its chain."""
        for back in range(min(len(self), DEEPEST)):
            height = len(self) - 1 - back
            if height <= node.about().blocks and node.hash_at(height) == self.hash_at(height):
                return height + 1
        if len(self):
            raise NodeError(f"The node at {node} has another chain than before, more than {DEEPEST} blocks deep.")
        return 0

    def _cut(self, count: int) -> None:
        for height in range(count, len(self)):
            del self._places[self.hash_at(height)]
        del self.raw[count * HEADER_BYTES :]
        del self.hashes[count * 32 :]

    def _add(self, header: bytes, who: str) -> None:
        height = len(self)
        if not height and block_hash(header)[::-1].hex() != GENESIS[self.network]:
            raise NodeError(f"{who} gave another first block than that of {self.network}.")
        if height and header[4:36] != bytes(self.hashes[-32:]):
            raise NodeError(f"{who} gave a header at {height} that does not follow the one before.")
        if not shows_work(header, LIMITS[self.network]):
            raise NodeError(f"{who} gave a header at {height} that shows no work.")
        if self.network == "main" and height and _bits(header) != self._earned(height):
            raise NodeError(f"{who} gave a header at {height} of another difficulty than was due.")
        self.raw += header
        self.hashes += block_hash(header)
        self._places[self.hash_at(height)] = height

    def _earned(self, height: int) -> int:
        """Return the difficulty, as ``nBits``, that is due at a height (Core, ``CalculateNextWorkRequired``)."""
        before = self.at(height - 1)
        if height % PERIOD:
            return _bits(before)
        taken = _time(before) - _time(self.at(height - PERIOD))
        return next_bits(_bits(before), taken, LIMITS[self.network])


def _bits(header: bytes) -> int:
    return int.from_bytes(header[72:76], "little")


def _time(header: bytes) -> int:
    return int.from_bytes(header[68:72], "little")
