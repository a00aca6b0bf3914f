"""What all sources together say of each use of an address: where it lies, and whether they agree.

The work is divided by address: what the sources say is put together once for each address and time, and memory does not
grow with the case.
"""

import datetime as dt
import typing as t

from vigie.kernel.table import Table, query, together
from vigie.rows.base import Key, Row
from vigie.rows.countries import FLAGS, Address, IpBase, Located
from vigie.steps import editions

PART_ROWS: t.Final = 1_000_000
"""Rows that are worked on at a time: some hundred megabytes."""
VEILED: t.Final = ("vpn", "hosting", "proxy", "satellite")
NO_KEY: t.Final = "unhex(repeat('00', 16)) as key"
"""SQL: rows that no file keeps need none."""


class _Placed(Row, frozen=True, kw_only=True):
    """A use of an address and a country that some source names for it; one row without where none does."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "ip", "country")
    platform: Key
    account: str
    kind: str
    ip: str
    times: int
    first: dt.datetime | None
    last: dt.datetime | None
    country: str
    share: float
    """Of the sources that name a country, those that name this one; 0-1."""
    place: int
    """1: the first of the countries of this use."""
    countries: int
    flags: str
    sources: str
    apart_days: int | None
    accounts: int
    """How many use the address, ..."""
    members: int
    """... of so many on the platform."""
    crowded: bool
    strength: float
    """What the kind of network leaves of the weight; 0-1."""


class _Members(Row, frozen=True, kw_only=True):
    """How many accounts of a platform have an address."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform",)
    platform: Key
    members: int


def placed(
    addresses: Table[Address], located: Table[Located], bases: Table[IpBase], *, crowd: int, share: float, veiled: float
) -> Table[_Placed]:
    """Put together what the sources say of each use of each address.

    An address that at least ``crowd`` accounts, and this ``share`` of them, used is crowded. ``veiled``: strength of an
    address of a VPN, proxy, satellite or data centre; Tor and crowded ones have none.
    """
    counted = f"select {NO_KEY}, platform, count(distinct account) as members from a group by platform"
    members = query(_Members, counted, a=addresses)
    sql, parts = _sql(bases.rows(), crowd, share, veiled), len(addresses) // PART_ROWS + 1
    found = (
        query(_Placed, sql.format(part=f"hash(ip) % {parts} = {number}"), a=addresses, l=located, b=bases, m=members)
        for number in range(parts)
    )
    return together(_Placed, found, addresses.room)


def _sql(bases: list[IpBase], crowd: int, share: float, veiled: float) -> str:
    """Return the ``select`` for one part, ``{part}``, of the addresses."""
    flags = ", ".join(f"case when bool_or(contains(flags, '{one}')) then '{one}' end" for one in FLAGS)
    hidden = " or ".join(f"contains(v.flags, '{one}')" for one in VEILED)
    return f"""
        with used as (
            select platform, account, ip, use as kind, times, first, last, {editions.FAMILY} as family,
                {editions.epoch(bases, "first")} as begin_epoch, {editions.epoch(bases, "last")} as end_epoch
            from a where {{part}}
        ), known as (select * from l where {{part}}),
        crowded as (
            select platform, ip, count(distinct account) as accounts from used group by platform, ip
        ), asked as (
            select distinct ip, family, begin_epoch, end_epoch from used
        ), answers as (
            select q.*, c.file, c.epoch = q.begin_epoch as at_begin, c.epoch = q.end_epoch as at_end
            from asked q join ({editions.chosen(bases)}) c
                on c.family = q.family and c.epoch in (q.begin_epoch, q.end_epoch)
            union all
            select q.*, ''::blob, false, false from asked q
        ), told as (
            select s.ip, s.begin_epoch, s.end_epoch, l.country, l.flags, b.name, b.dated, s.at_begin, s.at_end
            from answers s join known l on l.ip = s.ip and l.file = s.file left join b on b.file = s.file
        ), verdict as (
            select ip, begin_epoch, end_epoch, concat_ws(',', {flags}) as flags,
                count(distinct country) filter (country <> '') as countries,
                count(*) filter (country <> '') as votes,
                min(dated) filter (country <> '' and at_begin) as begin_oldest,
                max(dated) filter (country <> '' and at_begin) as begin_newest,
                min(dated) filter (country <> '' and at_end) as end_oldest,
                max(dated) filter (country <> '' and at_end) as end_newest
            from told group by ip, begin_epoch, end_epoch
        ), answer as (
            select ip, begin_epoch, end_epoch, country, count(*) as votes,
                row_number() over (partition by ip, begin_epoch, end_epoch order by country) as place,
                string_agg(distinct name || ' ' || strftime(dated, '%Y-%m-%d'), ', '
                    order by name || ' ' || strftime(dated, '%Y-%m-%d')) as sources
            from told where country <> '' group by ip, begin_epoch, end_epoch, country
        )
        select {NO_KEY}, u.platform, u.account, u.kind, u.ip, u.times, u.first, u.last,
            coalesce(n.country, '') as country, coalesce(n.votes / v.votes, 0.0) as share,
            coalesce(n.place, 1) as place,
            coalesce(v.countries, 0) as countries, coalesce(v.flags, '') as flags, coalesce(n.sources, '') as sources,
            greatest(abs(date_diff('day', v.begin_oldest, u.first)), abs(date_diff('day', v.begin_newest, u.first)),
                abs(date_diff('day', v.end_oldest, u.last)), abs(date_diff('day', v.end_newest, u.last)))
                as apart_days,
            c.accounts, m.members, c.accounts >= {crowd} and c.accounts >= {share!r} * m.members as crowded,
            case when coalesce(v.countries, 0) = 0 or crowded or contains(v.flags, 'tor') then 0.0
                when {hidden} then {veiled!r} else 1.0 end as strength
        from used u
        join crowded c on c.platform = u.platform and c.ip = u.ip
        join m on m.platform = u.platform
        left join verdict v on v.ip = u.ip and v.begin_epoch = u.begin_epoch and v.end_epoch = u.end_epoch
        left join answer n on n.ip = u.ip and n.begin_epoch = u.begin_epoch and n.end_epoch = u.end_epoch
    """


REMARK: t.Final = """
    concat_ws('; ',
        case when crowded then 'used by so many accounts that it is a proxy in front of the platform' end,
        case when contains(flags, 'tor') then 'an exit of Tor: it tells nothing of who uses it' end,
        case when contains(flags, 'vpn') then 'a VPN: it tells where that is run' end,
        case when contains(flags, 'proxy') then 'a proxy: it tells where that is run' end,
        case when contains(flags, 'hosting') then 'a data centre: a server, or a VPN' end,
        case when contains(flags, 'satellite') then 'behind a satellite: it tells where its ground station is' end,
        case when contains(flags, 'carrier') then
            'many share it at a time: the provider needs the source port too, which platforms seldom keep' end,
        case when countries = 0 and contains(flags, 'special') then 'an address of no place on the Internet'
            when countries = 0 then 'no database knows it' end,
        case when countries > 1 then 'the sources disagree' end,
        case when apart_days > 90 then format('the nearest edition is {} days from its use', apart_days) end)
"""
"""SQL: what is to be remarked on a use."""
