"""Laying one picture over another: features, matches, one affine map that many of them agree on, and what is alike.

ORB features (Rublee et al. 2011), matched with a ratio test (Lowe 2004), an affine map by RANSAC (Fischler and Bolles
1981); then one picture is laid over the other and compared block by block, for features alone also agree where two
pages have the same frame round different pictures. OpenCV does the work, in one thread and from a fixed seed.
"""

from __future__ import annotations

import contextlib
import math
import typing as t

import cv2
import numpy as np
import numpy.typing as npt

from vigie.cell.job import Refused

if t.TYPE_CHECKING:
    from collections.abc import Iterator

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

LONGEST_PX: t.Final = 640
"""Pictures are compared at this size of their longer side."""
LEAST_PX: t.Final = 16
FEATURES: t.Final = 1000
RATIO: t.Final = 0.8
LEAST_MATCHES: t.Final = 6
REACH_PX: t.Final = 4.0
"""A match agrees with a map that brings it so near."""
ITERATIONS: t.Final = 2000
SCALES: t.Final = (0.05, 20.0)
STRETCH: t.Final = 2.0
"""A map that makes one direction so much longer than another is no copy of a picture."""
BLOCK_PX: t.Final = 16
PER_BLOCK: t.Final = BLOCK_PX**2
LEAST_DEVIATION: t.Final = 4.0
"""A block whose levels deviate less has no structure, in either picture: it says nothing."""
LEAST_BLOCKS: t.Final = 20
"""Fewer blocks with structure agree on nothing."""
ALIKE: t.Final = 0.7
"""Blocks whose levels correlate so much look alike."""
SEED: t.Final = 1


class Picture(t.NamedTuple):
    """A small grey picture, and its features."""

    grey: Grey
    points: npt.NDArray[np.float32]
    """float32[n, 2]: x, y."""
    marks: Grey
    """uint8[n, 32]."""


class Overlay(t.NamedTuple):
    """How ``a`` lies over ``b``; all but ``framed`` and ``structure`` zero where no map was found."""

    features: int
    tried: int
    inliers: int = 0
    agreement: float = 0.0
    framed: float = 0.0
    structure: float = 0.0
    overlap_a: float = 0.0
    overlap_b: float = 0.0
    scale: float = 0.0
    degrees: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


def prepare() -> None:
    """Keep OpenCV to one thread: the sandbox allows no other."""
    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)


def picture(pixels: npt.NDArray[np.uint8], like: Picture | None = None) -> Picture:
    """Reduce uint8[h, w, 3], RGB, to a grey picture of at most 640 px a side, and find its features.

    ``like``: give it the shape of that picture. Candidates are known by hashes, and a hash sees no shape.
    """
    height, width = pixels.shape[:2]
    times = LONGEST_PX / max(height, width)
    size = (max(round(width * times), 1), max(round(height * times), 1)) if times < 1 else (width, height)
    if like is not None and min(like.grey.shape) >= LEAST_PX and min(size) >= LEAST_PX:
        long = max(size) / max(like.grey.shape)
        size = (max(round(like.grey.shape[1] * long), 1), max(round(like.grey.shape[0] * long), 1))
    if size != (width, height):
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    return Picture(grey, *_features(grey))


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turn what OpenCV raises into ``Refused``."""
    try:
        yield
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise Refused("memory_limit", "comparing needs more memory than the cell has") from error
        raise Refused("decode_error", f"OpenCV: {error}") from error
    except MemoryError as error:
        raise Refused("memory_limit", "comparing needs more memory than the cell has") from error


def overlay(a: Picture, b: Picture) -> Overlay:
    """Lay ``a`` over ``b``; ``framed`` is the agreement where simply their frames are."""
    features = min(len(a.points), len(b.points))
    times = (b.grey.shape[1] / a.grey.shape[1], b.grey.shape[0] / a.grey.shape[0])
    frames = np.array([[times[0], 0.0, 0.0], [0.0, times[1], 0.0]])
    framed, structure, _, _ = _agreement(a.grey, b.grey, frames)
    pairs = _matches(a.marks, b.marks) if features >= LEAST_MATCHES else np.zeros((0, 2), np.int64)
    if len(pairs) < LEAST_MATCHES:
        return Overlay(features, len(pairs), framed=framed, structure=structure)
    found, agree = _map(a.points[pairs[:, 0]], b.points[pairs[:, 1]])
    if not _sane(found):
        return Overlay(features, len(pairs), framed=framed, structure=structure)
    agreement, _, overlap_a, overlap_b = _agreement(a.grey, b.grey, found)
    middle = np.array([a.grey.shape[1] / 2, a.grey.shape[0] / 2, 1.0])
    x, y = found @ middle / (b.grey.shape[1], b.grey.shape[0]) - 0.5
    return Overlay(
        features,
        len(pairs),
        agree,
        agreement,
        framed,
        structure,
        overlap_a,
        overlap_b,
        math.sqrt(float(np.linalg.det(found[:, :2]))),
        math.degrees(math.atan2(float(found[1, 0]), float(found[0, 0]))),
        _bounded(float(x)),
        _bounded(float(y)),
    )


def _features(of: Grey) -> tuple[npt.NDArray[np.float32], Grey]:
    if min(of.shape) < LEAST_PX:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    points, marks = cv2.ORB.create(nfeatures=FEATURES, fastThreshold=10).detectAndCompute(of, None)
    if not points:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([one.pt for one in points], np.float32), np.asarray(marks, np.uint8)


def _matches(a: Grey, b: Grey) -> npt.NDArray[np.int64]:
    """Return pairs of features that are each other's nearest, and much nearer than the second."""
    there = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(a, b, k=2)
    back = {one.queryIdx: one.trainIdx for one in cv2.BFMatcher(cv2.NORM_HAMMING).match(b, a)}
    out = [
        (best.queryIdx, best.trainIdx)
        for best, second in (two for two in there if len(two) == 2)
        if best.distance < RATIO * second.distance and back.get(best.trainIdx) == best.queryIdx
    ]
    return np.array(out, np.int64).reshape(-1, 2)


def _map(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> tuple[Floats, int]:
    """Return the map on which most of these points agree, and on how many; all zero where there is none."""
    cv2.setRNGSeed(SEED)
    found: tuple[npt.NDArray[np.float64] | None, Grey] = cv2.estimateAffine2D(  # type: ignore[assignment] # its stubs leave out None
        a, b, method=cv2.RANSAC, ransacReprojThreshold=REACH_PX, maxIters=ITERATIONS, confidence=0.999
    )
    return (np.zeros((2, 3)), 0) if found[0] is None else (found[0], int(np.count_nonzero(found[1])))


def _sane(found: Floats) -> bool:
    """Tell whether a map only moves, turns, sizes and stretches a little: no mirror, no collapse."""
    if not np.isfinite(found).all() or np.linalg.det(found[:, :2]) <= 0:
        return False
    most, least = np.linalg.svd(found[:, :2], compute_uv=False)
    return bool(SCALES[0] <= least and most <= SCALES[1] and most <= STRETCH * least)


def _agreement(a: Grey, b: Grey, found: Floats) -> tuple[float, float, float, float]:
    """Return which share of blocks with structure is alike, how many have some, and what is common of a and b."""
    size = (b.shape[1], b.shape[0])
    laid = cv2.warpAffine(_softened(a, found), found, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpAffine(np.full(a.shape, 255, np.uint8), found, size, flags=cv2.INTER_NEAREST)
    common = float(np.count_nonzero(cover)) / cover.size
    area = float(np.linalg.det(found[:, :2])) * a.size
    share_a = min(common * cover.size / area, 1.0)
    if min(b.shape) < BLOCK_PX:
        return 0.0, 0.0, share_a, common
    one, other = _cut(np.asarray(laid)), _cut(b)
    inside = _sums(_cut(np.asarray(cover)) > 0) == PER_BLOCK
    # All times PER_BLOCK squared, in whole numbers.
    first, second = _sums(one)[inside], _sums(other)[inside]
    spread_one = PER_BLOCK * _sums(one * one)[inside] - first**2
    spread_other = PER_BLOCK * _sums(other * other)[inside] - second**2
    structure = np.maximum(spread_one, spread_other) > (LEAST_DEVIATION * PER_BLOCK) ** 2
    if np.count_nonzero(structure) < LEAST_BLOCKS:
        return 0.0, 0.0, share_a, common
    together = PER_BLOCK * _sums(one * other)[inside] - first * second
    alike = together > ALIKE * np.maximum(np.sqrt(spread_one * spread_other), 1e-9)
    return float(alike[structure].mean()), float(structure.mean()), share_a, common


def _softened(a: Grey, found: Floats) -> Grey:
    """Blur what will be shown smaller, else it would alias."""
    scale = math.sqrt(float(np.linalg.det(found[:, :2])))
    if scale >= 1:
        return a
    sigma = 0.5 * math.sqrt(1 / scale**2 - 1)
    return np.asarray(cv2.GaussianBlur(a, (0, 0), max(sigma, 0.1)), np.uint8)


def _cut(of: Grey) -> npt.NDArray[np.uint32]:
    """Leave out what is no whole block at the ends."""
    rows, columns = of.shape[0] // BLOCK_PX * BLOCK_PX, of.shape[1] // BLOCK_PX * BLOCK_PX
    return of[:rows, :columns].astype(np.uint32)


def _sums(of: npt.NDArray[t.Any]) -> npt.NDArray[np.int64]:
    """Return the sums of blocks of 16 x 16, row by row; of squares of levels they stay below 2^24."""
    rows, columns = of.shape[0] // BLOCK_PX, of.shape[1] // BLOCK_PX
    down = of.reshape(rows, BLOCK_PX, -1).sum(axis=1, dtype=np.uint32)
    out: npt.NDArray[np.int64] = down.reshape(rows * columns, BLOCK_PX).sum(axis=1, dtype=np.int64)
    return out


def _bounded(value: float) -> float:
    return min(max(value, -100.0), 100.0)
