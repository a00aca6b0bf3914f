"""Transactions out of blocks that were heard, one by one, with what they spend and what hangs them on their block."""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.kernel.chain.assembled import Put, Said, Took
from vigie.kernel.chain.chain import COINBASE
from vigie.kernel.chain.proof import Branch, Tree

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.kernel.chain.heard import Heard


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that is kept."""

    said: Said
    block: bytes
    """Hash, display order."""
    spends: tuple[Put | None, ...]
    """What its inputs spend, in order; None: the node does not say."""
    branch: Branch

    def says_what_it_spends(self) -> bool:
        """Tell whether all that it spends is known; a coinbase spends nothing."""
        return None not in self.spends or bool(self.said.flags & COINBASE)


class Seen:
    """One transaction of a block that was heard."""

    def __init__(self, heard: Heard, block: int, tx: int, starts: _Starts) -> None:
        self._of, self._block, self._tx, self._starts = heard, block, tx, starts
        self.txid = heard.tx_hash[tx].tobytes()[::-1]

    def puts(self) -> Iterator[Put]:
        """Yield its outputs."""
        of, at = self._of, self._starts
        for n in range(at.outs[self._tx], at.outs[self._tx + 1]):
            script = of.scripts[at.scripts[n] : at.scripts[n + 1]].tobytes()
            yield Put(value=int(of.out_value[n]), script=script, type=int(of.out_type[n]))

    def spends(self) -> Iterator[Put | None]:
        """Yield what its inputs spend: None of a coinbase's, and where the node did not say."""
        of, at = self._of, self._starts
        count = int(of.tx_ins[self._tx])
        if of.tx_flags[self._tx] & COINBASE or not of.block_undone[self._block]:
            yield from [None] * count
            return
        first = at.undone[self._block] + at.ins[self._tx] - at.ins[at.blocks[self._block] + 1]
        for n in range(first, first + count):
            script = of.undo_scripts[at.undo_scripts[n] : at.undo_scripts[n + 1]].tobytes()
            yield Put(value=int(of.undo_value[n]), script=script, type=int(of.undo_type[n]))

    def took(self) -> Iterator[Took]:
        """Yield its inputs."""
        of, at = self._of, self._starts
        for n in range(at.ins[self._tx], at.ins[self._tx + 1]):
            yield Took(txid=of.prev_tx[n].tobytes()[::-1], vout=int(of.prev_vout[n]), signs=int(of.in_signs[n]))

    def kept(self) -> Kept:
        """Return it with what ties it to its block."""
        of, tx, first = self._of, self._tx, self._starts.blocks[self._block]
        last = self._starts.blocks[self._block + 1]
        hashes = of.tx_hash[first:last]
        tree = Tree(hashes)
        said = Said(
            txid=self.txid, took=list(self.took()), put=list(self.puts()), version=int(of.tx_version[tx]),
            lock=int(of.tx_lock[tx]), vsize=int(of.tx_vsize[tx]), flags=int(of.tx_flags[tx]), place=tx - first,
        )  # fmt: skip
        return Kept(
            said=said, block=of.hashes()[self._block][::-1], spends=tuple(self.spends()),
            branch=Branch(
                branch=tree.branch(tx - first),
                coinbase=hashes[0].tobytes()[::-1],
                coinbase_branch=tree.branch(0),
            ),
        )  # fmt: skip


class _Starts:
    """Where blocks, transactions and scripts begin in the columns."""

    def __init__(self, of: Heard) -> None:
        self.blocks, self.ins, self.outs = _sums(of.block_txs), _sums(of.tx_ins), _sums(of.tx_outs)
        self.scripts, self.undo_scripts = _sums(of.out_length), _sums(of.undo_length)
        inside = [
            self.ins[last] - self.ins[first] - 1 for first, last in zip(self.blocks, self.blocks[1:], strict=False)
        ]
        self.undone = _sums(np.array(inside, np.int64) * of.block_undone)


def each(heard: Heard) -> Iterator[Seen]:
    """Yield the transactions of some blocks in order."""
    starts = _Starts(heard)
    for block in range(len(heard.block_txs)):
        for tx in range(starts.blocks[block], starts.blocks[block + 1]):
            yield Seen(heard, block, tx, starts)


def _sums(counts: t.Any) -> list[int]:
    return [0, *np.cumsum(counts, dtype=np.int64).tolist()]
