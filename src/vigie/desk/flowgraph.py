"""Geometry of a drawn path: a box for each output, a band for what flows on. Numbers in, places on the paper out.

The same hops give the same picture. Bands are as wide as the amount's share of the payment; the line of a box says its
layer: A full, B dashed, C dotted, so that it can be read without colours.
"""

from __future__ import annotations

import itertools
import typing as t

import msgspec

WIDTH: t.Final = 720.0
PER_ROW: t.Final = 4
MOST_BOXES: t.Final = 24
"""Of one drawing: six rows are nearly as high as a page of print is, and no drawing is cut in two."""
BOX: t.Final = (150.0, 62.0)
GAP_Y: t.Final = 46.0
LEAST, MOST = 1.5, 22.0
"""Of a band, in SVG units."""
DASHES: t.Final = {"A": "", "B": "7 4", "C": "2 4"}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a hop."""

    number: int
    amount_sat: int
    layer: str


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hop stands."""

    number: int
    x: float
    y: float
    dash: str


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """From a hop to the next one."""

    path: str
    width: float
    dash: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn path, or a part of one."""

    first: int
    """Place of its first box among the hops."""
    boxes: list[Box]
    bands: list[Band]
    height: float


def parts(steps: t.Sequence[Step], whole_sat: int) -> list[Drawing]:
    """Return drawings that a page can hold each; one begins with the box that the one before ended with."""
    starts = range(0, max(1, len(steps) - 1), MOST_BOXES - 1)
    return [drawn(steps[at : at + MOST_BOXES], whole_sat, first=at) for at in starts]


def drawn(steps: t.Sequence[Step], whole_sat: int, *, first: int = 0) -> Drawing:
    """Return places of the hops in rows of four, read from left to right."""
    wide, high = BOX
    apart = (WIDTH - wide) / (PER_ROW - 1)
    boxes = [
        Box(number=one.number, x=round(at % PER_ROW * apart, 2), y=round(6 + at // PER_ROW * (high + GAP_Y), 2),
            dash=DASHES[one.layer])
        for at, one in enumerate(steps)
    ]  # fmt: skip
    bands = []
    for (one, other), after in zip(itertools.pairwise(boxes), steps[1:], strict=True):
        if one.y == other.y:
            y = one.y + high / 2
            path = f"M{one.x + wide:g} {y:g}H{other.x:g}"
        else:
            middle = one.y + high + GAP_Y / 2
            x, to = one.x + wide / 2, other.x + wide / 2
            path = f"M{x:g} {one.y + high:g}V{middle:g}H{to:g}V{other.y:g}"
        share = min(1.0, after.amount_sat / whole_sat) if whole_sat else 0.0
        bands.append(Band(path=path, width=round(LEAST + (MOST - LEAST) * share, 2), dash=DASHES[after.layer]))
    rows = -(-len(boxes) // PER_ROW)
    return Drawing(first=first, boxes=boxes, bands=bands, height=round(12 + rows * high + max(rows - 1, 0) * GAP_Y, 2))
