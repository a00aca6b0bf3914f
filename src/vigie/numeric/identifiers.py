"""Where identifiers may stand in texts: e-mail addresses, wallets, keys, numbers; a few candidates of many bytes.

One pass over the arena, a look-up a byte (``identifiers_pairs``). Checksums, normal forms and the rest are for those who
ask: what is returned here is only what is worth a check, and all that is.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_pairs as pairs
from vigie.numeric import identifiers_spans as spans

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

(
    MAIL, HANDLE, HIDDEN, URL, ARMOR, RUN, PHONE, IBAN, GROUPS, KEY_ID, ONION, LINK, PHRASE, NATIONAL, WORD,
) = range(15)  # fmt: skip
"""What a candidate may be. ``HIDDEN``: an ``@`` written otherwise, and only that of it; ``WORD + n``: ``WORDS[n]``."""
WORDS: t.Final = pairs.WORDS
MOST: t.Final = 20_000
"""Candidates of one row."""
_NO_WORDS: t.Final = np.zeros(2, np.uint64)
_SAMPLE: t.Final = 32
"""Bytes between two looks for a phrase: the shortest of twelve words is 47 long."""
_PHRASE: t.Final = 12


class Candidates(t.NamedTuple):
    """What is worth a check, in the order of its places."""

    row: Ints
    start: Ints
    end: Ints
    what: Bytes
    """``MAIL`` ..."""
    left: Ints
    """int64[rows]: places of that row that were not looked at, since it has more than ``MOST`` candidates."""


def candidates(
    values: Bytes, offsets: Ints, *, national: bool = False, phrases: npt.NDArray[np.uint64] = _NO_WORDS
) -> Candidates:
    """Return what in each row may be an identifier; places are those of the arena.

    ``values``: uint8[n], UTF-8 or any bytes; ``offsets``: int64[rows + 1], where each row begins and the last ends.
    ``national``: telephone numbers without a country's code too. ``phrases``: a table (``identifiers_spans.lookup``) of
    words, twelve of which in a row are a ``PHRASE``. Raises ValueError where the offsets do not fit the arena.
    """
    offsets = np.ascontiguousarray(offsets, np.int64)
    values = np.ascontiguousarray(values, np.uint8)
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(values) or (np.diff(offsets) < 0).any():
        raise ValueError(f"{len(offsets)} offsets do not ascend within {len(values)} bytes")
    left = np.zeros(len(offsets) - 1, np.int64)
    words, ends, places = pairs.words()
    table, room, parts = pairs.table(national=national), 1024, []
    state = np.array([offsets[0], 0, 0, 0, 0, 0], np.int64)
    while True:
        row, start, end = (np.empty(room, np.int64) for _ in range(3))
        what = np.empty(room, np.uint8)
        many = _scan(values, offsets, table, phrases, words, ends, places, state, row, start, end, what, left)
        parts.append((row[:many], start[:many], end[:many], what[:many]))
        if state[_AT] >= offsets[-1]:
            return Candidates(*(np.concatenate(part) for part in zip(*parts, strict=True)), left)
        room = min(room * 4, 1 << 20)


(_AT, _ROW, _HELD, _RUN_END, _HEX_END, _PHRASE_END) = range(6)
_SPARE: t.Final = 24
"""Candidates that eight bytes may give at most, and some."""


@numba.njit(cache=True, nogil=True)
def _scan(  # noqa: C901, PLR0912, PLR0915 - one pass; calls between its parts would cost half its speed
    text: Bytes,
    offsets: Ints,
    table: Bytes,
    phrases: npt.NDArray[np.uint64],
    words: Bytes,
    word_ends: Ints,
    word_pairs: Ints,
    state: Ints,
    rows: Ints,
    starts: Ints,
    ends: Ints,
    whats: Bytes,
    left: Ints,
) -> int:
    """Go on from ``state``; return how many candidates were found until the end, or until the room is used up."""
    n, i, row, held = offsets[-1], state[_AT], state[_ROW], state[_HELD]
    run_end, hex_end, phrase_end = state[_RUN_END], state[_HEX_END], state[_PHRASE_END]
    many, plain, hexes = 0, 0, 0
    seeds = len(phrases) > 2
    previous = text[i - 1] if i else np.uint8(0)
    while i < n and many < len(rows) - _SPARE:
        top = min(i + 8, n)
        if top - i == 8:
            b0, b1, b2, b3 = text[i], text[i + 1], text[i + 2], text[i + 3]
            b4, b5, b6, b7 = text[i + 4], text[i + 5], text[i + 6], text[i + 7]
            met = (
                table[np.intp(previous) << 8 | b0] | table[np.intp(b0) << 8 | b1]
                | table[np.intp(b1) << 8 | b2] | table[np.intp(b2) << 8 | b3]
                | table[np.intp(b3) << 8 | b4] | table[np.intp(b4) << 8 | b5]
                | table[np.intp(b5) << 8 | b6] | table[np.intp(b6) << 8 | b7]
            )  # fmt: skip
        else:
            met = np.uint8(255)
        if met > 3:
            for j in range(i, top):
                what = table[np.intp(text[j - 1]) << 8 | text[j]] >> 2 if j else table[text[j]] >> 2
                if not what:
                    continue
                while j >= offsets[row + 1]:
                    row, held = row + 1, 0
                low, high = offsets[row], offsets[row + 1]
                kind, start, end = _look(text, what, j, low, high, words, word_ends, word_pairs)
                if start >= 0:
                    if held < MOST:
                        rows[many], starts[many], ends[many], whats[many] = row, start, end, kind
                        many, held = many + 1, held + 1
                    else:
                        left[row] += 1
        plain = 0 if met & 1 else plain + 1
        hexes = 0 if met & 2 else hexes + 1
        if plain > 1 and top > run_end:
            while i - 8 >= offsets[row + 1]:
                row, held = row + 1, 0
            if top <= offsets[row + 1]:
                start, end = spans.run(text, i, offsets[row], offsets[row + 1])
                run_end = end
                if spans.worth(text, start, end):
                    if held < MOST:
                        rows[many], starts[many], ends[many], whats[many] = row, start, end, RUN
                        many, held = many + 1, held + 1
                    else:
                        left[row] += 1
        if hexes > 3 and top > hex_end:
            while i - 24 >= offsets[row + 1]:
                row, held = row + 1, 0
            if top <= offsets[row + 1]:
                start, end, hex_end = spans.groups(text, i - 24, max(offsets[row], hex_end), offsets[row + 1])
                if start >= 0:
                    if held < MOST:
                        rows[many], starts[many], ends[many], whats[many] = row, start, end, GROUPS
                        many, held = many + 1, held + 1
                    else:
                        left[row] += 1
        if seeds and i % _SAMPLE < 8 and i >= phrase_end:
            while i >= offsets[row + 1]:
                row, held = row + 1, 0
            at = i
            while at < offsets[row + 1] and at - i < 5 and not 97 <= (text[at] | 32) <= 122:
                at += 1
            start, end, count = spans.phrase(text, at, offsets[row], offsets[row + 1], phrases)
            if count >= _PHRASE:
                phrase_end = end
                if held < MOST:
                    rows[many], starts[many], ends[many], whats[many] = row, start, end, PHRASE
                    many, held = many + 1, held + 1
                else:
                    left[row] += 1
        previous = text[top - 1]
        i = top
    state[_AT], state[_ROW], state[_HELD] = i, row, held
    state[_RUN_END], state[_HEX_END], state[_PHRASE_END] = run_end, hex_end, phrase_end
    return many


@numba.njit(cache=True, nogil=True)
def _is(text: Bytes, at: int, high: int, a: int, b: int, c: int) -> bool:
    """Do three bytes stand there, letters of any case?"""
    return at + 3 <= high and text[at] | 32 == a and text[at + 1] | 32 == b and text[at + 2] | 32 == c


@numba.njit(cache=True, nogil=True)
def _look(  # noqa: C901, PLR0911, PLR0912 - one branch for each thing that may begin
    text: Bytes, what: int, at: int, low: int, high: int, words: Bytes, word_ends: Ints, word_pairs: Ints
) -> tuple[int, int, int]:
    """Return what stands round a pair whose second byte is at ``at``, and from where to where; -1: nothing."""
    if at == low and what != pairs.AT and what != pairs.NATIONAL:
        return 0, -1, -1  # the pair's first byte is another row's
    if what >= pairs.WORD:
        word = what - pairs.WORD
        start, end = spans.announced(
            text, at - word_pairs[word], low, high, words, word_ends[word], word_ends[word + 1]
        )
        return WORD + word, start, end
    if what == pairs.AT:
        start, end = spans.mail(text, at, low, high)
        if start >= 0:
            return MAIL, start, end
        if at > low and text[at - 1] in (91, 40, 123, 32) and at + 1 < high and text[at + 1] in (93, 41, 125, 32):
            return HIDDEN, at, at + 1
        start, end = spans.handle(text, at, low, high)
        return HANDLE, start, end
    if what == pairs.DOT:
        if at - 3 >= low and text[at - 2] | 32 == 100 and not spans.alnum(text[at - 3]):
            if at + 1 < high and text[at + 1] in (32, 93, 41, 125):
                return HIDDEN, at - 2, at + 1
    elif what == pairs.ARROBA:
        if at - 3 >= low and _is(text, at - 2, high, 114, 111, 98) and at + 1 < high and text[at + 1] | 32 == 97:
            return HIDDEN, at - 3, at + 2
    elif what == pairs.BRACKET:
        start = at + (text[at] == 32)
        if start + 1 < high and text[start] | 32 == 97 and (text[start + 1] | 32 == 116 or text[start + 1] == 41):
            return HIDDEN, at - 1, start + 2
    elif what == pairs.ENTITY:
        end = min(at + 5, high)
        for i in range(at + 1, end):
            if text[i] in (52, 48) and text[at - 1] == 38 and i + 1 < high and text[i + 1] == 59:
                return HIDDEN, at - 1, i + 2
        if text[at - 1] == 37 and at + 1 < high and text[at + 1] == 48:
            return HIDDEN, at - 1, at + 2
    elif what == pairs.SCHEME:
        start, end = spans.url(text, at - 1, low, high)
        return URL, start, end
    elif what == pairs.PLUS:
        start, end = spans.phone(text, at - 1, low, high, 8)
        return PHONE, start, end
    elif what == pairs.ZEROS:
        if at + 1 < high and text[at + 1] != 48:
            start, end = spans.phone(text, at - 1, low, high, 10)
            return PHONE, start, end
    elif what == pairs.NATIONAL:
        start, end = spans.phone(text, at - (at > low and text[at - 1] == 40), low, high, 7)
        return NATIONAL, start, end
    elif what == pairs.IBAN:
        start, end = spans.iban(text, at + 1, low, high) if at + 1 < high else (-1, -1)
        return IBAN, start, end
    elif what == pairs.ARMOR:
        if at - 5 >= low and text[at - 5] == 45 and at + 5 < high and _is(text, at, high, 98, 101, 103):
            return ARMOR, at - 5, at + 5
    elif what == pairs.PREFIX:
        end = at + 1
        while end < high and end - at <= 17 and spans.hexadecimal(text[end]):
            end += 1
        if end - at == 17 and not (end < high and spans.alnum(text[end])):
            return KEY_ID, at - 1, end
    elif what == pairs.LINK:
        if (
            at - 2 >= low
            and text[at - 2] | 32 == 116
            and at + 2 < high
            and text[at + 1] | 32 == 101
            and text[at + 2] == 47
        ):
            if not (at - 3 >= low and spans.alnum(text[at - 3])):
                return LINK, at - 2, at + 3
    elif what == pairs.ONION and at - 57 >= low and _is(text, at, high, 111, 110, 105):
        return ONION, at - 57, min(at + 5, high)
    return 0, -1, -1
