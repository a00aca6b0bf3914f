"""CoinJoins are told by their shape: real transactions, drawn ones, and what only looks a little like them.

The real ones are on the main chain; values as the MIT-licensed fixtures of am-i-exposed show them. Of the WabiSabi
round ``fb596c9f...`` the outputs' values are real, counted by hand (277 of 279), its 327 inputs are drawn (their values
decide nothing). Of the payout ``3d81a6b9...`` only the shape is as it is: 1 input, 143 outputs.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import coinjoin
from vigie.numeric.coinjoin import (
    AMBIGUOUS,
    JOINMARKET,
    LABEL,
    NOTHING,
    WABISABI,
    WASABI1,
    WASABI11,
    WHIRLPOOL,
    WHIRLPOOL_TX0,
    Made,
    shapes,
)

OP_RETURN, PLAIN = 10, 5
WABISABI_OUTPUTS = (
    (10460353203, 5), (2525338051, 1), (2324522934, 1), (134217728, 8), (100000000, 4), (86093442, 9), (53162688, 1),
    (50000000, 5), (33554432, 18), (20000000, 6), (14348907, 9), (10000000, 13), (8388608, 1), (5000000, 15),
    (3188646, 14), (2097152, 20), (1594323, 11), (1062882, 11), (531441, 14), (387276, 1), (354294, 12), (262144, 9),
    (200000, 8), (131072, 6), (100000, 4), (65536, 4), (50000, 12), (39366, 11), (32768, 7), (20000, 5), (19683, 2),
    (16384, 10), (13122, 1), (10000, 7), (8192, 6), (6561, 2), (5863, 1), (5824, 1), (5550, 2),
)  # fmt: skip


def shape(took, made, *, spent=None, paid=None, data=0, missing=0):
    """Return the shape of a transaction of these values; scripts are all different where they are not given."""
    n, m = len(took), len(made)
    spent = spent or list(range(1, n + 1))
    paid = paid or list(range(n + 1, n + m + 1))
    last = max([*spent, *paid]) + 1
    types = np.full(last + 1, PLAIN, np.uint8)
    types[last] = OP_RETURN
    prev = np.concatenate([np.arange(n), np.full(missing, (1 << 40) - 1)]).astype(np.int64)
    whole = Made(
        np.array([0, 0, n + missing], np.uint64),
        np.array([0, n, n + m + data], np.uint64),
        np.array([4, 0], np.uint8),
        (prev & 0xFFFFFFFF).astype(np.uint32),
        (prev >> 32).astype(np.uint8),
        np.array([*took, *made, *[0] * data], np.int64),
        np.array([*spent, *paid, *[last] * data], np.uint32),
        types,
    )
    return int(shapes(whole, OP_RETURN)[1])


def wabisabi():
    return [value for value, many in WABISABI_OUTPUTS for _ in range(many)]


def test_the_four_transactions_that_the_leading_tool_gets_wrong():
    pool = [5_010_000, 5_000_000, 5_010_000, 5_000_000, 5_010_000]
    assert shape(pool, [5_000_000] * 5) == WHIRLPOOL | LABEL  # 323df21f...
    assert shape([10**7 + n for n in range(327)], wabisabi()) == WABISABI | LABEL  # fb596c9f...
    assert shape([148_798, 1_448_113], [46_981, 100_420, 1_347_800, 100_420]) == AMBIGUOUS  # 4f112abd..., no label
    assert shape([9 * 10**9], [500_000 + n % 40 for n in range(143)]) == NOTHING  # 3d81a6b9...


def test_whirlpool_goes_on_at_another_coordinator():
    assert (
        shape([2_500_000, 2_500_000, 2_500_605, 2_500_605, 2_500_000], [2_500_000] * 5) == WHIRLPOOL | LABEL
    )  # 5f0080


def test_before_whirlpool():
    made = [5_000_605] * 7 + [175_000, 3_141_592]
    assert shape([40_000_000], made, data=1) == WHIRLPOOL_TX0 | LABEL
    assert shape([40_000_000], made) == NOTHING


def test_wasabi_1():
    took = [10_100_000 + 317 * n for n in range(30)]
    made = [9_990_000] * 25 + [100_000 + 7 * n for n in range(25)]
    assert shape(took, made) == WASABI1 | LABEL
    levels = made[:-15] + [19_980_000] * 8 + [39_960_000] * 7
    assert shape([one + 10**7 for one in took], [*levels, *range(200_000, 200_020)]) == WASABI11 | LABEL
    assert shape(took, made, spent=[1] * 4 + list(range(2, 28)), paid=range(100, 150)) == WASABI1  # one has too many


def joinmarket():
    took = [1_700_000, 2_300_001, 5_100_002, 900_000, 400_500]
    return took, [1_000_000] * 4, [700_250, 1_300_301, 4_100_102, 299_000]


def test_joinmarket():
    took, equal, change = joinmarket()
    assert shape(took, equal + change) == JOINMARKET | LABEL
    assert shape(took, [*equal, 800_000, 900_000, 3_000_000, 299_000]) == JOINMARKET  # no maker has such a change
    assert shape([9_000_000, 1_000_000], equal + change) == NOTHING  # four equal ones of two who sign: payouts


@pytest.mark.parametrize("missing", [1, 3])
def test_what_is_not_known_withholds_and_does_not_label(missing):
    took, equal, change = joinmarket()
    assert shape(took[missing:], equal + change, missing=missing) == JOINMARKET


def test_what_is_common_is_left_alone():
    assert shape([50_000, 70_000], [100_000, 19_000]) == NOTHING
    assert shape([50_000, 70_000, 80_000], [100_000, 100_000, 1, 2, 3, 4, 5]) == NOTHING
    assert shape([500_000], [100_000, 100_000, 299_000]) == NOTHING
    assert shape([600, 700], [546, 546]) == NOTHING  # crumbs


def test_a_transaction_of_20_000_inputs():
    assert shape(list(range(1_000, 21_000)), [10**8, 10**8 + 1]) == NOTHING
    assert shape([10**6] * 20_000, [10**6] * 19_000) & coinjoin.KIND == AMBIGUOUS


@settings(deadline=None, max_examples=60)
@given(turn=st.randoms(use_true_random=False), which=st.sampled_from(["joinmarket", "whirlpool", "wabisabi"]))
def test_the_order_of_inputs_and_outputs_is_of_no_account(turn, which):
    took, made = {
        "joinmarket": (joinmarket()[0], joinmarket()[1] + joinmarket()[2]),
        "whirlpool": ([5_010_000, 5_000_000, 5_010_000, 5_000_000, 5_010_000], [5_000_000] * 5),
        "wabisabi": ([10**7 + n for n in range(40)], wabisabi()[::4]),
    }[which]
    assert shape(turn.sample(took, len(took)), turn.sample(made, len(made))) == shape(took, made) != NOTHING
