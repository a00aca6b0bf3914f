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


def summed(given: Weights) -> str:
    """Return SQL of what a pair weighs, by its ``levels`` (a character for each comparison)."""
    out = [str(given.prior)]
    for at, levels in enumerate(given.levels, start=1):
        cases = " ".join(f"when '{level}' then {worth}" for level, worth in enumerate(levels))
        out.append(f"case substr(levels, {at}, 1) {cases} else 0 end")
    return " + ".join(out)
