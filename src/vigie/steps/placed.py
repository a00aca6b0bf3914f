"""What all sources together say of each use of an address: where it lies, and whether they agree.

Millions of addresses are told the same few thousand things. What is said of an address at the time of a use is a list
of numbers, as text; each such list is judged once, and stands beside each use in place of the verdict.
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


class _Use(Row, frozen=True, kw_only=True):
    """A use of an address, and what is said of it."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "ip")
    platform: Key
    account: str
    kind: str
    ip: str
    times: int
    first: dt.datetime | None
    last: dt.datetime | None
    said: str
    """Of ``_Verdict``."""
    crowded: bool


class _Verdict(Row, frozen=True, kw_only=True):
    """What the sources say together, and a country that some name; one row without where none does."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("said", "country")
    said: str
    """Numbers of answers, ascending; ``""``: nothing is said."""
    country: str
    share: float
    """Of the sources that name a country, those that name this one; 0-1."""
    place: int
    """1: the first of the countries."""
    countries: int
    flags: str
    sources: str
    begin_oldest: dt.datetime | None
    """Of the editions that answer for when it was used first, the oldest, ..."""
    begin_newest: dt.datetime | None
    end_oldest: dt.datetime | None
    """... and last."""
    end_newest: dt.datetime | None
    strength: float
    """What the kind of network leaves of the weight; 0-1."""
    remark: str


class _Crowd(Row, frozen=True, kw_only=True):
    """An address that so many accounts used that it is a proxy in front of the platform."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "ip")
    platform: Key
    ip: str
    accounts: int
    """How many use it, ..."""
    members: int
    """... of so many on the platform."""


class _Asked(Row, frozen=True, kw_only=True):
    """An address that was used between moments for which the same editions answer."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "ip", "begin_epoch", "end_epoch")
    platform: Key
    ip: str
    begin_epoch: int
    end_epoch: int
    uses: int


class _Answer(Row, frozen=True, kw_only=True):
    """What an edition says of addresses."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("number",)
    number: int
    file: bytes
    country: str
    flags: str


class _Said(Row, frozen=True, kw_only=True):
    """What is said of an address."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("ip", "begin_epoch", "end_epoch")
    ip: str
    begin_epoch: int
    end_epoch: int
    said: str


class Placed(t.NamedTuple):
    """The uses of addresses and what is said of them."""

    uses: Table[_Use]
    verdicts: Table[_Verdict]
    crowds: Table[_Crowd]


def placed(
    addresses: Table[Address], located: Table[Located], bases: Table[IpBase], *, crowd: int, share: float, veiled: float
) -> Placed:
    """Put together what the sources say of each use of each address.

    An address that at least ``crowd`` accounts, and this ``share`` of them, used is crowded. ``veiled``: strength of an
    address of a VPN, proxy, satellite or data centre; Tor and crowded ones have none.
    """
    known = bases.rows()
    epochs = ", ".join(f"{editions.epoch(known, moment)} as {name}_epoch"
                       for moment, name in (("first", "begin"), ("last", "end")))  # fmt: skip
    asked = query(
        _Asked,
        f"""select {NO_KEY}, platform, ip, begin_epoch, end_epoch, count(*) as uses
            from (select platform, ip, {epochs} from a) group by platform, ip, begin_epoch, end_epoch""",
        a=addresses,
    )
    answers = query(
        _Answer,
        f"""select {NO_KEY}, row_number() over (order by file, country, flags) as number, *
            from (select distinct file, country, flags from l)""",
        l=located,
    )
    parts = len(asked) // PART_ROWS + 1
    heard = together(
        _Said,
        (query(_Said, _heard(known, f"hash(ip) % {parts} = {n}"), asked=asked, l=located, answers=answers)
         for n in range(parts)),
        addresses.room,
    )  # fmt: skip
    crowds = query(_Crowd, _crowds(crowd, share), a=addresses, asked=asked)
    verdicts = query(_Verdict, _verdicts(veiled), heard=heard, answers=answers, b=bases)
    uses = query(
        _Use,
        f"""
        select {NO_KEY}, u.platform, u.account, u.kind, u.ip, u.times, u.first, u.last, coalesce(h.said, '') as said,
            c.ip is not null as crowded
        from (select platform, account, ip, use as kind, times, first, last, {epochs} from a) u
        left join heard h on h.ip = u.ip and h.begin_epoch = u.begin_epoch and h.end_epoch = u.end_epoch
        left join crowds c on c.platform = u.platform and c.ip = u.ip
        """,
        a=addresses,
        heard=heard,
        crowds=crowds,
    )
    return Placed(uses, verdicts, crowds)


def _heard(bases: list[IpBase], part: str) -> str:
    """Return the ``select`` of what is said of some addresses: numbers of answers, for begin and end of their use."""
    return f"""
        with used as (
            select distinct ip, {editions.FAMILY} as family, begin_epoch, end_epoch from asked where {part}
        ), files as (
            select u.ip, u.begin_epoch, u.end_epoch, c.file, c.epoch = u.begin_epoch as at_begin,
                c.epoch = u.end_epoch as at_end
            from used u join ({editions.chosen(bases)}) c
                on c.family = u.family and c.epoch in (u.begin_epoch, u.end_epoch)
            union all
            select ip, begin_epoch, end_epoch, ''::blob, false, false from used
        ), told as (
            select f.ip, f.begin_epoch, f.end_epoch, a.number * 4 + f.at_begin::int * 2 + f.at_end::int as code
            from files f join (select * from l where {part}) l on l.ip = f.ip and l.file = f.file
            join answers a on a.file = l.file and a.country = l.country and a.flags = l.flags
        )
        select {NO_KEY}, ip, begin_epoch, end_epoch, array_to_string(list_sort(list(code)), ' ') as said
        from told group by ip, begin_epoch, end_epoch
    """


def _crowds(crowd: int, share: float) -> str:
    """Return the ``select`` of crowded addresses: those that are used so often are few, and counted by accounts."""
    return f"""
        with often as (
            select platform, ip from asked group by platform, ip having sum(uses) >= {crowd}
        ), counted as (
            select platform, ip, count(distinct account) as accounts
            from a semi join often using (platform, ip) group by platform, ip
        ), members as (
            select platform, count(*) as members from (select distinct platform, account from a) group by platform
        )
        select {NO_KEY}, platform, ip, accounts, members from counted join members using (platform)
        where accounts >= {crowd} and accounts >= {share!r} * members
    """


def _verdicts(veiled: float) -> str:
    flags = ", ".join(f"case when bool_or(contains(flags, '{one}')) then '{one}' end" for one in FLAGS)
    hidden = " or ".join(f"contains(flags, '{one}')" for one in VEILED)
    return f"""
        with whole as (select distinct said from heard), codes as (
            select said, unnest(string_split(said, ' '))::bigint as code from whole
        ), told as (
            select c.said, a.country, a.flags, b.name, b.dated, (c.code // 2) % 2 = 1 as at_begin,
                c.code % 2 = 1 as at_end
            from codes c join answers a on a.number = c.code // 4 left join b on b.file = a.file
        ), verdict as (
            select said, concat_ws(',', {flags}) as flags,
                count(distinct country) filter (country <> '') as countries,
                count(*) filter (country <> '') as votes,
                min(dated) filter (country <> '' and at_begin) as begin_oldest,
                max(dated) filter (country <> '' and at_begin) as begin_newest,
                min(dated) filter (country <> '' and at_end) as end_oldest,
                max(dated) filter (country <> '' and at_end) as end_newest
            from told group by said
            union all
            select '', '', 0, 0, null, null, null, null
        ), answer as (
            select said, country, count(*) as votes, row_number() over (partition by said order by country) as place,
                string_agg(distinct name || ' ' || strftime(dated, '%Y-%m-%d'), ', '
                    order by name || ' ' || strftime(dated, '%Y-%m-%d')) as sources
            from told where country <> '' group by said, country
        )
        select {NO_KEY}, v.* exclude (votes), coalesce(n.country, '') as country,
            coalesce(n.votes / v.votes, 0.0) as share, coalesce(n.place, 1) as place,
            coalesce(n.sources, '') as sources,
            case when countries = 0 or contains(flags, 'tor') then 0.0 when {hidden} then {veiled!r} else 1.0 end
                as strength,
            {REMARK} as remark
        from verdict v left join answer n using (said)
    """


REMARK: t.Final = """
    concat_ws('; ',
        case when contains(flags, 'tor') then 'an exit of Tor: it tells nothing of who uses it' end,
        case when contains(flags, 'vpn') then 'a VPN: it tells where that is run' end,
        case when contains(flags, 'proxy') then 'a proxy: it tells where that is run' end,
        case when contains(flags, 'hosting') then 'a data centre: a server, or a VPN' end,
        case when contains(flags, 'satellite') then 'behind a satellite: it tells where its ground station is' end,
        case when contains(flags, 'carrier') then
            'many share it at a time: the provider needs the source port too, which platforms seldom keep' end,
        case when countries = 0 and contains(flags, 'special') then 'an address of no place on the Internet'
            when countries = 0 then 'no database knows it' end,
        case when countries > 1 then 'the sources disagree' end)
"""
"""SQL: what is to be remarked on what is said of an address."""
