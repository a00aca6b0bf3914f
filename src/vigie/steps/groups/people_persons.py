"""Accounts that are one person's: connected by exact bonds, and by nothing else."""

import typing as t

import numpy as np

from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, columns, query
from vigie.numeric.union import components
from vigie.rows.base import Key, Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import Account
from vigie.rows.persons import Alias, Bond, Person
from vigie.steps.copied import one_of_each


class Persons(Params, frozen=True):
    """Settings."""

    largest: Count = 20
    """A person of more accounts is doubted in words: one identifier wrongly held chains what it touches. Nothing is
    cut, since an exact bond is a fact of the dump; whether to believe it is for somebody to say."""
    shown: Count = 5
    """Names listed beside a person."""


class _Met(Row, frozen=True, kw_only=True):
    """An account that a bond names, and its place among them."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("place",)
    place: int
    platform: Key
    account: str


class _Pair(Row, frozen=True, kw_only=True):
    """Two places: the ends of a bond, or a place and the first one of its person."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b")
    a: int
    b: int


@stage(split=None)
def persons(
    accounts: Table[Account],
    bonds: Table[Bond],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Persons,
) -> tuple[Table[Person], Table[Alias]]:
    """Put accounts that exact bonds connect into one person each; hints and resemblances are not looked at."""
    met = query(
        _Met,
        """
        select row_number() over (order by platform, account) - 1 as place, platform, account from (
            select platform_a as platform, account_a as account from b where strength = 'exact'
            union select platform_b, account_b from b where strength = 'exact'
        )
        """,
        b=bonds,
    )
    pairs = query(
        _Pair,
        """
        select x.place as a, y.place as b from b
        join met x on x.platform = platform_a and x.account = account_a
        join met y on y.platform = platform_b and y.account = account_b
        where strength = 'exact'
        """,
        b=bonds,
        met=met,
    )
    first = components(len(met), pairs.column("a"), pairs.column("b"))
    roots = columns(_Pair, a=np.arange(len(met)), b=first)
    named = one_of_each(layers, remnants, a=accounts)
    people = _PERSONS.format(largest=params.largest, shown=params.shown)
    made = query(Person, people, bonds=bonds, met=met, roots=roots, **named)
    return made, query(Alias, _ALIASES, bonds=bonds, met=met, roots=roots, persons=made, **named)


_MEMBERS: t.Final = """
    named as (
        select platform, id as account, min(name) as name from a where name <> '' group by platform, id
    ), members as (
        select m.platform, m.account, coalesce(n.name, '') as name, f.platform as of_platform, f.account as of_account
        from met m join roots r on r.a = m.place join met f on f.place = r.b
        left join named n on n.platform = m.platform and n.account = m.account
    )
"""
_PERSONS: t.Final = f"""
    with {_MEMBERS}, held as (
        select m.of_platform, m.of_account, count(*) as bonds, string_agg(distinct kind, ', ' order by kind) as kinds
        from bonds b join members m on m.platform = b.platform_a and m.account = b.account_a
        where strength = 'exact' group by all
    ), counted as (
        select of_platform, of_account, count(*) as accounts, count(distinct platform) as platforms,
            array_to_string(list_sort(list_distinct(list(name) filter (where name <> '')))[:{{shown}}], ', ') as handles
        from members group by all
    )
    select of_platform as platform, of_account as account, accounts, platforms, bonds, kinds,
        coalesce(handles, '') as handles,
        case when accounts > {{largest}} then format('It holds {{{{}}}} accounts: one identifier'
            || ' wrongly held chains so many. Look at its bonds before you rely on it.', accounts) else '' end as doubt
    from counted join held using (of_platform, of_account)
"""
_ALIASES: t.Final = f"""
    with {_MEMBERS}, held as (
        select platform, account, min(bond) as bond from (
            select platform_a as platform, account_a as account, key as bond from bonds where strength = 'exact'
            union all select platform_b, account_b, key from bonds where strength = 'exact'
        ) group by platform, account
    )
    select m.platform, m.account, m.name, p.key as person, h.bond
    from members m join persons p on p.platform = m.of_platform and p.account = m.of_account
    join held h on h.platform = m.platform and h.account = m.account
"""
