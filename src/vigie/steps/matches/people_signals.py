"""The signs that tie an account to a country, each with what it rests on and what it weighs (docs/countries.md)."""

import itertools
import typing as t

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.stretches import stretches
from vigie.kernel.table import Named, Table, columns, query, together
from vigie.rows.base import Key, Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address, IpBase, Located, Signal
from vigie.rows.paths import Enquiry, Exchange
from vigie.rows.payments import Settlement
from vigie.rows.people import Account, Payment
from vigie.rows.persons import Identifier
from vigie.steps.copied import one_of_each
from vigie.steps.meanings import MEANING
from vigie.steps.placed import NO_KEY, PART_ROWS, placed

Weight: t.TypeAlias = float


class Signals(Params, frozen=True):
    """Weights: a judgement in the order of docs/countries.md, not a measurement; the unit changes them here.

    What an account did from several addresses shares the weight of that kind, by how often each was used.
    """

    upload: Weight = 3.0
    registration: Weight = 2.0
    login: Weight = 2.0
    staff: Weight = 2.0
    post: Weight = 1.5
    message: Weight = 1.5
    other: Weight = 1.0
    server: Weight = 3.0
    """An address that nearly all accounts used, for where the platform is run."""
    payment: Weight = 4.0
    """A national way to pay. Not verified: the platform says it."""
    exchange: Weight = 3.0
    """A service that its payments came from: where an identity may be held, not where anybody lives."""
    phone: Weight = 3.0
    """Valid by its country's plan of numbers, and stated by the account. Not verified."""
    currency: Weight = 1.0
    email: Weight = 0.3
    language: Weight = 0.2
    time_zone: Weight = 0.3
    veiled: Share = 0.1
    """x the weight of an address of a VPN, proxy, satellite or data centre: it tells where that is run, and speaks for
    a country only beside others. Of Tor: 0."""
    crowd: Count = 100
    crowd_share: Share = 0.02
    """An address that at least so many accounts, and this share of them, used is a proxy in front of the platform."""


class _Meant(Row, frozen=True, kw_only=True):
    """A value that accounts state, and the country it means."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("kind", "value")
    kind: str
    value: str
    country: str
    remark: str


class _Nobody(Row, frozen=True, kw_only=True):
    """A technical account: all of its rows say so."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: Key
    account: str


@stage(split=None)
def signals(
    addresses: Table[Address],
    located: Table[Located],
    bases: Table[IpBase],
    accounts: Table[Account],
    identifiers: Table[Identifier],
    payments: Table[Payment],
    exchanges: Table[Exchange],
    enquiries: Table[Enquiry],
    settlements: Table[Settlement],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Signals,
) -> Table[Signal]:
    """List the signs of each account but technical ones: addresses when they were used, what it says or pays with.

    Where sources disagree each country is a row, contested, with its share of the weight.
    """
    stated = one_of_each(layers, remnants, accounts=accounts, payments=payments) | {"identifiers": identifiers}
    nobodys = query(_Nobody, _NOBODYS, a=stated["accounts"])
    stated["nobodys"] = nobodys
    distinct = query(_Meant, _DISTINCT, **stated)
    meant = _meant((one.kind, one.value) for one in distinct)
    known = placed(addresses, located, bases, crowd=params.crowd, share=params.crowd_share, veiled=params.veiled)
    given: dict[str, Named] = {"p": known.uses, "v": known.verdicts, "c": known.crowds}
    found = itertools.chain(
        [query(Signal, _platform(params), **given),
         query(Signal, _asked(params), x=exchanges, e=enquiries, s=settlements)],
        (query(Signal, _addresses(params, part), nobodys=nobodys, **given)
         for part in stretches(known.uses, "account", PART_ROWS)),
        (query(Signal, _said(params, part), meant=meant, **stated)
         for part in stretches(identifiers, "account", PART_ROWS)),
    )  # fmt: skip
    return together(Signal, found, addresses.room)


_NOBODYS: t.Final = f"select {NO_KEY}, platform, id as account from a group by all having min(technical) <> ''"
_SOMEBODYS: t.Final = "(platform, account) not in (select (platform, account) from nobodys)"
_STATED: t.Final = """
    select platform, id as account, 'language' as kind, language as value, null::timestamptz as moment
    from accounts where language <> ''
    union all
    select platform, id, 'time_zone', time_zone, null from accounts where time_zone <> ''
    union all
    select platform, account, kind, case kind when 'email' then '.' || regexp_extract(value, '\\.([^.@]+)$', 1)
        else value end, null
    from identifiers where kind in ('email', 'phone') and holding = 'stated'
    union all
    select platform, account, 'payment', lower(processor), "at"
    from payments where processor <> '' and direction = 'in'
    union all
    select platform, account, 'currency', upper(currency), "at"
    from payments where currency <> '' and direction = 'in'
"""
"""What accounts say of themselves or pay with; of an e-mail address only its country domain."""


_DISTINCT: t.Final = f"""
    select distinct kind, value, '' as country, '' as remark from ({_STATED})
    where account not in ('', '0') and {_SOMEBODYS}
"""


def _meant(values: t.Iterable[tuple[str, str]]) -> Table[_Meant]:
    made = [(kind, value, *MEANING[kind](value)) for kind, value in values]
    names = ("kind", "value", "country", "remark")
    columns_of = {name: [one[place] for one in made] for place, name in enumerate(names)}
    return columns(_Meant, **columns_of)


def _weights(params: Signals, *kinds: str) -> str:
    return (
        "case kind " + " ".join(f"when '{one}' then cast({getattr(params, one)!r} as double)" for one in kinds) + " end"
    )


def _said(params: Signals, part: str) -> str:
    """Return the ``select`` of signs that need no database, of some accounts.

    A value that means no country weighs nothing.
    """
    return f"""
        with s as (
            select platform, account, kind, value, count(*) as times, min(moment) as first, max(moment) as last
            from ({_STATED}) where {part} and account not in ('', '0') and {_SOMEBODYS}
            group by platform, account, kind, value
        )
        select s.platform, s.account, 'suspect' as standing_as, kind, value, m.country,
            case when m.country = '' then 0.0 else {_weights(params, *MEANING)} end as weight,
            kind in ('language', 'time_zone') as weak, false as contested, '' as flags, s.times, s.first, s.last,
            '' as sources, null::bigint as apart_days, m.remark
        from s join meant m using (kind, value)
    """


_APART: t.Final = """
    greatest(abs(date_diff('day', begin_oldest, first)), abs(date_diff('day', begin_newest, first)),
        abs(date_diff('day', end_oldest, last)), abs(date_diff('day', end_newest, last)))
"""


def _addresses(params: Signals, part: str) -> str:
    """Return the ``select`` of signs that addresses give, of some accounts: the weight of a kind shared by its uses.

    Uses of the same strength or a greater one share: an account that came from home once, and else through VPNs, is
    told by its home. There are two strengths: of a home and of what hides one.
    """
    uses = ("upload", "registration", "login", "staff", "post", "message", "other")
    return f"""
        with told as (
            select p.*, if(crowded, 0.0, v.strength) as strength, v.* exclude (key, said, strength),
                {_APART} as apart_days
            from (select * exclude (key) from p where {part} and {_SOMEBODYS}) p join v using (said)
        ), shares as (
            select platform, account, kind, sum(times) filter (strength >= 1.0) as clear, sum(times) as whole
            from (select platform, account, kind, times, if(crowded, 0.0, strength) as strength
                from p join v using (said) where place = 1 and {part})
            where strength > 0 group by platform, account, kind
        )
        select platform, account, 'suspect' as standing_as, kind, ip as value, country,
            if(strength > 0, round(share * strength * {_weights(params, *uses)} * times
                / greatest(1, if(strength >= 1.0, clear, whole)), 4), 0.0) as weight,
            strength < 1 as weak, countries > 1 as contested, flags, times, first, last, sources, apart_days,
            concat_ws('; ',
                case when crowded then 'used by so many accounts that it is a proxy in front of the platform' end,
                nullif(remark, ''),
                case when apart_days > 90 then format('the nearest edition is {{}} days from its use', apart_days) end)
                as remark
        from told left join shares using (platform, account, kind)
    """


def _asked(params: Signals) -> str:
    """Return the ``select`` of services that can be asked whose an account's payments were, by their country.

    What went out again to a service tells of the platform itself, not of whose order it was.
    """
    return f"""
        select s.platform, if(e.direction = 'withdrawal', s.account, '') as account, 'exchange' as standing_as,
            'exchange' as kind,
            coalesce(nullif(x.legal_name, ''), x.label) as value, x.country,
            if(x.country = '', 0.0, cast({params.exchange!r} as double)) as weight, false as weak, false as contested,
            '' as flags, count(*) as times, min(e.earliest) as first, max(e.latest) as last, '' as sources,
            null::bigint as apart_days,
            concat('attributed by a tag, confirm first; rests on layers ', max(e.layers),
                if(max(x.named_by) = '', '', '; name and country: ' || max(x.named_by)),
                if(x.country = '', '; its country is not known', '')) as remark
        from e join x on x.key = e.exchange join s on s.key = e.settlement
        where e.direction = 'deposit' or s.account not in ('', '0')
        group by s.platform, if(e.direction = 'withdrawal', s.account, ''), value, x.country
    """


def _platform(params: Signals) -> str:
    """Return the ``select`` of signs of where the platform is run.

    An address nearly everybody uses is a proxy in front of it; one of its staff in a data centre may be its server.
    """
    return f"""
        with told as (
            select p.*, v.* exclude (key, said), {_APART} as apart_days
            from (select * exclude (key) from p where crowded or kind = 'staff') p join v using (said)
            where crowded or contains(flags, 'hosting') and country <> ''
        )
        select platform, '' as account, 'hosting' as standing_as,
            case when crowded then 'server' else 'staff' end as kind, ip as value, country,
            round(min(share) * case when crowded then {params.server!r} else {params.other!r} end, 4) as weight,
            false as weak, bool_or(countries > 1) as contested, max(flags) as flags,
            cast(sum(times) as bigint) as times, min(first) as first, max(last) as last, max(sources) as sources,
            max(apart_days) as apart_days, case when crowded
                then format('{{}} of {{}} accounts come from it: a proxy in front of the platform', max(c.accounts),
                    max(c.members))
                else 'the staff came from this data centre: perhaps the server, perhaps a VPN' end as remark
        from told left join c using (platform, ip) group by platform, ip, country, crowded
    """
