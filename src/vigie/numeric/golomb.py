"""Compact filters of blocks (BIP 158): which scripts may be in one. Values are coded by Golomb and Rice, bit by bit."""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.runs import text_keys

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

P: t.Final = 19
M: t.Final = 784_931
"""Parameters of the basic filter: 1 in M scripts that are not in a block matches its filter."""
LEAST_BITS: t.Final = P + 1


def matches(data: bytes, block: bytes, texts: bytes, starts: NDArray[np.uint64]) -> bool:
    """Tell whether a filter may hold any of some scripts, none of them empty.

    ``block``: the block's hash in the order of blocks, whose first 16 bytes are the filter's key. Scripts stand in
    ``texts``, from ``starts`` (uint64[n + 1]). Errors: ValueError where it is no filter.
    """
    count, begin = _count(data)
    if not count or len(starts) < 2:
        return False
    wanted = np.sort(
        _ranged(
            text_keys(np.frombuffer(texts, np.uint8), starts, np.frombuffer(block[:16], "<u8")), np.uint64(count * M)
        )
    )
    said = _meets(np.frombuffer(data, np.uint8)[begin:], count, wanted)
    if said < 0:
        raise ValueError("its values end early, or bytes are left behind them")
    return bool(said)


def _count(data: bytes) -> tuple[int, int]:
    """Return how many values a filter has, and where they begin. Errors: ValueError."""
    wide = 1 << data[0] - 0xFC if data and data[0] >= 0xFD else 0
    if len(data) < 1 + wide:
        raise ValueError("it ends within its count")
    count = int.from_bytes(data[1 : 1 + wide], "little") if wide else data[0]
    if count * LEAST_BITS > (len(data) - 1 - wide) * 8:
        raise ValueError(f"it says that it has {count} values, in {len(data)} bytes")
    return count, 1 + wide


@numba.njit(cache=True, nogil=True)
def _ranged(keys: NDArray[np.uint64], most: np.uint64) -> NDArray[np.uint64]:
    """Map each key to [0, most): the high 64 bits of their product (Lemire), in halves of 32 bits."""
    out = np.empty(len(keys), np.uint64)
    low_bits, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    m_low, m_high = most & low_bits, most >> half
    for one in range(len(keys)):
        low, high = keys[one] & low_bits, keys[one] >> half
        middle = high * m_low + (low * m_low >> half)
        other = low * m_high + (middle & low_bits)
        out[one] = high * m_high + (middle >> half) + (other >> half)
    return out


@numba.njit(cache=True, nogil=True)
def _meets(data: NDArray[np.uint8], count: int, wanted: NDArray[np.uint64]) -> int:
    """Return 1 where a value of the filter is one of ``wanted`` (ascending), 0 where none is, -1 where it is broken."""
    bit, bits, at, met = 0, len(data) * 8, 0, 0
    value = np.uint64(0)
    for _ in range(count):
        quotient = np.uint64(0)
        while True:
            if bit >= bits:
                return -1
            one = data[bit >> 3] >> (7 - (bit & 7)) & 1
            bit += 1
            if not one:
                break
            quotient += np.uint64(1)
        if bit + P > bits:
            return -1
        rest = np.uint64(0)
        for _ in range(P):
            rest = (rest << np.uint64(1)) | np.uint64(data[bit >> 3] >> (7 - (bit & 7)) & 1)
            bit += 1
        value += (quotient << np.uint64(P)) | rest
        while at < len(wanted) and wanted[at] < value:
            at += 1
        if at < len(wanted) and wanted[at] == value:
            met = 1
    return met if bits - bit < 8 else -1


def warm() -> None:
    """Compile the loops."""
    matches(bytes.fromhex("019dfca8"), bytes(32), b"a", np.array([0, 1], np.uint64))
