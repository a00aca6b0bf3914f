"""Counting bits inside numba loops."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Row: t.TypeAlias = "int | np.int64"


def _popcount(_context: t.Any, _word: t.Any) -> t.Any:
    def emit(_target: t.Any, builder: t.Any, _signature: t.Any, values: t.Any) -> t.Any:
        return builder.ctpop(values[0])

    return types.int64(types.uint64), emit


def _popcount32(_context: t.Any, _word: t.Any) -> t.Any:
    def emit(_target: t.Any, builder: t.Any, _signature: t.Any, values: t.Any) -> t.Any:
        return builder.zext(builder.ctpop(values[0]), ir.IntType(64))

    return types.int64(types.uint32), emit


popcount: t.Any = intrinsic(_popcount)
"""How many bits of a uint64 are set, as int64: one machine instruction (LLVM ``ctpop``).

numba has no ``np.bitwise_count``; where the processor has vector popcount (AVX-512 VPOPCNTDQ), LLVM uses it in loops
over arrays. Only for numba-compiled callers.
"""

popcount32: t.Any = intrinsic(_popcount32)
"""The same for a uint32."""


@numba.njit(cache=True, nogil=True, inline="always")
def distance(a: npt.NDArray[np.uint64], i: Row, b: npt.NDArray[np.uint64], j: Row) -> int:
    """Bits by which row ``i`` of uint64[n, 4] differs from row ``j`` of another, or the same."""
    bits: int = popcount(a[i, 0] ^ b[j, 0]) + popcount(a[i, 1] ^ b[j, 1])
    bits += popcount(a[i, 2] ^ b[j, 2]) + popcount(a[i, 3] ^ b[j, 3])
    return bits
