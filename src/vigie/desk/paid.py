"""What a case knows of money, in a few lines: ``vigie status``, the end of a run, and their JSON."""

from __future__ import annotations

import datetime as dt
import typing as t

import msgspec

from vigie.desk import output
from vigie.kernel.chain.fetched import ACT, belongs
from vigie.kernel.chain.used import ledger_of
from vigie.kernel.table import look
from vigie.rows.copies import Layer, Remnant
from vigie.rows.given import Given
from vigie.rows.paths import Enquiry, Exchange, Flow
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.people import Payment, Secret
from vigie.rows.sightings import SightedSecret
from vigie.rows.tags import Pack, Tag
from vigie.rows.wallets import Wallet, WalletSecret
from vigie.steps.copied import one_of_each

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.kernel.case import Case
    from vigie.rows.ledgers import Ledger

NOWHERE: t.Final = "unknown"
"""Country of a service of which nobody says one."""


class Packs(msgspec.Struct, frozen=True, kw_only=True):
    """Packs of tags."""

    packs: int
    tags: int
    newest: dt.datetime | None
    """Of the tags' dates."""
    days: int
    """From then to now; -1: no tag has a date."""


class Tip(msgspec.Struct, frozen=True, kw_only=True):
    """The last block of the case's chain."""

    network: str
    height: int
    block: str
    scoped: bool
    behind: int
    """Of a part that was fetched: how many more scripts are watched now than were asked for."""
    named_at: str


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """Outputs that pay watched scripts: only the first are what the platform got."""

    came: int
    """To the platform's own scripts (of keys, wallets, orders), by transactions that spend nothing of its own."""
    came_sat: int
    moved: int
    """To its own scripts, by transactions that spend its own outputs: change, moves within, and PayJoins."""
    moved_sat: int
    others: int
    """To other watched scripts: those that somebody mentioned, or that were given by hand."""
    others_sat: int


def received(case: Case) -> Received:
    """Add up what came to watched scripts. Money that a wallet pays itself is counted apart: it came once."""
    (sums,) = look(_RECEIVED, r=case.read(Receipt), w=case.read(Watched))
    return Received(**sums)


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of the money strand."""

    wallets: int
    watched: int
    orders: int
    """What the platform's tables say that it was to be paid in bitcoin, each once."""
    settled: int
    """Of these: tied to one output, layers A and B ..."""
    leads: int
    """... with candidates only, layer C ..."""
    open: int
    """... and with nothing on the chain ..."""
    later: int
    """... as which those of them are that are younger than its last block."""
    elsewhere: int
    """Further payments to the platform, of which nothing says that they were bitcoin."""
    received: Received
    traced: int
    """Outputs that were traced."""
    services: int
    """That traces came to and that can be asked."""
    enquiries: dict[str, int]
    """Country -> outputs to ask about."""
    given: int
    absent: int
    """Transactions that were given and that no trace begins at: the chain of the case does not hold them."""
    secrets: int
    """Private keys and seeds, sealed."""
    packs: Packs
    tip: Tip | None


def paid(case: Case, now: dt.datetime) -> Paid | None:
    """Count what a case has of money; None where it has nothing of it."""
    payments = one_of_each(case.read(Layer), case.read(Remnant), p=case.read(Payment))
    ledger, watched = ledger_of(case), len(case.read(Watched))
    end = f"timestamptz '{ledger.tip_at.isoformat()}'" if ledger and ledger.tip_at else "null"
    (orders,) = look(_ORDERS.replace("$end", end), **payments, s=case.read(Settlement))
    asked = look(_ASKED.replace("$nowhere", NOWHERE), e=case.read(Enquiry), x=case.read(Exchange))
    given = case.read(Given)
    (traced,) = look("select count(distinct (seed_txid, seed_vout)) as n from f", f=case.read(Flow))
    (absent,) = look(_ABSENT, g=given, f=case.read(Flow))
    secrets = sum(len(case.read(row)) for row in (WalletSecret, SightedSecret, Secret))
    found = Paid(
        wallets=len(case.read(Wallet)),
        watched=watched,
        orders=orders["n"],
        settled=orders["settled"],
        leads=orders["leads"],
        open=orders["n"] - orders["settled"] - orders["leads"],
        later=orders["later"],
        elsewhere=orders["elsewhere"],
        received=received(case),
        traced=traced["n"],
        services=len(case.read(Exchange)),
        enquiries={one["country"]: one["n"] for one in asked},
        given=len(given),
        absent=absent["n"] if ledger else 0,
        secrets=secrets,
        packs=_packs(case, now),
        tip=_tip(case, ledger),
    )
    return found if found.tip or found.wallets or watched or found.packs.packs or found.given or secrets else None


def _tip(case: Case, one: Ledger | None) -> Tip | None:
    if one is None:
        return None
    behind = 0
    if one.scoped:
        said = [entry.about.get("scripts") for entry in case.custody.entries() if entry.act == ACT]
        asked = [many for many in said if isinstance(many, int)]
        watched = sum(belongs(each, one.network) for each in case.read(Watched))
        behind = max(0, watched - asked[-1]) if asked else 0
    return Tip(
        network=one.network, height=one.height, block=one.tip.hex(), scoped=one.scoped, behind=behind,
        named_at=one.added_at,
    )  # fmt: skip


def _packs(case: Case, now: dt.datetime) -> Packs:
    (tags,) = look("select count(*) as n, max(lastmod) as newest from t", t=case.read(Tag))
    newest = tags["newest"]
    return Packs(
        packs=len(case.read(Pack)), tags=tags["n"], newest=newest, days=max(0, (now - newest).days) if newest else -1
    )


_ORDERS: t.Final = """
    with best as (
        select payment, bool_or(layer in ('A', 'B') and candidates = 1 and receipt <> ''::blob) as settled,
            bool_or(how <> 'none') as lead
        from s group by payment
    )
    select count(b.payment) as n, count(*) - count(b.payment) as elsewhere,
        count(*) filter (b.settled) as settled, count(*) filter (b.lead and not b.settled) as leads,
        count(*) filter (not b.lead and not b.settled and p."at" > $end) as later
    from p left join best b on b.payment = p.key where p.direction <> 'out'
"""
_RECEIVED: t.Final = """
    with mine as (select r.txid, r.value_sat, r.spent_by, coalesce(w.own, false) as own
            from r left join w on w.key = r.watched),
        kinds as (select value_sat, own, own and txid in (select spent_by from mine where own) as moved from mine)
    select count(*) filter (own and not moved) as came,
        coalesce(sum(value_sat) filter (own and not moved), 0)::bigint as came_sat,
        count(*) filter (moved) as moved, coalesce(sum(value_sat) filter (moved), 0)::bigint as moved_sat,
        count(*) filter (not own) as others, coalesce(sum(value_sat) filter (not own), 0)::bigint as others_sat
    from kinds
"""
_ASKED: t.Final = """
    select if(x.country = '', '$nowhere', x.country) as country, count(distinct (x.key, e.txid, e.vout)) as n
    from e join x on x.key = e.exchange group by all order by n desc, country
"""
_ABSENT: t.Final = """
    select count(*) as n from g where kind = 'transaction' and not exists (
        select 1 from f where value in (lower(hex(seed_txid)), lower(hex(seed_txid)) || ':' || seed_vout))
"""


def _received(case: str, of: Paid) -> list[str]:
    """Return what came to watched scripts, and what only went round."""
    one = of.received
    came = f"{one.came:,} outputs with {one.came_sat:,} satoshi came to scripts of the platform: of its keys and orders"
    lines = [f"  {came}: vigie show {case} receipts"]
    if one.moved:
        lines.append(
            f"  {one.moved:,} further ones with {one.moved_sat:,} satoshi are of transactions that spend its own money,"
            " too: change, moves, PayJoins"
        )
    if one.others:
        lines.append(f"  {one.others:,} with {one.others_sat:,} satoshi pay others' watched scripts (mentioned, given)")
    lines.append(
        f"  {of.traced:,} outputs are traced; not what its own wallet paid itself without others, nor what is too small"
    )
    return [*lines, f"  {of.watched:,} scripts are watched"]


def _orders(of: Paid) -> str:
    """Return how many orders are tied to the chain."""
    if not of.orders:
        return f"no table of the case has orders in bitcoin, {of.elsewhere:,} other payments"
    later = f" ({of.later:,} of these are younger than the chain's last block)" if of.later else ""
    tied = f"{of.settled:,} of {of.orders:,} orders in bitcoin tied to an output"
    return f"{tied}, {of.leads:,} with candidates only, {of.open:,} with none{later}"


def told(folder: Path, of: Paid) -> list[str]:
    """Return the numbers as people read them."""
    case, tip = output.quoted(folder), of.tip
    if not tip:
        lines = [f"Money: {of.watched:,} watched scripts, {of.orders + of.elsewhere:,} payments in its tables"]
    else:
        lines = [f"Money: {_orders(of)}: vigie show {case} payments", *_received(case, of)]
    if of.enquiries:
        where = ", ".join(f"{country} {many:,}" for country, many in of.enquiries.items())
        about = f"{of.services:,}; outputs to ask about, by country: {where}"
        lines.append(f"  services to ask: {about}: vigie enquiries {case} --out FOLDER")
    elif tip and of.packs.tags:
        none = "no service to ask: up to the last vigie run, no trace came to one that a tag names"
        lines.append(f"  {none}: vigie show {case} paths")
    elif tip:
        lines.append(f"  no service to ask yet: tags say where traces end (vigie tags add {case} PACK)")
    if of.packs.packs:
        age = f"the newest tag is {of.packs.days:,} days old" if of.packs.newest else "no tag has a date"
        lines.append(f"  packs of tags: {of.packs.packs:,}, with {of.packs.tags:,} tags; {age}")
    if tip:
        kind = "the case's part of it" if tip.scoped else "whole"
        lines.append(f"  chain {tip.network} to height {tip.height:,}, block {tip.block} ({kind})")
        if tip.behind:
            lines.append(f"  {tip.behind:,} more scripts are watched than were asked for: vigie chain fetch {case}")
    else:
        lines.append(
            f"  no chain yet, so nothing was looked up: vigie chain use {case} STORE, or vigie chain fetch {case}"
        )
    if of.given:
        gone = f"; transactions of these that the chain does not hold: {of.absent:,}" if of.absent else ""
        lines.append(f"  {of.given:,} given by hand{gone}: vigie show {case} given")
    if of.secrets:
        lines.append(f"  {of.secrets:,} private keys and seeds, sealed: vigie secrets {case}")
    return lines
