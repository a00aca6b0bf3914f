"""Merkle roots of blocks: what a header commits to (Bitcoin Core, ``consensus/merkle.cpp``)."""

from __future__ import annotations

import ctypes
import typing as t
from hashlib import sha256

import numpy as np

from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import MISSING, form

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.numeric.native import Native


def roots(hashes: NDArray[np.uint8], starts: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the root of each run of hashes, and whether its tail is doubled (CVE-2012-2459).

    ``hashes``: uint8[n, 32], in the order of blocks; ``starts``: int64[m + 1], ascending from 0 to n, each run with one
    or more. A run with a doubled tail has the root of one without it: it must not stand for a block.
    Result: uint8[m, 32], bool[m]. Errors: ValueError.
    """
    hashes, starts = np.ascontiguousarray(hashes, np.uint8), np.ascontiguousarray(starts, np.int64)
    if hashes.ndim != 2 or hashes.shape[1] != 32 or not len(starts) or starts[0] or starts[-1] != len(hashes):
        raise ValueError(f"{hashes.shape} hashes in runs that end at {starts[-1:]}")
    if (np.diff(starts) < 1).any():
        raise ValueError("a run without a hash has no root")
    return roots_native(hashes, starts) if NATIVE else roots_python(hashes, starts)


def roots_native(
    hashes: NDArray[np.uint8], starts: NDArray[np.int64], native: Native | None = NATIVE, sha: int | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Do it by the library (``native/blocks.c``)."""
    if native is None:
        raise RuntimeError(MISSING)
    found, doubled = np.empty((len(starts) - 1, 32), np.uint8), np.zeros(len(starts) - 1, np.uint8)
    work = np.empty((int(np.diff(starts).max(initial=0)), 32), np.uint8)
    call = native.lib.blocks_roots
    call.restype = None
    size, at = ctypes.c_int64, ctypes.c_void_p
    call.argtypes = [ctypes.c_int, at, at, size, at, at, at]
    call(form(native) if sha is None else sha, hashes.ctypes.data, starts.ctypes.data, len(found), work.ctypes.data,
         found.ctypes.data, doubled.ctypes.data)  # fmt: skip
    return found, doubled.astype(bool)


def roots_python(hashes: NDArray[np.uint8], starts: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Do the same with Python's SHA-256: the judge of the C, and what works without it."""
    found, mutated = np.empty((len(starts) - 1, 32), np.uint8), np.zeros(len(starts) - 1, bool)
    for number, (start, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        row = [one.tobytes() for one in hashes[start:end]]
        while len(row) > 1:
            mutated[number] |= any(row[at] == row[at + 1] for at in range(0, len(row) - 1, 2))
            if len(row) % 2:
                row.append(row[-1])
            row = [sha256(sha256(row[at] + row[at + 1]).digest()).digest() for at in range(0, len(row), 2)]
        found[number] = np.frombuffer(row[0], np.uint8)
    return found, mutated


def rows(hashes: NDArray[np.uint8], native: Native | None = NATIVE, sha: int | None = None) -> list[NDArray[np.uint8]]:
    """Return the rows of a block's tree from its transactions up to the root: uint8[n, 32] each, half as many on.

    ``hashes``: uint8[n, 32], one or more, in the order of blocks. Errors: ValueError.
    """
    hashes = np.ascontiguousarray(hashes, np.uint8)
    if hashes.ndim != 2 or hashes.shape[1] != 32 or not len(hashes):
        raise ValueError(f"{hashes.shape}: not the hashes of a block")
    out = [hashes]
    if native is None:
        while len(out[-1]) > 1:
            last = [one.tobytes() for one in out[-1]]
            last += last[-1:] * (len(last) % 2)
            made = (sha256(sha256(last[at] + last[at + 1]).digest()).digest() for at in range(0, len(last), 2))
            out.append(np.frombuffer(b"".join(made), np.uint8).reshape(-1, 32))
        return out
    sizes = [len(hashes)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // 2))
    above = np.empty((sum(sizes[1:]), 32), np.uint8)
    call, at = native.lib.blocks_rows, ctypes.c_void_p
    call.restype = None
    call(ctypes.c_int(form(native) if sha is None else sha), at(hashes.ctypes.data), ctypes.c_int64(len(hashes)),
         at(above.ctypes.data))  # fmt: skip
    ends = np.cumsum(sizes[1:]).tolist()
    return [*out, *(above[end - size : end] for size, end in zip(sizes[1:], ends, strict=True))]
