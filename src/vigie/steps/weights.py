"""What each answer weighs, and what a pair weighs in all."""

import math
import typing as t

from vigie.rows.persons import Parameter
from vigie.steps.comparisons import COMPARISONS


class Weights(t.NamedTuple):
    """In thousandths of a bit, so that sums are whole numbers and the same in any order."""

    prior: int
    levels: tuple[tuple[int, ...], ...]
    """Of each comparison, of each level from 0."""


def weights(parameters: t.Iterable[Parameter]) -> Weights:
    """Return the weights of what a case learnt: a score is made of nothing else."""
    known = {(one.comparison, one.level): one for one in parameters}
    prior = known["prior", 0].m
    return Weights(
        _millibits(prior, 1 - prior),
        tuple(
            tuple(_millibits(known[one.name, level].m, known[one.name, level].u) for level in range(len(one.levels)))
            for one in COMPARISONS
        ),
    )


def _millibits(m: float, u: float) -> int:
    return round(1000 * (math.log2(m) - math.log2(u)))


def level_of(name: str) -> str:
    """Return SQL of the level of a comparison: a character of a pair's ``levels``."""
    return f"substr(levels, {_NAMES.index(name) + 1}, 1)"


def worth_of(given: Weights, name: str) -> str:
    """Return SQL of what a comparison adds to a pair."""
    worths = given.levels[_NAMES.index(name)]
    cases = " ".join(f"when '{one}' then {worth}" for one, worth in enumerate(worths))
    return f"case {level_of(name)} {cases} else 0 end"


def summed(given: Weights) -> str:
    """Return SQL of what a pair weighs in all."""
    return " + ".join([str(given.prior), *(worth_of(given, name) for name in _NAMES)])


_NAMES: t.Final = [one.name for one in COMPARISONS]
