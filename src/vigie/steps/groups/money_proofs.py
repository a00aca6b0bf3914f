"""That each transaction which a payment or a hop names stands in a block: a branch of hashes to the block's header."""

import numpy as np

from vigie.kernel.chain.chain import Chain
from vigie.kernel.chain.proof import Proof as Shown
from vigie.kernel.chain.proof import Prover, check
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.kernel.stage import stage
from vigie.kernel.table import Table, look, of
from vigie.numeric.headers import block_hash
from vigie.rows.clusters import ClusterMember
from vigie.rows.paths import Hop, Proof
from vigie.rows.payments import Receipt, Settlement


@stage(split=None)
def proofs(
    receipts: Table[Receipt],
    settlements: Table[Settlement],
    members: Table[ClusterMember],
    hops: Table[Hop],
    chain: Chain,
) -> Table[Proof]:
    """Prove every transaction of a payment that settled an order, of every hop, and that put scripts into a cluster.

    What cannot be proved says why.
    """
    rows = look(
        f"""
        select distinct txid from (
            select txid from h union all
            select r.txid from r where network = '{chain.network}' and key in (select receipt from s) union all
            select m.via from m where network = '{chain.network}'
        ) order by txid
        """,
        h=hops,
        r=receipts,
        s=settlements,
        m=members,
    )
    ids = [one["txid"] for one in rows]
    numbers, prover = chain.transactions(ids), Prover(chain)
    made = {at: _row(chain, prover, ids[at], int(numbers[at])) for at in np.argsort(numbers, kind="stable").tolist()}
    return of(Proof, [made[at] for at in range(len(ids))])


def _row(chain: Chain, prover: Prover, txid: bytes, tx: int) -> Proof:
    if tx < 0:
        return _none(chain, txid, "The chain here does not hold it.")
    try:
        shown = prover.prove(tx)
        check(shown)
    except (UsageError, IntegrityError) as error:
        return _none(chain, txid, str(error))
    return _proved(shown)


def _proved(shown: Shown) -> Proof:
    block = block_hash(shown.header)[::-1]
    return Proof.make(
        network=shown.network,
        txid=shown.txid,
        height=shown.height,
        block=block,
        header=shown.header,
        place=shown.place,
        branch=b"".join(shown.branch),
        coinbase=shown.coinbase,
        coinbase_branch=b"".join(shown.coinbase_branch),
        holds=True,
        text=f"{len(shown.branch)} hashes lead from it to the merkle root of block {shown.height:,}, {block.hex()},"
        " whose header shows its work; the branch of the coinbase has the same length.",
    )


def _none(chain: Chain, txid: bytes, why: str) -> Proof:
    return Proof.make(
        network=chain.network, txid=txid, height=-1, block=bytes(32), header=b"", place=0, branch=b"",
        coinbase=bytes(32), coinbase_branch=b"", holds=False, text=why,
    )  # fmt: skip
