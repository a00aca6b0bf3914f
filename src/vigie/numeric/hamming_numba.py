"""The loops of ``hamming`` by numba, for machines without a C compiler: the same results, slower."""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.bits import distance, popcount, popcount32
from vigie.numeric.distinct import distinct
from vigie.numeric.hamming_tables import BUCKETS, RING, TABLES, Empty, Flags, Ints, Numbers, Tables, Words

BLOCK: t.Final = 256
"""Entries that are tested before any of them is looked at again."""
Int: t.TypeAlias = "int | np.int64"
TILE: t.Final = 1024
"""Codes that all queries are compared with before the next ones are: they stay in the nearest cache."""


class NumbaLoops:
    """``hamming_tables.Loops`` without the library."""

    def order(self, codes: Words, empty: Empty = np.empty) -> tuple[Numbers, Numbers]:
        """See ``Loops``."""
        same = distinct(codes)
        order = empty(same.members.shape, np.uint32)
        order[:] = same.members
        starts = empty(same.starts.shape, np.uint32)
        starts[:] = same.starts
        return order, starts

    def tables(self, codes: Words, empty: Empty = np.empty) -> Tables:
        """See ``Loops``."""
        codes = np.ascontiguousarray(codes)
        offsets = empty((TABLES, BUCKETS + 1), np.uint32)
        near, numbers = empty((TABLES, len(codes)), np.uint32), empty((TABLES, len(codes)), np.uint32)
        _tables(codes, offsets, near, numbers)
        return Tables(codes, offsets, near, numbers)

    def candidates(self, held: Tables, queries: Words, radius: int) -> Ints:
        """See ``Loops``."""
        return _candidates(held.offsets, np.ascontiguousarray(queries), _masks(radius // 16)[0])

    def probe(self, held: Tables, queries: Words, radius: int, most: int) -> tuple[Numbers, Flags]:
        """See ``Loops``."""
        queries = np.ascontiguousarray(queries)
        left = self.candidates(held, queries, radius) > most
        found = _probe(*held, queries, left, radius, *_masks(radius // 16))
        return found, left

    def stream(self, held: Tables, asked: Tables, radius: int) -> Numbers:
        """See ``Loops``."""
        return _stream(*held, *asked, radius, *_masks(radius // 16), False)

    def join(self, held: Tables, radius: int) -> Numbers:
        """See ``Loops``."""
        return _stream(*held, *held, radius, *_masks(radius // 16), True)

    def scan(self, codes: Words, queries: Words, radius: int, *, above: bool) -> Numbers:
        """See ``Loops``."""
        return _scan(np.ascontiguousarray(codes.T), np.ascontiguousarray(queries), radius, above)


def _masks(most: int) -> tuple[Numbers, Numbers]:
    """Return the 16-bit words of at most so many set bits, by their number, and that number."""
    words = sorted((x for x in range(BUCKETS) if x.bit_count() <= most), key=lambda x: (x.bit_count(), x))
    return np.array(words, np.uint32), np.array([x.bit_count() for x in words], np.uint32)


@numba.njit(cache=True, nogil=True, inline="always")
def _chunk(codes: Words, i: Int, c: Int) -> np.int64:
    return np.int64((codes[i, c >> 2] >> np.uint64(16 * (c & 3))) & np.uint64(0xFFFF))


@numba.njit(cache=True, nogil=True, inline="always")
def _near(codes: Words, i: Int, c: Int) -> np.uint32:
    return np.uint32(_chunk(codes, i, (c + RING) % 16) | _chunk(codes, i, (c + 2 * RING) % 16) << 16)


@numba.njit(cache=True, nogil=True)
def _tables(codes: Words, offsets: Numbers, near: Numbers, numbers: Numbers) -> None:
    """Sort the codes into the buckets of each table, by counting."""
    n = len(codes)
    offsets[:] = 0
    for c in range(TABLES):
        for i in range(n):
            offsets[c, _chunk(codes, i, c) + 1] += np.uint32(1)
        for b in range(BUCKETS):
            offsets[c, b + 1] += offsets[c, b]
        place = offsets[c, :BUCKETS].copy()
        for i in range(n):
            chunk = _chunk(codes, i, c)
            near[c, place[chunk]] = _near(codes, i, c)
            numbers[c, place[chunk]] = i
            place[chunk] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _candidates(offsets: Numbers, queries: Words, masks: Numbers) -> Ints:
    out = np.zeros(len(queries), np.int64)
    for q in range(len(queries)):
        for c in range(TABLES):
            chunk = _chunk(queries, q, c)
            for mask in masks:
                b = chunk ^ np.int64(mask)
                out[q] += np.int64(offsets[c, b + 1]) - np.int64(offsets[c, b])
    return out


@numba.njit(cache=True, nogil=True)
def _any(near: Numbers, c: Int, first: Int, last: Int, value: np.uint32, limit: Int) -> bool:
    """Tell whether an entry differs from the value by at most ``limit`` bits.

    A function of its own, without slices or new arrays: numba counts references to those at every turn of a loop.
    """
    low = 32
    for e in range(first, last):
        low = min(low, popcount32(near[c, e] ^ value))
    return bool(low <= limit)


@numba.njit(cache=True, nogil=True)
def _bits(codes: Words, i: Int, queries: Words, q: Int, c: Int, radius: int) -> np.int64:
    """Return the distance of two codes if table ``c`` is the first that finds them within the radius, else 257."""
    bits = distance(codes, i, queries, q)
    if bits > radius:
        return np.int64(257)
    for k in range(c):
        first = popcount(np.uint64(_chunk(codes, i, k) ^ _chunk(queries, q, k)))
        if first <= radius // 16:
            three = first + popcount32(_near(codes, i, k) ^ _near(queries, q, k))
            if three <= 3 * radius // 16:
                return np.int64(257)
    return np.int64(bits)


@numba.njit(cache=True, nogil=True)
def _grown(found: Numbers, n: int) -> Numbers:
    """Return the rows with room for one more."""
    if n < len(found):
        return found
    more = np.empty((2 * len(found), 3), np.uint32)
    more[:n] = found
    return more


@numba.njit(cache=True, nogil=True)
def _probe(
    codes: Words,
    offsets: Numbers,
    near: Numbers,
    numbers: Numbers,
    queries: Words,
    left: Flags,
    radius: int,
    masks: Numbers,
    weights: Numbers,
) -> Numbers:
    found, n = np.empty((1024, 3), np.uint32), 0
    for q in range(len(queries)):
        if left[q]:
            continue
        for c in range(TABLES):
            chunk, value = _chunk(queries, q, c), _near(queries, q, c)
            for k in range(len(masks)):
                b = chunk ^ np.int64(masks[k])
                limit, stop = 3 * radius // 16 - np.int64(weights[k]), np.int64(offsets[c, b + 1])
                for start in range(np.int64(offsets[c, b]), stop, BLOCK):
                    last = start + BLOCK if start + BLOCK < stop else stop  # noqa: FURB136 - typed
                    if not _any(near, c, start, last, value, limit):
                        continue
                    for e in range(start, last):
                        if popcount32(near[c, e] ^ value) <= limit:
                            bits = _bits(codes, np.int64(numbers[c, e]), queries, q, c, radius)
                            if bits <= radius:
                                found = _grown(found, n)
                                found[n, 0], found[n, 1], found[n, 2] = q, numbers[c, e], bits
                                n += 1
    return found[:n]


@numba.njit(cache=True, nogil=True)
def _stream(  # noqa: C901 - one loop of many levels: calls in between would cost what it saves
    codes: Words,
    offsets: Numbers,
    near: Numbers,
    numbers: Numbers,
    asked: Words,
    asked_offsets: Numbers,
    asked_near: Numbers,
    asked_numbers: Numbers,
    radius: int,
    masks: Numbers,
    weights: Numbers,
    itself: bool,
) -> Numbers:
    """Hold every bucket against the queries in its neighbours; ``itself``: each pair of buckets once."""
    found, n = np.empty((1024, 3), np.uint32), 0
    for c in range(TABLES):
        for b in range(BUCKETS):
            stop = np.int64(offsets[c, b + 1])
            if stop == np.int64(offsets[c, b]):
                continue
            for k in range(len(masks)):
                other, limit = b ^ np.int64(masks[k]), 3 * radius // 16 - np.int64(weights[k])
                if itself and other < b:
                    continue
                for a in range(np.int64(asked_offsets[c, other]), np.int64(asked_offsets[c, other + 1])):
                    value = asked_near[c, a]
                    for start in range(a + 1 if itself and k == 0 else np.int64(offsets[c, b]), stop, BLOCK):
                        last = start + BLOCK if start + BLOCK < stop else stop  # noqa: FURB136 - typed
                        if not _any(near, c, start, last, value, limit):
                            continue
                        for e in range(start, last):
                            if popcount32(near[c, e] ^ value) <= limit:
                                q, i = np.int64(asked_numbers[c, a]), np.int64(numbers[c, e])
                                if itself and q > i:
                                    q, i = i, q
                                bits = _bits(codes, i, asked, q, c, radius)
                                if bits <= radius:
                                    found = _grown(found, n)
                                    found[n, 0], found[n, 1], found[n, 2] = q, i, bits
                                    n += 1
    return found[:n]


@numba.njit(cache=True, nogil=True)
def _compare(columns: Words, start: int, stop: int, queries: Words, q: int, bits: Ints) -> int:
    """Write the distances of a tile of codes; the smallest of them."""
    q0, q1, q2, q3 = queries[q, 0], queries[q, 1], queries[q, 2], queries[q, 3]
    least = 256
    for j in range(stop - start):
        i = start + j
        d = popcount(columns[0, i] ^ q0) + popcount(columns[1, i] ^ q1)
        d += popcount(columns[2, i] ^ q2) + popcount(columns[3, i] ^ q3)
        bits[j] = d
        least = min(least, d)
    return least


@numba.njit(cache=True, nogil=True)
def _scan(columns: Words, queries: Words, radius: int, above: bool) -> Numbers:
    """``columns`` is uint64[4, n], so that LLVM uses vector popcount."""
    found, n = np.empty((1024, 3), np.uint32), 0
    bits = np.empty(TILE, np.int64)
    for start in range(0, columns.shape[1], TILE):
        stop = min(start + TILE, columns.shape[1])
        for q in range(min(len(queries), stop) if above else len(queries)):
            if _compare(columns, start, stop, queries, q, bits) > radius:
                continue
            for j in range(max(q + 1 - start, 0) if above else 0, stop - start):
                if bits[j] <= radius:
                    found = _grown(found, n)
                    found[n, 0], found[n, 1], found[n, 2] = q, start + j, bits[j]
                    n += 1
    return found[:n]
