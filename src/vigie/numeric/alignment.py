"""Which stretches of two sequences of frames show the same in the same order, and how common what they share is.

Frames stand for stretches of time, not for moments: frame ``q`` of ours is shown from its time for its weight. A pair
of frames that look alike therefore allows every offset ``ours - speed * theirs`` at which the two stretches overlap.
The offset that most pairs allow, weighed, is the peak of the offset histogram with bins as wide as the frames stand
(Joly, Buisson and Frelicot 2007, "Content-based copy retrieval using distortion-based probabilistic similarity
search", vote like this); along it the longest chain of pairs that never goes back in either time is taken (patience
sorting, Fredman 1975), cut where both tell of nothing for long, and the next peak is looked for in what is left.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import hamming
from vigie.numeric.coverage import Frames, different
from vigie.numeric.distinct import Ints, Words, heads

Floats: t.TypeAlias = "npt.NDArray[np.float64]"

SPEEDS: t.Final = np.array([1.0, 24 / 25, 25 / 24, 0.9, 1 / 0.9])
"""Our time over theirs: as it is, film shown as PAL and back, a tenth faster and slower. A later one must be better."""
BETTER: t.Final = 1.05
MOST_ENTRIES: t.Final = 1000
"""A frame of ours is compared with so many items of theirs at most; bounds the pairs."""
MOST_OFFSETS: t.Final = 32
"""A frame is paired with so many frames of one item: a still camera would pair each of ours with each of theirs."""
AT_A_TIME: t.Final = 512
"""Frames of ours asked for at a time. All that they meet lies in memory: 8 M pairs of 80 bytes, 0.6 GB, for each
item of 15,000 frames that all look alike."""
LEAST_GAP_MS: t.Final = 5000
"""A stretch goes on over so short a time in which nothing meets, or three times that for which a frame stands."""
WITHIN: t.Final = 0.8
"""So much of an item's time is in the other: it is a part of it ..."""
ALIKE: t.Final = 0.4
"""... or so much of either is in the other: they are copies, though poor ones."""
TWICE: t.Final = 2
"""What is common is counted, then counted again with that left out: a short entry may be mostly title."""
ROUNDS: t.Final = 16
"""So many offsets are followed in one pair of items: a clip may be shown again and again."""


class Pairs(t.NamedTuple):
    """Frames that look alike, sorted by (item of ours, item of theirs, ours, theirs); all int64[pairs]."""

    ours: Ints
    """Place in ``Frames``."""
    theirs: Ints
    distance: Ints
    starts: Ints
    """Where each pair of items begins, and the end of all; int64[groups + 1]."""


class Aligned(t.NamedTuple):
    """One pair of items a line, in the order of ``Pairs``; times in ms. Arrays of one length."""

    ours: Ints
    """Number of the item."""
    theirs: Ints
    ours_ms: Ints
    """Time of our item's frames that meet one of theirs, wherever it is."""
    theirs_ms: Ints
    weighed_ours: Floats
    """Share of our item that meets theirs, with each frame weighed by how rare it is, too."""
    weighed_theirs: Floats
    ours_frames: Ints
    distance: Ints
    """Smallest distance of two frames, in bits."""
    best_ours: Ints
    """Place in ``Frames`` of our frame of the nearest pair (of equals the first)."""
    best_theirs: Ints
    different: Ints
    """How many of their frames that were met and are not common are mutually different, up to what was asked for."""
    spans: Ints
    """How many stretches were found in order."""
    in_order_ours_ms: Ints
    """Time within all these stretches together."""
    in_order_theirs_ms: Ints
    ours_start_ms: Ints
    """The longest one; where there is none, the nearest pair of frames."""
    ours_end_ms: Ints
    theirs_start_ms: Ints
    theirs_end_ms: Ints
    run_different: Ints
    """As ``different``, in the longest stretch alone."""


def pairs(
    ours: Frames,
    theirs: Frames,
    *,
    radius: int,
    index: hamming.Index | None = None,
    first: npt.NDArray[np.bool_] | None = None,
) -> Pairs:
    """Find the frames of ours at most ``radius`` bits from one of theirs; ``index``: of ``theirs.code``, if there is.

    Of a frame that meets more than ``MOST_ENTRIES`` items, the pairs with those are kept that most frames of its own
    item meet (of equals the first): something listed a thousand times over still matches. ``first``: of the items of
    theirs, by number, those that go before all others; so nothing benign crowds out what is listed. Of a frame that
    meets more than ``MOST_OFFSETS`` frames of one item, the nearest pairs are kept, of equals those with the same few
    distances in place, so that they make long stretches; and one pair of each frame of theirs that our item meets, so
    that what meets is the same with and without the bound. A pair of items has no more than ``MOST_OFFSETS`` pairs for
    each frame of ours and one for each of theirs.
    """
    found: list[Ints] = [np.zeros((3, 0), np.int64)]
    later = np.zeros(theirs.item.max(initial=-1) + 1, np.bool_) if first is None else ~first
    seen = np.full(len(theirs.code), -1, np.int32)
    first_ours, first_theirs = np.searchsorted(ours.item, ours.item), np.searchsorted(theirs.item, theirs.item)
    for hits in hamming.in_blocks(theirs.code, ours.code, radius, AT_A_TIME, index):
        few = _near(hits.query, hits.id, hits.distance, ours.item, theirs.item, first_ours, first_theirs, seen)
        q, i, d = hits.query[few], hits.id[few], hits.distance[few].astype(np.int64)
        found.append(np.stack([q, i, d])[:, _of_few(q, ours.item[q], theirs.item[i], later)])
    q, i, d = np.concatenate(found, axis=1)
    order = np.lexsort((i, q, theirs.item[i], ours.item[q]))
    q, i, d = q[order], i[order], d[order]
    return Pairs(q, i, d, np.append(np.flatnonzero(heads(ours.item[q], theirs.item[i])), len(q)))


def _of_few(query: Ints, a: Ints, b: Ints, later: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark the hits of each query with the ``MOST_ENTRIES`` items that most queries of its item meet.

    ``a``, ``b``: item of the query and of what it met. Sorted by (query, b). ``later``: items to be taken where
    there is room.
    """
    head = heads(query, b)
    q, entry = query[head], b[head]
    place = np.arange(len(q)) - np.searchsorted(q, q)
    if not (place >= MOST_ENTRIES).any():
        return np.ones(len(query), np.bool_)
    _, which, frames = np.unique(np.stack([a[head], entry]), axis=1, return_inverse=True, return_counts=True)
    keep = np.empty(len(q), np.bool_)
    keep[np.lexsort((entry, -frames[which.ravel()], later[entry], q))] = place < MOST_ENTRIES
    out: npt.NDArray[np.bool_] = keep[np.cumsum(head) - 1]
    return out


@numba.njit(cache=True, nogil=True)
def _near(
    q: Ints, i: Ints, d: npt.NDArray[np.int16], item_q: Ints, item_i: Ints, first_q: Ints, first_i: Ints,
    seen: npt.NDArray[np.int32],
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Mark the hits to keep, sorted by (q, i); ``seen``: the last item that kept each frame of theirs."""
    out = np.ones(len(q), np.bool_)
    low = 0
    while low < len(q):
        high, item, entry = low, item_q[q[low]], item_i[i[low]]
        while high < len(q) and q[high] == q[low] and item_i[i[high]] == entry:
            high += 1
        size = high - low
        if size > MOST_OFFSETS:
            apart = 1
            while apart * MOST_OFFSETS < size:
                apart *= 2
            score = np.empty(size, np.int64)
            for k in range(size):
                place = i[low + k] - first_i[i[low + k]] - q[low] + first_q[q[low]]
                score[k] = np.int64(d[low + k]) * apart + place % apart
            out[low:high] = False
            out[low + np.argsort(score, kind="mergesort")[:MOST_OFFSETS]] = True
        for k in range(low, high):
            out[k] = out[k] or seen[i[k]] != item
            if out[k]:
                seen[i[k]] = item
        low = high
    return out


def commonness(ours: Frames, theirs: Frames, of: Pairs) -> tuple[Ints, Ints]:
    """Count for each frame the items that show it and have little else in common with its own; int64[frames], twice.

    Two items are related where the frames that meet are ``WITHIN`` of one of them or ``ALIKE`` of both. A title, a
    logo or a black leader is met by many unrelated items; a clip that is copied a thousand times is met by its
    copies, all related.
    For a frame of theirs: unrelated items of ours that meet it, and - what its partners say on average - unrelated
    items of theirs that show it as well. And the other way round.
    """
    common = np.zeros(len(ours.code), np.int64), np.zeros(len(theirs.code), np.int64)
    for _ in range(TWICE if len(of.ours) else 0):
        time_ours, time_theirs = ours.weight_ms / (1 + common[0]), theirs.weight_ms / (1 + common[1])
        by_ours, by_theirs = np.zeros(len(ours.code), np.int64), np.zeros(len(theirs.code), np.int64)
        _unrelated(
            of.ours, of.theirs, of.starts, time_ours, time_theirs,
            _sums(ours.item, time_ours)[ours.item[of.ours]], _sums(theirs.item, time_theirs)[theirs.item[of.theirs]],
            by_ours, by_theirs,
        )  # fmt: skip
        common = (
            by_ours + _mean(of.ours, by_theirs[of.theirs], len(ours.code)),
            by_theirs + _mean(of.theirs, by_ours[of.ours], len(theirs.code)),
        )
    return common


def _sums(item: Ints, weight: Floats) -> Floats:
    out: Floats = np.asarray(np.bincount(item, weight), np.float64)
    return out


def _mean(place: Ints, value: Ints, size: int) -> Ints:
    count = np.bincount(place, minlength=size)
    return (np.bincount(place, value, size) / np.maximum(count, 1)).astype(np.int64)


def align(
    ours: Frames,
    ours_at_ms: Ints,
    theirs: Frames,
    theirs_at_ms: Ints,
    of: Pairs,
    common: tuple[Ints, Ints],
    *,
    enough: int,
    apart_bits: int,
    most_common: int,
    gap_ms: int,
) -> Aligned:
    """Align the items of each group of pairs.

    Args:
        ours: Frames of our items.
        ours_at_ms: Their times; int64[n].
        theirs: Frames of theirs.
        theirs_at_ms: Their times.
        of: What ``pairs`` found.
        common: What ``commonness`` counted: a frame met in n unrelated items weighs 1 / (1 + n).
        enough: Mutually different frames are counted up to this many ...
        apart_bits: ... different meaning further apart than this.
        most_common: Frames met in more unrelated items are not counted.
        gap_ms: A stretch ends where nothing meets for longer, or for ``LEAST_GAP_MS`` where frames are dense.

    """
    rare_ours, rare_theirs = 1.0 / (1 + common[0]), 1.0 / (1 + common[1])
    groups = len(of.starts) - 1
    whole_ours, whole_theirs = (
        _sums(ours.item, ours.weight_ms * rare_ours),
        _sums(theirs.item, theirs.weight_ms * rare_theirs),
    )
    numbers = np.zeros((groups, 15), np.int64)
    shares = np.zeros((groups, 2))
    if groups:
        _align_groups(
            of.ours, of.theirs, of.distance, of.starts,
            ours_at_ms, ours.weight_ms, rare_ours, theirs_at_ms, theirs.weight_ms, rare_theirs,
            theirs.code, common[1] <= most_common, enough, apart_bits, gap_ms, SPEEDS, numbers, shares,
        )  # fmt: skip
    a, b = ours.item[of.ours[of.starts[:-1]]], theirs.item[of.theirs[of.starts[:-1]]]
    return Aligned(
        a, b, numbers[:, 0], numbers[:, 1], shares[:, 0] / whole_ours[a], shares[:, 1] / whole_theirs[b],
        *numbers[:, 2:].T,
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _unrelated(
    q: Ints, i: Ints, starts: Ints, weight_q: Floats, weight_i: Floats, total_q: Floats, total_i: Floats,
    by_q: Ints, by_i: Ints,
) -> None:  # fmt: skip
    """Add one to each frame of every group of unrelated items."""
    for g in range(len(starts) - 1):
        low, high = starts[g], starts[g + 1]
        mine, other = np.unique(q[low:high]), np.unique(i[low:high])
        share_q, share_i = weight_q[mine].sum() / total_q[low], weight_i[other].sum() / total_i[low]
        if max(share_q, share_i) >= WITHIN or min(share_q, share_i) >= ALIKE:
            continue
        for one in mine:
            by_q[one] += 1
        for one in other:
            by_i[one] += 1


@numba.njit(cache=True, nogil=True)
def _align_groups(
    q: Ints, i: Ints, d: Ints, starts: Ints,
    at_q: Ints, weight_q: Ints, rare_q: Floats, at_i: Ints, weight_i: Ints, rare_i: Floats,
    code: Words, counts: npt.NDArray[np.bool_], enough: int, apart_bits: int, gap_ms: int, speeds: Floats,
    numbers: Ints, shares: Floats,
) -> None:  # fmt: skip
    for g in range(len(starts) - 1):
        low, high = starts[g], starts[g + 1]
        gq, gi, gd = q[low:high], i[low:high], d[low:high]
        mine, other = np.unique(gq), np.unique(gi)
        numbers[g, 0], numbers[g, 1], numbers[g, 2] = weight_q[mine].sum(), weight_i[other].sum(), len(mine)
        shares[g, 0], shares[g, 1] = (weight_q[mine] * rare_q[mine]).sum(), (weight_i[other] * rare_i[other]).sum()
        best = np.argmin(gd)
        numbers[g, 3], numbers[g, 4], numbers[g, 5] = gd[best], gq[best], gi[best]
        numbers[g, 6] = different(other, code, counts, enough, apart_bits)
        spans = _spans(gq, gi, at_q, weight_q, rare_q, at_i, weight_i, rare_i, gap_ms, speeds)
        kept = np.zeros((len(spans), 4), np.int64)
        number, most, longest = 0, 0, 0
        for s in range(len(spans)):
            inside = other[(at_i[other] >= spans[s, 2]) & (at_i[other] < spans[s, 3])]
            various = different(inside, code, counts, enough, apart_bits)
            if s and various < enough:
                continue  # the first is shown whatever it is; more than one only where each can stand for itself
            kept[number] = spans[s, :4]
            number += 1
            if various > most or (various == most and spans[s, 4] > longest):
                most, longest = various, spans[s, 4]
                numbers[g, 10:14] = spans[s, :4]
                numbers[g, 14] = various
            elif number == 1:
                numbers[g, 10:14] = spans[s, :4]
        numbers[g, 7] = number
        numbers[g, 8] = _together(kept[:number, 0], kept[:number, 1])
        numbers[g, 9] = _together(kept[:number, 2], kept[:number, 3])


@numba.njit(cache=True, nogil=True)
def _together(start: Ints, end: Ints) -> int:
    """Length of the union of stretches."""
    total, until = 0, -(1 << 62)
    for k in np.argsort(start):
        total += max(0, end[k] - max(start[k], until))
        until = max(until, end[k])
    return total


@numba.njit(cache=True, nogil=True)
def _spans(
    q: Ints, i: Ints, at_q: Ints, weight_q: Ints, rare_q: Floats, at_i: Ints, weight_i: Ints, rare_i: Floats,
    gap_ms: int, speeds: Floats,
) -> Ints:  # fmt: skip
    """Return stretches in order: start and end in ours, start and end in theirs, length; int64[spans, 5]."""
    out = np.zeros((ROUNDS * 4, 5), np.int64)
    number = 0
    left = np.ones(len(q), np.bool_)
    for _ in range(ROUNDS):
        place = np.flatnonzero(left)
        if not len(place):
            break
        tq, wq, ti, wi = at_q[q[place]], weight_q[q[place]], at_i[i[place]], weight_i[i[place]]
        rare = np.minimum(rare_q[q[place]], rare_i[i[place]])
        chosen, offset, top = 1.0, 0.0, 0.0
        for speed in speeds:
            at, mass = _peak(tq - speed * (ti + wi), tq + wq - speed * ti, rare * np.minimum(wq, speed * wi))
            if mass > top * (BETTER if top else 1.0):
                chosen, offset, top = speed, at, mass
        band = (tq - chosen * (ti + wi) <= offset) & (offset <= tq + wq - chosen * ti)
        chain = _chain(ti[band])
        inside = np.flatnonzero(band)[chain]
        begin = 0
        for k in range(len(inside)):
            here, last = inside[k], k + 1 == len(inside)
            if not last:
                after = inside[k + 1]
                gap = min(gap_ms, max(LEAST_GAP_MS, 3 * max(wq[here], wi[here])))
                last = tq[after] - tq[here] - wq[here] > gap or ti[after] - ti[here] - wi[here] > gap
            if not last:
                continue
            first = inside[begin]
            begin = k + 1
            left[place[(tq >= tq[first]) & (tq <= tq[here])]] = False
            if number < len(out):
                # Both ends of both: a frame that stands long on one side is cut to what the other side shows.
                start_q = max(tq[first], min(tq[first] + wq[first], chosen * ti[first] + offset))
                start_i = max(ti[first], min(ti[first] + wi[first], (tq[first] - offset) / chosen))
                end_q = min(tq[here] + wq[here], max(tq[here], chosen * (ti[here] + wi[here]) + offset))
                end_i = min(ti[here] + wi[here], max(ti[here], (tq[here] + wq[here] - offset) / chosen))
                out[number, 0], out[number, 1] = int(start_q), int(max(end_q, start_q + 1))
                out[number, 2], out[number, 3] = int(start_i), int(max(end_i, start_i + 1))
                out[number, 4] = min(out[number, 1] - out[number, 0], out[number, 3] - out[number, 2])
                number += 1
    found = out[:number]
    return found[np.argsort(-found[:, 4], kind="mergesort")]


@numba.njit(cache=True, nogil=True)
def _peak(low: Floats, high: Floats, weight: Floats) -> tuple[float, float]:
    """Return the middle of the first stretch in which the intervals that hold it weigh most, and their weight."""
    n = len(low)
    at = np.concatenate((low, high))
    order = np.argsort(at, kind="mergesort")  # at equal places an interval begins before another ends
    now, top, where, until = 0.0, -1.0, 0.0, 0.0
    rising = False
    for k in order:
        if k < n:
            now += weight[k]
            if now > top * (1 + 1e-9):
                top, where, rising = now, at[k], True
        else:
            if rising:
                until, rising = at[k], False
            now -= weight[k - n]
    return (where + until) / 2, top


@numba.njit(cache=True, nogil=True)
def _chain(theirs: Ints) -> Ints:
    """Return places of the longest sequence that never goes back; given in the order of ours, then theirs."""
    n = len(theirs)
    ends, before = np.empty(n, np.int64), np.empty(n, np.int64)
    length = 0
    for k in range(n):
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if theirs[ends[middle]] <= theirs[k]:
                low = middle + 1
            else:
                high = middle
        before[k] = ends[low - 1] if low else -1
        ends[low] = k
        length = max(length, low + 1)
    out = np.empty(length, np.int64)
    k = ends[length - 1] if length else -1
    for place in range(length - 1, -1, -1):
        out[place] = k
        k = before[k]
    return out
