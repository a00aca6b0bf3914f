"""Connected sets agree with scipy and with the plainest possible program, whatever the order of the pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from vigie.numeric import union

GRAPH = st.integers(1, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=80))
)


def plain(n, pairs):
    label = {i: i for i in range(n)}
    for a, b in pairs:
        low, high = sorted((label[a], label[b]))
        label = {i: low if at == high else at for i, at in label.items()}
    return [label[i] for i in range(n)]


def ends(pairs):
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@settings(deadline=None)
@given(graph=GRAPH, seed=st.integers(0, 100))
def test_labels_are_the_smallest_members_in_any_order(graph, seed):
    n, pairs = graph
    labels = union.components(n, *ends(pairs))
    assert labels.tolist() == plain(n, pairs)
    turned = [pair[:: 1 if i % 2 else -1] for i, pair in enumerate(np.random.default_rng(seed).permutation(pairs))]
    assert union.components(n, *ends(turned)).tolist() == labels.tolist()


@pytest.mark.parametrize("shape", ["random", "path", "star", "loops", "none"])
def test_scipy_agrees(shape):
    n, rng = 20_000, np.random.default_rng(1)
    a, b = {
        "random": rng.integers(0, n, (2, n)),
        "path": np.stack([np.arange(n - 1), np.arange(1, n)])[:, ::-1],
        "star": np.stack([np.full(n - 1, n // 2), np.arange(n - 1)]),
        "loops": np.stack([np.arange(n), np.arange(n)]),
        "none": np.zeros((2, 0), np.int64),
    }[shape]
    labels = union.components(n, a, b)
    count, other = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    assert len(np.unique(labels)) == count
    assert len(np.unique(np.stack([labels, other]), axis=1)[0]) == count


@settings(deadline=None)
@given(graph=GRAPH, seed=st.integers(0, 100))
def test_a_tree_of_sorted_pairs_is_a_least_one(graph, seed):
    n, pairs = graph
    pairs = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    weight = np.random.default_rng(seed).permutation(len(pairs)) + 1
    a, b = ends(pairs)
    order = np.argsort(weight)
    chosen = order[union.tree(n, a[order], b[order])]
    least = minimum_spanning_tree(coo_matrix((weight, (a, b)), shape=(n, n)))
    assert weight[chosen].sum() == least.sum()


def test_a_pair_outside_is_refused():
    for a, b in (([0], [3]), ([-1], [0])):
        with pytest.raises(IndexError, match="outside"):
            union.components(3, np.array(a), np.array(b))
