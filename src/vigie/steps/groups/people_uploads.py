"""Media and people joined: which account uploaded what, who was first with each group, who was first most often."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File
from vigie.rows.copies import Layer, Remnant
from vigie.rows.groups import Group, Member
from vigie.rows.people import Account, Attachment
from vigie.rows.uploads import Producer, Upload, Uploader
from vigie.steps.copied import one_of_each


@stage(split=None)
def uploads(
    attachments: Table[Attachment],
    files: Table[File],
    members: Table[Member],
    groups: Table[Group],
    accounts: Table[Account],
    layers: Table[Layer],
    remnants: Table[Remnant],
) -> tuple[Table[Upload], Table[Uploader], Table[Producer]]:
    """Tie attachments to contents by the digest the platform keeps, or the path at which it stored them.

    A path fits where a file's locator ends in it, step by step; where a size is said too, that must fit. Order of
    uploads is by the platforms' own times: a clock set wrong on one of several makes it wrong. Guests and programs are
    no uploaders, but who comes after one is not first.
    """
    named = one_of_each(layers, remnants, accounts=accounts)
    tied = query(Upload, _UPLOADS, files=files, **one_of_each(layers, remnants, attachments=attachments))
    who = query(Uploader, _UPLOADERS, uploads=tied, members=members, groups=groups, **named)
    return tied, who, query(Producer, _PRODUCERS, uploaders=who, **named)


_UPLOADS = """
    with asked as (
        select key as attachment, platform, account, "at", lower(digest) as digest, size_bytes,
            ltrim(regexp_replace(path, '/+', '/', 'g'), './') as path, regexp_extract(path, '[^/]+$') as last
        from attachments
    ), told as (
        select distinct sha256, lower(hex(md5)) as md5, lower(hex(sha1)) as sha1, lower(hex(sha256)) as hex from files
    ), lying as (
        select distinct sha256, size_bytes, replace(locator, '!', '/') as path,
            regexp_extract(locator, '[^/!]+$') as last
        from files semi join asked on asked.last = regexp_extract(files.locator, '[^/!]+$')
    ), found as (
        select a.attachment, t.sha256, 'digest' as how from asked a join told t on t.md5 = a.digest
        where length(a.digest) = 32
        union all
        select a.attachment, t.sha256, 'digest' from asked a join told t on t.sha1 = a.digest
        where length(a.digest) = 40
        union all
        select a.attachment, t.sha256, 'digest' from asked a join told t on t.hex = a.digest
        where length(a.digest) = 64
        union all
        select a.attachment, f.sha256, 'path' from asked a join lying f on f.last = a.last
        where a.last <> '' and ends_with('/' || f.path, '/' || a.path)
            and (a.size_bytes is null or a.size_bytes = f.size_bytes)
    ), gathered as (
        select attachment, sha256, count(distinct how) as ways, min(how) as how from found group by all
    )
    select g.attachment, a.platform, a.account, g.sha256 as content, a."at",
        case when g.ways = 2 then 'both' else g.how end as "by",
        g.ways = 2 or g.how = 'digest' or count(*) over (partition by g.attachment) = 1 as sure
    from gathered g join asked a using (attachment)
    qualify sure or not bool_or(g.ways = 2 or g.how = 'digest') over (partition by g.attachment)
"""
"""Where a digest speaks, paths that fit other contents say nothing: the file there was changed, or is another."""

_UPLOADERS = """
    with put as (
        select m."group", u.platform, u.account, count(*) as uploads, count(distinct u.content) as contents,
            min(u."at") as "at", count(*) - count(u."at") as undated
        from uploads u join members m on m.content = u.content where u.sure group by all
    ), placed as (
        select * replace (sum(undated) over (partition by "group")::bigint as undated),
            case when "at" is null then 0 else rank() over (
                partition by "group" order by date_trunc('second', "at") nulls last) end as place
        from put
    ), shared as (
        select *, place > 0 and count(*) over (partition by "group", place) = 1 as alone from placed
    )
    select s."group", s.platform, s.account, g.standing, s.uploads, s.contents, s."at", s.place, s.alone, s.undated
    from shared s join groups g on g.key = s."group"
    where s.account not in ('', '0') and not exists (
        select 1 from accounts a
        where a.platform = s.platform and a.id = s.account and (a.technical <> '' or a.state = 'bot'))
"""
"""Guests and programs are left out last: what they brought takes its place before others. Times are of seconds."""

_PRODUCERS = """
    with counted as (
        select platform, account, sum(uploads)::bigint as uploads, count(*) as groups,
            count(*) filter (place = 1 and alone) as firsts,
            count(*) filter (place = 1 and alone and standing in ('new', 'near')) as firsts_open,
            min("at") filter (place = 1 and alone) as first, max("at") filter (place = 1 and alone) as last
        from uploaders group by all
    ), named as (
        select platform, id, min(name) as name from accounts group by all
    )
    select c.*, coalesce(n.name, '') as name,
        row_number() over (order by firsts_open desc, firsts desc, groups desc, c.platform, c.account) as rank
    from counted c left join named n on n.platform = c.platform and n.id = c.account
"""
