"""A chain as it is read: arrays that may be mapped files, and how things are found in them.

Everything has a number by its place. Transactions stand in the order (height, place in the block), so an output's
transaction always stands before those that spend it; outputs and inputs stand in the order of their transactions.
A *scoped* chain holds some transactions of some blocks, and before all others *stubs*: transactions of which only
outputs are known that others spend. Both have one layout, so one loop serves both.
"""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.numeric import runs
from vigie.rows.money import SCRIPT_TYPES

if t.TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vigie.kernel.chain.layout import Part

MISSING: t.Final = (1 << 40) - 1
"""Number of an output that is not here: what a coinbase spends, or what a scoped chain does not hold."""
UNSPENT: t.Final = (1 << 32) - 1
"""Spender of an output that no transaction here spends."""
NO_VALUE: t.Final = -1
"""Value of an output of a stub of which nothing is known; its script is number 0."""
NO_HEIGHT: t.Final = -1

COINBASE, SEGWIT, STUB = 1, 2, 4
"""Bits of ``tx_flags``. ``STUB``: only some of its outputs are known, none of its inputs."""
FINAL, NOT_FINAL, REPLACEABLE = 0, 1, 2
"""Lowest two bits of ``in_signs``: sequence 0xffffffff, 0xfffffffe, lower (BIP 125)."""
ANYONE_CAN_PAY, LOW_R, COMPRESSED, SIGNED = 4, 8, 16, 32
"""Bits of ``in_signs``: a signature with that flag; each ECDSA signature's r is 32 bytes; a compressed key was shown;
there is a signature at all (without it ``LOW_R`` says nothing)."""


class Run(t.NamedTuple):
    """A sorted run: ``keys`` ascend, ``at`` says what each is of (``numeric.runs``). A key is a hint, never a proof."""

    keys: NDArray[np.uint64]
    at: NDArray[np.uint32]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """A chain to be read. Arrays are read-only; ``n_tx`` transactions, ``n_in`` inputs, ``n_out`` outputs."""

    network: str
    """One of ``rows.money.NETWORKS``."""
    identity: bytes
    """SHA-256 over all that it holds: two chains with one identity give the same answers."""
    scoped: bool
    """Does it hold only what a case asked for? Then an output without a spender may have one elsewhere."""
    headers: NDArray[np.uint8]
    """[blocks, 80]: as they are hashed, by ascending height."""
    heights: NDArray[np.int32]
    """[blocks]"""
    block_tx: NDArray[np.uint64]
    """[blocks + 1]: first transaction of each block; before ``block_tx[0]`` stand the stubs."""
    tx_in: NDArray[np.uint64]
    """[n_tx + 1]: first input of each."""
    tx_out: NDArray[np.uint64]
    """[n_tx + 1]: first output of each; ``vout`` is the place after it."""
    tx_hash: NDArray[np.uint8]
    """[n_tx, 32]: in the order of blocks, *not* that of display."""
    tx_place: NDArray[np.uint32]
    """[n_tx]: place in its block; where the chain is not scoped, that since ``block_tx``."""
    tx_version: NDArray[np.int32]
    tx_lock: NDArray[np.uint32]
    tx_vsize: NDArray[np.uint32]
    """Virtual bytes (BIP 141), by which fees are paid; 0 of a stub."""
    tx_flags: NDArray[np.uint8]
    prev_low: NDArray[np.uint32]
    """[n_in]: lower 32 bits of the number of the output that is spent ..."""
    prev_high: NDArray[np.uint8]
    """... and the upper 8; all ones: ``MISSING``."""
    in_signs: NDArray[np.uint8]
    out_value: NDArray[np.int64]
    """[n_out], satoshi."""
    out_script: NDArray[np.uint32]
    """[n_out]: number of its script; equal scripts have one number."""
    out_spender: NDArray[np.uint32]
    """[n_out]: number of the transaction that spends it, or ``UNSPENT``."""
    script_type: NDArray[np.uint8]
    """[scripts]: place in ``SCRIPT_TYPES``. Script 0 is the one that is not known."""
    script_start: NDArray[np.uint64]
    """[scripts + 1]: where its bytes begin in ``scripts``."""
    scripts: NDArray[np.uint8]
    script_runs: tuple[Run, ...]
    """How scripts are found: by ``numeric.runs.text_keys`` under ``salt``, the oldest run first ..."""
    salt: NDArray[np.uint64]
    """[2]: the store's own."""
    tx_runs: tuple[Run, ...]
    """... and transactions, by the first 8 bytes of their hashes."""
    proofs: tuple[Path, Part] | None = None
    """Of a scoped store: where the merkle branches of its transactions lie (``proof.prove``)."""

    def transactions(self, txids: t.Sequence[bytes]) -> NDArray[np.int64]:
        """Find transactions by id (display order); -1 where it is not here. Of two with one id (BIP 30) the later."""
        wanted = np.frombuffer(b"".join(txid[::-1] for txid in txids), np.uint8).reshape(-1, 32)
        return self.hashes(wanted)

    def hashes(self, wanted: NDArray[np.uint8], before: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Find transactions by hash, uint8[n, 32] in the order of blocks; int64[n], -1 where it is not here.

        ``before``: for each the transaction before which it must stand.
        """
        return found_among(self.tx_runs, self.tx_hash, wanted, before)

    def script_numbers(self, scripts: t.Sequence[bytes]) -> NDArray[np.int64]:
        """Find scripts by their bytes; -1 where no output here has it. Ask for many at once."""
        sizes = np.array([len(one) for one in scripts], np.uint32)
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.uint64)]).astype(np.uint64)
        asked = np.frombuffer(b"".join(scripts), np.uint8)
        keys = runs.text_keys(asked, starts, self.salt)
        order = np.argsort(keys)
        found, places = np.full(len(keys), -1, np.int64), np.empty(len(keys), np.int64)
        for run in self.script_runs:
            runs.joined(run.keys, order, keys, places)
            runs.found_texts(
                run.keys, run.at, places, self.script_start, self.scripts, starts[:-1], sizes, asked, found
            )
        return found

    def txid(self, tx: int) -> bytes:
        """Return a transaction's id in display order."""
        return bytes(self.tx_hash[tx].tobytes()[::-1])

    def script(self, number: int) -> bytes:
        """Return the bytes of a script."""
        return bytes(self.scripts[int(self.script_start[number]) : int(self.script_start[number + 1])])

    def type_of(self, number: int) -> str:
        """Return the kind of a script."""
        return SCRIPT_TYPES[int(self.script_type[number])]

    def block_of(self, tx: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Return the places of blocks (not heights) that hold transactions; -1 for a stub."""
        return np.searchsorted(self.block_tx, np.asarray(tx, np.uint64), "right").astype(np.int64) - 1

    def height_of(self, tx: int) -> int:
        """Return the height of a transaction's block; ``NO_HEIGHT`` for a stub."""
        block = int(self.block_of(tx))
        return int(self.heights[block]) if block >= 0 else NO_HEIGHT

    def times(self) -> NDArray[np.uint32]:
        """Return what each block's header says was its time, seconds since 1970; it may be two hours off."""
        return np.ascontiguousarray(self.headers[:, 68:72]).view("<u4").reshape(-1)

    def tx_of(self, out: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Return the transactions that outputs belong to; ``vout`` is what is left after ``tx_out`` of it."""
        return np.searchsorted(self.tx_out, np.asarray(out, np.uint64), "right").astype(np.int64) - 1

    def prev(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the numbers of the outputs that inputs ``first`` to ``last`` (not with it) spend, or ``MISSING``."""
        return self.prev_low[first:last].astype(np.int64) | self.prev_high[first:last].astype(np.int64) << 32

    def outputs_of(self, scripts: t.Iterable[int]) -> NDArray[np.int64]:
        """Return the numbers of all outputs that pay any of these scripts, ascending. It reads all outputs once."""
        wanted = np.zeros(len(self.script_type), np.uint8)
        wanted[np.fromiter(scripts, np.int64)] = 1
        return runs.paid_to(self.out_script, wanted)

    def spenders_of(self, script: int) -> NDArray[np.int64]:
        """Return the numbers of the outputs that pay a script. It reads all outputs: ask ``outputs_of`` for many."""
        return self.outputs_of([script])


def found_among(
    among: t.Sequence[Run], hashes: NDArray[np.uint8], wanted: NDArray[np.uint8], before: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Find transactions by hash in runs; see ``Chain.hashes``. The newest run is asked first."""
    keys = runs.hash_keys(wanted)
    order = np.argsort(keys)
    found, places = np.full(len(keys), -1, np.int64), np.empty(len(keys), np.int64)
    limits = np.full(len(keys), len(hashes), np.int64) if before is None else before
    for run in reversed(among):
        runs.joined(run.keys, order, keys, places)
        runs.found_hashes(run.keys, run.at, places, hashes, wanted, limits, found)
    return found
