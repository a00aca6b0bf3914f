"""A block's undo record (``CBlockUndo``): what each of its inputs spent, value, script, height, and if of a coinbase.

Its numbers are Core's ``VARINT`` (serialize.h), amounts and scripts are packed (compressor.cpp). Of a P2PK output with
an uncompressed key only half of the key is there; the other half is computed on the curve.
"""

from __future__ import annotations

import dataclasses
import typing as t

import coincurve
import numpy as np

from vigie.numeric import blocks_codes as codes
from vigie.numeric import undo_native, undo_python
from vigie.numeric.native import NATIVE

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_UNPACKED: t.Final = 3
"""Bytes that one of an undo record may become: 33 of a key are 67 of its script."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """What inputs spent, in the order of the block."""

    value: NDArray[np.int64]
    height: NDArray[np.int32]
    length: NDArray[np.uint32]
    """Of each script in ``scripts``."""
    coinbase: NDArray[np.uint8]
    type: NDArray[np.uint8]
    scripts: NDArray[np.uint8]


class Refusal(t.NamedTuple):
    """What is wrong with a record."""

    code: int
    """One of ``blocks_codes``."""
    where: int
    """The byte at which that was seen."""


def parse(raw: bytes, ins: NDArray[np.uint32]) -> Undone | Refusal:
    """Parse the record of a block whose transactions, but the coinbase, have ``ins`` (uint32[n]) inputs each."""
    many = int(ins.sum(dtype=np.uint64))
    if many > len(raw):
        return Refusal(codes.COUNT, 0)
    room = MOST_UNPACKED * len(raw)
    out = Undone(
        value=np.empty(many, np.int64),
        height=np.empty(many, np.int32),
        length=np.empty(many, np.uint32),
        coinbase=np.empty(many, np.uint8),
        type=np.empty(many, np.uint8),
        scripts=np.empty(room, np.uint8),
    )
    fill = undo_native.parse if NATIVE else undo_python.parse
    code, where, size, points = fill(raw, np.ascontiguousarray(ins, np.uint32), out)
    if code:
        return Refusal(code, where)
    out = dataclasses.replace(out, scripts=out.scripts[:size])
    return out if _whole_keys(out.scripts, points) else Refusal(codes.POINT, where)


def _whole_keys(scripts: NDArray[np.uint8], points: t.Sequence[int]) -> bool:
    """Write the other half of keys that begin at ``points``; tell whether all are points of the curve."""
    for at in points:
        half = scripts[at : at + 33].tobytes()
        try:
            key = coincurve.PublicKey(half).format(compressed=False)
        except ValueError:
            return False
        scripts[at : at + 65] = np.frombuffer(key, np.uint8)
    return True
