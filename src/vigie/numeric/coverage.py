"""How much of one sequence of frames is met by another, weighed by time, both ways."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import hamming
from vigie.numeric.bits import distance
from vigie.numeric.distinct import Ints, Words, heads

BLOCK: t.Final = 4096
"""Queries a search takes at a time: bounds the pairs that lie in memory at once."""


class Frames(t.NamedTuple):
    """Frames of many items (videos, stills), sorted by item and time. A still is an item of one frame."""

    item: Ints
    """Number of the item, from 0; int64[n]."""
    code: Words
    """uint64[n, 4]."""
    weight_ms: Ints
    """Time that the frame stands for, at least 1; int64[n]."""
    row: Ints
    """Row of the table the frame came from; int64[n]."""


class Met(t.NamedTuple):
    """Pairs of items with frames in common, sorted by (ours, theirs); all int64[pairs]."""

    ours: Ints
    theirs: Ints
    ours_ms: Ints
    """Time of our item's frames that meet one of theirs."""
    theirs_ms: Ints
    ours_frames: Ints
    theirs_frames: Ints
    distance: Ints
    """Smallest distance of two frames, in bits."""
    middle: Ints
    """Lower median, over our frames that meet, of the distance to their nearest frame of theirs."""
    best_ours: Ints
    """Place in ``Frames`` of our frame of the nearest pair (of equals the first)."""
    best_theirs: Ints
    different: Ints
    """How many of their frames that were met are mutually different, counted up to what was asked for."""


def frames(
    item: Ints,
    at_s: npt.NDArray[np.float64],
    number: Ints,
    code: Words,
    good: npt.NDArray[np.bool_],
    *,
    same_bits: int,
    most_ms: int,
) -> Frames:
    """Sort frames by item, time and number, and weigh each by the time until the next one of its item.

    A frame at most ``same_bits`` from the last one kept is taken for the same: its time goes to that one, so a list
    with every frame and a list with one a second weigh alike, and a still camera does not give a million pairs. A
    weight is at most ``most_ms``; the last frame gets that of the one before it. Frames that are not ``good`` are
    dropped after weighing, as vPDQ leaves frames of low quality out of both sides of a share.
    """
    at_ms = np.rint(at_s * 1000).astype(np.int64)
    order = np.lexsort((number, at_ms, item))
    if not heads(item[order], at_ms[order], number[order]).all():
        # Frames of one time and number: their codes decide, so that nothing depends on the order of rows.
        order = np.lexsort((good, *code.T, number, at_ms, item))
    item, at_ms, code, good = item[order], at_ms[order], np.ascontiguousarray(code[order]), good[order]
    kept = np.flatnonzero(_changes(item, code, good, same_bits))
    weight = _gaps(item[kept], at_ms[kept], most_ms)
    use = good[kept]
    kept, weight = kept[use], weight[use]
    return Frames(item[kept], code[kept], weight, order[kept])


def total_ms(of: Frames, items: int) -> Ints:
    """Sum the weights of each item's frames; int64[items]."""
    out = np.zeros(items, np.int64)
    np.add.at(out, of.item, of.weight_ms)
    return out


def variety(of: Frames, items: int, *, enough: int, apart_bits: int) -> Ints:
    """Count each item's frames that are mutually more than ``apart_bits`` apart, up to ``enough``; int64[items]."""
    out = np.zeros(items, np.int64)
    present, starts = np.unique(of.item, return_index=True)
    out[present] = _different(np.append(starts, len(of.item)), np.arange(len(of.item)), of.code, enough, apart_bits)
    return out


def meet(
    ours: Frames,
    theirs: Frames,
    *,
    radius: int,
    enough: int,
    themselves: bool = False,
    index: hamming.Index | None = None,
) -> Met:
    """Find the pairs of items with frames at most ``radius`` bits apart, and how much of each meets the other.

    ``enough``: count mutually different (more than ``radius`` apart) frames of theirs up to this many.
    ``themselves``: both are the same frames; keep only pairs of items with ``ours`` < ``theirs``.
    ``index``: of ``theirs.code``, where it has been built already.
    """
    near: list[npt.NDArray[np.int64]] = []
    meeting: list[npt.NDArray[np.int64]] = []
    for found in hamming.in_blocks(theirs.code, ours.code, radius, BLOCK, index):
        q, i, d = found.query, found.id, found.distance.astype(np.int64)
        if themselves:
            use = ours.item[q] < theirs.item[i]
            q, i, d = q[use], i[use], d[use]
        a, b = ours.item[q], theirs.item[i]
        order = np.lexsort((i, d, q, b, a))
        near.append(_first_of(np.stack([a, b, q, d, i])[:, order], 3))
        order = np.lexsort((i, b, a))
        meeting.append(_first_of(np.stack([a, b, i])[:, order], 3))
    return _summed(ours, theirs, _joined(near, 5), _joined(meeting, 3), enough, radius)


def families(ours: Frames, family: Ints, *, radius: int, index: hamming.Index | None = None) -> Ints:
    """Count the families of items that each frame is seen in, its own included; int64[frames].

    ``family``: label of each item's family; int64[items]. ``index``: of ``ours.code``, where it has been built already.
    """
    out = np.zeros(len(ours.code), np.int64)
    for found in hamming.in_blocks(ours.code, ours.code, radius, BLOCK, index):
        seen = np.stack([found.query, family[ours.item[found.id]]])
        seen = _first_of(seen[:, np.lexsort((seen[1], seen[0]))], 2)
        out += np.bincount(seen[0], minlength=len(out))
    return out


def only(of: Frames, keep: npt.NDArray[np.bool_]) -> Frames:
    """Keep some of the frames, their weights as they are."""
    return Frames(of.item[keep], of.code[keep], of.weight_ms[keep], of.row[keep])


def _joined(parts: list[Ints], rows: int) -> Ints:
    return np.concatenate(parts, axis=1) if parts else np.zeros((rows, 0), np.int64)


def _first_of(sorted_columns: Ints, by: int) -> Ints:
    """Keep the first column of each run that agrees in the first ``by`` rows."""
    return sorted_columns[:, heads(*sorted_columns[:by])]


def _summed(ours: Frames, theirs: Frames, near: Ints, meeting: Ints, enough: int, apart_bits: int) -> Met:
    a, b, q, d, i = near[:, np.lexsort((near[4], near[2], near[3], near[1], near[0]))]
    starts = np.flatnonzero(heads(a, b))
    if not len(starts):
        return Met(*(np.zeros(0, np.int64) for _ in Met._fields))
    counts = np.diff(np.append(starts, len(a)))
    other = _first_of(meeting[:, np.lexsort((meeting[2], meeting[1], meeting[0]))], 3)
    other_starts = np.flatnonzero(heads(*other[:2]))
    other_ends = np.append(other_starts, other.shape[1])
    return Met(
        ours=a[starts],
        theirs=b[starts],
        ours_ms=np.add.reduceat(ours.weight_ms[q], starts),
        theirs_ms=np.add.reduceat(theirs.weight_ms[other[2]], other_starts),
        ours_frames=counts,
        theirs_frames=np.diff(other_ends),
        distance=d[starts],
        middle=d[starts + (counts - 1) // 2],
        best_ours=q[starts],
        best_theirs=i[starts],
        different=_different(other_ends, other[2], theirs.code, enough, apart_bits),
    )


@numba.njit(cache=True, nogil=True)
def _changes(item: Ints, code: Words, good: npt.NDArray[np.bool_], same_bits: int) -> npt.NDArray[np.bool_]:
    """Mark the frames that differ from the last one kept of their item."""
    out = np.ones(len(item), np.bool_)
    last = 0
    for i in range(1, len(item)):
        if item[i] == item[last] and good[i] == good[last]:
            out[i] = distance(code, i, code, last) > same_bits
        if out[i]:
            last = i
    return out


@numba.njit(cache=True, nogil=True)
def _gaps(item: Ints, at_ms: Ints, most_ms: int) -> Ints:
    """Time from each frame to the next of its item, within 1..most_ms."""
    out = np.ones(len(item), np.int64)
    for i in range(len(item)):
        if i + 1 < len(item) and item[i + 1] == item[i]:
            out[i] = min(max(at_ms[i + 1] - at_ms[i], 1), most_ms)
        elif i > 0 and item[i - 1] == item[i]:
            out[i] = out[i - 1]
    return out


@numba.njit(cache=True, nogil=True)
def _different(starts: Ints, places: Ints, code: Words, enough: int, apart_bits: int) -> Ints:
    """For each run of places, do as ``different``; every code counts."""
    out = np.zeros(len(starts) - 1, np.int64)
    counts = np.ones(len(code), np.bool_)
    for g in range(len(out)):
        out[g] = different(places[starts[g] : starts[g + 1]], code, counts, enough, apart_bits)
    return out


@numba.njit(cache=True, nogil=True)
def different(places: Ints, code: Words, counts: npt.NDArray[np.bool_], enough: int, apart_bits: int) -> int:
    """Count codes that count and are more than ``apart_bits`` from all counted before them, up to ``enough``."""
    chosen = np.empty(max(enough, 1), np.int64)
    n = 0
    for i in places:
        if n == enough:
            break
        new = counts[i]
        for k in range(n):
            new = new and distance(code, i, code, chosen[k]) > apart_bits
        if new:
            chosen[n] = i
            n += 1
    return n
