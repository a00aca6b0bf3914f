"""The signs that tie an account to a country, each with what it rests on and what it weighs (docs/countries.md)."""

import typing as t

import phonenumbers

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, columns, query
from vigie.rows.base import Row
from vigie.rows.countries import FLAGS, Address, IpBase, Located, Signal
from vigie.rows.country_codes import COUNTRIES, CURRENCIES, LANGUAGES, ZONES
from vigie.rows.people import Account, Payment
from vigie.rows.persons import Identifier
from vigie.steps import editions

Weight: t.TypeAlias = float
PROCESSORS: t.Final = {
    "swish": "SE", "blik": "PL", "przelewy24": "PL", "p24": "PL", "pix": "BR", "boleto": "BR", "bizum": "ES",
    "mbway": "PT", "multibanco": "PT", "upi": "IN", "paytm": "IN", "interac": "CA", "twint": "CH", "bancontact": "BE",
    "ideal": "NL", "giropay": "DE", "vipps": "NO", "yoomoney": "RU", "qiwi": "RU", "oxxo": "MX", "satispay": "IT",
    "konbini": "JP",
}  # fmt: skip
"""National ways to pay: who uses one has, or had, an account at a bank of that country."""
GENERIC: t.Final = (
    "ad", "ac", "ai", "as", "bz", "cc", "cd", "cf", "co", "dj", "eu", "fm", "ga", "gg", "gl", "gq", "im", "io", "la",
    "ly", "me", "ml", "ms", "mu", "nu", "pw", "sc", "sh", "sr", "st", "su", "tk", "to", "tv", "vc", "vg", "ws",
)  # fmt: skip
"""Country domains that people everywhere use (Google Search Central, "Google-generic ccTLDs", and those given away)."""
TLDS: t.Final = {code.lower(): code for code in COUNTRIES if code not in ("AN", "FX", "XK")} | {"uk": "GB"}
VEILED: t.Final = ("vpn", "hosting", "proxy", "satellite")


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
    payment: Weight = 4.0
    """A national way to pay. Not verified: the platform says it."""
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


@stage(split="platform")
def signals(
    addresses: Table[Address],
    located: Table[Located],
    bases: Table[IpBase],
    accounts: Table[Account],
    identifiers: Table[Identifier],
    payments: Table[Payment],
    params: Signals,
) -> Table[Signal]:
    """List the signs of each account: addresses at the time they were used, and what it says or pays with.

    Where sources disagree each country is a row, contested, with its share of the weight.
    """
    stated: dict[str, Table[t.Any]] = {"accounts": accounts, "identifiers": identifiers, "payments": payments}
    distinct = query(_Meant, f"select distinct kind, value, '' as country, '' as remark from ({_STATED})", **stated)
    meant = _meant((one.kind, one.value) for one in distinct)
    sql = f"""{_addresses(bases.rows(), params)} union all {_platform(params)} union all {_said(params)}"""
    return query(Signal, sql, a=addresses, l=located, b=bases, meant=meant, **stated)


_STATED: t.Final = """
    select platform, account, kind, value, count(*) as times, min(moment) as first, max(moment) as last from (
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
    ) group by platform, account, kind, value
"""
"""What accounts say of themselves or pay with, by account; of an e-mail address only its country domain."""


def _meant(values: t.Iterable[tuple[str, str]]) -> Table[_Meant]:
    made = [(kind, value, *MEANING[kind](value)) for kind, value in values]
    names = ("kind", "value", "country", "remark")
    columns_of = {name: [one[place] for one in made] for place, name in enumerate(names)}
    return columns(_Meant, **columns_of)


def phone(number: str) -> tuple[str, str]:
    """Return the country of a telephone number in international form, and what is to be remarked."""
    if not number.startswith("+"):
        return "", "a number without the code of its country"
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", "no number of any country"
    if not phonenumbers.is_valid_number(read):
        return "", "no valid number of the country of its code"
    region = phonenumbers.region_code_for_number(read) or ""
    if region not in COUNTRIES:
        return "", "a number of no country, or of several"
    several = len(phonenumbers.region_codes_for_country_code(read.country_code or 0)) > 1
    return region, "its code is shared by several countries; told by the digits behind it" if several else ""


def language(tag: str) -> tuple[str, str]:
    """Return the country of a language tag: the one it names, or the only one where the language is official."""
    parts = tag.replace("-", "_").split(".")[0].split("_")
    if len(parts) > 1 and parts[-1].upper() in COUNTRIES:
        return parts[-1].upper(), ""
    found = LANGUAGES.get(parts[0].lower(), "")
    return found, "" if found else "a language of several countries"


def time_zone(name: str) -> tuple[str, str]:
    """Return the country in which a named time zone lies; a bare offset has none."""
    found = ZONES.get(name, "")
    return found, "" if found else "an offset, or a name of no country"


def currency(code: str) -> tuple[str, str]:
    """Return the country of a currency."""
    found = CURRENCIES.get(code, "")
    return found, "" if found else "a currency of several countries, or of none"


def payment(processor: str) -> tuple[str, str]:
    """Return the country of a national way to pay."""
    found = next((land for name, land in PROCESSORS.items() if name in processor.split("/", maxsplit=1)[0]), "")
    return found, "" if found else "a way to pay in many countries"


def email(tld: str) -> tuple[str, str]:
    """Return the country of a top-level domain, unless people everywhere use it."""
    name = tld.removeprefix(".")
    found = "" if name in GENERIC else TLDS.get(name, "")
    return found, "" if found else "a domain of no country, or used everywhere"


MEANING: t.Final[dict[str, t.Callable[[str], tuple[str, str]]]] = {
    "phone": phone, "language": language, "time_zone": time_zone, "currency": currency, "payment": payment,
    "email": email,
}  # fmt: skip


def _weights(params: Signals, *kinds: str) -> str:
    return "case kind " + " ".join(f"when '{one}' then {getattr(params, one)!r}" for one in kinds) + " end"


def _said(params: Signals) -> str:
    """Return the ``select`` of signs that need no database; a value that means no country weighs nothing."""
    return f"""
        select s.platform, s.account, 'suspect' as standing_as, kind, value, m.country,
            case when m.country = '' then 0.0 else {_weights(params, *MEANING)} end as weight,
            kind in ('language', 'time_zone') as weak, false as contested, '' as flags, s.times, s.first, s.last,
            '' as sources, null::bigint as apart_days, m.remark
        from ({_STATED}) s join meant m using (kind, value)
    """


def _addresses(bases: list[IpBase], params: Signals) -> str:
    """Return the ``with`` and ``select`` of signs that addresses give.

    What sources say is put together once for each address and pair of epochs, not once for each account.
    """
    flags = ", ".join(f"case when bool_or(contains(o.flags, '{one}')) then '{one}' end" for one in FLAGS)
    veiled = " or ".join(f"contains(v.flags, '{one}')" for one in VEILED)
    uses = ("upload", "registration", "login", "staff", "post", "message", "other")
    return f"""
        with used as (
            select platform, account, ip, use as kind, times, first, last, {editions.FAMILY} as family,
                {editions.epoch(bases, "first")} as begin_epoch, {editions.epoch(bases, "last")} as end_epoch from a
        ), members as (
            select platform, count(distinct account) as accounts from used group by platform
        ), crowded as (
            select ip, platform, count(distinct account) as accounts, cast(sum(times) as bigint) as times,
                min(first) as first, max(last) as last, any_value(accounts_all) as accounts_all
            from (select u.*, m.accounts as accounts_all from used u join members m using (platform))
            group by ip, platform
            having count(distinct account) >= {params.crowd}
                and count(distinct account) >= {params.crowd_share!r} * any_value(accounts_all)
        ), asked as (
            select distinct ip, family, begin_epoch, end_epoch from used
        ), chosen as ({editions.chosen(bases)}),
        answers as (
            select q.*, c.file, c.epoch = q.begin_epoch as at_begin, c.epoch = q.end_epoch as at_end
            from asked q join chosen c on c.family = q.family and c.epoch in (q.begin_epoch, q.end_epoch)
        ), told as (
            select s.ip, s.begin_epoch, s.end_epoch, l.country, l.flags, b.name, b.dated, s.at_begin, s.at_end
            from answers s join l on l.ip = s.ip and l.file = s.file join b on b.file = s.file
            union all
            select q.ip, q.begin_epoch, q.end_epoch, '', l.flags, '', null, false, false
            from asked q join l on l.ip = q.ip where l.file = ''::blob
        ), verdict as (
            select o.ip, o.begin_epoch, o.end_epoch, concat_ws(',', {flags}) as flags,
                count(distinct o.country) filter (o.country <> '') as countries,
                count(*) filter (o.country <> '') as votes,
                min(dated) filter (o.country <> '' and at_begin) as begin_oldest,
                max(dated) filter (o.country <> '' and at_begin) as begin_newest,
                min(dated) filter (o.country <> '' and at_end) as end_oldest,
                max(dated) filter (o.country <> '' and at_end) as end_newest
            from told o group by o.ip, o.begin_epoch, o.end_epoch
        ), answer as (
            select ip, begin_epoch, end_epoch, country, count(*) as votes,
                string_agg(distinct name || ' ' || strftime(dated, '%Y-%m-%d'), ', '
                    order by name || ' ' || strftime(dated, '%Y-%m-%d')) as sources
            from told where country <> '' group by ip, begin_epoch, end_epoch, country
        ), strong as (
            select u.*, coalesce(v.flags, '') as flags, coalesce(v.countries, 0) as countries,
                coalesce(v.votes, 0) as votes, c.ip is not null as crowded,
                case when coalesce(v.countries, 0) = 0 or c.ip is not null or contains(v.flags, 'tor') then 0.0
                    when {veiled} then {params.veiled!r} else 1.0 end as strength,
                greatest(abs(date_diff('day', v.begin_oldest, u.first)), abs(date_diff('day', v.begin_newest, u.first)),
                    abs(date_diff('day', v.end_oldest, u.last)), abs(date_diff('day', v.end_newest, u.last)))
                    as apart_days
            from used u
            left join verdict v on v.ip = u.ip and v.begin_epoch = u.begin_epoch and v.end_epoch = u.end_epoch
            left join crowded c on c.ip = u.ip and c.platform = u.platform
        ), weighed as (
            select *, {_weights(params, *uses)} * strength * times / sum(times) over (
                partition by platform, account, kind, strength = 0 order by strength desc) as weight
            from strong
        )
        select w.platform, w.account, 'suspect' as standing_as, w.kind, w.ip as value,
            coalesce(n.country, '') as country,
            round(w.weight * coalesce(n.votes / w.votes, 0), 4) as weight, w.strength < 1 as weak,
            w.countries > 1 as contested,
            w.flags, w.times, w.first, w.last, coalesce(n.sources, '') as sources, w.apart_days,
            {_REMARK} as remark
        from weighed w left join answer n
            on n.ip = w.ip and n.begin_epoch = w.begin_epoch and n.end_epoch = w.end_epoch
    """


_REMARK: t.Final = """
    concat_ws('; ',
        case when w.crowded then 'used by so many accounts that it is a proxy in front of the platform' end,
        case when contains(w.flags, 'tor') then 'an exit of Tor: it tells nothing of who uses it' end,
        case when contains(w.flags, 'vpn') then 'a VPN: it tells where that is run' end,
        case when contains(w.flags, 'proxy') then 'a proxy: it tells where that is run' end,
        case when contains(w.flags, 'hosting') then 'a data centre: a server, or a VPN' end,
        case when contains(w.flags, 'satellite') then 'behind a satellite: it tells where its ground station is' end,
        case when contains(w.flags, 'carrier') then
            'many share it at a time: the provider needs the source port too, which platforms seldom keep' end,
        case when w.countries = 0 and contains(w.flags, 'special') then 'an address of no place on the Internet'
            when w.countries = 0 then 'no database knows it' end,
        case when w.countries > 1 then 'the sources disagree' end,
        case when w.apart_days > 90 then format('the nearest edition is {} days from its use', w.apart_days) end)
"""


def _platform(params: Signals) -> str:
    """Return the ``select`` of signs of where the platform is run.

    An address nearly everybody uses is a proxy in front of it; one of its staff in a data centre may be its server.
    """
    columns_of = """'' as account, 'hosting' as standing_as"""
    return f"""
        select c.platform, {columns_of}, 'server' as kind, c.ip as value, coalesce(n.country, '') as country,
            case when n.country is null then 0.0 else round({params.upload!r} / v.countries, 4) end as weight,
            false as weak, coalesce(v.countries, 0) > 1 as contested, coalesce(v.flags, '') as flags, c.times, c.first,
            c.last, coalesce(n.sources, '') as sources, null::bigint as apart_days,
            format('{{}} of {{}} accounts come from it: a proxy in front of the platform', c.accounts, c.accounts_all)
                as remark
        from crowded c
        left join (select ip, max(flags) as flags, max(countries) as countries from verdict group by ip) v
            on v.ip = c.ip
        left join (select ip, country, max(sources) as sources from answer group by ip, country) n on n.ip = c.ip
        union all
        select s.platform, {columns_of}, 'staff', s.ip, n.country,
            round(min({params.other!r} * n.votes / s.votes), 4), false,
            bool_or(s.countries > 1), max(s.flags), cast(sum(s.times) as bigint), min(s.first), max(s.last),
            max(n.sources), max(s.apart_days),
            'the staff came from this data centre: perhaps the server, perhaps a VPN'
        from strong s join answer n on n.ip = s.ip and n.begin_epoch = s.begin_epoch and n.end_epoch = s.end_epoch
        where s.kind = 'staff' and contains(s.flags, 'hosting') and not s.crowded
        group by s.platform, s.ip, n.country
    """
