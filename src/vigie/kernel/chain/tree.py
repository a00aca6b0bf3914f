"""All headers that are known, as the tree they make, and the branch of it with most work: that is the chain."""

from __future__ import annotations

import typing as t

from vigie.kernel.chain.heads import GENESIS
from vigie.kernel.errors import UsageError
from vigie.numeric.headers import PERIOD, block_hash, next_bits, work
from vigie.rows.blocks import LIMITS

if t.TYPE_CHECKING:
    from collections.abc import Iterable

RETARGETS: t.Final = ("main", "signet")
"""Networks whose difficulty follows from the headers alone; the others have rules of their own for slow days."""


class Tree:
    """Headers by number, in the order in which they came. A header may come before the one it follows."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.headers: list[bytes] = []
        self.hashes: list[bytes] = []
        self.numbers: dict[bytes, int] = {}
        self.heights: list[int] = []
        """-1: it hangs on nothing that is known."""
        self._work: list[int] = []
        """Of it and all before it, as far as known."""
        self._waiting: dict[bytes, list[int]] = {}
        """What follows a header that has not come, by its hash."""
        self.best = -1
        """The header with most work behind it; of equals the first that came."""

    def add(self, header: bytes, *, height: int = -1) -> int:
        """Add a header and return its number; one that is there already keeps its own.

        ``height``: says at which it stands, where what it follows is not known. Errors: UsageError for a first block of
        another network.
        """
        own = block_hash(header)
        if own in self.numbers:
            return self.numbers[own]
        number = len(self.headers)
        self.headers.append(header)
        self.hashes.append(own)
        self.numbers[own] = number
        self.heights.append(-1)
        self._work.append(0)
        before = header[4:36]
        if before == bytes(32):
            if own[::-1].hex() != GENESIS[self.network]:
                raise UsageError(
                    f"{own[::-1].hex()} is not the first block of the network {self.network}. Name its own: --network."
                )
            height = 0
        parent = self.numbers.get(before, -1)
        if parent >= 0 and self.heights[parent] >= 0:
            height = self.heights[parent] + 1
        if height < 0:
            self._waiting.setdefault(before, []).append(number)
            return number
        self.place(number, height)
        return number

    def place(self, number: int, height: int) -> None:
        """Say at which height a header stands, and with it all that follow it."""
        todo = [(number, height)]
        while todo:
            one, at = todo.pop()
            self.heights[one] = at
            parent = self.numbers.get(self.headers[one][4:36], -1)
            self._work[one] = work(_bits(self.headers[one])) + (self._work[parent] if parent >= 0 else 0)
            if self.best < 0 or self._work[one] > self._work[self.best]:
                self.best = one
            todo += [(child, at + 1) for child in reversed(self._waiting.pop(self.hashes[one], []))]

    def parent(self, number: int) -> int:
        """Return the header that one follows; -1: it is not known."""
        return self.numbers.get(self.headers[number][4:36], -1)

    def branch(self, number: int, *, down_to: t.Collection[int] = ()) -> list[int]:
        """Return a header and all before it, the first first; ``down_to``: until one of these, which stands first."""
        out = [number]
        while out[-1] not in down_to and self.parent(out[-1]) >= 0:
            out.append(self.parent(out[-1]))
        return out[::-1]

    def roots(self) -> list[int]:
        """Return the headers that hang on nothing that is known."""
        return [number for before, numbers in self._waiting.items() if before not in self.numbers for number in numbers]

    def check(self, run: list[int]) -> None:
        """Hold the difficulty of headers that follow each other against what was due. Errors: UsageError."""
        if self.network not in RETARGETS:
            return
        for number in run:
            due = self._due(number)
            if due is not None and _bits(self.headers[number]) != due:
                raise UsageError(
                    f"The block of height {self.heights[number]}, {self.hashes[number][::-1].hex()}, has another"
                    f" difficulty than was due ({_bits(self.headers[number]):08x}, due {due:08x}): it is not of the"
                    f" chain {self.network}. Import the blocks of a node that checks them."
                )

    def _due(self, number: int) -> int | None:
        """Return the ``nBits`` that is due; None where the period began before what is known."""
        before = self.parent(number)
        if before < 0:
            return None
        if self.heights[number] % PERIOD:
            return _bits(self.headers[before])
        first = before
        for _ in range(PERIOD - 1):
            first = self.parent(first)
            if first < 0:
                return None
        taken = _time(self.headers[before]) - _time(self.headers[first])
        return next_bits(_bits(self.headers[before]), taken, LIMITS[self.network])

    def beside(self, branch: Iterable[int]) -> list[int]:
        """Return the headers of known height that do not stand in a branch: stale."""
        inside = set(branch)
        return [number for number, height in enumerate(self.heights) if height >= 0 and number not in inside]


def _bits(header: bytes) -> int:
    return int.from_bytes(header[72:76], "little")


def _time(header: bytes) -> int:
    return int.from_bytes(header[68:72], "little")
