"""The search of ``regions_found`` by numpy and numba: where nothing native is built, and the judge of what is."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.regions_terms import (
    DEPTH,
    EDGE_SAMPLES,
    INK,
    LEAST_EDGE,
    LEAST_FILL,
    LEAST_GROUND,
    LEAST_PX,
    LEAST_RUN,
    LEAST_SHARE,
    LONGEST_CELLS,
    MOST_AREA,
    MOST_GROUNDS,
    NEAR_LEVELS,
    ROUNDS,
    SAME,
    Rect,
)
from vigie.numeric.variants_numba import connected
from vigie.numeric.variants_terms import Bytes, Mask

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class Loops:
    """What ``regions_native.Loops`` does."""

    def rectangles(self, image: Bytes, most: int) -> list[Rect]:
        """Return at most ``most`` rectangles of ``image`` (uint8[h, w, 3], RGB), the largest first."""
        return _rectangles(image, most)


def _rectangles(image: Bytes, most: int) -> list[Rect]:
    height, width, _ = image.shape
    step = max(-(-max(height, width) // LONGEST_CELLS), 1)
    small = np.ascontiguousarray(image[::step, ::step, 1])  # green is most of luma
    if min(height, width) < 2 * LEAST_PX:
        return []
    found: list[tuple[float, Rect]] = []
    for ground in _grounds(small):
        mask = np.abs(small.astype(np.int16) - ground) > NEAR_LEVELS
        whole = Rect(0, 0, *small.shape)
        parts = {*_cut(mask, whole, DEPTH), *_blocks(mask)}
        parts |= {_core(mask, one) for one in parts}
        some = [one for one in parts if _fits(one, small.shape, step)]
        found += [(one.area * edge, one) for one in some if (edge := _rectangular(mask, one))]
    out: list[Rect] = []
    for _, box in sorted(found, reverse=True):
        full = Rect(box.top * step, box.left * step, min(box.bottom * step, height), min(box.right * step, width))
        if all(_overlap(full, other) < SAME for other in out):
            out.append(full)
        if len(out) == most:
            break
    return [_moved(image, box, step) for box in out]


def _grounds(small: Bytes) -> list[int]:
    """Return the levels that much of the page has, the commonest first."""
    seen = np.bincount(small.ravel(), minlength=256)
    around = np.convolve(seen, np.ones(NEAR_LEVELS, np.int64), "same")
    out = []
    for _ in range(MOST_GROUNDS):
        level = int(np.argmax(around))
        if around[level] < LEAST_GROUND * small.size:
            break
        out.append(level)
        around[max(level - 2 * NEAR_LEVELS, 0) : level + 2 * NEAR_LEVELS] = 0
    return out


def _fits(box: Rect, shape: tuple[int, ...], step: int) -> bool:
    high, wide = box.bottom - box.top, box.right - box.left
    least = LEAST_PX / step
    if high < max(LEAST_SHARE * shape[0], least) or wide < max(LEAST_SHARE * shape[1], least):
        return False
    return box.area <= MOST_AREA * shape[0] * shape[1]


def _rectangular(mask: Mask, box: Rect) -> float:
    """Return how much of the weakest side differs from the ground; 0 where it is no rectangle."""
    part = _part(mask, box)
    if part.mean() < LEAST_FILL:
        return 0.0
    sides = (part[:2], part[-2:], part[:, :2].T, part[:, -2:].T)
    edge = min(float(side.mean(axis=1).max()) for side in sides)
    return edge if edge >= LEAST_EDGE else 0.0


def _cut(mask: Mask, box: Rect, depth: int) -> Iterator[Rect]:
    """Give the parts between gaps that run through, across and then down, and the parts of those."""
    for top, bottom in _runs(_part(mask, box).mean(axis=1) > INK):
        row = Rect(box.top + top, box.left, box.top + bottom, box.right)
        for left, right in _runs(_part(mask, row).mean(axis=0) > INK):
            inner = Rect(row.top, box.left + left, row.bottom, box.left + right)
            yield inner
            if depth and inner != box:
                yield from _cut(mask, inner, depth - 1)


def _core(mask: Mask, box: Rect) -> Rect:
    """Take off what sticks out of a block: lines of which less than half differs from the ground."""
    for _ in range(ROUNDS):
        before = box
        run = _longest(_part(mask, box).mean(axis=1) >= LEAST_EDGE)
        box = Rect(box.top + run[0], box.left, box.top + run[1], box.right)
        run = _longest(_part(mask, box).mean(axis=0) >= LEAST_EDGE) if box.area else (0, 0)
        box = Rect(box.top, box.left + run[0], box.bottom, box.left + run[1])
        if box == before or not box.area:
            break
    return box


def _longest(lines: Mask) -> tuple[int, int]:
    return max(_runs(lines), key=lambda run: run[1] - run[0], default=(0, 0))


def _part(mask: Mask, box: Rect) -> Mask:
    return mask[box.top : box.bottom, box.left : box.right]


def _runs(lines: Mask) -> list[tuple[int, int]]:
    """Return the runs of marked lines that are long enough to matter."""
    line = np.zeros(len(lines) + 2, np.int8)
    line[1:-1] = lines
    change = np.flatnonzero(np.diff(line))
    return [(int(a), int(b)) for a, b in change.reshape(-1, 2) if b - a >= LEAST_RUN]


def _blocks(mask: Mask) -> Iterator[Rect]:
    """Give the bounds of connected blocks."""
    for top, left, bottom, right in connected(np.ascontiguousarray(mask)):
        yield Rect(int(top), int(left), int(bottom), int(right))


def _overlap(one: Rect, other: Rect) -> float:
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    wide = min(one.right, other.right) - max(one.left, other.left)
    both = max(high, 0) * max(wide, 0)
    return both / (one.area + other.area - both)


def _moved(image: Bytes, box: Rect, step: int) -> Rect:
    """Move each edge to the steepest step within reach."""
    rows = slice(box.top, box.bottom, max((box.bottom - box.top) // EDGE_SAMPLES, 1))
    columns = slice(box.left, box.right, max((box.right - box.left) // EDGE_SAMPLES, 1))
    height, width, _ = image.shape
    return Rect(
        _steepest(image[:, columns, 1], box.top, height, step),
        _steepest(image[rows, :, 1].T, box.left, width, step),
        _steepest(image[:, columns, 1], box.bottom, height, step),
        _steepest(image[rows, :, 1].T, box.right, width, step),
    )


def _steepest(lines: Bytes, at: int, end: int, step: int) -> int:
    """Return the place within two cells of ``at`` before which a line differs most from the one before it."""
    first, last = max(at - 2 * step - 1, 0), min(at + 2 * step + 2, end)
    steps = np.abs(np.diff(lines[first:last].astype(np.int16), axis=0)).mean(axis=1)
    if not len(steps) or steps.max() < NEAR_LEVELS / 2:
        return at
    best = first + 1 + int(np.argmax(steps))
    return best if abs(best - at) <= 2 * step + 1 else at
