"""Sets, their middles, and how chains are cut."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.medoid import Codes, Links, sets


def no_codes(n):
    return Codes(np.zeros((n, 4), np.uint64), np.zeros(n, np.bool_))


def linked(*triples):
    a, b, bits = np.array(triples, np.int64).reshape(-1, 3).T
    return Links(a, b, bits)


def test_a_chain_that_reaches_too_far_is_cut_at_its_weakest_link():
    chain = linked((0, 1, 20), (1, 2, 30), (2, 3, 20), (3, 4, 20))
    whole = sets(5, chain, no_codes(5), widest_bits=90)
    assert whole.label.tolist() == [0] * 5
    assert whole.middle.tolist() == [2] * 5
    assert whole.distance.tolist() == [50, 30, 0, 20, 40]
    assert whole.weakest.tolist() == [30] * 5
    cut = sets(5, chain, no_codes(5), widest_bits=40)
    assert cut.label.tolist() == [0, 0, 2, 2, 2]
    assert cut.weakest.tolist() == [20] * 5


def test_a_set_with_a_strong_hub_is_not_cut():
    star = linked(*((0, i, 30) for i in range(1, 200)))
    found = sets(200, star, no_codes(200), widest_bits=62)
    assert set(found.label) == {0}
    assert set(found.middle) == {0}


def test_between_codes_the_distance_is_theirs():
    value = np.zeros((3, 4), np.uint64)
    value[1, 0], value[2, 0] = 0b111, 0b11
    codes = Codes(value, np.array([True, True, True]))
    found = sets(3, linked((0, 1, 3), (1, 2, 1)), codes, widest_bits=62)
    assert found.middle.tolist() == [2] * 3
    assert found.distance.tolist() == [2, 1, 0]


@settings(deadline=None, max_examples=60)
@given(
    links=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 31)), max_size=30),
    widest=st.integers(0, 90),
    seed=st.integers(0, 50),
)
def test_pieces_are_narrow_connected_and_independent_of_order(links, widest, seed):
    links = [x for x in links if x[0] != x[1]]
    found = sets(12, linked(*links), no_codes(12), widest_bits=widest)
    turned = [links[i] for i in np.random.default_rng(seed).permutation(len(links))]
    for mine, other in zip(found, sets(12, linked(*turned), no_codes(12), widest_bits=widest), strict=True):
        assert mine.tolist() == other.tolist()
    assert (found.distance <= widest).all()
    assert (found.label[found.middle] == found.label).all()
    assert (found.label <= np.arange(12)).all()
    assert (found.weakest <= 31).all()
