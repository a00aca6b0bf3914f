"""A chain made in memory from what blocks say: numbers for outputs and scripts, who spends what, and the indexes.

For chains of a case's size, and tests. The store on disk (``docs/chain.md``) does the same by appending.
"""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.kernel.chain.chain import MISSING, UNSPENT, Chain, Run
from vigie.kernel.chain.layout import COLUMNS, digests, identity
from vigie.numeric import runs

if t.TYPE_CHECKING:
    from numpy.typing import NDArray


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """An output."""

    value: int
    script: bytes
    type: int
    """Place in ``SCRIPT_TYPES``."""


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """An input: which output it spends, by the id of its transaction in display order."""

    txid: bytes
    vout: int
    signs: int = 0


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as a block says it."""

    txid: bytes
    """Display order."""
    took: list[Took]
    """Of a coinbase one input whose ``txid`` is zeros."""
    put: list[Put | None]
    """None: an output of a stub of which nothing is known."""
    version: int = 2
    lock: int = 0
    vsize: int = 0
    flags: int = 0
    place: int = 0


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A block, or what is held of it."""

    header: bytes
    height: int
    said: list[Said]


def assemble(network: str, blocks: list[Held], *, stubs: list[Said] | None = None, scoped: bool = False) -> Chain:
    """Return the chain of blocks in ascending height; ``stubs`` are transactions of which only outputs are known.

    Errors: ValueError where blocks or transactions stand in an order in which something is spent before it is made.
    """
    every = [*(stubs or []), *(one for block in blocks for one in block.said)]
    first = len(stubs or [])
    counts = [len(block.said) for block in blocks]
    tx_in = _starts([len(one.took) for one in every])
    tx_out = _starts([len(one.put) for one in every])
    values, scripts, spender = np.full(int(tx_out[-1]), -1, np.int64), np.zeros(int(tx_out[-1]), np.uint32), None
    spender = np.full(int(tx_out[-1]), UNSPENT, np.uint32)
    prev = np.full(int(tx_in[-1]), MISSING, np.int64)
    known: dict[bytes, int] = {}
    types = [0]
    places: dict[bytes, int] = {}
    for number, one in enumerate(every):
        for place, took in enumerate(one.took, int(tx_in[number])):
            made = places.get(took.txid)
            if made is not None and int(tx_out[made]) + took.vout < int(tx_out[made + 1]):
                prev[place] = int(tx_out[made]) + took.vout
                spender[prev[place]] = number
        for place, put in enumerate(one.put, int(tx_out[number])):
            if put is not None:
                values[place] = put.value
                if put.script not in known:
                    known[put.script] = len(types)
                    types.append(put.type)
                scripts[place] = known[put.script]
        places[one.txid] = number
    hashes = np.frombuffer(b"".join(one.txid[::-1] for one in every), np.uint8).reshape(-1, 32)
    texts, starts = np.frombuffer(b"".join(known), np.uint8), _starts([0, *(len(script) for script in known)])
    salt = np.zeros(2, np.uint64)
    script_keys = runs.text_keys(texts, starts, salt)[1:]
    by_script = runs.sorting(script_keys)
    tx_keys = runs.hash_keys(hashes)
    by_tx = runs.sorting(tx_keys)
    chain = Chain(
        network=network,
        identity=b"",
        scoped=scoped,
        headers=np.frombuffer(b"".join(one.header for one in blocks), np.uint8).reshape(-1, 80),
        heights=np.array([one.height for one in blocks], np.int32),
        block_tx=(first + _starts(counts).astype(np.int64)).astype(np.uint64),
        tx_in=tx_in,
        tx_out=tx_out,
        tx_hash=hashes,
        tx_place=np.array([one.place for one in every], np.uint32),
        tx_version=np.array([one.version for one in every], np.int32),
        tx_lock=np.array([one.lock for one in every], np.uint32),
        tx_vsize=np.array([one.vsize for one in every], np.uint32),
        tx_flags=np.array([one.flags for one in every], np.uint8),
        prev_low=(prev & 0xFFFFFFFF).astype(np.uint32),
        prev_high=(prev >> 32).astype(np.uint8),
        in_signs=np.array([took.signs for one in every for took in one.took], np.uint8),
        out_value=values,
        out_script=scripts,
        out_spender=spender,
        script_type=np.array(types, np.uint8),
        script_start=starts,
        scripts=texts,
        salt=salt,
        script_runs=(Run(script_keys[by_script], (by_script + 1).astype(np.uint32)),),
        tx_runs=(Run(tx_keys[by_tx], by_tx.astype(np.uint32)),),
    )
    return _identified(chain)


def none(network: str = "main") -> Chain:
    """Return a chain that holds nothing."""
    return assemble(network, [], scoped=True)


def _identified(chain: Chain) -> Chain:
    parts = {name: digests(getattr(chain, name)) for name in COLUMNS}
    fields = {name: getattr(chain, name) for name in chain.__slots__}
    return Chain(**{**fields, "identity": identity(chain.network, chain.scoped, parts)})


def _starts(counts: list[int]) -> NDArray[np.uint64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
