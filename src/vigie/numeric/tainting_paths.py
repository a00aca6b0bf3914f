"""The ways of a trace, node by node: from its seeds to some of its ends."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

if t.TYPE_CHECKING:
    from vigie.numeric.tainting import Trace

Ints = npt.NDArray[np.int64]


class Ways(t.NamedTuple):
    """Nodes of several ways, one way behind the other."""

    starts: Ints
    """int64[ways + 1]: where each begins in ``nodes``."""
    nodes: Ints
    """From the seed to the end."""


def ways(trace: Trace, ends: Ints) -> Ways:
    """Return the way that carries most to each of these nodes."""
    parent, out = np.ascontiguousarray(trace.parent), np.ascontiguousarray(trace.out)
    lengths = np.empty(len(ends), np.int64)
    _lengths(parent, out, ends, lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    nodes = np.empty(int(starts[-1]), np.int64)
    _nodes(parent, out, ends, starts, nodes)
    return Ways(starts, nodes)


def down(trace: Trace, bits: npt.NDArray[np.uint8]) -> None:
    """Add to the bits of each node, uint8[nodes], in place, those of all nodes on the way that carries most to it."""
    _down(np.ascontiguousarray(trace.parent), bits)


@numba.njit(cache=True, nogil=True)
def _down(parent: t.Any, bits: t.Any) -> None:
    for node in range(len(parent)):  # a parent always stands before its nodes
        if parent[node] >= 0:
            bits[node] |= bits[parent[node]]


@numba.njit(cache=True, nogil=True)
def _before(parent: t.Any, out: t.Any, node: t.Any) -> t.Any:
    """Return the node before one; that of which a node is a part counts with it."""
    above = parent[node]
    while above >= 0 and out[above] == out[node]:
        above = parent[above]
    return above


@numba.njit(cache=True, nogil=True)
def _lengths(parent: t.Any, out: t.Any, ends: Ints, lengths: Ints) -> None:
    for number, end in enumerate(ends):
        node, length = end, 0
        while node >= 0:
            length += 1
            node = _before(parent, out, node)
        lengths[number] = length


@numba.njit(cache=True, nogil=True)
def _nodes(parent: t.Any, out: t.Any, ends: Ints, starts: Ints, nodes: Ints) -> None:
    for number, end in enumerate(ends):
        node, at = end, starts[number + 1]
        while node >= 0:
            at -= 1
            nodes[at] = node
            node = _before(parent, out, node)
