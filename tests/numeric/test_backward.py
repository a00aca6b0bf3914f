"""Times that go back, against a walk along the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric.backward import backward

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(-5, 15)), max_size=14)


@given(ROWS, st.integers(0, 4), st.lists(st.integers(0, 14), max_size=6))
def test_two_before_are_later_than_two_after(rows: list[tuple[int, int]], least: int, cuts: list[int]) -> None:
    walked, expected = sorted(rows), []
    both = np.array(walked, np.int64).reshape(-1, 2)
    found = backward([(one[:, 0], one[:, 1]) for one in np.split(both, sorted(cuts))], least)
    for i in range(2, len(walked)):
        back = min(walked[i - 1][1], walked[i - 2][1]) - max(time for _, time in walked[i : i + 2])
        if back > least:
            expected.append((*walked[i], back))
    assert list(zip(*(one.tolist() for one in found), strict=True)) == expected
