"""PDQ: the 256-bit perceptual hash in which hash lists are exchanged.

Steps (ThreatExchange ``pdq``; reference/media.md 2): float luma, two box filters and decimation to 64 x 64
(``pdq_operator``), quality from the gradients of that picture, its 16 x 16 lowest cosine frequencies without the
constant one, and one bit for each that is above their 128th smallest.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq_operator import SIDE, axis, reduce

COEFFICIENTS: t.Final = 16
LEAST_SIDE_PX: t.Final = 5
"""The reference does not hash a picture with a shorter side: all bits 0, quality 0."""
WEAK: t.Final = 0.05
"""A coefficient this near the median may fall on either side of it in another correct implementation."""

_FREQUENCIES = np.arange(1, COEFFICIENTS + 1)[:, None]
_DCT = np.sqrt(2.0 / SIDE) * np.cos(np.pi / (2 * SIDE) * _FREQUENCIES * (2 * np.arange(SIDE)[None, :] + 1))
_RGB = np.array([0.299, 0.587, 0.114])
_FULL = np.array([1.0])
_LIMITED = np.array([255.0 / 219.0])
"""Studio range to full range; its offset of 16 has no effect, for there is no constant coefficient."""


class Hash(t.NamedTuple):
    """A hash, and how far to trust it."""

    value: bytes
    """32 bytes, ``bytes.fromhex`` of the text form: bit 255 first."""
    quality: int
    """0-100: how much gradient there is. Below 50 the reference discards the hash."""
    weak: int
    """How many of the 256 coefficients lie within 0.05 of the median: about 1 for photographs, 256 for flat fields."""


class Lines(t.NamedTuple):
    """A picture in memory: row ``r`` is the ``width * channels`` bytes from ``r * stride`` on."""

    pixels: npt.NDArray[np.uint8]
    stride: int
    height: int
    width: int
    channels: int
    mix: npt.NDArray[np.float64]
    """Weight of each channel in the luma."""


NOTHING: t.Final = Hash(bytes(32), 0, 256)


@numba.njit("int64(float64[:, ::1])", cache=True, nogil=True)
def quality_of(reduced: npt.NDArray[np.float64]) -> int:
    """Return PDQ quality, 0-100, of the 64 x 64 picture; differences are truncated toward zero, as in the reference."""
    total = 0
    for i in range(SIDE):
        for j in range(SIDE):
            if i + 1 < SIDE:
                total += abs(int((reduced[i, j] - reduced[i + 1, j]) * 100.0 / 255.0))
            if j + 1 < SIDE:
                total += abs(int((reduced[i, j] - reduced[i, j + 1]) * 100.0 / 255.0))
    return min(total // 90, 100)


@numba.njit("float64[::1](float64[:, ::1], float64[:, ::1])", cache=True, nogil=True)
def coefficients_of(dct: npt.NDArray[np.float64], reduced: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the 256 coefficients ``D B D^T`` by rows, summed in one stated order (a BLAS would not promise one)."""
    half = np.zeros((COEFFICIENTS, SIDE), np.float64)
    for i in range(COEFFICIENTS):
        for k in range(SIDE):
            weight = dct[i, k]
            for j in range(SIDE):
                half[i, j] += weight * reduced[k, j]
    out = np.zeros(COEFFICIENTS * COEFFICIENTS, np.float64)
    for i in range(COEFFICIENTS):
        for j in range(COEFFICIENTS):
            total = 0.0
            for k in range(SIDE):
                total += half[i, k] * dct[j, k]
            out[i * COEFFICIENTS + j] = total
    return out


def hash_rgb(image: npt.NDArray[np.uint8]) -> Hash:
    """Return the exact hash of ``image``: uint8[h, w, 3], RGB, pixels as stored."""
    height, width, _ = image.shape
    return _hash(Lines(np.ascontiguousarray(image).reshape(-1), 3 * width, height, width, 3, _RGB))


def hash_luma(plane: npt.NDArray[np.uint8], *, full_range: bool) -> Hash:
    """Return the hash of a luma plane: uint8[h, w], rows contiguous (line padding between rows is fine)."""
    height, width = plane.shape
    stride, step = plane.strides
    mix = _FULL if full_range else _LIMITED
    if step != 1 or stride < width:
        return _hash(Lines(np.ascontiguousarray(plane).reshape(-1), width, height, width, 1, mix))
    flat = np.lib.stride_tricks.as_strided(plane, ((height - 1) * stride + width,), (1,), writeable=False)
    return _hash(Lines(flat, stride, height, width, 1, mix))


def reduce_to_64(lines: Lines) -> npt.NDArray[np.float64]:
    """Return the 64 x 64 luma picture, float64."""
    reduced = np.empty((SIDE, SIDE), np.float64)
    operators = (*axis(lines.height), *axis(lines.width))
    reduce(lines.pixels, lines.stride, lines.width, lines.channels, *operators, lines.mix, reduced)
    return reduced


def hash_reduced(reduced: npt.NDArray[np.float64]) -> Hash:
    """Return the hash of a 64 x 64 luma picture."""
    coefficients = coefficients_of(_DCT, reduced)
    median = np.partition(coefficients, 127)[127]
    bits = coefficients > median
    weak = int(np.count_nonzero(np.abs(coefficients - median) <= WEAK))
    return Hash(np.packbits(bits[::-1]).tobytes(), int(quality_of(reduced)), weak)


def _hash(lines: Lines) -> Hash:
    if min(lines.height, lines.width) < LEAST_SIDE_PX:
        return NOTHING
    return hash_reduced(reduce_to_64(lines))
