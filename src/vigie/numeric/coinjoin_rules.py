"""What each kind of CoinJoin looks like: rules over the values of one transaction, ascending. See ``coinjoin``."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

POOLS_SAT: t.Final = (100_000, 1_000_000, 5_000_000, 50_000_000, 2_500_000, 25_000_000)
"""Whirlpool's, the last two of Ashigaru, which goes on with it."""
FEES_SAT: t.Final = (5_000, 50_000, 175_000, 1_750_000, 125_000, 1_250_000)
"""What the coordinator of each pool takes; it may give rebates."""
PREMIUM_SAT: t.Final = (100, 110_000)
"""So much more than its pool an output before mixing holds, for the miners."""
WASABI_SAT: t.Final = 10_000_000
WABISABI_LEAST_SAT: t.Final = 5_000
JOINMARKET_LEAST_SAT: t.Final = 2_730
FITTED: t.Final = 32
"""Of so many inputs at most it is tried which of them made which change: three of them are 5,000 ways."""


@numba.njit(cache=True, nogil=True)
def is_whirlpool(took: Ints, made: Ints) -> bool:
    """5 to 8 in and as many out, all outputs of a pool's value; 1 to 4 inputs are fresh and bring the premium."""
    pool = made[0]
    if not 5 <= len(took) <= 8 or len(made) != len(took) or made[-1] != pool:
        return False
    known = False
    for one in POOLS_SAT:
        known = known or pool == one
    fresh = 0
    for value in took:
        more = value - pool
        if more != 0 and not PREMIUM_SAT[0] <= more <= PREMIUM_SAT[1]:
            return False
        fresh += more > 0
    return known and 1 <= fresh <= 4


@numba.njit(cache=True, nogil=True)
def is_tx0(made: Ints) -> bool:
    """2 to 70 equal outputs a little above a pool's value, one fee of the coordinator, at most two others."""
    for at in range(len(POOLS_SAT)):
        equal, fees, start = 0, 0, 0
        for i in range(1, len(made) + 1):
            if i == len(made) or made[i] != made[start]:
                if PREMIUM_SAT[0] <= made[start] - POOLS_SAT[at] <= PREMIUM_SAT[1]:
                    equal = max(equal, i - start)
                if FEES_SAT[at] <= 2 * made[start] and made[start] <= 3 * FEES_SAT[at]:
                    fees += i - start
                start = i
        if 2 <= equal <= 70 and fees >= 1 and len(made) - equal - 1 <= 2:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def is_wasabi(made: Ints, inputs: int, different: int) -> int:  # noqa: C901 - one rule, in its order
    """Return 1 for Wasabi 1.0, 2 for 1.1 with several denominations, 0 for neither.

    The denomination is 0.1 bitcoin, 5 % more or less; from 1.1 on also 2, 4, 8 ... times that.
    """
    base, many, start = np.int64(0), 0, 0
    for i in range(1, len(made) + 1):
        if i == len(made) or made[i] != made[start]:
            if abs(20 * (made[start] - WASABI_SAT)) <= WASABI_SAT and i - start > many:
                base, many = made[start], i - start
            start = i
    if many < 3 or not many <= different <= 7 * many:
        return 0
    total = np.int64(0)
    for value in made:
        total += value
    if inputs < 20 and abs(total - many * base) * 10_000 <= total:
        return 0  # few inputs, all of it in equal parts: a batch of payouts
    if 2 * many + 1 >= len(made):
        return 1
    level, mixed, start = base, 0, 0
    for i in range(1, len(made) + 1):
        if i == len(made) or made[i] != made[start]:
            while level * 3 < made[start] * 2:
                level *= 2
            if i - start >= 2 and abs(20 * (made[start] - level)) <= level:
                mixed += i - start
            start = i
    return 2 if 2 * mixed + 1 >= len(made) else 0


@numba.njit(cache=True, nogil=True)
def is_wabisabi(made: Ints, repeated: int) -> bool:
    """At least half of the outputs repeat, and three quarters of those are of the protocol's own values.

    These are powers of 2 and 3, twice those of 3, and 1, 2 and 5 times those of 10 (Wasabi's DenominationBuilder).
    Payouts are of the last kind too: three different values must be of the others.
    """
    standard, odd, start = 0, 0, 0
    for i in range(1, len(made) + 1):
        if i == len(made) or made[i] != made[start]:
            if i - start > 1:
                binary = _binary(made[start])
                odd += binary
                standard += (i - start) * (binary or _decimal(made[start]))
            start = i
    return made[0] >= WABISABI_LEAST_SAT and 2 * repeated + 1 >= len(made) and 4 * standard >= 3 * repeated and odd >= 3


@numba.njit(cache=True, nogil=True)
def _binary(value: int) -> bool:
    if value & (value - 1) == 0:
        return True
    if value % 2 == 0:
        value //= 2
    while value % 3 == 0:
        value //= 3
    return value == 1


@numba.njit(cache=True, nogil=True)
def _decimal(value: int) -> bool:
    while value % 10 == 0:
        value //= 10
    return value in (1, 2, 5)


@numba.njit(cache=True, nogil=True)
def fits_joinmarket(took: Ints, made: Ints, denomination: int, many: int) -> bool:
    """Tell whether the inputs fall apart into those of the makers: each gets the denomination and its change back.

    A maker earns a fee, so it gets a little more than it gave, at most 1 % or 10,000 satoshi; the taker, who pays it,
    need not have change. A batch of payouts has equal outputs too, but no input beside each change.
    """
    left = len(made) - many
    if not many >= 3 or denomination <= JOINMARKET_LEAST_SAT or not many - 1 <= left <= many or len(took) > FITTED:
        return False
    most = max(denomination // 100, 10_000)
    used = np.zeros(len(took), np.bool_)
    found = np.zeros(len(made), np.bool_)
    fitted = 0
    for parts in range(1, 4):
        for c in range(len(made)):
            if made[c] != denomination and not found[c]:
                found[c] = _taken(took, used, denomination + made[c], most, parts)
                fitted += found[c]
    return fitted >= many - 1


@numba.njit(cache=True, nogil=True)
def _taken(  # noqa: C901 - three loops in each other, left early
    took: Ints, used: npt.NDArray[np.bool_], wanted: int, most: int, parts: int
) -> bool:
    """Use so many inputs whose sum is ``wanted`` or up to ``most`` less, where there are such."""
    n = len(took)
    for i in range(n):
        if used[i] or took[i] > wanted:
            continue
        if parts == 1:
            if took[i] >= wanted - most:
                used[i] = True
                return True
            continue
        for j in range(i + 1, n):
            if used[j] or took[i] + took[j] > wanted:
                continue
            if parts == 2:
                if took[i] + took[j] >= wanted - most:
                    used[i] = used[j] = True
                    return True
                continue
            for k in range(j + 1, n):
                total = took[i] + took[j] + took[k]
                if not used[k] and wanted - most <= total <= wanted:
                    used[i] = used[j] = used[k] = True
                    return True
    return False


@numba.njit(cache=True, nogil=True)
def largest_share(scripts: Ints) -> int:
    """Count how often the most frequent of ascending values stands there."""
    most, start = 0, 0
    for i in range(1, len(scripts) + 1):
        if i == len(scripts) or scripts[i] != scripts[start]:
            most = max(most, i - start)
            start = i
    return most
