"""PDQ's box filters and its decimation as one sparse linear operator per axis.

The reference runs two passes of a box filter along each axis and then takes 64 samples per axis. Both are linear
and the axes are independent, so each axis is 64 short rows of weights: about one tap per pixel. The working set is
one row instead of two float pictures, and the sum is taken in float64 in a stated order, so the bits are the
same on every processor (no fused or re-associated float32 sums).

Source: ThreatExchange ``pdq`` (Jarosz filter, decimation); reference/media.md 2.
"""

from __future__ import annotations

import functools
import typing as t

import numba
import numpy as np
import numpy.typing as npt

SIDE: t.Final = 64
"""The reduced picture is 64 x 64."""


class Operator(t.NamedTuple):
    """One axis: sample ``k`` is the sum of ``weights[at[k] : at[k + 1]]`` times the pixels from ``first[k]`` on."""

    first: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]


@numba.njit("Tuple((int64[::1], int64[::1], float64[::1]))(int64)", cache=True)
def build(length: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Weights for an axis of ``length`` pixels.

    A window of ``w = ceil(length / 128)`` reaches ``w - half`` to the left and ``half - 1`` to the right, where
    ``half = (w + 2) // 2``; at the edges the mean is over the samples that are there.
    """
    window = (length + 127) // 128
    half = (window + 2) // 2
    left = window - half
    right = half - 1
    first = np.zeros(SIDE, np.int64)
    at = np.zeros(SIDE + 1, np.int64)
    for k in range(SIDE):
        sample = ((2 * k + 1) * length) // (2 * SIDE)
        first[k] = max(sample - 2 * left, 0)
        at[k + 1] = at[k] + min(sample + 2 * right, length - 1) - first[k] + 1
    weights = np.zeros(at[SIDE], np.float64)
    for k in range(SIDE):
        sample = ((2 * k + 1) * length) // (2 * SIDE)
        outer_from = max(sample - left, 0)
        outer_to = min(sample + right, length - 1)
        outer = outer_to - outer_from + 1
        for middle in range(outer_from, outer_to + 1):
            inner_from = max(middle - left, 0)
            inner_to = min(middle + right, length - 1)
            share = 1.0 / (outer * (inner_to - inner_from + 1))
            for pixel in range(inner_from, inner_to + 1):
                weights[at[k] + pixel - first[k]] += share
    return first, at, weights


@functools.lru_cache(maxsize=256)
def axis(length: int) -> Operator:
    """Return the operator for an axis of ``length`` pixels, kept for the next picture of that size."""
    return Operator(*build(length))


@numba.njit(
    [
        numba.void(
            numba.types.Array(numba.uint8, 1, "C", readonly=True),
            *(numba.int64,) * 3,
            *(numba.int64[::1], numba.int64[::1], numba.float64[::1]) * 2,
            *(numba.float64[::1], numba.float64[:, ::1]),
        )
    ],
    cache=True,
    nogil=True,
)
def reduce(  # noqa: C901, PLR0912 - one hot loop; calls between its parts would cost the vectoriser its view
    pixels: npt.NDArray[np.uint8],
    stride: int,
    width: int,
    channels: int,
    row_first: npt.NDArray[np.int64],
    row_at: npt.NDArray[np.int64],
    row_weights: npt.NDArray[np.float64],
    column_first: npt.NDArray[np.int64],
    column_at: npt.NDArray[np.int64],
    column_weights: npt.NDArray[np.float64],
    mix: npt.NDArray[np.float64],
    reduced: npt.NDArray[np.float64],
) -> None:
    """Reduce interleaved bytes to the 64 x 64 luma picture.

    ``pixels``: row ``r`` begins at byte ``r * stride`` and has ``width * channels`` bytes that count. ``mix``: one
    factor per channel. ``reduced``: float64[64, 64], written.
    """
    n = width * channels
    row = np.empty(n, np.float64)
    luma = np.empty((width, SIDE), np.float64)
    for k in range(SIDE):
        row[:] = 0.0
        tap = row_at[k]
        end = row_at[k + 1]
        r = row_first[k]
        while tap + 4 <= end:
            w0, w1, w2, w3 = row_weights[tap], row_weights[tap + 1], row_weights[tap + 2], row_weights[tap + 3]
            p0 = pixels[r * stride : r * stride + n]
            p1 = pixels[(r + 1) * stride : (r + 1) * stride + n]
            p2 = pixels[(r + 2) * stride : (r + 2) * stride + n]
            p3 = pixels[(r + 3) * stride : (r + 3) * stride + n]
            for x in range(n):
                row[x] += (w0 * p0[x] + w1 * p1[x]) + (w2 * p2[x] + w3 * p3[x])
            tap += 4
            r += 4
        while tap < end:
            w0 = row_weights[tap]
            p0 = pixels[r * stride : r * stride + n]
            for x in range(n):
                row[x] += w0 * p0[x]
            tap += 1
            r += 1
        if channels == 1:
            for x in range(width):
                luma[x, k] = row[x] * mix[0]
        else:
            for x in range(width):
                luma[x, k] = row[3 * x] * mix[0] + row[3 * x + 1] * mix[1] + row[3 * x + 2] * mix[2]
    total = np.empty(SIDE, np.float64)
    for k in range(SIDE):
        total[:] = 0.0
        for tap in range(column_at[k], column_at[k + 1]):
            weight = column_weights[tap]
            line = luma[column_first[k] + tap - column_at[k]]
            for y in range(SIDE):
                total[y] += weight * line[y]
        for y in range(SIDE):
            reduced[y, k] = total[y]
