"""Which country must act: a ranked list for each account and for the platform, and a summary by country."""

import msgspec

from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, of, query, together
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Attribution, Jurisdiction, Signal
from vigie.rows.country_codes import COUNTRIES
from vigie.rows.people import Account, Attachment
from vigie.rows.uploads import Producer
from vigie.steps.copied import files_once, one_of_each
from vigie.steps.placed import PART_ROWS


class Countries(Params, frozen=True):
    """Settings."""

    most_reasons: Count = 3
    """Signs that are written out for each country of an account."""
    most_named: Count = 10
    """Accounts that are named for each country."""


@stage(split=None)
def countries(
    signals: Table[Signal],
    accounts: Table[Account],
    attachments: Table[Attachment],
    producers: Table[Producer],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Countries,
) -> tuple[Table[Attribution], Table[Jurisdiction]]:
    """Rank the countries of each account by the weight of its signs, and count by country.

    A country that only weak signs speak for - time zone, language, VPNs - is none of its countries; they add to one
    that others speak for. An account whose signs tell no country has one row without.
    """
    parts = len(signals) // PART_ROWS + 1
    found = together(
        Attribution,
        (query(Attribution, _ranked(params, f"hash(account) % {parts} = {n}"), s=signals) for n in range(parts)),
        signals.room,
    )
    once = one_of_each(layers, remnants, accounts=accounts, attachments=attachments)
    once["attachments"] = files_once(once["attachments"])
    totals = query(
        Jurisdiction,
        _summed(params),
        found=found,
        producers=producers,
        **once,
    )
    return found, of(Jurisdiction, map(_named, totals))


def _ranked(params: Countries, part: str) -> str:
    text = """concat_ws('', format('{}{}{}', kind, case when value = '' then '' else ' ' || value end,
        case when times > 1 then format(', {} times', times) else '' end),
        case when first is null then '' when cast(first as date) = cast(last as date)
            then ', ' || strftime(first, '%Y-%m-%d')
            else format(', {} to {}', strftime(first, '%Y-%m-%d'), strftime(last, '%Y-%m-%d')) end,
        case when sources = '' then '' else format(' ({})', sources) end,
        case when remark = '' then '' else ': ' || remark end)"""
    return f"""
        with signals as (select * from s where {part}),
        kept as (
            select * from signals where country <> ''
            qualify bool_or(not weak and weight > 0) over (partition by platform, account, standing_as, country)
        ), numbered as (
            select *, row_number() over (
                partition by platform, account, standing_as, country order by weight desc, kind, value) as place
            from kept
        ), summed as (
            select platform, account, standing_as, country,
                cast(sum(cast(weight as decimal(18, 4))) as double) as weight,
                cast(coalesce(sum(cast(weight as decimal(18, 4))) filter (contested), 0) as double) as contested_weight,
                count(*) as signals, string_agg(distinct kind, ', ' order by kind) as kinds,
                list_sort(list_distinct(flatten(list(string_split(sources, ', ')) filter (sources <> '')))) as editions,
                string_agg({text}, '. ' order by place) filter (place <= {params.most_reasons}) as reasons
            from numbered group by platform, account, standing_as, country
        ), untold as (
            select platform, account, standing_as, count(*) as signals, string_agg(distinct kind, ', ' order by kind)
                as kinds, string_agg({text} || case when country = '' then '' else ', ' || country end, '. '
                    order by place) filter (place <= {params.most_reasons}) as reasons
            from (select *, row_number() over (
                    partition by platform, account, standing_as order by weight desc, times desc, kind, value, country
                ) as place from signals anti join kept using (platform, account, standing_as))
            group by platform, account, standing_as
        )
        select platform, account, standing_as, country, row_number() over (
                partition by platform, account, standing_as order by weight desc, country) as rank,
            weight, round(weight / sum(cast(weight as decimal(18, 4))) over (
                partition by platform, account, standing_as), 4) as share,
            round(contested_weight / weight, 4) as contested, signals, kinds,
            coalesce(array_to_string(list_sort(list_distinct(list_transform(editions, lambda x: x[:-12]))), ', '), '')
                as sources,
            coalesce(list_min(list_transform(editions, lambda x: x[-10:])) || ' to '
                || list_max(list_transform(editions, lambda x: x[-10:])), '') as dates,
            reasons
        from summed
        union all
        select platform, account, standing_as, '', 1, 0.0, 0.0, 0.0, signals, kinds, '', '',
            'no sign that is enough: ' || reasons
        from untold
    """


def _summed(params: Countries) -> str:
    return f"""
        with uploaded as (
            select platform, account as id, count(*) as uploads from attachments where account <> ''
            group by platform, account
        ), known as (
            select distinct platform, id, name from accounts where technical = '' and id not in ('', '0')
            qualify row_number() over (partition by platform, id order by name, number, relation, rule, part) = 1
        ), first as (
            select f.*, coalesce(k.name, f.account) as name, coalesce(u.uploads, 0) as uploads,
                coalesce(p.firsts, 0) as firsts
            from found f
            left join uploaded u on u.platform = f.platform and u.id = f.account
            left join known k on k.platform = f.platform and k.id = f.account
            left join producers p on p.platform = f.platform and p.account = f.account
        ), silent as (
            select k.platform, k.id as account, k.name, coalesce(u.uploads, 0) as uploads,
                coalesce(p.firsts, 0) as firsts
            from known k
            anti join (select * from found where standing_as = 'suspect') f
                on f.platform = k.platform and f.account = k.id
            left join uploaded u on u.platform = k.platform and u.id = k.id
            left join producers p on p.platform = k.platform and p.account = k.id
        ), everyone as (
            select platform, account, standing_as, country, rank, weight, contested, name, uploads, firsts from first
            union all
            select platform, account, 'suspect', '', 1, 0.0, 0.0, name, uploads, firsts from silent
        ), placed as (
            select *, row_number() over (partition by standing_as, country, rank = 1
                order by uploads desc, weight desc, name, account, platform) as place
            from everyone
        )
        select standing_as, country, '' as name, '' as name_fr, '' as remark,
            count(*) filter (rank = 1) as accounts, count(*) filter (rank > 1) as further,
            count(*) filter (rank = 1 and contested >= 0.5) as contested,
            count(*) filter (rank = 1 and uploads > 0) as uploaders,
            cast(coalesce(sum(uploads) filter (rank = 1), 0) as bigint) as uploads,
            count(*) filter (rank = 1 and firsts > 0) as firsts,
            coalesce(string_agg(case when name = '' then account else name end, ', ' order by place)
                filter (rank = 1 and place <= {params.most_named}), '') as top
        from placed group by standing_as, country
    """


def _named(one: Jurisdiction) -> Jurisdiction:
    known = COUNTRIES.get(one.country)
    if known is None:
        remark = "no code that vigie knows" if one.country else ""
        return msgspec.structs.replace(one, name=one.country or "not known", name_fr=one.country or "inconnu",
                                       remark=remark)  # fmt: skip
    return msgspec.structs.replace(one, name=known.english, name_fr=known.french, remark=known.remark)
