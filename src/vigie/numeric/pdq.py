"""PDQ: the 256-bit perceptual hash in which hash lists are exchanged.

Steps (ThreatExchange ``pdq``; reference/media.md 2): luma, two box filters and decimation to 64 x 64
(``pdq_operator``), quality from the gradients of that picture, its 16 x 16 lowest cosine frequencies without the
constant one, and one bit for each that is above their 128th smallest.

Two operators, never mixed silently: **exact**, from RGB (``hash_rgb``), gives the bits of the reference implementation
and is what one may publish; **luma** (``hash_luma``), from a luma plane that a decoder hands out, is faster and a
few bits off (docs/fingerprints.md).

**The same bits on every processor.** The 64 x 64 picture is made of sums of whole numbers, which have no order, and a
few divisions, each rounded as IEEE 754 says. The table of cosines is rounded to 40 binary places, which hides what
mathematical libraries disagree about. The cosine sums are float64, each in one stated order; vector lanes hold
different sums and never parts of one; nothing is fused.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE
from vigie.numeric.pdq_operator import LONGEST_SIDE_PX, MOST_PIXELS, SIDE, Hash, Lines

if NATIVE:
    from vigie.numeric import pdq_native

    _LOOPS: pdq_native.Loops | pdq_numba.Loops = pdq_native.Loops(NATIVE, NATIVE.level)
else:  # numba is dear to load, to fork above all
    from vigie.numeric import pdq_numba

    _LOOPS = pdq_numba.Loops()

COEFFICIENTS: t.Final = 16
LEAST_SIDE_PX: t.Final = 5
"""The reference does not hash a picture with a shorter side: all bits 0, quality 0."""
ORIENTATIONS: t.Final = (
    "as stored",
    "mirrored",
    "turned 180",
    "upside down",
    "transposed",
    "turned 90",
    "transversed",
    "turned 270",
)
"""The order of ``orientations``: that of EXIF's tag 1 to 8 (what a viewer does to show it upright); turns clockwise."""


def _cosines() -> npt.NDArray[np.float64]:
    """Return float64[64, 16]: column ``i`` is the cosine of frequency ``i + 1``, rounded to 40 binary places."""
    angles = np.arange(1, COEFFICIENTS + 1)[None, :] * (2 * np.arange(SIDE)[:, None] + 1)
    cosines: npt.NDArray[np.float64] = np.sqrt(2.0 / SIDE) * np.cos(np.pi / (2 * SIDE) * angles)
    return np.rint(cosines * 2.0**40) / 2.0**40


COSINES: t.Final = _cosines()


class Hashes(t.NamedTuple):
    """The hashes of one picture in its eight orientations, in the order of ``ORIENTATIONS``."""

    values: npt.NDArray[np.uint8]
    """uint8[8, 32], each row as ``Hash.value``."""
    quality: npt.NDArray[np.int64]
    """int64[8]"""
    weak: npt.NDArray[np.int64]
    """int64[8]"""


NOTHING: t.Final = Hash(bytes(32), 0, 256)


def hash_rgb(image: npt.NDArray[np.uint8]) -> Hash:
    """Return the exact hash of ``image``: uint8[h, w, 3], RGB, pixels as stored.

    Raises ``ValueError`` where a side or the picture is beyond the bounds of ``pdq_operator``; so do all below.
    """
    return _hash(lines_of_rgb(image))


def hash_luma(plane: npt.NDArray[np.uint8], *, full_range: bool) -> Hash:
    """Return the hash of a luma plane: uint8[h, w], rows contiguous (line padding between rows is fine)."""
    return _hash(lines_of_luma(plane, full_range=full_range))


def orientations(pixels: npt.NDArray[np.uint8]) -> Hashes:
    """Return the hashes of the eight pictures that turning and mirroring make of ``pixels``, from one reading of it.

    ``pixels``: uint8[h, w, 3] RGB or uint8[h, w] full-range luma. Not an approximation on the bits: each is the hash
    of the really turned pixels, for a mirrored axis has mirrored weights and a transposed picture has the transposed
    samples (reference/media.md 2.3, exact-8).
    """
    lines = lines_of_rgb(pixels) if pixels.ndim == 3 else lines_of_luma(pixels, full_range=True)
    if min(lines.height, lines.width) < LEAST_SIDE_PX:
        return Hashes(np.zeros((8, 32), np.uint8), np.zeros(8, np.int64), np.full(8, NOTHING.weak))
    values, figures = _LOOPS.orientations(_bounded(lines), COSINES)
    return Hashes(values, *figures.T.astype(np.int64))


def lines_of_rgb(image: npt.NDArray[np.uint8]) -> Lines:
    """Describe uint8[h, w, 3]."""
    height, width, _ = image.shape
    return Lines(np.ascontiguousarray(image).reshape(-1), 3 * width, height, width, 3, 1.0, 1000.0)


def lines_of_luma(plane: npt.NDArray[np.uint8], *, full_range: bool) -> Lines:
    """Describe uint8[h, w]. Studio range is stretched; its offset of 16 has no effect: no coefficient is constant."""
    height, width = plane.shape
    stride, step = plane.strides
    gain, parts = (1.0, 1.0) if full_range else (255.0, 219.0)
    if step != 1 or stride < width:
        return Lines(np.ascontiguousarray(plane).reshape(-1), width, height, width, 1, gain, parts)
    flat = np.lib.stride_tricks.as_strided(plane, ((height - 1) * stride + width,), (1,), writeable=False)
    return Lines(flat, stride, height, width, 1, gain, parts)


def reduce_to_64(lines: Lines) -> npt.NDArray[np.float64]:
    """Return the 64 x 64 luma picture, float64."""
    return _LOOPS.reduce(_bounded(lines), rows_mirrored=False, columns_mirrored=False)


def hash_reduced(reduced: npt.NDArray[np.float64]) -> Hash:
    """Return the hash of a 64 x 64 luma picture."""
    return _LOOPS.print_of(reduced, COSINES)


def _hash(lines: Lines) -> Hash:
    if min(lines.height, lines.width) < LEAST_SIDE_PX:
        return NOTHING
    return _LOOPS.hash_of(_bounded(lines), COSINES)


def _bounded(lines: Lines) -> Lines:
    if max(lines.height, lines.width) > LONGEST_SIDE_PX or lines.height * lines.width > MOST_PIXELS:
        bounds = f"at most {LONGEST_SIDE_PX} a side and {MOST_PIXELS} in all"
        raise ValueError(f"{lines.width} x {lines.height} pixels; PDQ is computed for {bounds}")
    return lines
