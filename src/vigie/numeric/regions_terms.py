"""What the search for rectangles goes by, in C (``native/regions.c`` repeats it) and in numba."""

from __future__ import annotations

import typing as t

LONGEST_CELLS: t.Final = 400
"""The page is looked at on a grid of so many samples along its longer side."""
MOST_GROUNDS: t.Final = 3
LEAST_GROUND: t.Final = 0.08
"""A ground has this share of the page."""
NEAR_LEVELS: t.Final = 12
LEAST_SHARE: t.Final = 0.08
"""A rectangle has this share of each side of the page ..."""
MOST_AREA: t.Final = 0.95
"""... and at most this one of its area."""
LEAST_PX: t.Final = 64
LEAST_EDGE: t.Final = 0.5
"""So much of each of its sides differs from the ground ..."""
LEAST_FILL: t.Final = 0.5
"""... and so much of it all."""
INK: t.Final = 0.02
"""A line of which less differs from the ground is a gap."""
LEAST_RUN: t.Final = 4
DEPTH: t.Final = 6
ROUNDS: t.Final = 4
SAME: t.Final = 0.85
"""Rectangles that overlap by so much of both together are one."""
EDGE_SAMPLES: t.Final = 256


class Rect(t.NamedTuple):
    """A rectangle, in pixels; the ends are excluded."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        """In pixels."""
        return (self.bottom - self.top) * (self.right - self.left)
