"""The interval of a share, against published values and scipy's."""

import pytest
from scipy.stats import binomtest

from vigie.numeric.wilson import interval


@pytest.mark.parametrize(("hit", "of"), [(0, 1), (3, 3), (8, 11), (16, 24), (0, 40), (4089, 4089), (1, 10_000)])
def test_it_is_the_score_interval(hit, of):
    found = binomtest(hit, of).proportion_ci(method="wilson")
    assert interval(hit, of) == pytest.approx((found.low, found.high), abs=1e-12)


def test_of_none_nothing_is_known():
    assert interval(0, 0) == (0, 1)
