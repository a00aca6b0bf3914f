"""Which lines may show something of a secret beside an identifier: words of a seed, a key in pieces, many escapes."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from vigie.numeric.identifiers_phrases import CLASSES, MOST_ROW, Words
from vigie.numeric.native import Native
from vigie.numeric.texts import Texts


def bare(shown: Texts, values: Texts, words: Words, least: int, native: Native) -> npt.NDArray[np.bool_]:
    """Return bool[lines], what ``cell.identifiers.bare.lines`` says, which is the judge in the tests.

    ``shown``: lines; ``values``: what each is round, looked at as one blank; ``words``: of lists, ``least`` of which in
    a row are too many. In C (``native/bare.c``), 0.1 us each. Raises ValueError where there are not as many of both,
    or they do not lie in their arenas.
    """
    many = len(values.offsets) - 1
    if len(shown.offsets) != many + 1 or not 2 <= least <= MOST_ROW:
        raise ValueError(f"{len(shown.offsets) - 1} lines, {many} values, {least} words in a row")
    for one in (shown, values):
        if one.values.dtype != np.uint8 or one.offsets.dtype != np.int64 or not one.values.flags.c_contiguous:
            raise ValueError(f"no texts: {one.values.dtype}, {one.offsets.dtype}")
        if one.offsets[0] < 0 or one.offsets[-1] > len(one.values) or (one.lengths < 0).any():
            raise ValueError(f"texts that do not lie within {len(one.values)} bytes")
    out, held = np.zeros(many, np.bool_), np.empty(1 << (2 * many + 1).bit_length(), np.int64)
    scratch, at, size = np.empty(int(shown.lengths.max(initial=0)), np.uint8), ctypes.c_void_p, ctypes.c_int64
    native.lib.bare_lines(
        at(shown.values.ctypes.data), at(shown.offsets.ctypes.data), at(values.values.ctypes.data),
        at(values.offsets.ctypes.data), size(many), at(words.maybe.ctypes.data), at(words.slots.ctypes.data),
        at(words.entries.ctypes.data), ctypes.c_uint64(len(words.slots) - 1), at(CLASSES.ctypes.data),
        at(words.lists.ctypes.data), size(least), at(held.ctypes.data), ctypes.c_uint64(len(held) - 1),
        at(scratch.ctypes.data), at(out.ctypes.data),
    )  # fmt: skip
    return out
