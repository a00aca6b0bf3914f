"""Which stills are near another one once they are varied."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric import hamming
from vigie.numeric.distinct import Ints, heads
from vigie.numeric.variants_packed import Packed

BLOCK: t.Final = 65_536
"""Queries a search takes at a time: bounds the pairs that lie in memory at once."""


class Held(t.NamedTuple):
    """Stills as they are."""

    item: Ints
    """Number of each one; int64[n]."""
    tables: hamming.Index
    """Of their codes."""
    family: Ints
    """Which set each *number* is in by links of stills as they are; int64[numbers]."""


class Linked(t.NamedTuple):
    """Pairs of stills, one of them varied; all int64[pairs]."""

    varied: Ints
    """Number of the still that was varied."""
    number: Ints
    """Which variant of it."""
    other: Ints
    """Number of the still that it meets."""
    bits: Ints


def linked(held: Held, given: Packed, place: Ints, radius: Ints) -> Linked:
    """Find for each varied still and each family the nearest member that one of its variants meets.

    ``place``: number of each still of ``given``, -1 for one that is not held. ``radius``: by number of the variant.
    Members of one family hang together already: pairs inside it are left out, and one link to another is enough.
    """
    owner = place[given.still]
    use = np.flatnonzero((owner >= 0) & (given.number > 0))
    found = [_met(held, given, owner, use[i : i + BLOCK], radius) for i in range(0, len(use), BLOCK)]
    return _of_families(held, _joined(found))


def best(parts: list[Linked]) -> Linked:
    """Put parts together; of two stills that meet from both sides the nearest link is kept, of equals the first."""
    met = _joined(parts)
    low, high = np.minimum(met.varied, met.other), np.maximum(met.varied, met.other)
    return _heads(met, low, high, np.lexsort((met.varied, met.number, met.bits, high, low)))


def _met(held: Held, given: Packed, owner: Ints, rows: Ints, radius: Ints) -> Linked:
    hits = hamming.search(held.tables, given.code[rows], int(radius.max()))
    row, bits = rows[hits.query], hits.distance.astype(np.int64)
    varied, number, other = owner[row], given.number[row], held.item[hits.id]
    keep = (bits <= radius[number]) & (held.family[varied] != held.family[other])
    return _of_families(held, Linked(varied[keep], number[keep], other[keep], bits[keep]))


def _of_families(held: Held, met: Linked) -> Linked:
    """Keep the nearest of each varied still and family; of equals the first variant and the smallest number."""
    family = held.family[met.other]
    return _heads(met, met.varied, family, np.lexsort((met.other, met.number, met.bits, family, met.varied)))


def _heads(met: Linked, one: Ints, two: Ints, order: Ints) -> Linked:
    """Keep the first of each run that agrees in both numbers."""
    head = heads(one[order], two[order])
    return Linked(*(column[order[head]] for column in met))


def _joined(parts: list[Linked]) -> Linked:
    if not parts:
        return Linked(*(np.zeros(0, np.int64) for _ in Linked._fields))
    return Linked(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
