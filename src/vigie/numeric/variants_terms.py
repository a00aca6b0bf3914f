"""Numbers that the loops of variants share, in C (``native/variants.c`` repeats them) and in numba."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

CELLS: t.Final = 256
"""The view has 256 x 256 cells, whatever the shape of the picture."""
FILTER: t.Final = 1 / 128
"""PDQ's two box filters of 1/128 of the side together are a triangle that reaches so far to each side."""
NEAR_LEVELS: t.Final = 14
"""A row or column is border where nearly all of it lies within so many grey levels of its median ..."""
UNIFORM: t.Final = 0.985
"""... namely this share (media.md 8.3)."""
SAME_LEVELS: t.Final = 6
"""... and whose medians are so near each other."""
REFLECTED: t.Final = 1
"""Beyond the edge lies the picture's mirror image; else its last cells."""
COEFFICIENTS: t.Final = 16
WEAK: t.Final = np.float32(1.0)
"""As in ``pdq``."""
MOST_BLOCKS: t.Final = 4_000
