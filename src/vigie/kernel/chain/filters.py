"""Is what a node says of its filters true? It is held against the filters themselves, and these against their chain.

A node that leaves a block out of ``scanblocks`` has to give false filters as well, and these hang on each other (BIP
157): headers of filters commit to all before. With all filters, and one header that another node vouches for, nothing
can be left out. With a sample of them a node that leaves out many blocks is found out, one that leaves out one is not.
"""

from __future__ import annotations

import os
import random
import typing as t

import msgspec

from vigie.kernel.cell import Limits
from vigie.kernel.chain.node import NodeError
from vigie.kernel.errors import UsageError
from vigie.numeric.headers import twice
from vigie.rows.wire import Failed, Filtered, MatchFilters

if t.TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from vigie.kernel.cell import Cell
    from vigie.kernel.chain.heads import Heads
    from vigie.kernel.chain.node import Node

SAMPLE: t.Final = 200
"""Filters that are looked at of each question."""
AT_ONCE: t.Final = 500
MOST: t.Final = Limits(wall_s=600, cpu_s=600, memory_bytes=2 << 30, output_bytes=1 << 20)


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """The header of a filter as another node gives it (``getblockfilter``), display order."""

    height: int
    header: bytes


class Filters:
    """What is asked of filters. ``whole``: all of them; else a sample, drawn anew each time. ``vouched``: see above."""

    def __init__(
        self, node: Node, cell: Cell, heads: Heads, *, whole: bool = False, vouched: Vouched | None = None
    ) -> None:
        self._node, self._cell, self._heads, self._whole, self._vouched = node, cell, heads, whole, vouched
        self._chance = random.SystemRandom()
        self.looked_at = 0
        """Filters that were."""

    def check(
        self, scripts: list[bytes], first: int, last: int, found: Collection[bytes], watch: Callable[[int, int], None]
    ) -> None:
        """Hold a node's answer - blocks between two heights that may touch scripts - against its filters.

        ``watch`` hears how many were looked at, of how many. Errors: NodeError where it left one out, or filters do not
        hang together; UsageError where the other node's header is of no block there is.
        """
        heights = self._chosen(first, last)
        before = self._header(first - 1)
        for start in range(0, len(heights), AT_ONCE):
            some = heights[start : start + AT_ONCE]
            filters = [self._node.filter(self._heads.hash_at(height)) for height in some]
            for height, one in zip(some, filters, strict=True):
                before = self._follows(height, one, before if self._whole else self._header(height - 1))
            some = [height for height in some if height <= last]
            filters = filters[: len(some)]
            for place in self._matching(scripts, some, filters):
                which = self._heads.hash_at(some[place])
                if which not in found:
                    raise NodeError(
                        f"The node at {self._node} left block {which.hex()} (height {some[place]:,}) out of its answer,"
                        " and its own filter of it says that it may touch the case. Its index is damaged, or it lies:"
                        " ask another one."
                    )
            self.looked_at += len(some)
            watch(min(start + AT_ONCE, len(heights)), len(heights))

    def _chosen(self, first: int, last: int) -> list[int]:
        """Return the heights whose filters are looked at: on to the one that is vouched for, where that comes later."""
        vouched = self._vouched.height if self._vouched else -1
        if vouched >= len(self._heads):
            raise UsageError(
                f"A filter's header is given of height {vouched:,}; the chain ends at {len(self._heads) - 1:,}."
            )
        if self._whole:
            return list(range(first, max(last, vouched) + 1))
        every = range(first, last + 1)
        return sorted(self._chance.sample(every, min(SAMPLE, len(every))))

    def _header(self, height: int) -> bytes:
        """Return the header of a filter as the node says it, order of blocks."""
        if height < 0:
            return bytes(32)
        return self._node.filter_header(self._heads.hash_at(height))

    def _follows(self, height: int, filter_: bytes, before: bytes) -> bytes:
        """Return the header that a filter has behind ``before``. Errors: NodeError where the node says another."""
        own = twice(twice(filter_) + before)
        vouched = self._vouched
        if vouched and height == vouched.height and own[::-1] != vouched.header:
            raise NodeError(
                f"The filters of the node at {self._node} lead to {own[::-1].hex()} at height {height:,}, and another"
                f" node says {vouched.header.hex()}. One of them gives false filters: ask a third one."
            )
        if (not self._whole or height == len(self._heads) - 1) and own != self._header(height):
            raise NodeError(
                f"The node at {self._node} gave a filter at height {height:,} that its own header of it does not commit"
                " to. Its index is damaged, or it lies: ask another one."
            )
        return own

    def _matching(self, scripts: list[bytes], heights: list[int], filters: list[bytes]) -> list[int]:
        hashes = [self._heads.hash_at(height)[::-1] for height in heights]
        parts = [_framed(scripts), _framed([a + b for a, b in zip(hashes, filters, strict=True)])]
        files = [unnamed([one]) for one in parts]
        try:
            for reply in self._cell.ask(MatchFilters(), files, limits=MOST):
                if isinstance(reply, Failed):
                    raise NodeError(
                        f"The node at {self._node} gave a filter that cannot be: {reply.detail or reply.code}."
                    )
                if isinstance(reply, Filtered) and reply.filters == len(filters):
                    return [one for one in reply.matching if 0 <= one < len(filters)]
        finally:
            for fd in files:
                os.close(fd)
        raise NodeError(f"The filters of the node at {self._node} could not be read.")


def _framed(parts: list[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(4, "little") + one for one in parts)


def unnamed(parts: list[bytes]) -> int:
    """Return a file without a name that holds the parts one behind the other, and cannot be written to."""
    fd = os.memfd_create("parts", os.MFD_CLOEXEC)
    with open(fd, "wb", closefd=False) as file:
        file.writelines(parts)
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)  # the cell takes nothing that can be written
    finally:
        os.close(fd)
