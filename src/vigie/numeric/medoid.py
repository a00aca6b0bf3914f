"""The middle of a connected set, and how far its members lie from it."""

from __future__ import annotations

import heapq
import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.bits import distance
from vigie.numeric.distinct import Ints, Words
from vigie.numeric.union import components, tree

MOST_BITS: t.Final = 256
"""A distance along links is counted no further."""
COMPARED: t.Final = 64
"""In sets of at most so many every member is tried as the middle; in larger ones the one with the most links is."""


class Sets(t.NamedTuple):
    """Connected sets, each with its middle."""

    label: Ints
    """Smallest member of each thing's set; int64[n]."""
    middle: Ints
    """Middle of each thing's set; int64[n]."""
    distance: Ints
    """Distance from the middle to each thing, in bits; int64[n]."""
    weakest: Ints
    """Largest link without which the thing's set falls apart (of a minimum spanning tree), in bits; int64[n]."""


class Links(t.NamedTuple):
    """Pairs of things and how many bits lie between them; all int64[links]."""

    a: Ints
    b: Ints
    bits: Ints


class Codes(t.NamedTuple):
    """Codes of the things that have one: between two of those the distance is that of their codes."""

    value: Words
    """uint64[n, 4]."""
    known: npt.NDArray[np.bool_]
    """bool[n]."""


def sets(n: int, links: Links, codes: Codes, *, widest_bits: int) -> Sets:
    """Connect things by their links; a set that reaches more than ``widest_bits`` from its middle is cut.

    It is cut at its weakest links: all links as long as the longest one it needs to hang together are taken away from
    it, and again, until every piece is narrow enough. A piece is therefore a single-linkage cluster at some lower
    threshold, and the pieces do not depend on the order of the links.

    The distance from the middle is the shortest way along the links, or that of the codes where both have one and it is
    less. (A link may be shorter than the distance of the codes at its ends: of a picture and its mirror image, say.)
    The middle is the member with the least sum of distances, in sets of more than 64 the one with most links; of
    equals the smallest.
    """
    out = Sets(*(np.zeros(n, np.int64) for _ in Sets._fields))
    todo = np.ones(n, np.bool_)
    while todo.any():
        label = components(n, links.a, links.b)
        weakest = _weakest(n, links, label)
        middle, distance = _middles(n, links, label, codes, todo)
        reach = np.zeros(n, np.int64)
        np.maximum.at(reach, label[todo], distance[todo])
        wide = todo & (reach[label] > widest_bits)
        done = todo & ~wide
        for column, value in zip(out, (label, middle, distance, weakest[label]), strict=True):
            column[done] = value[done]
        keep = wide[links.a] & (links.bits < weakest[label[links.a]])
        links, todo = Links(*(column[keep] for column in links)), wide
    return out


def _weakest(n: int, links: Links, label: Ints) -> Ints:
    """Longest link of the minimum spanning tree of each set, by label; 0 for a set of one."""
    order = np.argsort(links.bits, kind="stable")
    spanning = order[tree(n, links.a[order], links.b[order])]
    out = np.zeros(n, np.int64)
    np.maximum.at(out, label[links.a[spanning]], links.bits[spanning])
    return out


def _middles(n: int, links: Links, label: Ints, codes: Codes, todo: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    ends = np.concatenate([links.a, links.b])
    order = np.lexsort((np.concatenate([links.b, links.a]), ends))
    other = np.concatenate([links.b, links.a])[order]
    bits = np.concatenate([links.bits, links.bits])[order]
    starts = np.searchsorted(ends[order], np.arange(n + 1))
    members = np.flatnonzero(todo)
    members = members[np.argsort(label[members], kind="stable")]
    runs = np.append(np.flatnonzero(np.diff(label[members], prepend=-1)), len(members))
    return _middle_of_each(members, runs, starts, other, bits, codes.value, codes.known)


@numba.njit(cache=True, nogil=True)
def _middle_of_each(
    members: Ints, runs: Ints, starts: Ints, other: Ints, bits: Ints, code: Words, known: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    n = len(starts) - 1
    middle, distance = np.arange(n), np.zeros(n, np.int64)
    way = np.full(n, MOST_BITS, np.int64)
    for r in range(len(runs) - 1):
        first, last = runs[r], runs[r + 1]
        if last - first == 1:
            continue
        best = members[first]
        if last - first <= COMPARED:
            least = np.int64(1 << 60)
            for m in range(first, last):
                _reach(members[m], members, first, last, starts, other, bits, code, known, way)
                total = np.int64(0)
                for k in range(first, last):
                    total += way[members[k]]
                if total < least:
                    least, best = total, members[m]
        else:
            for m in range(first, last):
                if starts[members[m] + 1] - starts[members[m]] > starts[best + 1] - starts[best]:
                    best = members[m]
        _reach(best, members, first, last, starts, other, bits, code, known, way)
        for k in range(first, last):
            middle[members[k]], distance[members[k]] = best, way[members[k]]
    return middle, distance


@numba.njit(cache=True, nogil=True)
def _reach(
    source: int,
    members: Ints,
    first: int,
    last: int,
    starts: Ints,
    other: Ints,
    bits: Ints,
    code: Words,
    known: npt.NDArray[np.bool_],
    way: Ints,
) -> None:
    """Write the distance from one member to all of its set: by codes, else along the links (Dijkstra 1959)."""
    for k in range(first, last):
        way[members[k]] = MOST_BITS
    way[source] = 0
    queue = [(np.int64(0), np.int64(source))]
    while queue:
        so_far, at = heapq.heappop(queue)
        if so_far > way[at]:
            continue
        for e in range(starts[at], starts[at + 1]):
            further = so_far + bits[e]
            if further < way[other[e]]:
                way[other[e]] = further
                heapq.heappush(queue, (further, other[e]))
    if known[source]:
        for k in range(first, last):
            i = members[k]
            if known[i]:
                way[i] = min(way[i], distance(code, i, code, source))
