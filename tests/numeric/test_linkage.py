"""What is learnt of pairs whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.linkage import Session, fit, posterior

U = np.array([[0.99, 0.01, 0.0], [0.9, 0.07, 0.03], [0.95, 0.05, 0.0]])
M = np.array([[0.2, 0.8, 0.0], [0.1, 0.3, 0.6], [0.3, 0.7, 0.0]])
GUESS = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3], [0.5, 0.5, 0.0]])
ALL = np.ones(3, np.bool_)


def drawn(seed, pairs, matches):
    """Patterns and how many pairs have each; ``matches``: share of them that match."""
    rng = np.random.default_rng(seed)
    same = rng.random(pairs) < matches
    levels = np.stack([
        np.where(same, rng.choice(3, pairs, p=M[c]), rng.choice(3, pairs, p=U[c])) for c in range(3)
    ], axis=1)  # fmt: skip
    levels[rng.random(levels.shape) < 0.1] = -1
    return np.unique(levels, axis=0, return_counts=True)


def test_it_finds_what_made_the_pairs():
    patterns, counts = drawn(1, 50_000, 0.3)
    found = fit(patterns, [Session(counts, used=ALL, taught=ALL)], U, GUESS, 10)
    assert np.abs(found.m - M).max() < 0.03
    assert found.matches[0] == pytest.approx(0.3, abs=0.02)


def test_known_matches_are_counted():
    patterns = np.array([[1, 2, -1], [0, 2, -1]])
    known = Session(np.array([30, 10]), used=ALL, taught=ALL, known=True)
    found = fit(patterns, [known], U, GUESS, 0)
    assert found.m[0].tolist() == [0.25, 0.75, 0]
    assert found.m[1].tolist() == [0, 0, 1]
    assert found.m[2].tolist() == GUESS[2].tolist(), "of what nobody says nothing is learnt"


def test_few_pairs_do_not_teach_certainty():
    known = Session(np.array([2]), used=ALL, taught=ALL, known=True)
    found = fit(np.array([[1, 2, 1]]), [known], U, GUESS, 20)
    assert found.m[0].tolist() == pytest.approx([10 / 22, 12 / 22, 0])


def test_no_pairs_leave_the_guess():
    found = fit(np.zeros((0, 3), np.int64), [Session(np.zeros(0, np.int64), used=ALL, taught=ALL)], U, GUESS, 20)
    assert (found.m == GUESS).all()


def test_what_is_not_taught_stays():
    patterns, counts = drawn(2, 5_000, 0.3)
    taught = np.array([True, False, False])
    found = fit(patterns, [Session(counts, used=ALL, taught=taught)], U, GUESS, 10)
    assert (found.m[1:] == GUESS[1:]).all()
    assert found.m[0, 1] > 0.6


def test_a_posterior_by_hand():
    (one,) = posterior(np.array([[1, -1, -1]]), ALL, M, U, 0.01)
    assert one == pytest.approx(0.8 * 0.01 / (0.8 * 0.01 + 0.01 * 0.99))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.05, 0.6))
def test_shares_are_shares_and_the_same_each_time(seed, matches):
    patterns, counts = drawn(seed, 500, matches)
    sessions = [Session(counts, used=ALL, taught=ALL)]
    found = fit(patterns, sessions, U, GUESS, 10)
    assert found.m.sum(axis=1) == pytest.approx(1)
    assert (found.m >= 0).all()
    assert (fit(patterns, sessions, U, GUESS, 10).m == found.m).all()
