"""Which accounts hold the same identifier, and whether that makes them one person."""

import typing as t

import msgspec

from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, columns, query
from vigie.rows.base import Row
from vigie.rows.persons import Bond, Identifier, Shared
from vigie.steps.rarity import rarity

CALLED: t.Final = {
    "btc": "Bitcoin wallet", "device": "device", "doge": "Dogecoin wallet", "email": "e-mail address",
    "eth": "Ethereum wallet", "external": "account elsewhere", "handle": "handle", "iban": "bank account",
    "icq": "ICQ number", "jabber": "Jabber address", "ltc": "Litecoin wallet", "messenger": "messenger account",
    "payer": "account with the payment processor", "paypal": "PayPal account", "pgp": "PGP key",
    "phone": "phone number", "trx": "Tron wallet", "wallet": "wallet", "website": "website", "xmr": "Monero wallet",
}  # fmt: skip
"""What a kind is called; another is the messenger of that name."""
WEAK: t.Final = ("website",)
"""Kinds that many share by their nature, and that never tie."""


class Bonding(Params, frozen=True):
    """Settings."""

    most_own: Count = 10
    """An identifier that more accounts hold as theirs is a shared mailbox, the platform's own wallet or the like: it
    ties nobody, and is listed as ``common``. A judgement; ``vigie show CASE shared`` shows whom it concerns."""
    most_claimed: Count = 5
    """A claim in a text ties only where no more accounts than this write the identifier at all: what many write is not
    the writer's."""
    most_hint: Count = 20
    """An identifier that more accounts hold in any way hints at nobody."""
    most_chance: t.Annotated[float, msgspec.Meta(gt=0)] = 1e-4
    """A handle on two platforms ties where fewer other people than this are expected to have come upon it: those that
    could, times how likely one is to (``steps/rarity.py``)."""
    people: Count = 10_000
    """Others that could come upon a handle: as many as the case has accounts, and so many at least."""


class _Chance(Row, frozen=True, kw_only=True):
    """A handle and how many other people are expected to have come upon it."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("value",)
    value: str
    chance: float


@stage(split=None)
def bonds(identifiers: Table[Identifier], params: Bonding) -> tuple[Table[Shared], Table[Bond]]:
    """Judge each identifier that several accounts hold, and tie the accounts to the one that holds it best.

    Between accounts that hold it as theirs the bond is ``exact`` where the identifier ``ties``; all others are hints.
    One side at least has stated it or paid with it: what two only claim in texts may be a third's whom both name.
    A handle ties across platforms only, where it is rare, and where no platform has it twice.
    """
    rare = rarity(identifiers)
    chances = query(
        _Chance,
        f"""
        select value, greatest({params.people}, (select count(distinct (platform, account)) from identifiers))
            * pow(2.0, -millibits / 1000.0) as chance
        from rare
        """,
        rare=rare,
        identifiers=identifiers,
    )
    shared = query(Shared, _SHARED.format(weak=_list(WEAK), **msgspec.structs.asdict(params)), i=identifiers, c=chances)
    called = columns(_Called, kind=list(CALLED), name=list(CALLED.values()))
    return shared, query(Bond, _BONDS.format(**msgspec.structs.asdict(params)), i=identifiers, s=shared, called=called)


class _Called(Row, frozen=True, kw_only=True):
    """A kind and what people call it."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("kind",)
    kind: str
    name: str


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in names)


_SHARED: t.Final = """
    with held as (
        select kind, value, platform,
            count(*) filter (where holding in ('stated', 'paid')) as sure,
            count(*) filter (where holding = 'claimed') as claimed, count(*) as n
        from i group by kind, value, platform
    ), met as (
        select kind, value, sum(sure)::bigint as sure, sum(claimed)::bigint as claimed, sum(n)::bigint as n,
            count(*) as platforms, max(n) as crowd
        from held group by kind, value having sum(n) > 1
    ), judged as (
        select m.*, coalesce(c.chance, 0.0) as chance,
            sure + case when n <= {most_claimed} then claimed else 0 end as own,
            m.kind in ({weak}) or m.kind = 'phone' and not starts_with(m.value, '+') as weak
        from met m left join c on c.value = m.value and m.kind = 'handle'
    )
    select kind, value, case
            when own > {most_own} or own < 2 and n > {most_hint} then 'common'
            when own < 2 or sure = 0 or weak then 'hint'
            when kind <> 'handle' then 'ties'
            when crowd > 1 or chance > {most_chance} then 'hint'
            else 'ties' end as verdict,
        own, n - own as others, platforms, chance, case
            when own > {most_own} then format('{{}} accounts hold it as theirs, more than {most_own}: it belongs to'
                || ' none of them alone.', own)
            when own < 2 and n > {most_hint} then format('{{}} accounts write it, more than {most_hint}.', n)
            when own = 0 then 'They only write it; none says that it is its own.'
            when own = 1 then 'One holds it as its own, others only write it.'
            when sure = 0 then format('{{}} accounts claim it in texts; none of them states it or pays with it.', own)
            when kind = 'phone' and weak then 'The number has no country: two may be different lines.'
            when weak then 'Many share such a thing.'
            when kind <> 'handle' then format('{{}} accounts hold it as theirs.', own)
            when crowd > 1 then 'One platform has it twice; there a name is taken by one account only.'
            when chance >= 1 then format('It is a common handle: {{:,}} other people are expected to have come upon'
                || ' it.', round(chance)::bigint)
            else format('It is a {{}} handle: {{}} other people are expected to have come upon it.',
                case when chance > {most_chance} then 'not so rare' else 'rare' end, printf('%.1e', chance)) end as text
    from judged
"""
_BONDS: t.Final = """
    with ranked as (
        select i.*, s.verdict, s.own as owners, s.own + s.others as n, s.text as why,
            list_position(['stated', 'paid', 'claimed', 'mentioned', 'quoted'], holding) as place,
            holding in ('stated', 'paid') or holding = 'claimed' and s.own + s.others <= {most_claimed} as own,
            coalesce(c.name, i.kind || ' account') as name
        from i join s using (kind, value) left join called c on c.kind = i.kind
        where s.verdict <> 'common' and (s.own + s.others <= {most_hint} or holding in ('stated', 'paid', 'claimed'))
    ), placed as (
        select *, (platform, account, holding, key) as me,
            first_value((platform, account, holding, key)) over best as hub, row_number() over best as nth
        from ranked window best as (partition by kind, value order by not own, place, platform, account)
    ), pairs as (
        select *, verdict = 'ties' and own as exact, least(me, hub) as a, greatest(me, hub) as b
        from placed where nth > 1 and (verdict = 'ties' and own or n <= {most_hint})
    )
    select a[1] as platform_a, a[2] as account_a, b[1] as platform_b, b[2] as account_b, kind, value,
        if(exact, 'exact', 'hint') as strength, a[3] as holding_a, b[3] as holding_b,
        a[4] as identifier_a, b[4] as identifier_b,
        format('Both hold this {{}} ({{}}). {{}}', name,
            if(a[3] = b[3], a[3], format('one {{}}, the other {{}}', a[3], b[3])), why) as text
    from pairs
"""
