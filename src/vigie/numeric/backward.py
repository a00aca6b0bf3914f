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


def backward(blocks: t.Iterable[t.Sequence[Ints]], least: int) -> Backward:
    """Find things whose time went back, by numbers and times (int64[n], int64[n]), sorted, some at a time.

    The two before are later, by more than ``least``, than the thing and the one after it, if there is one: not a single
    one that bears a wrong time. Of things with one number the earlier comes first.
    """
    number = time = np.empty(0, np.int64)
    found = [Backward(number, time, time)]
    for more_number, more_time in blocks:
        number, time = np.concatenate([number, more_number]), np.concatenate([time, more_time])
        found.append(_found(number, time, np.maximum(time[2:-1], time[3:]), least))
        number, time = number[-3:], time[-3:]  # the last waits for what comes after it
    if len(time) == 3:
        found.append(_found(number, time, time[2:], least))
    return Backward(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _found(number: Ints, time: Ints, after: Ints, least: int) -> Backward:
    """Look at the things from the third on, as far as ``after``, the later of each and the one behind it, is known."""
    back = np.minimum(time[:-2], time[1:-1])[: len(after)] - after
    at = np.flatnonzero(back > least)
    return Backward(number[at + 2], time[at + 2], back[at])
