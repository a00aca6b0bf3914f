"""Blocks into columns by the library (``native/blocks.c``), called with arrays that ``blocks`` made and checked."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.blocks_python import Counts
from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import MISSING, form

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.numeric.blocks import Columns
    from vigie.numeric.native import Native

COUNTS: t.Final = ("blocks", "txs", "ins", "outs", "bytes")
POINTERS: t.Final = (
    "headers", "block_bytes", "block_weight", "block_txs", "block_said", "tx_ins", "tx_outs", "tx_version", "tx_lock",
    "tx_vsize", "tx_flags", "tx_hash", "prev_tx", "prev_vout", "in_signs", "out_value", "out_length", "out_type",
    "scripts",
)  # fmt: skip


class _Columns(ctypes.Structure):
    """``struct columns``."""

    _fields_ = (
        *((f"n_{one}", ctypes.c_int64) for one in COUNTS),
        *((f"most_{one}", ctypes.c_int64) for one in COUNTS),
        *((one, ctypes.c_void_p) for one in (*POINTERS, "work")),
    )


def parse(
    raw: NDArray[np.uint8],
    spans: NDArray[np.int64],
    out: Columns,
    why: NDArray[np.int32],
    where: NDArray[np.int64],
    native: Native | None = NATIVE,
    sha: int | None = None,
) -> Counts:
    """Fill columns with the sound ones of the blocks at ``spans``; return how far."""
    if native is None:
        raise RuntimeError(MISSING)
    said = _Columns(most_blocks=len(spans), most_txs=len(out.tx_ins), most_ins=len(out.prev_vout),
                    most_outs=len(out.out_value), most_bytes=len(out.scripts))  # fmt: skip
    for one in POINTERS:
        setattr(said, one, getattr(out, one).ctypes.data)
    work = np.empty_like(out.tx_hash)
    said.work = work.ctypes.data
    call = native.lib.blocks_parse
    call.restype = None
    size, at = ctypes.c_int64, ctypes.c_void_p
    call.argtypes = [ctypes.c_int, at, at, size, at, at, at]
    call(form(native) if sha is None else sha, raw.ctypes.data, spans.ctypes.data, len(spans), ctypes.byref(said),
         why.ctypes.data, where.ctypes.data)  # fmt: skip
    return Counts(said.n_blocks, said.n_txs, said.n_ins, said.n_outs, said.n_bytes)
