"""Which service to ask about whom: flows that end at a tagged one, with its name, country and what to ask it for."""

import datetime as dt
import typing as t

import msgspec
import numpy as np

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Params, stage
from vigie.kernel.table import Table, look, of
from vigie.rows.base import key_of
from vigie.rows.paths import Enquiry, Exchange, Flow, Hop
from vigie.rows.payments import Settlement, Watched
from vigie.rows.tags import ASKED, Actor, Pack, Tag
from vigie.steps.attributed import Attributed, Claim, Named, age_days, contradictions, on_chain, scripts_of, tip, told
from vigie.steps.blocktimes import Times
from vigie.steps.cospent import LEAST_LEVEL, cospent, owned

End: t.TypeAlias = "dict[str, t.Any]"
"""A flow that ended at a service, see ``_ENDS``."""
MOST_NAMES: t.Final = 5
"""Companies of one name that are told: a service may be one company in each country."""
MOST_NEARER: t.Final = 5
FIRST: t.Final = "ask to confirm the address is theirs first"


class Exchanges(Params, frozen=True):
    """Settings."""

    policy: t.Literal["fifo", "haircut"] = "fifo"
    """Flows of this policy make requests; those of the other are a second view."""


@stage(split=None)
def exchanges(
    flows: Table[Flow],
    hops: Table[Hop],
    settlements: Table[Settlement],
    watched: Table[Watched],
    tags: Table[Tag],
    actors: Table[Actor],
    packs: Table[Pack],
    chain: Chain,
    params: Exchanges,
) -> tuple[Table[Exchange], Table[Enquiry]]:
    """List the services that payments came from or went to, each with the deposits and withdrawals to ask it about.

    Nothing in it says who a person is: the service is asked first whether the address is theirs, then whose it was.
    """
    ends = look(_ENDS, f=flows, h=hops)
    ends = [one for one in ends if one["network"] == chain.network and one["policy"] == params.policy]
    scripts = scripts_of(chain, [(one["end_txid"], one["end_vout"]) for one in ends])
    found = _Found(Attributed(tags, Named(actors, packs), scripts), chain)
    orders = {one["receipt"]: one for one in look(_ORDERS, s=settlements)}
    unnamed = [one for one in scripts if one and not found.best(one)]
    nearby = _nearby(chain, tags, owned(watched, chain.network), unnamed, found)
    for one, script in zip(ends, scripts, strict=True):
        best = found.best(script)
        claim, layer = (found.asked(script), "B") if best else (nearby.get(script), "C")
        if claim:
            found.add(one, claim, layer, orders.get(one["receipt"]), found.stronger(script, claim))
    return found.made()


_ENDS: t.Final = """
    select f.*, e.value_sat as end_value, w.txid as paid_txid, w.vout as paid_vout, w.address as paid_address,
        w.value_sat as paid_value, w.height as paid_height,
        (select list(lower(hex(n.txid)) || ':' || n.vout order by n."number" desc) from h n
         where n.flow = f.key and n."number" < w."number") as nearer
    from f
    left join h e on e.flow = f.key and e.txid = f.end_txid and e.vout = f.end_vout
    left join h w on w.flow = f.key and w.number = e.number - 1
    where f.label <> '' or f.stop = 'service'
    qualify row_number() over (partition by f.key order by e.number desc, w.number) = 1
    order by f.key
"""
"""Flows that end at a service, with the output on the way before its own. Backward, that is what the service paid out;
forward, what was spent to pay the service: by a customer, or by the service that gathers its customers' deposits.
``nearer``: what stands between the former and the payment, and the payment."""
_ORDERS: t.Final = """
    select * from s where octet_length(receipt) > 0
    qualify count(*) over (partition by receipt) = 1 and orders <= 1
        and (layer = 'A' or (layer = 'B' and candidates <= 1))
    order by key
"""
"""Orders that a payment was for, where it is one alone."""


def _nearby(
    chain: Chain, tags: Table[Tag], own: list[bytes], scripts: list[bytes], found: "_Found"
) -> dict[bytes, Claim]:
    """Return the strongest claim, on others of each script's cluster, of a service that can be asked."""
    if not scripts:
        return {}
    label = cospent(chain, tags, own).label
    clusters = dict(zip(scripts, label[chain.script_numbers(scripts)].tolist(), strict=True))
    tagged = sorted(on_chain(chain, tags))
    of_tagged = label[chain.script_numbers(tagged)].tolist() if tagged else []
    wanted = set(clusters.values())
    others = Attributed(
        tags, found.known.named, [one for one, at in zip(tagged, of_tagged, strict=True) if at in wanted]
    )
    found.known.of.update(others.of)  # contradictions are counted there
    best: dict[int, Claim] = {}
    for script, at in zip(tagged, of_tagged, strict=True):
        claim = found.asked(script)
        if claim and (at not in best or claim.order < best[at].order):
            best[at] = claim
    return {script: best[at] for script, at in clusters.items() if at in best}


class _Found:
    """Services and what to ask them."""

    def __init__(self, known: Attributed, chain: Chain) -> None:
        self.known, self.chain, self.now = known, chain, tip(chain)
        self.heights, self.times = np.asarray(chain.heights, np.int64), Times(chain)
        self._intervals: dict[int, tuple[dt.datetime | None, dt.datetime | None]] = {}
        self._entries: dict[tuple[str, str], list[Actor]] = {}
        self.of: dict[tuple[str, str], list[tuple[End, Enquiry, Claim]]] = {}

    def best(self, script: bytes) -> Claim | None:
        """Return the strongest claim of a service, of those that stop a trace."""
        one = self.known.best(script)
        return one if one and one.tag["confidence_level"] >= LEAST_LEVEL else None

    def asked(self, script: bytes) -> Claim | None:
        """Return the strongest claim of a service that can be asked, whatever a stronger one says of a mixer.

        Who is asked in vain says so; who is not asked says nothing.
        """
        claims = (one for one in self.known.of.get(script, []) if one.stops and one.category in ASKED)
        return next((one for one in claims if one.tag["confidence_level"] >= LEAST_LEVEL), None)

    def stronger(self, script: bytes, claim: Claim) -> Claim | None:
        """Return the strongest claim on a script that names another than one that is asked, of whatever category."""
        others = (one for one in self.known.of.get(script, []) if one.claims and one.who != claim.who)
        one = next((one for one in others if one.tag["confidence_level"] >= LEAST_LEVEL), None)
        return one if one and one.order < claim.order else None

    def add(
        self, end: End, claim: Claim, layer: str, order: dict[str, t.Any] | None, against: Claim | None = None
    ) -> None:
        """Take a flow that ended at a service; ``against``: a stronger claim there, which names another."""
        named = self.entries(claim.actor, claim.tag["label"])
        pack = [one for one in named if one.id == claim.actor]
        label = pack[0].label if claim.actor and pack else claim.tag["label"]
        deposit = end["direction"] == "forward" or end["paid_txid"] is None
        last = tuple(end[name] for name in ("end_txid", "end_vout", "address", "end_value", "height"))
        paid = tuple(end[f"paid_{name}"] for name in ("txid", "vout", "address", "value", "height"))
        txid, vout, address, value, height = last if deposit else paid
        before = paid if deposit else last
        earliest, latest = self.interval(height)
        layers = "+".join(sorted({*end["layers"].split("+"), layer, order["layer"] if order else "A"}))
        age = age_days(claim.tag, self.now)
        end["whose"] = (order["platform"], order["account"]) if order else None
        said_by = told(claim, self.known.named.packs, age)
        at = f"{address or 'an output without address'}, {txid.hex()}:{vout}"
        out_of = f"by {label} out of {last[2] or 'an output without address'} to {at}"
        way = f"came to {label} at {at}" if deposit else f"were paid {out_of}"
        on = "" if layer == "B" else " The tag is on another address of its cluster (layer C)."
        if against:
            said = told(against, self.known.named.packs, age_days(against.tag, self.now))
            on += f" But a stronger source names another ({against.category or 'no category'}): {said}."
        nearer = [] if deposit else (end["nearer"] or [])[:MOST_NEARER]
        if nearer:  # where few addresses of a service are tagged, it pays itself once or more before it pays anybody
            on += f" If that is its own change, ask about what it paid next, on the way here: {', '.join(nearer)}."
        if end["direction"] == "forward" and end["others"] == 0:
            on += " The case's own wallet brought it there: the account is the platform's, or of those behind it."
        whose = f" The payment was for order {order['order'] or '?'} of account {order['account']}" if order else ""
        whose += ", who need not be who deposited here." if order and deposit else "." * bool(order)
        made = Enquiry.make(
            exchange=key_of(Exchange, self.chain.network, claim.actor, label),
            flow=end["key"],
            direction="deposit" if end["direction"] == "forward" else "withdrawal",
            txid=txid,
            vout=vout,
            address=address,
            amount_sat=end["amount_sat"],
            value_sat=value or 0,
            before_txid=before[0] or b"",
            before_vout=-1 if before[0] is None else before[1],
            before_address=before[2] or "",
            before_sat=before[3] or 0,
            earliest=earliest,
            latest=latest,
            tag=claim.tag["key"],
            settlement=order["key"] if order else b"",
            account=order["account"] if order else "",
            order=order["order"] if order else "",
            layers=layers,
            nearer=", ".join(nearer),
            text=f"{end['amount_sat']:,} of {value or 0:,} satoshi {way}. {said_by}: {FIRST}.{on}{whose}",
        )
        self.of.setdefault((claim.actor, label), []).append((end, made, claim))

    def entries(self, actor: str, label: str) -> list[Actor]:
        """Return what registers and packs say of a service."""
        if (actor, label) not in self._entries:
            self._entries[actor, label] = self.known.named.entries(actor, label)
        return self._entries[actor, label]

    def interval(self, height: int) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Return between which times a block was made, as far as headers tell."""
        if height not in self._intervals:
            self._intervals[height] = self._interval(height)
        return self._intervals[height]

    def _interval(self, height: int) -> tuple[dt.datetime | None, dt.datetime | None]:
        block = np.flatnonzero(self.heights == height) if height >= 0 else np.empty(0, np.int64)
        if not len(block):
            return None, None
        return _moment(int(self.times.earliest(block)[0])), _moment(int(self.times.latest(block)[0]))

    def made(self) -> tuple[Table[Exchange], Table[Enquiry]]:
        """Return the rows; who has most of the case's accounts comes first."""
        rows = [self._exchange(key, held) for key, held in sorted(self.of.items())]
        rows.sort(key=lambda one: (-one.accounts, -one.receipts, -one.amount_sat, one.label, one.key))
        ranked = [msgspec.structs.replace(one, rank=rank) for rank, one in enumerate(rows, 1)]
        return of(Exchange, ranked), of(Enquiry, [made for held in self.of.values() for _, made, _ in held])

    def _exchange(self, key: tuple[str, str], held: list[tuple[End, Enquiry, Claim]]) -> Exchange:
        actor, label = key
        entries = self.entries(actor, label)
        placed = next((one for one in entries if one.jurisdictions), None)
        named = next((one for one in entries if one.legal_name), None)
        alike = [one.legal_name for one in entries if named and one.legal_name and one.file == named.file]
        countries = list(dict.fromkeys(code for one in entries for code in one.jurisdictions.split(", ") if code))
        legal = " or ".join([*dict.fromkeys(alike)][:MOST_NAMES])
        asked = [made for _, made, _ in held]
        times = [end["at"] for end, _, _ in held if end["at"]]
        deposits = len({(one.txid, one.vout) for one in asked if one.direction == "deposit"})
        withdrawals = len({(one.txid, one.vout) for one in asked if one.direction == "withdrawal"})
        addresses = len({one.address if one.direction == "deposit" else one.before_address for one in asked})
        layers = sorted({layer for one in asked for layer in one.layers.split("+")})
        who = f"{legal or label} ({', '.join(countries) or 'country not known'})"
        return Exchange.make(
            network=self.chain.network,
            actor=actor,
            label=label,
            legal_name=legal,
            named_by="; ".join(dict.fromkeys(self._named_by(one) for one in (named, placed) if one)),
            country=countries[0] if countries else "",
            countries=", ".join(countries),
            category=min((claim for _, _, claim in held), key=lambda one: one.order).category,
            rank=0,
            flows=len(held),
            receipts=len({end["receipt"] for end, _, _ in held}),
            accounts=len({end["whose"] for end, _, _ in held} - {None}),
            amount_sat=_amount(asked),
            first_at=min(times, default=None),
            last_at=max(times, default=None),
            weakest=layers[-1],
            conflicts=self._conflicts(held),
            text=f"Of {who}, {FIRST}: {addresses} addresses. Then who held them at those times: {deposits} deposits,"
            f" {withdrawals} withdrawals.",
        )

    def _named_by(self, one: Actor) -> str:
        pack = self.known.named.packs.get(one.file)
        when = f" of {one.lastmod:%Y-%m-%d}" if one.lastmod else ""
        ended = f", {one.context}" if pack and pack.format == "register" and one.context else ""
        return f"{pack.title if pack else 'a pack'}{when}{ended}"

    def _conflicts(self, held: list[tuple[End, Enquiry, Claim]]) -> int:
        """Count the scripts asked about of which another tag says another name."""
        scripts = {claim.tag["script"] for _, _, claim in held}
        return sum(bool(contradictions(self.known.of.get(script, []))) for script in scripts)


def _amount(asked: list[Enquiry]) -> int:
    """Add up what came to outputs, of each at most its value: money that came back and was paid again comes twice."""
    sums: dict[tuple[bytes, int], int] = {}
    values = {(one.txid, one.vout): one.value_sat for one in asked}
    for one in asked:
        sums[one.txid, one.vout] = sums.get((one.txid, one.vout), 0) + one.amount_sat
    return sum(min(total, values[output] or total) for output, total in sums.items())


def _moment(seconds: int) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds >= 0 else None
