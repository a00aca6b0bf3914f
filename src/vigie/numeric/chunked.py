"""Bytes written in chunks, each behind its length, put together again: the data blocks of ``pg_dump -Fc``.

A length is a byte for its sign and then so many bytes, the lowest first; 0 ends the block (src/bin/pg_dump:
``WriteInt``, ``pg_backup_custom.c``). A machine of states that may stop at any byte: without compression each row of a
table is a chunk.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
MORE: t.Final = 0
"""All input was read, and the block goes on."""
END: t.Final = 1
"""The block has ended."""
MALFORMED: t.Final = 2
"""A length below 0 or beyond 2^40."""
_LEFT, _HEAD, _LENGTH, _SIGN = range(4)
_MOST: t.Final = 1 << 40


class Chunks:
    """How far one block has been read."""

    def __init__(self, width: int) -> None:
        """``width``: bytes of a length, 1 to 8."""
        self._state, self._width = np.zeros(4, np.int64), width

    def read(self, text: Bytes, start: int) -> tuple[int, int, bytes]:
        """Read ``text``, uint8[n], from ``start`` on; return its state, where it stopped, what the chunks hold."""
        out = np.empty(len(text) - start, np.uint8)
        status, at, many = _read(text, start, self._state, self._width, out)
        return int(status), int(at), out[:many].tobytes()


@numba.njit(cache=True, nogil=True)
def _read(text: Bytes, start: int, state: npt.NDArray[np.int64], width: int, out: Bytes) -> tuple[int, int, int]:
    i, n, many = start, len(text), 0
    while i < n:
        if state[_LEFT]:
            stop = min(n, i + state[_LEFT])
            state[_LEFT] -= stop - i
            for at in range(i, stop):
                out[many + at - i] = text[at]
            many += stop - i
            i = stop
            continue
        byte = np.int64(text[i])
        i += 1
        if not state[_HEAD]:
            state[_SIGN], state[_LENGTH] = byte, 0
        else:
            state[_LENGTH] |= byte << (8 * (state[_HEAD] - 1))
        state[_HEAD] += 1
        if state[_HEAD] > width:
            state[_HEAD] = 0
            if not state[_LENGTH]:
                return END, i, many
            if state[_SIGN] or not 0 < state[_LENGTH] <= _MOST:
                return MALFORMED, i, many
            state[_LEFT] = state[_LENGTH]
    return MORE, i, many
