"""Merkle proofs: that a transaction stands in a block, shown with nothing but hashes and the block's header.

A transaction of 64 bytes looks like an inner node of the tree, and the other way round, so a branch alone can be forged
(CVE-2017-12842). The coinbase's branch goes along: it is the first, both must have one length, and nobody can mine a
coinbase of 64 bytes by chance. Hashes of branches are in the order of blocks, lowest first; ids in that of display.
"""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.chain.files import whole
from vigie.kernel.chain.layout import Part
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.numeric.headers import shows_work, twice
from vigie.rows.blocks import LIMITS

if t.TYPE_CHECKING:
    import numpy as np
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


def branch(hashes: NDArray[np.uint8], place: int) -> list[bytes]:
    """Return the merkle branch of one of a block's transactions, uint8[n, 32] all of them."""
    row, out = [one.tobytes() for one in hashes], []
    while len(row) > 1:
        if len(row) % 2:
            row.append(row[-1])
        out.append(row[place ^ 1])
        row = [twice(row[at] + row[at + 1]) for at in range(0, len(row), 2)]
        place >>= 1
    return out


def root(leaf: bytes, place: int, siblings: t.Sequence[bytes]) -> bytes:
    """Return the merkle root that a transaction's hash (order of blocks) and its branch lead to."""
    for one in siblings:
        leaf = twice(one + leaf if place & 1 else leaf + one)
        place >>= 1
    return leaf


def prove(chain: Chain, transactions: t.Sequence[int]) -> list[Proof]:
    """Return the proof of each transaction.

    Errors: UsageError for a stub, of which no block is known; IntegrityError where a scoped store's proofs are damaged.
    """
    kept = _kept(chain) if chain.proofs else {}
    out = []
    for tx in transactions:
        block = int(chain.block_of(tx))
        if block < 0:
            raise UsageError(
                f"{chain.txid(tx).hex()} is known by what others spend of it only: there is no proof of it."
            )
        place = int(chain.tx_place[tx])
        if chain.scoped:
            if chain.txid(tx) not in kept:
                raise IntegrityError(f"There is no proof of {chain.txid(tx).hex()} in the store. Fetch it anew.")
            own = kept[chain.txid(tx)]
        else:
            hashes = chain.tx_hash[int(chain.block_tx[block]) : int(chain.block_tx[block + 1])]
            first = hashes[0].tobytes()[::-1]
            own = Branch(branch=branch(hashes, place), coinbase=first, coinbase_branch=branch(hashes, 0))
        out.append(
            Proof(
                network=chain.network,
                txid=chain.txid(tx),
                place=place,
                branch=own.branch,
                coinbase=own.coinbase,
                coinbase_branch=own.coinbase_branch,
                header=chain.headers[block].tobytes(),
                height=int(chain.heights[block]),
            )
        )
    return out


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
    path, part = t.cast("tuple[t.Any, Part]", chain.proofs)
    return msgspec.msgpack.decode(whole(path, part), type=dict[bytes, Branch])
