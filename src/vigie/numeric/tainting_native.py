"""The loops of ``tainting`` in C (native/tainting.c): the same results, several times as fast."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.native import NATIVE

KINDS: t.Final = (
    np.uint64, np.uint64, np.uint32, np.uint8, np.int64, np.uint32, np.uint32, np.uint8, np.uint8,
)  # fmt: skip
"""Of the columns of a chain, in the order of ``tainting.Graph``."""
COLUMNS: t.Final = (
    np.int32, np.int64, np.int64, np.int32, np.int32, np.int32, np.int8, np.uint8,
)  # fmt: skip
"""Of what comes out, in the order of ``tainting.Trace``; three of int64[colours] follow."""


def run(*given: t.Any, haircut: bool) -> t.Any:
    """Return what ``tainting_fifo.run``, or ``tainting_haircut.run``, returns of the same arguments.

    Errors: MemoryError where there is no room for the nodes, or there are more than 2^31.
    """
    if NATIVE is None:
        raise ValueError("there is no native library")
    seeds, seed_colour, order, colours, rules, first, until, backward = given[10:]
    held = [np.ascontiguousarray(one, kind) for one, kind in zip(given[:9], KINDS, strict=True)]
    tx_in, tx_out, *_ = held
    chain = (ctypes.c_int64 * 20)(
        *(one.ctypes.data for one in held),
        *(len(tx_out) - 1, len(held[2]), len(held[4]), bool(given[9]), bool(backward)),
        *(int(one) for one in rules),
    )
    whole = [np.ascontiguousarray(one, np.int64) for one in (seeds, seed_colour, order, first, until)]
    at = [ctypes.c_void_p(one.ctypes.data) for one in whole]
    lib = NATIVE.lib
    lib.tainting_run.restype = ctypes.c_void_p
    made = lib.tainting_run(
        chain, *at[:3], ctypes.c_int64(len(seeds)), ctypes.c_int64(colours), *at[3:], ctypes.c_int64(haircut)
    )
    if not made:
        raise MemoryError("no room for the outputs that these traces come to; give fewer seeds, or a lower most_nodes")
    lib.tainting_many.restype = ctypes.c_int64
    many = lib.tainting_many(ctypes.c_void_p(made))
    out = [np.empty(many, kind) for kind in COLUMNS] + [np.empty(colours, np.int64) for _ in range(3)]
    lib.tainting_take(
        ctypes.c_void_p(made), ctypes.c_int64(colours), *(ctypes.c_void_p(one.ctypes.data) for one in out)
    )
    return tuple(out)
