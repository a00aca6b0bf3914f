"""What the report says of money: how many payments rest on what, whom to ask, and each path that led to a service."""

from __future__ import annotations

import datetime as dt
import typing as t

import msgspec

from vigie.desk.digested import Trace, digests
from vigie.desk.flowgraph import Drawing, Step, parts
from vigie.desk.paid import Received, received
from vigie.kernel.chain.used import ledger_of
from vigie.kernel.stage import STAGES
from vigie.kernel.table import look
from vigie.rows.clusters import Change, Withheld
from vigie.rows.ledgers import Ledger
from vigie.rows.paths import Enquiry, Exchange, Flow, Hop, Proof
from vigie.rows.payments import Receipt, Settlement
from vigie.rows.tags import Actor, Pack, Tag, TagConflict
from vigie.steps.attributed import Attributed, Claim, Named, age_days
from vigie.steps.attributed import told as said

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_PATHS: t.Final = 40
MOST_SERVICES: t.Final = 40
MOST_PROOFS: t.Final = 40
"""Of one path; ``vigie show CASE proofs`` has all."""
PERSON: t.Final = "The chain shows control of addresses, never a person."
LAYERS: t.Final = {
    "A": "a fact: it follows from consensus data or from derivation",
    "B": "a deterministic rule, or somebody's assertion; its error stands beside it where it was measured",
    "C": "statistical, a lead only",
}
POLICIES: t.Final = {
    "fifo": "First in, first out: inputs in their order fill outputs in theirs, what is left over is the fee. Exact to"
    " the satoshi; one policy among several, fixed before the result was known.",
    "haircut": "Haircut: each output carries the share of the payment that its transaction's inputs carry. Exact to the"
    " satoshi, remainders by the largest first.",
}


class Path(t.NamedTuple):
    """One path to a service, with all that a court has to have of it on its own pages."""

    flow: dict[str, t.Any]
    hops: list[dict[str, t.Any]]
    drawings: list[Drawing]
    enquiry: dict[str, t.Any]
    age_days: int
    """Of the tag, at the chain's last payment of the case; -1: not known."""
    against: list[str]
    """What other tags say of that address."""
    proofs: list[Proof]
    """Of the transactions of its hops, each once."""
    command: str
    """What makes the trace again, with the stop settings of the case; CASE stands for the folder."""
    sha256: str
    """Of the bytes that it prints; ``""``: the chain is not at hand."""


class Money(t.NamedTuple):
    """What the template prints."""

    ledger: Ledger | None
    received: Received
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
    settings: dict[str, t.Any]
    """When a trace stops."""
    layers: dict[str, str]
    person: str


def told(case: Case) -> Money | None:
    """Return what there is to say; None in a case that no payment on the chain is known of."""
    receipts, flows = case.read(Receipt), case.read(Flow)
    ledger = ledger_of(case)
    if not len(receipts) and not len(flows) and ledger is None:
        return None
    services = sorted(case.read(Exchange), key=lambda one: one.rank)
    enquiries = {
        one["flow"]: one
        for one in look(_ENQUIRIES, e=case.read(Enquiry), t=case.read(Tag), p=case.read(Pack), x=case.read(Exchange))
    }
    asked = look("select f.* from f semi join e on e.flow = f.key order by f.amount_sat desc, f.key", f=flows,
                 e=case.read(Enquiry))  # fmt: skip
    settings = msgspec.to_builtins(STAGES["flows"].settings(case.settings.stage.get("flows", {})))
    return Money(
        ledger=ledger,
        received=received(case),
        settled=look(_SETTLED, s=case.read(Settlement)),
        services=services[:MOST_SERVICES],
        services_in_all=len(services),
        paths=_paths(case, asked[:MOST_PATHS], enquiries, settings),
        paths_in_all=len(asked),
        stops=look(_STOPS, f=flows),
        withheld=look('select why, "join", label, count(*) as n from w group by all order by n desc, 1, 2, 3',
                      w=case.read(Withheld)),
        errors=look(_ERRORS, c=case.read(Change)),
        conflicts=len(case.read(TagConflict)),
        packs=sorted(case.read(Pack), key=lambda one: (one.title, one.key)),
        policies={name: POLICIES[name] for name in sorted({one["policy"] for one in asked}) if name in POLICIES},
        layers=LAYERS,
        settings=settings,
        person=PERSON,
    )  # fmt: skip


def _paths(
    case: Case, flows: list[dict[str, t.Any]], enquiries: dict[bytes, dict[str, t.Any]], settings: dict[str, t.Any]
) -> list[Path]:
    wanted = ", ".join(f"unhex('{one['key'].hex()}')" for one in flows) or "null"
    hops: dict[bytes, list[dict[str, t.Any]]] = {}
    for one in look(f"select * from h where flow in ({wanted}) order by flow, number", h=case.read(Hop)):
        hops.setdefault(one["flow"], []).append(one)
    shown = {one.txid: one for one in case.read(Proof)}
    mine = [enquiries[flow["key"]] for flow in flows]
    known = Attributed(
        case.read(Tag), Named(case.read(Actor), case.read(Pack)), [one["tag_script"] or b"" for one in mine]
    )
    made = digests(case, [_trace(one) for one in flows], settings)
    out = []
    for flow, enquiry in zip(flows, mine, strict=True):
        own = hops.get(flow["key"], [])
        steps = [Step(number=one["number"], amount_sat=one["amount_sat"], layer=one["layer"]) for one in own]
        claims = known.of.get(enquiry["tag_script"], [])
        last = max((one["at"] for one in own if one["at"]), default=None)
        mentioned = list(dict.fromkeys(one["txid"] for one in own))[:MOST_PROOFS]
        out.append(
            Path(
                flow=flow,
                hops=own,
                drawings=parts(steps, flow["seed_sat"]),
                enquiry=enquiry,
                age_days=age_days({"lastmod": enquiry["tag_lastmod"]}, last),
                against=_against(enquiry, claims, known.named.packs, last),
                proofs=[shown[one] for one in mentioned if one in shown],
                command=_command(flow, settings),
                sha256=made.get(_trace(flow), ""),
            )
        )
    return out


def _against(
    enquiry: dict[str, t.Any], claims: list[Claim], packs: dict[bytes, Pack], at: dt.datetime | None
) -> list[str]:
    """Return what other tags say of the same address, where they name another."""
    own = next((one for one in claims if one.tag["key"] == enquiry["tag"]), None)
    others = [one for one in claims if own and one.claims and one.who != own.who]
    return [said(one, packs, age_days(one.tag, at)) for one in others]


def _trace(flow: dict[str, t.Any]) -> Trace:
    return Trace(flow["seed_txid"], flow["seed_vout"], flow["direction"], flow["policy"])


def _command(flow: dict[str, t.Any], settings: dict[str, t.Any]) -> str:
    way = " --backward" if flow["direction"] == "backward" else ""
    stops = f" --hops {settings['hops']} --least {settings['least_sat']}"
    return f"{flow['seed_txid'].hex()}:{flow['seed_vout']}{way} --policy {flow['policy']}{stops} --json"


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
        t.confidence as tag_confidence, t.script as tag_script,
        t.address as tag_address, t.confidence_level as tag_level, p.title as pack, p.creator as creator,
        p.sha256 as pack_sha256, x.label as asked_label
    from e left join t on t.key = e.tag left join p on p.file = t.file left join x on x.key = e.exchange
"""
