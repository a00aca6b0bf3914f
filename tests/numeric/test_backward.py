"""Times that go back, against a walk along the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric.backward import backward


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-5, 15)), max_size=14), st.integers(0, 4))
def test_two_before_are_later_than_two_after(rows: list[tuple[int, int]], least: int) -> None:
    both = np.array(rows, np.int64).reshape(-1, 2)
    found = backward(both[:, 0], both[:, 1], least)
    walked, expected = sorted(rows), []
    for i in range(2, len(walked)):
        back = min(walked[i - 1][1], walked[i - 2][1]) - max(time for _, time in walked[i : i + 2])
        if back > least:
            expected.append((*walked[i], back))
    assert list(zip(*(one.tolist() for one in found), strict=True)) == expected
