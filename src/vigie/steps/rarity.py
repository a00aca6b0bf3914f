"""How rare a handle is: how likely one who knows nothing of the other comes upon the same.

A Markov model of characters, as Perito, Castelluccia, Kaafar and Manils use one ("How unique and traceable are
usernames?", PETS 2011), of up to four characters before, with what shorter ones say mixed in by Witten and Bell's rule
(1991, method C). It learns from the handles of the case, each once and never from the one it judges, and from words
that are common everywhere and pairs of them, so that ``alexander`` and ``amberfox`` are no rare handles in a case of
fifty accounts. It errs to the side of common: no character is worth more than ``log2(LETTERS)`` bits.
"""

import functools
import typing as t

from vigie.kernel.table import Table, columns, query
from vigie.rows.base import Row
from vigie.rows.persons import Identifier

BEFORE: t.Final = 4
"""Characters before that are looked at."""
LEARNT: t.Final = 200_000
"""Handles that the model learns from at most: those with the smallest digests."""
LETTERS: t.Final = 64
"""Characters that handles are made of, about: each has at least this share at each place."""
PAIRED: t.Final = 10
"""Each word is taught with so many others after it."""
WORDS: t.Final = """
aaron adam adrian alan albert alejandro alex alexander alexandra alexis alfred alice alina alison amanda amelia amy
ana andrea andreas andrei andrew andy angel angela anita anna anne anthony antonio april arthur ashley barbara ben
benjamin bernard bill bob boris brandon brian bruno carl carla carlos carmen caroline catherine charles charlie
charlotte chris christian christina christine christopher claire claudia craig cristina dan daniel daniela danny dave
david dean deborah denis dennis diana diego dmitry dominic donald douglas edward elena elizabeth ella emily emma eric
erik eva evan felix fernando florian francesco francis frank fred gabriel gary george gerald giovanni giulia grace
greg gregory hannah hans harry heather heinz helen helena henry howard hugo ian igor irina isabel isabella ivan jack
jacob jake james jan jane jason jean jeff jeffrey jennifer jeremy jessica jim joan joe joel johann john johnny
jonathan jordan jorge jose joseph josh joshua juan julia julian julie justin karen karl kate katherine kathy katie
keith kelly ken kenneth kevin kim klaus kyle larry laura lauren lee leo leon leonardo lewis linda lisa louis lucas
lucia lucy luis luke marc marco marcus margaret maria marie marina mario mark marta martin mary mateo matt matthew max
megan melissa michael michel michelle miguel mike mikhail milan monica natalia natasha nathan nicholas nick nicolas
nicole nikita nina noah nora oleg oliver olivia oscar pablo pamela patricia patrick paul paula pavel pedro peter
philip philippe pierre rachel ralph ramon ray raymond rebecca ricardo richard rick robert roberto robin roger roland
roman ron ronald rose ross roy russell ruth ryan sam samantha samuel sandra sara sarah scott sean sebastian sergei
sergey sergio sharon simon sofia sophia sophie stefan stefano stephanie stephen steve steven stuart susan suzanne
svetlana sylvia tanya teresa terry thomas tim timothy tina todd tom tommy tony tracy valentina vanessa vera veronica
victor victoria vincent vladimir walter wayne wendy werner will william yuri zoe adams anderson bailey baker becker
bell bennett brown campbell carter clark collins cook cooper cruz davis diaz dubois edwards evans fischer fernandez
flores garcia gomez gonzalez green hall harris hernandez hill hoffmann hughes ivanov jackson jansen jensen johnson
jones keller koch kowalski kumar larsen lopez martinez mendes meyer miller mitchell moore moreau morgan morris mueller
muller murphy nelson nguyen nielsen nowak novak parker patel perez petrov phillips popov ramirez richter rivera
roberts robinson rodriguez rogers rossi ruiz russo sanchez santos schmidt schneider schulz silva singh smirnov smith
stewart taylor thompson torres turner visser wagner walker ward watson weber williams wilson wolf wright young
zimmermann admin alien amber apple arrow baby bad bear beast big bird black blade blood blue boss boy bug bull
butterfly captain cat chaos cherry chief coder cold cool cosmic crazy crow crystal cyber dad daddy dark dawn dead
death demon devil diamond doc doctor dog dragon dragonfly dream eagle earth electric evil falcon fire fish flash
flower fox freak free frost funny gamer games ghost girl glass gold golden great grey guy hacker happy hawk heart hell
hero hunter ice iron jaguar joker jungle killer king kitty knight lady legend leopard light lightning lion little lone
lord lost love lucky lunar mad magic man mask master matrix metal midnight mister mom monkey monster moon mountain mr
music mystic neo night nightmare ninja nobody north nova ocean old omega one orange panda panther phantom phoenix pink
pirate player poison pretty prince princess pro punk purple queen quick rabbit racer rage rain rainbow random raven
real rebel red rider river robot rock rocker rocket rogue royal sad samurai savage scorpion sea shadow shark sharp
silent silver sky slayer sleepy smart smoke snake sniper snow soldier solo soul south space spider spirit star stealth
steel stone storm stranger strong sugar summer sun super sweet sword tech the thunder tiger titan toxic true ultra
unicorn user vampire venom viper void warrior water wave white wild wind winter witch wizard world xxx zero zombie
zone 123 1234 12345 007 111 222 333 666 777 888 999 2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 2010 2011 2012
2013 2014 2015 2016 2017 2018 2019 2020 1960 1965 1970 1972 1974 1975 1976 1977 1978 1979 1980 1981 1982 1983 1984
1985 1986 1987 1988 1989 1990 1991 1992 1993 1994 1995 1996 1997 1998 1999
""".split()  # noqa: SIM905 - a list of words is read more easily as text
"""Given names, family names, words and numbers of which handles are made all over the world; written for this file."""


class _Word(Row, frozen=True, kw_only=True):
    """A word to learn from."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("value",)
    value: str


class _Rarity(Row, frozen=True, kw_only=True):
    """A handle and how much it would surprise; thousandths of a bit, for sums of floats depend on their order."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("value",)
    value: str
    millibits: int


@functools.cache
def commonplace() -> list[str]:
    """Return words that are common everywhere, and pairs of them."""
    n = len(WORDS)
    pairs = (one + WORDS[(37 * i + 101 * j) % n] for i, one in enumerate(WORDS) for j in range(PAIRED))
    return sorted({*WORDS, *pairs})


def rarity(identifiers: Table[Identifier]) -> Table[_Rarity]:
    """Return how rare each handle is that several accounts bear."""
    borne = query(
        _Word,
        "select value from i where kind = 'handle' group by value having count(*) > 1",
        i=identifiers,
    )
    if not len(borne):
        return columns(_Rarity, value=[], millibits=[])
    inner = "judged"
    for k in range(BEFORE + 1):
        # p<k>: how likely the next character is, knowing k before it; counts without what the handle itself taught.
        times, all_ = f"greatest(coalesce(f{k}.n, 0) - own, 0)", f"greatest(coalesce(c{k}.n, 0) - own, 0)"
        kinds, below = f"coalesce(c{k}.kinds, 0)", f"p{k - 1}" if k else f"1.0 / {LETTERS}"
        inner = f"""(
            select g.*, case when {all_} + {kinds} = 0 then {below}
                else ({times} + {kinds} * {below}) / ({all_} + {kinds}) end as p{k}
            from {inner} g
            left join follows f{k} on f{k}.k = {k} and f{k}.before = right(g.before, {k}) and f{k}.next = g.next
            left join contexts c{k} on c{k}.k = {k} and c{k}.before = right(g.before, {k}))"""
    return query(
        _Rarity,
        f"""
        with sampled as (
            select distinct on (sha256(value)) value from identifiers where kind = 'handle'
            order by sha256(value) limit {LEARNT}
        ), taught as (
            select value, 1 as weight from sampled
            union all
            -- A third of what is learnt at least.
            select value, greatest((select count(*) from sampled) // (2 * (select count(*) from words)), 1) from words
        ), places as (
            select weight, chr(2) || value || chr(3) as text, unnest(range(2, length(value) + 3)) as i from taught
        ), follows as (
            select k, right({_before("text")}, k) as before, substr(text, i, 1) as next, sum(weight)::bigint as n
            from places, range({BEFORE + 1}) r(k) where k < i group by all
        ), contexts as (
            select k, before, sum(n)::bigint as n, count(*) as kinds from follows group by k, before
        ), shared as (
            select value, (value in (select value from sampled))::int as own, chr(2) || value || chr(3) as text
            from borne
        ), judged as (
            select value, own, {_before("text")} as before, substr(text, i, 1) as next
            from (select *, unnest(range(2, length(text) + 1)) as i from shared)
        )
        select value,
            sum(cast(round(-1000 * log2(greatest(p{BEFORE}, 1.0 / {LETTERS}))) as bigint))::bigint as millibits
        from {inner} group by value
        """,
        identifiers=identifiers,
        borne=borne,
        words=columns(_Word, value=commonplace()),
    )


def _before(text: str) -> str:
    return f"substr({text}, greatest(i - {BEFORE}, 1), least(i - 1, {BEFORE}))"
