"""Which output of a transaction is likely the spender's own change: signals, each of which proposes one output or none.

A signal speaks only where exactly one output has it. The candidate is the output for which more of them speak than for
any other; one that pays a script that was spent is it in any case. What a combination of signals is worth is counted
whole (``revealed``), never multiplied out of single ones, which hang together.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.cospend import Bytes, Ints, Numbers, Places

SIGNALS: t.Final = ("address_reuse", "script_type", "one_time", "optimal", "round_value", "fingerprint")
"""By bit. ``address_reuse``: it pays a script that was spent. ``script_type``: all inputs are of one type, as it is.
``one_time``: its script is seen here for the first time and never paid again. ``optimal``: smaller than each of several
inputs. ``round_value``: the others are multiples of 1,000 satoshi. ``fingerprint``: who spends it writes transactions
as this one is written (version, lock time, sequence, low R)."""
REUSE, TYPE, ONCE, OPTIMAL, ROUND, FINGERPRINT = (1 << n for n in range(len(SIGNALS)))
ALONE: t.Final = 5
"""Bits of ``tx_flags`` (kernel.chain): coinbase, stub."""
UNSPENT: t.Final = 0xFFFFFFFF
ROUND_SAT: t.Final = 1_000
MOST_OUTPUTS: t.Final = 16
"""Of more outputs it is a batch of payouts: by then the chance that another one is alike is not small."""


class Written(t.NamedTuple):
    """Columns of a chain, as ``kernel.chain.Chain`` has them."""

    tx_in: Places
    tx_out: Places
    tx_flags: Bytes
    tx_version: npt.NDArray[np.int32]
    tx_lock: Numbers
    prev_low: Numbers
    prev_high: Bytes
    in_signs: Bytes
    out_value: Ints
    out_script: Numbers
    out_spender: Numbers
    script_type: Bytes


class Candidates(t.NamedTuple):
    """For each transaction; int64[tx] and uint8[tx]."""

    out: Ints
    """Number of the output that is likely change; -1: none, or several alike."""
    speak: Bytes
    """Signals for it ..."""
    against: Bytes
    """... and those that propose another one."""


def candidates(written: Written, skip: Bytes) -> Candidates:
    """Return the candidate of each transaction; none of those marked in ``skip``, uint8[tx]."""
    n = len(written.tx_flags)
    found = Candidates(np.full(n, -1, np.int64), np.zeros(n, np.uint8), np.zeros(n, np.uint8))
    paid = np.zeros(len(written.script_type), np.uint8)
    _paid(written.out_script, paid)
    finger = np.zeros(n, np.uint8)
    _fingerprints(written.tx_in, written.tx_version, written.tx_lock, written.in_signs, finger)
    w = written
    shape = (w.tx_in, w.tx_out, w.tx_flags, w.prev_low, w.prev_high)
    _candidates(*shape, w.out_value, w.out_script, w.out_spender, w.script_type, skip, paid, finger, *found)
    return found


def revealed(written: Written, label: Numbers, out: Ints) -> npt.NDArray[np.int8]:
    """Tell of each candidate whether co-spending showed it to be right: 1, wrong: 0, or says nothing: -1; int8[tx].

    It shows it where exactly one output pays a script that was later spent together with the inputs' (one cluster).
    An output that pays a script of the inputs themselves shows nothing: there everything is known beforehand.
    """
    told = np.full(len(out), -1, np.int8)
    columns = (written.tx_in, written.tx_out, written.prev_low, written.prev_high, written.out_script)
    _revealed(*columns, label, out, told)
    return told


def names(mask: int) -> str:
    """Return the signals of a mask, with commas, in the order of the alphabet."""
    return ", ".join(sorted(name for bit, name in enumerate(SIGNALS) if mask >> bit & 1))


@numba.njit(cache=True, nogil=True)
def _paid(out_script: Numbers, paid: Bytes) -> None:
    """Count how often each script is paid, up to 2."""
    for script in out_script:
        if script < len(paid) and paid[script] < 2:
            paid[script] += 1


@numba.njit(cache=True, nogil=True)
def _fingerprints(
    tx_in: Places, tx_version: npt.NDArray[np.int32], tx_lock: Numbers, in_signs: Bytes, finger: Bytes
) -> None:
    """Version, whether there is a lock time, the highest class of sequence, and whether all R are low.

    The order of outputs (BIP 69) is left out: of two outputs half are in it by chance.
    """
    for tx in range(len(finger)):
        replace, low = 0, 1
        for i in range(tx_in[tx], tx_in[tx + 1]):
            replace = max(replace, in_signs[i] & 3)
            if in_signs[i] & 32 and not in_signs[i] & 8:
                low = 0
        finger[tx] = min(max(tx_version[tx], 0), 3) | (tx_lock[tx] != 0) << 2 | replace << 3 | low << 5


@numba.njit(cache=True, nogil=True)
def _candidates(  # noqa: C901, PLR0912, PLR0915 - one signal after the other, which numba compiles
    tx_in: Places, tx_out: Places, tx_flags: Bytes, prev_low: Numbers, prev_high: Bytes, out_value: Ints,
    out_script: Numbers, out_spender: Numbers, script_type: Bytes, skip: Bytes, paid: Bytes,
    finger: Bytes, chosen: Ints, speak: Bytes, against: Bytes,
) -> None:  # fmt: skip
    marks = np.zeros(MOST_OUTPUTS, np.uint8)
    for tx in range(len(tx_flags)):
        first, m = np.int64(tx_out[tx]), np.int64(tx_out[tx + 1] - tx_out[tx])
        if tx_flags[tx] & ALONE or skip[tx] or not 2 <= m <= MOST_OUTPUTS:
            continue
        least, kind, whole = np.int64(1) << 62, -1, True
        marks[:m] = 0
        for i in range(tx_in[tx], tx_in[tx + 1]):
            one = np.uint64(prev_low[i]) | np.uint64(prev_high[i]) << np.uint64(32)
            if one >= np.uint64(len(out_value)) or out_script[one] == 0:
                whole = False
                break
            script = out_script[one]
            least = min(least, out_value[one])
            this = int(script_type[script])
            kind = this if kind == this or kind == -1 else -2  # noqa: PLR1714 - numba has no ``in`` for this
            for j in range(m):
                if out_script[first + j] == script:
                    marks[j] |= REUSE
        if not whole:
            continue
        payable, odd = 0, 0
        for j in range(m):
            payable += out_value[first + j] > 0
            odd += out_value[first + j] % ROUND_SAT != 0
        if payable < 2:
            continue
        for j in range(m):
            place = first + j
            if out_value[place] <= 0:
                continue
            script, spender = out_script[place], out_spender[place]
            if script_type[script] == kind:
                marks[j] |= TYPE
            if paid[script] == 1:
                marks[j] |= ONCE
            if tx_in[tx + 1] - tx_in[tx] > 1 and out_value[place] < least:
                marks[j] |= OPTIMAL
            if odd == 1 and out_value[place] % ROUND_SAT != 0:
                marks[j] |= ROUND
            if spender != UNSPENT and finger[spender] == finger[tx]:
                marks[j] |= FINGERPRINT
        spent = 0
        for j in range(m):
            spent += out_value[first + j] > 0 and out_spender[first + j] != UNSPENT
        said = 0
        for bit in range(len(SIGNALS)):
            many = 0
            for j in range(m):
                many += marks[j] >> bit & 1
            if many == 1 and (1 << bit != FINGERPRINT or spent == payable):
                said |= 1 << bit
        best, most, second = -1, 0, 0
        for j in range(m):
            marks[j] &= said
            many = len(SIGNALS) * (marks[j] & REUSE)  # decides alone: its owner is the spender, by definition
            for bit in range(len(SIGNALS)):
                many += marks[j] >> bit & 1
            if many > most:
                best, most, second = j, many, most
            else:
                second = max(second, many)
        if most > second:
            chosen[tx], speak[tx], against[tx] = first + best, marks[best], said & ~marks[best]


@numba.njit(cache=True, nogil=True)
def _revealed(
    tx_in: Places, tx_out: Places, prev_low: Numbers, prev_high: Bytes, out_script: Numbers, label: Numbers, out: Ints,
    told: npt.NDArray[np.int8],
) -> None:  # fmt: skip
    for tx in range(len(out)):
        if out[tx] < 0:
            continue
        one = np.uint64(prev_low[tx_in[tx]]) | np.uint64(prev_high[tx_in[tx]]) << np.uint64(32)
        mine, many, which, same = label[out_script[one]], 0, np.int64(-1), False
        for i in range(tx_in[tx], tx_in[tx + 1]):
            spent = out_script[np.uint64(prev_low[i]) | np.uint64(prev_high[i]) << np.uint64(32)]
            same = same or label[spent] != mine
            for place in range(tx_out[tx], tx_out[tx + 1]):
                same = same or out_script[place] == spent
        for place in range(tx_out[tx], tx_out[tx + 1]):
            if label[out_script[place]] == mine:
                many, which = many + 1, np.int64(place)
        if many == 1 and not same:
            told[tx] = which == out[tx]
