"""What blocks spend that was made before the first of them: known from undo files, kept as stubs before all others."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.chain.chain import NO_VALUE
from vigie.kernel.chain.feed import starts
from vigie.numeric import runs

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vigie.kernel.chain.feed import Feed
    from vigie.kernel.chain.spool import Undo

MOST_VOUT: t.Final = 1 << 19
"""A transaction of four million bytes has fewer outputs, of nine bytes each."""


class Stubs(t.NamedTuple):
    """Transactions of which some outputs are known, by hash; in their order the outputs, and of the known ones more."""

    tx_hash: NDArray[np.uint8]
    """[n, 32]"""
    tx_outs: NDArray[np.uint32]
    """Up to the last one known."""
    out_value: NDArray[np.int64]
    """``NO_VALUE`` of those that are not known."""
    out_length: NDArray[np.uint32]
    """Of the known ones only, as what follows."""
    out_type: NDArray[np.uint8]
    scripts: NDArray[np.uint8]


def stubs(blocks: Callable[[], Iterator[tuple[Feed, Undo]]]) -> Stubs:
    """Return what is spent in blocks, was not made in them, and is said by their undo data. Goes through them twice."""
    made = np.sort(np.concatenate([runs.hash_keys(feed.tx_hash) for feed, _ in blocks()]))
    hashes, vouts, values, types, scripts = [], [], [], [], []
    for feed, undo in blocks():
        prev, vout = feed.prev_tx[undo.of], feed.prev_vout[undo.of]
        keys = runs.hash_keys(prev)
        at = np.minimum(np.searchsorted(made, keys), len(made) - 1)
        gone = np.flatnonzero((made[at] != keys) & (vout < MOST_VOUT))
        begins, ends = starts(undo.length), starts(undo.length[gone])
        texts = np.empty(int(ends[-1]), np.uint8)
        runs.gathered(undo.scripts, begins, gone, ends, texts)
        hashes.append(prev[gone])
        vouts.append(vout[gone])
        values.append(undo.value[gone])
        types.append(undo.type[gone])
        scripts.append((texts, undo.length[gone]))
    return _grouped(
        np.concatenate(hashes), np.concatenate(vouts), np.concatenate(values), np.concatenate(types),
        np.concatenate([one for one, _ in scripts]), np.concatenate([one for _, one in scripts]),
    )  # fmt: skip


def _grouped(
    hashes: NDArray[np.uint8], vout: NDArray[np.uint32], value: NDArray[np.int64], kind: NDArray[np.uint8],
    texts: NDArray[np.uint8], lengths: NDArray[np.uint32],
) -> Stubs:  # fmt: skip
    """Put outputs together by transaction and place; one that is spent twice in the blocks stands once."""
    whole = np.ascontiguousarray(hashes).view("V32").reshape(-1)
    names, tx = np.unique(whole, return_inverse=True)
    _, first = np.unique(tx.astype(np.uint64) << np.uint64(20) | vout, return_index=True)
    tx_outs = np.zeros(len(names), np.int64)
    np.maximum.at(tx_outs, tx, vout.astype(np.int64) + 1)
    begins = starts(tx_outs).astype(np.int64)
    values = np.full(int(begins[-1]), NO_VALUE, np.int64)
    values[begins[tx[first]] + vout[first]] = value[first]
    ends = starts(lengths[first])
    scripts = np.empty(int(ends[-1]), np.uint8)
    runs.gathered(texts, starts(lengths), first, ends, scripts)
    return Stubs(
        tx_hash=np.frombuffer(names.tobytes(), np.uint8).reshape(-1, 32),
        tx_outs=tx_outs.astype(np.uint32),
        out_value=values,
        out_length=lengths[first],
        out_type=kind[first],
        scripts=scripts,
    )
