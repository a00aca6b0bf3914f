"""Where at least twelve words of word lists follow each other in texts: phrases that a wallet is made of (BIP-39).

A word is what stands between other characters than letters, in any script, of bytes that may be UTF-8 or Latin-1.
Between two words of a phrase anything else may stand for some bytes: white space, numbers, quotation marks, tags,
escapes. Looking up every word would cost more than all the rest. But the shortest phrase is 47 bytes long, twelve words
of three bytes: so one word in 36 bytes is looked up, and what is round it only where it is one of a list.

All of it is in one file: numba keeps what it has compiled by the file of a function.
"""

from __future__ import annotations

import collections.abc
import ctypes
import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

LEAST: t.Final = 12
"""Words of a phrase."""
_STEP: t.Final = 36
"""Bytes between two words that are looked at: 47 bytes hold one of them whole, wherever they begin."""
_GAP: t.Final = 240
"""Bytes between two words, tags too."""
_TAG: t.Final = 120
"""Bytes of a tag."""
_LONGEST: t.Final = 48
"""Bytes of a word: eight kana with marks of their own."""
_BEHIND: t.Final = 2048
"""Bytes before a word in which the first of its phrase is looked for."""
_TRIES: t.Final = 6
_MIX: t.Final = np.uint64(0x9E3779B97F4A7C15)
_BITS: t.Final = np.uint64(64 - 19)
"""Of what a word is mixed to those that say whether it may be one of a list: a table of 64 KiB."""
_LETTER, _FOREIGN, _LEAD = 1, 2, 3
"""ASCII letter; part of another; first byte of what may be none."""


class Words(t.NamedTuple):
    """Words of up to 32 lists, as ``lookup`` makes them."""

    maybe: npt.NDArray[np.uint64]
    slots: npt.NDArray[np.uint64]
    """What each word is mixed to, 0 where none is; their number is a power of two."""
    entries: npt.NDArray[np.int32]
    """Of each slot, which word."""
    lists: npt.NDArray[np.uint32]
    """Of each word, in which lists it is: one bit each."""
    number: npt.NDArray[np.int16]
    """int16[words, lists]: which of the list it is; -1: none."""


def lookup(lists: collections.abc.Sequence[collections.abc.Mapping[bytes, int]]) -> Words:
    """Return a table of lists, each of forms of words (ASCII letters in lower case) and the number of each."""
    known = {form: i for i, form in enumerate(sorted({form for one in lists for form in one}))}
    many = 1 << (2 * len(known) + 1).bit_length()
    words = Words(
        np.zeros(1 << 13, np.uint64), np.zeros(many, np.uint64), np.zeros(many, np.int32),
        np.zeros(len(known) + 1, np.uint32), np.full((len(known) + 1, len(lists)), -1, np.int16),
    )  # fmt: skip
    ends = np.cumsum([0, *map(len, known)])
    _fill(np.frombuffer(b"".join(known), np.uint8), ends, *words[:3])
    for number, one in enumerate(lists):
        for form, place in one.items():
            words.lists[known[form] + 1] |= np.uint32(1 << number)
            words.number[known[form] + 1, number] = place
    return words


def phrases(text: Bytes, offsets: Ints, words: Words, *, native: Native | None = NATIVE) -> Ints:
    """Return int64[phrases, 3]: row, and where twelve words or more of the lists begin and end, as far as they go.

    ``text``: uint8[n]; ``offsets``: int64[rows + 1], ascending within it. Raises ValueError where they do not fit.
    """
    room = 64
    while True:
        out = np.empty((room, 3), np.int64)
        if native is None:
            many = int(_phrases(text, offsets, *words[:3], CLASSES, out))
        else:
            many = int(_call(native.lib.phrases_found, text, offsets, words, ctypes.c_void_p(out.ctypes.data),
                             ctypes.c_int64(room)))  # fmt: skip
        if many <= room:
            return out[:many]
        room = many


def told(text: Bytes, start: int, end: int, words: Words, *, native: Native | None = NATIVE) -> Ints:
    """Return int64[words, 3] for the words of lists in ``text[start:end]``: start, end, which one of ``words``."""
    out = np.empty(((end - start) // 2 + 1, 3), np.int64)
    if native is None:
        return out[: int(_told(text, start, end, *words[:3], CLASSES, out))]
    offsets = np.array([start, end], np.int64)
    return out[: int(_call(native.lib.phrases_told, text, offsets, words, ctypes.c_void_p(out.ctypes.data)))]


def rows_with(
    text: Bytes, offsets: Ints, words: Words, many: int, *, native: Native | None = NATIVE
) -> npt.NDArray[np.bool_]:
    """Return bool[rows]: whether ``many`` words of one list or more, 2 to 16, follow each other in it."""
    if native is None:
        return np.asarray(_rows_with(text, offsets, *words[:4], CLASSES, many))
    out = np.empty(len(offsets) - 1, np.bool_)
    _call(native.lib.phrases_rows, text, offsets, words, ctypes.c_void_p(words.lists.ctypes.data),
          ctypes.c_int64(many), ctypes.c_void_p(out.ctypes.data))  # fmt: skip
    return out


def _call(function: t.Any, text: Bytes, offsets: Ints, words: Words, *rest: t.Any) -> t.Any:
    """Call ``native/phrases.c``, which trusts what it is given."""
    if (
        text.dtype != np.uint8
        or offsets.dtype != np.int64
        or not (text.flags.c_contiguous and offsets.flags.c_contiguous)
    ):
        raise ValueError(f"not bytes and offsets: {text.dtype}, {offsets.dtype}")
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(text) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"{len(offsets)} offsets do not ascend within {len(text)} bytes")
    at, size = ctypes.c_void_p, ctypes.c_int64
    function.restype = size
    return function(
        at(text.ctypes.data), size(len(text)), at(offsets.ctypes.data), size(len(offsets) - 1),
        at(words.maybe.ctypes.data), at(words.slots.ctypes.data), at(words.entries.ctypes.data),
        ctypes.c_uint64(len(words.slots) - 1), at(CLASSES.ctypes.data), *rest,
    )  # fmt: skip


def _classes() -> Bytes:
    out = np.zeros(256, np.uint8)
    out[[byte for byte in range(128) if chr(byte).isalpha()]] = _LETTER
    out[128:] = _FOREIGN
    out[64] = _FOREIGN  # of an address, whose parts are no words
    out[[0xC2, 0xE2, 0xE3, 0xEF, *range(0xF0, 0xF5)]] = _LEAD
    out.flags.writeable = False
    return out


CLASSES: t.Final = _classes()
"""uint8[256]: what kind of letter each byte is, or begins."""
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
    if of != _LEAD or at + 1 >= high or text[at + 1] & 0xC0 != 0x80:
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
    while i > low and at - i < _LONGEST:
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
        mixed = (mixed ^ eight) * _MIX
        mixed ^= mixed >> np.uint64(29)
    mixed = (mixed ^ mixed >> np.uint64(32)) * _MIX
    return mixed | np.uint64(1)


@numba.njit(cache=True, nogil=True)
def _fill(
    text: Bytes, ends: Ints, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    mask = np.uint64(len(slots) - 1)
    for i in range(len(ends) - 1):
        mixed = _mixed(text, ends[i], ends[i + 1])
        bit = mixed >> _BITS
        maybe[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
        at = mixed & mask
        while slots[at]:
            at = (at + np.uint64(1)) & mask
        slots[at], entries[at] = mixed, i + 1


@numba.njit(cache=True, nogil=True)
def _end(text: Bytes, start: int, high: int, classes: Bytes) -> int:
    """Return where the word from ``start`` on ends; what is longer than any has no end near."""
    i = start
    while i < high and i - start <= _LONGEST:
        of = classes[text[i]]
        if of == 0 or (of == _LEAD and _apart(text, i, high, classes)):
            break
        i += 1
    return i


@numba.njit(cache=True, nogil=True)
def _entry(
    text: Bytes, start: int, end: int, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32],
) -> int:  # fmt: skip
    """Return which word of the table it is; 0: none."""
    if end - start < 2 or end - start > _LONGEST:
        return 0
    mixed = _mixed(text, start, end)
    bit = mixed >> _BITS
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
def _phrases(
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
def _told(
    text: Bytes, first: int, high: int, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], classes: Bytes, out: Ints,
) -> int:  # fmt: skip
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
def _rows_with(
    text: Bytes, offsets: Ints, maybe: npt.NDArray[np.uint64], slots: npt.NDArray[np.uint64],
    entries: npt.NDArray[np.int32], lists: npt.NDArray[np.uint32], classes: Bytes, many: int,
) -> npt.NDArray[np.bool_]:  # fmt: skip
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
