"""Sums over frames of SQLite's write-ahead logs."""

from __future__ import annotations

import typing as t

import numba
import numpy as np

if t.TYPE_CHECKING:
    import numpy.typing as npt


def summed(words: npt.NDArray[np.uint32], first: int, second: int) -> tuple[int, int]:
    """Return the two sums over an even number of 32-bit words, going on from two before (file format, section 4.2)."""
    made = _summed(words, np.uint32(first), np.uint32(second))
    return int(made[0]), int(made[1])


@numba.njit(cache=True, nogil=True)
def _summed(words: npt.NDArray[np.uint32], first: np.uint32, second: np.uint32) -> tuple[np.uint32, np.uint32]:
    for at in range(0, len(words) - 1, 2):
        first = np.uint32(first + words[at] + second)
        second = np.uint32(second + words[at + 1] + first)
    return first, second
