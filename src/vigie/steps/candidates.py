"""Pairs of accounts to compare: those that share a trait few have, pairs of one person, and pairs of any two."""

import typing as t

from vigie.kernel.table import Named, Table, query
from vigie.rows.base import Key, Row
from vigie.rows.countries import Address, Located
from vigie.rows.persons import Alias, Bond, Identifier
from vigie.rows.roles import Activity
from vigie.steps.comparisons import BLOCKS, COMPARISONS, LANGUAGES

COLUMNS: t.Final = {"name": "names", "ip": "meetings", "born": "births", "site": "sites", "mention": "contacts"}
"""Blocking rule -> the column of the records whose equal values make its pairs."""
LISTED: t.Final = ("name", "ip", "mention")
"""Rules of which a record has a list of values."""
COMPARED: t.Final = ("bare", "stem", "crowd", "local", "zone", "language", "born", "day", "site", "hours", "seen",
                     "meetings", "quiet", "contacts", "owned")  # fmt: skip
"""Columns of the records that comparisons ask for."""
SAME: t.Final = 1 << len(BLOCKS)
RANDOM: t.Final = SAME << 1
VEILED: t.Final = "(^|,)(tor|vpn|hosting|proxy|satellite|carrier)(,|$)"
"""Networks that are nobody's home (``rows.countries.FLAGS``)."""
NAMED: t.Final = r"""
    select n, stem as value from made where stem <> ''
    union select n, regexp_replace(local, '[^\pL]', '', 'g') from made where local <> ''
"""
"""Names an account goes by: letters of its handle, and of what stands before the @ of its address."""
BORN: t.Final = "select n, concat_ws(' ', born, zone, language) as value from made where born <> ''"
OWN: t.Final = "('stated', 'paid', 'claimed')"
MENTIONED: t.Final = f"""
    select unnest([x.n, y.n]) as n, lower(hex(b.key)) as value,
        (b.holding_a in {OWN} or b.holding_b in {OWN})::int as own
    from (select *, count(*) over (partition by kind, value) as bonds from bonds) b
    join made x on x.platform = b.platform_a and x.account = b.account_a
    join made y on y.platform = b.platform_b and y.account = b.account_b
    where b.strength = 'hint' and b.kind not in ('handle', 'website') and 'quoted' not in (b.holding_a, b.holding_b)
        and b.bonds <= 2
"""
"""Hints: both write a contact that three accounts write at most, neither of them in a quotation. Names and websites are
compared by themselves."""
PLAIN: t.Final = 1000
NO_KEY: t.Final = "'................'::blob as key"
"""Rows of passing use need no digest for a key."""


class _Trait(Row, frozen=True, kw_only=True):
    """An account and what it is compared by."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("n",)
    n: int
    mixed: int
    """Its place in an order that has to do with nothing."""
    platform: Key
    account: str
    name: str
    person: bytes
    """Key of its person; empty: no exact bond ties it."""
    bare: str
    """Letters and digits of its handle."""
    stem: str
    """The letters, where they are five at least."""
    crowd: int
    """Accounts whose handle or address has these letters, whichever more have; at least ``PLAIN`` of a handle that
    others bear and that anybody may have come upon (``bond`` has it as a hint)."""
    local: str
    """Letters and digits before the @ of its e-mail address, where they are five at least."""
    zone: str
    language: str
    born: str
    day: int | None
    """On which it registered, since 1970."""
    site: str
    hours: str
    """24 numbers, or ``""``: too few are known."""


class _Own(Row, frozen=True, kw_only=True):
    """What is told of an account by itself, as in ``_Trait``."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: Key
    account: str
    name: str
    person: bytes
    bare: str
    stem: str
    local: str
    zone: str
    language: str
    born: str
    day: int | None
    site: str
    hours: str


class _Number(Row, frozen=True, kw_only=True):
    """The numbers of an account. They are given to narrow rows: an order of wide ones would be put aside."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: Key
    account: str
    n: int
    mixed: int


class _Seen(Row, frozen=True, kw_only=True):
    """An account came from an address between two days."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("n",)
    n: int
    ip: str
    first: int | None
    last: int | None
    others: int
    """Accounts that came from elsewhere in its network: from the other 255 addresses of an IPv4 one. Carriers, schools
    and relays put their customers behind addresses that lie side by side (RFC 6888). An IPv6 address is shared by a
    home at most: 0."""


class _Known(Row, frozen=True, kw_only=True):
    """A record as Splink reads it: an account, what it is compared by, and what it is found by (``COLUMNS``)."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("unique_id",)
    unique_id: int
    person: bytes | None
    platform: Key
    account: str
    bare: str
    stem: str
    crowd: int
    local: str
    zone: str
    language: str
    born: str
    day: int | None
    site: str
    hours: list[int] | None
    seen: bool
    """Is any address known from which it came?"""
    names: list[int] | None
    """Numbers of the names that few others have."""
    meetings: list[int] | None
    """One number for each address at which it met one other account: that one has it, too, and nobody else."""
    quiet: list[int] | None
    """Those of them at addresses whose neighbours few use."""
    births: int | None
    sites: int | None
    contacts: list[int] | None
    """As ``meetings``: contacts that another one writes, too."""
    owned: list[int] | None
    """Those of them that either holds as its own."""


class _Pair(Row, frozen=True, kw_only=True):
    """Two accounts to compare."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b")
    a: int
    b: int
    rules: int
    """Bits: the rules of ``BLOCKS`` that gave it; ``SAME``: a pair of one person; ``RANDOM``: one of any two."""
    levels: str
    """One character for each comparison: its level, ``-`` where nothing is known."""


class _Left(Row, frozen=True, kw_only=True):
    """How many pairs a rule gave, and how many accounts its bounds left out."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("rule",)
    rule: int
    pairs: int
    left: int


def traits(
    accounts: Named,
    identifiers: Table[Identifier],
    bonds: Table[Bond],
    aliases: Table[Alias],
    activities: Table[Activity],
    hours: int,
) -> Table[_Trait]:
    """Return what each account is compared by."""
    letters, plain = (rf"regexp_replace({{}}, '[^\pL{also}]', '', 'g')" for also in ("", r"\pN"))
    own = query(
        _Own,
        rf"""
        with live as (
            select platform, id as account, min(name) as name, max(born) as born, max(language) as language,
                max(time_zone) as zone, min(registered) as registered
            from accounts where id <> '' and technical = '' and state not in ('bot', 'deleted') group by platform, id
        ), named as (
            select platform, account, min(value) filter (where kind = 'handle') as handle,
                min(split_part(value, '@', 1)) filter (where kind = 'email') as local,
                min(value) filter (where kind = 'website') as site
            from identifiers where kind in ('handle', 'email', 'website') and holding in ('stated', 'paid')
            group by platform, account
        ), active as (
            select platform, account, max(hours) as hours from activities
            where regexp_full_match(hours, '([0-9]+ ){{23}}[0-9]+') group by platform, account
        ), joined as (
            select l.platform, l.account, l.name, l.born, l.zone, l.registered, {_language("l.language")} as language,
                coalesce(p.person, ''::blob) as person, coalesce(n.site, '') as site,
                {plain.format("lower(coalesce(n.handle, ''))")} as bare,
                {plain.format("coalesce(n.local, '')")} as "local",
                case when list_sum(string_split(v.hours, ' ')::int[]) >= {hours} then v.hours else '' end as hours
            from live l left join named n using (platform, account) left join aliases p using (platform, account)
            left join active v using (platform, account)
        )
        select {NO_KEY}, j.* replace (if(length("local") < 5, '', "local") as "local",
                if(regexp_matches(born, '(19|20)[0-9][0-9]'), trim(born), '') as born),
            {letters.format("bare")} as letters, if(length(letters) < 5, '', letters) as stem,
            epoch(registered)::bigint // 86400 as day
        from joined j
        """,
        accounts=accounts,
        identifiers=identifiers,
        bonds=bonds,
        aliases=aliases,
        activities=activities,
    )
    numbered = query(
        _Number,
        f"""
        select {NO_KEY}, platform, account, row_number() over (order by platform, account) - 1 as n,
            row_number() over (order by sha256(concat(lower(hex(platform)), ' ', account)), account) - 1 as mixed
        from own
        """,
        own=own,
    )
    return query(
        _Trait,
        f"""
        with crowds as (
            select value, count(*) as accounts
            from (select stem as value from own union all select "local" from own where "local" <> stem)
            where value <> '' group by value having count(*) > 1
        ), plain as (
            select platform_a as platform, account_a as account from bonds where strength = 'hint' and kind = 'handle'
            union select platform_b, account_b from bonds where strength = 'hint' and kind = 'handle'
        )
        select o.*, i.n, i.mixed, greatest(h.accounts, m.accounts, if(p.account is null, 1, {PLAIN})) as crowd
        from own o join numbered i on i.platform = o.platform and i.account = o.account
        left join crowds h on h.value = o.stem left join crowds m on m.value = o."local"
        left join plain p on p.platform = o.platform and p.account = o.account
        """,
        own=own,
        numbered=numbered,
        bonds=bonds,
    )


def seen(made: Table[_Trait], addresses: Table[Address], located: Table[Located]) -> Table[_Seen]:
    """Return from which addresses each account came, without those of networks that are nobody's home."""
    return query(
        _Seen,
        f"""
        with came as (
            select n, ip, min(epoch(first)::bigint // 86400) as first, max(epoch(last)::bigint // 86400) as last,
                regexp_extract(ip, '^[0-9]+[.][0-9]+[.][0-9]+[.]') as network
            from addresses join made using (platform, account)
            where ip <> '' and ip not in (select ip from located where regexp_matches(flags, '{VEILED}'))
            group by n, ip
        ), near as (
            select network, count(distinct n) as accounts from came where network <> '' group by network
        ), behind as (select ip, count(*) as accounts from came group by ip)
        select {NO_KEY}, n, ip, first, last, coalesce(near.accounts - behind.accounts, 0) as others
        from came join behind using (ip) left join near using (network)
        """,
        addresses=addresses,
        made=made,
        located=located,
    )


class Bounds(t.NamedTuple):
    """How rare a trait must be for its accounts to be compared."""

    most_alike: int
    most_behind: int
    most_near: int
    days: int
    most_pairs: int


def known(made: Table[_Trait], came: Table[_Seen], bonds: Table[Bond], bounds: Bounds) -> Table[_Known]:
    """Return the records: each account, what it is compared by, and by which values it is found."""
    lists = "".join(f", {rule}_of as ({_numbered(rule)})" for rule in ("name", "born", "site"))
    lists += "".join(f", {rule}_of as ({_shared(rule)})" for rule in ("ip", "mention"))
    return query(
        _Known,
        f"""
        with {_ruled(bounds)} {lists}
        select {NO_KEY}, m.n as unique_id, nullif(person, ''::blob) as person, platform, account, bare, stem, crowd,
            local, zone, language, born, day, site, string_split(nullif(hours, ''), ' ')::bigint[] as hours,
            m.n in (select n from came) as seen, name_of.numbers as names, ip_of.numbers as meetings,
            ip_of.marked as quiet, born_of.numbers[1] as births, site_of.numbers[1] as sites,
            mention_of.numbers as contacts, mention_of.marked as owned
        from made m {" ".join(f"left join {rule}_of using (n)" for rule in BLOCKS)}
        """,
        made=made,
        came=came,
        bonds=bonds,
    )


def pairs(records: Table[_Known], made: Table[_Trait], random: int) -> Table[_Pair]:
    """Return the pairs from which is learnt, compared: those of the blocking rules, of persons, and random ones."""
    columns = ", ".join(f"x.{one} as {one}_l, y.{one} as {one}_r" for one in COMPARED)
    levels = " || ".join(f"replace(({one.sql})::varchar, '-1', '-')" for one in COMPARISONS)
    return query(
        _Pair,
        f"""
        with {_listed()}, firsts as (
            select person, min(n) as a from made where person <> ''::blob group by person
        ), given as (
            {" union all ".join(f"select a, b, {1 << at} as rules from {rule}_pairs" for at, rule in enumerate(BLOCKS))}
            union all
            select a, n, {SAME} from made join firsts using (person) where n > a
            union all
            select least(x.n, y.n), greatest(x.n, y.n), {RANDOM} from made x
            cross join range(1, (select {random} // greatest(count(*), 1) + 2 from made)) k(step)
            join made y on y.mixed = x.mixed + step
        ), merged as (
            select a, b, bit_or(rules) as rules from given group by a, b
        ), beside as (
            select a, b, rules, {columns}
            from merged join records x on x.unique_id = a join records y on y.unique_id = b
            where x.person is null or y.person is null or x.person <> y.person or rules & {SAME} <> 0
        )
        select {NO_KEY}, a, b, rules, {levels} as levels from beside
        """,
        records=records,
        made=made,
    )


def left(
    records: Table[_Known], made: Table[_Trait], came: Table[_Seen], bonds: Table[Bond], bounds: Bounds
) -> list[_Left]:
    """Return how many pairs each blocking rule gave, and how many accounts its bounds left out."""
    return query(
        _Left,
        f"with {_ruled(bounds)}, {_listed()} "
        + " union all ".join(
            f"""select {at} as rule, (select count(*) from {rule}_pairs) as pairs, coalesce((
                select sum(size) from {rule}_size where value not in (select value from {rule}_good)
            ), 0)::bigint as "left" """
            for at, rule in enumerate(BLOCKS)
        ),
        records=records,
        made=made,
        came=came,
        bonds=bonds,
    ).rows()


def _ruled(bounds: Bounds) -> str:
    """Return the ``with`` clauses of the blocking rules, over ``made``, ``came`` and ``bonds``.

    Of each rule: ``_held`` who has which value; ``_size`` how many have it; ``_good`` values within the bounds;
    ``_met`` pairs of accounts by a value they both have, and whether it says more than others.
    """
    near = f"x.first - {bounds.days} <= y.last and y.first - {bounds.days} <= x.last"
    rules = {
        "name": (NAMED, bounds.most_alike, "true", "false"),
        "ip": (
            "select n, ip as value, first, last, others from came", bounds.most_behind, near,
            f"x.others <= {bounds.most_near}",
        ),
        "born": (BORN, bounds.most_alike, "true", "false"),
        "site": ("select n, site as value from made where site <> ''", bounds.most_alike, "true", "false"),
        "mention": (MENTIONED, 2, "true", "x.own = 1"),
    }  # fmt: skip
    return ", ".join(
        f"""
        {rule}_held as ({sql}), {rule}_size as (
            select value, count(*) as size from {rule}_held group by value having count(*) > 1
        ), {rule}_good as (
            select value
            from (select *, sum(size * (size - 1) // 2) over (order by size, value) as so_far from {rule}_size)
            where size <= {most} and so_far <= {bounds.most_pairs}
        ), {rule}_met as (
            select x.n as a, y.n as b, value, {more} as more
            from {rule}_held x join {rule}_good using (value) join {rule}_held y using (value)
            where x.n < y.n and {condition}
        )"""
        for rule, (sql, most, condition, more) in ((rule, rules[rule]) for rule in BLOCKS)
    )


def _numbered(rule: str) -> str:
    """Return a ``select`` of who has which values within the bounds of a rule, each value as a number."""
    return f"""
        select n, list(number order by number) as numbers
        from {rule}_held join (
            select value, row_number() over (order by min(n), value) as number
            from {rule}_held semi join {rule}_good using (value) group by value
        ) using (value) group by n
    """


def _shared(rule: str) -> str:
    """Return a ``select`` of what two accounts share by a rule: a number that both of them have, and nobody else."""
    return f"""
        select n, list(number order by number) as numbers, list(number order by number) filter (more) as marked
        from (select unnest([a, b]) as n, number, more
            from (select *, row_number() over (order by a, b, value) as number from {rule}_met))
        group by n
    """


def _listed() -> str:
    """Return the ``with`` clauses of the pairs that each blocking rule gives, over ``records``."""
    return ", ".join(
        f"""
        {rule}_one as (select unique_id as n, {f"unnest({column})" if rule in LISTED else column} as value from records
            where {column} is not null),
        {rule}_pairs as (select distinct x.n as a, y.n as b from {rule}_one x join {rule}_one y using (value)
            where x.n < y.n)"""
        for rule, column in COLUMNS.items()
    )


def _language(text: str) -> str:
    """Return SQL of the code of a language; a number, as some platforms keep, says nothing to another platform."""
    names = " ".join(f"when '{name}' then '{code}'" for name, code in LANGUAGES.items())
    letters = f"regexp_extract(strip_accents(lower({text})), '^[a-z]+')"
    return f"case {letters} {names} else left({letters}, 2) end"
