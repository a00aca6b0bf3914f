"""Where identifiers may stand in texts: e-mail addresses, wallets, keys, numbers; a few candidates of many bytes.

Two passes over the arena, in C where that is built (``native/identifiers.c``), else by numba, with the same results:
one marks rare groups of four bytes (``identifiers_anchors``) and long runs, which are then looked at
(``identifiers_look``); one looks for phrases (``identifiers_phrases``). Checksums and normal forms are for those who
ask: what is returned is what is worth a check, and all that is.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_anchors as of
from vigie.numeric import identifiers_scan as scan
from vigie.numeric.identifiers_phrases import Words, phrases
from vigie.numeric.native import NATIVE

if t.TYPE_CHECKING:
    from vigie.numeric import identifiers_native, identifiers_numba

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_ROOM: t.Final = 2048
"""Marks at a time."""
LEAST_BYTES: t.Final = 47
"""Of a phrase: twelve words of three letters."""


def _chosen() -> identifiers_native.Loops | identifiers_numba.Loops:
    if NATIVE:
        from vigie.numeric import identifiers_native  # noqa: PLC0415 - only what is used may be loaded

        return identifiers_native.Loops(NATIVE, NATIVE.level)
    from vigie.numeric import identifiers_numba  # noqa: PLC0415 - as above

    return identifiers_numba.Loops()


LOOPS: t.Final = _chosen()


class Candidates(t.NamedTuple):
    """What is worth a check, in the order of its places."""

    row: Ints
    start: Ints
    end: Ints
    what: Bytes
    """``identifiers_scan.MAIL`` ..."""
    left: Ints
    """int64[rows]: places of that row that are not here, since it has more than ``MOST`` candidates."""


def candidates(
    values: Bytes, offsets: Ints, *, national: bool = False, glued: bool = False, words: Words | None = None
) -> Candidates:
    """Return what in each row may be an identifier; places are those of the arena.

    ``values``: uint8[n], UTF-8 or any bytes; ``offsets``: int64[rows + 1], where each row begins and the last ends.
    ``national``: telephone numbers without a country's code too. ``glued``: runs of 26 to 200 letters and digits too,
    in which an address may stand. ``words``: a list (``identifiers_phrases.lookup``), twelve of which in a row are a
    ``PHRASE``. Raises ValueError where the offsets do not fit the arena.
    """
    offsets = np.ascontiguousarray(offsets, np.int64)
    values = np.ascontiguousarray(values, np.uint8)
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(values) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"{len(offsets)} offsets do not ascend within {len(values)} bytes")
    left = np.zeros(len(offsets) - 1, np.int64)
    parts = [*_looked(values, offsets, left, national, glued)] if offsets[0] < offsets[-1] else []
    if words is not None and offsets[-1] - offsets[0] >= LEAST_BYTES:
        found = phrases(values, offsets, words)
        if len(found):
            parts.append(np.column_stack([found, np.full(len(found), scan.PHRASE)]))
    if not parts:
        none = np.empty(0, np.int64)
        return Candidates(none, none, none, np.empty(0, np.uint8), left)
    all_ = np.concatenate(parts)
    row, start, end, what = all_[np.lexsort((all_[:, 3], all_[:, 1]))].T
    return Candidates(row, start, end, what.astype(np.uint8), left)


def _looked(values: Bytes, offsets: Ints, left: Ints, national: bool, glued: bool) -> t.Iterator[Ints]:
    """Give int64[candidates, 4]: row, start, end, what."""
    wanted, words = of.anchors(national=national), of.words()
    first, end = int(offsets[0]), int(offsets[-1])
    state, held, marks = np.full(3, first, np.int64), np.zeros((3, 2), np.int64), np.empty((_ROOM, 3), np.int64)
    while state[0] < end:
        some = marks[: LOOPS.marks(values, first, end, wanted, state, marks)]
        if len(some):
            room = len(some) + int((some[:, 1] - some[:, 0]).sum()) // scan.LEAST_RUN
            out = np.empty((room, 4), np.int64)
            yield out[: LOOPS.look(values, offsets, some, words, held, out, left, glued=glued)]
