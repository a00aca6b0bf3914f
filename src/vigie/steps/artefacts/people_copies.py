"""Which platforms are one platform at several dates, and what only an older one of them still holds.

Decision: ``docs/decisions/0012-copies.md``.
"""

import datetime as dt
import typing as t

import msgspec
import numpy as np

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, of, query, together
from vigie.numeric.union import components
from vigie.rows.artefacts import Relation
from vigie.rows.base import Key, Row
from vigie.rows.copies import Copy, Extent, Layer, Remnant
from vigie.rows.people import (
    Account,
    Attachment,
    Complaint,
    Event,
    Grant,
    Membership,
    Message,
    Moderation,
    Payment,
    Platform,
    Post,
    Profile,
    Recipient,
    Section,
    Taken,
    Topic,
    Usergroup,
)
from vigie.steps.dated import NEVER, NO_KEY, Copies, Standing, judged, pairs
from vigie.steps.extents import extents
from vigie.steps.later import Member, Older, older_tables

PART_ROWS: t.Final = 4_000_000
"""Rows compared at a time: what they say stands in memory, as two numbers each."""
PLACED: t.Final = frozenset({"key", "platform", "relation", "number", "place", "rule", "part"})
"""Columns that say where a row was read; all others are what it says."""
IDENTITY: t.Final[dict[str, tuple[str, ...]]] = {
    "account": ("id", "registered"),
    "usergroup": ("id",),
    "section": ("id",),
    **dict.fromkeys(("topic", "post", "message", "attachment", "payment", "complaint"), ("id", '"at"')),
    "membership": ("account", "usergroup"),
    "grant": ("account", "usergroup", "section", '"right"'),
}
"""What makes two rows the same thing, whatever else they say: a number, with the moment it was given, since a server
may give the last numbers again once their rows are deleted. Rows of other tables are what they say."""


class _Member(Row, frozen=True, kw_only=True):
    """A platform, and its place among its copies."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform",)
    platform: Key
    latest: Key
    place: int
    """0: the latest."""
    prefix: str
    ends: dt.datetime | None


class _Again(Row, frozen=True, kw_only=True):
    """A table that its dump declares anew."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "relation")
    platform: Key
    relation: str
    again: int


class _Older(Row, frozen=True, kw_only=True):
    """A table of an older state, and what is known of the later ones."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "relation", "into", "before")
    platform: Key
    relation: str
    into: str
    before: bool
    """Rows before the last declaration in the same dump."""
    later_read: str
    text: str
    gone_by: dt.datetime | None
    upto: int | None
    upto_text: str
    upto_by: dt.datetime | None


class _Compared(Row, frozen=True, kw_only=True):
    """A row, as it is compared: two digests instead of what it says."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("row_key",)
    row_key: Key
    platform: Key
    latest: Key
    relation: str
    age: int
    """0: of the latest state."""
    thing: int
    """Digest of what makes it the thing that it is ..."""
    said: int
    """... and of all that it says."""
    number: int | None
    """Its own number, where it has one."""
    account: str
    ends: dt.datetime | None


@stage(split=None)
def copies(
    platforms: Table[Platform],
    relations: Table[Relation],
    taken: Table[Taken],
    accounts: Table[Account],
    profiles: Table[Profile],
    usergroups: Table[Usergroup],
    memberships: Table[Membership],
    grants: Table[Grant],
    sections: Table[Section],
    topics: Table[Topic],
    posts: Table[Post],
    messages: Table[Message],
    recipients: Table[Recipient],
    events: Table[Event],
    attachments: Table[Attachment],
    payments: Table[Payment],
    moderations: Table[Moderation],
    complaints: Table[Complaint],
    params: Copies,
) -> tuple[Table[Extent], Table[Copy], Table[Layer], Table[Remnant]]:
    """Compare the platforms of one software; say of copies, and of tables that stand twice in a dump, what is left.

    Where there are neither, no row is looked at but those of tables that were not read whole.
    """
    read: tuple[Table[t.Any], ...] = (
        accounts, profiles, usergroups, memberships, grants, sections, topics, posts, messages, recipients, events,
        attachments, payments, moderations, complaints,
    )  # fmt: skip
    held = extents(platforms, relations, taken, read)
    written = (accounts, topics, posts, messages, attachments)
    standing, met = pairs(platforms, relations, of(Extent, held), *written)
    told = [judged(one, params) for one in met]
    family = _family(standing, told)
    told = [msgspec.structs.replace(one, counts_as=family[one.platform][0]) for one in told]
    again = query(_Again, _AGAIN, p=platforms, r=relations)
    if not len(again) and not any(one.verdict == "copy" for one in told):
        return of(Extent, held), of(Copy, told), of(Layer), of(Remnant)
    members = _members(platforms, held, standing, family)
    twice = {(one.platform, one.relation) for one in again}
    older = older_tables(members, held, told, twice)
    layers, remnants = [of(Layer, (_alone(one) for one in older if one.alone))], [of(Remnant)]
    given: dict[str, Table[t.Any]] = {"members": of(_Member, map(_member, members)), "again": again}
    for rows in read:
        if not len(rows):
            continue
        into = rows.row.table()
        mine = of(_Older, (_older(one) for one in older if one.into == into and not one.alone))
        whole = [one for one in older if one.into == into and one.alone]
        met_rows = query(_Compared, _digested(rows.row, whole), rows=rows, **given)
        parts = len(met_rows) // PART_ROWS + 1
        left = [
            query(Remnant, _remnants(into, f"thing % {parts} = {n}"), met=met_rows, rows=rows, older=mine)
            for n in range(parts)
        ]
        remnants += left
        all_left = together(Remnant, left, accounts.room)
        layers.append(query(Layer, _counted(into), met=met_rows, left_over=all_left, again=again, older=mine))
    return (
        of(Extent, held),
        of(Copy, told),
        together(Layer, layers, accounts.room),
        together(Remnant, remnants, accounts.room),
    )


def _family(standing: dict[bytes, Standing], told: list[Copy]) -> dict[bytes, list[bytes]]:
    """Return for each platform all that are one with it, the latest first.

    Each stands before as many as it is later than; where two were not compared, what ends later is.
    """

    def ends(key: bytes) -> tuple[dt.datetime, int, bytes]:
        return standing[key].ends or NEVER, standing[key].accounts, key

    order = sorted(standing, key=ends, reverse=True)
    place = {key: number for number, key in enumerate(order)}
    copied = [one for one in told if one.verdict == "copy"]
    joined = np.array([(place[one.platform], place[one.later]) for one in copied], np.int64).reshape(-1, 2)
    first = components(len(order), joined[:, 0], joined[:, 1])
    later = {frozenset((one.platform, one.later)): one.later for one in copied}
    out: dict[bytes, list[bytes]] = {}
    for key in order:
        mine = [one for one in order if first[place[one]] == first[place[key]]]
        won = {
            one: sum(later.get(frozenset((one, x)), max(one, x, key=ends)) == one for x in mine if x != one)
            for one in mine
        }
        out[key] = sorted(mine, key=lambda one: (won[one], ends(one)), reverse=True)
    return out


def _members(
    platforms: Table[Platform], held: list[Extent], standing: dict[bytes, Standing], family: dict[bytes, list[bytes]]
) -> list[Member]:
    dumps = {one.platform: one.state for one in held if not one.into}
    out = []
    for one in sorted(platforms, key=lambda x: x.key):
        mine = family.get(one.key, [one.key])
        ends = standing[one.key].ends if one.key in standing else None
        out.append(Member(one.key, mine[0], mine.index(one.key), one.prefix, ends, dumps[one.key]))
    return out


def _member(one: Member) -> _Member:
    return _Member.make(platform=one.key, latest=one.latest, place=one.place, prefix=one.prefix, ends=one.ends)


def _older(one: Older) -> _Older:
    return _Older.make(
        platform=one.platform, relation=one.relation, into=one.into, before=one.before, later_read=one.later_read,
        text=one.text, gone_by=one.gone_by, upto=one.upto, upto_text=one.upto_text, upto_by=one.upto_by,
    )  # fmt: skip


def _alone(one: Older) -> Layer:
    return Layer.make(
        platform=one.platform, relation=one.relation, into=one.into, counts_as=one.latest, before=None, rows=one.rows,
        same=0, changed=0, only=one.rows, gone=0, alone=True, later_read=one.later_read, text=one.text,
    )  # fmt: skip


_AGAIN: t.Final = f"""
    select p.key as platform, r.name as relation, r.again, {NO_KEY} from r join p on p.content = r.content
    where r.again > 0
"""


def _digested(row: type[Row], alone: list[Older]) -> str:
    """Return the ``select`` of what is compared: rows of platforms that have copies, and of tables that come again."""
    said = [f'r."{name}"' for name in row.__struct_fields__ if name not in PLACED]
    thing = [f"r.{name}" for name in IDENTITY.get(row.table(), ())]
    bare = "substr(r.relation, length(m.prefix) + 1)"
    by_all = f"hash(m.latest, {bare}, r.rule, {', '.join(said)})"
    by_thing = f"hash(m.latest, {bare}, r.rule, {', '.join(thing)})" if thing else by_all
    number = "null::bigint"
    if "id" in row.__struct_fields__:
        by_thing = f"case when r.id = '' then {by_all} else {by_thing} end"
        number = "try_cast(r.id as bigint)"
    whose = "r.id" if row is Account else "r.account" if "account" in row.__struct_fields__ else "''"
    apart = [f"(unhex('{one.platform.hex()}'), {_text(one.relation)})" for one in alone]
    kept = f"and (r.platform, r.relation) not in ({', '.join(apart)})" if apart else ""
    return f"""
        select r.key as row_key, r.platform, m.latest, r.relation, ({by_thing} >> 1)::bigint as thing,
            ({by_all} >> 1)::bigint as said, if(m.place = 0, null, m.ends) as ends, {number} as number,
            m.place * 2 + (a.again is not null and r.place < a.again)::int as age, {whose} as account, {NO_KEY}
        from rows r join members m on m.platform = r.platform
        left join again a on a.platform = r.platform and a.relation = r.relation
        where (a.again is not null or m.latest in (select latest from members where place > 0)) {kept}
    """


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _remnants(into: str, part: str) -> str:
    """Return the ``select`` of rows of older states that no later one has as they are."""
    named, found = "", "left_over"
    if into == "account":
        found = "recognised"
        named = """, named as (
            select o.*, r.name from left_over o join rows r on r.key = o.row_key where o.kind = 'only'
        ), reused as (
            -- another account has the number later; one of the same name is the same, whenever it says it registered
            select n.row_key, bool_or(l.name = n.name) as same
            from met m join named n on n.latest = m.latest and n.account = m.account and m.age < n.age
            join rows l on l.key = m.row_key group by n.row_key
        ), recognised as (
            select o.* replace (case when u.same then 'changed' when not u.same then 'reused' else kind end as kind)
            from left_over o left join reused u using (row_key)
        )"""
    return f"""
        with kept as (
            select thing, said, min(age) as age from met where {part} group by thing, said having min(age) > 0
        ), first as (
            select thing, min(age) as first from met where {part} and thing in (select thing from kept) group by thing
        ), left_over as (
            select platform, latest, '{into}' as "into", row_key, relation, account, number, age, ends,
                if(first = age, 'only', 'changed') as kind
            from met join kept using (thing, said, age) join first using (thing)
        ){named}
        select f.platform, f."into", f.row_key, f.kind, f.account, f.ends,
            case when f.kind <> 'only' then 'there' when passed then 'passed'
                else coalesce(o.later_read, 'open') end as later_read,
            case when f.kind <> 'only' then '' when passed then o.upto_text
                else coalesce(o.text, 'Nothing is known of the later table.') end as absent_because,
            case when f.kind <> 'only' then null when passed then o.upto_by else o.gone_by end as gone_by
        from (
            select l.*, coalesce(o.later_read not in ('whole', 'there') and l.number <= o.upto, false) as passed
            from {found} l left join older o
                on o.platform = l.platform and o.relation = l.relation and o.before = (l.age % 2 = 1)
        ) f left join older o on o.platform = f.platform and o.relation = f.relation and o.before = (f.age % 2 = 1)
    """


def _counted(into: str) -> str:
    return f"""
        select m.platform, m.relation, '{into}' as "into", m.latest as counts_as,
            if(m.platform = m.latest, a.again, null) as before, count(*) as rows,
            count(*) - count(l.row_key) as same, count(*) filter (l.kind = 'changed') as changed,
            count(*) filter (l.kind in ('only', 'reused')) as "only",
            count(*) filter (l.kind = 'reused' or l.later_read in ('whole', 'passed')) as gone, false as alone,
            min(coalesce(o.later_read, 'open')) as later_read,
            case when count(*) filter (l.kind in ('only', 'reused')) = 0
                then 'Nothing is only here: each of its rows stands on another date, too.'
                else min(coalesce(o.text, 'Nothing is known of the later table.')) end as text
        from met m left join left_over l on l.row_key = m.row_key
        left join again a on a.platform = m.platform and a.relation = m.relation
        left join older o on o.platform = m.platform and o.relation = m.relation
            and o.before = (m.platform = m.latest)
        where m.age > 0 group by m.platform, m.relation, m.latest, a.again
    """
