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
import math
import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.distinct import Ints
from vigie.numeric.pdq import ORIENTATIONS, Hash, orientations
from vigie.numeric.pdq_operator import SIDE
from vigie.numeric.variants_view import CELLS, Floats, View, view_of

PADS: t.Final = (1.2, 2.5, 4.0)
"""Per cent a side, of the query."""
TILTS: t.Final = (-5.0, -4.0, -3.2, -2.5, -1.8, -1.2, 1.2, 1.8, 2.5, 3.2, 4.0, 5.0)
"""Degrees, clockwise."""
CROPS: t.Final = (1.25, 2.5, 3.75, 5.0, 6.25, 7.5, 8.75, 10.0, 11.25, 12.5)
"""Per cent off each side, of a held picture. 2.5 apart, a third of the crops between two steps were missed."""
SIDES: t.Final = (2.5, 5.0, 7.5, 10.0, 12.5)
"""Per cent off one side, and off two opposite sides."""
LEAST_SIDE_PX: t.Final = 64
"""A smaller picture is only turned and mirrored: its hash says too little to be changed further."""
CLAMPED: t.Final = 0
REFLECTED: t.Final = 1
COEFFICIENTS: t.Final = 16
WEAK: t.Final = np.float32(1.0)
"""As in ``pdq``."""

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


def _sides(share: float) -> tuple[Recipe, ...]:
    c = share / 100
    n = _number(share)
    return (
        Recipe(f"top{n}", top=c),
        Recipe(f"left{n}", left=c),
        Recipe(f"bottom{n}", bottom=1 - c),
        Recipe(f"right{n}", right=1 - c),
        Recipe(f"high{n}", top=c, bottom=1 - c),
        Recipe(f"wide{n}", left=c, right=1 - c),
    )


QUERY: t.Final = (*map(_pad, PADS), *(Recipe(f"tilt{d:+g}", degrees=d) for d in TILTS))
HELD: t.Final = (*map(_crop, CROPS), *(one for share in SIDES for one in _sides(share)))
TURNED: t.Final = ORIENTATIONS[1:]
TRIMMED: t.Final = ("trimmed", *(f"trimmed {name}" for name in TURNED))
NAMES: t.Final = ("", *TURNED, *TRIMMED, *(one.name for one in (*QUERY, *HELD)))
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
    made = prints(view, (*_trims(view), *QUERY, *HELD))
    return plain, Prints(
        ("", *TURNED, *made.names),
        np.concatenate([turned.values, made.values]),
        np.concatenate([turned.quality, made.quality]),
        np.concatenate([turned.weak, made.weak]),
    )


def _trims(view: View) -> tuple[Recipe, ...]:
    if view.inside is None:
        return ()
    return tuple(Recipe(name, *view.inside, orientation=place) for place, name in enumerate(TRIMMED))


def prints(view: View, recipes: tuple[Recipe, ...]) -> Prints:
    """Hash these variants of a picture."""
    maps, edges = _maps(recipes, view.height, view.width)
    values, quality, weak = _hashed(view.grid, maps, edges, _DCT, _DCT_T)
    return Prints(tuple(one.name for one in recipes), values, quality, weak)


@functools.lru_cache(maxsize=64)
def _maps(recipes: tuple[Recipe, ...], height: int, width: int) -> tuple[npt.NDArray[np.float64], Ints]:
    maps = np.array([_map(one, height, width) for one in recipes]).reshape(-1, 6)
    return maps, np.array([one.edge for one in recipes], np.int64)


def _map(of: Recipe, height: int, width: int) -> tuple[float, ...]:
    """Return where sample (i, j) lies in the view: row ``m0 + m1 i + m2 j``, column ``m3 + m4 i + m5 j``, in cells."""
    a, b, c, d = _SEEN[of.orientation]
    high, wide = (of.bottom - of.top) * height, (of.right - of.left) * width
    if a == 0:
        high, wide = wide, high
    # From the middle of the variant, in pixels: sample k of a side of n pixels lies at (k + 1/2) n / 64.
    y0, dy = high / (2 * SIDE) - high / 2 + _late(round(high)), high / SIDE
    x0, dx = wide / (2 * SIDE) - wide / 2 + _late(round(wide)), wide / SIDE
    # Turned clockwise on the screen (rows grow downward): what is seen at (y, x) lay at (y cos - x sin, y sin + x cos).
    cos, sin = math.cos(math.radians(of.degrees)), math.sin(math.radians(of.degrees))
    yy, yx, xy, xx = a * cos - c * sin, b * cos - d * sin, a * sin + c * cos, b * sin + d * cos
    middle_y, middle_x = (of.top + of.bottom) / 2 * height, (of.left + of.right) / 2 * width
    rows, columns = CELLS / height, CELLS / width
    return (
        (middle_y + y0 * yy + x0 * yx) * rows - 0.5,
        dy * yy * rows,
        dx * yx * rows,
        (middle_x + y0 * xy + x0 * xx) * columns - 0.5,
        dy * xy * columns,
        dx * xx * columns,
    )


def _late(length: int) -> float:
    """By how many pixels PDQ's samples lie behind the middle of their share: its windows of even length do."""
    window = (length + 127) // 128
    return (1.0 if window % 2 == 0 else 0.0) + (0.5 if length % 128 == 0 else 0.0)


@numba.njit(cache=True, nogil=True)
def _place(place: float, most: float, edge: int) -> float:
    """Bring a place into 0 .. most: mirrored at the edges, or to the edge."""
    if edge == REFLECTED and place < -0.5:
        place = -1.0 - place
    if edge == REFLECTED and place > most + 0.5:
        place = 2.0 * most + 1.0 - place
    return min(max(place, 0.0), most - 1e-6)


@numba.njit(cache=True, nogil=True)
def _sample(grid: Floats, m: npt.NDArray[np.float64], edge: int, out: Floats) -> None:
    """Take 64 x 64 samples of the view, linear between its cells."""
    most = len(grid) - 1.0
    for i in range(SIDE):
        for j in range(SIDE):
            y = _place(m[0] + m[1] * i + m[2] * j, most, edge)
            x = _place(m[3] + m[4] * i + m[5] * j, most, edge)
            r, c = int(y), int(x)
            v, u = np.float32(y - r), np.float32(x - c)
            above = grid[r, c] + (grid[r, c + 1] - grid[r, c]) * u
            below = grid[r + 1, c] + (grid[r + 1, c + 1] - grid[r + 1, c]) * u
            out[i, j] = above + (below - above) * v


@numba.njit(cache=True, nogil=True)
def _sample_upright(grid: Floats, m: npt.NDArray[np.float64], edge: int, out: Floats) -> None:
    """Do as ``_sample`` where rows are rows: half of the work, for most variants."""
    most = len(grid) - 1.0
    line = np.empty(len(grid), np.float32)
    columns, shares = np.empty(SIDE, np.int64), np.empty(SIDE, np.float32)
    for j in range(SIDE):
        x = _place(m[3] + m[5] * j, most, edge)
        columns[j] = int(x)
        shares[j] = np.float32(x - columns[j])
    for i in range(SIDE):
        y = _place(m[0] + m[1] * i, most, edge)
        r = int(y)
        v = np.float32(y - r)
        above, below = grid[r], grid[r + 1]
        for x in range(len(line)):
            line[x] = above[x] + (below[x] - above[x]) * v
        for j in range(SIDE):
            c = columns[j]
            out[i, j] = line[c] + (line[c + 1] - line[c]) * shares[j]


@numba.njit(cache=True, nogil=True)
def _folded(picture: Floats, out: Floats) -> None:
    """Subtract and add rows that lie opposite: a cosine is opposite, or the same, from both ends."""
    middle = SIDE // 2
    for k in range(middle):
        for j in range(SIDE):
            out[k, j] = picture[k, j] - picture[SIDE - 1 - k, j]
            out[middle + k, j] = picture[k, j] + picture[SIDE - 1 - k, j]


@numba.njit(cache=True, nogil=True)
def _transformed(dct: Floats, dct_t: Floats, folded: Floats, rows: Floats, out: Floats) -> None:
    """Write the 16 x 16 coefficients ``D P D^T`` of a folded picture; ``rows`` (16 x 64) is room to work in."""
    middle = SIDE // 2
    for i in range(COEFFICIENTS):
        start = middle * (i % 2)
        for j in range(SIDE):
            rows[i, j] = np.float32(0.0)
        for k in range(0, middle, 4):
            w0, w1, w2, w3 = dct[i, k], dct[i, k + 1], dct[i, k + 2], dct[i, k + 3]
            n = start + k
            for j in range(SIDE):
                rows[i, j] += (w0 * folded[n, j] + w1 * folded[n + 1, j]) + (
                    w2 * folded[n + 2, j] + w3 * folded[n + 3, j]
                )
    for i in range(COEFFICIENTS):
        for j in range(COEFFICIENTS):
            out[i, j] = np.float32(0.0)
        for k in range(0, SIDE, 4):
            w0, w1, w2, w3 = rows[i, k], rows[i, k + 1], rows[i, k + 2], rows[i, k + 3]
            for j in range(COEFFICIENTS):
                out[i, j] += (w0 * dct_t[k, j] + w1 * dct_t[k + 1, j]) + (w2 * dct_t[k + 2, j] + w3 * dct_t[k + 3, j])


@numba.njit(cache=True, nogil=True)
def _quality(picture: Floats) -> int:
    """As ``pdq``; whole numbers of 32 bits, which vectors hold."""
    total = np.int32(0)
    scale = np.float32(100.0 / 255.0)
    for i in range(SIDE - 1):
        for j in range(SIDE):
            total += np.int32(abs(np.int32((picture[i, j] - picture[i + 1, j]) * scale)))
    for i in range(SIDE):
        for j in range(SIDE - 1):
            total += np.int32(abs(np.int32((picture[i, j] - picture[i, j + 1]) * scale)))
    return min(int(total) // 90, 100)


@numba.njit(cache=True, nogil=True)
def _hashed(
    grid: Floats, maps: npt.NDArray[np.float64], edges: Ints, dct: Floats, dct_t: Floats
) -> tuple[npt.NDArray[np.uint8], Ints, Ints]:
    n = len(maps)
    values = np.zeros((n, 32), np.uint8)
    quality, weak = np.zeros(n, np.int64), np.zeros(n, np.int64)
    picture = np.empty((SIDE, SIDE), np.float32)
    folded, rows = np.empty((SIDE, SIDE), np.float32), np.empty((COEFFICIENTS, SIDE), np.float32)
    square = np.empty((COEFFICIENTS, COEFFICIENTS), np.float32)
    for v in range(n):
        if maps[v, 2] == 0.0 and maps[v, 4] == 0.0:
            _sample_upright(grid, maps[v], edges[v], picture)
        else:
            _sample(grid, maps[v], edges[v], picture)
        quality[v] = _quality(picture)
        _folded(picture, folded)
        _transformed(dct, dct_t, folded, rows, square)
        flat = square.ravel()
        median = np.partition(flat, 127)[127]
        for b in range(COEFFICIENTS * COEFFICIENTS):
            if flat[b] > median:
                values[v, 31 - b // 8] |= np.uint8(1 << (b % 8))
            if abs(flat[b] - median) <= WEAK:
                weak[v] += 1
    return values, quality, weak
