"""Which account used which IP address for what: of all that the platform keeps, one row for each pair and use."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.countries import Address
from vigie.rows.people import Account, Attachment, Event, Message, Moderation, Post

NOBODY = "('', '0')"
"""What platforms write for a guest or an account that was deleted."""
_SQL = f"""
    with used as (
        select platform, id as account, registration_ip as ip, 'registration' as use, registered as moment from accounts
        union all
        select platform, id, last_ip, 'login', last_seen from accounts
        union all
        select platform, account, ip, 'post', "at" from posts
        union all
        select platform, account, ip, 'message', "at" from messages
        union all
        select platform, account, ip, 'staff', "at" from moderations
        union all
        select platform, account, ip, case when action = 'register' then 'registration' when action = 'upload'
            then 'upload' when action in ('login', 'session', 'seen') then 'login' when action in ('admin', 'moderate')
            then 'staff' when action in ('post', 'message') then action else 'other' end, "at"
        from events where action <> 'login_failed'
        union all
        select a.platform, coalesce(nullif(a.account, ''), p.account), p.ip, 'upload', coalesce(a."at", p."at")
        from attachments a join posts p on p.platform = a.platform and p.id = a.post where a.post <> ''
        union all
        select a.platform, coalesce(nullif(a.account, ''), m.account), m.ip, 'upload', coalesce(a."at", m."at")
        from attachments a join messages m on m.platform = a.platform and m.id = a.message
        where a.message <> '' and a.post = ''
    )
    select platform, account, ip, use, count(*) as times, min(moment) as first, max(moment) as last
    from used where ip <> '' and account not in {NOBODY} group by platform, account, ip, use
"""
"""A log-in that failed may be anybody's."""


@stage(split="platform")
def addresses(
    accounts: Table[Account],
    posts: Table[Post],
    messages: Table[Message],
    events: Table[Event],
    attachments: Table[Attachment],
    moderations: Table[Moderation],
) -> Table[Address]:
    """List the IP addresses of each account by what it did from there, how often and between which moments."""
    return query(
        Address,
        _SQL,
        accounts=accounts,
        posts=posts,
        messages=messages,
        events=events,
        attachments=attachments,
        moderations=moderations,
    )
