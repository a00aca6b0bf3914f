"""Where the secrets of a row stand, to be asked quickly."""

from __future__ import annotations

import bisect

from vigie.cell.identifiers.place import Hidden


class Sealed:
    """Spans of secrets, ascending, those that overlap as one."""

    def __init__(self, secrets: list[Hidden]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for one in sorted(secrets):
            if self._ends and one.start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], one.end)
            else:
                self._starts.append(one.start)
                self._ends.append(one.end)

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._starts)

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the spans that have a byte from ``start`` on and before ``end``."""
        first, last = bisect.bisect_right(self._ends, start), bisect.bisect_left(self._starts, end)
        return list(zip(self._starts[first:last], self._ends[first:last], strict=True))
