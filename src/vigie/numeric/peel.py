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
    tx_in, tx_out = np.asarray(w.tx_in, np.int64), np.asarray(w.tx_out, np.int64)
    shape = (np.diff(tx_in) == 1) & (np.diff(tx_out) == 2) & (w.tx_flags & ALONE == 0)
    some = np.flatnonzero(shape)
    finger = np.stack([w.tx_version[some], w.tx_lock[some] != 0, w.in_signs[tx_in[some]] & SEQUENCE])
    goes = np.zeros((2, len(some)), np.bool_)
    for vout in (0, 1):
        after = np.asarray(w.out_spender, np.int64)[tx_out[some] + vout]
        there = np.flatnonzero(after != UNSPENT)
        there = there[shape[after[there]]]
        at = np.searchsorted(some, after[there])
        peeled = w.out_value[tx_out[some[there]] + 1 - vout]
        goes[vout, there] = (finger[:, there] == finger[:, at]).all(axis=0) & (peeled >= LEAST_PEELED_SAT)
    step = goes[0] != goes[1]
    some, rest = some[step], goes[1, step].astype(np.int64)
    spent = np.asarray(w.prev_low, np.int64)[tx_in[some]] | np.asarray(w.prev_high, np.int64)[tx_in[some]] << 32
    known = spent < len(w.out_script)
    some, rest, spent = some[known], rest[known], spent[known]
    kind, kept, gone = (w.script_type[w.out_script[at]] for at in (spent, tx_out[some] + rest, tx_out[some] + 1 - rest))
    agrees = (kind == kept) | (kind != gone)
    found = np.full(len(shape), -1, np.int8)
    found[some[agrees]] = rest[agrees]
    return found
