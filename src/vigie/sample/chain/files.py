"""Block files as a node keeps them: ``blkNNNNN.dat``, ``revNNNNN.dat`` and, since Bitcoin Core 28, ``xor.dat``."""

from __future__ import annotations

import hashlib
import typing as t

import numpy as np

from vigie.sample.chain.blocks import Block
from vigie.sample.chain.spending import hash256

if t.TYPE_CHECKING:
    from pathlib import Path

MAGIC = bytes.fromhex("fabfb5da")
FILE_BYTES = 128 << 20
TAIL_BYTES = 1 << 16
"""Zeros after the last record, which a node has made room with (it makes more)."""


class BlockFiles:
    """Writes blocks in the order in which they come, and their undo data in that of their heights."""

    def __init__(self, folder: Path, key: bytes, *, file_bytes: int = FILE_BYTES) -> None:
        """``key``: the 8 bytes that all is XORed with; empty: a node from before them."""
        folder.mkdir(parents=True)
        if key:
            (folder / "xor.dat").write_bytes(key)
        self._folder, self._key, self._most = folder, key, file_bytes
        self._number = -1
        self.bytes = 0
        self._next()

    def _next(self) -> None:
        if self._number >= 0:
            self._close()
        self._number += 1
        self._blk = (self._folder / f"blk{self._number:05d}.dat").open("wb")
        self._rev = (self._folder / f"rev{self._number:05d}.dat").open("wb")

    def put(self, blocks: t.Sequence[Block]) -> None:
        """Write blocks that belong into one file; of those without undo data none is written (stale ones)."""
        if self._blk.tell() + sum(len(one.raw) + 8 for one in blocks) > self._most and self._blk.tell():
            self._next()
        for one in blocks:
            self._write(self._blk, MAGIC + len(one.raw).to_bytes(4, "little") + one.raw)
        for one in sorted(blocks, key=lambda one: one.height):
            if one.undo:
                check = hash256(one.previous + one.undo)
                self._write(self._rev, MAGIC + len(one.undo).to_bytes(4, "little") + one.undo + check)

    def _write(self, out: t.IO[bytes], data: bytes) -> None:
        self.bytes += len(data)
        if self._key:
            key = np.frombuffer(self._key, np.uint8)
            shift = out.tell() % 8
            mask = np.resize(np.roll(key, -shift), len(data))
            data = (np.frombuffer(data, np.uint8) ^ mask).tobytes()
        out.write(data)

    def _close(self) -> None:
        for one in (self._blk, self._rev):
            one.write(bytes(TAIL_BYTES))
            one.close()

    def close(self) -> None:
        """End the files."""
        self._close()


def xor_key(seed: int) -> bytes:
    """Return the key of a seed."""
    return hashlib.sha256(f"xor {seed}".encode()).digest()[:8]
