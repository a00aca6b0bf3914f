"""Which key frames of a film are decoded: the first in each few seconds, for more of them decide no more."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from vigie.cell.media.film import Film

LEAST_PARTS: t.Final = 16
"""A short film is cut into so many parts at least, so that it still shows what it holds."""


class Sparse:
    """Chooses among key packets by their time stamps; from the first on, one in each stretch of ``every_s``."""

    def __init__(self, every_s: float) -> None:
        """``every_s``: 0 wants all."""
        self._every_s = every_s
        self._first_s: float | None = None
        self._last_s = 0.0
        self._stretch = -1

    def wants(self, at_s: float | None) -> bool:
        """Tell whether the packet is to be decoded; one with no time stamp, or none later than the last, always is."""
        if at_s is None or self._first_s is None or self._every_s <= 0 or at_s <= self._last_s:
            return True
        return self._number(at_s) != self._stretch

    def took(self, at_s: float | None) -> None:
        """Hear that it could be decoded: where it could not, the next one of the stretch is wanted."""
        if at_s is not None:
            self._first_s = at_s if self._first_s is None else self._first_s
            self._last_s = at_s
            self._stretch = self._number(at_s)

    def _number(self, at_s: float) -> int:
        return int((at_s - (self._first_s or 0.0)) // self._every_s) if self._every_s > 0 else 0


def sparse(film: Film, key_apart_s: float) -> Sparse:
    """Return the choice for this film; all key frames where it does not say how long it is."""
    return Sparse(min(key_apart_s, film.said_s() / LEAST_PARTS))
