"""What its checksum or its form alone decides, many at once: no rule is asked for it, nor for what is none."""

from __future__ import annotations

import collections.abc
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_scan as scan
from vigie.numeric.coins import glued, told
from vigie.numeric.identifiers import Candidates
from vigie.numeric.texts import Texts, taken
from vigie.rows.people import IDENTIFIERS

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_KIND: t.Final = np.array([0] * told.FIRST + [IDENTIFIERS.index(kind) for kind in told.KINDS], np.uint8)
_CHECKED: t.Final = np.array([False] * told.FIRST + [*told.CHECKED])


class Sure(t.NamedTuple):
    """Addresses in the order of their places, which are those of the arena; arrays of one length."""

    row: Ints
    start: Ints
    end: Ints
    kind: Bytes
    """Place in ``rows.people.IDENTIFIERS``."""
    lower: npt.NDArray[np.bool_]
    """Its normal form is in lower case."""
    glued: npt.NDArray[np.bool_]
    """Other letters or digits stand right beside it."""
    checked: npt.NDArray[np.bool_]
    """A checksum says so."""

    def values(self, text: Bytes) -> Texts:
        """Return their normal forms."""
        return taken(text, self.start, self.end, self.lower)

    def some(self, chosen: npt.NDArray[np.bool_]) -> Sure:
        """Return those that are chosen."""
        return Sure(
            self.row[chosen], self.start[chosen], self.end[chosen], self.kind[chosen], self.lower[chosen],
            self.glued[chosen], self.checked[chosen],
        )  # fmt: skip

    def apart(self, spans: collections.abc.Iterable[tuple[int, int]]) -> Sure:
        """Return those that have no byte of one of the spans: secrets, and blocks that were read as a whole."""
        kept = np.ones(len(self.row), np.bool_)
        for first, last in spans:  # places ascend, so each is one slice
            kept[np.searchsorted(self.end, first, "right") : np.searchsorted(self.start, last, "left")] = False
        return self if kept.all() else self.some(kept)


def split(
    values: Bytes, some: Candidates, kinds: collections.abc.Set[str], *, within: bool = False
) -> tuple[Sure, Candidates]:
    """Return the addresses of the wanted kinds among candidates, and the candidates that have to be asked about.

    ``within``: those too that stand within a run that is nothing else.
    """
    at = np.flatnonzero(some.what == scan.RUN)
    codes = every = told.told(values, some.start[at], some.end[at])
    asked = np.ones(len(some.row), np.bool_)
    asked[at[codes != told.UNSURE]] = False
    right = np.flatnonzero(codes > told.UNSURE)
    places, codes = at[right], codes[right]
    sure = Sure(
        some.row[places], some.start[places], some.end[places], _KIND[codes & ~np.uint8(told.LOWER)],
        (codes & told.LOWER) > 0, np.zeros(len(places), np.bool_), _CHECKED[codes & ~np.uint8(told.LOWER)],
    )  # fmt: skip
    if within:
        runs = some.what == scan.GLUED
        runs[at[every == told.NOTHING]] = True
        asked[runs] = False
        sure = _with(sure, _glued(values, some, np.flatnonzero(runs)))
    wanted = np.array([kind in kinds for kind in IDENTIFIERS])[sure.kind]
    rest = Candidates(some.row[asked], some.start[asked], some.end[asked], some.what[asked], some.left)
    return sure.some(wanted), rest


def _glued(values: Bytes, some: Candidates, runs: Ints) -> Sure:
    """Return the addresses within runs."""
    of, start, end = glued.glued(values, some.start[runs], some.end[runs]).T
    return Sure(
        some.row[runs[of]], start, end, np.full(len(of), IDENTIFIERS.index("btc"), np.uint8),
        (values[start] | 32) == ord("b"), np.ones(len(of), np.bool_), np.ones(len(of), np.bool_),
    )  # fmt: skip


def _with(one: Sure, two: Sure) -> Sure:
    """Return both in the order of their places, each place once."""
    if not len(two.row):
        return one
    _, order = np.unique(np.concatenate([one.start, two.start]), return_index=True)
    return Sure(*(np.concatenate([a, b])[order] for a, b in zip(one, two, strict=True)))
