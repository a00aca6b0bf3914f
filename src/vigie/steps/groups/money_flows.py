"""Where the case's money went, and where it came from: a row for each end of a trace, with the hops to it."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, stage
from vigie.kernel.table import Table, look, together
from vigie.rows.given import Given
from vigie.rows.paths import Flow, Hop
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.tags import Tag
from vigie.steps.cospent import owned
from vigie.steps.followed import Followed, Stops
from vigie.steps.traced import DIRECTIONS, Seeds, traced

Policy: t.TypeAlias = t.Literal["fifo", "haircut"]


class Flows(Stops, frozen=True):
    """Settings: those of ``Stops``, and what is traced."""

    policies: tuple[Policy, ...] = ("fifo",)
    """``fifo`` is the policy of a case unless the unit says otherwise; ``haircut`` is a second view."""
    payments: t.Literal["all", "orders"] = "all"
    """``all``: each to the platform's own scripts, known order or not: of a seized wallet there may be no order table.
    ``orders``: only those that settled one, and what is given."""
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
    givens: Table[Given],
    chain: Chain,
    params: Flows,
) -> tuple[Table[Flow], Table[Hop]]:
    """Trace each payment that settled an order (layers A and B) or came to an own script, and what is given, both ways.

    What the platform's own wallet paid to itself, and what is less than any trace follows, is traced only for an order.
    """
    own = owned(watched, chain.network)
    seeds = _seeds(receipts, settlements, watched, givens, chain, params, own)
    if not len(seeds.out):
        return Table(Flow), Table(Hop)
    followed = Followed(chain, tags, own, params)
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


def _seeds(
    receipts: Table[Receipt],
    settlements: Table[Settlement],
    watched: Table[Watched],
    givens: Table[Given],
    chain: Chain,
    params: Flows,
    own: list[bytes],
) -> Seeds:
    """Return the outputs that are traced, each once, in the order of the chain; ``own``: the platform's scripts."""
    rows = look(
        f"""
        with named as (select left(value, 64) as txid, value from ({_TRANSACTIONS})),
            own as (select r.* from r semi join w on w.key = r.watched and w.own),
            told as (select *, key in (select receipt from s where layer in ('A', 'B') and candidates <= 1)
                or exists (select 1 from named n
                    where n.txid = lower(hex(r.txid)) and n.value in (n.txid, n.txid || ':' || r.vout)) as asked
                from r where network = '{chain.network}')
        select key, txid, vout, not asked and txid in (select spent_by from own) as may_move from told
        where asked or ({params.payments == "all"} and value_sat >= {params.least_sat} and key in (select key from own))
        """,
        r=receipts,
        s=settlements,
        w=watched,
        g=givens,
    )
    tx = chain.transactions([one["txid"] for one in rows]).tolist()
    found = dict.fromkeys(_given(givens, chain), b"")
    mine = np.zeros(len(chain.script_type), np.bool_)
    scripts = chain.script_numbers(own)
    mine[scripts[scripts > 0]] = True
    for one, number in zip(rows, tx, strict=True):
        if one["may_move"] and _moves(chain, mine, number):
            continue
        out = int(chain.tx_out[number]) + one["vout"] if number >= 0 else -1
        if 0 <= out < int(chain.tx_out[number + 1]):
            found[out] = one["key"]
    order = sorted(out for out in found if chain.out_value[out] >= 0)
    return Seeds(np.array(order, np.int64), [found[out] for out in order])


def _moves(chain: Chain, mine: npt.NDArray[np.bool_], tx: int) -> bool:
    """Tell whether a transaction spends own scripts alone: change, or a move; a PayJoin spends the payer's, too."""
    if tx < 0:
        return False
    spent = chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1]))
    known = spent < len(chain.out_script)
    return bool(known.all() and mine[np.asarray(chain.out_script)[spent]].all())


_TRANSACTIONS: t.Final = """
    select value from g where kind = 'transaction' and regexp_full_match(value, '[0-9a-f]{64}(:[0-9]{1,9})?')
    order by value
"""


def _given(givens: Table[Given], chain: Chain) -> set[int]:
    """Return the outputs of the transactions that the examiner names; what the chain does not hold has none."""
    texts = [one["value"] for one in look(_TRANSACTIONS, g=givens)]
    out = set[int]()
    for text, tx in zip(texts, chain.transactions([bytes.fromhex(one[:64]) for one in texts]).tolist(), strict=True):
        if tx >= 0:
            outputs = range(int(chain.tx_out[tx]), int(chain.tx_out[tx + 1]))
            vout = text[65:]
            out.update(outputs[int(vout) : int(vout) + 1] if vout else outputs)
    return out
