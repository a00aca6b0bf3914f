"""What stands under each of many groups: counts, first and last, different values, in one pass over millions of rows.

A group is a number below ``groups``. Different values are told apart by sorting pairs of group and value, which takes
no more memory than the different ones need, and little more time than to read them.
"""

from __future__ import annotations

import itertools
import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.distinct import heads

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
START: t.Final = 1 << 22
"""Pairs that are held before they are looked at."""
NEVER: t.Final = np.iinfo(np.int64).min
"""A time that is not known."""
HOURS: t.Final = 24


class Pairs:
    """Different pairs of a group and a value. Of a value count the lowest ``width`` bits: 33 at least."""

    def __init__(self, groups: int) -> None:
        self.width = np.uint64(64 - max(int(groups).bit_length(), 1))
        self._mask = (np.uint64(1) << self.width) - np.uint64(1)
        self._groups = groups
        self._held = np.empty(START, np.uint64)
        self._many = 0

    def add(self, group: npt.NDArray[t.Any], value: npt.NDArray[t.Any]) -> None:
        """Take pairs, in any order and any number of times; integers [n] and [n], not negative."""
        keys = (group.astype(np.uint64) << self.width) | (value.astype(np.uint64) & self._mask)
        if self._many + len(keys) > len(self._held):
            self._settle(len(keys))
        self._held[self._many : self._many + len(keys)] = keys
        self._many += len(keys)

    def _settle(self, more: int) -> None:
        """Keep each pair once, and have room for more: for half as many again at least."""
        kept = self.sorted()
        size = len(self._held)
        while len(kept) + more > size or 2 * len(kept) > size:
            size *= 2
        self._held = np.empty(size, np.uint64)
        self._held[: len(kept)] = kept
        self._many = len(kept)

    def sorted(self) -> Words:
        """Return each pair once as ``group << width | value``, ascending; uint64[pairs]."""
        held = self._held[: self._many]
        held.sort()
        return held[heads(held)]

    def counts(self) -> Ints:
        """Return how many different values each group has; int64[groups]."""
        return np.bincount((self.sorted() >> self.width).view(np.int64), minlength=self._groups)


class Tally:
    """How often something of each kind stands under each group, and when first and last."""

    def __init__(self, groups: int, kinds: int, earliest: int) -> None:
        """``earliest``: times before are none, in the unit in which they are given."""
        self.counts = np.zeros((groups, kinds), np.int32)
        self.first = np.full(groups, np.iinfo(np.int64).max)
        self.last = np.full(groups, NEVER)
        self._earliest = earliest

    def add(self, group: npt.NDArray[t.Any], kind: npt.NDArray[t.Any], time: Ints) -> None:
        """Count rows: integers [n], [n] and int64[n]. Raises IndexError where a group or kind is none."""
        if len(group) and not (group.max() < len(self.counts) and kind.max() < self.counts.shape[1]):
            raise IndexError(f"a group or kind outside {self.counts.shape}")
        _tally(group, kind, time, self._earliest, self.counts, self.first, self.last)

    def count(self, group: npt.NDArray[t.Any], kind: int) -> None:
        """Count rows of one kind that have no time of their own; integers [n]."""
        self.add(group, np.full(len(group), kind, np.uint8), np.full(len(group), NEVER))


class Clock(t.NamedTuple):
    """When the groups were there."""

    days: Ints
    """Different days; int64[groups]."""
    hours: npt.NDArray[np.uint32]
    """On how many of them in each hour of the day; uint32[groups, 24]."""


def clock(pairs: Pairs, groups: int) -> Clock:
    """Return days and hours, given the hours (since some midnight) in which each group was there."""
    out = Clock(np.zeros(groups, np.int64), np.zeros((groups, HOURS), np.uint32))
    _clock(pairs.sorted(), pairs.width, out.days, out.hours)
    return out


def nights(hours: npt.NDArray[np.uint32], least_marks: int, share: float) -> tuple[Ints, Ints]:
    """Return at which hour the longest quiet stretch of the day begins, -1: none, and how long it is; int64[n], [n].

    An hour is quiet with less than ``share`` of what an hour has on the mean. Where fewer than ``least_marks`` are
    known, 0.
    """
    begin, length = np.full(len(hours), -1), np.zeros(len(hours), np.int64)
    _nights(hours, least_marks, share, begin, length)
    return begin, length


def spelled(numbers: npt.NDArray[np.uint32]) -> list[str]:
    """Return each row of numbers, uint32[n, m], as text: decimal, a space between."""
    ends = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(_lengths(numbers), out=ends[1:])
    text = np.empty(int(ends[-1]), np.uint8)
    _spell(numbers, ends, text)
    whole, at = text.tobytes().decode("ascii"), ends.tolist()
    return [whole[begin:end] for begin, end in itertools.pairwise(at)]


@numba.njit(cache=True, nogil=True)
def _tally(group: t.Any, kind: t.Any, time: Ints, earliest: int, counts: t.Any, first: Ints, last: Ints) -> None:
    for i in range(len(group)):
        one = group[i]
        counts[one, kind[i]] += 1
        if time[i] >= earliest:
            first[one] = min(first[one], time[i])
            last[one] = max(last[one], time[i])


@numba.njit(cache=True, nogil=True)
def _clock(keys: Words, width: np.uint64, days: Ints, hours: t.Any) -> None:
    mask = (np.uint64(1) << width) - np.uint64(1)
    before, day_before = np.int64(-1), np.int64(-1)
    for i in range(len(keys)):
        one = np.int64(keys[i] >> width)
        hour = np.int64(keys[i] & mask)
        day = hour // HOURS
        if one != before or day != day_before:
            days[one] += 1
            before, day_before = one, day
        hours[one, hour % HOURS] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _nights(hours: t.Any, least_marks: int, share: float, begin: Ints, length: Ints) -> None:
    for i in range(len(hours)):
        marks = np.int64(0)
        for h in range(HOURS):
            marks += np.int64(hours[i, h])
        if marks < least_marks:
            continue
        for h in range(HOURS):
            run = 0
            while run < HOURS and np.int64(hours[i, (h + run) % HOURS]) * HOURS < share * marks:
                run += 1
            if run > length[i]:
                begin[i], length[i] = h, run


@numba.njit(cache=True, nogil=True)
def _lengths(numbers: t.Any) -> Ints:
    out = np.zeros(len(numbers), np.int64)
    for i in range(len(numbers)):
        out[i] = numbers.shape[1] - 1
        for j in range(numbers.shape[1]):
            left = numbers[i, j]
            out[i] += 1
            while left > 9:
                left //= np.uint32(10)
                out[i] += 1
    return out


@numba.njit(cache=True, nogil=True)
def _spell(numbers: t.Any, ends: Ints, text: t.Any) -> None:
    for i in range(len(numbers)):
        at = ends[i + 1] - 1
        for j in range(numbers.shape[1] - 1, -1, -1):
            left = numbers[i, j]
            while True:
                text[at] = np.uint8(48 + left % np.uint32(10))
                at -= 1
                left //= np.uint32(10)
                if left == 0:
                    break
            if j:
                text[at] = np.uint8(32)
                at -= 1
