"""The queue: which group a person looks at first, and every reason with its weight."""

from vigie.kernel.stage import Params, stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File, Media
from vigie.rows.evidence import Item
from vigie.rows.groups import Group, Member, Tie
from vigie.rows.leads import Lead, Reason
from vigie.rows.matches import Standing
from vigie.rows.people import Account
from vigie.rows.uploads import Producer, Uploader


class Leads(Params, frozen=True):
    """Weights of the reasons: points are weight x value, and order the leads of one standing.

    They are a judgement of what saves a child soonest, not a measurement; the unit changes them in ``case.toml``.
    """

    copies: float = 1.0
    """x log2 of the files of the group: what is kept many times matters to somebody."""
    containers: float = 1.5
    """x log2 of the items, archives and images it lies in: it was passed on."""
    recency: float = 3.0
    """x 2^-(age / half-life): recent abuse may be going on."""
    half_life_days: float = 365.0
    camera: float = 5.0
    """The very camera (serial number) of listed material: the strongest hint that ordinary metadata gives."""
    model: float = 1.0
    """x share of the groups with this camera model that are listed."""
    encoder: float = 0.5
    """x share of the groups with this encoder that are listed."""
    beside: float = 2.0
    """x log2(1 + members on no list) in a group that has a listed one."""
    variant: float = -1.0
    """x 1 where all that is near met the list only in a variant (cropped, tilted ...): a weaker sign."""
    producer: float = 12.0
    """x log2(1 + other groups that no list names and that its first uploader was first with): who brings what nobody
    had may be near the child. It outweighs the other reasons of nearly every group, so that such a one comes first."""
    uploaders: float = 0.5
    """x log2 of the accounts that uploaded it: it is being passed on."""
    length: float = 0.5
    """x log2(1 + minutes) of its longest video."""
    look_beside_listed: bool = True
    """Must a person see a listed group that also holds members no list names? They are near-duplicates of listed
    material, and may be the next picture of the same abuse; False hides them behind the listed one."""


@stage(split=None)
def leads(
    groups: Table[Group],
    members: Table[Member],
    files: Table[File],
    items: Table[Item],
    media: Table[Media],
    ties: Table[Tie],
    standings: Table[Standing],
    uploaders: Table[Uploader],
    producers: Table[Producer],
    accounts: Table[Account],
    params: Leads,
) -> tuple[Table[Lead], Table[Reason]]:
    """Order the groups: new, near, conflict, listed, benign; inside one standing by points.

    Groups that only hold what lists name - listed, or benign - are handled by digest and need not be seen.
    """
    draft = query(Lead, _draft(params), groups=groups, members=members, files=files)
    reasons = query(
        Reason,
        _reasons(params),
        leads=draft,
        members=members,
        files=files,
        items=items,
        media=media,
        ties=ties,
        standings=standings,
        uploaders=uploaders,
        producers=producers,
        accounts=accounts,
    )
    return query(Lead, _RANKED, leads=draft, reasons=reasons), reasons


def _draft(params: Leads) -> str:
    """Return the ``select`` of leads without rank and points.

    The example is of the representative; beside a listed member it is one that no list names, for nobody need see the
    listed one again.
    """
    beside = "m.open > 0" if params.look_beside_listed else "false"
    return f"""
        select g.key as "group", 0 as rank, g.standing, 0.0 as points,
            g.standing in ('new', 'near', 'conflict') or (g.standing = 'listed' and {beside}) as look,
            g.kind, g.contents, g.files, coalesce(f.example, '') as example
        from groups g
        join (
            select "group", count(*) filter (where standing in ('new', 'near', 'conflict')) as open,
                min(content) filter (where standing in ('new', 'near', 'conflict')) as unlisted
            from members group by "group"
        ) m on m."group" = g.key
        left join (select sha256, min(locator) as example from files group by sha256) f
            on f.sha256 = case when g.standing = 'listed' and m.open > 0 then m.unlisted else g.representative end
    """


_RANKED = """
    select l.* replace (coalesce(r.points, 0.0) as points, row_number() over (
        order by list_position(['new', 'near', 'conflict', 'listed', 'benign'], l.standing), not l.look,
            coalesce(r.points, 0.0) desc, l.key) as rank)
    from leads l left join (
        select lead, cast(sum(cast(points as decimal(18, 3))) as double) as points from reasons group by lead
    ) r on r.lead = l.key
"""
"""Points are summed as decimals: a sum of floats depends on their order."""


def _reasons(params: Leads) -> str:
    """Return one ``select`` of (lead, name, value, weight, points, text); a reason worth nothing is left out."""
    return f"""
        with held as (
            select l.key as lead, l.standing, m.standing as member, m.content
            from leads l join members m on m."group" = l."group"
        ), seen as (
            select h.lead, f.item, f.container, case when f.modified <= i.taken_in_at then f.modified end as modified
            from (select distinct lead, content from held) h
            join files f on f.sha256 = h.content join items i on i.key = f.item
        ), counted as (
            select lead, count(*) as files, count(distinct item) as items,
                count(distinct (item, container)) as places, max(modified) as newest
            from seen group by lead
        ), clock as (select max(newest) as newest from counted),
        aged as (
            select c.lead, c.newest, epoch(k.newest - c.newest) / 86400.0 as days
            from counted c, clock k where c.newest is not null
        ), tied as (
            select l.key as lead, t.kind, t.value, t.groups, t.with_listed
            from leads l join ties t on t."group" = l."group"
            where l.standing <> 'listed' and t.with_listed > 0
            qualify row_number() over (
                partition by l.key, t.kind order by t.with_listed / t.groups desc, t.value) = 1
        ), found as (
            select key as lead, 'standing' as name, 1.0 as value, 0.0 as weight, case standing
                when 'new' then 'It holds content that is on no list, and near nothing that is listed.'
                when 'near' then 'It holds content that is near something listed, and on no list itself.'
                when 'conflict' then 'One list calls it benign, another speaks against it: a person must decide.'
                when 'listed' then 'It holds content that is listed by its very digest.'
                else 'All it holds is on a list of benign files by its very digest.' end as text
            from leads
            union all
            select lead, 'copies', log2(files), {params.copies!r},
                format('{{}} files hold it or a near copy of it.', files)
            from counted
            union all
            select lead, 'containers', log2(places), {params.containers!r},
                format('It lies in {{}} different places (folders taken in, archives, images) of {{}} seized items.',
                    places, items)
            from counted where places > 0
            union all
            select lead, 'recency', pow(2.0, -days / {params.half_life_days!r}), {params.recency!r},
                format('Its newest file was last changed on {{}}, {{}} days before the newest of all.',
                    strftime(newest, '%Y-%m-%d'), cast(floor(days) as bigint))
            from aged
            union all
            select lead, 'camera', 1.0, {params.camera!r},
                format('The camera {{}} also took listed material: {{}} of the {{}} groups from it are listed.',
                    value, with_listed, groups)
            from tied where kind = 'camera'
            union all
            select lead, kind, with_listed / groups,
                case kind when 'model' then {params.model!r} else {params.encoder!r} end,
                format('The {{}} {{}} is also that of listed material, a weak hint: {{}} of {{}} groups with it are'
                    || ' listed.', case kind when 'model' then 'camera model' else 'encoder' end,
                    value, with_listed, groups)
            from tied where kind <> 'camera'
            union all
            select lead, 'beside', log2(1 + count(*)), {params.beside!r},
                format('It holds a listed content, and beside it near-duplicates that no list names: {{}}.', count(*))
            from held where standing = 'listed' and member in ('new', 'near', 'conflict') group by lead
            union all
            select h.lead, 'variant', 1.0, {params.variant!r},
                format('What is near in it met the list only in a variant ({{}}): a weaker sign, look closely.',
                    string_agg(distinct s.variant, ', ' order by s.variant))
            from held h join standings s on s.content = h.content
            where h.standing = 'near' and h.member = 'near' group by h.lead having bool_and(s.variant <> '')
            union all
            select l.key, 'producer', log2(p.firsts_open), {params.producer!r},
                format('First seen here: brought on {{}} by the account {{}}, also the first with {{}} other groups'
                    || ' that no list names. That it made them is not said: it may have them from elsewhere.{{}}',
                    strftime(u."at", '%Y-%m-%d'), case when p.name <> '' then p.name
                        when exists (select 1 from accounts a where a.platform = p.platform and a.id = p.account)
                            then p.account || ', which has no name'
                        else p.account || ', which has no row any more' end, p.firsts_open - 1,
                    case when u.undated = 0 then '' when u.undated = 1
                        then ' One upload of it has no time, and may have come first.'
                        else format(' {{}} uploads of it have no time, and may have come first.', u.undated) end)
            from leads l join uploaders u on u."group" = l."group" and u.place = 1 and u.alone
            join producers p on p.platform = u.platform and p.account = u.account
            where l.standing in ('new', 'near') and p.firsts_open > 1
            union all
            select l.key, 'uploaders', log2(count(*)), {params.uploaders!r},
                format('{{}} accounts uploaded it or a near copy of it.', count(*))
            from leads l join uploaders u on u."group" = l."group" group by l.key
            union all
            select h.lead, 'length', log2(1 + max(d.duration_s) / 60), {params.length!r},
                format('Its longest video runs {{}} minutes.', cast(round(max(d.duration_s) / 60) as bigint))
            from held h join media d on d.content = h.content
            where d.kind = 'video' and d.duration_s > 0 group by h.lead
        )
        select lead, name, round(value, 4) as value, weight, round(round(value, 4) * weight, 3) as points, text
        from found where name = 'standing' or round(value, 4) > 0
    """
