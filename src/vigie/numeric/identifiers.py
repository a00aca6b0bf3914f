"""Where identifiers may stand in texts: e-mail addresses, wallets, keys, numbers; a few candidates of many bytes.

One pass over the arena, a look-up a byte (``identifiers_pairs``), and one for phrases (``identifiers_phrases``).
Checksums and normal forms are for those who ask: what is returned is what is worth a check, and all that is.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_pairs as pairs
from vigie.numeric import identifiers_scan as machine
from vigie.numeric.identifiers_phrases import phrases

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


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
    values: Bytes, offsets: Ints, *, national: bool = False, words: npt.NDArray[np.uint64] | None = None
) -> Candidates:
    """Return what in each row may be an identifier; places are those of the arena.

    ``values``: uint8[n], UTF-8 or any bytes; ``offsets``: int64[rows + 1], where each row begins and the last ends.
    ``national``: telephone numbers without a country's code too. ``words``: a list (``identifiers_phrases.lookup``),
    twelve of which in a row are a ``PHRASE``. Raises ValueError where the offsets do not fit the arena.
    """
    offsets = np.ascontiguousarray(offsets, np.int64)
    values = np.ascontiguousarray(values, np.uint8)
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(values) or (np.diff(offsets) < 0).any():
        raise ValueError(f"{len(offsets)} offsets do not ascend within {len(values)} bytes")
    left = np.zeros(len(offsets) - 1, np.int64)
    parts = [*_passes(values, offsets, left, national)]
    if words is not None:
        found = phrases(values, offsets, words)
        parts.append(np.column_stack([found, np.full(len(found), machine.PHRASE)]))
    all_ = np.concatenate(parts)
    row, start, end, what = all_[np.argsort(all_[:, 1], kind="stable")].T
    return Candidates(row, start, end, what.astype(np.uint8), left)


def _passes(values: Bytes, offsets: Ints, left: Ints, national: bool) -> t.Iterator[Ints]:
    """Give int64[candidates, 4]: row, start, end, what."""
    table, (third_at, third), words = pairs.table(national=national), pairs.thirds(), pairs.words()
    state, room = np.array([offsets[0], 0, 0, 0, 0, 0, 0], np.int64), 1024
    while True:
        out = np.empty((room, 4), np.int64)
        many = machine.scan(
            values, offsets, table, third_at, third, words.text, words.ends, words.pairs, state, out, left
        )  # fmt: skip
        yield out[:many]
        if state[machine.AT] >= offsets[-1]:
            return
        room = min(room * 4, 1 << 18)
