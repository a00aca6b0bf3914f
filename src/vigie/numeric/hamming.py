"""Exact range search over 256-bit codes: which of many codes lie within so many bits of a query.

Multi-index hashing (Norouzi, Punjani, Fleet 2012, "Fast search in Hamming space with multi-index hashing"), 16 chunks
of 16 bits, with a filter inside the tables: see ``hamming_tables``. Radius 0-15 looks into 16 buckets, 16-31 into 272,
32-47 into 2,192. **Beyond radius 47, and where there is little to search, every code is compared.** No method misses
a code: all give what comparing everything gives.

Equal codes are kept once: a hash that a million files share (a black frame, a placeholder) costs one entry.

An index is a row of segments that never change. They are plain arrays, so they may be files mapped into memory, shared
by processes; a new list is one more segment, and an entry that is withdrawn is a bit that hides it.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.distinct import Ints, Words
from vigie.numeric.hamming_native import NativeLoops
from vigie.numeric.hamming_numba import NumbaLoops
from vigie.numeric.hamming_tables import BUCKETS, MOST_BITS, Empty, Loops, Numbers, Tables, buckets_asked, tests_of_join
from vigie.numeric.native import NATIVE

LOOPS: Loops = NativeLoops(NATIVE, NATIVE.level) if NATIVE else NumbaLoops()
"""What does the work on this machine."""

WORTH_TABLES: t.Final = 8192
"""Below so many distinct codes comparing all is as quick as 272 probes, and the tables' 4 MB are not spent."""
SCANNED: t.Final = 1 << 30
"""So many comparisons (about 0.3 s) are done rather than tables built for one search."""
STREAMED: t.Final = 4096
"""From so many queries on they are sorted into tables of their own, and searched bucket by bucket."""
TOGETHER: t.Final = 1 << 20
"""Queries that are searched bucket by bucket at a time: bounds the memory of their tables to 170 MB."""
COPIED: t.Final = 1 << 16
"""Codes that are brought in order at a time: their numbers stay in the cache."""
TESTS_PER_SCAN: t.Final = 8
"""A query that would test more than one of so many codes, for most lie in its buckets, is compared with all: a test
that passes costs a jump in memory."""

_NONE: Ints = np.zeros(0, np.int64)
_ALONE: t.Final = (
    (_NONE.astype(np.uint32), np.zeros(1, np.uint32)),
    (np.zeros(1, np.uint32), np.arange(2, dtype=np.uint32)),
)
"""The order of no query, and of one."""


class Segment(t.NamedTuple):
    """Codes made ready for searching, for good. All arrays are plain."""

    members: Numbers
    """Rows of the codes that the segment was made of, those of equal codes side by side, ascending; uint32[n]."""
    starts: Numbers
    """Code ``i`` belongs to ``members[starts[i]:starts[i + 1]]``; uint32[u + 1]."""
    codes: Words
    """The distinct codes in lexicographic order; uint64[u, 4]."""
    offsets: Numbers
    """See ``Tables``; no rows where there are no tables."""
    near: Numbers
    numbers: Numbers

    @property
    def tables(self) -> Tables | None:
        """The tables, or None where there are so few codes that all are compared."""
        return Tables(self.codes, self.offsets, self.near, self.numbers) if len(self.offsets) else None


class Index(t.NamedTuple):
    """Segments searched as one: the id of a row is its segment's base plus its number there."""

    segments: tuple[Segment, ...]
    bases: tuple[int, ...]
    withdrawn: tuple[npt.NDArray[np.uint8], ...]
    """For each segment a bitmap over its rows (bit ``row % 8`` of byte ``row // 8``), or no bytes: what is hidden."""


class Hits(t.NamedTuple):
    """Pairs within the radius, sorted by query, then id."""

    query: Ints
    id: Ints
    distance: npt.NDArray[np.int16]


def segment(codes: Words, empty: Empty = np.empty) -> Segment:
    """Make a segment of a uint64[n, 4] matrix of codes; n < 2^32.

    It takes 160 bytes per distinct code, 8 per row, and 4 MB; making it takes some 12 bytes per row beside. Its arrays
    come from ``empty`` in the order in which a segment names them, so that they may lie in a file.
    """
    codes = _checked(codes)
    members, starts = LOOPS.order(codes, empty)
    unique = empty((len(starts) - 1, 4), np.uint64)
    for at in range(0, len(unique), COPIED):
        part = slice(at, min(at + COPIED, len(unique)))
        np.take(codes, members[starts[part]], axis=0, out=unique[part], mode="clip")  # else it is copied once more
    if len(unique) < WORTH_TABLES:
        none = np.zeros((0, len(unique)), np.uint32)
        return Segment(members, starts, unique, np.zeros((0, BUCKETS + 1), np.uint32), none, none)
    return Segment(members, starts, *LOOPS.tables(unique, empty))


def together(segments: t.Sequence[Segment], withdrawn: t.Sequence[npt.NDArray[np.bool_] | None] = ()) -> Index:
    """Search segments as one: ids run through them in this order.

    ``withdrawn``: for each segment, or for none, which of its rows are not to be found; bool[n].
    """
    bases = np.cumsum([0, *(len(one.members) for one in segments)]).tolist()
    hidden = []
    for one, mask in zip(segments, withdrawn or [None] * len(segments), strict=True):
        if mask is not None and mask.shape != one.members.shape:
            raise ValueError(f"{mask.shape} marks of withdrawal for a segment of {len(one.members)} rows")
        hidden.append(np.zeros(0, np.uint8) if mask is None else np.packbits(mask, bitorder="little"))
    return Index(tuple(segments), tuple(bases[:-1]), tuple(hidden))


def build(codes: Words) -> Index:
    """Make an index of one segment."""
    return together([segment(codes)])


def search(index: Index, queries: Words, radius: int) -> Hits:
    """Find every (query, id) at most ``radius`` bits apart; queries are uint64[q, 4], radius 0-256."""
    queries = _checked(queries, radius)
    asked, starts = LOOPS.order(queries) if len(queries) > 1 else _ALONE[len(queries)]
    unique = queries[asked[starts[:-1]]]
    parts = []
    for one, base, hidden in zip(index.segments, index.bases, index.withdrawn, strict=True):
        found = _near(one, unique, radius)
        query, at = _spread(asked, starts, found[:, 0])
        row, again = _spread(one.members, one.starts, found[at, 1])
        query, bits = query[again], found[at[again], 2]
        if len(hidden):
            shown = (hidden[row >> 3] >> (row & 7).astype(np.uint8) & 1) == 0
            query, row, bits = query[shown], row[shown], bits[shown]
        parts.append((query, row + base, bits))
    return _sorted(*(np.concatenate(column) for column in zip(*parts, strict=True))) if parts else _sorted()


def within(codes: Words, queries: Words, radius: int) -> Hits:
    """Do as ``search`` over ``build(codes)``, comparing all where that is less work than making the tables."""
    codes, queries = _checked(codes), _checked(queries, radius)
    if len(codes) * len(queries) > SCANNED:
        return search(build(codes), queries, radius)
    found = LOOPS.scan(codes, queries, radius, above=False)
    return _sorted(found[:, 0].astype(np.int64), found[:, 1].astype(np.int64), found[:, 2])


def in_blocks(codes: Words, queries: Words, radius: int, size: int, index: Index | None = None) -> t.Iterator[Hits]:
    """Yield what each ``size`` queries meet, numbered among all: bounds the pairs that lie in memory at once.

    ``index``: of ``codes``, where there is one; else it is made if that is less work than comparing all.
    """
    if index is None and len(codes) * len(queries) > SCANNED:
        index = build(codes)
    for start in range(0, len(queries), size):
        asked = queries[start : start + size]
        found = search(index, asked, radius) if index else within(codes, asked, radius)
        yield found._replace(query=found.query + start)


def pairs(codes: Words, radius: int) -> Hits:
    """Join codes with themselves: see ``joined``."""
    return joined(segment(codes), radius)


def joined(one: Segment, radius: int) -> Hits:
    """Join a segment with itself: the pairs (``query`` < ``id``) of rows at most ``radius`` bits apart.

    Of rows with equal codes only the first is paired with other codes, and each other one with that first (distance
    0), as a star: the pairs connect the very same rows as all pairs would, and a million equal codes give a million
    pairs instead of half a billion times a thousand.
    """
    _checked(one.codes, radius)
    found = _join(one, radius)
    members, starts = one.members.astype(np.int64), one.starts.astype(np.int64)
    first = members[starts[:-1]]
    a, b = first[found[:, 0]], first[found[:, 1]]
    star = np.ones(len(members), np.bool_)
    star[starts[:-1]] = False
    hub = np.repeat(first, np.diff(starts))[star]
    low, high = np.concatenate([np.minimum(a, b), hub]), np.concatenate([np.maximum(a, b), members[star]])
    return _sorted(low, high, np.concatenate([found[:, 2], np.zeros(len(hub), np.uint32)]))


def _near(one: Segment, queries: Words, radius: int) -> Numbers:
    """Find (query, code, bits) in a segment, by the way that is quickest for so many queries."""
    held = one.tables
    if held is None or radius > MOST_BITS:
        return LOOPS.scan(one.codes, queries, radius, above=False)
    most = len(one.codes) // TESTS_PER_SCAN
    if len(queries) < STREAMED:
        found, left = LOOPS.probe(held, queries, radius, most)
        parts = [found]
    else:
        left = _crowded(held, queries, radius, most)
        rest = np.flatnonzero(~left)
        parts = []
        for start in range(0, len(rest), TOGETHER):
            asked = rest[start : start + TOGETHER]
            parts.append(_numbered(LOOPS.stream(held, LOOPS.tables(queries[asked]), radius), asked))
    if left.any():
        parts.append(_numbered(LOOPS.scan(one.codes, queries[left], radius, above=False), np.flatnonzero(left)))
    return np.concatenate(parts)


def _crowded(held: Tables, queries: Words, radius: int, most: int) -> npt.NDArray[np.bool_]:
    """Mark the queries that would test more than ``most`` entries."""
    if _largest(held).sum() * buckets_asked(radius) <= most:
        return np.zeros(len(queries), np.bool_)  # no query can
    return LOOPS.candidates(held, queries, radius) > most


def _join(one: Segment, radius: int) -> Numbers:
    held, n = one.tables, len(one.codes)
    everything = n * (n - 1) // 2
    if held is None or radius > MOST_BITS:
        return LOOPS.scan(one.codes, one.codes, radius, above=True)
    most = everything // TESTS_PER_SCAN
    at_most = int(_largest(held).sum()) * buckets_asked(radius) * n // 2
    if at_most > most and (everything <= SCANNED or tests_of_join(held.offsets, radius) > most):
        return LOOPS.scan(one.codes, one.codes, radius, above=True)
    return LOOPS.join(held, radius)


def _largest(held: Tables) -> Ints:
    """Return how many entries the largest bucket of each table has."""
    largest: Ints = np.diff(held.offsets.astype(np.int64), axis=1).max(axis=1)
    return largest


def _numbered(found: Numbers, asked: Ints) -> Numbers:
    """Give the queries of a part their numbers among all."""
    found[:, 0] = asked[found[:, 0]]
    return found


def _spread(members: Numbers, starts: Numbers, groups: Numbers) -> tuple[Ints, Ints]:
    """Return the members of each group one after the other, and the place of each one's group in ``groups``."""
    if len(starts) == len(members) + 1:  # each group has one
        return members[groups].astype(np.int64), np.arange(len(groups))
    first = starts[groups].astype(np.int64)
    counts = starts[groups + np.uint32(1)] - first
    at = np.repeat(np.arange(len(groups)), counts)
    within_group = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    return members[first[at] + within_group].astype(np.int64), at


def _sorted(query: Ints = _NONE, id_: Ints = _NONE, bits: npt.NDArray[t.Any] = _NONE) -> Hits:
    order = np.lexsort((id_, query))
    return Hits(query[order], id_[order], bits[order].astype(np.int16))  # 256 is a distance too


def _checked(codes: Words, radius: int = 0) -> Words:
    if not 0 <= radius <= 256:
        raise ValueError(f"a radius is 0-256 bits, not {radius}")
    if codes.dtype != np.uint64 or codes.ndim != 2 or codes.shape[1] != 4:
        raise TypeError(f"codes are uint64[n, 4], not {codes.dtype}{list(codes.shape)}")
    return np.ascontiguousarray(codes)
