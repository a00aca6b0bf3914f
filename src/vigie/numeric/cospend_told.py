"""What is said of some sets of ``cospend``: which transactions merged them or did not, and how each script came in."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.cospend import (
    ANYONE_CAN_PAY,
    MERGED,
    NEVER,
    OPEN,
    Bytes,
    Ints,
    Numbers,
    Places,
    Spends,
    named_script,
)


class Told(t.NamedTuple):
    """About the sets that were asked for."""

    member: Ints
    """Numbers of scripts in these sets, ascending."""
    via: Ints
    """int64[members]: the first transaction that joined it with another one; -1: none, it is alone."""
    root: Ints
    """Label of each set, ascending."""
    merges: Ints
    """int64[sets]: how many transactions joined scripts of it."""
    withheld: Ints
    """int64[sets]: how many transactions spend of it and joined nothing, or not all."""
    held: Ints
    """Numbers of those transactions, ascending."""


def told(spends: Spends, label: Numbers, became: Bytes, roots: Ints) -> Told:
    """Go through a chain once for the sets of these labels, each once and ascending."""
    parent = np.where(spends.joins, np.uint32(0), NEVER)
    place = np.zeros(len(label), np.uint32)
    place[roots] = np.arange(1, len(roots) + 1)
    place = place[label]
    member = np.flatnonzero(place)
    via = np.full(len(member), -1, np.int64)
    merges, withheld = np.zeros((2, len(roots)), np.int64)
    held = np.zeros(len(became), np.bool_)
    _told(*spends[:5], parent, became, place, member, via, merges, withheld, held)
    return Told(member, via, roots, merges, withheld, np.flatnonzero(held))


@numba.njit(cache=True, nogil=True)
def _told(  # noqa: C901 - one loop, which numba compiles
    tx_in: Places, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, parent: Numbers,
    became: Bytes, place: Numbers, member: Ints, via: Ints, merges: Ints, withheld: Ints,
    held: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    for tx in range(len(became)):
        if tx_in[tx + 1] - tx_in[tx] < 2:
            continue
        n, own, several = 0, 0, False  # from the left those that may join, from the right those that let others add
        scripts = np.empty(tx_in[tx + 1] - tx_in[tx], np.uint32)
        for i in range(tx_in[tx], tx_in[tx + 1]):
            script = named_script(i, prev_low, prev_high, out_script, parent)
            if script == NEVER or not place[script]:
                continue
            if in_signs[i] & ANYONE_CAN_PAY:
                own += 1
                scripts[-own] = script
                continue
            several = several or (n > 0 and script != scripts[0])
            scripts[n] = script
            n += 1
        if n + own == 0:
            continue
        if several and (became[tx] == MERGED or became[tx] == OPEN):
            merges[place[scripts[0]] - 1] += 1
            for k in range(n):
                at = np.searchsorted(member, scripts[k])
                if via[at] < 0:
                    via[at] = tx
        if became[tx] != MERGED:
            held[tx] = True
            scripts[n : n + own] = scripts[len(scripts) - own :].copy()
            sets = np.sort(place[scripts[: n + own]])
            head = np.uint32(0)
            for one in sets:
                if one != head:
                    withheld[one - 1] += 1
                head = one
