"""Blocks in columns, as they come from a reader and go into a store: the columns of ``rows/blocks.py``.

Hashes are in the order of blocks. One feed holds whole blocks, each with all its transactions.
"""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.numeric.blocks import Body

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

OF_BLOCKS: t.Final = ("headers", "block_txs")
OF_TXS: t.Final = ("tx_hash", "tx_ins", "tx_outs", "tx_version", "tx_lock", "tx_vsize", "tx_flags")
OF_INS: t.Final = ("prev_tx", "prev_vout", "in_signs")
OF_OUTS: t.Final = ("out_value", "out_length", "out_type")
NAMES: t.Final = tuple(one.name for one in dataclasses.fields(Body))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Feed(Body):
    """Some blocks in columns."""

    def blocks(self, first: int, last: int) -> Feed:
        """Return the blocks from ``first`` to before ``last``, as views."""
        return Cutter(self).blocks(first, last)


class Cutter:
    """Cuts runs of blocks out of a feed, knowing where each begins."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._ends = [starts(feed.block_txs), starts(feed.tx_ins), starts(feed.tx_outs), starts(feed.out_length)]

    def blocks(self, first: int, last: int) -> Feed:
        """Return the blocks from ``first`` to before ``last``, as views."""
        ends = self._ends
        txs = slice(int(ends[0][first]), int(ends[0][last]))
        ins = slice(int(ends[1][txs.start]), int(ends[1][txs.stop]))
        outs = slice(int(ends[2][txs.start]), int(ends[2][txs.stop]))
        own = slice(int(ends[3][outs.start]), int(ends[3][outs.stop]))
        groups = [(OF_BLOCKS, slice(first, last)), (OF_TXS, txs), (OF_INS, ins), (OF_OUTS, outs), (("scripts",), own)]
        return Feed(**{name: getattr(self._feed, name)[some] for names, some in groups for name in names})


def together(feeds: t.Sequence[Feed]) -> Feed:
    """Return the blocks of all, in this order."""
    if len(feeds) == 1:
        return feeds[0]
    return Feed(**{name: np.concatenate([getattr(one, name) for one in feeds]) for name in NAMES})


def starts(counts: NDArray[t.Any]) -> NDArray[np.uint64]:
    """Return where each begins whose sizes are these, and where the last ends; uint64[n + 1]."""
    ends = np.zeros(len(counts) + 1, np.uint64)
    np.cumsum(counts, out=ends[1:], dtype=np.uint64)
    return ends
