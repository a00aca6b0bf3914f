"""The loops of ``identifiers_phrases`` by numba, for where there is no library; they say what is right.

All of it is in one file: numba keeps what it has compiled by the file of a function.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.identifiers_phrases import BITS, LEAD, LEAST, LONGEST, MIX

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_STEP: t.Final = 36
"""Bytes between two words that are looked at: 47 bytes hold one of them whole, wherever they begin."""
_GAP: t.Final = 240
"""Bytes between two words, tags too."""
_TAG: t.Final = 120
"""Bytes of a tag."""
_BEHIND: t.Final = 2048
"""Bytes before a word in which the first of its phrase is looked for."""
_TRIES: t.Final = 6
_LESS, _MORE, _AND, _SEMICOLON, _PER_CENT, _BACKSLASH, _EQUAL = 60, 62, 38, 59, 37, 92, 61


@numba.njit(cache=True, nogil=True)
def _hexadecimal(byte: int) -> bool:
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 102


@numba.njit(cache=True, nogil=True)
def _apart(text: Bytes, at: int, high: int, classes: Bytes) -> int:
    """Return how many bytes the character has that is no letter; 0: it is one.

    No letters of a list are in Latin-1's signs (C2), U+2000 to U+2FFF (E2), CJK's signs (E3 80), the forms of EF and
    beyond the first plane. Where such a byte is followed by others than it has to be, it is a letter of Latin-1.
    """
    byte = text[at]
    of = classes[byte]
    if of == 0:
        return 1
    if of != LEAD or at + 1 >= high or text[at + 1] & 0xC0 != 0x80:
        return 0
    if byte == 0xC2:
        return 2
    if at + 2 >= high or text[at + 2] & 0xC0 != 0x80 or (byte == 0xE3 and text[at + 1] != 0x80):
        return 0
    if byte < 0xF0:
        return 3
    return 4 if at + 3 < high and text[at + 3] & 0xC0 == 0x80 else 0


@numba.njit(cache=True, nogil=True)
def _begin(text: Bytes, at: int, low: int, high: int, classes: Bytes) -> int:
    """Return where the word begins that has the letter ``at``, and what is left of an escape is not of it."""
    i = at
    while i > low and at - i < LONGEST:
        byte = text[i - 1]
        if classes[byte] == 0:
            break
        if byte < 128:
            i -= 1
            continue
        j = i - 1
        while j > low and i - j < 4 and text[j] & 0xC0 == 0x80:
            j -= 1
        if _apart(text, j, high, classes) == i - j:
            break
        i = j if text[j] >= 0xC0 else i - 1
    if i > low:
        before = text[i - 1]
        if before == _BACKSLASH:
            return i + 1
        if i > low + 1 and text[i - 2] in (_PER_CENT, _EQUAL) and 48 <= before <= 55 and _hexadecimal(text[i]):
            return i + 1
    return i


@numba.njit(cache=True, nogil=True)
def _mixed(text: Bytes, start: int, end: int) -> np.uint64:
    """Return what a word is mixed to, never 0; ASCII letters of either case are the same."""
    mixed = np.uint64(end - start)
    for i in range(start, end, 8):
        eight = np.uint64(0)
        for k in range(min(8, end - i)):
            byte = text[i + k]
            eight |= np.uint64(byte | 32 if 65 <= byte <= 90 else byte) << np.uint64(8 * k)
        mixed = (mixed ^ eight) * MIX
        mixed ^= mixed >> np.uint64(29)
    mixed = (mixed ^ mixed >> np.uint64(32)) * MIX
    return mixed | np.uint64(1)


@numba.njit(cache=True, nogil=True)
def _end(text: Bytes, start: int, high: int, classes: Bytes) -> int:
    """Return where the word from ``start`` on ends; what is longer than any has no end near."""
    i = start
    while i < high and i - start <= LONGEST:
        of = classes[text[i]]
        if of == 0 or (of == LEAD and _apart(text, i, high, classes)):
            break
        i += 1
    return i


@numba.njit(cache=True, nogil=True)
def _entry(
    text: Bytes, start: int, end: int, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32],
) -> int:  # fmt: skip
    """Return which word of the table it is; 0: none."""
    if end - start < 2 or end - start > LONGEST:
        return 0
    mixed = _mixed(text, start, end)
    bit = mixed >> BITS
    if not maybe[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(1):
        return 0
    mask = np.uint64(len(slots) - 1)
    at = mixed & mask
    while slots[at]:
        if slots[at] == mixed:
            return int(entries[at])
        at = (at + np.uint64(1)) & mask
    return 0


@numba.njit(cache=True, nogil=True)
def _tag(text: Bytes, at: int, high: int) -> int:
    """Return where the tag ends that begins with the ``<`` at ``at``; -1: it is none."""
    if at + 1 >= high or not (97 <= (text[at + 1] | 32) <= 122 or text[at + 1] in (33, 47)):
        return -1
    for i in range(at + 1, min(high, at + _TAG)):
        if text[i] == _MORE:
            return i + 1
        if text[i] == _LESS:
            break
    return -1


@numba.njit(cache=True, nogil=True)
def _escape(text: Bytes, at: int, high: int) -> int:  # noqa: PLR0911 - one branch for each kind
    """Return how many bytes an entity, a code or an escape has at ``at``; 1: none is there."""
    byte = text[at]
    if byte == _AND:
        for i in range(at + 1, min(high, at + 10)):
            if text[i] == _SEMICOLON:
                return i + 1 - at
            if not (48 <= text[i] <= 57 or 97 <= (text[i] | 32) <= 122 or text[i] == 35):
                break
        return 1
    if at + 2 < high and byte in (_PER_CENT, _EQUAL) and 48 <= text[at + 1] <= 55 and _hexadecimal(text[at + 2]):
        return 3
    if byte == _BACKSLASH and at + 1 < high:
        if text[at + 1] == 117 and at + 5 < high and _hexadecimal(text[at + 2]) and _hexadecimal(text[at + 5]):
            return 6
        if text[at + 1] == 120 and at + 3 < high and _hexadecimal(text[at + 2]) and _hexadecimal(text[at + 3]):
            return 4
        if 97 <= (text[at + 1] | 32) <= 122:
            return 2
    return 1


@numba.njit(cache=True, nogil=True)
def _next(text: Bytes, at: int, high: int, classes: Bytes) -> int:
    """Return where the next word begins; -1: none does near enough. A letter alone is none: ``a)``, ``b)``."""
    i = at
    while i < high and i - at < _GAP:
        byte = text[i]
        if byte == 32:
            i += 1
        elif byte == _LESS:
            stop = _tag(text, i, high)
            i = i + 1 if stop < 0 else stop
        elif byte in (_AND, _PER_CENT, _EQUAL, _BACKSLASH):
            i += _escape(text, i, high)
        else:
            many = _apart(text, i, high, classes)
            if many == 0:
                if byte >= 128 or (i + 1 < high and not _apart(text, i + 1, high, classes)):
                    return i
                many = 1
            i += many
    return -1


@numba.njit(cache=True, nogil=True)
def _within_tag(text: Bytes, at: int, low: int, high: int) -> int:
    """Return where the tag ends that ``at`` is in; -1: it is in none."""
    for i in range(at, max(low - 1, at - _TAG), -1):
        if text[i] == _MORE and i < at:
            return -1
        if text[i] == _LESS:
            stop = _tag(text, i, high)
            return stop if stop > at else -1
    return -1


@numba.njit(cache=True, nogil=True)
def _sampled(
    text: Bytes, at: int, low: int, high: int, maybe: npt.NDArray[np.uint64],
    slots: npt.NDArray[np.uint64], entries: npt.NDArray[np.int32], classes: Bytes,
) -> tuple[int, int]:  # fmt: skip
    """Return the word that is at a place or behind it, if it is one of a list, else -1 and where to go on."""
    i = at
    for _ in range(_TRIES):
        last = min(high, i + _GAP)
        while i < last:
            many = _apart(text, i, high, classes)
            if not many:
                break
            i += many
        if i >= last:
            return -1, i
        start = _begin(text, i, low, high, classes)
        end = _end(text, start, high, classes)
        if _entry(text, start, end, maybe, slots, entries):
            return start, end
        behind = _within_tag(text, i, low, high)
        if behind > i:
            i = behind
        elif end <= start + 1 or (start > low and text[start - 1] == _AND):
            i = max(end, i + 1)
        else:
            return -1, max(end, i)
    return -1, i


@numba.njit(cache=True, nogil=True)
def _runs(
    text: Bytes, first: int, until: int, high: int, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], classes: Bytes, row: int, out: Ints, many: int,
) -> tuple[int, int]:  # fmt: skip
    """Write the phrases from ``first`` on to the one that has the word at ``until``; return how many and to where."""
    i, met, begin, last = first, 0, first, first
    while True:
        start = _next(text, i, high, classes)
        stop = _end(text, start, high, classes) if start >= 0 else i
        if start >= 0 and _entry(text, start, stop, maybe, slots, entries):
            begin = start if not met else begin
            i, met, last = stop, met + 1, stop
            continue
        if met >= LEAST:
            if many < len(out):
                out[many, 0], out[many, 1], out[many, 2] = row, begin, last
            many += 1
        if max(start, i) >= until:
            return many, stop
        met, i = 0, stop if start >= 0 else min(i + _GAP, until)


@numba.njit(cache=True, nogil=True)
def phrases(
    text: Bytes, offsets: Ints, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], classes: Bytes, out: Ints,
) -> int:  # fmt: skip
    """Write as many as there is room for; return how many there are."""
    many = 0
    for row in range(len(offsets) - 1):
        low, high = offsets[row], offsets[row + 1]
        at = low + _STEP
        while at < high:
            start, end = _sampled(text, at, low, high, maybe, slots, entries, classes)
            at = end + _STEP
            if start < 0:
                continue
            first = max(low, start - _BEHIND)
            if first > low:
                first = min(_end(text, first, high, classes), start)
            many, low = _runs(text, first, start, high, maybe, slots, entries, classes, row, out, many)
            at = max(at, low + _STEP)
    return many


@numba.njit(cache=True, nogil=True)
def told(
    text: Bytes, first: int, high: int, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], classes: Bytes, out: Ints,
) -> int:  # fmt: skip
    """Write the words of lists in ``text[first:high]``; return how many there are."""
    i, many = first, 0
    while True:
        start = _next(text, i, high, classes)
        if start < 0:
            return many
        i = _end(text, start, high, classes)
        entry = _entry(text, start, i, maybe, slots, entries)
        if entry:
            out[many, 0], out[many, 1], out[many, 2] = start, i, entry
            many += 1


@numba.njit(cache=True, nogil=True)
def rows_with(
    text: Bytes, offsets: Ints, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], lists: npt.NDArray[np.uint32], classes: Bytes, many: int,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Return which rows have ``many`` words of one list or more that follow each other."""
    out, last = np.zeros(len(offsets) - 1, np.bool_), np.zeros(16, np.uint32)
    for row in range(len(out)):
        i, high, met = offsets[row], offsets[row + 1], 0
        while i < high and not out[row]:
            start = _next(text, i, high, classes)
            if start < 0:
                met, i = 0, i + _GAP
                continue
            i = _end(text, start, high, classes)
            entry = _entry(text, start, i, maybe, slots, entries)
            last[met & 15] = lists[entry]
            met = met + 1 if entry else 0
            if met >= many:
                common = np.uint32(0xFFFFFFFF)
                for k in range(met - many, met):
                    common &= last[k & 15]
                out[row] = common != 0
    return out
