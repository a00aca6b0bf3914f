"""Which role each account has: what the platform's own tables of rights say, and beside it what it did suggests."""

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, query
from vigie.rows.copies import GONE, Extent, Layer, Remnant
from vigie.rows.people import (
    Account,
    Attachment,
    Event,
    Grant,
    Membership,
    Moderation,
    Payment,
    Post,
    Section,
    Topic,
    Usergroup,
)
from vigie.rows.roles import Activity, Role
from vigie.steps.copied import all_states, files_once, one_of_each


class Signs(Params, frozen=True):
    """How much each sign says. Signs of one role are put together as if they were independent: 1 - product(1 - sign).

    They are a judgement; how often the roles that come of them are wrong is measured (``docs/people.md``). The values
    were chosen so that no sign that may well be chance reaches ``least_score`` by itself.
    """

    least_score: Share = 0.5
    """Below, no role is inferred."""
    few: Count = 3
    """So many acts of a kind are a few, fewer may be chance."""
    many: Count = 10
    admin_log: Share = 0.95
    """Rows of the administrators' log that are no moderation: the platform lets few others write there."""
    pays_out: Share = 0.3
    """Payments from the platform under its name: mostly it was paid - as one of the staff, for files, for bringing
    others, or its money came back -, seldom it runs the till. So they say nothing alone."""
    moderates_many: Share = 0.95
    """Acts of moderation, but those about itself or about its own posts and topics: many platforms log in one place
    what the staff does to others and what members do to their own posts."""
    moderates_few: Share = 0.8
    moderates_once: Share = 0.4
    """As much as one act says any number of them, where more than ``most_staff`` do them."""
    most_staff: Share = 0.1
    """Staff are few. Where more of those who write than this share, and more than ``many``, have a few such acts, the
    log is one of members."""
    edits_others: Share = 0.6
    """A few posts of others that it edited last."""
    staff_section: Share = 0.5
    """A few posts in a section where only staff writes."""
    newcomers: Share = 0.1
    """Many answers to newcomers, and more than to others: hosts do so, and so do helpful members."""
    awake: Share = 0.1
    """No quiet stretch of the day: one who watches, several who share the account, or a program."""
    awake_hours: Count = 2
    uploads_many: Share = 0.6
    uploads_few: Share = 0.4
    uploads_once: Share = 0.2
    uploads_paid: Share = 0.4
    """It put files there, and the platform paid it."""
    uploads_dense: Share = 0.5
    """A few files, and ``dense`` times as many for each post as the platform has on the mean."""
    dense: float = 4.0
    paid: Share = 0.9
    """An order or payment that was not called off."""
    paid_unclear: Share = 0.4
    """One that was, or is still open."""
    paying_group: Share = 0.6
    """In a group whose name sounds as if one paid to be in it."""
    paying_words: tuple[str, ...] = ("vip", "premium", "donor", "donat", "support", "sponsor", "patron", "paid", "gold")
    called_off: tuple[str, ...] = ("cancel", "fail", "refus", "declin", "pending", "open", "expire", "refund", "error")
    """What the status of such a payment begins with."""
    staff_share: Share = 0.8
    """A section is staff's if so many of those who write there have a right that makes them staff ..."""
    least_staff: Count = 2
    """... and so many do."""


@stage(split=None)
def roles(
    accounts: Table[Account],
    usergroups: Table[Usergroup],
    memberships: Table[Membership],
    grants: Table[Grant],
    sections: Table[Section],
    topics: Table[Topic],
    posts: Table[Post],
    events: Table[Event],
    moderations: Table[Moderation],
    attachments: Table[Attachment],
    payments: Table[Payment],
    activities: Table[Activity],
    extents: Table[Extent],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Signs,
) -> Table[Role]:
    """Say the roles of every account, facts apart from inferences; who has no other is ``member`` or ``reader``."""
    ranks = one_of_each(layers, remnants, accounts=accounts, usergroups=usergroups, memberships=memberships)
    facts = query(
        Role,
        _FACTS,
        **ranks,
        **one_of_each(layers, remnants, grants=grants, sections=sections),
        **all_states(layers, remnants, states=accounts, groups=usergroups),
        remnants=remnants,
        activities=activities,
    )
    acts = one_of_each(
        layers, remnants, topics=topics, posts=posts, events=events, moderations=moderations, attachments=attachments,
        payments=payments,
    )  # fmt: skip
    acts["attachments"] = files_once(acts["attachments"])
    inferred = query(
        Role,
        _inferred(params),
        facts=facts,
        **ranks,
        **acts,
        activities=activities,
        extents=extents,
    )
    return query(Role, _ALL, facts=facts, inferred=inferred, activities=activities, accounts=ranks["accounts"])


_MOST_REASONS = 6
_MOST_NAME = 80
"""Characters of a name out of the dump in a reason."""
_SOMEBODY = "account not in ('', '0')"
_OVER = ("there", *GONE)
_RESTS_ON = "account_row", "membership", "usergroup", "granted"

_FACTS = f"""
    with known as (
        select platform, id as account, arg_min(key, (relation, number, rule, part)) as account_row
        from accounts group by all
    ), named as (
        select platform, id as usergroup, arg_min(key, (relation, number, rule, part)) as "group",
            left(min(name), {_MOST_NAME}) as name,
            bool_or(coalesce(admin, false)) as admin, bool_or(coalesce(moderator, false)) as moderator,
            bool_or(coalesce(paying, false)) as paying
        from usergroups group by all
    ), places as (
        select platform, id as section, left(min(name), {_MOST_NAME}) as place from sections group by all
    ), given as (
        select g.platform, g.account, g.usergroup, g.gives as role, g.key as granted,
            format('the right {{}} {{}}', left(g.right, {_MOST_NAME}),
                case when g.section = '' then 'everywhere' else format('in section {{}} {{}}', g.section,
                    coalesce(p.place, '')) end) as what
        from grants g left join places p on p.platform = g.platform and p.section = g.section
        where g.gives <> ''
    ), gives as (
        -- what a group makes of its members: by its own marks, or by rights that are given to it
        select platform, usergroup, "group", name, x.role, null as granted,
            case x.role when 'paying' then 'one pays to be in it' else format('which makes {{}}s', x.role) end as what
        from (
            select * from named
            union all
            select platform, id, key, left(name, {_MOST_NAME}), admin, moderator, paying from groups
            where key in (select row_key from remnants where kind = 'changed')
        ) cross join lateral (
            values ('administrator', admin), ('moderator', moderator), ('paying', paying)
        ) x(role, marked) where x.marked
        union all
        select g.platform, g.usergroup, n."group", coalesce(n.name, ''), g.role, g.granted,
            'which has ' || g.what
        from given g left join named n on n.platform = g.platform and n.usergroup = g.usergroup
        where g.usergroup <> ''
    ), belongs as (
        select platform, account, usergroup, key as membership, null as account_row, until, leader
        from memberships where not pending
        union all
        select platform, id, usergroup, null, key, null, false from states where usergroup <> ''
    ), found as (
        select platform, id as account, x.role, null::timestamptz as until, key as account_row, null as membership,
            null as usergroup, null as granted, format('Its row marks it as {{}}.', x.role) as text, 0 as place
        from states cross join lateral (
            values ('administrator', admin), ('moderator', moderator)
        ) x(role, marked) where x.marked
        union all
        select platform, account, role, null, null, null, null, granted, format('It has {{}}.', what), 1
        from given where account <> ''
        union all
        select b.platform, b.account, g.role, b.until, b.account_row, b.membership, g."group", g.granted,
            format('It is {{}} group {{}} {{}}, {{}}{{}}.',
                case when b.membership is null then 'shown in' when b.leader then 'a leader of' else 'in' end,
                b.usergroup, g.name, g.what,
                case when b.until is null then '' else ' until ' || strftime(b.until, '%Y-%m-%d') end), 2
        from belongs b join gives g on g.platform = b.platform and g.usergroup = b.usergroup
    ), aged as (
        select f.*, coalesce({", ".join(f"r{n}.row_key" for n in range(4))}) is not null as old,
            least({", ".join(f"r{n}.ends" for n in range(4))}) as copied,
            -- a later state that was not read may say so still
            {" and ".join(f"coalesce(r{n}.later_read in {_OVER}, true)" for n in range(4))} as over
        from found f {" ".join(f"left join remnants r{n} on r{n}.row_key = f.{one}" for n, one in enumerate(_RESTS_ON))}
    ), said as (
        -- what only an older copy says was true until then at least; what a later one says too is said once
        select * replace (coalesce(until, case when over then copied end) as until, text || case when old then format(
            ' Only an older copy of the platform says so{{}}{{}}.',
            coalesce(', of ' || strftime(copied, '%Y-%m-%d'), ''),
            case when over then '' else '; where a later one would, it was not read: it may do so still' end)
            else '' end as text)
        from aged qualify not old or bool_and(old) over (partition by platform, account, role, text)
    ), ends as (
        select platform, quantile_disc(last, 0.999) as "end" from activities where last is not null group by platform
    ), joined as (
        select platform, account, role,
            case when bool_and(until is not null) then max(until) end as until,
            arg_min(account_row, (place, account_row)) filter (account_row is not null) as account_row,
            arg_min(membership, (place, membership)) filter (membership is not null) as membership,
            arg_min(usergroup, (place, usergroup)) filter (usergroup is not null) as usergroup,
            arg_min(granted, (place, granted)) filter (granted is not null) as granted,
            list_sort(list(distinct text)) as texts
        from said where {_SOMEBODY} and role in ('administrator', 'moderator', 'uploader', 'paying')
        group by platform, account, role
    )
    select j.platform, j.account, j.role, 'fact' as basis, 1.0 as score,
        case when j.until < e."end" then j.until end as ended,
        array_to_string(j.texts[:{_MOST_REASONS}], ' ')
            || case when len(j.texts) > {_MOST_REASONS} then format(' And {{}} rights more.',
                len(j.texts) - {_MOST_REASONS}) else '' end as reason,
        a.key as activity, coalesce(j.account_row, k.account_row) as account_row, j.membership, j.usergroup, j.granted,
        null as moderation, null as event, null as attachment, null as payment
    from joined j
    left join ends e on e.platform = j.platform
    left join known k on k.platform = j.platform and k.account = j.account
    left join activities a on a.platform = j.platform and a.account = j.account
"""


def _inferred(params: Signs) -> str:
    """Return the ``select`` of roles that behaviour suggests: signs first, then all of a role put together."""
    words = _text("|".join(params.paying_words))
    off = " or ".join(f"starts_with(lower(status), {_text(word)})" for word in params.called_off) or "false"
    return f"""
        with staff as (
            select distinct platform, account from facts where role in ('administrator', 'moderator')
        ), begun as (
            select platform, section, account from topics where section <> '' and {_SOMEBODY}
            group by all
        ), quiet as (
            -- sections whose topics are staff's: only of these the posts are looked at
            select b.platform, b.section from begun b left join staff s using (platform, account)
            group by b.platform, b.section
            having count(s.account) >= {params.least_staff}
                and count(s.account) >= {params.staff_share!r} * count(*)
        ), inside as (
            select p.platform, coalesce(nullif(p.section, ''), t.section) as section, p.account, count(*) as n
            from posts p
            left join (select platform, id, min(section) as section from topics group by platform, id) t
                on p.section = '' and t.platform = p.platform and t.id = p.topic
            join quiet q on q.platform = p.platform and q.section = coalesce(nullif(p.section, ''), t.section)
            where p.account not in ('', '0') group by all
        ), closed as (
            select i.platform, i.section from inside i left join staff s using (platform, account)
            group by i.platform, i.section
            having count(s.account) >= {params.least_staff}
                and count(s.account) >= {params.staff_share!r} * count(*)
        ), among as (
            select platform, account, cast(sum(n) as bigint) as n, min(section) as section
            from inside join closed using (platform, section) group by platform, account
        ), logged as (
            select platform, account, count(*) as n, min("at") as first, max("at") as last,
                arg_min(key, (coalesce("at", 'infinity'::timestamptz), key)) as key
            from events e where action = 'admin' and {_SOMEBODY} and not exists (
                -- software that logs bans there too has them among the acts of moderation, of the same moment
                select 1 from moderations m
                where m.platform = e.platform and m.account = e.account and m."at" = e."at"
            ) group by platform, account
        ), own as (
            -- an act that names nobody is about whoever wrote the post, or opened the topic, that it names
            select m.key from moderations m
            join posts p on p.platform = m.platform and p.id = m.post and p.account = m.account
            where m.target = '' and m.post <> ''
            union all
            select m.key from moderations m
            join topics t on t.platform = m.platform and t.id = m.topic and t.account = m.account
            where m.target = '' and m.post = '' and m.topic <> ''
        ), acted as (
            select platform, account, count(*) as n, min("at") as first, max("at") as last,
                arg_min(key, (coalesce("at", 'infinity'::timestamptz), key)) as key
            from moderations where {_SOMEBODY} and target <> account and key not in (select key from own)
            group by platform, account
        ), everybodys as (
            select platform from (
                select platform, count(*) filter (posts + topics > 0) as writers from activities group by platform
            ) join (select platform, count(*) as staff from acted where n >= {params.few} group by platform)
            using (platform) where staff > greatest({params.many}, {params.most_staff!r} * writers)
        ), programs as (
            select distinct platform, id as account from accounts where technical <> '' or state = 'bot'
        ), put as (
            select platform, account, count(*) as n, min("at") as first, max("at") as last,
                arg_min(key, (coalesce("at", 'infinity'::timestamptz), key)) as key
            from attachments where {_SOMEBODY} group by platform, account
        ), paid as (
            select platform, account, direction = 'out' as outward, count(*) as n,
                count(*) filter (not ({off})) as good,
                min("at") as first, max("at") as last,
                arg_min(key, ({off}, coalesce("at", 'infinity'::timestamptz), key)) as key
            from payments where {_SOMEBODY} group by all
        ), rate as (
            select platform, cast(sum(uploads) as double) / greatest(sum(posts), 1) as rate
            from activities group by platform
        ), sounds as (
            select platform, id, min(key) as "group", left(min(name), {_MOST_NAME}) as name from usergroups
            where regexp_matches(lower(name), {words}) and not coalesce(admin, false)
                and not coalesce(moderator, false) and not coalesce(paying, false)
            group by platform, id
        ), joined as (
            select platform, account, usergroup, key as membership from memberships where not pending
            union all select platform, id, usergroup, null from accounts
        ), supports as (
            select j.platform, j.account, min(j.membership) as membership, arg_min(s."group", s.id) as "group",
                arg_min(format('{{}} {{}}', s.id, s.name), s.id) as name
            from joined j join sounds s on s.platform = j.platform and s.id = j.usergroup
            where j.{_SOMEBODY} group by j.platform, j.account
        ), signs as (
            select platform, account, 'administrator' as role, {params.admin_log!r} as score, 1 as place,
                {_counted("rows of the administrators' log stand under its name")} as text, key as event
            from logged
            union all by name
            select platform, account, 'administrator' as role, {params.pays_out!r} as score, 2 as place,
                {_counted("payments from the platform stand under its name")}
                    || ' Whoever pays out runs the till; or it was paid.' as text, key as payment
            from paid where outward and good > 0
            union all by name
            select platform, account, 'moderator' as role,
                case when platform in (select platform from everybodys) then {params.moderates_once!r}
                    when n >= {params.many} then {params.moderates_many!r}
                    when n >= {params.few} then {params.moderates_few!r} else {params.moderates_once!r} end as score,
                1 as place, {_counted("acts of moderation, not about its own, stand under its name")}
                    || case when platform in (select platform from everybodys)
                    then ' So they do under many names: it is no log of staff alone.' else '' end as text,
                key as moderation
            from acted
            union all by name
            select platform, account, 'moderator' as role, {params.edits_others!r} as score, 2 as place,
                format('It was the last to edit {{}} posts of others.', edits) as text
            from activities where edits >= {params.few}
            union all by name
            select platform, account, 'moderator' as role, {params.staff_section!r} as score, 3 as place,
                format('It wrote {{}} posts where only staff writes (section {{}}).', n, section) as text
            from among where n >= {params.few}
            union all by name
            select platform, account, 'moderator' as role, {params.newcomers!r} as score, 4 as place,
                format('{{}} of its {{}} answers went to newcomers.', newcomers, replies) as text
            from activities where newcomers >= {params.many} and 2 * newcomers > replies
            union all by name
            select platform, account, 'moderator' as role, {params.awake!r} as score, 5 as place,
                format('It was there on {{}} days with no quiet stretch of the day longer than {{}} hours.', days,
                    night_hours) as text
            from activities where days >= 10 * {params.many} and night_hours <= {params.awake_hours}
            union all by name
            select platform, account, 'uploader' as role, case when n >= {params.many} then {params.uploads_many!r}
                    when n >= {params.few} then {params.uploads_few!r} else {params.uploads_once!r} end as score,
                1 as place, {_counted("files were put there by it")} as text, key as attachment
            from put
            union all by name
            select a.platform, a.account, 'uploader' as role, {params.uploads_dense!r} as score, 2 as place,
                format('That is {{:.2f}} files a post; the platform has {{:.4f}}.', a.uploads / greatest(a.posts, 1),
                    r.rate) as text
            from activities a join rate r using (platform)
            where a.uploads >= {params.few} and a.uploads >= {params.dense!r} * r.rate * greatest(a.posts, 1)
            union all by name
            select platform, account, 'uploader' as role, {params.uploads_paid!r} as score, 3 as place,
                {_counted("payments from the platform stand under its name")} as text, paid.key as payment
            from paid semi join put using (platform, account) where outward and good > 0
            union all by name
            select platform, account, 'paying' as role,
                case when good > 0 then {params.paid!r} else {params.paid_unclear!r} end as score, 1 as place,
                {_counted("orders or payments to the platform stand under its name")}
                    || case when good < n then format(' {{}} of them were called off or are open.', n - good)
                    else '' end as text, key as payment
            from paid where not outward
            union all by name
            select platform, account, 'paying' as role, {params.paying_group!r} as score, 2 as place,
                format('It is in group {{}}, whose name sounds as if one paid to be in it.', name) as text,
                membership, "group" as usergroup
            from supports
        ), weighed as (
            select platform, account, role,
                cast(cast(1 - list_reduce(list(1 - score order by place), lambda a, b: a * b)
                    as decimal(6, 4)) as double) as score,
                string_agg(text, ' ' order by place) as text,
                arg_min(event, place) filter (event is not null) as event,
                arg_min(moderation, place) filter (moderation is not null) as moderation,
                arg_min(attachment, place) filter (attachment is not null) as attachment,
                arg_min(payment, place) filter (payment is not null) as payment,
                arg_min(membership, place) filter (membership is not null) as membership,
                arg_min(usergroup, place) filter (usergroup is not null) as usergroup
            from signs anti join programs using (platform, account) group by platform, account, role
        )
        , held as (
            select platform, bool_and(state = 'whole') filter ("into" = 'account') as accounts,
                max(upto) filter ("into" = 'account') as upto,
                bool_and(state in ('whole', 'empty'))
                    filter ("into" in ('', 'account', 'usergroup', 'membership', 'grant')) as rights,
                min(text) filter ("into" = '' and state <> 'whole') as dump
            from extents group by platform
        )
        select w.platform, w.account, w.role, 'inference' as basis, w.score, null as ended,
            w.text || case when f.role is not null then ' The platform''s tables of rights say so too.'
                when w.role not in ('administrator', 'moderator') then ''
                when h.rights then ' No table of rights says so (any more).'
                else ' No table of rights says so as far as these were read: not all of them are known to be whole.' end
            || case when a.account_row is not null then ''
                when h.accounts then ' Its account is gone: the table of accounts was read whole.'
                when try_cast(a.account as bigint) <= h.upto then
                    format(' Its account is gone: the accounts were read up to number {{}}, in their order.', h.upto)
                when h.accounts is null then ' Its account was not read: there is no table of accounts in the dump'
                    || coalesce(' that was read. ' || h.dump, '.')
                else ' Its account was not read: the table of accounts is not known to be whole. '
                    || coalesce(h.dump, '') end as reason,
            a.key as activity, a.account_row, w.membership, w.usergroup, null as granted,
            w.moderation, w.event, w.attachment, w.payment
        from weighed w join activities a using (platform, account)
        left join facts f using (platform, account, role)
        left join held h using (platform)
        where w.score >= {params.least_score!r}
    """


def _counted(what: str) -> str:
    """Return the SQL of a sentence that says how many there are, and from when to when."""
    return f"""format({_text("{} " + what + "{}.")}, n,
        case when first is null then '' else format(', from {{}} to {{}}',
        strftime(first, '%Y-%m-%d'), strftime(last, '%Y-%m-%d')) end)"""


def _text(value: str) -> str:
    """Return text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


_ALL = f"""
    with nobodys as (
        select a.platform, a.account, 'technical' as role, 'fact' as basis, 1.0 as score, null as ended,
            format('The platform''s own tables say that it is nobody''s: {{}}.', left(k.technical, {_MOST_NAME}))
                || case when a.posts + a.topics + a.sent + a.uploads > 0 then format(' And yet {{}} posts, {{}} topics,'
                    || ' {{}} private messages and {{}} files stand under its name.', a.posts, a.topics, a.sent,
                    a.uploads) else '' end as reason,
            a.key as activity, k.account_row
        from (
            select platform, id as account, min(technical) as technical, arg_min(key, (relation, number, rule, part))
                as account_row
            from accounts group by platform, id having min(technical) <> ''  -- all of its rows say so
        ) k join activities a using (platform, account)
    )
    select * exclude (key) from facts
    union all by name
    select * exclude (key) from inferred
    union all by name
    select * from nobodys
    union all by name
    select a.platform, a.account, case when a.posts + a.topics + a.sent > 0 then 'member' else 'reader' end as role,
        'inference' as basis, 1.0 as score, null as ended,
        case when a.posts + a.topics + a.sent > 0 then format('It wrote {{}} posts and {{}} private messages; nothing'
            || ' speaks for another role.', a.posts, a.sent)
        when a.last is null then 'It wrote nothing, and nothing says that it was ever there.'
        else format('It wrote nothing; it was seen on {{}} days.', a.days) end as reason,
        a.key as activity, a.account_row
    from activities a
    where not exists (select 1 from facts f where f.platform = a.platform and f.account = a.account)
        and not exists (select 1 from inferred i where i.platform = a.platform and i.account = a.account)
        and not exists (select 1 from nobodys n where n.platform = a.platform and n.account = a.account)
"""
