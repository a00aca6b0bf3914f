"""Where at least twelve words of word lists follow each other in texts: phrases that a wallet is made of (BIP-39).

A word is what stands between other characters than letters, in any script, of bytes that may be UTF-8 or Latin-1.
Between two words of a phrase anything else may stand for some bytes: white space, numbers, quotation marks, tags,
escapes. Looking up every word would cost more than all the rest. But the shortest phrase is 47 bytes long, twelve words
of three bytes: so one word in 36 bytes is looked up, and what is round it only where it is one of a list.

In C (``native/phrases.c``), else by numba (``identifiers_phrases_numba``), which is the judge in the tests.
"""

from __future__ import annotations

import collections.abc
import ctypes
import types
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

LEAST: t.Final = 12
"""Words of a phrase."""
MOST_ROW: t.Final = 16
"""Words in a row that ``rows_with`` looks for, at most."""
LONGEST: t.Final = 48
"""Bytes of a word: eight kana with marks of their own."""
MIX: t.Final = np.uint64(0x9E3779B97F4A7C15)
BITS: t.Final = np.uint64(64 - 19)
"""Of what a word is mixed to those that say whether it may be one of a list: a table of 64 KiB."""
LETTER, FOREIGN, LEAD = 1, 2, 3
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
    _fill([*known], words)
    for number, one in enumerate(lists):
        for form, place in one.items():
            words.lists[known[form] + 1] |= np.uint32(1 << number)
            words.number[known[form] + 1, number] = place
    return words


def _fill(words: list[bytes], into: Words) -> None:
    """Put words into the table, each at the first free place from that on to which it is mixed."""
    lengths = np.array([len(one) for one in words], np.uint64)
    if lengths.max(initial=0) > LONGEST:
        raise ValueError(f"a word of {lengths.max()} bytes: at most {LONGEST} are looked at")
    mixed = lengths
    held = np.frombuffer(b"".join(one.ljust(LONGEST, b"\0") for one in words), "<u8").reshape(len(words), -1)
    for at, eight in enumerate(held.T):
        more = (mixed ^ eight) * MIX
        mixed = np.where(lengths > 8 * at, more ^ more >> np.uint64(29), mixed)
    mixed = (mixed ^ mixed >> np.uint64(32)) * MIX | np.uint64(1)
    bits = mixed >> BITS
    np.bitwise_or.at(into.maybe, bits >> np.uint64(6), np.uint64(1) << (bits & np.uint64(63)))
    slots, mask = [0] * len(into.slots), len(into.slots) - 1
    for number, one in enumerate(mixed.tolist()):
        at = one & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at], into.entries[at] = one, number + 1
    into.slots[:] = slots


def _loops() -> types.ModuleType:
    """Return the loops of numba, which take a second to load."""
    from vigie.numeric import identifiers_phrases_numba  # noqa: PLC0415 - as above

    return identifiers_phrases_numba


def phrases(text: Bytes, offsets: Ints, words: Words, *, native: Native | None = NATIVE) -> Ints:
    """Return int64[phrases, 3]: row, and where twelve words or more of the lists begin and end, as far as they go.

    ``text``: uint8[n]; ``offsets``: int64[rows + 1], ascending within it. Raises ValueError where they do not fit.
    """
    room = 64
    while True:
        out = np.empty((room, 3), np.int64)
        if native is None:
            many = int(_loops().phrases(text, offsets, *words[:3], CLASSES, out))
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
        return out[: int(_loops().told(text, start, end, *words[:3], CLASSES, out))]
    offsets = np.array([start, end], np.int64)
    return out[: int(_call(native.lib.phrases_told, text, offsets, words, ctypes.c_void_p(out.ctypes.data)))]


def rows_with(
    text: Bytes, offsets: Ints, words: Words, many: int, *, native: Native | None = NATIVE
) -> npt.NDArray[np.bool_]:
    """Return bool[rows]: whether ``many`` words of one list or more, 2 to 16, follow each other in it."""
    if not 2 <= many <= MOST_ROW:
        raise ValueError(f"{many} words in a row: 2 to {MOST_ROW} are looked for")
    if native is None:
        return np.asarray(_loops().rows_with(text, offsets, *words[:4], CLASSES, many))
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
    out[[byte for byte in range(128) if chr(byte).isalpha()]] = LETTER
    out[128:] = FOREIGN
    out[64] = FOREIGN  # of an address, whose parts are no words
    out[[0xC2, 0xE2, 0xE3, 0xEF, *range(0xF0, 0xF5)]] = LEAD
    out.flags.writeable = False
    return out


CLASSES: t.Final = _classes()
"""uint8[256]: what kind of letter each byte is, or begins."""
