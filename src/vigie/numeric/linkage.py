"""How much an agreement weighs: the model of Fellegi and Sunter, learnt without labels by expectation-maximisation."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST_ROUNDS: t.Final = 200
STILL: t.Final = 1e-7
"""Largest change of any share at which it is done."""


class Session(t.NamedTuple):
    """Pairs that one blocking rule gave, or pairs that are known to match."""

    counts: Ints
    """How many of its pairs have each pattern."""
    used: npt.NDArray[np.bool_]
    """Comparisons by which is told which of its pairs match: those that the rule does not answer by itself."""
    taught: npt.NDArray[np.bool_]
    """Comparisons that are learnt from it."""
    known: bool = False
    """Are all its pairs known to be matches?"""


class Fitted(t.NamedTuple):
    """What was learnt."""

    m: Floats
    """Share of matches at each level; float64[comparisons, levels]."""
    matches: Floats
    """Share of matches among the pairs of each session."""


def fit(patterns: Ints, sessions: list[Session], u: Floats, guess: Floats, guess_pairs: float) -> Fitted:
    """Learn what share of matching pairs reaches each level of each comparison.

    ``patterns`` (int64[patterns, comparisons]) are levels, -1: nothing known. ``u`` (float64[comparisons, levels]): the
    same share of pairs that do not match, known beforehand. ``guess`` is what ``m`` would be without data; it counts as
    ``guess_pairs`` pairs, so that ten pairs do not teach certainty. Sums run in the order of the patterns: sort them,
    and the same pairs give the same result to the last bit. Fellegi, Sunter 1969; EM: Winkler 1988; sessions of their
    own for each blocking rule: as Splink does it (https://moj-analytical-services.github.io/splink/).
    """
    m = guess.copy()
    matches = np.array([1.0 if one.known else 0.1 for one in sessions])
    for _ in range(MOST_ROUNDS):
        held = guess * guess_pairs
        new = matches.copy()
        for at, one in enumerate(sessions):
            likely = np.ones(len(patterns)) if one.known else posterior(patterns, one.used, m, u, matches[at])
            weight = likely * one.counts
            for c in np.flatnonzero(one.taught):
                told = patterns[:, c] >= 0
                held[c] += np.bincount(patterns[told, c], weight[told], minlength=m.shape[1])
            if not one.known:
                new[at] = (weight.sum() + 1) / (one.counts.sum() + 10)
        total = held.sum(axis=1, keepdims=True)
        better = np.divide(held, total, out=guess.copy(), where=total > 0)
        change = max(np.abs(better - m).max(initial=0), np.abs(new - matches).max(initial=0))
        m, matches = better, new
        if change < STILL:
            break
    return Fitted(m, matches)


def posterior(patterns: Ints, used: npt.NDArray[np.bool_], m: Floats, u: Floats, matches: float) -> Floats:
    """Return how likely a pair of each pattern matches, by the comparisons used; ``matches``: share of all pairs."""
    odds = np.full(len(patterns), np.log(matches) - np.log1p(-matches))
    for c in np.flatnonzero(used):
        told = patterns[:, c] >= 0
        level = patterns[told, c]
        odds[told] += np.log(m[c, level]) - np.log(u[c, level])
    return t.cast("Floats", 1 / (1 + np.exp(-odds)))
