"""All scripts that a case has to do with: what is asked of the chain."""

import typing as t

from vigie.kernel.stage import stage
from vigie.kernel.table import Selected, Table, columns, look, query, stream
from vigie.numeric.coins import scripts
from vigie.rows.base import Row
from vigie.rows.derived import Derived, Scheme
from vigie.rows.given import Given
from vigie.rows.ledgers import Ledger
from vigie.rows.money import Network, ScriptType
from vigie.rows.payments import WHY, Watched
from vigie.rows.people import Mention, Payment
from vigie.rows.sightings import Sighting
from vigie.rows.wallets import WalletAddress
from vigie.steps.addresses import ADDRESS
from vigie.steps.networks import test_network


class _Address(Row, frozen=True, kw_only=True):
    """An address that stands somewhere as text, and what it says."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("text",)
    text: str
    network: Network
    script: bytes
    type: ScriptType
    address: str


@stage(split=None)
def watched(
    derived: Table[Derived],
    schemes: Table[Scheme],
    walletaddresses: Table[WalletAddress],
    payments: Table[Payment],
    sightings: Table[Sighting],
    mentions: Table[Mention],
    givens: Table[Given],
    ledgers: Table[Ledger],
) -> Table[Watched]:
    """Put together the scripts that keys lead to, wallets hold, orders name, files and texts show, and people give."""
    test = test_network(ledgers, *(one["network"] for one in look(_NETWORKS, s=schemes, w=walletaddresses)))
    said = Selected(_SAID, {"p": payments, "s": sightings, "m": mentions, "g": givens})
    # An address that was derived is not read again: a shop has a hundred thousand of them.
    texts = (one["text"] for one in stream(_UNKNOWN, said=said, d=derived))
    told = columns(_Address, **_read(texts, test))
    return query(Watched, _WATCHED, d=derived, c=schemes, w=walletaddresses, said=said, told=told)


def _read(texts: t.Iterable[str], test: str) -> dict[str, list[t.Any]]:
    """Return what addresses say, in columns; what is no address of Bitcoin's is left out."""
    out: dict[str, list[t.Any]] = {name: [] for name in _Address.__struct_fields__ if name != "key"}
    for text in texts:
        one = scripts.read(text)
        if one is not None:
            network = test if one.network == "test" else one.network
            for name, value in zip(out, (text, network, one.script, one.type, one.text), strict=True):
                out[name].append(value)
    return out


_NETWORKS: t.Final = """
    select distinct network from s where found in ('wallet', 'given') union select distinct network from w
    order by network
"""
_SAID: t.Final = f"""
    select {ADDRESS} as text, 'order' as why, bool_or(direction = 'in') as own, count(*) as many,
        min('payment ' || relation || ' row ' || "number") as source
    from {{p}} where address <> '' group by all
    union all
    select value, 'sighting', false, count(*), min('file ' || lower(hex(content))[1:16] || ' byte ' || "start")
    from {{s}} where kind in ('btc', 'btctest') and encoding <> 'glued' group by value
    union all
    select value, 'sighting', false, count(*), min('text ' || relation || ' row ' || "number" || ' ' || "column")
    from {{m}} where kind in ('btc', 'btctest') group by value
    union all
    select value, 'given', false, 1, 'given by ' || examiner from {{g}} where kind = 'address'
"""
_UNKNOWN: t.Final = """
    select distinct text from said where length(text) between 14 and 90 and text not in (select address from d)
    order by text
"""
_WATCHED: t.Final = f"""
    with known as (
        select distinct d.address as text, d.network, d.script, d.type, d.address from d
        where d.address in (select text from said)
        union all
        select text, network, script, type, address from told
    ), places as (
        select d.network, d.script, d.type, d.address, 'derived' as why, c.found <> 'mention' as own, 1 as many,
            'key ' || d.fingerprint || ' path ' || d.path as source
        from d join c on c.key = d.scheme
        union all
        select if(network = '', 'main', network), script, type, address, 'wallet', own, 1,
            'wallet ' || lower(hex(content))[1:16] || ' ' || place
        from w where script <> ''::blob
        union all
        select k.network, k.script, k.type, k.address, s.why, s.own, s.many, s.source
        from said s join known k using (text)
    ), numbered as materialized (
        select *, (list_position({list(WHY)!r}, why)::ubigint << 58) + (hash(source) >> 6) as o from places
    ), best as (
        select network, script, min(o) as o, bool_or(own) as own, sum(many)::bigint as sources
        from numbered group by network, script
    )
    select b.network, b.script, unhex(sha256(b.script)) as scripthash, min(n.type) as type, min(n.address) as address,
        min(n.why) as why, any_value(b.own) as own, any_value(b.sources) as sources, min(n.source) as source
    from best b join numbered n on n.network = b.network and n.script = b.script and n.o = b.o
    group by b.network, b.script
"""
