"""Where the money of orders went, and where it came from: a row for each end of a trace, with the hops to it."""

import typing as t

import numpy as np

from vigie.kernel.chain.chain import Chain
from vigie.kernel.errors import UsageError
from vigie.kernel.stage import Count, stage
from vigie.kernel.table import Table, look, together
from vigie.rows.paths import Flow, Hop
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.tags import Tag
from vigie.steps.followed import Followed, Stops
from vigie.steps.traced import DIRECTIONS, Seeds, traced

Policy: t.TypeAlias = t.Literal["fifo", "haircut"]


class Flows(Stops, frozen=True):
    """Settings: those of ``Stops``, and what is traced."""

    policies: tuple[Policy, ...] = ("fifo",)
    """``fifo`` is the policy of a case unless the unit says otherwise; ``haircut`` is a second view."""
    seeds: tuple[str, ...] = ()
    """Receipts to be traced beside those of orders, as ``txid:vout``."""
    most_flows: Count = 20
    """Ends of one payment that have rows of their own, services first; the others are added up by why they are ends."""
    batch: Count = 4_096
    """Payments that are traced at a time: a bound on memory, of no account for the results."""


@stage(split=None)
def flows(
    receipts: Table[Receipt],
    settlements: Table[Settlement],
    watched: Table[Watched],
    tags: Table[Tag],
    chain: Chain,
    params: Flows,
) -> tuple[Table[Flow], Table[Hop]]:
    """Trace each payment that settled an order (layers A and B) forward and backward, to its ends."""
    seeds = _seeds(receipts, settlements, chain, params)
    if not len(seeds.out):
        return Table(Flow), Table(Hop)
    own = look("select script from w where own and network = $n".replace("$n", f"'{chain.network}'"), w=watched)
    followed = Followed(chain, tags, [one["script"] for one in own], params)
    ends: list[Table[Flow]] = []
    hops = together(Hop, _hops(followed, seeds, params, ends), receipts.room)
    return together(Flow, ends, receipts.room), hops


def _hops(followed: Followed, seeds: Seeds, params: Flows, ends: list[Table[Flow]]) -> t.Iterator[Table[Hop]]:
    """Yield the hops of one batch after another, most of the rows, so that none is held; flows to ``ends``."""
    for policy in dict.fromkeys(params.policies):
        for direction in DIRECTIONS:
            for first in range(0, len(seeds.out), max(1, params.batch)):
                found, hops = traced(followed, seeds.part(first, params.batch), policy, direction, params.most_flows)
                ends.append(found)
                yield hops


def _seeds(receipts: Table[Receipt], settlements: Table[Settlement], chain: Chain, params: Flows) -> Seeds:
    """Return the outputs that are traced, each once, in the order of the chain."""
    given = set(params.seeds)
    for name in given:
        txid, _, vout = name.partition(":")
        if len(txid) != 64 or set(txid) - set("0123456789abcdef") or not vout.isdecimal():
            raise UsageError(f"[stage.flows] seeds: {name!r} is no txid:vout. Write 64 hex digits, a colon, a number.")
    named = ", ".join(f"'{one}'" for one in sorted(given)) or "''"
    rows = look(
        f"""
        select key, txid, vout from r where network = '{chain.network}' and (key in
            (select receipt from s where layer in ('A', 'B') and candidates <= 1)
            or lower(hex(txid)) || ':' || vout in ({named}))
        """,
        r=receipts,
        s=settlements,
    )
    tx = chain.transactions([one["txid"] for one in rows])
    found = []
    for one, number in zip(rows, tx.tolist(), strict=True):
        out = int(chain.tx_out[number]) + one["vout"] if number >= 0 else -1
        if 0 <= out < int(chain.tx_out[number + 1]) and chain.out_value[out] >= 0:
            found.append((out, one["key"]))
    found.sort()
    return Seeds(np.array([out for out, _ in found], np.int64), [key for _, key in found])
