"""Which platforms are one platform at several dates, and what only an older one of them still holds.

Decision: ``docs/decisions/0012-copies.md``.
"""

import datetime as dt
import typing as t

import msgspec
import numpy as np

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, of, query, together
from vigie.numeric.union import components
from vigie.rows.artefacts import Relation
from vigie.rows.base import Key, Row
from vigie.rows.copies import Copy, Layer, Remnant
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
_NEVER: t.Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
"""Before all else: of a platform that tells no time."""
_NO_KEY: t.Final = "'................'::blob as key"


Digits = t.Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8,32}$")]


class Copies(Params, frozen=True):
    """Settings: what lies between a copy and another forum stays apart.

    Two forums of one software share numbers of accounts, and accounts of programs, but not who has which number since
    when. Two backups of one share nearly all of that.
    """

    least_accounts: Count = 5
    """So many numbers both have with a moment of registration, at least ..."""
    least_same: Share = 0.9
    """... of which this share has the same name and moment of registration on both ..."""
    least_known: Share = 0.98
    """... and this share at least the same moment of registration: who has another is another account."""
    least_shared: Share = 0.5
    """And so many of the accounts of the one that has fewer are among them."""
    apart: tuple[Digits, ...] = ()
    """Keys of platforms, in hex, or their first digits: each counts by itself, since a person says so."""


class _Standing(Row, frozen=True, kw_only=True):
    """A platform that is not the only one of its software."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform",)
    platform: Key
    accounts: int
    ends: dt.datetime | None


class _Met(Row, frozen=True, kw_only=True):
    """Two platforms of one software, and the numbers of accounts that both have, with a moment of registration."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b")
    a: Key
    b: Key
    shared: int
    same: int
    renamed: int


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


class _Whole(Row, frozen=True, kw_only=True):
    """A table that no later copy has."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "relation", "into")
    platform: Key
    relation: str
    into: str
    latest: Key
    rows: int


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
) -> tuple[Table[Copy], Table[Layer], Table[Remnant]]:
    """Compare the platforms of one software; say of copies, and of tables that stand twice in a dump, what is left.

    Where there are neither, no row is looked at.
    """
    told, members = _told(platforms, accounts, posts, params)
    again = query(_Again, _AGAIN, p=platforms, r=relations)
    if not len(again) and not any(one.verdict == "copy" for one in told):
        return of(Copy, told), of(Layer), of(Remnant)
    wholes = query(_Whole, _WHOLES, members=members, taken=taken)
    layers, remnants = [query(Layer, _ALONE, w=wholes)], [of(Remnant)]
    for rows in (
        accounts, profiles, usergroups, memberships, grants, sections, topics, posts, messages, recipients, events,
        attachments, payments, moderations, complaints,
    ):  # fmt: skip
        if not len(rows):
            continue
        into = rows.row.table()
        met = query(_Compared, _digested(rows.row), rows=rows, members=members, again=again, wholes=wholes)
        parts = len(met) // PART_ROWS + 1
        left = [query(Remnant, _remnants(into, f"thing % {parts} = {n}"), met=met, rows=rows) for n in range(parts)]
        remnants += left
        layers.append(
            query(Layer, _counted(into), met=met, left_over=together(Remnant, left, accounts.room), again=again)
        )
    return of(Copy, told), together(Layer, layers, accounts.room), together(Remnant, remnants, accounts.room)


def _told(
    platforms: Table[Platform], accounts: Table[Account], posts: Table[Post], params: Copies
) -> tuple[list[Copy], Table[_Member]]:
    """Judge each two platforms of one software, and put each platform in its place among its copies."""
    several = query(Platform, "select * from p qualify count(*) over (partition by software) > 1", p=platforms)
    given: dict[str, Table[t.Any]] = {"p": several, "accounts": accounts, "posts": posts}
    found = {one.platform: one for one in query(_Standing, _STANDING, **given)} if len(several) else {}
    met = query(_Met, _MET, p=several, accounts=accounts).rows() if len(several) else []
    order = sorted(found, key=lambda key: (found[key].ends or _NEVER, found[key].accounts, key), reverse=True)
    place = {key: number for number, key in enumerate(order)}
    told = [_judged(one, [found[key] for key in order if key in (one.a, one.b)], params) for one in met]
    pairs = [(place[one.platform], place[one.later]) for one in told if one.verdict == "copy"]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    first = components(len(order), ends[:, 0], ends[:, 1])
    latest = {key: order[first[place[key]]] for key in order}
    told = [msgspec.structs.replace(one, counts_as=latest[one.platform]) for one in told]
    members = (
        _Member.make(
            platform=one.key, latest=latest.get(one.key, one.key), place=_nth(one.key, order, latest),
            prefix=one.prefix, ends=found[one.key].ends if one.key in found else None,
        )
        for one in platforms
    )  # fmt: skip
    return told, of(_Member, members)


def _nth(key: bytes, order: list[bytes], latest: dict[bytes, bytes]) -> int:
    mine = [one for one in order if latest[one] == latest.get(key)]
    return mine.index(key) if key in mine else 0


def _judged(met: _Met, standing: list[_Standing], params: Copies) -> Copy:
    later, older = standing
    fewer = min(later.accounts, older.accounts)
    checks = (
        (met.shared < params.least_accounts, f"fewer than {params.least_accounts} such numbers"),
        (met.same < params.least_same * met.shared, f"less than {params.least_same:.0%} of them the same"),
        (
            met.same + met.renamed < params.least_known * met.shared,
            f"more than {1 - params.least_known:.0%} of them another account on each",
        ),
        (met.shared < params.least_shared * fewer, f"less than {params.least_shared:.0%} of the smaller on both"),
        (any(one.platform.hex().startswith(params.apart) for one in standing), "a person says so"),
    )
    doubts = "; ".join(said for doubtful, said in checks if doubtful)
    figures = (
        f"{met.shared} numbers of accounts stand on both with a moment of registration; the smaller has {fewer} in all."
        f" {met.same} have the same name and moment, {met.renamed} the same moment and another name,"
        f" {met.shared - met.same - met.renamed} are of another account."
    )
    text = f"{figures} Kept apart: {doubts}." if doubts else f"{figures} An inference: one platform at two dates."
    return Copy.make(
        platform=older.platform, later=later.platform, verdict="apart" if doubts else "copy",
        counts_as=older.platform, accounts=fewer, shared=met.shared, same=met.same, renamed=met.renamed,
        ends=older.ends, later_ends=later.ends, text=text,
    )  # fmt: skip


_SOMEBODY: t.Final = "id not in ('', '0')"
_STANDING: t.Final = f"""
    with late as (
        select platform, min(moment) as ends from (
            select platform, unnest(max(moment, 3)) as moment from (
                select platform, unnest([registered, last_seen]) as moment from accounts semi join p on p.key = platform
                union all select platform, "at" from posts semi join p on p.key = platform
            ) where moment is not null group by platform
        ) group by platform
    ), counted as (
        select platform, count(distinct id) as accounts from accounts where {_SOMEBODY} group by platform
    )
    select p.key as platform, coalesce(c.accounts, 0) as accounts, l.ends, {_NO_KEY}
    from p left join counted c on c.platform = p.key left join late l on l.platform = p.key
"""
_MET: t.Final = f"""
    with known as (
        -- as the last row of the number has it, since a table may stand twice in a dump
        select p.software, a.platform, a.id, arg_max(a.name, (a.place, a.key)) as name,
            arg_max(a.registered, (a.place, a.key)) as registered
        from accounts a join p on p.key = a.platform where {_SOMEBODY} group by all
    )
    select x.platform as a, y.platform as b,
        count(*) filter (x.registered is not null and y.registered is not null) as shared,
        count(*) filter (x.registered = y.registered and x.name = y.name) as same,
        count(*) filter (x.registered = y.registered and x.name <> y.name) as renamed, {_NO_KEY}
    from known x join known y on y.software = x.software and y.id = x.id and y.platform > x.platform group by all
"""
_AGAIN: t.Final = f"""
    select p.key as platform, r.name as relation, r.again, {_NO_KEY} from r join p on p.content = r.content
    where r.again > 0
"""
_WHOLES: t.Final = f"""
    with held as (
        select m.*, t.relation, t."into", sum(t.made)::bigint as rows,
            substr(t.relation, length(m.prefix) + 1) as bare
        from taken t join members m on m.platform = t.platform group by all
    )
    select h.platform, h.relation, h."into", h.latest, h.rows, {_NO_KEY} from held h
    where h.place > 0 and not exists (
        select 1 from held l where l.latest = h.latest and l.place < h.place and l.bare = h.bare and l."into" = h."into"
    )
"""
_ALONE: t.Final = """
    select platform, relation, "into", latest as counts_as, null::bigint as before, rows, 0 as same, 0 as changed,
        rows as "only", true as alone
    from w
"""


def _digested(row: type[Row]) -> str:
    """Return the ``select`` of what is compared: rows of platforms that have copies, and of tables that come again."""
    said = [f'r."{name}"' for name in row.__struct_fields__ if name not in PLACED]
    thing = [f"r.{name}" for name in IDENTITY.get(row.table(), ())]
    bare = "substr(r.relation, length(m.prefix) + 1)"
    by_all = f"hash(m.latest, {bare}, r.rule, {', '.join(said)})"
    by_thing = f"hash(m.latest, {bare}, r.rule, {', '.join(thing)})" if thing else by_all
    if "id" in row.__struct_fields__:
        by_thing = f"case when r.id = '' then {by_all} else {by_thing} end"
    whose = "r.id" if row is Account else "r.account" if "account" in row.__struct_fields__ else "''"
    return f"""
        select r.key as row_key, r.platform, m.latest, r.relation, ({by_thing} >> 1)::bigint as thing,
            ({by_all} >> 1)::bigint as said, if(m.place = 0, null, m.ends) as ends,
            m.place * 2 + (a.again is not null and r.place < a.again)::int as age, {whose} as account, {_NO_KEY}
        from rows r join members m on m.platform = r.platform
        left join again a on a.platform = r.platform and a.relation = r.relation
        where (a.again is not null or m.latest in (select latest from members where place > 0))
            and (r.platform, r.relation) not in (
                select (platform, relation) from wholes where "into" = '{row.table()}'
            )
    """


def _remnants(into: str, part: str) -> str:
    """Return the ``select`` of rows of older states that no later one has as they are."""
    sql = f"""
        with kept as (
            select thing, said, min(age) as age from met where {part} group by thing, said having min(age) > 0
        ), first as (
            select thing, min(age) as first from met where {part} and thing in (select thing from kept) group by thing
        ), left_over as (
            select platform, latest, '{into}' as "into", row_key, account, age, ends,
                if(first = age, 'only', 'changed') as kind
            from met join kept using (thing, said, age) join first using (thing)
        )"""
    if into != "account":
        return f"{sql} select * exclude (latest, age) from left_over"
    return f"""{sql}, named as (
            select o.*, r.name from left_over o join rows r on r.key = o.row_key where o.kind = 'only'
        ), reused as (
            -- another account has the number later; one of the same name is the same, whenever it says it registered
            select n.row_key, bool_or(l.name = n.name) as same
            from met m join named n on n.latest = m.latest and n.account = m.account and m.age < n.age
            join rows l on l.key = m.row_key group by n.row_key
        )
        select o.* exclude (latest, age) replace (
            case when u.same then 'changed' when not u.same then 'reused' else kind end as kind)
        from left_over o left join reused u using (row_key)
    """


def _counted(into: str) -> str:
    return f"""
        select m.platform, m.relation, '{into}' as "into", m.latest as counts_as,
            if(m.platform = m.latest, a.again, null) as before, count(*) as rows,
            count(*) - count(l.row_key) as same, count(*) filter (l.kind = 'changed') as changed,
            count(*) filter (l.kind in ('only', 'reused')) as "only", false as alone
        from met m left join left_over l on l.row_key = m.row_key
        left join again a on a.platform = m.platform and a.relation = m.relation
        where m.age > 0 group by m.platform, m.relation, m.latest, a.again
    """
