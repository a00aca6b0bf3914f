"""Which accounts that no identifier ties may still be one person's: an inference, scored and explained."""

import typing as t

import numpy as np

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, columns, of, query
from vigie.numeric.linkage import Floats, Ints, Session, fit
from vigie.rows.base import Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address, Located
from vigie.rows.people import Account
from vigie.rows.persons import Alias, Bond, Identifier, Parameter, Resemblance, Weighing
from vigie.rows.roles import Activity
from vigie.steps.candidates import SAME, Bounds, pairs, seen, traits
from vigie.steps.comparisons import BLOCKS, COMPARISONS, CONTACT, HOME, MOST_LEVELS, NAMES
from vigie.steps.copied import one_of_each
from vigie.steps.weights import Weights, level_of, summed, weights, worth_of


class Resembling(Params, frozen=True):
    """Settings. What the thresholds are worth is measured in ``docs/persons.md``."""

    likely: Share = 0.95
    """Probability by the model from which on a pair is ``likely``."""
    possible: Share = 0.3
    """... and ``possible``; pairs below are not kept. Below 0.5, since what the model says of addresses alone is too
    low: their u counts pairs of one person as pairs of two."""
    found: Share = 0.5
    """Share of the pairs of one person that exact bonds find, as guessed: it makes how many are left to find."""
    most_alike: Count = 8
    """A name, website or birthday with time zone and language that more accounts have is not looked at ..."""
    most_behind: Count = 6
    """... nor an address that more accounts came from: it is a carrier's, a school's, a relay's. Those that a database
    of networks flags are never looked at (``vigie geo add``)."""
    most_near: Count = 3
    """An address counts for little when more accounts than so many came from others of its network (/24)."""
    days: Count = 3
    """Two that came from one address within so many days of each other shared it."""
    most_pairs: Count = 1_000_000
    """Of one blocking rule; those whose trait is rarest first."""
    random_pairs: Count = 500_000
    """Pairs of any accounts on which is counted how often two people agree by chance."""
    hours: Count = 20
    """Hours of different days that must be known of an account before its hours are compared."""
    guess_pairs: Count = 20
    """How many pairs the guess of what one person's accounts share counts for, beside what the case teaches."""

    def bounds(self) -> Bounds:
        """Return how rare a trait must be."""
        return Bounds(self.most_alike, self.most_behind, self.most_near, self.days, self.most_pairs)


SURE: t.Final = 5
"""Random pairs at a level from which on their share is taken for it."""


class _Pattern(Row, frozen=True, kw_only=True):
    """How many pairs of a rule have the same levels."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("rule", "levels")
    rule: int
    levels: str
    pairs: int


class _Bits(Row, frozen=True, kw_only=True):
    """What a level weighs."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("at", "level")
    at: int
    level: str
    comparison: str
    millibits: int
    text: str


@stage(split=None)
def resemblances(
    accounts: Table[Account],
    identifiers: Table[Identifier],
    bonds: Table[Bond],
    aliases: Table[Alias],
    activities: Table[Activity],
    addresses: Table[Address],
    located: Table[Located],
    layers: Table[Layer],
    remnants: Table[Remnant],
    params: Resembling,
) -> tuple[Table[Resemblance], Table[Weighing], Table[Parameter]]:
    """Compare accounts that share a trait few have, and keep the pairs that the model thinks are one person's.

    What matching pairs share is learnt from the case: by expectation-maximisation on the pairs of each blocking rule,
    and from pairs that exact bonds tie. These are never merged with persons.
    """
    once = one_of_each(layers, remnants, accounts=accounts)
    made = traits(once["accounts"], identifiers, bonds, aliases, activities, params.hours)
    found, left = pairs(made, seen(made, addresses, located), bonds, params.bounds(), params.random_pairs)
    parameters = _parameters(_learnt(_patterns(found), len(made), _pairs_of_persons(aliases), params), left)
    worth = weights(parameters)
    kept = query(Resemblance, _scored(worth, params), found=found, made=made)
    weighed = query(Weighing, _WEIGHED, kept=kept, found=found, made=made, bits=_bits(worth))
    return kept, weighed, parameters


class _Model(t.NamedTuple):
    """What was learnt."""

    prior: float
    """Share of all pairs of accounts that are of one person and not tied yet."""
    m: Floats
    u: Floats
    matches: Floats
    """Of each blocking rule."""
    pairs: Ints
    """Candidates at each level."""


def _patterns(found: Table[t.Any]) -> Table[_Pattern]:
    """Return one row for each rule and pattern, sorted: the same pairs, the same order, the same sums."""
    return query(
        _Pattern,
        f"""
        select rule, levels, count(*) as pairs
        from found, range({len(BLOCKS) + 2}) r(rule)
        where rules & (1 << rule) <> 0 and (rule = {len(BLOCKS)} or rules & {SAME} = 0)
        group by rule, levels
        union all
        select -1, levels, count(*) from found where rules & {SAME - 1} <> 0 and rules & {SAME} = 0 group by levels
        order by rule, levels
        """,
        found=found,
    )


def _pairs_of_persons(aliases: Table[Alias]) -> int:
    (one,) = query(
        _Pattern,
        """
        select 0 as rule, '' as levels, coalesce(sum(n * (n - 1) // 2), 0)::bigint as pairs
        from (select count(*) as n from aliases group by person)
        """,
        aliases=aliases,
    ).rows()
    return one.pairs


def _learnt(patterns: Table[_Pattern], accounts: int, tied: int, params: Resembling) -> _Model:
    rows = patterns.rows()
    texts = sorted({one.levels for one in rows})
    place = {text: at for at, text in enumerate(texts)}
    levels = np.array([[-1 if c == "-" else int(c) for c in text] for text in texts], np.int64)
    levels = levels.reshape(len(texts), len(COMPARISONS))
    counts = np.zeros((len(BLOCKS) + 3, len(texts)), np.int64)  # the last one, -1: all candidates
    for one in rows:
        counts[one.rule, place[one.levels]] = one.pairs
    everything = max(accounts * (accounts - 1) // 2, 1)
    u = _by_chance(levels, counts[len(BLOCKS) + 1], counts[-1], everything)
    guess = np.zeros_like(u)
    for at, comparison in enumerate(COMPARISONS):
        guess[at, : len(comparison.guess)] = comparison.guess
    names = [one.name for one in COMPARISONS]
    # What ties a person is mostly a name or a contact: pairs of persons teach the other comparisons, and those what
    # these two are worth.
    by_name = np.array([name in ("name", "mention") for name in names])
    sessions = []
    for at, answered in enumerate(BLOCKS.values()):
        used = np.array([name not in answered for name in names])
        sessions.append(Session(counts[at], used=used, taught=used & by_name))
    sessions.append(Session(counts[len(BLOCKS)], used=~by_name, taught=~by_name, known=True))
    fitted = fit(levels, sessions, u, guess, params.guess_pairs)
    to_find = max(tied, 1) * (1 - params.found) / max(params.found, 0.01)
    return _Model(
        prior=float(np.clip(to_find / everything, 1e-12, 0.1)),
        m=fitted.m,
        u=u,
        matches=fitted.matches[: len(BLOCKS)],
        pairs=np.array([np.bincount(c[c >= 0], counts[-1][c >= 0], MOST_LEVELS) for c in levels.T], np.int64),
    )


def _by_chance(levels: Ints, random: Ints, candidates: Ints, everything: int) -> Floats:
    """Return the share of pairs of two people at each level: of random pairs, of rare levels of all pairs there are.

    That some of the latter are pairs of one person makes the share too large and the weight too small: the safe side.
    """
    u = np.zeros((len(COMPARISONS), MOST_LEVELS))
    for c, one in enumerate(COMPARISONS):
        n, told = len(one.levels), levels[:, c] >= 0
        met = np.bincount(levels[told, c], random[told], n)
        listed = np.bincount(levels[told, c], candidates[told], n)
        share = (met + 0.5) / (met.sum() + 0.5 * n)
        stated = everything * (met.sum() + 1) / (random.sum() + 1)
        for level in one.listed:
            if met[level] < SURE:
                share[level] = min((listed[level] + 1) / (stated + n), share[level])
        u[c, :n] = share / share.sum()
    return u


def _bits(worth: Weights) -> Table[_Bits]:
    rows = [(0, "", "prior", worth.prior, "what any two accounts begin with: few pairs are of one person")]
    for at, (one, levels) in enumerate(zip(COMPARISONS, worth.levels, strict=True), start=1):
        rows.append((at, "-", one.name, 0, "one of them does not say"))
        rows += ((at, str(n), one.name, levels[n], text) for n, text in enumerate(one.levels))
    names = ("at", "level", "comparison", "millibits", "text")
    return columns(_Bits, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _scored(worth: Weights, params: Resembling) -> str:
    named = " or ".join(_speaks(worth, name) for name in NAMES)
    by = " ".join(f"when rules & {1 << at} <> 0 then '{rule}'" for at, rule in enumerate(BLOCKS))
    return f"""
        with weighed as (
            select a, b, rules, {summed(worth)} as millibits, {named} as named,
                {_speaks(worth, CONTACT)} as written, {worth_of(worth, HOME)} as home
            from found where rules & {SAME - 1} <> 0 and rules & {SAME} = 0
        ), judged as (
            select *, 1 / (1 + pow(2.0, -millibits / 1000.0)) as probability,
                1 / (1 + pow(2.0, (greatest(home, 0) - millibits) / 1000.0)) as without_home
            from weighed
        )
        select x.platform as platform_a, x.account as account_a, y.platform as platform_b, y.account as account_b,
            x.name as name_a, y.name as name_b, millibits / 1000.0 as weight_bits, round(probability, 6) as probability,
            if(named and probability >= {params.likely!r} or written and without_home >= {params.likely!r},
                'likely', 'possible') as verdict, case {by} end as "by"
        from judged join made x on x.n = a join made y on y.n = b
        where probability >= {min(params.possible, params.likely)!r}
    """


def _speaks(worth: Weights, name: str) -> str:
    """Return SQL of whether two accounts agree in something, and that speaks for one person."""
    return f"({level_of(name)} not in ('-', '0') and {worth_of(worth, name)} > 0)"


_WEIGHED: t.Final = f"""
    with told as (
        select k.key as resemblance, f.levels, unnest(range({len(COMPARISONS) + 1})) as nth
        from kept k
        join made x on x.platform = k.platform_a and x.account = k.account_a
        join made y on y.platform = k.platform_b and y.account = k.account_b
        join found f on f.a = x.n and f.b = y.n
    ), asked as (
        select resemblance, nth, if(nth = 0, '', substr(levels, nth, 1)) as level from told
    )
    select a.resemblance, w.comparison, if(w.level in ('', '-'), -1, try_cast(w.level as bigint)) as level,
        w.millibits / 1000.0 as bits, w.text
    from asked a join bits w on w.at = a.nth and w.level = a.level
"""


def _parameters(model: _Model, left: Table[t.Any]) -> Table[Parameter]:
    rows = [Parameter.make(comparison="prior", level=0, name="any two accounts", m=model.prior, u=1.0, pairs=0, left=0)]
    for at, one in enumerate(COMPARISONS):
        rows += (
            Parameter.make(
                comparison=one.name, level=level, name=name, m=_short(model.m[at, level]), u=_short(model.u[at, level]),
                pairs=int(model.pairs[at, level]), left=0,
            )
            for level, name in enumerate(one.levels)
        )  # fmt: skip
    counted = {one.rule: one for one in left}
    rows += (
        Parameter.make(
            comparison="block", level=at, name=rule, m=_short(model.matches[at]), u=0.0, pairs=counted[at].pairs,
            left=counted[at].left,
        )
        for at, rule in enumerate(BLOCKS)
    )  # fmt: skip
    return of(Parameter, rows)


def _short(share: float) -> float:
    return float(f"{share:.9g}")
