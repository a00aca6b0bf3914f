"""What each account did, in numbers."""

import datetime as dt
import typing as t
from collections.abc import Iterator

import msgspec
import numpy as np

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, columns, numbers, query, together
from vigie.numeric.grouped import NEVER, Pairs, Tally, clock, nights, spelled
from vigie.rows.base import Key, Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import (
    Account,
    Attachment,
    Complaint,
    Event,
    Message,
    Moderation,
    Payment,
    Post,
    Recipient,
    Topic,
)
from vigie.rows.roles import Activity
from vigie.steps.copied import files_once, one_of_each

Year = t.Annotated[int, msgspec.Meta(ge=1970, le=2200)]


class Numbers(Params, frozen=True):
    """What counts as what."""

    newcomer_days: Count = 14
    """An account is a newcomer for so long after it registered."""
    most_members: Count = 1000
    """Who is in a conversation of more accounts is not told to be the partner of each: it is a board, not a talk."""
    earliest_year: Year = 1995
    """Times before are none: an empty field, a clock that was never set."""
    least_marks: Count = 30
    """The quiet stretch of the day is looked for where so many hours (of different days) are known."""
    quiet_share: Share = 0.25
    """An hour is quiet with less than this share of what an hour has on the mean."""


class _Known(Row, frozen=True, kw_only=True):
    """An account that is somebody, under a short number: all else is counted by that."""

    NATURAL = ("who",)
    who: int
    platform: Key
    account: str
    account_row: Key | None
    name: str
    registered: dt.datetime | None


class _Counted(Row, frozen=True, kw_only=True):
    """What stands under its name, when, where, and whom it answered."""

    NATURAL = ("who",)
    who: int
    posts: int
    topics: int
    sent: int
    edits: int
    uploads: int
    moderation: int
    logged: int
    admin_events: int
    payments_in: int
    payments_out: int
    first: int
    last: int
    days: int
    hours: str
    night_from: int
    night_hours: int
    replies: int
    newcomers: int
    sections: int
    reach: int
    ips: int


class _Met(Row, frozen=True, kw_only=True):
    """With whom it exchanged private messages, and who complained of it."""

    NATURAL = ("who",)
    who: int
    received: int
    partners: int
    complaints: int


@stage(split=None)
def activity(
    accounts: Table[Account],
    topics: Table[Topic],
    posts: Table[Post],
    messages: Table[Message],
    recipients: Table[Recipient],
    attachments: Table[Attachment],
    events: Table[Event],
    moderations: Table[Moderation],
    payments: Table[Payment],
    complaints: Table[Complaint],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Numbers,
) -> Table[Activity]:
    """Count what each account did. Guests (no id, or 0) are none; an id without an account's row is one.

    Accounts get short numbers first, which no result shows: thirty million rows are counted by those as they come
    (``numeric.grouped``), by their names they are not. An account's addresses and sections are told apart by what 64
    bits leave of a hash beside its number: 43 bits where there are a million accounts.
    """
    acts = one_of_each(
        layers, remnants, posts=posts, topics=topics, events=events, moderations=moderations, attachments=attachments,
        payments=payments, messages=messages,
    )  # fmt: skip
    acts["attachments"] = files_once(acts["attachments"])
    talk = one_of_each(layers, remnants, messages=messages, recipients=recipients, complaints=complaints)
    known = query(_Known, _KNOWN, **one_of_each(layers, remnants, accounts=accounts), **(acts | talk))
    met = query(_Met, _met(params), known=known, **(acts | talk))
    counts = _counts(len(known), numbers(_acts(params), known=known, **acts), params)
    made = (query(Activity, _WHOLE, known=known, did=did, met=met) for did in counts)
    return together(Activity, made, accounts.room)


_Array = np.ndarray[t.Any, np.dtype[t.Any]]


def _counts(accounts: int, acts: Iterator[list[_Array]], params: Numbers) -> Iterator[Table[_Counted]]:
    """Count acts as they come; yield the numbers of some accounts at a time. Account 0 is nobody."""
    numbered, hours = _numbered(accounts + 1, acts, params)
    for begin in range(0, accounts + 1, _AT_ONCE):
        some = slice(begin, min(begin + _AT_ONCE, accounts + 1))
        given = {name: values[some].astype(np.int64) for name, values in numbered.items()}
        who = np.arange(some.start, some.stop)
        yield columns(_Counted, key=b"................", who=who, hours=spelled(hours[some]), **given)


def _numbered(groups: int, acts: Iterator[list[_Array]], params: Numbers) -> tuple[dict[str, _Array], _Array]:
    """Return the numbers of each account by name, and its hours."""
    earliest = _epoch_us(params.earliest_year)
    tally = Tally(groups, len(_KINDS), earliest)
    hours, ips, sections, reach = (Pairs(groups) for _ in range(4))
    for who, kind, us, ip, opener, place, by_new in acts:
        tally.add(who, kind, us)
        timed = us >= earliest
        hours.add(who[timed], us[timed] // _HOUR_US)
        ips.add(who[ip != 0], ip[ip != 0])
        sections.add(who[place != 0], place[place != 0])
        other = (opener != 0) & (opener != who)
        reach.add(opener[other], who[other])
        tally.count(who[other], _KINDS.index("replies"))
        tally.count(who[other & (by_new != 0)], _KINDS.index("newcomers"))
    there = clock(hours, groups)
    night_from, night_hours = nights(there.hours, params.least_marks, params.quiet_share)
    return {
        **{name: tally.counts[:, at] for at, name in enumerate(_KINDS)},
        "first": tally.first, "last": tally.last, "days": there.days, "night_from": night_from,
        "night_hours": night_hours, "ips": ips.counts(), "sections": sections.counts(), "reach": reach.counts(),
    }, there.hours  # fmt: skip


def _epoch_us(year: int) -> int:
    return int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000


_AT_ONCE = 1 << 18
"""Accounts whose numbers are put together at a time."""
_KINDS = ("posts", "topics", "sent", "edits", "uploads", "moderation", "logged", "admin_events", "payments_in",
          "payments_out", "replies", "newcomers")  # fmt: skip
_NO_KEY = "unhex('00000000000000000000000000000000') as key"
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_SOMEBODY = "account not in ('', '0')"
_NUMBERED = "join known k on k.platform = x.platform and k.account = x.account"

_KNOWN = f"""
    with kept as (
        select platform, id as account, min(key) as account_row, arg_min(name, key) as name,
            min(registered) as registered
        from accounts where id not in ('', '0') group by platform, id
    ), others as (
        select platform, account, name from posts
        union all select platform, editor, '' from posts where editor <> account
        union all select platform, account, name from topics
        union all select platform, account, name from messages
        union all select platform, account, name from events
        union all select platform, account, '' from attachments
        union all select platform, account, '' from moderations
        union all select platform, account, '' from payments
        union all select platform, account, '' from recipients
        union all select platform, target, '' from complaints
    ), gone as (
        select platform, account, max(name) as name
        from others anti join kept using (platform, account) where {_SOMEBODY} group by platform, account
    ), everybody as (
        select * from kept union all by name select * from gone
    )
    select row_number() over () as who, platform, account, account_row, name, registered, {_NO_KEY} from everybody
"""


def _acts(params: Numbers) -> str:
    """Return all acts: who, of which kind, when, from where; of a post also in whose topic, and in which section."""
    kind = {name: f"{number}::utinyint" for number, name in enumerate(_KINDS)}
    section = _hashed("coalesce(nullif(x.section, ''), t.section, '')")
    elsewhere = "0::uinteger, 0::ubigint, 0::utinyint"
    return f"""
        with thread as (
            select t.platform, t.topic, t.section, coalesce(k.who, 0)::uinteger as opener,
                (t.began - epoch_us(k.registered) between 0 and {params.newcomer_days * _DAY_US})::utinyint as by_new
            from (
                select platform, id as topic, min(section) as section, min(account) as account,
                    min(epoch_us("at")) as began
                from topics group by platform, id
            ) t left join known k on k.platform = t.platform and k.account = t.account
        )
        select k.who::uinteger, x.kind, coalesce(epoch_us(x."at"), {NEVER}), {_hashed("x.ip")},
            x.opener, x.place, x.by_new
        from (
            select x.platform, x.account, {kind["posts"]} as kind, x."at", x.ip,
                coalesce(t.opener, 0)::uinteger as opener, {section} as place,
                coalesce(t.by_new, 0)::utinyint as by_new
            from posts x left join thread t on t.platform = x.platform and t.topic = x.topic
            union all
            select platform, editor, {kind["edits"]}, null, '', {elsewhere} from posts where editor <> account
            union all select platform, account, {kind["topics"]}, "at", '', {elsewhere} from topics
            union all select platform, account, {kind["sent"]}, "at", ip, {elsewhere} from messages
            union all select platform, account, {kind["uploads"]}, "at", '', {elsewhere} from attachments
            union all select platform, account, {kind["moderation"]}, "at", ip, {elsewhere} from moderations
            union all select platform, account,
                case action when 'admin' then {kind["admin_events"]} else {kind["logged"]} end, "at", ip, {elsewhere}
            from events
            union all select platform, account,
                case direction when 'out' then {kind["payments_out"]} else {kind["payments_in"]} end, "at", '',
                {elsewhere}
            from payments
        ) x {_NUMBERED}
    """


def _hashed(text: str) -> str:
    """Return SQL of a number for text; 0: there is none."""
    return f"if({text} = '', 0, hash({text}))"


def _met(params: Numbers) -> str:
    """Return the rest; a recipient is named for a message, or for a conversation."""
    return f"""
        with direct as (
            select a.who as a, b.who as b, count(*) as n
            from messages x {_NUMBERED.replace("k.", "a.").replace("known k", "known a")}
            join recipients r on r.platform = x.platform and r.message = x.id
            join known b on b.platform = r.platform and b.account = r.account
            where r.message <> '' and a.who <> b.who group by a.who, b.who
        ), members as (
            select distinct x.platform, x.conversation, k.who
            from recipients x {_NUMBERED} where x.message = '' and x.conversation <> ''
        ), rooms as (
            select platform, conversation, count(*) as members from members group by platform, conversation
        ), spoke as (
            select x.platform, x.conversation, coalesce(k.who, 0) as who, count(*) as n
            from messages x left {_NUMBERED} where x.conversation <> '' group by all
        ), spoken as (
            select platform, conversation, sum(n) as n from spoke group by platform, conversation
        ), pairs as (
            select a, b from direct
            union all
            select s.who, m.who
            from spoke s join members m using (platform, conversation) join rooms r using (platform, conversation)
            where r.members <= {params.most_members} and s.who not in (0, m.who)
        ), counted as (
            select b as who, sum(n) as received, 0 as partners, 0 as complaints from direct group by b
            union all
            select m.who, sum(s.n - coalesce(own.n, 0)), 0, 0
            from members m join spoken s using (platform, conversation)
            left join spoke own using (platform, conversation, who) group by m.who
            union all
            select a, 0, count(*), 0 from (select a, b from pairs union select b, a from pairs) group by a
            union all
            select k.who, 0, 0, count(distinct x.key) from (
                select platform, key, target as account from complaints
                union all
                select c.platform, c.key, p.account
                from posts p join complaints c on c.platform = p.platform and c.post = p.id
                where c.post <> '' and c.target in ('', '0')
                union all
                select c.platform, c.key, m.account
                from messages m join complaints c on c.platform = m.platform and c.message = m.id
                where c.message <> '' and c.target in ('', '0')
            ) x {_NUMBERED} group by k.who
        )
        select who, cast(sum(received) as bigint) as received, max(partners) as partners,
            max(complaints) as complaints, {_NO_KEY}
        from counted group by who
    """


_WHOLE = f"""
    select k.platform, k.account, k.account_row, k.name, k.registered,
        d.posts, d.topics, d.replies, d.newcomers, d.sections, d.reach, d.sent, d.uploads, d.moderation, d.edits,
        d.admin_events, d.payments_in, d.payments_out, d.logged + d.admin_events as events, d.days, d.hours, d.ips,
        d.night_hours, case when d.night_hours > 0 then d.night_from end as night_from,
        case when d.last <> {NEVER} then make_timestamptz(d.first) end as first,
        case when d.last <> {NEVER} then make_timestamptz(d.last) end as last,
        coalesce(m.received, 0) as received, coalesce(m.partners, 0) as partners,
        coalesce(m.complaints, 0) as complaints
    from did d join known k using (who) left join met m using (who)
"""
