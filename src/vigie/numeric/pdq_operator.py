"""PDQ's box filters and its decimation as one sparse operator of whole numbers per axis.

The reference runs two passes of a box filter along each axis and then takes 64 samples per axis. All of it is linear
and the axes are independent, so a sample is a weighted sum of the pixels of a window by a window. With ``w`` the
length of the box, ``w = ceil(length / 128)``, two means of ``w`` pixels are the weights 1, 2 ... w ... 2, 1 divided by
``w * w``: whole numbers and one division at the end, for every sample but the last.

**The last sample** of an axis with even ``w``: the box around its last pixel would reach one pixel beyond the edge,
and there the reference takes the mean over the ``w - 1`` that exist. That box is kept apart as a 65th row of weights,
to be multiplied by ``w / (w - 1)``. No other box is cut off: the first sample is pixel ``floor(length / 128)``, which
is ``w - 1`` or more, the last is ``length - w``, and two boxes reach at most ``w - 1`` to the left, and to the right
``w - 1`` if ``w`` is odd and ``w`` if it is even.

Sums of whole numbers do not depend on their order, so any processor, vector width and compiler finds the same bits.
They stay below 2**53 for any picture within ``LONGEST_SIDE_PX`` and ``MOST_PIXELS``, so float64 holds them exactly too.

Source: ThreatExchange ``pdq`` (Jarosz filter, decimation); reference/media.md 2.
"""

from __future__ import annotations

import functools
import typing as t

import numpy as np
import numpy.typing as npt

SIDE: t.Final = 64
"""The reduced picture is 64 x 64."""
LONGEST_SIDE_PX: t.Final = 1 << 18
"""Sums along one axis stay below 2**31: 255 * w * w with w = 2048."""
MOST_PIXELS: t.Final = 1 << 31
"""Sums along both stay below 2**53: 255,000 * (w_rows * w_columns) ** 2."""
WEAK: t.Final = 1.0
"""Bits whose coefficient lies within so many grey levels of the median are weak.

The cosines are orthonormal, so noise of one grey level (standard deviation) on the 64 x 64 picture moves every
coefficient by one grey level: such a bit then flips with a probability of 16 to 50 %, others hardly ever.
"""

Prints = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]
"""Hashes as uint8[n, 32] in the order of the text form; their quality and weak as int32[n, 2]."""


class Hash(t.NamedTuple):
    """A hash, and how far to trust it."""

    value: bytes
    """32 bytes, ``bytes.fromhex`` of the text form: bit 255 first."""
    quality: int
    """0-100: how much gradient there is. Below 50 the reference discards the hash."""
    weak: int
    """Stability: how many of the 256 bits a change of one grey level may flip (``WEAK``).

    Photographs have 7 (median), 256 of 256 are weak in flat fields and stripes, whose quality may be 100.
    """


class Lines(t.NamedTuple):
    """A picture in memory: row ``r`` is the ``width * channels`` bytes from ``r * stride`` on.

    Its luma is the weighted sum of the channels (1, or 299, 587 and 114) times ``gain / parts``.
    """

    pixels: npt.NDArray[np.uint8]
    stride: int
    height: int
    width: int
    channels: int
    gain: float
    parts: float


class Operator(t.NamedTuple):
    """One axis: sum ``k`` is of ``weights[at[k] : at[k + 1]]`` times the pixels from ``first[k]`` on."""

    first: npt.NDArray[np.int64]
    """int64[64], or int64[65] where ``window`` is even."""
    at: npt.NDArray[np.int64]
    weights: npt.NDArray[np.int64]
    window: int


@functools.lru_cache(maxsize=256)
def axis(length: int, *, mirrored: bool = False) -> Operator:
    """Return the operator for an axis of ``length`` pixels; ``mirrored``: as if the pixels stood in reverse order.

    Raises ``ValueError`` beyond ``LONGEST_SIDE_PX``.
    """
    if not 1 <= length <= LONGEST_SIDE_PX:
        raise ValueError(f"a side of {length} pixels; PDQ is computed for 1 to {LONGEST_SIDE_PX}")
    window = (length + 127) // 128
    half = (window + 2) // 2
    left = window - half
    rise = np.arange(1, 2 * window)
    rows = [np.minimum(rise, rise[::-1])] * SIDE
    first = (2 * np.arange(SIDE + 1) + 1) * length // (2 * SIDE) - 2 * left
    if window % 2:
        first = first[:SIDE]
    else:
        rise = rise[:-1]
        rows[SIDE - 1] = np.minimum(np.minimum(rise, rise[::-1]), window - 1)
        rows.append(np.ones(window - 1, np.int64))
        first[SIDE] = length - (window - 1)
    lengths = np.array([len(row) for row in rows])
    if mirrored:  # every row of weights is its own mirror image
        first = length - first - lengths
    at = np.concatenate([[0], np.cumsum(lengths)])
    return Operator(first, at, np.concatenate(rows), window)
