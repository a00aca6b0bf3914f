"""A chain as it is read: arrays that may be mapped files, and how things are found in them.

Everything has a number by its place. Transactions stand in the order (height, place in the block), so an output's
transaction always stands before those that spend it; outputs and inputs stand in the order of their transactions.
A *scoped* chain holds some transactions of some blocks, and before all others *stubs*: transactions of which only
outputs are known that others spend. Both have one layout, so one loop serves both.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

import numpy as np

from vigie.rows.money import SCRIPT_TYPES

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

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
    script_key: NDArray[np.uint64]
    """Ascending: first 8 bytes (big-endian) of each script's hash, see ``scripthash`` ..."""
    script_at: NDArray[np.uint32]
    """... and which script it is of."""
    tx_key: NDArray[np.uint64]
    """Ascending: first 8 bytes (big-endian) of each ``tx_hash`` ..."""
    tx_at: NDArray[np.uint32]
    """... and which transaction it is of."""

    def transactions(self, txids: t.Sequence[bytes]) -> NDArray[np.int64]:
        """Find transactions by id (display order); -1 where it is not here. Of two with one id (BIP 30) the later."""
        found = np.full(len(txids), -1, np.int64)
        for number, txid in enumerate(txids):
            wanted = txid[::-1]
            for at in _run(self.tx_key, wanted):
                one = int(self.tx_at[at])
                if self.tx_hash[one].tobytes() == wanted:
                    found[number] = max(found[number], one)
        return found

    def script_numbers(self, scripts: t.Sequence[bytes]) -> NDArray[np.int64]:
        """Find scripts by their bytes; -1 where no output here has it."""
        found = np.full(len(scripts), -1, np.int64)
        for number, script in enumerate(scripts):
            for at in _run(self.script_key, scripthash(script)):
                one = int(self.script_at[at])
                if self.script(one) == script:
                    found[number] = one
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

    def spenders_of(self, script: int) -> NDArray[np.int64]:
        """Return the numbers of the outputs that pay a script. It reads all outputs: ask for many at once elsewhere."""
        return np.flatnonzero(self.out_script == script)


def scripthash(script: bytes) -> bytes:
    """Return a script's hash, SHA-256 as Electrum's protocol has it (there reversed)."""
    return hashlib.sha256(script).digest()


def _run(keys: NDArray[np.uint64], wanted: bytes) -> range:
    key = np.uint64(int.from_bytes(wanted[:8]))
    return range(int(np.searchsorted(keys, key, "left")), int(np.searchsorted(keys, key, "right")))
