"""A few words round many places, each on one line: where a text is plain ASCII without markup."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE, Native
from vigie.numeric.texts import Texts

MOST: t.Final = 120
"""Characters."""


def lines_round(
    values: npt.NDArray[np.uint8], spans: npt.NDArray[np.int64], *, native: Native | None = NATIVE
) -> tuple[Texts, npt.NDArray[np.bool_]]:
    """Return what ``cell.identifiers.context.line`` says of each, and which of them it has to be asked for.

    ``values``: uint8[n]; ``spans``: int64[places, 4]: where its row begins and ends, where it begins and ends itself.
    In C (``native/lines.c``), 0.1 us each; without it all have to be asked for, and stand as ``""``.
    """
    many = len(spans)
    if native is None or not many:
        return Texts(np.empty(0, np.uint8), np.zeros(many + 1, np.int64)), np.ones(many, np.bool_)
    spans = np.ascontiguousarray(spans)
    if values.dtype != np.uint8 or not values.flags.c_contiguous or spans.dtype != np.int64 or spans.shape[1:] != (4,):
        raise ValueError(f"not bytes and spans: {values.dtype}, {spans.dtype}{spans.shape}")
    low, high, start, end = spans.T
    if (low < 0).any() or (low > start).any() or (start > end).any() or (end > high).any() or high.max() > len(values):
        raise ValueError(f"spans that do not lie within {len(values)} bytes")
    out, ends, asked = np.empty(many * MOST, np.uint8), np.zeros(many + 1, np.int64), np.empty(many, np.bool_)
    at, size = ctypes.c_void_p, ctypes.c_int64
    native.lib.lines_round(
        at(values.ctypes.data), size(len(values)), at(spans.ctypes.data), size(many), at(out.ctypes.data),
        at(ends.ctypes.data), at(asked.ctypes.data),
    )  # fmt: skip
    return Texts(out[: ends[-1]], ends), asked
