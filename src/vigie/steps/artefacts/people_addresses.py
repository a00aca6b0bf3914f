"""Which account used which IP address for what: of all that the platform keeps, one row for each pair and use."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query, together
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address
from vigie.rows.people import Account, Attachment, Event, Message, Moderation, Post
from vigie.steps.copied import all_states, one_of_each

NOBODY = "('', '0')"
"""What platforms write for a guest or an account that was deleted."""
_WHOSE = f"""(a.account = p.account or a.account in {NOBODY} and exists (
            select 1 from named n where n.platform = a.platform and n.id = a.id and n.account = p.account))"""
"""The address is that of who wrote: of an upload it tells only where the same account uploaded. Some software says in
another row, of the same attachment, who that was."""
_UPLOADED = f"""
    with named as (
        select distinct platform, id, account from attachments where id <> '' and account not in {NOBODY}
    ), wrote as (
        select platform, id, account, ip, "at" from posts p where ip <> '' and account not in {NOBODY}
            and exists (select 1 from attachments a where a.platform = p.platform and a.post = p.id and a.post <> '')
        qualify row_number() over (partition by platform, id, account order by "at" nulls last, ip, key) = 1
    ), sent as (
        select platform, id, account, ip, "at" from messages p where ip <> '' and account not in {NOBODY}
            and exists (select 1 from attachments a where a.platform = p.platform and a.message = p.id
                and a.message <> '' and a.post = '')
        qualify row_number() over (partition by platform, id, account order by "at" nulls last, ip, key) = 1
    )
"""
"""A log-in that failed may be anybody's. Numbers of posts and messages may repeat: each counts once for an upload."""
_USED = {
    "registration": """
        select platform, id as account, registration_ip as ip, registered as moment from accounts
        union all select platform, account, ip, "at" from events where action = 'register'
    """,
    "login": """
        select platform, id as account, last_ip as ip, last_seen as moment from states
        union all select platform, account, ip, "at" from events where action in ('login', 'session', 'seen')
    """,
    "post": """
        select platform, account, ip, "at" as moment from posts
        union all select platform, account, ip, "at" from events where action = 'post'
    """,
    "message": """
        select platform, account, ip, "at" as moment from messages
        union all select platform, account, ip, "at" from events where action = 'message'
    """,
    "staff": """
        select platform, account, ip, "at" as moment from moderations
        union all select platform, account, ip, "at" from events where action in ('admin', 'moderate')
    """,
    "upload": f"""
        select platform, account, ip, "at" as moment from events where action = 'upload'
        union all
        select p.platform, p.account, p.ip, coalesce(a."at", p."at")
        from attachments a join wrote p on p.platform = a.platform and p.id = a.post
        where a.post <> '' and {_WHOSE}
        union all
        select p.platform, p.account, p.ip, coalesce(a."at", p."at")
        from attachments a join sent p on p.platform = a.platform and p.id = a.message
        where a.message <> '' and a.post = '' and {_WHOSE}
    """,
    "other": """
        select platform, account, ip, "at" as moment from events where action not in ('login_failed', 'register',
            'login', 'session', 'seen', 'post', 'message', 'admin', 'moderate', 'upload')
    """,
}
"""What tells of each use of an address. Each use is counted by itself, for all at once do not fit in memory."""


@stage(split=None)
def addresses(
    accounts: Table[Account],
    posts: Table[Post],
    messages: Table[Message],
    events: Table[Event],
    attachments: Table[Attachment],
    moderations: Table[Moderation],
    layers: Table[Layer],
    remnants: Table[Remnant],
) -> Table[Address]:
    """List the IP addresses of each account by what it did from there, how often and between which moments.

    Where an account was seen last is read of each state that the case has of it.
    """
    once = one_of_each(
        layers, remnants, accounts=accounts, posts=posts, messages=messages, events=events, attachments=attachments,
        moderations=moderations,
    )  # fmt: skip
    once |= all_states(layers, remnants, states=accounts)
    return together(Address, (query(Address, _counted(use), **once) for use in _USED), accounts.room)


def _counted(use: str) -> str:
    return f"""
        {_UPLOADED if use == "upload" else ""}
        select platform, account, ip, '{use}' as use, count(*) as times, min(moment) as first, max(moment) as last
        from ({_USED[use]}) where ip <> '' and account not in {NOBODY} group by platform, account, ip
    """
