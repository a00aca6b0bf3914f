"""How far a reading stage was, moment by moment: a bounded list of points for its record."""

from __future__ import annotations

import msgspec

MOST_POINTS = 200


class Point(msgspec.Struct, frozen=True, array_like=True):
    """How far it was at one moment."""

    seconds: float
    """Since the stage began in this sitting."""
    units: int
    size_bytes: int
    decided: int
    """Contents of the case whose standing was clear by then (docs/glossary.md, *decided*)."""


class Curve:
    """Points of one stage, as even in time as a list that must not grow can be."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._every_s = 0.1

    def add(self, seconds: float, units: int, size_bytes: int, decided: int, *, last: bool = False) -> None:
        """Add a point where the last one is old enough; the ``last`` one always."""
        if self.points and not last and seconds < self.points[-1].seconds + self._every_s:
            return
        if len(self.points) >= MOST_POINTS:
            self.points = self.points[::2]
            self._every_s = 2 * max(self._every_s, seconds / MOST_POINTS)
        self.points.append(Point(round(seconds, 3), units, size_bytes, decided))
