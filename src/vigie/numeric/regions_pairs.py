"""Which stills to lay over each other: those of which parts look alike, few enough for each."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric import hamming
from vigie.numeric.distinct import Ints, Words, heads
from vigie.numeric.regions_packed import FOUND, Packed, some

if t.TYPE_CHECKING:
    import numpy.typing as npt

WHOLE: t.Final = -1
LARGE_TILES: t.Final = 8
"""The first tiles are halves and quarters: in a collage without gaps each may be a whole picture."""


class Stills(t.NamedTuple):
    """Stills as they are; the numbers of both columns are those of the regions."""

    number: Ints
    code: Words


class Bounds(t.NamedTuple):
    """How near parts must be, and how many pairs may come of them."""

    tile_bits: int
    region_bits: int
    least_votes: int
    most_met: int
    """A tile that so many others meet is common - a frame, a header - and does not vote."""
    most_pairs: int
    """For each still."""


class Pairs(t.NamedTuple):
    """Pairs of stills, ``a`` < ``b``; all int64[pairs]."""

    a: Ints
    b: Ints
    part_a: Ints
    """Row of the region that is to be compared; -1: all of the still."""
    part_b: Ints
    votes: Ints
    bits: Ints


def candidates(given: Packed, stills: Stills, family: Ints, bounds: Bounds) -> Pairs:
    """Return the pairs worth a closer look, one for each two families, the best of each still.

    ``family``: which set each number is in by what is linked already; pairs inside one are left out.
    """
    met = _joined([_tiles(given, family, bounds), _shown(given, stills, family, bounds), _both(given, family, bounds)])
    one, other = np.minimum(family[met.a], family[met.b]), np.maximum(family[met.a], family[met.b])
    kind = (met.part_a != WHOLE).astype(np.int64) + (met.part_b != WHOLE)
    order = np.lexsort((met.part_b, met.part_a, met.b, met.a, met.bits, -met.votes, kind, other, one))
    best = order[heads(one[order], other[order])]
    best = best[np.lexsort((met.b[best], met.a[best], met.bits[best], -met.votes[best]))]
    rank = np.minimum(_rank(met.a[best]), _rank(met.b[best]))
    best = best[rank < bounds.most_pairs]
    return Pairs(*(column[best] for column in met))


def _tiles(given: Packed, family: Ints, bounds: Bounds) -> Pairs:
    """Pairs of which equal tiles are alike."""
    found = []
    for tile in range(FOUND):
        rows = np.flatnonzero(given.tile == tile)
        if not len(rows):
            break
        hits = hamming.pairs(given.code[rows], bounds.tile_bits)
        times = np.bincount(np.concatenate([hits.query, hits.id]), minlength=len(rows))
        rare = np.maximum(times[hits.query], times[hits.id]) <= bounds.most_met
        x, y = given.still[rows[hits.query[rare]]], given.still[rows[hits.id[rare]]]
        found.append(np.stack([np.minimum(x, y), np.maximum(x, y), hits.distance[rare].astype(np.int64)]))
    a, b, bits = np.concatenate(found, axis=1) if found else np.zeros((3, 0), np.int64)
    apart = family[a] != family[b]
    a, b, bits = a[apart], b[apart], bits[apart]
    order = np.lexsort((bits, b, a))
    a, b, bits = a[order], b[order], bits[order]
    head = np.flatnonzero(heads(a, b))
    votes = np.diff(np.append(head, len(a)))
    keep = votes >= bounds.least_votes
    head, votes = head[keep], votes[keep]
    whole = np.full(len(head), WHOLE)
    return Pairs(a[head], b[head], whole, whole, votes, bits[head])


def _shown(given: Packed, stills: Stills, family: Ints, bounds: Bounds) -> Pairs:
    """Pairs of which one shows the other in a part of it."""
    rows = np.flatnonzero((given.tile == FOUND) | (given.tile < LARGE_TILES))
    hits = hamming.search(hamming.build(stills.code), given.code[rows], bounds.region_bits)
    row, other = rows[hits.query], stills.number[hits.id]
    whole = np.full(len(row), WHOLE)
    return _apart(row, whole, given.still[row], other, hits.distance, family)


def _both(given: Packed, family: Ints, bounds: Bounds) -> Pairs:
    """Pairs that both show something in a part of them."""
    rows = np.flatnonzero(given.tile == FOUND)
    hits = hamming.pairs(some(given, rows).code, bounds.region_bits)
    times = np.bincount(np.concatenate([hits.query, hits.id]), minlength=len(rows))
    rare = np.maximum(times[hits.query], times[hits.id]) <= bounds.most_met
    x, y = rows[hits.query[rare]], rows[hits.id[rare]]
    return _apart(x, y, given.still[x], given.still[y], hits.distance[rare], family)


def _apart(row: Ints, other_row: Ints, of: Ints, other: Ints, bits: npt.NDArray[np.int16], family: Ints) -> Pairs:
    keep = family[of] != family[other]
    row, other_row, of, other = row[keep], other_row[keep], of[keep], other[keep]
    turned = of > other
    return Pairs(
        np.minimum(of, other),
        np.maximum(of, other),
        np.where(turned, other_row, row),
        np.where(turned, row, other_row),
        np.ones(len(of), np.int64),
        bits[keep].astype(np.int64),
    )


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _rank(of: Ints) -> Ints:
    """How many equal numbers came before each."""
    order = np.argsort(of, kind="stable")
    starts = np.flatnonzero(heads(of[order]))
    out = np.empty(len(of), np.int64)
    out[order] = np.arange(len(of)) - np.repeat(starts, np.diff(np.append(starts, len(of))))
    return out
