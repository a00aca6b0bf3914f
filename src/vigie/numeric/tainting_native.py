"""The loops of ``tainting`` in C (native/tainting.c): the same results, several times as fast."""

from __future__ import annotations

import ctypes
import typing as t
import weakref

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

KINDS: t.Final = (
    np.uint64, np.uint64, np.uint32, np.uint8, np.int64, np.uint32, np.uint32, np.uint8, np.uint8,
)  # fmt: skip
"""Of the columns of a chain, in the order of ``tainting.Graph``."""
NODE: t.Final = np.dtype(
    [("out", np.int64), ("amount", np.int64), ("colour", np.int32), ("parent", np.int32), ("ways", np.int32),
     ("depth", np.int32), ("after", np.int32), ("stop", np.int8), ("sure", np.uint8)], align=True,
)  # fmt: skip
"""A record of the library."""
COLUMNS: t.Final = ("colour", "out", "amount", "parent", "ways", "depth", "stop", "sure")
"""Of what comes out, in the order of ``tainting.Trace``; three of int64[colours] follow."""


def run(*given: t.Any, haircut: bool) -> t.Any:
    """Return what ``tainting_fifo.run``, or ``tainting_haircut.run``, returns of the same arguments.

    Errors: MemoryError where there is no room for the nodes, or there are more than 2^31.
    """
    if NATIVE is None:
        raise ValueError("there is no native library")
    seeds, seed_colour, order, colours, rules, first, until, backward = given[10:]
    held = [np.ascontiguousarray(one, kind) for one, kind in zip(given[:9], KINDS, strict=True)]
    chain = (ctypes.c_int64 * 20)(
        *(one.ctypes.data for one in held),
        *(len(held[1]) - 1, len(held[2]), len(held[4]), bool(given[9]), bool(backward)),
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
    per_colour = [np.empty(colours, np.int64) for _ in range(3)]
    many = ctypes.c_int64()
    lib.tainting_take.restype = ctypes.c_void_p
    nodes = lib.tainting_take(
        ctypes.c_void_p(made), ctypes.c_int64(colours), ctypes.byref(many),
        *(ctypes.c_void_p(one.ctypes.data) for one in per_colour),
    )  # fmt: skip
    # No copy: the columns are views of the library's own records, which go when the last view does.
    memory = (ctypes.c_char * (many.value * NODE.itemsize)).from_address(nodes)
    weakref.finalize(memory, lib.tainting_free, ctypes.c_void_p(nodes))
    records = np.ndarray((many.value,), NODE, buffer=memoryview(memory))
    return (*(records[name] for name in COLUMNS), *per_colour)


def ended(nodes: npt.NDArray[t.Any]) -> int:
    """Return what ends hold, in all; ``nodes``: the ``out`` that ``run`` returned, with which its records begin."""
    if NATIVE is None:
        raise ValueError("there is no native library")
    halves = (ctypes.c_uint64 * 2)()
    NATIVE.lib.tainting_ended(ctypes.c_void_p(nodes.ctypes.data), ctypes.c_int64(len(nodes)), halves)
    return int(halves[0]) + (int(halves[1]) << 32)
