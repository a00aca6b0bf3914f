"""Sets of scripts agree with scipy and with the plainest possible program; the guard holds; order is of no account."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from vigie.numeric import cospend, native
from vigie.numeric.cospend import GROWS, MERGED, OPEN, SKIPPED, TAGGED, Guard, Spends, clusters

SCRIPTS = 30
TXS = st.lists(st.lists(st.integers(1, SCRIPTS - 1), max_size=6), max_size=20)


def spends(txs, *, scripts=SCRIPTS, signs=(), never=()):
    """Return what transactions spend, each by the scripts of its inputs; None: an output that is not here."""
    flat = [one for tx in txs for one in tx]
    rng = np.random.default_rng(3)
    places = rng.permutation(len(flat))  # outputs lie somewhere, not in the order in which they are spent
    out_script = np.zeros(len(flat), np.uint32)
    prev = np.full(len(flat), (1 << 40) - 1, np.int64)
    for number, one in enumerate(flat):
        if one is not None:
            out_script[places[number]], prev[number] = one, places[number]
    joins = np.ones(scripts, np.bool_)
    joins[[0, *never]] = False
    in_signs = np.zeros(len(flat), np.uint8)
    in_signs[list(signs)] = cospend.ANYONE_CAN_PAY
    tx_in = np.concatenate([[0], np.cumsum([len(tx) for tx in txs])]).astype(np.uint64)
    low, high = (prev & 0xFFFFFFFF).astype(np.uint32), (prev >> 32).astype(np.uint8)
    return Spends(tx_in, low, high, in_signs, out_script, joins)


def joined(txs, guard=None, skip=(), **more):
    marks = np.zeros(len(txs), np.uint8)
    marks[list(skip)] = 1
    return clusters(spends(txs, **more), marks, guard)


@pytest.mark.skipif(native.NATIVE is None, reason="no native library: python src/vigie/numeric/native/build.py")
@settings(deadline=None)
@given(txs=TXS, never=st.sets(st.integers(1, SCRIPTS - 1), max_size=4), seed=st.integers(0, 9))
def test_the_c_does_what_numba_does(txs, never, seed):
    given_ = spends(txs, never=never)
    skip = np.random.default_rng(seed).integers(0, 2, len(txs)).astype(np.uint8)
    found = []
    for loop in (cospend._unite, cospend._unite_native):
        parent = np.where(given_.joins, np.arange(SCRIPTS), cospend.NEVER).astype(np.uint32)
        loop(*given_[:5], skip, parent)
        found.append(parent.tolist())
    assert found[0] == found[1]


@pytest.mark.skipif(native.NATIVE is None, reason="no native library: python src/vigie/numeric/native/build.py")
def test_threads_over_parts_of_a_chain_give_one_result(monkeypatch):
    monkeypatch.setattr(cospend, "LONG", 0)
    rng, n = np.random.default_rng(2), 20_000
    txs = [rng.integers(1, n, 1 + rng.geometric(0.3)).tolist() for _ in range(8_000)]
    found = []
    for threads in (1, 2, 4, 4, 4):
        monkeypatch.setattr(cospend, "THREADS", threads)
        found.append(joined(txs, scripts=n).label.tolist())
    assert found[1:] == found[:1] * 4
    monkeypatch.setattr(cospend, "NATIVE", None)
    assert joined(txs, scripts=n).label.tolist() == found[0]


def plain(txs, scripts=SCRIPTS):
    label = list(range(scripts))
    for tx in txs:
        for one in tx[1:]:
            low, high = sorted((label[tx[0]], label[one]))
            label = [low if at == high else at for at in label]
    return label


@settings(deadline=None)
@given(txs=TXS, turn=st.randoms(use_true_random=False))
def test_labels_are_the_smallest_members_in_any_order(txs, turn):
    label = joined(txs).label.tolist()
    assert label == plain(txs)
    again = [turn.sample(tx, len(tx)) for tx in turn.sample(txs, len(txs))]
    assert joined(again).label.tolist() == label


@settings(deadline=None)
@given(txs=TXS, more=TXS)
def test_more_transactions_only_merge(txs, more):
    before, after = joined(txs).label, joined(txs + more).label
    for one in range(SCRIPTS):
        assert after[one] == after[before[one]]


@pytest.mark.parametrize("most", [None, 50_000])
def test_scipy_agrees(most):
    rng, n = np.random.default_rng(1), 50_000
    txs = [rng.integers(1, n, 1 + rng.geometric(0.5)).tolist() for _ in range(12_000)]
    guard = Guard(np.zeros(0, np.int64), np.zeros(0, np.int64), most) if most else None
    found = joined(txs, guard, scripts=n)
    a = np.concatenate([[tx[0]] * (len(tx) - 1) for tx in txs]).astype(int)
    b = np.concatenate([tx[1:] for tx in txs]).astype(int)
    count, other = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    assert len(np.unique(found.label)) == count
    assert len(np.unique(np.stack([found.label, other]), axis=1)[0]) == count
    assert not found.became.any()


def test_what_joins_nothing():
    txs = [[1, 2], [3, None, 4], [5, 6, 7], [8, 9], [None, 10]]
    found = joined(txs, skip=[0], never=[6], signs=[8])  # the ninth input is that of 8
    assert found.label[:11].tolist() == [0, 1, 2, 3, 3, 5, 6, 5, 8, 9, 10]
    assert found.became.tolist() == [SKIPPED, MERGED, MERGED, OPEN, MERGED]


def guard(named, most=100):
    return Guard(np.array(list(named), np.int64), np.array(list(named.values()), np.int64), most)


def test_two_services_are_never_joined_and_the_earlier_transaction_goes_first():
    txs = [[1, 2], [2, 3], [3, 4], [5, 6]]
    found = joined(txs, guard({1: 7, 4: 8}))
    assert found.became.tolist() == [MERGED, MERGED, TAGGED, MERGED]
    assert found.label[:7].tolist() == [0, 1, 1, 1, 4, 5, 5]
    turned = joined(txs[::-1], guard({1: 7, 4: 8}))
    assert turned.became.tolist() == [MERGED, MERGED, MERGED, TAGGED]
    assert turned.label[:7].tolist() == [0, 1, 2, 2, 2, 5, 5]


def test_one_service_may_be_joined():
    found = joined([[1, 2], [2, 3]], guard({1: 7, 3: 7}))
    assert found.label[:4].tolist() == [0, 1, 1, 1]
    assert not found.became.any()


@settings(deadline=None)
@given(
    txs=TXS,
    named=st.dictionaries(st.integers(1, SCRIPTS - 1), st.integers(1, 3), max_size=8),
    most=st.integers(1, 6),
)
def test_the_guard_does_what_the_plainest_program_does(txs, named, most):
    label, became = list(range(SCRIPTS)), []
    for tx in txs:
        sets = {label[one] for one in tx}
        members = [[one for one in range(SCRIPTS) if label[one] == root] for root in sets]
        services = {named[one] for members_ in members for one in members_ if one in named}
        grown = sum(map(len, members)) - max(map(len, members), default=0)
        clash = len(sets) > 1 and len(services) > 1
        became.append(TAGGED if clash else GROWS if grown > most else MERGED)
        if became[-1] == MERGED:
            label = [min(sets) if at in sets else at for at in label]
    for library in {cospend.NATIVE, None}:
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(cospend, "NATIVE", library)
            found = joined(txs, guard(named, most))
        assert found.label.tolist() == label
        assert found.became.tolist() == became


@pytest.mark.skipif(native.NATIVE is None, reason="no native library: python src/vigie/numeric/native/build.py")
@pytest.mark.parametrize("named", [0, 900])
def test_the_guard_of_the_c_is_that_of_numba_over_a_long_chain(monkeypatch, named):
    rng, n = np.random.default_rng(6), 20_000
    txs = [rng.integers(1, n, 1 + rng.geometric(0.4)).tolist() for _ in range(9_000)]
    services = {int(one): int(rng.integers(1, 40)) for one in rng.choice(n - 1, named, replace=False) + 1}
    again = joined(txs, guard(services, 60), scripts=n, never=range(0, n, 97), skip=range(0, 9_000, 50))
    monkeypatch.setattr(cospend, "NATIVE", None)
    judge = joined(txs, guard(services, 60), scripts=n, never=range(0, n, 97), skip=range(0, 9_000, 50))
    assert again.label.tolist() == judge.label.tolist()
    assert again.became.tolist() == judge.became.tolist()
    assert {MERGED, SKIPPED, GROWS} <= set(judge.became.tolist())


def test_a_transaction_of_20_000_inputs_and_a_storm_of_dust():
    many = list(range(1, 20_001))
    free = joined([many], guard({}, 20_000), scripts=20_001)
    assert set(free.label[1:].tolist()) == {1}
    held = joined([[1, 2], many, [3, 4]], guard({}, 10_000), scripts=20_001)
    assert held.became.tolist() == [MERGED, GROWS, MERGED]
    assert held.label[:6].tolist() == [0, 1, 1, 3, 3, 5]
    storm = [[1, dust] for dust in many[1:]]  # dust sent to thousands, spent again with one address
    assert set(joined(storm, guard({}, 10_000), scripts=20_001).label[1:].tolist()) == {1}


def test_columns_that_do_not_fit_are_refused():
    given_ = spends([[1, 2]])
    with pytest.raises(ValueError, match="transactions"):
        clusters(given_, np.zeros(2, np.uint8))
    with pytest.raises(ValueError, match="inputs end at"):
        clusters(given_._replace(tx_in=np.array([0, 9], np.uint64)), np.zeros(1, np.uint8))
    with pytest.raises(ValueError, match="in one step"):
        clusters(given_, np.zeros(1, np.uint8), guard({}, 0))
    with pytest.raises(ValueError, match="65,534"):
        clusters(given_, np.zeros(1, np.uint8), guard({}, 65_535))
