"""What the chain paid to the scripts that a case watches: a fact for each output, and between which times it was."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import COINBASE, NO_HEIGHT, UNSPENT, Chain
from vigie.kernel.stage import stage
from vigie.kernel.table import Table, columns, of
from vigie.rows.payments import Receipt, Watched
from vigie.steps.blocktimes import Times, moments

Ints = npt.NDArray[np.int64]


@stage(split=None)
def receipts(watched: Table[Watched], chain: Chain) -> Table[Receipt]:
    """List every output of the chain that pays a watched script, in one pass over its outputs.

    Of two transactions with one id (BIP 30) the later one counts: the earlier one's outputs can never be spent.
    """
    network = watched.column("network") == chain.network
    scripts, places = watched.column("script")[network], np.flatnonzero(network)
    numbers = chain.script_numbers(scripts.tolist())
    outs = chain.outputs_of(numbers[numbers > 0])
    tx = chain.tx_of(outs)
    outs, tx = _latest(chain, outs, tx)
    if not len(outs):
        return of(Receipt)
    place_of = np.full(len(chain.script_type), -1, np.int64)
    place_of[numbers[numbers > 0]] = places[numbers > 0]
    row = place_of[chain.out_script[outs]]
    block = chain.block_of(tx)
    times = Times(chain)
    spender = np.asarray(chain.out_spender[outs], np.int64)
    spent = spender != UNSPENT
    spent_height = np.full(len(outs), NO_HEIGHT, np.int64)
    spent_height[spent] = chain.heights[chain.block_of(spender[spent])]
    return columns(
        Receipt,
        network=chain.network,
        txid=chain.tx_hash[tx][:, ::-1],
        vout=outs - np.asarray(chain.tx_out[tx], np.int64),
        watched=watched.matrix("key")[row],
        address=watched.column("address")[row],
        value_sat=chain.out_value[outs],
        height=np.where(block >= 0, chain.heights[block] if len(chain.heights) else NO_HEIGHT, NO_HEIGHT),
        at=moments(times.at(block)),
        earliest=moments(times.earliest(block)),
        latest=moments(times.latest(block)),
        spent_by=_ids(chain, spender, spent),
        spent_height=spent_height,
    )


def _latest(chain: Chain, outs: Ints, tx: Ints) -> tuple[Ints, Ints]:
    """Leave out transactions that a later one of the same id hides: only coinbases ever were."""
    coinbase = np.flatnonzero(chain.tx_flags[tx] & COINBASE)
    keep = np.ones(len(outs), np.bool_)
    if len(coinbase):
        keep[coinbase] = chain.hashes(np.ascontiguousarray(chain.tx_hash[tx[coinbase]])) == tx[coinbase]
    return outs[keep], tx[keep]


def _ids(chain: Chain, tx: Ints, there: npt.NDArray[np.bool_]) -> list[bytes]:
    """Return ids in display order, empty where there is none."""
    out: list[t.Any] = [b""] * len(tx)
    flat = np.ascontiguousarray(chain.tx_hash[tx[there]][:, ::-1]).tobytes()
    for number, at in enumerate(np.flatnonzero(there).tolist()):
        out[at] = flat[32 * number : 32 * number + 32]
    return out
