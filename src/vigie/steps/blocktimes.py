"""Between which times a block was made, as far as headers tell: what steps share that say when something was paid.

A block's time is later than the median of the eleven headers before it (BIP 113), and no node takes a block that is
more than two hours ahead of its clock (Bitcoin Core, ``MAX_FUTURE_BLOCK_TIME``). So its time is an interval.
"""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import Chain

AHEAD_S: t.Final = 2 * 3600
MEDIAN: t.Final = 11
UNKNOWN: t.Final = -1
Ints = npt.NDArray[np.int64]


class Times:
    """Times of a chain's blocks in seconds since 1970, asked by places of blocks; else ``UNKNOWN``."""

    def __init__(self, chain: Chain) -> None:
        self._at = chain.times().astype(np.int64)
        self._heights = np.asarray(chain.heights, np.int64)

    def at(self, block: Ints) -> Ints:
        """Return what headers say."""
        return self._picked(self._at, block)

    def latest(self, block: Ints) -> Ints:
        """Return the latest true time."""
        said = self.at(block)
        return np.where(said >= 0, said + AHEAD_S, UNKNOWN)

    def earliest(self, block: Ints) -> Ints:
        """Return the earliest true time: the median of the headers before, which must be here without a gap."""
        wanted = np.unique(block[block >= 0])
        found = np.full(len(self._at), UNKNOWN, np.int64)
        for place in wanted.tolist():
            first = max(0, place - MEDIAN)
            whole = self._heights[place] - self._heights[first] == place - first
            if place > first and whole and (place - first == MEDIAN or self._heights[first] == 0):
                found[place] = np.sort(self._at[first:place])[(place - first) // 2]
        return self._picked(found, block)

    def _picked(self, values: Ints, block: Ints) -> Ints:
        out = np.full(len(block), UNKNOWN, np.int64)
        out[block >= 0] = values[block[block >= 0]]
        return out


def moments(seconds: Ints) -> npt.NDArray[np.datetime64]:
    """Return times as columns take them; none where they are not known."""
    out = seconds.astype("datetime64[s]").astype("datetime64[us]")
    out[seconds < 0] = np.datetime64("NaT")
    return out
