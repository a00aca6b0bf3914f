"""What to ask a service about: output by output, each amount once, so that a sheet can be added up."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.table import look, plain
from vigie.rows.paths import Enquiry
from vigie.rows.tags import Pack, Tag, TagConflict

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from vigie.kernel.case import Case
    from vigie.kernel.table import Table
    from vigie.rows.paths import Exchange


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How money of the case came by an output, and by which tag the service is asked."""

    direction: str
    before_txid: str
    """What the output was made of, see ``Enquiry``; empty: the payment itself is asked about."""
    before_vout: int
    before_address: str
    before_sat: int
    nearer: str
    """Where the output is the service's own change: what was paid next, on the way to the case; ``""``: nothing."""
    tag_label: str | None
    """None: a private pack says it, and is not named."""
    tag_address: str | None
    """What the tag names: the output's address, that of the one before, or another of its cluster (layer C)."""
    tag_source: str | None
    tag_pack: str | None
    tag_lastmod: str | None
    contested: str
    """What else packs say of the tagged address, and which; ``""``: nothing."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One output that a service is asked about."""

    txid: str
    vout: int
    address: str
    value_sat: int
    """0: the case's chain does not have it."""
    of_case_sat: int
    """At most so much of it is of the case: never more than its value, however often the same money was paid."""
    orders: int
    """How many orders of the case the payments were for, as far as that is known."""
    earliest: str | None
    latest: str | None
    layers: str
    reference: str
    """Of the case's row; the account of the platform is not told to the service."""
    ways: list[Way]

    @property
    def directions(self) -> list[str]:
        """``deposit``, ``withdrawal`` or, where the service paid itself, both."""
        return sorted({one.direction for one in self.ways})


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Outputs added up."""

    outputs: int
    value_sat: int
    of_case_sat: int


def asked(case: Case, service: Exchange, *, with_private: bool) -> list[Output]:
    """Return the outputs to ask a service about, by time."""
    tables = case.read(Enquiry), case.read(Tag), case.read(Pack), case.read(TagConflict)
    return asked_of(service, *tables, with_private=with_private)


def asked_of(
    service: Exchange,
    enquiries: Table[Enquiry],
    tags: Table[Tag],
    packs: Table[Pack],
    conflicts: Table[TagConflict],
    *,
    with_private: bool = False,
) -> list[Output]:
    """Return the same of tables."""
    told = "true" if with_private else "not p.private"
    of: dict[tuple[str, int], list[dict[str, t.Any]]] = {}
    for row in look(_SQL.format(key=service.key.hex(), told=told), e=enquiries, t=tags, p=packs, c=conflicts):
        of.setdefault((row["txid"], row["vout"]), []).append({name: plain(one) for name, one in row.items()})
    return [_output(rows) for rows in of.values()]


def _output(rows: list[dict[str, t.Any]]) -> Output:
    first = rows[0]
    ways = {tuple(row[name] for name in _WAY): row for row in reversed(rows)}
    amount = sum(row["amount_sat"] for row in rows)
    return Output(
        **{name: first[name] for name in ("txid", "vout", "address", "value_sat", "earliest", "latest")},
        of_case_sat=min(amount, first["value_sat"] or amount),
        orders=len({row["settlement"] for row in rows} - {""}),
        layers="+".join(sorted({one for row in rows for one in row["layers"].split("+")})),
        reference=min(row["key"] for row in rows)[:12],
        ways=[Way(**{name: ways[at][name] for name in Way.__struct_fields__}) for at in sorted(ways)],
    )


def added_up(outputs: Iterable[Output]) -> dict[str, Sum]:
    """Return what all come to, and those of each direction: the same money may go out of a service and come back."""
    of: dict[str, list[Output]] = {"all": [], "deposit": [], "withdrawal": []}
    for one in outputs:
        for name in ("all", *one.directions):
            of[name].append(one)
    return {
        name: Sum(
            outputs=len(held),
            value_sat=sum(one.value_sat for one in held),
            of_case_sat=sum(one.of_case_sat for one in held),
        )
        for name, held in of.items()
    }


_WAY: t.Final = ("direction", "before_txid", "before_vout")
_SQL: t.Final = """
    with names as (
        select distinct c.script, t.label, t.confidence_level as level,
            p.title || ' by ' || p.creator || if(t.category = '', '', ' (' || t.category || ')') as pack
        from c join t on t.key in (c.tag, c.other) left join p on p.file = t.file where c.layer = 'B' and {told}
    )
    select e.direction, lower(hex(e.txid)) as txid, e.vout, e.address, e.value_sat, e.amount_sat,
        lower(hex(e.before_txid)) as before_txid, e.before_vout, e.before_address, e.before_sat, e.nearer, e.earliest,
        e.latest, e.layers, e.settlement, e.key,
        case when {told} then t.label end as tag_label, case when {told} then t.source end as tag_source,
        case when {told} then p.title || ' by ' || p.creator end as tag_pack,
        case when {told} then t.lastmod end as tag_lastmod, case when {told} then t.address end as tag_address,
        coalesce((select string_agg(n.label || ', ' || coalesce(n.pack, '?')
                || if(n.level > t.confidence_level, ', a stronger source', ''), '; ' order by n.label, n.pack)
            from names n where n.script = t.script and n.label <> t.label), '') as contested
    from e left join t on t.key = e.tag left join p on p.file = t.file
    where e.exchange = unhex('{key}')
    order by e.latest nulls last, e.txid, e.vout, e.before_txid, e.before_vout, e.key
"""
