"""What each account did, in numbers."""

import datetime as dt
import typing as t

import msgspec

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, query
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


class _Did(Row, frozen=True, kw_only=True):
    """What stands under its name, and when."""

    NATURAL = ("who",)
    who: int
    posts: int
    topics: int
    sent: int
    edits: int
    uploads: int
    moderation: int
    events: int
    admin_events: int
    payments_in: int
    payments_out: int
    first: dt.datetime | None
    last: dt.datetime | None
    days: int
    hours: str
    night_from: int | None
    night_hours: int


class _Wrote(Row, frozen=True, kw_only=True):
    """Where it wrote, and whom it answered."""

    NATURAL = ("who",)
    who: int
    replies: int
    newcomers: int
    sections: int
    reach: int


class _Met(Row, frozen=True, kw_only=True):
    """With whom it exchanged private messages, who complained of it, from where it came."""

    NATURAL = ("who",)
    who: int
    received: int
    partners: int
    complaints: int
    ips: int


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

    Accounts get short numbers first, which no result shows: thirty million rows are grouped by those within the memory
    that a query has, by their names they are not.
    """
    acts = one_of_each(
        layers, remnants, posts=posts, topics=topics, events=events, moderations=moderations, attachments=attachments,
        payments=payments, messages=messages,
    )  # fmt: skip
    acts["attachments"] = files_once(acts["attachments"])
    talk = one_of_each(layers, remnants, messages=messages, recipients=recipients, complaints=complaints)
    known = query(_Known, _KNOWN, **one_of_each(layers, remnants, accounts=accounts), **(acts | talk))
    return query(
        Activity,
        _WHOLE,
        known=known,
        did=query(_Did, _did(params), known=known, **acts),
        wrote=query(_Wrote, _wrote(params), known=known, **acts),
        met=query(_Met, _met(params), known=known, **(acts | talk)),
    )


_NO_KEY = "unhex('00000000000000000000000000000000') as key"
_DAY_US = 86_400_000_000
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


def _did(params: Numbers) -> str:
    """Return what stands under each name, by kind, and when: days first, with the hours of each as bits."""
    earliest = int(dt.datetime(params.earliest_year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    hours = ", ".join(f"count(*) filter ((mask & {1 << hour}) <> 0)" for hour in range(24))
    kinds = ("posts", "topics", "sent", "edits", "uploads", "moderation", "logged", "admin_events", "payments_in",
             "payments_out")  # fmt: skip
    counts = ", ".join(f"count(*) filter (kind = {number}) as {name}" for number, name in enumerate(kinds))
    kind = {name: f"{number}::utinyint" for number, name in enumerate(kinds)}
    return f"""
        with acts as materialized (
            select k.who::integer as who, x.kind, epoch_us(x."at") as us from (
                select platform, account, {kind["posts"]} as kind, "at" from posts
                union all select platform, editor, {kind["edits"]}, null from posts where editor <> account
                union all select platform, account, {kind["topics"]}, "at" from topics
                union all select platform, account, {kind["sent"]}, "at" from messages
                union all select platform, account, {kind["uploads"]}, "at" from attachments
                union all select platform, account, {kind["moderation"]}, "at" from moderations
                union all select platform, account,
                    case action when 'admin' then {kind["admin_events"]} else {kind["logged"]} end, "at" from events
                union all select platform, account,
                    case direction when 'out' then {kind["payments_out"]} else {kind["payments_in"]} end, "at"
                from payments
            ) x {_NUMBERED}
        ), counted as (
            select who, {counts}, min(us) filter (us >= {earliest}) as first, max(us) filter (us >= {earliest}) as last
            from acts group by who
        ), daily as (
            select who, us // {_DAY_US} as day, bit_or(1::uinteger << (us // {_DAY_US // 24} % 24)) as mask
            from acts where us >= {earliest} group by who, day
        ), clocked as (
            select who, count(*) as days, [{hours}] as hours from daily group by who
        ), quiet as (
            select who, days, array_to_string(hours, ' ') as hours, list_sum(hours) as marks,
                repeat(array_to_string(list_transform(hours, lambda n: case when
                    n * 24 < {params.quiet_share!r} * list_sum(hours) then 'q' else 'a' end), ''), 2) as pattern
            from clocked
        ), nights as (
            select *, case when marks >= {params.least_marks} then list_max(list_transform(
                string_split(pattern, 'a'), lambda s: least(length(s), 24))) else 0 end as night_hours
            from quiet
        )
        select c.* exclude (first, last, logged), logged + admin_events as events, coalesce(n.days, 0) as days,
            coalesce(n.hours, '{" ".join("0" * 24)}') as hours, coalesce(n.night_hours, 0) as night_hours,
            case when night_hours > 0 then (instr(pattern, repeat('q', night_hours)) - 1) % 24 end as night_from,
            make_timestamptz(first) as first, make_timestamptz(last) as last, {_NO_KEY}
        from counted c left join nights n using (who)
    """


def _wrote(params: Numbers) -> str:
    """Return where each wrote, and in whose topics."""
    return f"""
        with thread as (
            select t.platform, t.topic, t.section, coalesce(k.who, 0)::integer as opener,
                t.began - epoch_us(k.registered) between 0 and {params.newcomer_days * _DAY_US} as by_new
            from (
                select platform, id as topic, min(section) as section, min(account) as account,
                    min(epoch_us("at")) as began
                from topics group by platform, id
            ) t left join known k on k.platform = t.platform and k.account = t.account
        ), places as (
            select platform, section, row_number() over () as place from (
                select platform, section from posts union select platform, section from topics
            ) where section <> ''
        ), answers as materialized (
            select k.who::integer as who, coalesce(t.opener, 0)::integer as opener,
                coalesce(p.place, 0)::integer as place, coalesce(t.by_new, false) as by_new
            from posts x {_NUMBERED}
            left join thread t on t.platform = x.platform and t.topic = x.topic
            left join places p
                on p.platform = x.platform and p.section = coalesce(nullif(x.section, ''), t.section, '')
        ), counted as (
            select who, count(*) as replies, count(*) filter (by_new) as newcomers, 0 as sections, 0 as reach
            from answers where opener not in (0, who) group by who
            union all
            select who, 0, 0, count(*), 0 from (select distinct who, place from answers where place > 0) group by who
            union all
            select opener, 0, 0, 0, count(*)
            from (select distinct opener, who from answers where opener not in (0, who)) group by opener
        )
        select who, max(replies) as replies, max(newcomers) as newcomers, max(sections) as sections,
            max(reach) as reach, {_NO_KEY}
        from counted group by who
    """


def _met(params: Numbers) -> str:
    """Return the rest; a recipient is named for a message, or for a conversation.

    Addresses are told apart by a hash of 64 bits, for a count of them.
    """
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
            select b as who, sum(n) as received, 0 as partners, 0 as complaints, 0 as ips from direct group by b
            union all
            select m.who, sum(s.n - coalesce(own.n, 0)), 0, 0, 0
            from members m join spoken s using (platform, conversation)
            left join spoke own using (platform, conversation, who) group by m.who
            union all
            select a, 0, count(*), 0, 0 from (select a, b from pairs union select b, a from pairs) group by a
            union all
            select k.who, 0, 0, count(distinct x.key), 0 from (
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
            union all
            select who, 0, 0, 0, count(*) from (
                select distinct k.who::integer as who, x.address from (
                    select platform, account, hash(ip) as address from posts where ip <> ''
                    union all select platform, account, hash(ip) from messages where ip <> ''
                    union all select platform, account, hash(ip) from events where ip <> ''
                    union all select platform, account, hash(ip) from moderations where ip <> ''
                ) x {_NUMBERED}
            ) group by who
        )
        select who, cast(sum(received) as bigint) as received, max(partners) as partners,
            max(complaints) as complaints, max(ips) as ips, {_NO_KEY}
        from counted group by who
    """


_REST = tuple(
    name
    for part in (_Did, _Wrote, _Met)
    for name in part.__struct_fields__
    if name not in ("key", "who", "first", "last", "hours", "night_from")
)
_WHOLE = f"""
    select k.platform, k.account, k.account_row, k.name, k.registered, d.first, d.last, d.night_from,
        coalesce(d.hours, '{" ".join("0" * 24)}') as hours,
        {", ".join(f"coalesce({name}, 0) as {name}" for name in _REST)}
    from known k left join did d using (who) left join wrote w using (who) left join met m using (who)
"""
