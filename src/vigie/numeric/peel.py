"""Peel chains: one input, two outputs; one is paid to somebody, the rest goes on in the same way, again and again.

A step is a guess of who goes on with the money (layer C, a lead only). On practice chains, whose truth is known, 98 %
of the rests were the spender's own change, and four of five hops of true chains were found (docs/money.md).
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.change import ALONE, UNSPENT, Written

LEAST_PEELED_SAT: t.Final = 1_000
SEQUENCE: t.Final = 3
"""Bits of ``in_signs``: the class of an input's sequence."""


def rests(written: Written) -> npt.NDArray[np.int8]:
    """Say of each transaction which of its two outputs is the rest of a step, 0 or 1; -1: it is none; int8[tx].

    Of just one output the spender is again of one input and two outputs, and written by the same program (version,
    whether it locks, sequence), with at least 1,000 satoshi peeled off. Where both go on so it is not told which is
    the rest; nor where the peeled output alone is of the type of script that was spent.
    """
    w = written
    shape = (np.diff(w.tx_in) == 1) & (np.diff(w.tx_out) == 2) & (w.tx_flags & ALONE == 0)
    some = np.flatnonzero(shape)
    # Columns of a whole chain are long: they are picked from, never copied as they are.
    start, first = w.tx_in[some].astype(np.int64), w.tx_out[some].astype(np.int64)
    finger = np.stack([w.tx_version[some], w.tx_lock[some] != 0, w.in_signs[start] & SEQUENCE])
    goes = np.zeros((2, len(some)), np.bool_)
    for vout in (0, 1):
        after = w.out_spender[first + vout].astype(np.int64)
        there = np.flatnonzero(after != UNSPENT)
        there = there[shape[after[there]]]
        at = np.searchsorted(some, after[there])
        peeled = w.out_value[first[there] + 1 - vout]
        goes[vout, there] = (finger[:, there] == finger[:, at]).all(axis=0) & (peeled >= LEAST_PEELED_SAT)
    step = goes[0] != goes[1]
    some, start, first, rest = some[step], start[step], first[step], goes[1, step].astype(np.int64)
    spent = w.prev_low[start].astype(np.int64) | w.prev_high[start].astype(np.int64) << 32
    known = spent < len(w.out_script)
    some, first, rest, spent = some[known], first[known], rest[known], spent[known]
    kind, kept, gone = (w.script_type[w.out_script[at]] for at in (spent, first + rest, first + 1 - rest))
    agrees = (kind == kept) | (kind != gone)
    found = np.full(len(shape), -1, np.int8)
    found[some[agrees]] = rest[agrees]
    return found
