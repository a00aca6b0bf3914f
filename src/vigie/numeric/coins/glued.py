"""Addresses of Bitcoin's that stand right beside other letters or digits: where, of many runs at once."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import sha256
from vigie.numeric.coins import scripts
from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
LEAST: t.Final = 26
"""Digits of an address."""
_BASE58: t.Final = range(35, LEAST - 1, -1)
_SEGWIT: t.Final = (62, 42)
"""Digits of a witness program of 32 bytes, and of 20."""
_FORM: t.Final = sha256.form(NATIVE) if NATIVE else 0


def glued(values: Bytes, starts: Ints, ends: Ints, *, form: int = _FORM, native: Native | None = NATIVE) -> Ints:
    """Return int64[addresses, 3]: which run, and where an address begins and ends in it; none overlap.

    ``values``: uint8[n]; ``starts``, ``ends``: int64[runs], of letters and digits. Base 58 of versions 0 and 5 with
    small letters and capitals, and ``bc1`` with a program of 20 or 32 bytes; each by its checksum alone, so that one
    window in 2^32 (2^30 of ``bc1``) is one by chance. Three windows are tried at most for each letter: in C
    (``native/coins.c``), else in Python with the same results. Raises ValueError where a run lies elsewhere.
    """
    held, first, last = np.ascontiguousarray(values), np.ascontiguousarray(starts), np.ascontiguousarray(ends)
    if held.dtype != np.uint8 or first.dtype != np.int64 or last.dtype != np.int64 or len(first) != len(last):
        raise ValueError(f"not bytes and runs: {held.dtype}, {first.dtype}{first.shape}, {last.dtype}{last.shape}")
    if len(first) and (first.min() < 0 or (first > last).any() or last.max() > len(held)):
        raise ValueError(f"runs that do not lie within {len(held)} bytes")
    room = int((last - first).sum()) // LEAST
    if not room:
        return np.empty((0, 3), np.int64)
    if native is None:
        bounds = zip(first.tolist(), last.tolist(), strict=True)
        some = [(run, a + at, a + end) for run, (a, b) in enumerate(bounds) for at, end in _glued(held[a:b].tobytes())]
        return np.array(some, np.int64).reshape(-1, 3)
    out, call, at = np.empty((room, 3), np.int64), native.lib.coins_glued, ctypes.c_void_p
    call.restype = ctypes.c_int64
    many = call(ctypes.c_int(form), at(held.ctypes.data), at(first.ctypes.data), at(last.ctypes.data),
                ctypes.c_int64(len(first)), at(out.ctypes.data), ctypes.c_int64(room))  # fmt: skip
    return out[:many]


def _glued(run: bytes) -> t.Iterator[tuple[int, int]]:
    text, at = run.decode("latin-1"), 0
    while at + LEAST <= len(text):
        size = _begun(text, at)
        if size:
            yield at, at + size
        at += size or 1


def _begun(text: str, at: int) -> int:
    """Return how many digits an address has that begins there; 0: none does."""
    segwit = text[at : at + 3].lower() == "bc1"
    if not segwit and text[at] not in "13":
        return 0
    for many in _SEGWIT if segwit else _BASE58:
        some = text[at : at + many]
        cased = segwit or not (some == some.lower() or some == some.upper())
        said = scripts.read(some) if len(some) == many and cased else None
        if said is not None and said.network == "main":
            return many
    return 0
