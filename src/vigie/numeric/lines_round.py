"""A few words round many places, each on one line: where a text is plain ASCII without markup."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE, Native

MOST: t.Final = 120
"""Characters."""
_ROOM: t.Final = 512
"""Lines at a time: what is written to stays near."""


def lines_round(
    values: npt.NDArray[np.uint8], spans: npt.NDArray[np.int64], *, native: Native | None = NATIVE
) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Return what ``cell.identifiers.context.line`` says of each, and which of them it has to be asked for.

    ``values``: uint8[n]; ``spans``: int64[places, 4]: where its row begins and ends, where it begins and ends itself.
    In C (``native/lines.c``), 0.3 us each; without it all have to be asked for.
    """
    many = len(spans)
    if native is None or not many:
        return [""] * many, np.ones(many, np.bool_)
    spans = np.ascontiguousarray(spans)
    if values.dtype != np.uint8 or not values.flags.c_contiguous or spans.dtype != np.int64 or spans.shape[1:] != (4,):
        raise ValueError(f"not bytes and spans: {values.dtype}, {spans.dtype}{spans.shape}")
    low, high, start, end = spans.T
    if (low < 0).any() or (low > start).any() or (start > end).any() or (end > high).any() or high.max() > len(values):
        raise ValueError(f"spans that do not lie within {len(values)} bytes")
    out, lengths, texts = np.empty((_ROOM, MOST), np.uint8), np.empty(many, np.int64), list[str]()
    call, at = native.lib.lines_round, ctypes.c_void_p
    for first in range(0, many, _ROOM):
        some, sizes = spans[first : first + _ROOM], lengths[first : first + _ROOM]
        call(at(values.ctypes.data), at(some.ctypes.data), ctypes.c_int64(len(some)), at(out.ctypes.data),
             at(sizes.ctypes.data))  # fmt: skip
        whole = out[: len(some)].tobytes().decode("latin-1")
        texts += [
            whole[i : i + max(size, 0)] for i, size in zip(range(0, len(whole), MOST), sizes.tolist(), strict=True)
        ]
    return texts, lengths < 0
