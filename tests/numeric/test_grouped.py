"""Counting under groups against the same done one by one with sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import grouped
from vigie.numeric.grouped import NEVER, Pairs, Tally, clock, nights, spelled

GROUPS = 5
ROWS = st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, 60)), max_size=60)


def _arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(rows, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _pairs(rows: list[tuple[int, int]], at_once: int) -> Pairs:
    out = Pairs(GROUPS)
    for begin in range(0, len(rows), at_once):
        out.add(*_arrays(rows[begin : begin + at_once]))
    return out


@settings(deadline=None)  # the first compiles
@given(ROWS, st.integers(1, 9))
def test_different_values_are_counted_whatever_their_order_and_however_little_is_held(
    rows: list[tuple[int, int]], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouped, "START", 4)
        counts = _pairs(rows, at_once).counts()
    assert counts.tolist() == [len({value for one, value in rows if one == group}) for group in range(GROUPS)]


@settings(deadline=None)  # the first compiles
@given(ROWS)
def test_hours_and_days(rows: list[tuple[int, int]]) -> None:
    made = clock(_pairs(rows, 10), GROUPS)
    for group in range(GROUPS):
        there = {value for one, value in rows if one == group}
        assert made.days[group] == len({value // 24 for value in there})
        assert made.hours[group].tolist() == [sum(value % 24 == hour for value in there) for hour in range(24)]


@settings(deadline=None)  # the first compiles
@given(st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, 2), st.integers(-9, 9)), max_size=40))
def test_kinds_are_counted_and_first_and_last_are_of_times_that_can_be(rows: list[tuple[int, int, int]]) -> None:
    tally = Tally(GROUPS, 3, earliest=0)
    all_ = np.array(rows, np.int64).reshape(-1, 3)
    tally.add(all_[:20, 0], all_[:20, 1], all_[:20, 2])
    tally.add(all_[20:, 0], all_[20:, 1], all_[20:, 2])
    for group in range(GROUPS):
        mine = [(kind, time) for one, kind, time in rows if one == group]
        times = [time for _, time in mine if time >= 0]
        assert tally.counts[group].tolist() == [sum(kind == one for kind, _ in mine) for one in range(3)]
        assert tally.last[group] == max(times, default=NEVER)
        assert tally.first[group] == min(times, default=np.iinfo(np.int64).max)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(IndexError, match="outside"):
        Tally(2, 3, 0).add(np.array([1]), np.array([3]), np.array([0]))
    with pytest.raises(IndexError, match="outside"):
        Tally(2, 3, 0).count(np.array([2]), 0)


@settings(deadline=None)  # the first compiles
@given(st.lists(st.integers(0, 3), min_size=24, max_size=24), st.sampled_from([0.0, 0.25, 1.0, 2.0]))
def test_the_longest_quiet_stretch_goes_round_the_clock(hours: list[int], share: float) -> None:
    begin, length = nights(np.array([hours], np.uint32), 10, share)
    quiet = [one * 24 < share * sum(hours) for one in hours] * 2
    runs = [next((n for n in range(24) if not quiet[start + n]), 24) for start in range(24)]
    longest = max(runs) if sum(hours) >= 10 else 0
    assert length.tolist() == [longest]
    assert begin.tolist() == [runs.index(longest) if longest else -1]


@settings(deadline=None)  # the first compiles
@given(st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3), max_size=9))
def test_numbers_are_spelled(rows: list[list[int]]) -> None:
    assert spelled(np.array(rows, np.uint32).reshape(-1, 3)) == [" ".join(map(str, one)) for one in rows]
