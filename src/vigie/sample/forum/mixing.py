"""Numbers that follow from what they stand for, not from the order in which they are drawn.

After the seed comes a number that says what is drawn, so that no two things share their numbers: each such number is
used for one thing, in ``addresses`` from 31, ``handles`` and ``members`` from 51, elsewhere from 60.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

U64 = NDArray[np.uint64]
_STEP, _ONE, _TWO = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(*parts: ArrayLike) -> U64:
    """Return 64 even bits that follow from the parts (integers or arrays that broadcast; negative ones wrap).

    SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) over each part in turn.
    """
    out = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            out = out + np.asarray(part).astype(np.int64).view(np.uint64) + _STEP
            out = (out ^ (out >> np.uint64(30))) * _ONE
            out = (out ^ (out >> np.uint64(27))) * _TWO
            out = out ^ (out >> np.uint64(31))
    return out


def share(*parts: ArrayLike) -> NDArray[np.float64]:
    """Return numbers in 0..1 that follow from the parts."""
    return np.asarray((mix(*parts) >> np.uint64(11)).astype(np.float64) / 2.0**53)


def below(most: int, *parts: ArrayLike) -> NDArray[np.int64]:
    """Return integers in 0..most-1 that follow from the parts."""
    return np.asarray((mix(*parts) % np.uint64(most)).astype(np.int64))


def digits(*parts: ArrayLike) -> list[str]:
    """Return 32 hexadecimal digits that follow from the parts, of which one at least is an array."""
    high = mix(*parts)
    return [f"{one:016x}{other:016x}" for one, other in zip(high.tolist(), mix(high).tolist(), strict=True)]
