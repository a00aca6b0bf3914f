"""Which scripts one wallet spends, as far as the case touches them, and what was not put together, and why."""

import typing as t
from collections import Counter

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, of
from vigie.numeric.coins.scripts import address
from vigie.numeric.cospend_told import Told, told
from vigie.rows.clusters import Cluster, ClusterMember, Withheld
from vigie.rows.payments import Receipt, Watched
from vigie.rows.tags import Tag
from vigie.steps.cospent import Cospent, Services, cospent, owned, services, spends

Ints: t.TypeAlias = npt.NDArray[np.int64]
RESTS: t.Final = (
    "An inference (layer B): who signs for several addresses in one transaction most likely holds all their keys. It"
    " names nobody. It is wrong where people sign together and nothing shows it: PayJoin, CoinSwap, a shared wallet."
    " How often it was wrong on chains whose truth is known: docs/money.md."
)
GROUNDS: t.Final = {
    "coinjoin": "It looks like a CoinJoin, which several people sign",
    "tagged": "It would put scripts together that tags say are of different services.",
    "grows": "It would add more scripts at once to the largest cluster that it joins than is allowed.",
    "payjoin": "It spends scripts of the case's own wallet together with others, and pays the own ones more than they"
    " gave: a PayJoin, which payer and payee sign, or another wallet of the same people. Look at it.",
    "anyone_can_pay": "Some signatures let others add inputs (SIGHASH_ANYONECANPAY): those inputs were left out.",
}
KINDS: t.Final = {
    "": "",
    "whirlpool": "Whirlpool",
    "wasabi1": "Wasabi 1.0",
    "wasabi11": "Wasabi 1.1",
    "wabisabi": "WabiSabi (Wasabi 2)",
    "joinmarket": "JoinMarket",
    "whirlpool_tx0": "Whirlpool, before mixing",
    "ambiguous": "equal outputs as of several people; of which kind cannot be told (Stonewall, JoinMarket of two, ...)",
}


class Clustering(Params, frozen=True):
    """Settings."""

    most_members: Count = 1_000
    """Rows for so many members of a cluster, what the case touches first. All of them are counted."""
    most_withheld: Count = 10_000
    """Rows for so many withheld transactions, the earliest. All of them are counted."""


@stage(split=None)
def clusters(
    watched: Table[Watched],
    receipts: Table[Receipt],
    tags: Table[Tag],
    chain: Chain,
    params: Clustering,
) -> tuple[Table[Cluster], Table[ClusterMember], Table[Withheld]]:
    """Cluster the whole chain by what is spent together, and say what the case touches of it.

    It touches the clusters of watched scripts and of those whose money paid them. A script that is alone has no
    cluster, but what was withheld of it has rows.
    """
    found = cospent(chain, tags, owned(watched, chain.network))
    named = services(chain, tags)
    own = _known(chain.script_numbers([one.script for one in watched if one.network == chain.network]))
    touched = np.union1d(own, _paid_from(chain, receipts))
    seen = told(spends(chain), found.label, found.became, np.unique(found.label[touched]).astype(np.int64))
    made, members = _rows(chain, found, seen, named, own, touched, params)
    return of(Cluster, made), of(ClusterMember, members), of(Withheld, _withheld(chain, found, seen, params))


def _known(numbers: Ints) -> Ints:
    return np.unique(numbers[numbers > 0])


def _paid_from(chain: Chain, receipts: Table[Receipt]) -> Ints:
    """Return the scripts whose outputs the transactions spend that pay watched scripts."""
    txids = sorted({one.txid for one in receipts if one.network == chain.network})
    paid = chain.transactions(txids)
    spent = [chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1])) for tx in paid[paid >= 0].tolist()]
    every = np.concatenate([np.zeros(0, np.int64), *spent])
    return _known(chain.out_script[every[every < len(chain.out_script)]].astype(np.int64))


def _rows(
    chain: Chain,
    found: Cospent,
    seen: Told,
    named: Services,
    own: Ints,
    touched: Ints,
    params: Clustering,
) -> tuple[list[Cluster], list[ClusterMember]]:
    """Return rows for the sets of two scripts and more, and for their members; the touched ones come first."""
    label = found.label[seen.member]
    place = np.searchsorted(seen.root, label)
    size = np.bincount(place, minlength=len(seen.root))
    mine = np.bincount(place[np.isin(seen.member, own)], minlength=len(seen.root))
    order = np.lexsort((seen.member, ~np.isin(seen.member, touched), place))
    starts = np.concatenate([[0], np.cumsum(size)])
    names: dict[int, set[str]] = {}
    for script, service in zip(named.script.tolist(), named.service.tolist(), strict=True):
        names.setdefault(int(found.label[script]), set()).add(named.names[service - 1])
    made, members = [], []
    for at in np.flatnonzero(size > 1).tolist():
        root = int(seen.root[at])
        cluster = Cluster.make(
            network=chain.network,
            first=chain.script(root),
            scripts=int(size[at]),
            watched=int(mine[at]),
            transactions=int(seen.merges[at]),
            withheld=int(seen.withheld[at]),
            named=", ".join(sorted(names.get(root, ()))),
            text=f"{size[at]} scripts, put together by transactions that spend several of them: {seen.merges[at]};"
            f" {seen.withheld[at]} more were not used. {RESTS}",
        )
        made.append(cluster)
        for one in order[starts[at] : starts[at + 1]][: params.most_members].tolist():
            number = int(seen.member[one])
            script = chain.script(number)
            members.append(
                ClusterMember.make(
                    network=chain.network,
                    script=script,
                    cluster=cluster.key,
                    type=chain.type_of(number),
                    address=address(script, chain.network),
                    via=chain.txid(int(seen.via[one])),
                )
            )
    return made, members


def _withheld(chain: Chain, found: Cospent, seen: Told, params: Clustering) -> t.Iterator[Withheld]:
    for tx in seen.held[: params.most_withheld].tolist():
        spent = chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1]))
        scripts = set(chain.out_script[spent[spent < len(chain.out_script)]].tolist())
        values = Counter(chain.out_value[int(chain.tx_out[tx]) : int(chain.tx_out[tx + 1])].tolist())
        value, many = max(values.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        why, join = found.why(tx), found.join(tx)
        sure = found.labelled(tx)
        yield Withheld.make(
            network=chain.network,
            txid=chain.txid(tx),
            height=chain.height_of(tx),
            why=why,
            join=join,
            label=sure,
            inputs=len(spent),
            scripts=len(scripts),
            parties=many if why == "coinjoin" else 0,
            denomination_sat=value if many > 1 else 0,
            text=_text(why, join, sure=sure, many=many, value=value, inputs=len(spent), scripts=len(scripts)),
        )


def _text(why: str, join: str, *, sure: bool, many: int, value: int, inputs: int, scripts: int) -> str:
    if why != "coinjoin":
        return GROUNDS[why]
    said = "the shape is that of" if sure else "a suspicion, which is enough not to merge"
    return (
        f"{GROUNDS[why]}: {said}: {KINDS[join]}. {many} outputs are of {value} satoshi each; {inputs} inputs spend"
        f" {scripts} different scripts."
    )
