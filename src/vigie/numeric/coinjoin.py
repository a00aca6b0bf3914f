"""Transactions that look as if several people made them together: CoinJoins, by their shape.

Rules: Schnoering and Vazirgiannis 2023, "Heuristics for detecting CoinJoin transactions on the Bitcoin blockchain",
as GraphSense tuned them, with gates of our own where a batch of payouts has the same shape (docs/money.md has all of
them). Two decisions with two thresholds: *suspected*, which is enough to withhold a merge, for a missed merge costs
recall and a false one accuses strangers; *labelled*, which says that it is a CoinJoin of that kind.

What no rule can see: PayJoin (BIP 77, 78), CoinSwap, and people who share a wallet.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.coinjoin_rules import fits_joinmarket, is_tx0, is_wabisabi, is_wasabi, is_whirlpool, largest_share
from vigie.numeric.cospend import Bytes, Ints, Numbers, Places

NOTHING, WHIRLPOOL, WASABI1, WASABI11, WABISABI, JOINMARKET, WHIRLPOOL_TX0, AMBIGUOUS = range(8)
"""Kinds. ``WHIRLPOOL_TX0`` goes before one and has one owner. ``AMBIGUOUS``: equal outputs as of several people, of
no kind that can be told: Stonewall and JoinMarket of two look the same."""
LABEL: t.Final = 0x80
"""Bit of a shape: exact enough to be called so."""
KIND: t.Final = 0x7F
ALONE: t.Final = 5
"""Bits of ``tx_flags`` (kernel.chain): a coinbase, and a stub of which no input is known."""
DUST_SAT: t.Final = 546


class Made(t.NamedTuple):
    """Columns of a chain, as ``kernel.chain.Chain`` has them."""

    tx_in: Places
    tx_out: Places
    tx_flags: Bytes
    prev_low: Numbers
    prev_high: Bytes
    out_value: Ints
    out_script: Numbers
    script_type: Bytes


def shapes(made: Made, op_return: int) -> Bytes:
    """Return the kind of each transaction, with ``LABEL`` where it is sure; uint8[tx].

    ``op_return``: place of that type of script. An output that is not known speaks for suspicion and against a label.
    """
    out = np.zeros(len(made.tx_flags), np.uint8)
    if len(out):
        room = int(max(np.diff(made.tx_in).max(), np.diff(made.tx_out).max()))
        _shapes(*made, op_return, np.empty((2, room), np.int64), np.empty((2, room), np.int64), out)
    return out


@numba.njit(cache=True, nogil=True)
def _shapes(  # noqa: C901 - one loop, which numba compiles
    tx_in: Places, tx_out: Places, tx_flags: Bytes, prev_low: Numbers, prev_high: Bytes, out_value: Ints,
    out_script: Numbers, script_type: Bytes, op_return: int, values: Ints, scripts: Ints, out: Bytes,
) -> None:  # fmt: skip
    for tx in range(len(tx_flags)):
        inputs = int(tx_in[tx + 1] - tx_in[tx])
        if tx_flags[tx] & ALONE or tx_out[tx + 1] - tx_out[tx] < 2:
            continue
        m, data = 0, 0
        for place in range(tx_out[tx], tx_out[tx + 1]):
            if out_value[place] > 0:
                values[1, m], scripts[1, m] = out_value[place], out_script[place]
                m += 1
            elif out_script[place] < len(script_type) and script_type[out_script[place]] == op_return:
                data += 1
        if m < 2 or (inputs < 2 and data != 1):
            continue
        values[1, :m].sort()
        if data == 1 and is_tx0(values[1, :m]):
            out[tx] = WHIRLPOOL_TX0 | LABEL
            continue
        runs = _runs(values[1, :m])
        if inputs < 2 or runs[0] < 2 or runs[1] <= DUST_SAT:
            continue
        k = 0
        for i in range(tx_in[tx], tx_in[tx + 1]):
            one = np.uint64(prev_low[i]) | np.uint64(prev_high[i]) << np.uint64(32)
            if one < np.uint64(len(out_value)) and out_script[one] != 0:
                values[0, k], scripts[0, k] = out_value[one], out_script[one]
                k += 1
        values[0, :k].sort()
        scripts[0, :k].sort()
        scripts[1, :m].sort()
        out[tx] = _shape(inputs, values[0, :k], scripts[0, :k], values[1, :m], scripts[1, :m], runs)


@numba.njit(cache=True, nogil=True)
def _shape(inputs: int, took: Ints, spent: Ints, made: Ints, paid: Ints, runs: tuple[int, int, int, int]) -> int:
    """Return the shape of a transaction; values and scripts ascending, of the inputs those that are known."""
    most, denomination, kinds, repeated = runs
    different = _different(spent)
    parties = different + inputs - len(took)
    equal = most <= parties and 2 * most + 1 >= len(made)
    many = kinds > 1 and parties >= 10 and 2 * repeated + 1 >= len(made)
    if not equal and not many:
        return NOTHING
    sure = len(took) == inputs and _different(paid) == len(made)
    if sure and different == inputs and is_whirlpool(took, made) and _strangers(spent, paid):
        return WHIRLPOOL | LABEL
    spread = sure and 10 * largest_share(spent) <= inputs
    wasabi = is_wasabi(made, inputs, different) if inputs >= 10 else 0
    if wasabi:
        return (WASABI1 if wasabi == 1 else WASABI11) | (LABEL if spread else 0)
    if inputs >= 20 and kinds >= 3 and is_wabisabi(made, repeated):
        return WABISABI | (LABEL if spread and repeated < len(made) else 0)
    if most >= 3 and equal and len(made) > most:
        return JOINMARKET | (LABEL if sure and fits_joinmarket(took, made, denomination, most) else 0)
    return AMBIGUOUS


@numba.njit(cache=True, nogil=True)
def _runs(made: Ints) -> tuple[int, int, int, int]:
    """Return of the most frequent value how often and what it is, how many values repeat, and how many outputs do."""
    most, denomination, kinds, repeated, start = 0, 0, 0, 0, 0
    for i in range(1, len(made) + 1):
        if i == len(made) or made[i] != made[start]:
            if i - start >= most:
                most, denomination = i - start, int(made[start])
            if i - start > 1:
                kinds += 1
                repeated += i - start
            start = i
    return most, denomination, kinds, repeated


@numba.njit(cache=True, nogil=True)
def _different(values: Ints) -> int:
    """Count different ones of ascending values."""
    count = min(len(values), 1)
    for i in range(1, len(values)):
        count += values[i] != values[i - 1]
    return count


@numba.njit(cache=True, nogil=True)
def _strangers(left: Ints, right: Ints) -> bool:
    """Tell whether two ascending lists have nothing in common."""
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            return False
        if left[i] < right[j]:
            i += 1
        else:
            j += 1
    return True
