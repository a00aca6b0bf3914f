"""The tables of the search in ``hamming``, and what does the work on them: compiled C, or numba with the same results.

The rule that both follow (``docs/decisions/0009-index.md``). A code is 16 chunks of 16 bits, arranged in a ring: after
chunk c comes c + 5, modulo 16. If two codes differ by at most r bits, then there is a chunk from which on, round the
ring, the first k chunks differ by at most k r / 16 bits together, for every k (Qin, Xiao 2018, "Pigeonring: A principle
for faster thresholded similarity search"; the cycle lemma). Table c holds every code in the bucket of its chunk c,
together with its next two chunks (``near``): a pair is looked at where the first chunk differs by at most r // 16 bits
and the three together by at most 3 r // 16. For radius 31 that is 17 buckets of each table, and of random entries in
them one in 80,000 passes.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

if t.TYPE_CHECKING:
    from collections.abc import Callable

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Empty: t.TypeAlias = "Callable[[tuple[int, ...], type[np.generic]], npt.NDArray[t.Any]]"
"""Gives an array of this shape and type to be filled: ``np.empty``, or one that lies in a file."""

TABLES: t.Final = 16
BUCKETS: t.Final = 1 << 16
RING: t.Final = 5
"""Chunks that are neighbours in a hash are more alike than chance has it; those five apart are less so."""
MOST_BITS: t.Final = 47
"""Largest radius that the tables answer: buckets at most 2 bits from the query's."""


class Tables(t.NamedTuple):
    """Distinct codes, and where they lie in each table."""

    codes: Words
    """uint64[n, 4], n < 2^32."""
    offsets: Numbers
    """First entry of each bucket of each table; uint32[16, 65537], or [0, 65537] where there are no tables."""
    near: Numbers
    """For each entry, ascending by bucket and number, the next two chunks of the ring; uint32[16, n]."""
    numbers: Numbers
    """For each entry, the number of its code; uint32[16, n]."""


class Loops(t.Protocol):
    """What is done to codes and tables. Found pairs are rows (query, number, bits) in any order; uint32[pairs, 3]."""

    def order(self, codes: Words, empty: Empty = np.empty) -> tuple[Numbers, Numbers]:
        """Sort codes lexicographically: row numbers (of equal codes ascending), and where each distinct code starts.

        Both come from ``empty``, in this order.
        """
        ...

    def tables(self, codes: Words, empty: Empty = np.empty) -> Tables:
        """Make the tables of distinct codes; their arrays come from ``empty``, in order."""
        ...

    def candidates(self, held: Tables, queries: Words, radius: int) -> Ints:
        """Count the entries that ``probe`` would test for each query; int64[q]."""
        ...

    def probe(self, held: Tables, queries: Words, radius: int, most: int) -> tuple[Numbers, Flags]:
        """Find the codes near each query, one query after another; radius 0-47.

        A query that would test more than ``most`` entries is left out, and marked.
        """
        ...

    def stream(self, held: Tables, asked: Tables, radius: int) -> Numbers:
        """Find the same for many queries at once, bucket by bucket; radius 0-47."""
        ...

    def join(self, held: Tables, radius: int) -> Numbers:
        """Find the pairs of held codes, ``query`` < ``number``; radius 0-47."""
        ...

    def scan(self, codes: Words, queries: Words, radius: int, *, above: bool) -> Numbers:
        """Compare all codes with all queries, or with ``above`` the codes with themselves, ``query`` < ``number``."""
        ...


def buckets_asked(radius: int) -> int:
    """Return how many buckets of each table a query looks into."""
    return (1, 17, 137)[radius // 16]


def tests_of_join(offsets: Numbers, radius: int) -> float:
    """Count the pairs that ``join`` would test."""
    sizes = np.diff(offsets.astype(np.float64), axis=1)
    bucket = np.arange(BUCKETS)
    masks = [1 << i for i in range(16)] if radius >= 16 else []
    if radius >= 32:
        masks += [1 << i | 1 << j for i in range(16) for j in range(i)]
    total = (sizes * (sizes - 1) / 2).sum()
    for mask in masks:
        total += (sizes * sizes[:, bucket ^ mask]).sum() / 2
    return float(total)
