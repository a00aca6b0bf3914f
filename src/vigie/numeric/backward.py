"""Times that go back while the numbers of what they belong to go on."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Backward(t.NamedTuple):
    """Things whose time is before that of two things before them."""

    number: Ints
    """int64[found], ascending."""
    time: Ints
    back: Ints
    """By how much the two before are later than it and the one after, at least; more than 0."""


def backward(number: Ints, time: Ints, least: int) -> Backward:
    """Find things, given their numbers and times (int64[n] and int64[n], in any order), whose time went back.

    The two before are later, by more than ``least``, than the thing and the one after it, if there is one: not a single
    one that bears a wrong time. Of things with one number the earlier comes first.
    """
    order = np.lexsort((time, number))
    number, time = number[order], time[order]
    if len(time) < 3:
        return Backward(number[:0], time[:0], time[:0])
    before, after = np.minimum(time[:-2], time[1:-1]), time[2:].copy()
    np.maximum(after[:-1], time[3:], out=after[:-1])
    back = before - after
    found = np.flatnonzero(back > least)
    return Backward(number[found + 2], time[found + 2], back[found])
