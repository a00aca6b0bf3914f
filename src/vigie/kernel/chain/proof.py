"""Merkle proofs: that a transaction stands in a block, shown with nothing but hashes and the block's header.

A transaction of 64 bytes looks like an inner node of the tree, and the other way round, so a branch alone can be forged
(CVE-2017-12842). The coinbase's branch goes along: it is the first, both must have one length, and nobody can mine a
coinbase of 64 bytes by chance. Hashes of branches are in the order of blocks, lowest first; ids in that of display.
"""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.kernel.chain.files import whole
from vigie.kernel.chain.layout import Part
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.numeric import merkle
from vigie.numeric.headers import shows_work, twice
from vigie.rows.blocks import LIMITS

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.kernel.chain.chain import Chain

MOST_DEPTH: t.Final = 17
"""No block has 2**17 transactions: each takes 60 bytes of its million without witnesses."""


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """What hangs a transaction on its block."""

    branch: list[bytes]
    coinbase: bytes
    coinbase_branch: list[bytes]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """That a transaction stands in a block."""

    network: str
    txid: bytes
    place: int
    """In its block."""
    branch: list[bytes]
    coinbase: bytes
    coinbase_branch: list[bytes]
    header: bytes
    height: int


class Tree:
    """The merkle tree of a block: made once, for all branches of its transactions."""

    def __init__(self, hashes: NDArray[np.uint8]) -> None:
        """``hashes``: uint8[n, 32], all of the block's, in the order of blocks."""
        self._rows = [row.tobytes() for row in merkle.rows(hashes)]

    def branch(self, place: int) -> list[bytes]:
        """Return the branch of one of the transactions; the last of an odd row is its own sibling."""
        out = []
        for row in self._rows[:-1]:
            at = 32 * min(place ^ 1, len(row) // 32 - 1)
            out.append(row[at : at + 32])
            place >>= 1
        return out


def root(leaf: bytes, place: int, siblings: t.Sequence[bytes]) -> bytes:
    """Return the merkle root that a transaction's hash (order of blocks) and its branch lead to."""
    for one in siblings:
        leaf = twice(one + leaf if place & 1 else leaf + one)
        place >>= 1
    return leaf


class Prover:
    """Proves transactions of a chain; those of one block, asked for one after another, by one tree."""

    def __init__(self, chain: Chain) -> None:
        self._chain, self._held = chain, dict[bytes, Branch]()
        self._block, self._tree, self._coinbase = -1, Tree(np.zeros((1, 32), np.uint8)), b""

    def prove(self, tx: int) -> Proof:
        """Return the proof of a transaction.

        Errors: UsageError for a stub, of which no block is known; IntegrityError where a scoped store has no proof of
        it, or its proofs are damaged.
        """
        chain, txid = self._chain, self._chain.txid(tx)
        block = int(chain.block_of(tx))
        if block < 0:
            raise UsageError(f"{txid.hex()} is known by what others spend of it only: there is no proof of it.")
        place = int(chain.tx_place[tx])
        if chain.scoped:
            self._held = self._held or _kept(chain)
            if txid not in self._held:
                raise IntegrityError(f"There is no proof of {txid.hex()} in the store. Fetch it anew.")
            own = self._held[txid]
        else:
            self._plant(block)
            own = Branch(branch=self._tree.branch(place), coinbase=self._coinbase, coinbase_branch=self._tree.branch(0))
        return Proof(
            network=chain.network,
            txid=txid,
            place=place,
            branch=own.branch,
            coinbase=own.coinbase,
            coinbase_branch=own.coinbase_branch,
            header=chain.headers[block].tobytes(),
            height=int(chain.heights[block]),
        )

    def _plant(self, block: int) -> None:
        if block != self._block:
            hashes = self._chain.tx_hash[int(self._chain.block_tx[block]) : int(self._chain.block_tx[block + 1])]
            self._block, self._tree, self._coinbase = block, Tree(hashes), hashes[0].tobytes()[::-1]


def prove(chain: Chain, transactions: t.Iterable[int]) -> list[Proof]:
    """Return the proof of each transaction. Errors: as ``Prover``'s."""
    prover = Prover(chain)
    return [prover.prove(tx) for tx in transactions]


def check(proof: Proof) -> None:
    """Hold a proof against its header. That the header is the chain's own is for whoever has the chain to say.

    Errors: IntegrityError that says what does not hold.
    """
    where = f"The proof of {proof.txid.hex()}"
    if len(proof.header) != 80 or not shows_work(proof.header, LIMITS[proof.network]):
        raise IntegrityError(f"{where}: its header shows no work.")
    if len(proof.branch) != len(proof.coinbase_branch) or len(proof.branch) > MOST_DEPTH:
        raise IntegrityError(
            f"{where} is {len(proof.branch)} steps deep, the coinbase's {len(proof.coinbase_branch)}: one is forged."
        )
    if not 0 <= proof.place < 1 << len(proof.branch) or (proof.txid == proof.coinbase) != (proof.place == 0):
        raise IntegrityError(f"{where}: its branch has no place {proof.place}.")
    for name, txid, place, siblings in (
        ("its branch", proof.txid, proof.place, proof.branch),
        ("the coinbase's branch", proof.coinbase, 0, proof.coinbase_branch),
    ):
        if root(txid[::-1], place, siblings) != proof.header[36:68]:
            raise IntegrityError(f"{where}: {name} does not lead to the root in the header.")


def _kept(chain: Chain) -> dict[bytes, Branch]:
    if not chain.proofs:
        return {}
    path, part = t.cast("tuple[t.Any, Part]", chain.proofs)
    return msgspec.msgpack.decode(whole(path, part), type=dict[bytes, Branch])
