"""What is odd about times, and about numbers of accounts. Remarks, each with how often."""

import datetime as dt

from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Named, Table, numbers, of, query
from vigie.numeric.backward import backward
from vigie.rows.base import Key, Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import Account, Event, Message, Post
from vigie.rows.roles import Activity, Oddity, Ranked, Timeline
from vigie.steps.copied import one_of_each


class Odd(Params, frozen=True):
    """From when on something is odd."""

    earliest_year: Count = 1995
    """Times before are none: an empty field, a clock that was never set."""
    accounts: Count = 200
    """So many of the first accounts of each platform are looked at by themselves."""
    crowd: Count = 3
    """A platform goes on as long as so many different accounts act; what is later than that is in its future."""
    future_hours: Count = 24
    early_hours: Count = 1
    """Acts so long before the account registered are odd."""
    back_hours: Count = 1
    """Posts whose numbers go on while their times go back by so much."""
    silent_days: Count = 2
    """Days without any act that are odd on a platform ..."""
    silent_days_account: Count = 30
    """... and for an account."""
    times_usual: Count = 5
    """Silence is odd if it is so many times as long as between two days with acts on the mean."""


@stage(split=None)
def oddities(
    accounts: Table[Account],
    posts: Table[Post],
    messages: Table[Message],
    events: Table[Event],
    activities: Table[Activity],
    ranked: Table[Ranked],
    timelines: Table[Timeline],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Odd,
) -> Table[Oddity]:
    """Remark on times that cannot be, silence, numbers that are none; a remark is where to look, never a finding."""
    acts = one_of_each(layers, remnants, accounts=accounts, posts=posts, messages=messages, events=events)
    backs = _backs(acts["posts"], params)
    return query(Oddity, _sql(params), activities=activities, ranked=ranked, timelines=timelines, backs=backs, **acts)


class _Back(Row, frozen=True, kw_only=True):
    """How often the numbers of a platform's posts go on while their times go back, and between which times."""

    NATURAL = ("platform",)
    platform: Key
    count: int
    first: int
    last: int
    hours: int
    """By how much at most ..."""
    number: int
    """... and at which post."""


class _On(Row, frozen=True, kw_only=True):
    """A platform with posts."""

    NATURAL = ("platform",)
    platform: Key


def _backs(posts: Named, params: Odd) -> Table[_Back]:
    """Look along the numbers of the posts of each platform; those whose numbers are none are left out."""
    made = []
    for one in query(_On, "select distinct platform from posts", posts=posts):
        blocks = numbers(
            f"""
            select try_cast(id as bigint), epoch_us("at") from posts where platform = unhex('{one.platform.hex()}')
                and try_cast(id as bigint) is not null and not {_none(params)}
            order by 1, 2
            """,
            posts=posts,
        )
        found = backward(blocks, params.back_hours * _HOUR_US)
        if len(found.back):
            most = int(found.back.max())
            made.append(
                _Back.make(
                    platform=one.platform, count=len(found.back), first=int(found.time.min()),
                    last=int(found.time.max()), hours=most // _HOUR_US,
                    number=int(found.number[found.back == most].max()),
                )
            )  # fmt: skip
    return of(_Back, made)


_HOUR_US = 3_600_000_000
_MOST_NAMES = 5


def _sql(params: Odd) -> str:
    return f"""
        with {_shared(params)},
        {_silence(params)}
        select platform, account, kind, cast(n as bigint) as count, first, last, text from (
            select platform, '' as account, 'no_time' as kind, sum(n) as n, null as first, null as last,
                'So many ' || string_agg(format('{{}} ({{}})', what, n), ', ' order by what)
                    || ' have no time, or one before {params.earliest_year}.' as text
            from (select platform, what, count(*) as n from acts where {_none(params)} group by platform, what)
            group by platform
            union all
            select platform, '', 'future', count(*), min("at"), max("at"),
                format('Acts of {{}} accounts are later than {{}}, until when at least {params.crowd} accounts were'
                    || ' there: a clock was wrong, or somebody set it.', count(distinct account),
                    strftime(min("end"), '%Y-%m-%d %H:%M'))
            from acts join ends using (platform)
            where epoch_us("at") > epoch_us("end") + {params.future_hours * _HOUR_US} group by platform
            union all
            select platform, '', 'before_registration', count(*), min(first), max(first),
                format('So many accounts did something before they registered, {{}} the earliest: accounts were moved'
                    || ' from another platform, or times are wrong.', arg_min(account, (first, account)))
            from early group by platform
            union all
            select platform, account, 'before_registration', 1, first, registered,
                format('Its first act is of {{}}, its registration of {{}}.', strftime(first, '%Y-%m-%d %H:%M'),
                    strftime(registered, '%Y-%m-%d %H:%M'))
            from early semi join heads using (platform, account)
            union all
            select platform, '', 'clock_back', count, make_timestamptz(first), make_timestamptz(last),
                format('So often the numbers of posts go on while their times go back, by up to {{}} hours: at post'
                    || ' {{}}. The clock was set back, or posts were brought from elsewhere.', hours, number)
            from backs
            union all
            select platform, '', 'nameless', sum(n), min(first), max(last),
                format('So many posts are of guests or of accounts that are gone, under {{}} names; most under {{}}.',
                    count(*), array_to_string(list(left(name, 80) order by n desc, name)[:{_MOST_NAMES}], ', '))
            from (
                select platform, name, count(*) as n, min("at") as first, max("at") as last
                from posts where account in ('', '0') group by platform, name
            ) group by platform
            union all
            select platform, '', 'double_id', count(*), null, null,
                format('So many numbers of accounts stand in more than one row, {{}} rows in all, number {{}} in {{}}'
                    || ' of them; of {{}} the names differ. Each number counts as one account.', sum(n),
                    arg_max(left(id, 80), (n, id)), max(n), count(*) filter (differ))
            from (
                select platform, id, count(*) as n, min(name) <> max(name) as differ from accounts
                where id not in ('', '0') group by platform, id having count(*) > 1
            ) group by platform
            union all
            select platform, '', 'no_id', sum(n), null, null,
                'So many ' || string_agg(format('{{}} ({{}})', what, n), ', ' order by what)
                    || ' have no number: nothing else can name them.'
            from (
                select platform, 'accounts' as what, count(*) as n from accounts where id = '' group by platform
                union all select platform, 'messages', count(*) from messages where id = '' group by platform
                union all select platform, 'posts', count(*) from posts where id = '' group by platform
            ) group by platform
            union all
            select platform, account, 'silence', count(*), arg_max(since, (days, since)), arg_max(until, (days, since)),
                format('So often it was silent for long, longest for {{}} days from {{}}.', max(days),
                    strftime(arg_max(since, (days, since)), '%Y-%m-%d'))
            from silent group by platform, account
        )
    """


def _none(params: Odd) -> str:
    return f'("at" is null or epoch_us("at") < {_epoch_us(params.earliest_year)})'


def _epoch_us(year: int) -> int:
    return int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000


def _shared(params: Odd) -> str:
    return f"""
        heads as (
            select platform, account from ranked where rank_on_platform <= {params.accounts}
        ), acts as (
            select platform, account, "at", 'posts' as what from posts
            union all select platform, account, "at", 'messages' from messages
            union all select platform, account, "at", 'events' from events
        ), ends as (
            select platform, min(last) as "end" from (
                select platform, last from activities where last is not null
                qualify row_number() over (partition by platform order by last desc) <= {params.crowd}
            ) group by platform
        ), early as (
            select platform, account, first, registered from activities
            where epoch_us(first) < epoch_us(registered) - {params.early_hours * _HOUR_US}
        )
    """


def _silence(params: Odd) -> str:
    """Return the part about days without acts: of a platform; and of accounts, days when all were silent apart."""
    return f"""
        days as (
            select platform, account, slot, begins, lag(slot) over one as before, lag(begins) over one as since,
                count(*) over (partition by platform, account) as n,
                max(slot) over (partition by platform, account)
                    - min(slot) over (partition by platform, account) as span
            from timelines where unit = 'day' window one as (partition by platform, account order by slot)
        ), gaps as (
            select platform, account, since, begins as until, before, slot, slot - before - 1 as days from days
            where slot - before > 1 and (slot - before) * (n - 1) >= {params.times_usual} * span
        ), whole as (
            select * from gaps where account = '' and days >= {params.silent_days}
        ), silent as (
            select platform, account, since, until, days from whole
            union all
            select platform, account, since, until, days - shared as days from (
                select g.platform, g.account, g.since, g.until, g.days, coalesce(sum(
                    least(g.slot, w.slot) - greatest(g.before, w.before) - 1) filter (w.slot is not null), 0) as shared
                from gaps g
                left join whole w on w.platform = g.platform and w.before < g.slot - 1 and w.slot > g.before + 1
                where g.account <> ''
                group by all
            ) where days - shared >= {params.silent_days_account}
        )
    """
