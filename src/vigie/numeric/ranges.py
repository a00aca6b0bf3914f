"""Ranges of IP addresses: made disjoint, packed, and asked millions of times a second.

An address is two 64-bit words, the high one first; IPv4 lies at ::ffff:0:0/96.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
RECORD: t.Final = np.dtype([("low", ">u8", 2), ("high", ">u8", 2), ("country", "S2"), ("flags", "u1"), ("zero", "u1"),
                            ("asn", ">u4")])  # fmt: skip
"""A packed range: ``rows.countries.RANGE_BYTES``."""
MOST: t.Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_FLAG_BITS: t.Final = 8


class Ranges(t.NamedTuple):
    """Ranges in the order of their addresses, none overlapping another."""

    low: Words
    """uint64[n, 2]."""
    high: Words
    """uint64[n, 2]; it still belongs to the range."""
    country: npt.NDArray[np.bytes_]
    """S2[n]; ``b""``: none."""
    flags: npt.NDArray[np.uint8]
    asn: npt.NDArray[np.uint32]

    def four(self) -> int:
        """Return how many are of IPv4."""
        return int(((self.low[:, 0] == 0) & (self.low[:, 1] >> np.uint64(32) == 0xFFFF)).sum())


def disjoint(given: Ranges) -> tuple[Ranges, int]:
    """Make ranges disjoint, sorted, and put neighbours together that say the same; return how many overlapped.

    Where several hold an address, the narrowest says country and AS number - the first of equals - and the flags of
    all hold. The work is n log n whatever the ranges are: the narrowest are painted first, and each cell once.
    A range counts as overlapping where a narrower one took addresses from it.
    """
    if not len(given.low):
        return given, 0
    if _in_order(given.low, given.high):
        return _joined(given), 0
    points, starts, ends = _cells(given.low, given.high)
    wide = _minus(given.high, given.low)
    order = np.lexsort((np.arange(len(wide)), wide[:, 1], wide[:, 0]))
    owner, late = _painted(starts, ends, order, len(points))
    flags = np.zeros(len(points), np.uint8)
    for bit in range(_FLAG_BITS):
        has = (given.flags >> bit) & 1 == 1
        if has.any():
            change = np.zeros(len(points) + 1, np.int64)
            np.add.at(change, starts[has], 1)
            np.add.at(change, ends[has], -1)
            flags |= (np.cumsum(change)[:-1] > 0).astype(np.uint8) << np.uint8(bit)
    high = np.empty_like(points)
    high[:-1] = _minus(points[1:], np.array([[0, 1]], np.uint64))
    high[-1] = MOST
    held = owner >= 0
    by = owner[held]
    cut = Ranges(points[held], high[held], given.country[by], flags[held], given.asn[by])
    return _joined(cut), int(late)


def packed(ranges: Ranges, each: int) -> Iterator[bytes]:
    """Yield ranges as strings of ``RECORD``, so many in each."""
    rows = np.zeros(len(ranges.low), RECORD)
    for name in Ranges._fields:
        rows[name] = getattr(ranges, name)
    for start in range(0, len(rows), each):
        yield rows[start : start + each].tobytes()


def unpacked(given: Iterable[bytes]) -> Ranges:
    """Read strings of ``RECORD``, in any order. Raises ValueError where one is no whole number of records."""
    rows = np.frombuffer(b"".join(given), RECORD)
    low = rows["low"].astype(np.uint64)
    order = np.lexsort((low[:, 1], low[:, 0]))
    return Ranges(
        low[order],
        rows["high"].astype(np.uint64)[order],
        rows["country"][order],
        rows["flags"][order],
        rows["asn"].astype(np.uint32)[order],
    )


def find(ranges: Ranges, addresses: Words) -> Ints:
    """Return for each address, uint64[n, 2], the place of the range that holds it; -1 where none does; int64[n]."""
    return _found(ranges.low, ranges.high, np.ascontiguousarray(addresses))


def _in_order(low: Words, high: Words) -> bool:
    """Tell whether each range begins above the end of the one before."""
    above = (low[1:, 0] > high[:-1, 0]) | ((low[1:, 0] == high[:-1, 0]) & (low[1:, 1] > high[:-1, 1]))
    return bool(above.all())


def _minus(a: Words, b: Words) -> Words:
    """Return a - b of 128-bit numbers, uint64[n, 2]; b is no larger, or it wraps."""
    out = np.empty_like(a)
    out[:, 1] = a[:, 1] - b[:, 1]
    out[:, 0] = a[:, 0] - b[:, 0] - (a[:, 1] < b[:, 1])
    return out


def _cells(low: Words, high: Words) -> tuple[Words, Ints, Ints]:
    """Cut the addresses wherever a range begins or has ended; return the cuts, and each range's first and end cell."""
    after = high.copy()
    after[:, 1] += np.uint64(1)
    after[:, 0] += (after[:, 1] == 0).astype(np.uint64)
    open_ended = (high == MOST).all(axis=1)
    both = np.concatenate([low, after[~open_ended]])
    order = np.lexsort((both[:, 1], both[:, 0]))
    placed = both[order]
    new = np.ones(len(both), np.bool_)
    new[1:] = (placed[1:] != placed[:-1]).any(axis=1)
    cell = np.empty(len(both), np.int64)
    cell[order] = np.cumsum(new) - 1
    points = placed[new]
    ends = np.full(len(low), len(points), np.int64)
    ends[~open_ended] = cell[len(low) :]
    return points, cell[: len(low)], ends


@numba.njit(cache=True, nogil=True)
def _painted(starts: Ints, ends: Ints, order: Ints, cells: int) -> tuple[Ints, int]:
    """Paint cells in this order, each once; return their painters (-1: none), and how many found some painted.

    ``free[c]`` leads to the first cell from ``c`` on that is not painted: union-find with path halving.
    """
    owner = np.full(cells, -1, np.int64)
    free = np.arange(cells + 1)
    late = 0
    for one in order:
        at, got = starts[one], 0
        while True:
            while free[at] != at:
                free[at] = free[free[at]]
                at = free[at]
            if at >= ends[one]:
                break
            owner[at] = one
            free[at] = at + 1
            got += 1
        late += got < ends[one] - starts[one]
    return owner, late


def _joined(ranges: Ranges) -> Ranges:
    """Put neighbours together that say the same."""
    low, high, country, flags, asn = ranges
    new = np.ones(len(low), np.bool_)
    gap = _minus(low[1:], high[:-1])
    new[1:] = (gap[:, 0] != 0) | (gap[:, 1] != 1) | (country[1:] != country[:-1])
    new[1:] |= (flags[1:] != flags[:-1]) | (asn[1:] != asn[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:] - 1, len(low) - 1)
    return Ranges(low[first], high[last], country[first], flags[first], asn[first])


@numba.njit(cache=True, nogil=True)
def _found(low: Words, high: Words, addresses: Words) -> Ints:
    out = np.full(len(addresses), -1, np.int64)
    for i in range(len(addresses)):
        a, b = addresses[i, 0], addresses[i, 1]
        left, right = 0, len(low)
        while left < right:
            middle = (left + right) // 2
            if low[middle, 0] < a or (low[middle, 0] == a and low[middle, 1] <= b):
                left = middle + 1
            else:
                right = middle
        at = left - 1
        if at >= 0 and (a < high[at, 0] or (a == high[at, 0] and b <= high[at, 1])):
            out[i] = at
    return out
