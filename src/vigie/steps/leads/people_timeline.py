"""When it was: how much was done on a platform, and by its first accounts, in each hour, day and week."""

import datetime as dt

from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, query
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import Account, Attachment, Event, Message, Post
from vigie.rows.roles import Ranked, Timeline
from vigie.steps.copied import files_once, one_of_each


class Times(Params, frozen=True):
    """How much is kept."""

    accounts: Count = 200
    """So many of the first accounts of each platform have timelines of their own."""
    earliest_year: Count = 1995
    """Times before are none: an empty field, a clock that was never set."""


@stage(split=None)
def timeline(
    accounts: Table[Account],
    posts: Table[Post],
    messages: Table[Message],
    attachments: Table[Attachment],
    events: Table[Event],
    ranked: Table[Ranked],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Times,
) -> Table[Timeline]:
    """Count acts by hour, and hours together to days, weeks (from Monday) and the hours of a week; all in UTC."""
    acts = one_of_each(
        layers, remnants, accounts=accounts, posts=posts, messages=messages, attachments=attachments, events=events
    )
    acts["attachments"] = files_once(acts["attachments"])
    return query(Timeline, _sql(params), ranked=ranked, **acts)


_HOUR_US = 3_600_000_000
_TO_MONDAY_H = 72
"""Hours from Monday 1969-12-29 to 1970-01-01, a Thursday."""
_COUNTED = "registrations", "posts", "messages", "uploads", "events"


def _sql(params: Times) -> str:
    earliest = int(dt.datetime(params.earliest_year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in _COUNTED)
    return f"""
        with acts as (
            select platform, id as account, epoch_us(registered) as us, 'registrations' as what from accounts
            union all select platform, account, epoch_us("at"), 'posts' from posts
            union all select platform, account, epoch_us("at"), 'messages' from messages
            union all select platform, account, epoch_us("at"), 'uploads' from attachments
            union all select platform, account, epoch_us("at"), 'events' from events
        ), timed as (
            select platform, account, us // {_HOUR_US} + {_TO_MONDAY_H} as slot, what from acts where us >= {earliest}
        ), first as (
            select platform, account from ranked where rank_on_platform <= {params.accounts}
        ), hourly as (
            select platform, '' as account, slot, {_filters()} from timed group by platform, slot
            union all
            select platform, account, slot, {_filters()} from timed semi join first using (platform, account)
            where account <> '' group by platform, account, slot
        ), slots as (
            select platform, account, x.unit, x.slot, {", ".join(_COUNTED)}
            from hourly h cross join lateral (values
                ('hour', h.slot), ('day', h.slot // 24), ('week', h.slot // 168), ('weekhour', h.slot % 168)
            ) x(unit, slot)
        )
        select platform, account, unit, slot, case unit
                when 'hour' then make_timestamptz((slot - {_TO_MONDAY_H}) * {_HOUR_US})
                when 'day' then make_timestamptz((slot * 24 - {_TO_MONDAY_H}) * {_HOUR_US})
                when 'week' then make_timestamptz((slot * 168 - {_TO_MONDAY_H}) * {_HOUR_US}) end as begins, {sums}
        from slots group by platform, account, unit, slot
    """


def _filters() -> str:
    return ", ".join(f"count(*) filter (what = '{name}') as {name}" for name in _COUNTED)
