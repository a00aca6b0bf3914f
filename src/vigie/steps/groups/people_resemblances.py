"""Which accounts that no identifier ties may still be one person's: an inference, scored and explained."""

import typing as t

import numpy as np

from vigie.kernel.linked import scorer
from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, columns, of, query
from vigie.numeric.linkage import Floats, Ints, Session, fit
from vigie.rows.base import Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address, Located
from vigie.rows.people import Account
from vigie.rows.persons import Alias, Bond, Identifier, Parameter, Resemblance, Weighing
from vigie.rows.roles import Activity
from vigie.steps.candidates import SAME, Bounds, known, left, pairs, seen, traits
from vigie.steps.comparisons import BLOCKS, COMPARISONS, MOST_LEVELS
from vigie.steps.copied import one_of_each
from vigie.steps.weighing import scores, whole


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


class _Meaning(Row, frozen=True, kw_only=True):
    """What a level means; comparisons count from 1, 0 is what any two accounts begin with."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("nth", "level")
    nth: int
    level: int
    comparison: str
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
    and from pairs that exact bonds tie. By that Splink finds, compares and weighs pairs (``kernel.linked``). These are
    never merged with persons.
    """
    once = one_of_each(layers, remnants, accounts=accounts)
    made = traits(once["accounts"], identifiers, bonds, aliases, activities, params.hours)
    came = seen(made, addresses, located)
    records = known(made, came, bonds, params.bounds())
    patterns = _patterns(pairs(records, made, params.random_pairs))
    learnt = _learnt(patterns, len(made), _pairs_of_persons(aliases), params)
    parameters = _parameters(learnt, left(records, made, came, bonds, params.bounds()), params)
    weighed = scores(records, parameters, params.likely, params.possible, accounts.room)
    kept = query(Resemblance, _KEPT, scores=weighed, made=made)
    return kept, query(Weighing, _WEIGHED, scores=weighed, kept=kept, made=made, meanings=_meanings()), parameters


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


def _meanings() -> Table[_Meaning]:
    rows = [(0, -1, "prior", "what any two accounts begin with: few pairs are of one person")]
    for at, one in enumerate(COMPARISONS, start=1):
        rows.append((at, -1, one.name, "one of them does not say"))
        rows += ((at, n, one.name, level.text) for n, level in enumerate(one.levels))
    names = ("nth", "level", "comparison", "text")
    return columns(_Meaning, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


_KEPT: t.Final = """
    select x.platform as platform_a, x.account as account_a, y.platform as platform_b, y.account as account_b,
        x.name as name_a, y.name as name_b, weight_bits, probability, verdict, "by"
    from scores join made x on x.n = unique_id_l join made y on y.n = unique_id_r
"""
_WEIGHED: t.Final = """
    with told as (
        select k.key as resemblance, unnest(range(len(levels))) as nth, unnest(levels) as level, unnest(bits) as bits
        from scores join made x on x.n = unique_id_l join made y on y.n = unique_id_r
        join kept k on k.platform_a = x.platform and k.account_a = x.account
            and k.platform_b = y.platform and k.account_b = y.account
    )
    select resemblance, comparison, level, bits, text from told join meanings using (nth, level)
"""


def _parameters(model: _Model, left: list[t.Any], params: Resembling) -> Table[Parameter]:
    prior, _ = whole(model.prior, 1 - model.prior)
    rows = [
        _parameter("scorer", 0, scorer()),
        _parameter("threshold", 0, "possible", m=min(params.possible, params.likely)),
        _parameter("threshold", 1, "likely", m=params.likely),
        _parameter("prior", 0, "any two accounts", m=prior, u=1.0),
    ]
    for at, one in enumerate(COMPARISONS):
        for n, level in enumerate(one.levels):
            m, u = whole(_short(model.m[at, n]), _short(model.u[at, n]))
            rows.append(_parameter(one.name, n, level.text, m=m, u=u, pairs=int(model.pairs[at, n])))
    names = list(BLOCKS)
    rows += (
        _parameter(
            "block", one.rule, names[one.rule], m=_short(model.matches[one.rule]), pairs=one.pairs, left=one.left
        )
        for one in left
    )
    return of(Parameter, rows)


def _parameter(
    comparison: str, level: int, name: str, *, m: float = 0.0, u: float = 0.0, pairs: int = 0, left: int = 0
) -> Parameter:
    return Parameter.make(comparison=comparison, level=level, name=name, m=m, u=u, pairs=pairs, left=left)


def _short(share: float) -> float:
    return float(f"{share:.9g}")
