"""What the report says of money: how many payments rest on what, whom to ask, and each path that led to a service."""

from __future__ import annotations

import typing as t

from vigie.desk.flowgraph import Drawing, Step, drawn
from vigie.kernel.chain.used import ledger_of
from vigie.kernel.table import look
from vigie.rows.clusters import Change, Withheld
from vigie.rows.ledgers import Ledger
from vigie.rows.paths import Enquiry, Exchange, Flow, Hop
from vigie.rows.payments import Receipt, Settlement
from vigie.rows.tags import Pack, Tag, TagConflict

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_PATHS: t.Final = 40
MOST_SERVICES: t.Final = 40
PERSON: t.Final = "The chain shows control of addresses, never a person."
LAYERS: t.Final = {
    "A": "a fact: it follows from consensus data or from derivation",
    "B": "a deterministic rule with a measured error",
    "C": "statistical, a lead only",
}
POLICIES: t.Final = {
    "fifo": "First in, first out: inputs in their order fill outputs in theirs, what is left over is the fee. Exact to"
    " the satoshi; one policy among several, fixed before the result was known.",
    "haircut": "Haircut: each output carries the share of the payment that its transaction's inputs carry. Exact to the"
    " satoshi, remainders by the largest first.",
}


class Path(t.NamedTuple):
    """One path to a service, with its hops and its drawing."""

    flow: dict[str, t.Any]
    hops: list[dict[str, t.Any]]
    drawing: Drawing
    enquiry: dict[str, t.Any]


class Money(t.NamedTuple):
    """What the template prints."""

    ledger: Ledger | None
    receipts: int
    received_sat: int
    settled: list[dict[str, t.Any]]
    services: list[Exchange]
    services_in_all: int
    paths: list[Path]
    paths_in_all: int
    stops: list[dict[str, t.Any]]
    withheld: list[dict[str, t.Any]]
    errors: list[dict[str, t.Any]]
    conflicts: int
    packs: list[Pack]
    policies: dict[str, str]
    layers: dict[str, str]
    person: str


def told(case: Case) -> Money | None:
    """Return what there is to say; None in a case that no payment on the chain is known of."""
    receipts, flows = case.read(Receipt), case.read(Flow)
    ledger = ledger_of(case)
    if not len(receipts) and not len(flows) and ledger is None:
        return None
    (sums,) = look("select count(*) as n, coalesce(sum(value_sat), 0)::bigint as sat from r", r=receipts)
    services = sorted(case.read(Exchange), key=lambda one: one.rank)
    enquiries = {
        one["flow"]: one for one in look(_ENQUIRIES, e=case.read(Enquiry), t=case.read(Tag), p=case.read(Pack))
    }
    asked = look("select f.* from f semi join e on e.flow = f.key order by f.amount_sat desc, f.key", f=flows,
                 e=case.read(Enquiry))  # fmt: skip
    return Money(
        ledger=ledger,
        receipts=sums["n"],
        received_sat=sums["sat"],
        settled=look(_SETTLED, s=case.read(Settlement)),
        services=services[:MOST_SERVICES],
        services_in_all=len(services),
        paths=_paths(case, asked[:MOST_PATHS], enquiries),
        paths_in_all=len(asked),
        stops=look(_STOPS, f=flows),
        withheld=look('select why, "join", label, count(*) as n from w group by all order by n desc, 1, 2, 3',
                      w=case.read(Withheld)),
        errors=look(_ERRORS, c=case.read(Change)),
        conflicts=len(case.read(TagConflict)),
        packs=sorted(case.read(Pack), key=lambda one: (one.title, one.key)),
        policies={name: POLICIES[name] for name in sorted({one["policy"] for one in asked}) if name in POLICIES},
        layers=LAYERS,
        person=PERSON,
    )  # fmt: skip


def _paths(case: Case, flows: list[dict[str, t.Any]], enquiries: dict[bytes, dict[str, t.Any]]) -> list[Path]:
    wanted = ", ".join(f"unhex('{one['key'].hex()}')" for one in flows) or "null"
    hops: dict[bytes, list[dict[str, t.Any]]] = {}
    for one in look(f"select * from h where flow in ({wanted}) order by flow, number", h=case.read(Hop)):
        hops.setdefault(one["flow"], []).append(one)
    out = []
    for flow in flows:
        mine = hops.get(flow["key"], [])
        steps = [Step(number=one["number"], amount_sat=one["amount_sat"], layer=one["layer"]) for one in mine]
        out.append(Path(flow, mine, drawn(steps, flow["seed_sat"]), enquiries[flow["key"]]))
    return out


_SETTLED: t.Final = (
    "select layer, how, count(*) as n, sum(received_sat)::bigint as sat from s group by all order by all"
)
_STOPS: t.Final = """
    select policy, direction, stop, count(*) as n, sum(amount_sat)::bigint as sat from f group by all order by all
"""
_ERRORS: t.Final = """
    select signals, measured_on, count(*) as n, min("precision") as precision, min(precision_low) as low,
        max(precision_high) as high
    from c group by signals, measured_on order by n desc, signals limit 20
"""
_ENQUIRIES: t.Final = """
    select e.*, t.label as tag_label, t.source as tag_source, t.lastmod as tag_lastmod,
        t.confidence as tag_confidence, t.confidence_level as tag_level, p.title as pack, p.creator as creator,
        p.sha256 as pack_sha256
    from e left join t on t.key = e.tag left join p on p.file = t.file
"""
