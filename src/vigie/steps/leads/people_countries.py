"""Which country must act: a ranked list for each account and for the platform, and a summary by country."""

import typing as t

import msgspec

from vigie.kernel.stage import Params, stage
from vigie.kernel.stretches import stretches
from vigie.kernel.table import Table, look, of, query, together
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Attribution, Jurisdiction, Signal
from vigie.rows.country_codes import COUNTRIES
from vigie.rows.people import Account, Attachment
from vigie.rows.uploads import Producer
from vigie.steps.copied import files_once, one_of_each
from vigie.steps.placed import PART_ROWS

Few = t.Annotated[int, msgspec.Meta(ge=1, le=100)]


class Countries(Params, frozen=True):
    """Settings."""

    most_reasons: Few = 3
    """Signs that are written out for each country of an account."""
    most_named: Few = 10
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
    kinds = [one["kind"] for one in look("select distinct kind from signals order by kind", signals=signals)]
    parts = stretches(signals, "account", PART_ROWS)
    ranked = (query(Attribution, _ranked(params, kinds, part), s=signals) for part in parts)
    found = together(Attribution, ranked, signals.room)
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


_TEXT: t.Final = """
    x.kind || if(x.value = '', '', ' ' || x.value) || if(x.times > 1, ', ' || x.times || ' times', '')
        || case when x.first is null then '' when cast(x.first as date) = cast(x.last as date)
            then ', ' || cast(x.first as date)
            else concat(', ', cast(x.first as date), ' to ', cast(x.last as date)) end
        || if(x.sources = '', '', ' (' || x.sources || ')') || if(x.remark = '', '', ': ' || x.remark)
"""


def _ranked(params: Countries, kinds: list[str], part: str) -> str:
    """Return the ``select`` of the countries of some accounts.

    Of each group the kinds are bits and the weightiest signs a short list: a window would sort all signs for them.
    """
    named = f"array_to_string(list_filter({kinds or ['']!r}, lambda k, n: get_bit(kinds, (n - 1)::int) = 1), ', ')"
    met = f"bitstring_agg((list_position({kinds or ['']!r}, kind) - 1)::int, 0, {max(len(kinds), 1) - 1})"

    def first(*order: str) -> str:
        keys = _key(*(f"{one} desc" if one in ("weight", "times") else one for one in order))
        names = ("kind", "value", "country", "times", "first", "last", "sources", "remark")
        given = ", ".join(f"'{one}': {one}" for one in names)
        return f"arg_min({{{given}}}, {keys}, {params.most_reasons})"

    return f"""
        with signals as not materialized (select * from s where {part}),
        told as (
            select platform, account, standing_as, country from signals where country <> ''
            group by platform, account, standing_as, country having bool_or(not weak and weight > 0)
        ), summed as (
            select platform, account, standing_as, country,
                cast(sum(cast(weight as decimal(18, 4))) as double) as weight,
                cast(coalesce(sum(cast(weight as decimal(18, 4))) filter (contested), 0) as double) as contested_weight,
                count(*) as signals, {met} as kinds,
                list_distinct(flatten(list_transform(list_distinct(list(sources) filter (sources <> '')),
                    lambda x: string_split(x, ', ')))) as editions,
                {first("weight", "kind", "value")} as reasons
            from signals semi join told using (platform, account, standing_as, country)
            group by platform, account, standing_as, country
        ), untold as (
            select platform, account, standing_as, count(*) as signals, {met} as kinds,
                {first("weight", "times", "kind", "value", "country")} as reasons
            from signals anti join told using (platform, account, standing_as)
            group by platform, account, standing_as
        )
        select platform, account, standing_as, country, row_number() over (
                partition by platform, account, standing_as order by weight desc, country) as rank,
            weight, round(weight / sum(cast(weight as decimal(18, 4))) over (
                partition by platform, account, standing_as), 4) as share,
            round(contested_weight / weight, 4) as contested, signals, {named} as kinds,
            coalesce(array_to_string(list_sort(list_distinct(list_transform(editions, lambda x: x[:-12]))), ', '), '')
                as sources,
            coalesce(list_min(list_transform(editions, lambda x: x[-10:])) || ' to '
                || list_max(list_transform(editions, lambda x: x[-10:])), '') as dates,
            array_to_string(list_transform(reasons, lambda x: {_TEXT}), '. ') as reasons
        from summed
        union all
        select platform, account, standing_as, '', 1, 0.0, 0.0, 0.0, signals, {named}, '', '',
            'no sign that is enough: ' || array_to_string(list_transform(reasons,
                lambda x: {_TEXT} || if(x.country = '', '', ', ' || x.country)), '. ')
        from untold
    """


def _key(*order: str) -> str:
    """Return SQL of one value that orders rows as these columns do."""
    words = (one.split() for one in order)
    given = (f"{name}, '{(*way, 'asc')[0]} nulls last'" for name, *way in words)
    return f"create_sort_key({', '.join(given)})"


def _summed(params: Countries) -> str:
    """Return the ``select`` that counts by country; who comes first is told by a list of the few that are named."""
    order = _key("uploads desc", "weight desc", "name", "account", "platform")
    return f"""
        with uploaded as (
            select platform, account as id, count(*) as uploads from attachments where account <> ''
            group by platform, account
        ), known as (
            select platform, id, min(name) as name from accounts where technical = '' and id not in ('', '0')
            group by platform, id
        ), first as (
            select f.platform, f.account, f.standing_as, f.country, f.rank, f.weight, f.contested,
                coalesce(k.name, f.account) as name, coalesce(u.uploads, 0) as uploads, coalesce(p.firsts, 0) as firsts
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
        )
        select standing_as, country, '' as name, '' as name_fr, '' as remark,
            count(*) filter (rank = 1) as accounts, count(*) filter (rank > 1) as further,
            count(*) filter (rank = 1 and contested >= 0.5) as contested,
            count(*) filter (rank = 1 and uploads > 0) as uploaders,
            cast(coalesce(sum(uploads) filter (rank = 1), 0) as bigint) as uploads,
            count(*) filter (rank = 1 and firsts > 0) as firsts,
            coalesce(array_to_string(arg_min(if(name = '', account, name), {order},
                {params.most_named}) filter (rank = 1), ', '), '') as top
        from everyone group by standing_as, country
    """


def _named(one: Jurisdiction) -> Jurisdiction:
    known = COUNTRIES.get(one.country)
    if known is None:
        remark = "no code that vigie knows" if one.country else ""
        return msgspec.structs.replace(one, name=one.country or "not known", name_fr=one.country or "inconnu",
                                       remark=remark)  # fmt: skip
    return msgspec.structs.replace(one, name=known.english, name_fr=known.french, remark=known.remark)
