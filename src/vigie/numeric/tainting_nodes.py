"""What both loops of ``tainting`` share: when a node is an end, and room for nodes."""

from __future__ import annotations

import typing as t

import numba
import numpy as np

MOST_MONEY: t.Final = 21_000_000 * 100_000_000
"""Satoshi: no output, and no sum of a transaction's inputs, is worth more (Bitcoin Core, consensus/amount.h)."""
STOPS: t.Final = (
    "own", "service", "cluster", "swap", "coinbase", "unspent", "missing", "cycle", "coinjoin", "fanout", "value",
    "fraction", "date", "hops", "limit",
)  # fmt: skip
"""Reasons, in the order in which they are asked."""
(OWN, SERVICE, CLUSTER, SWAP, COINBASE, UNSPENT, MISSING, CYCLE, COINJOIN, FANOUT, VALUE, FRACTION, DATE, HOPS,
 LIMIT) = range(len(STOPS))  # fmt: skip
NO_OUT: t.Final = (1 << 40) - 1
NO_TX: t.Final = (1 << 32) - 1
SHIFT: t.Final = 12
"""Marks of reached transactions have two levels: one for each, and one for each 4,096."""


@numba.njit(cache=True, nogil=True, inline="always")
def prev_of(prev_low: t.Any, prev_high: t.Any, at: int) -> t.Any:
    """Return the output that an input spends."""
    return np.int64(prev_low[at]) | (np.int64(prev_high[at]) << 32)


@numba.njit(cache=True, nogil=True)
def tx_of(tx_out: t.Any, out: t.Any) -> int:
    """Return the transaction of an output."""
    low, high = 0, len(tx_out) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if np.int64(tx_out[middle]) <= out:
            low = middle
        else:
            high = middle
    while np.int64(tx_out[low + 1]) <= out:  # of several that begin there, the one that has outputs
        low += 1
    return low


@numba.njit(cache=True, nogil=True)
def onward(  # noqa: C901, PLR0911, PLR0912 - one question for each reason to stop
    tx_in: t.Any, tx_out: t.Any, prev_low: t.Any, prev_high: t.Any, out_value: t.Any, out_script: t.Any,
    tx_marks: t.Any, script_marks: t.Any, scoped: t.Any, rules: t.Any, out: t.Any, amount: t.Any, depth: t.Any,
    came_from: t.Any, made_by: t.Any, next_tx: t.Any, count: t.Any, first: t.Any, until: t.Any, backward: t.Any,
) -> t.Any:  # fmt: skip
    """Return why a node is an end, or -1.

    ``came_from``: the output before it on its way, and ``made_by``: the transaction that brought the trace here, both
    -1 for a seed; ``next_tx``: where it would go on, or -1.
    """
    hops, peel_hops, least, fan_out, permille, most = rules[0], rules[1], rules[2], rules[3], rules[4], rules[5]
    if came_from >= 0 and script_marks[out_script[out]] & 8:
        if not script_marks[out_script[came_from]] & 8:
            return OWN
        if backward and _with_others(tx_in, prev_low, prev_high, out_script, script_marks, made_by):
            return OWN
    if backward:
        marks = tx_marks[next_tx]
        if marks & 8:
            return MISSING
        if marks & 4:
            return COINBASE
        if made_by >= 0 and next_tx >= made_by:
            return CYCLE
        large = False
        for at in range(tx_in[next_tx], tx_in[next_tx + 1]):
            before = prev_of(prev_low, prev_high, at)
            if before < len(out_script):
                if script_marks[out_script[before]] & 3:
                    return SERVICE
                large = large or script_marks[out_script[before]] & 4 != 0
        if large:
            return CLUSTER
    else:
        if made_by >= 0:
            if script_marks[out_script[out]] & 3:
                return SERVICE
            if script_marks[out_script[out]] & 4:
                return CLUSTER
            if tx_marks[made_by] & 2 and not _own(tx_in, prev_low, prev_high, out_script, made_by, out_script[out]):
                return SWAP
        if next_tx < 0:
            return MISSING if scoped else UNSPENT
        if made_by >= 0 and next_tx <= made_by:
            return CYCLE
        marks = tx_marks[next_tx]
    if marks & 1:
        return COINJOIN
    if np.int64(tx_out[next_tx + 1]) - np.int64(tx_out[next_tx]) > fan_out:
        return FANOUT
    if amount < least:
        return VALUE
    if amount * 1000 < permille * out_value[out]:
        return FRACTION
    if next_tx < first or next_tx >= until:
        return DATE
    if depth >= hops and not (
        marks & 16
        and depth < peel_hops
        and (depth == hops or _rest(tx_out, tx_marks, next_tx if backward else made_by, out))
    ):
        return HOPS
    if count >= most:
        return LIMIT
    return -1


@numba.njit(cache=True, nogil=True)
def _rest(tx_out: t.Any, tx_marks: t.Any, tx: t.Any, out: t.Any) -> t.Any:
    """Tell whether an output is the rest of a step of a peel chain."""
    marks = tx_marks[tx]
    return marks & 16 != 0 and out - np.int64(tx_out[tx]) == (1 if marks & 32 else 0)


@numba.njit(cache=True, nogil=True)
def _with_others(
    tx_in: t.Any, prev_low: t.Any, prev_high: t.Any, out_script: t.Any, script_marks: t.Any, tx: t.Any
) -> bool:
    """Tell whether a transaction spends scripts that are not the case's own: in a PayJoin payer and payee both sign."""
    for at in range(tx_in[tx], tx_in[tx + 1]):
        before = prev_of(prev_low, prev_high, at)
        if before < len(out_script) and not script_marks[out_script[before]] & 8:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _own(tx_in: t.Any, prev_low: t.Any, prev_high: t.Any, out_script: t.Any, tx: t.Any, script: t.Any) -> bool:
    """Tell whether a script is one of those that a transaction spends."""
    for at in range(tx_in[tx], tx_in[tx + 1]):
        before = prev_of(prev_low, prev_high, at)
        if before < len(out_script) and out_script[before] == script:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def grown(array: t.Any) -> t.Any:
    """Return the same in twice the room."""
    out = np.empty(2 * len(array), array.dtype)
    out[: len(array)] = array
    return out
