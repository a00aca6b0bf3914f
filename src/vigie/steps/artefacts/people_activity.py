"""What each account did, in numbers."""

import datetime as dt
import typing as t

import msgspec

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Named, Table, query
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
    params: Numbers,
) -> Table[Activity]:
    """Count what each account did. Guests (no id, or 0) are none; an id without an account's row is one.

    One aggregate after another, each over the columns it needs and with bounded memory; what they give is put
    together by account.
    """
    acts: dict[str, Table[t.Any]] = {"posts": posts, "messages": messages, "events": events, "moderations": moderations}
    acts |= {"attachments": attachments, "payments": payments, "topics": topics}
    rows = sum(map(len, acts.values()))
    parts = [
        _part("account_row name registered", _KNOWN, accounts=accounts),
        _part("received partners", _talks(params), messages=messages, recipients=recipients),
        _part("complaints", _COMPLAINED, complaints=complaints, posts=posts, messages=messages),
    ]
    for mine in _heaps(rows // _ROWS + 1):
        parts += [
            _part(_OWN, _own(mine), **acts),
            _part(_THREADS, _threads(params, mine), accounts=accounts, topics=topics, posts=posts),
            _part(_TIMED, _times(params, mine), **acts),
            _part("ips", _addresses(mine), **acts),
        ]
    named: dict[str, Named] = {f"part{number}": part for number, part in enumerate(parts)}
    whole = [query(Activity, _whole(list(named), mine), **named) for mine in _heaps(rows // _PUT_TOGETHER + 1)]
    piled: dict[str, Named] = {f"heap{number}": one for number, one in enumerate(whole)}
    return query(Activity, " union all ".join(f"select * from {name}" for name in piled), **piled)


_ROWS = 6_000_000
"""About so many rows are counted at once: accounts are done heap by heap, so that memory is bounded.

DuckDB spills groups that do not fit, but slowly, and not those with texts in them."""
_PUT_TOGETHER = 1_500_000
"""The accounts of about so many rows are put together at once: a group has thirty numbers."""
_TEXTS = ("platform", "account", "account_row", "name", "hours")
_TIMES = ("registered", "first", "last")
_COUNTS = tuple(name for name in Activity.__struct_fields__ if name not in ("key", *_TEXTS, *_TIMES, "night_from"))
_NO_KEY = "unhex('00000000000000000000000000000000')"
_DAY_US = 86_400_000_000
_SOMEBODY = "account not in ('', '0')"


def _heaps(count: int) -> list[str]:
    """Return conditions that divide all accounts that are somebody among so many heaps."""
    return [f"{_SOMEBODY} and hash(account) % {count} = {number}" for number in range(count)]


def _part(gives: str, sql: str, **tables: Named) -> Table[Activity]:
    """Return what one aggregate knows: the columns it gives, one row an account; nothing in the other columns."""
    plain = dict.fromkeys(Activity.__struct_fields__, "null") | dict.fromkeys(_COUNTS, "0")
    plain |= {"key": _NO_KEY, "name": "''", "hours": "''"}
    known = ("platform", "account", *gives.split())
    rest = ", ".join(f"{value} as {name}" for name, value in plain.items() if name not in known)
    return query(Activity, f"select *, {rest} from ({sql})", **tables)


def _whole(parts: list[str], mine: str) -> str:
    """Return the ``select`` that puts the parts together; the name is that of the account's row, if there is one."""
    union = " union all ".join(f"select * from {part} where {mine}" for part in parts)
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in _COUNTS)
    return f"""
        select platform, account, max(account_row) as account_row,
            coalesce(max(name) filter (account_row is not null), max(name)) as name,
            max(registered) as registered, min(first) as first, max(last) as last,
            coalesce(nullif(max(hours), ''), '{" ".join("0" * 24)}') as hours, max(night_from) as night_from, {sums}
        from ({union}) group by platform, account
    """


_KNOWN = """
    select platform, id as account, arg_min(key, (relation, number, rule, part)) as account_row,
        arg_min(name, (relation, number, rule, part)) as name, min(registered) as registered
    from accounts where id not in ('', '0') group by platform, id
"""


_OWN = "name posts topics sent edits uploads moderation events admin_events payments_in payments_out"


def _own(mine: str) -> str:
    """Return the part about what stands under its name, by kind."""
    return f"""
    select platform, account, max(name) as name, count(*) filter (what = 'post') as posts,
        count(*) filter (what = 'topic') as topics, count(*) filter (what = 'message') as sent,
        count(*) filter (what = 'edit') as edits, count(*) filter (what = 'upload') as uploads,
        count(*) filter (what = 'moderation') as moderation, count(*) filter (what in ('event', 'admin')) as events,
        count(*) filter (what = 'admin') as admin_events, count(*) filter (what = 'in') as payments_in,
        count(*) filter (what = 'out') as payments_out
    from (
        select platform, account, name, 'post' as what from posts
        union all select platform, editor as account, '', 'edit' from posts where editor <> account and editor <> ''
        union all select platform, account, name, 'topic' from topics
        union all select platform, account, name, 'message' from messages
        union all select platform, account, '', 'upload' from attachments
        union all select platform, account, '', 'moderation' from moderations
        union all select platform, account, name, case action when 'admin' then 'admin' else 'event' end from events
        union all select platform, account, '', case direction when 'out' then 'out' else 'in' end from payments
    ) where {mine} group by platform, account
"""


_THREADS = "replies newcomers sections reach"


def _threads(params: Numbers, mine: str) -> str:
    """Return the part about who writes in whose topics: posts are first counted by account and topic."""
    return f"""
        with thread as (
            select t.platform, t.topic, t.section, t.opener,
                t.began - k.registered between 0 and {params.newcomer_days * _DAY_US} as by_new
            from (
                select platform, id as topic, min(section) as section, min(account) as opener,
                    min(epoch_us("at")) as began
                from topics group by platform, id
            ) t left join (
                select platform, id, min(epoch_us(registered)) as registered from accounts group by platform, id
            ) k on k.platform = t.platform and k.id = t.opener
        ), written as (
            select platform, account, topic, max(section) as section, count(*) as n
            from posts where {mine} group by platform, account, topic
        ), answers as materialized (
            select w.platform, w.account, coalesce(nullif(w.section, ''), t.section, '') as section,
                t.opener, cast(sum(w.n) as bigint) as n, cast(sum(w.n) filter (by_new) as bigint) as n_new
            from written w left join thread t on t.platform = w.platform and t.topic = w.topic
            group by all
        ), counted as (
            select platform, account, sum(n) filter (opener <> account) as replies,
                sum(n_new) filter (opener <> account) as newcomers, 0 as sections, 0 as reach
            from answers group by platform, account
            union all
            select platform, account, 0, 0, count(*), 0
            from (select distinct platform, account, section from answers where section <> '')
            group by platform, account
            union all
            select platform, opener, 0, 0, 0, count(*)
            from (select distinct platform, opener, account from answers
                where opener <> account and opener not in ('', '0'))
            group by platform, opener
        )
        select platform, account, cast(coalesce(sum(replies), 0) as bigint) as replies,
            cast(coalesce(sum(newcomers), 0) as bigint) as newcomers, cast(sum(sections) as bigint) as sections,
            cast(sum(reach) as bigint) as reach
        from counted group by platform, account
    """


def _talks(params: Numbers) -> str:
    """Return the part about private messages: a recipient is named for a message, or for a conversation."""
    return f"""
        with direct as (
            select m.platform, m.account as a, r.account as b, count(*) as n
            from messages m join recipients r on r.platform = m.platform and r.message = m.id
            where r.message <> '' and r.account <> m.account group by all
        ), members as (
            select distinct platform, conversation, account
            from recipients where message = '' and conversation <> '' and {_SOMEBODY}
        ), rooms as (
            select platform, conversation, count(*) as members from members group by all
        ), spoke as (
            select platform, conversation, account, count(*) as n
            from messages where conversation <> '' group by all
        ), spoken as (
            select platform, conversation, sum(n) as n from spoke group by all
        ), pairs as (
            select platform, a, b from direct
            union all
            select s.platform, s.account, m.account
            from spoke s join members m using (platform, conversation) join rooms r using (platform, conversation)
            where r.members <= {params.most_members} and s.account <> m.account
        ), counted as (
            select platform, b as account, cast(sum(n) as bigint) as received, 0 as partners
            from direct group by platform, b
            union all
            select m.platform, m.account, cast(sum(s.n - coalesce(own.n, 0)) as bigint), 0
            from members m join spoken s using (platform, conversation)
            left join spoke own using (platform, conversation, account)
            group by m.platform, m.account
            union all
            select platform, a, 0, count(*)
            from (select platform, a, b from pairs union select platform, b, a from pairs)
            where b not in ('', '0') group by platform, a
        )
        select platform, account, cast(sum(received) as bigint) as received, cast(sum(partners) as bigint) as partners
        from counted where {_SOMEBODY} group by platform, account
    """


_COMPLAINED = f"""
    select platform, account, count(distinct key) as complaints from (
        select platform, key, target as account from complaints
        union all
        select c.platform, c.key, p.account
        from posts p join complaints c on c.platform = p.platform and c.post = p.id
        where c.post <> '' and c.target in ('', '0')
        union all
        select c.platform, c.key, m.account
        from messages m join complaints c on c.platform = m.platform and c.message = m.id
        where c.message <> '' and c.target in ('', '0')
    ) where {_SOMEBODY} group by platform, account
"""

_ACTS = """
    select platform, account, epoch_us("at") as us, ip from posts
    union all select platform, account, epoch_us("at"), ip from messages
    union all select platform, account, epoch_us("at"), ip from events
    union all select platform, account, epoch_us("at"), ip from moderations
    union all select platform, account, epoch_us("at"), '' from attachments
    union all select platform, account, epoch_us("at"), '' from payments
    union all select platform, account, epoch_us("at"), '' from topics
"""


_TIMED = "first last days hours night_from night_hours"


def _times(params: Numbers, mine: str) -> str:
    """Return the part about when: first by day, with the hours of each as bits."""
    earliest = int(dt.datetime(params.earliest_year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    hours = ", ".join(f"count(*) filter ((mask & {1 << hour}) <> 0)" for hour in range(24))
    return f"""
        with daily as (
            select platform, account, us // {_DAY_US} as day, min(us) as first, max(us) as last,
                bit_or(1::uinteger << (us // {_DAY_US // 24} % 24)) as mask
            from ({_ACTS}) where {mine} and us >= {earliest} group by platform, account, day
        ), clocked as (
            select platform, account, make_timestamptz(min(first)) as first, make_timestamptz(max(last)) as last,
                count(*) as days, [{hours}] as hours
            from daily group by platform, account
        ), quiet as (
            select platform, account, first, last, days, array_to_string(hours, ' ') as hours,
                repeat(array_to_string(list_transform(hours, lambda n: case when
                    n * 24 < {params.quiet_share!r} * list_sum(hours) then 'q' else 'a' end), ''), 2) as pattern,
                list_sum(hours) as marks
            from clocked
        ), nights as (
            select *, case when marks >= {params.least_marks} then list_max(list_transform(
                string_split(pattern, 'a'), lambda s: least(length(s), 24))) else 0 end as night_hours
            from quiet
        )
        select platform, account, first, last, days, hours, night_hours,
            case when night_hours > 0 then (instr(pattern, repeat('q', night_hours)) - 1) % 24 end as night_from
        from nights
    """


def _addresses(mine: str) -> str:
    """Return the part about where it came from."""
    return f"""
    select platform, account, count(*) as ips
    from (select distinct platform, account, ip from ({_ACTS}) where {mine} and ip <> '')
    group by platform, account
"""
