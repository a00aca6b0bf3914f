"""Equal rows of a matrix of words: which they are, and who holds them."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


class Distinct(t.NamedTuple):
    """The distinct rows of a matrix, in lexicographic order of their words."""

    members: Ints
    """Row numbers, grouped by equal rows, ascending within each; int64[n]."""
    starts: Ints
    """Group ``g`` is ``members[starts[g]:starts[g + 1]]``; int64[groups + 1]."""

    @property
    def first(self) -> Ints:
        """Smallest row number of each group; int64[groups]."""
        return self.members[self.starts[:-1]]

    def labels(self) -> Ints:
        """Group of every row; int64[n]."""
        out = np.empty(len(self.members), np.int64)
        out[self.members] = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return out


def distinct(words: Words) -> Distinct:
    """Group equal rows of a uint64[n, w] matrix by sorting: n log n whatever the rows are, skewed or hostile."""
    order = np.lexsort(words.T[::-1]).astype(np.int64) if words.shape[1] else np.arange(len(words))
    starts = np.flatnonzero(_differs(np.ascontiguousarray(words), order))
    return Distinct(order, np.append(starts, len(words)))


def heads(*columns: npt.NDArray[t.Any]) -> npt.NDArray[np.bool_]:
    """Mark the first row of each run in which all columns, of one length and sorted together, agree; bool[n]."""
    head = np.ones(len(columns[0]), np.bool_)
    head[1:] = False
    for column in columns:
        head[1:] |= column[1:] != column[:-1]
    return head


@numba.njit(cache=True, nogil=True)
def _differs(words: Words, order: Ints) -> npt.NDArray[np.bool_]:
    """Mark the rows that differ from the one before them in this order."""
    out = np.zeros(len(order), np.bool_)
    for i in range(len(order)):
        out[i] = i == 0
        for w in range(words.shape[1]):
            if not out[i] and words[order[i], w] != words[order[i - 1], w]:
                out[i] = True
    return out
