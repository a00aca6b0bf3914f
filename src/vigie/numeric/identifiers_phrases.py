"""Where at least twelve words of a list follow each other in texts: phrases that a wallet is made of (BIP-39).

Looking up every word would cost more than all the rest. But the shortest phrase is 47 bytes long, twelve words of three
letters: so one word in 36 bytes is looked up, and its neighbours only where it is one of the list.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

LEAST: t.Final = 12
"""Words of a phrase; each has three letters or more."""
_STEP: t.Final = 36
"""Bytes between two words that are looked at: 47 bytes hold one of them whole, wherever they begin."""
_GAP: t.Final = 5
"""Bytes between two words: a space, a line's end, ``, ``, ``\\n12. ``."""


def lookup(words: list[str]) -> Words:
    """Return a table of words of at most eight ASCII letters in lower case: uint64[power of two], 0 where none is."""
    held = np.zeros(1 << (4 * len(words) - 1).bit_length(), np.uint64)
    for word in words:
        value = int.from_bytes(word.encode())
        at = ((value * 0x9E3779B97F4A7C15 & (1 << 64) - 1) >> 40) & (len(held) - 1)
        while held[at]:
            at = (at + 1) & (len(held) - 1)
        held[at] = value
    return held


@numba.njit(cache=True, nogil=True)
def _phrases(text: Bytes, offsets: Ints, words: Words, out: Ints) -> int:
    """Write as many as there is room for; return how many there are."""
    many = 0
    for row in range(len(offsets) - 1):
        high = offsets[row + 1]
        low, at = offsets[row], offsets[row] + _STEP
        while at < high:
            while at < high and not _letter(text[at]):
                at += 1
            start = at
            while start > low and start > at - 9 and _letter(text[start - 1]):
                start -= 1
            value, end = _word(text, start, high)
            if value and _known(value, words):
                count, first, end = _round(text, start, low, high, words)
                if count >= LEAST:
                    if many < len(out):
                        out[many, 0], out[many, 1], out[many, 2] = row, first, end
                    many, low = many + 1, end
            at = max(end, at + 1) + _STEP
    return many


@numba.njit(cache=True, nogil=True)
def _letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@numba.njit(cache=True, nogil=True)
def _between(byte: int) -> bool:
    """Return whether it may stand between two words: white space, digits, ``.,):-``."""
    return byte in (32, 10, 13, 9, 44, 46, 41, 58, 45) or 48 <= byte <= 57


@numba.njit(cache=True, nogil=True)
def _word(text: Bytes, at: int, high: int) -> tuple[np.uint64, int]:
    """Return a word in lower case as a number, eight bits a letter, and its end; 0 where it is longer than 8."""
    value, end = np.uint64(0), at
    while end < high and _letter(text[end]) and end - at < 9:
        value = (value << np.uint64(8)) | np.uint64(text[end] | 32)
        end += 1
    return (np.uint64(0) if end - at > 8 else value), end


@numba.njit(cache=True, nogil=True)
def _known(value: np.uint64, words: Words) -> bool:
    """Return whether a word is in the table."""
    mask = np.uint64(len(words) - 1)
    at = (value * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)) & mask
    while words[at]:
        if words[at] == value:
            return True
        at = (at + np.uint64(1)) & mask
    return False


@numba.njit(cache=True, nogil=True)
def _round(text: Bytes, start: int, low: int, high: int, words: Words) -> tuple[int, int, int]:
    """Return how many words of the list stand round ``start``, where they begin and end."""
    many, end, i = 0, start, start
    while True:
        value, stop = _word(text, i, high)
        if not value or not _known(value, words):
            break
        many, end, i = many + 1, stop, stop
        while i < high and i - stop < _GAP and _between(text[i]):
            i += 1
        if i == stop:
            break
    while many:
        stop = start
        while stop > low and start - stop < _GAP and _between(text[stop - 1]):
            stop -= 1
        i = stop
        while i > low and _letter(text[i - 1]) and stop - i < 9:
            i -= 1
        value, _ = _word(text, i, stop)
        if stop == start or not value or not _known(value, words):
            break
        many, start = many + 1, i
    return many, start, end
