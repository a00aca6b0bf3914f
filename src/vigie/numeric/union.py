"""Connected sets: which things hang together when pairs of them do."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Return for each of ``n`` things the smallest one of its set, given the pairs (``a[i]``, ``b[i]``); int64[n].

    Rem's algorithm with splicing (Patwary, Blair, Manne 2010, "Experiments on union-find algorithms for the
    disjoint-set data structure"). Parents only decrease, so the root is the smallest of its set: the labels do not
    depend on the order of the pairs. Raises IndexError where a pair names a thing outside 0..n-1.
    """
    _check(n, a, b)
    parent = np.arange(n, dtype=np.int64)
    _unite(parent, a, b)
    return parent


def tree(n: int, a: Ints, b: Ints) -> npt.NDArray[np.bool_]:
    """Mark the pairs that join two sets when they are taken in the order given; bool[pairs].

    With the pairs sorted by weight these are the edges of a minimum spanning forest (Kruskal 1956).
    """
    _check(n, a, b)
    return _unite(np.arange(n, dtype=np.int64), a, b)


def _check(n: int, a: Ints, b: Ints) -> None:
    if len(a) != len(b):
        raise IndexError(f"{len(a)} left ends and {len(b)} right ends of pairs")
    if len(a) and not (min(a.min(), b.min()) >= 0 and max(a.max(), b.max()) < n):
        raise IndexError(f"a pair names a thing outside 0..{n - 1}")


@numba.njit(cache=True, nogil=True)
def _unite(parent: Ints, a: Ints, b: Ints) -> npt.NDArray[np.bool_]:
    """Unite in place, leave every parent the smallest of its set, and mark the pairs that joined two sets."""
    joined = np.zeros(len(a), np.bool_)
    for i in range(len(a)):
        u, v = a[i], b[i]
        while parent[u] != parent[v]:
            if parent[u] < parent[v]:
                u, v = v, u
            if u == parent[u]:
                parent[u] = parent[v]
                joined[i] = True
                break
            above = parent[u]
            parent[u] = parent[v]
            u = above
    for i in range(len(parent)):
        parent[i] = parent[parent[i]]
    return joined
