"""What names whoever is behind an account: of its profile, its texts, its payments and its sessions."""

import typing as t

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, columns, query, together
from vigie.rows.base import Key, Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import Account, Event, Mention, Message, Payment, Post, Profile
from vigie.rows.persons import Identifier
from vigie.steps.copied import all_states
from vigie.steps.normal_forms import MESSENGERS, WALLETS, folded, form, plain, says_something

OWN: t.Final = (
    r"(^|[^\pL])(my|mine|me|i|i'm|myself|contact|reach|(write|mail|message|talk|send) to"
    r"|mon|ma|mes|moi|mein\w*|mich|mir|mi|mis|mío|meu|minha|mijn|mio|mia"
    r"|мой|моя|мне|меня)([^\pL]|$)"
)
"""Words for oneself beside an identifier. With one it is claimed, without it is only mentioned."""
OTHERS: t.Final = (
    r"(^|[^\pL])(he|his|him|she|her|hers|they|their|them|your|yours|our|friend|someone|somebody|seller|vendor|support"
    r"|staff|admin|moderator|son|sa|ses|leur|sein\w*|ihr\w*|su|sus|seu|sua|zijn|suo|sua|его|её|их)([^\pL]|$)"  # noqa: RUF001 - Russian
)
"""Words for somebody else: with one it is not claimed."""
HOLDINGS: t.Final = ("stated", "paid", "claimed", "mentioned", "quoted")
PLACES: t.Final = ("url", "onion", "btctest", "descriptor", "txid", "bolt11", "bip21")
"""Kinds of mentions that name a place or an event and not a person: thousands write the same link."""
PRINTABLE: t.Final = "[ -~]*"


class _Form(Row, frozen=True, kw_only=True):
    """A name beyond ASCII and its normal form: DuckDB has no NFKC."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("name",)
    name: str
    form: str


class _Said(Row, frozen=True, kw_only=True):
    """One place where an account says, or writes, what may name it."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform",)
    platform: Key
    account: str
    kind: str
    written: str
    holding: str
    checked: bool
    relation: str
    number: int
    context: str
    value: str


@stage(split=None)
def identifiers(
    accounts: Table[Account],
    profiles: Table[Profile],
    mentions: Table[Mention],
    posts: Table[Post],
    messages: Table[Message],
    payments: Table[Payment],
    events: Table[Event],
    layers: Table[Layer],
    remnants: Table[Remnant],
) -> Table[Identifier]:
    """List what names each account, how often, where best and first, and whether it says it of itself.

    An address that was paid *to* is the platform's and names no member; one that the platform paid *out* to does. What
    an older copy of a platform says otherwise is read, too.
    """
    names = query(
        _Form,
        f"select distinct name, '' as form from a where not regexp_full_match(name, '{PRINTABLE}')",
        a=accounts,
    )
    raw = [one.name for one in names]
    forms = columns(_Form, name=raw, form=[folded(one) for one in raw]) if raw else names
    read = all_states(
        layers, remnants, accounts=accounts, profiles=profiles, mentions=mentions, posts=posts, messages=messages,
        payments=payments, events=events,
    )  # fmt: skip
    said = query(_Said, _said(), forms=forms, **read)
    parts = (query(Identifier, _counted(kinds), said=said) for kinds in _DIVIDED)
    return together(Identifier, parts, accounts.room)


_DIVIDED: t.Final = ("kind = 'handle'", "kind = 'email'", "kind not in ('handle', 'email')")
"""Nearly each account has a handle and an address. They are counted apart, for all at once do not fit in memory."""


def _counted(kinds: str) -> str:
    """Return the ``select`` of identifiers of some kinds: how often each is held, and where best and first.

    Of what is written twice in one place both rows are the best. Which are such is known by how many rows there are.
    """
    best = """select c.* exclude (o, rows, alike), p.written, p.holding, p.relation, p.number, p.context
        from counted c join placed p on p.platform = c.platform and p.account = c.account and p.kind = c.kind
            and p.value = c.value and p.o = c.o"""
    twice = "(c.rows > 2 or c.rows = 2 and c.alike)"
    return f"""
        with named as (
            -- One row of all names: a join by them would hold all that is said in a few heaps, none of which fits.
            select list(relation order by relation) as names from (select distinct relation from said)
        ), placed as not materialized (
            -- Best and first as one number, since structs are slow to compare: holding, table, row, what is written.
            select s.*, ((list_position({list(HOLDINGS)!r}, holding) * 65536
                    + list_position((select names from named), relation))::hugeint << 90)
                + (number::hugeint << 45) + (hash(written, context) >> 20)::hugeint as o
            from said s where {kinds}
        ), counted as materialized (
            -- States of fixed size, which can be put aside: texts kept for millions of groups could not.
            select platform, account, kind, value, min(o) as o,
                count(*) filter (where holding in ('stated', 'paid')) as stated,
                count(*) filter (where holding = 'claimed') as claimed,
                count(*) filter (where holding = 'mentioned') as mentioned,
                count(*) filter (where holding = 'quoted') as quoted, bool_or(checked) as checked,
                count(*) as rows, min(o) = max(o) as alike
            from placed where {says_something("kind", "value")} group by platform, account, kind, value
        )
        {best} where not {twice}
        union all
        select distinct * from ({best} where {twice})
    """


def _said() -> str:
    messenger = " ".join(f"when contains(lower(name), '{one}') then '{one}'" for one in MESSENGERS)
    wallet = " ".join(f"when regexp_full_match(trim(value), '{one}') then '{kind}'" for kind, one in WALLETS.items())
    wallet = f"case {wallet} else 'wallet' end"
    called = "lower(regexp_replace(name, '^(user|pf|phpbb|field)_', '')) || ':' || trim(value)"
    return rf"""
        with writers as (
            select distinct platform, relation, number, account, own from (
                select platform, relation, number, id as account, true as own from accounts
                union all select platform, relation, number, account, true from profiles
                union all select platform, relation, number, account, false from posts
                union all select platform, relation, number, account, false from messages
            ) semi join mentions using (platform, relation, number) where account <> ''
        ), stated as (
            select platform, account, relation, number, value, case
                    when kind = 'messenger' then case {messenger} else 'messenger' end
                    when kind = 'wallet' then {wallet}
                    when kind = 'payment' then case when contains(value, '@') then 'email' else 'payer' end
                    else kind end as kind,
                {called} as called
            from profiles
            where kind in ('email', 'phone', 'messenger', 'wallet', 'payment', 'device', 'external', 'website')
        ), paid as (
            select *, address as value, payer like '%@%' as mail from payments
        ), said as (
            select platform, id as account, 'email' as kind, email as written, 'stated' as holding, false as checked,
                relation, number, '' as context
            from accounts where email <> ''
            union all
            select platform, account, kind, if(kind in ('messenger', 'payer', 'external'), called, value), 'stated',
                false, relation, number, ''
            from stated where trim(value) <> ''
            union all
            select platform, account, if(mail, 'email', 'payer'), if(mail, payer, processor || ':' || payer), 'paid',
                false, relation, number, ''
            from paid where payer <> ''
            union all
            select platform, account, {wallet}, value, 'paid', false, relation, number, ''
            from paid where value <> '' and direction = 'out'
            union all
            select platform, account, 'device', device, 'stated', false, least[1], least[2], ''
            from (select platform, account, device, min((relation, number)) as least from events where device <> ''
                group by platform, account, device)
            union all
            select m.platform, w.account, m.kind, m.value, case
                    when m.quoted then 'quoted'
                    when w.own then 'stated'
                    when regexp_matches(lower(m.context), {_text(OWN)})
                        and not regexp_matches(lower(m.context), {_text(OTHERS)}) then 'claimed'
                    else 'mentioned' end,
                m.checked, m.relation, m.number, m.context
            from mentions m join writers w using (platform, relation, number)
            where m.kind not in {PLACES!r}
        )
        select '................'::blob as key, *, {form("kind", "written")} as value from said where account <> ''
        union all
        select '................'::blob, a.platform, a.id, 'handle', a.name, 'stated', false, a.relation, a.number, '',
            coalesce(f.form, {plain("a.name")})
        from accounts a left join forms f on f.name = a.name
        where a.id <> '' and a.technical = '' and a.state not in ('bot', 'deleted')
    """


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
