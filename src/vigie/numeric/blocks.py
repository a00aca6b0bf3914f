"""Serialised blocks into columns: every length bounded, every hash made, every rule that a block can be held to alone.

A block comes out, or the rule it breaks and the byte at which that was seen (``blocks_codes``). Checked are: its form
(Core's serialisation; BIP 144), the place of its coinbase, amounts and their sums, weight (BIP 141), merkle root, a
doubled tail (CVE-2012-2459), the commitment to its witnesses where it has any. Not its header's work: ``headers``.
"""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.numeric import blocks_native, blocks_python
from vigie.numeric.native import NATIVE

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_TX, LEAST_IN, LEAST_OUT = 60, 41, 9
"""Bytes of the smallest of each."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What whole blocks say. Hashes in the order of blocks; scripts of outputs one behind the other."""

    headers: NDArray[np.uint8]
    """[blocks, 80]"""
    block_txs: NDArray[np.uint32]
    """[blocks]: how many transactions each has."""
    tx_hash: NDArray[np.uint8]
    """[transactions, 32]"""
    tx_ins: NDArray[np.uint32]
    """How many inputs each transaction has."""
    tx_outs: NDArray[np.uint32]
    tx_version: NDArray[np.int32]
    tx_lock: NDArray[np.uint32]
    tx_vsize: NDArray[np.uint32]
    tx_flags: NDArray[np.uint8]
    """1: a coinbase; 2: with witnesses."""
    prev_tx: NDArray[np.uint8]
    """[inputs, 32]: hash of the transaction whose output each input spends; zeros of a coinbase."""
    prev_vout: NDArray[np.uint32]
    in_signs: NDArray[np.uint8]
    """See ``scripts_python.signs``; the lowest two bits: 0 sequence 0xffffffff, 1 0xfffffffe, 2 lower."""
    out_value: NDArray[np.int64]
    out_length: NDArray[np.uint32]
    """Bytes of each output's script in ``scripts``."""
    out_type: NDArray[np.uint8]
    """See ``scripts_python.kind``."""
    scripts: NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Columns(Body):
    """What blocks hold, and what they are."""

    block_bytes: NDArray[np.uint32]
    block_weight: NDArray[np.uint32]
    block_said: NDArray[np.int32]
    """The height that the coinbase begins with (BIP 34), or -1. Before block 227,931 it may be anything."""


class Parsed(t.NamedTuple):
    """The sound ones of some blocks, in their order, and what is wrong with the others."""

    columns: Columns
    why: NDArray[np.int32]
    """[asked]: 0, or one of ``blocks_codes``."""
    where: NDArray[np.int64]
    """[asked]: the byte at which that was seen; of a sound one its end."""


def parse(raw: NDArray[np.uint8], spans: NDArray[np.int64]) -> Parsed:
    """Parse the blocks at ``spans`` (int64[n, 2]: first byte, byte behind) of ``raw`` (uint8). Errors: ValueError."""
    if raw.dtype != np.uint8 or raw.ndim != 1 or not raw.flags.c_contiguous:
        raise ValueError(f"blocks in {raw.dtype}{raw.shape}")
    spans = np.ascontiguousarray(spans, np.int64).reshape(-1, 2)
    if (len(spans) and not 0 <= spans.min() <= spans.max() <= len(raw)) or (spans[:, 0] > spans[:, 1]).any():
        raise ValueError(f"spans beyond the {len(raw)} bytes there are")
    out = _room(int((spans[:, 1] - spans[:, 0]).sum()), len(spans))
    why, where = np.zeros(len(spans), np.int32), np.zeros(len(spans), np.int64)
    fill = blocks_native.parse if NATIVE else blocks_python.parse
    counts = fill(raw, spans, out, why, where)
    return Parsed(_cut(out, counts), why, where)


def _room(size: int, blocks: int) -> Columns:
    """Return columns that as many bytes in as many blocks cannot overfill; what is not written takes no memory."""
    txs, ins, outs = size // LEAST_TX, size // LEAST_IN, size // LEAST_OUT
    return Columns(
        headers=np.empty((blocks, 80), np.uint8),
        block_bytes=np.empty(blocks, np.uint32),
        block_weight=np.empty(blocks, np.uint32),
        block_txs=np.empty(blocks, np.uint32),
        block_said=np.empty(blocks, np.int32),
        tx_ins=np.empty(txs, np.uint32),
        tx_outs=np.empty(txs, np.uint32),
        tx_version=np.empty(txs, np.int32),
        tx_lock=np.empty(txs, np.uint32),
        tx_vsize=np.empty(txs, np.uint32),
        tx_flags=np.empty(txs, np.uint8),
        tx_hash=np.empty((txs, 32), np.uint8),
        prev_tx=np.empty((ins, 32), np.uint8),
        prev_vout=np.empty(ins, np.uint32),
        in_signs=np.empty(ins, np.uint8),
        out_value=np.empty(outs, np.int64),
        out_length=np.empty(outs, np.uint32),
        out_type=np.empty(outs, np.uint8),
        scripts=np.empty(size, np.uint8),
    )


def _cut(out: Columns, counts: blocks_python.Counts) -> Columns:
    many = {"headers": counts.blocks, "scripts": counts.script_bytes}
    by_name = {"block": counts.blocks, "tx": counts.txs, "prev": counts.ins, "in": counts.ins, "out": counts.outs}
    return Columns(
        **{
            one.name: getattr(out, one.name)[: many.get(one.name, by_name.get(one.name.partition("_")[0], 0))]
            for one in dataclasses.fields(out)
        }
    )
