"""Exact range search over 256-bit codes: which of many codes lie within so many bits of a query.

Multi-index hashing (Norouzi, Punjani, Fleet 2012, "Fast search in Hamming space with multi-index hashing"), 16 chunks
of 16 bits: codes at most 15 bits apart agree in a chunk, codes at most 31 apart differ by at most one bit in some
chunk, so 16 or 16 x 17 = 272 buckets hold every answer. Each entry of a bucket carries 96 bits of other chunks beside
its id, so that nearly all candidates are refused without touching their code. Beyond radius 31, and where there is
little to search, every code is compared. No method misses a code: all give what comparing everything gives.

Equal codes are kept once: a hash that a million files share (a black frame, a placeholder) costs one entry.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.bits import popcount
from vigie.numeric.distinct import Ints, Words, distinct

CHUNKS: t.Final = 16
BUCKETS: t.Final = 1 << 16
MOST_INDEXED_BITS: t.Final = 31
"""Largest radius that the tables answer; above it every code is compared."""
WORTH_A_TABLE: t.Final = 4096
"""Below so many distinct codes comparing all is as quick as 272 probes, and the tables' 8 MB are not spent."""
SCANNED: t.Final = 1 << 28
"""So many comparisons (about 0.1-0.2 s) are done rather than a table built for one search."""
BLOCK: t.Final = 1024


class Index(t.NamedTuple):
    """Codes made ready for searching. All arrays are plain, so they may be stored as files and mapped into memory."""

    codes: Words
    """The distinct codes in lexicographic order; uint64[u, 4]."""
    members: Ints
    """Ids (row numbers given to ``build``), those of equal codes side by side; int64[n]."""
    starts: Ints
    """Code ``i`` belongs to ``members[starts[i]:starts[i + 1]]``; int64[u + 1]."""
    offsets: Ints
    """First entry of each bucket of each chunk; int64[16, 65537], or [0, 65537] where there are no tables."""
    entries: Words
    """Per chunk, by bucket: 64 bits of four other chunks; 32 bits of two more, and the code's number. [16, u, 2]."""


class Hits(t.NamedTuple):
    """Pairs within the radius, sorted by query, then id."""

    query: Ints
    id: Ints
    distance: npt.NDArray[np.uint8]


def build(codes: Words) -> Index:
    """Index a uint64[n, 4] matrix of codes; n < 2^32. Memory: 288 bytes per distinct code and 8 per id."""
    codes = _checked(codes)
    same = distinct(codes)
    unique = np.ascontiguousarray(codes[same.first])
    if len(unique) < WORTH_A_TABLE:
        offsets, entries = np.zeros((0, BUCKETS + 1), np.int64), np.zeros((0, len(unique), 2), np.uint64)
    else:
        offsets, entries = _tables(unique, unique.view(np.uint16))
    return Index(unique, same.members, same.starts, offsets, entries)


def search(index: Index, queries: Words, radius: int) -> Hits:
    """Find every (query, id) at most ``radius`` bits apart; queries are uint64[q, 4], radius 0-256."""
    asked = distinct(_checked(queries))
    unique = np.ascontiguousarray(queries[asked.first])
    everywhere = np.ones(len(unique), np.bool_)
    if radius <= MOST_INDEXED_BITS and len(index.offsets):
        # A query whose buckets hold more than there are codes (they are in one bucket of many chunks) compares all.
        everywhere = _candidates(index.offsets, unique.view(np.uint16), radius) > len(index.codes)
    near, all_of = np.flatnonzero(~everywhere), np.flatnonzero(everywhere)
    asked_near = np.ascontiguousarray(unique[near])
    probed = _probe(index.codes, index.offsets, index.entries, asked_near, asked_near.view(np.uint16), radius)
    every = np.ascontiguousarray(index.codes.T if len(all_of) else index.codes[:0].T)
    scanned = _scan(every, np.ascontiguousarray(unique[all_of]), radius, False)
    probed[:, 0], scanned[:, 0] = near[probed[:, 0]], all_of[scanned[:, 0]]
    found = np.concatenate([probed, scanned])
    return _expanded(found, asked.members, asked.starts, index.members, index.starts)


def within(codes: Words, queries: Words, radius: int) -> Hits:
    """Do as ``search`` over ``build(codes)``, comparing all where that is less work than building the tables."""
    if len(codes) * len(queries) > SCANNED:
        return search(build(codes), queries, radius)
    codes, queries = _checked(codes), _checked(queries)
    held, asked = distinct(codes), distinct(queries)
    found = _scan(np.ascontiguousarray(codes[held.first].T), np.ascontiguousarray(queries[asked.first]), radius, False)
    return _expanded(found, asked.members, asked.starts, held.members, held.starts)


def pairs(codes: Words, radius: int) -> Hits:
    """Join codes with themselves: the pairs (``query`` < ``id``) of rows at most ``radius`` bits apart.

    Of rows with equal codes only the first is paired with other codes, and each other one with that first (distance
    0), as a star: the pairs connect the very same rows as all pairs would, and a million equal codes give a million
    pairs instead of half a billion times a thousand.
    """
    codes = _checked(codes)
    same = distinct(codes)
    unique = np.ascontiguousarray(codes[same.first])
    found = _joined(unique, radius)
    a, b = same.first[found[:, 0]], same.first[found[:, 1]]
    star = np.ones(len(codes), np.bool_)
    star[same.starts[:-1]] = False
    hub = np.repeat(same.first, np.diff(same.starts))[star]
    low, high = np.concatenate([np.minimum(a, b), hub]), np.concatenate([np.maximum(a, b), same.members[star]])
    bits = np.concatenate([found[:, 2], np.zeros(len(hub), np.int64)]).astype(np.uint8)
    order = np.lexsort((high, low))
    return Hits(low[order], high[order], bits[order])


def _checked(codes: Words) -> Words:
    if codes.dtype != np.uint64 or codes.ndim != 2 or codes.shape[1] != 4:
        raise TypeError(f"codes are uint64[n, 4], not {codes.dtype}{list(codes.shape)}")
    return np.ascontiguousarray(codes)


def _joined(unique: Words, radius: int) -> Ints:
    everything = len(unique) * (len(unique) - 1) // 2
    if radius <= MOST_INDEXED_BITS and everything > SCANNED:
        offsets, entries = _tables(unique, unique.view(np.uint16))
        # Where most codes fall into few buckets the tables would test pairs many times over: then compare all once.
        if _tests(offsets, radius > CHUNKS - 1) <= everything:
            return _join(unique, offsets, entries, radius)
    return _scan(np.ascontiguousarray(unique.T), unique, radius, True)


def _expanded(found: Ints, asked: Ints, asked_starts: Ints, held: Ints, held_starts: Ints) -> Hits:
    """Turn pairs of distinct codes into pairs of all their holders, sorted."""
    q, i = found[:, 0], found[:, 1]
    query, at = _spread(asked, asked_starts, q)
    ids, again = _spread(held, held_starts, i[at])
    query, bits = query[again], found[:, 2][at[again]].astype(np.uint8)
    order = np.lexsort((ids, query))
    return Hits(query[order], ids[order], bits[order])


def _spread(members: Ints, starts: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return the members of each group one after the other, and the place of each one's group in ``groups``."""
    counts = starts[groups + 1] - starts[groups]
    at = np.repeat(np.arange(len(groups)), counts)
    within_group = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    return members[starts[groups][at] + within_group], at


@numba.njit(cache=True, nogil=True)
def _tables(codes: Words, chunks: npt.NDArray[np.uint16]) -> tuple[Ints, Words]:
    """Sort the codes into the buckets of each chunk, by counting."""
    n = len(codes)
    offsets = np.zeros((CHUNKS, BUCKETS + 1), np.int64)
    entries = np.empty((CHUNKS, n, 2), np.uint64)
    for c in range(CHUNKS):
        for i in range(n):
            offsets[c, chunks[i, c] + 1] += 1
        for b in range(BUCKETS):
            offsets[c, b + 1] += offsets[c, b]
        place = offsets[c, :BUCKETS].copy()
        for i in range(n):
            p = place[chunks[i, c]]
            place[chunks[i, c]] += 1
            entries[c, p, 0] = _filter0(chunks, i, c)
            entries[c, p, 1] = (_filter1(chunks, i, c) << np.uint64(32)) | np.uint64(i)
    return offsets, entries


@numba.njit(cache=True, nogil=True, inline="always")
def _filter0(chunks: npt.NDArray[np.uint16], i: int, c: int) -> np.uint64:
    word = np.uint64(chunks[i, (c + 3) % 16])
    for k in (5, 7, 9):
        word = (word << np.uint64(16)) | np.uint64(chunks[i, (c + k) % 16])
    return word


@numba.njit(cache=True, nogil=True, inline="always")
def _filter1(chunks: npt.NDArray[np.uint16], i: int, c: int) -> np.uint64:
    return (np.uint64(chunks[i, (c + 11) % 16]) << np.uint64(16)) | np.uint64(chunks[i, (c + 13) % 16])


@numba.njit(cache=True, nogil=True, inline="always")
def _distance(a: Words, i: int, b: Words, j: int) -> int:
    bits: int = popcount(a[i, 0] ^ b[j, 0]) + popcount(a[i, 1] ^ b[j, 1])
    bits += popcount(a[i, 2] ^ b[j, 2]) + popcount(a[i, 3] ^ b[j, 3])
    return bits


@numba.njit(cache=True, nogil=True)
def _first_chunk(a: Words, i: int, b: Words, j: int, slack: int) -> int:
    """Return the first chunk in which two codes differ by at most ``slack`` bits: the only one that reports them."""
    for w in range(4):
        word = a[i, w] ^ b[j, w]
        for k in range(4):
            if popcount(word & np.uint64(0xFFFF)) <= slack:
                return 4 * w + k
            word >>= np.uint64(16)
    return CHUNKS


@numba.njit(cache=True, nogil=True)
def _pass(bucket: Words, first: int, last: int, f0: np.uint64, f1: np.uint64, radius: int, passed: Ints) -> int:
    """Collect the codes of a bucket whose 96 bits are near enough; their count.

    A function of its own, without slices or new arrays: numba counts references to those at every turn of a loop,
    which costs ten times the work itself (21 ns a test against 1-2, measured).
    """
    n = 0
    for e in range(first, last):
        word = bucket[e, 1]
        if popcount(bucket[e, 0] ^ f0) + popcount((word ^ f1) >> np.uint64(32)) <= radius:
            passed[n] = np.int64(word & np.uint64(0xFFFFFFFF))
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _largest(offsets: Ints) -> int:
    most = 0
    for c in range(CHUNKS):
        for b in range(BUCKETS):
            most = max(most, offsets[c, b + 1] - offsets[c, b])
    return most


@numba.njit(cache=True, nogil=True)
def _grown(found: Ints) -> Ints:
    more = np.empty((2 * len(found), 3), np.int64)
    more[: len(found)] = found
    return more


@numba.njit(cache=True, nogil=True)
def _candidates(offsets: Ints, chunks: npt.NDArray[np.uint16], radius: int) -> Ints:
    """Count the entries that ``_probe`` would test for each query."""
    out = np.zeros(len(chunks), np.int64)
    for q in range(len(chunks)):
        for c in range(CHUNKS):
            for k in range(17 if radius > CHUNKS - 1 else 1):
                b = chunks[q, c] ^ (0 if k == 0 else 1 << (k - 1))
                out[q] += offsets[c, b + 1] - offsets[c, b]
    return out


@numba.njit(cache=True, nogil=True)
def _probe(
    codes: Words, offsets: Ints, entries: Words, queries: Words, chunks: npt.NDArray[np.uint16], radius: int
) -> Ints:
    """Look into every bucket that can hold an answer; (query, code, distance) rows."""
    found, n = np.empty((1024, 3), np.int64), 0
    slack = 1 if radius > CHUNKS - 1 else 0
    passed = np.empty(_largest(offsets) if len(queries) else 0, np.int64)
    for q in range(len(queries)):
        for c in range(CHUNKS):
            f0, f1 = _filter0(chunks, q, c), _filter1(chunks, q, c) << np.uint64(32)
            bucket = entries[c]
            for k in range(1 + 16 * slack):
                b = chunks[q, c] ^ (0 if k == 0 else 1 << (k - 1))
                many = _pass(bucket, offsets[c, b], offsets[c, b + 1], f0, f1, radius, passed)
                for p in range(many):
                    i = passed[p]
                    bits = _distance(codes, i, queries, q)
                    if bits <= radius and _first_chunk(codes, i, queries, q, slack) == c:
                        if n == len(found):
                            found = _grown(found)
                        found[n, 0], found[n, 1], found[n, 2] = q, i, bits
                        n += 1
    return found[:n]


@numba.njit(cache=True, nogil=True)
def _tests(offsets: Ints, wide: bool) -> float:
    """Count the pairs that ``_join`` would test."""
    total = 0.0
    for c in range(CHUNKS):
        for b in range(BUCKETS):
            here = float(offsets[c, b + 1] - offsets[c, b])
            total += here * (here - 1) / 2
            if wide and here > 0:
                for k in range(16):
                    other = b ^ (1 << k)
                    if other > b:
                        total += here * (offsets[c, other + 1] - offsets[c, other])
    return total


@numba.njit(cache=True, nogil=True)
def _join(codes: Words, offsets: Ints, entries: Words, radius: int) -> Ints:
    """Compare every bucket with itself and its neighbours; (code, code, distance) rows."""
    found, n = np.empty((1024, 3), np.int64), 0
    slack = 1 if radius > CHUNKS - 1 else 0
    passed = np.empty(_largest(offsets), np.int64)
    for c in range(CHUNKS):
        bucket = entries[c]
        for b in range(BUCKETS):
            for k in range(1 + 16 * slack):
                other = b if k == 0 else b ^ (1 << (k - 1))
                last = offsets[c, other + 1]
                if other < b or last == offsets[c, other]:
                    continue
                for e in range(offsets[c, b], offsets[c, b + 1]):
                    first = e + 1 if k == 0 else offsets[c, other]
                    many = _pass(bucket, first, last, bucket[e, 0], bucket[e, 1], radius, passed)
                    for p in range(many):
                        i, j = int(np.int64(bucket[e, 1] & np.uint64(0xFFFFFFFF))), passed[p]
                        bits = _distance(codes, i, codes, j)
                        if bits <= radius and _first_chunk(codes, i, codes, j, slack) == c:
                            if n == len(found):
                                found = _grown(found)
                            found[n, 0], found[n, 1], found[n, 2] = i, j, bits
                            n += 1
    return found[:n]


@numba.njit(cache=True, nogil=True)
def _compare(columns: Words, start: int, stop: int, query: Words, bits: Ints) -> int:
    """Write the distances of a block of codes; the smallest of them."""
    q0, q1, q2, q3 = query[0], query[1], query[2], query[3]
    least = 256
    for j in range(stop - start):
        i = start + j
        d = popcount(columns[0, i] ^ q0) + popcount(columns[1, i] ^ q1)
        d += popcount(columns[2, i] ^ q2) + popcount(columns[3, i] ^ q3)
        bits[j] = d
        least = min(least, d)
    return least


@numba.njit(cache=True, nogil=True)
def _scan(columns: Words, queries: Words, radius: int, above: bool) -> Ints:
    """Compare all codes with each query, or with ``above`` only the later ones; (query, code, distance) rows.

    ``columns`` is uint64[4, u], so that LLVM uses vector popcount.
    """
    found, n = np.empty((1024, 3), np.int64), 0
    bits = np.empty(BLOCK, np.int64)
    for q in range(len(queries)):
        for start in range(q + 1 if above else 0, columns.shape[1], BLOCK):
            stop = min(start + BLOCK, columns.shape[1])
            if _compare(columns, start, stop, queries[q], bits) > radius:
                continue
            for j in range(stop - start):
                if bits[j] <= radius:
                    if n == len(found):
                        found = _grown(found)
                    found[n, 0], found[n, 1], found[n, 2] = q, start + j, bits[j]
                    n += 1
    return found[:n]
