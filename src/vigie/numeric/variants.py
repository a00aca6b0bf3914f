"""Hashes of a picture as it would be after an ordinary edit was undone, or done: all from one small view of it.

PDQ does not see through a border, a slight turn or a crop. So the hash is also taken of the picture without its border,
padded by its own reflection, and turned a little (what a *query* may have lost is put back), and of its crops (what
another copy of a picture *held* may have lost is taken away). Each is 64 x 64 samples of one view of 256 x 256 cells
that has PDQ's own filter applied, at places given by an affine map: 20 us instead of a pass over the picture.

The quarter turns and mirrors are exact (``pdq``), the hashes here are not: a few bits from the hash of the
picture so edited. Sums are float32 in a stated order: the same bits on every processor.
Source: reference/media.md 8.3; docs/matching.md 7.
"""

from __future__ import annotations

import functools
import itertools
import math
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.pdq import ORIENTATIONS, orientations
from vigie.numeric.pdq_operator import SIDE, Hash
from vigie.numeric.variants_loops import LOOPS
from vigie.numeric.variants_terms import CELLS, COEFFICIENTS, REFLECTED, Ints
from vigie.numeric.variants_view import View, view_of

PADS: t.Final = (1.2, 2.5, 4.0)
"""Per cent a side, of the query."""
TILTS: t.Final = (-5.0, -4.0, -3.2, -2.5, -1.8, -1.2, 1.2, 1.8, 2.5, 3.2, 4.0, 5.0)
"""Degrees, clockwise."""
CROPS: t.Final = (1.25, 2.5, 3.75, 5.0, 6.25, 7.5, 8.75, 10.0, 11.25, 12.5)
"""Per cent off each side, of a held picture. 2.5 apart, a third of the crops between two steps were missed."""
SIDES: t.Final = (2.5, 5.0, 7.5, 10.0, 12.5)
"""Per cent off one side."""
TWO_SIDES: t.Final = (2.4, 4.6, 6.8, 9.0)
"""Per cent off two sides, any two and of each its own: steps that reach from 1.3 to 10.1 (docs/matching.md 7)."""
ENDS: t.Final = (0.6, 11.2)
"""Per cent off two opposite sides, as much of each, beside those of ``TWO_SIDES``."""
LEAST_SIDE_PX: t.Final = 64
"""A smaller picture is only turned and mirrored: its hash says too little to be changed further."""
CLAMPED: t.Final = 0

_FREQUENCIES = np.arange(1, COEFFICIENTS + 1)[:, None]
_DCT = np.ascontiguousarray(
    np.sqrt(2.0 / SIDE) * np.cos(np.pi / (2 * SIDE) * _FREQUENCIES * (2 * np.arange(SIDE)[None, :] + 1))
).astype(np.float32)
_DCT_T = np.ascontiguousarray(_DCT.T)


class Recipe(t.NamedTuple):
    """Which part of the picture a variant shows: the corners are in shares of the picture, and may lie outside."""

    name: str
    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0
    degrees: float = 0.0
    """Turned by so much, clockwise, round the middle."""
    orientation: int = 0
    """Place in ``pdq.ORIENTATIONS``."""
    edge: int = CLAMPED


class Prints(t.NamedTuple):
    """Hashes of several variants."""

    names: tuple[str, ...]
    values: npt.NDArray[np.uint8]
    """uint8[n, 32], in text order."""
    quality: Ints
    weak: Ints


def _number(of: float) -> str:
    return f"{of:g}"


def _pad(share: float) -> Recipe:
    p = share / 100
    return Recipe(f"pad{_number(share)}", -p, -p, 1 + p, 1 + p, edge=REFLECTED)


def _crop(share: float) -> Recipe:
    c = share / 100
    return Recipe(f"crop{_number(share)}", c, c, 1 - c, 1 - c)


_SIDES: t.Final = ("top", "left", "bottom", "right")
_OPPOSITE: t.Final = {("top", "bottom"): "high", ("left", "right"): "wide"}


def _off(names: tuple[str, ...], shares: tuple[float, ...]) -> Recipe:
    """Cut so much off these of the four sides; ``high`` and ``wide`` are two opposite ones, as much of each."""
    if names in _OPPOSITE and shares[0] == shares[1]:
        name = f"{_OPPOSITE[names]}{_number(shares[0])}"
    else:
        name = "".join(f"{side}{_number(share)}" for side, share in zip(names, shares, strict=True))
    off = dict.fromkeys(_SIDES, 0.0) | {side: share / 100 for side, share in zip(names, shares, strict=True)}
    return Recipe(name, off["top"], off["left"], 1 - off["bottom"], 1 - off["right"])


def _held() -> t.Iterator[Recipe]:
    yield from map(_crop, CROPS)
    yield from (_off((side,), (share,)) for share in SIDES for side in _SIDES)
    yield from (_off(sides, (share, share)) for share in ENDS for sides in _OPPOSITE)
    for sides in itertools.combinations(_SIDES, 2):
        yield from (_off(sides, shares) for shares in itertools.product(TWO_SIDES, repeat=2))


QUERY: t.Final = (*map(_pad, PADS), *(Recipe(f"tilt{d:+g}", degrees=d) for d in TILTS))
HELD: t.Final = tuple(_held())
EDITED: t.Final = (*QUERY, *HELD)
TURNED: t.Final = ORIENTATIONS[1:]
TRIMMED: t.Final = ("trimmed", *(f"trimmed {name}" for name in TURNED))
NAMES: t.Final = ("", *TURNED, *TRIMMED, *(one.name for one in EDITED))
"""All there are, the picture as it is first, in the order of ``all_of``; the trimmed ones where there is a border."""

# The picture seen in an orientation at (y, x) from its middle lay at (a y + b x, c y + d x): a, b, c, d.
_SEEN: t.Final = (
    (1, 0, 0, 1),
    (1, 0, 0, -1),
    (-1, 0, 0, -1),
    (-1, 0, 0, 1),
    (0, 1, 1, 0),
    (0, -1, 1, 0),
    (0, -1, -1, 0),
    (0, 1, -1, 0),
)


def all_of(image: npt.NDArray[np.uint8], view: View | None = None) -> tuple[Hash, Prints]:
    """Return the exact hash of ``image`` (uint8[h, w, 3], RGB) and those of all its variants, itself among them.

    ``view``: its view, where it has been made.
    """
    turned = orientations(image)
    plain = Hash(turned.values[0].tobytes(), int(turned.quality[0]), int(turned.weak[0]))
    if min(image.shape[:2]) < LEAST_SIDE_PX:
        return plain, Prints(("", *TURNED), *turned)
    view = view or view_of(image)
    made = [prints(view, recipes) for recipes in (_trims(view), EDITED) if recipes]
    return plain, Prints(
        ("", *TURNED, *(name for one in made for name in one.names)),
        np.concatenate([turned.values, *(one.values for one in made)]),
        np.concatenate([turned.quality, *(one.quality for one in made)]),
        np.concatenate([turned.weak, *(one.weak for one in made)]),
    )


def _trims(view: View) -> tuple[Recipe, ...]:
    if view.inside is None:
        return ()
    return tuple(Recipe(name, *view.inside, orientation=place) for place, name in enumerate(TRIMMED))


def prints(view: View, recipes: tuple[Recipe, ...]) -> Prints:
    """Hash these variants of a picture."""
    maps, edges = _maps(recipes, view.height, view.width)
    values, quality, weak = LOOPS.hashes(view.grid, maps, edges, _DCT, _DCT_T)
    return Prints(tuple(one.name for one in recipes), values, quality, weak)


def _maps(recipes: tuple[Recipe, ...], height: int, width: int) -> tuple[npt.NDArray[np.float64], Ints]:
    """Return where sample (i, j) of each lies: row ``m0 + m1 i + m2 j``, column ``m3 + m4 i + m5 j``, in cells.

    All at once: the child that hashes a picture is new, and has made no map yet.
    """
    terms, edges = _terms(recipes)
    top, left, bottom, right, cos, sin, a, b, c, d = terms
    high, wide = (bottom - top) * height, (right - left) * width
    lying = a == 0
    high, wide = np.where(lying, wide, high), np.where(lying, high, wide)
    # From the middle of the variant, in pixels: sample k of a side of n pixels lies at (k + 1/2) n / 64.
    y0, dy = high / (2 * SIDE) - high / 2 + _late(high), high / SIDE
    x0, dx = wide / (2 * SIDE) - wide / 2 + _late(wide), wide / SIDE
    # Turned clockwise on the screen (rows grow downward): what is seen at (y, x) lay at (y cos - x sin, y sin + x cos).
    yy, yx, xy, xx = a * cos - c * sin, b * cos - d * sin, a * sin + c * cos, b * sin + d * cos
    middle_y, middle_x = (top + bottom) / 2 * height, (left + right) / 2 * width
    rows, columns = CELLS / height, CELLS / width
    maps = (
        (middle_y + y0 * yy + x0 * yx) * rows - 0.5,
        dy * yy * rows,
        dx * yx * rows,
        (middle_x + y0 * xy + x0 * xx) * columns - 0.5,
        dy * xy * columns,
        dx * xx * columns,
    )
    return np.stack(maps, axis=1), edges


@functools.lru_cache(maxsize=64)
def _terms(recipes: tuple[Recipe, ...]) -> tuple[npt.NDArray[np.float64], Ints]:
    """Return what of them does not depend on the picture: corners, cosines, sines, and ``_SEEN``; float64[10, n]."""
    terms = [
        (of.top, of.left, of.bottom, of.right, math.cos(angle), math.sin(angle), *_SEEN[of.orientation])
        for of, angle in ((one, math.radians(one.degrees)) for one in recipes)
    ]
    return np.array(terms).reshape(-1, 10).T.copy(), np.array([one.edge for one in recipes], np.int64)


def _late(side: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """By how many pixels PDQ's samples lie behind the middle of their share: its windows of even length do."""
    length = np.rint(side).astype(np.int64)
    window = (length + 127) // 128
    return np.where(window % 2 == 0, 1.0, 0.0) + np.where(length % 128 == 0, 0.5, 0.0)
