"""Where identifiers may stand in texts: e-mail addresses, wallets, keys, numbers; a few candidates of many bytes.

One pass over the arena, a look-up a byte (``identifiers_pairs``), and one for phrases (``identifiers_phrases``).
Checksums and normal forms are for those who ask: what is returned is what is worth a check, and all that is.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_pairs as pairs
from vigie.numeric import identifiers_spans as spans
from vigie.numeric.identifiers_phrases import phrases

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

(
    MAIL, HANDLE, HIDDEN, URL, ARMOR, RUN, PHONE, IBAN, GROUPS, KEY_ID, ONION, LINK, PHRASE, NATIONAL, WORD,
) = range(15)  # fmt: skip
"""What a candidate may be. ``HIDDEN``: an ``@`` written otherwise, and only that of it; ``WORD + n``: ``WORDS[n]``."""
WORDS: t.Final = pairs.WORDS
MOST: t.Final = 20_000
"""Candidates of one row."""


class Candidates(t.NamedTuple):
    """What is worth a check, in the order of its places."""

    row: Ints
    start: Ints
    end: Ints
    what: Bytes
    """``MAIL`` ..."""
    left: Ints
    """int64[rows]: places of that row that are not here, since it has more than ``MOST`` candidates."""


def candidates(
    values: Bytes, offsets: Ints, *, national: bool = False, words: npt.NDArray[np.uint64] | None = None
) -> Candidates:
    """Return what in each row may be an identifier; places are those of the arena.

    ``values``: uint8[n], UTF-8 or any bytes; ``offsets``: int64[rows + 1], where each row begins and the last ends.
    ``national``: telephone numbers without a country's code too. ``words``: a list (``identifiers_phrases.lookup``),
    twelve of which in a row are a ``PHRASE``. Raises ValueError where the offsets do not fit the arena.
    """
    offsets = np.ascontiguousarray(offsets, np.int64)
    values = np.ascontiguousarray(values, np.uint8)
    if not len(offsets) or offsets[0] < 0 or offsets[-1] > len(values) or (np.diff(offsets) < 0).any():
        raise ValueError(f"{len(offsets)} offsets do not ascend within {len(values)} bytes")
    left = np.zeros(len(offsets) - 1, np.int64)
    parts = [*_passes(values, offsets, left, national)]
    if words is not None:
        found = phrases(values, offsets, words)
        parts.append(np.column_stack([found, np.full(len(found), PHRASE)]))
    all_ = np.concatenate(parts)
    row, start, end, what = all_[np.argsort(all_[:, 1], kind="stable")].T
    return Candidates(row, start, end, what.astype(np.uint8), left)


def _passes(values: Bytes, offsets: Ints, left: Ints, national: bool) -> t.Iterator[Ints]:
    """Give int64[candidates, 4]: row, start, end, what."""
    table, (third_at, third), words = pairs.table(national=national), pairs.thirds(), pairs.words()
    state, room = np.array([offsets[0], 0, 0, 0, 0], np.int64), 1024
    while True:
        out = np.empty((room, 4), np.int64)
        many = _scan(
            values, offsets, table, third_at, third, words.text, words.ends, words.pairs, state, out, left
        )  # fmt: skip
        yield out[:many]
        if state[_AT] >= offsets[-1]:
            return
        room = min(room * 4, 1 << 18)


(_AT, _ROW, _HELD, _RUN_END, _HEX_END) = range(5)
_SPARE: t.Final = 12
"""Candidates that eight bytes may give at most, and some."""


@numba.njit(cache=True, nogil=True)
def _scan(  # noqa: C901, PLR0912 - one pass; calls between its parts would cost half its speed
    text: Bytes,
    offsets: Ints,
    table: Bytes,
    third_at: Ints,
    third: Bytes,
    words: Bytes,
    word_ends: Ints,
    word_pairs: Ints,
    state: Ints,
    out: Ints,
    left: Ints,
) -> int:
    """Go on from ``state``; return how many candidates were found until the end, or until the room is used up."""
    n, i, row, held = offsets[-1], state[_AT], state[_ROW], state[_HELD]
    run_end, hex_end = state[_RUN_END], state[_HEX_END]
    many, plain, hexes = 0, 0, 0
    previous = text[i - 1] if i else np.uint8(0)
    while i < n and many < len(out) - _SPARE:
        top = min(i + 8, n)
        if top - i == 8:
            v = text[i : i + 8]
            met = (
                table[np.uint16(previous) << np.uint16(8) | v[0]] | table[np.uint16(v[0]) << np.uint16(8) | v[1]]
                | table[np.uint16(v[1]) << np.uint16(8) | v[2]] | table[np.uint16(v[2]) << np.uint16(8) | v[3]]
                | table[np.uint16(v[3]) << np.uint16(8) | v[4]] | table[np.uint16(v[4]) << np.uint16(8) | v[5]]
                | table[np.uint16(v[5]) << np.uint16(8) | v[6]] | table[np.uint16(v[6]) << np.uint16(8) | v[7]]
            )  # fmt: skip
        else:
            met = np.uint8(255)
        if met > 3:
            for j in range(i, top):
                what = table[np.uint16(previous) << np.uint16(8) | text[j]] >> 2
                previous = text[j]
                if not what:
                    continue
                if third[what]:
                    beside = j + third_at[what]
                    if beside < 0 or beside >= n or _low(text[beside]) != third[what]:
                        continue
                while j >= offsets[row + 1]:
                    row, held = row + 1, 0
                kind, start, end = _look(
                    text, what, j, offsets[row], offsets[row + 1], words, word_ends, word_pairs
                )  # fmt: skip
                if start >= 0:
                    many, held = _keep(out, left, many, held, row, start, end, kind)
        previous = text[top - 1]
        plain = 0 if met & 1 else plain + 1
        hexes = 0 if met & 2 else hexes + 1
        if plain > 1 and top > run_end:  # 25 letters and digits hold two such groups of eight, wherever they begin
            while i - 8 >= offsets[row + 1]:
                row, held = row + 1, 0
            if top <= offsets[row + 1]:
                start, run_end = spans.run(text, i, max(offsets[row], run_end), offsets[row + 1])
                if spans.worth(text, start, run_end):
                    many, held = _keep(out, left, many, held, row, start, run_end, RUN)
        if hexes > 3 and top > hex_end:  # as 49 digits and spaces hold four
            while i - 24 >= offsets[row + 1]:
                row, held = row + 1, 0
            if top <= offsets[row + 1]:
                start, end, hex_end = spans.groups(text, i - 24, max(offsets[row], hex_end), offsets[row + 1])
                if start >= 0:
                    many, held = _keep(out, left, many, held, row, start, end, GROUPS)
        i = top
    state[_AT], state[_ROW], state[_HELD] = i, row, held
    state[_RUN_END], state[_HEX_END] = run_end, hex_end
    return many


@numba.njit(cache=True, nogil=True)
def _keep(out: Ints, left: Ints, many: int, held: int, row: int, start: int, end: int, kind: int) -> tuple[int, int]:
    """Write a candidate, or count it where its row has ``MOST``; return how many there are, and of the row."""
    if held >= MOST:
        left[row] += 1
        return many, held
    out[many, 0], out[many, 1], out[many, 2], out[many, 3] = row, start, end, kind
    return many + 1, held + 1


@numba.njit(cache=True, nogil=True)
def _low(byte: int) -> int:
    """Return an ASCII letter in lower case, any other byte as it is."""
    return byte | 32 if 65 <= byte <= 90 else byte


@numba.njit(cache=True, nogil=True)
def _is(text: Bytes, at: int, high: int, a: int, b: int, c: int) -> bool:
    """Return whether three letters stand there, of any case."""
    return at + 3 <= high and text[at] | 32 == a and text[at + 1] | 32 == b and text[at + 2] | 32 == c


@numba.njit(cache=True, nogil=True)
def _look(  # noqa: C901, PLR0911, PLR0912 - one branch for each thing that may begin
    text: Bytes, what: int, at: int, low: int, high: int, words: Bytes, word_ends: Ints, word_pairs: Ints
) -> tuple[int, int, int]:
    """Return what stands round a pair whose second byte is at ``at``, and from where to where; -1: nothing."""
    if at == low and what not in (pairs.AT, pairs.NATIONAL):
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
