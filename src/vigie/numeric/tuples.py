"""The values of an SQL ``INSERT``, tokenised: bytes in, bytes and their lengths out; nothing is executed.

A machine of states that may stop at any byte, so that a statement of any length is read in bounded memory, whatever
stands in it. Literals as MySQL's and MariaDB's manuals have them (Literal Values; Comments): strings in
single or double quotes with backslash escapes or without (``NO_BACKSLASH_ESCAPES``), doubled quotes, introducers
(``_binary``, ``_utf8mb4``, ``N``), ``NULL``, numbers, ``0x1f``, ``x'1f'``, ``b'101'``, ``0b101``; anything else is
kept as it stands and called an expression. A row whose number of values is not that of its columns is counted and
left out.

As PostgreSQL's manual has them (Lexical Structure; ``standard``): backslashes mean something in ``E'...'`` alone,
``B'101'`` stays text as its server prints it, a cast (``'{}'::jsonb``) is passed over, and brackets hold commas
(``ARRAY[1, 2]``). Escapes by number in ``E'...'`` stay as they stand: ``pg_dump`` writes none.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

NULL: t.Final = 0
TEXT: t.Final = 1
BARE: t.Final = 2
"""A number, or a word such as ``TRUE``, as it stands."""
BYTES: t.Final = 3
"""Of a hexadecimal or bit literal, or of a string called ``_binary``."""
EXPRESSION: t.Final = 4
"""A call, as it stands."""
CUT: t.Final = 0x80
"""Set beside the kind where a value was longer than is kept."""

MORE: t.Final = 0
"""All input was read, and the statement goes on."""
END: t.Final = 1
"""The statement's ``;`` was read."""
FULL: t.Final = 2
"""The room for rows or bytes is used up: take them, ``settle``, and go on."""
TAIL: t.Final = 3
"""A word where a row should begin, as ``ON DUPLICATE KEY UPDATE``: what follows is no row."""
MALFORMED: t.Final = 4
"""What no literal looks like. The state cannot go on in this statement."""

Bytes = npt.NDArray[np.uint8]
_NAMES = (
    "phase", "back", "column", "used", "row", "value", "rows", "quote", "kind", "base", "depth", "token", "bad",
    "first_bad", "began", "cut", "inner",
)  # fmt: skip
(
    PHASE, BACK, COLUMN, USED, ROW, VALUE, ROWS, QUOTE, KIND, BASE, DEPTH, TOKEN, BAD, FIRST_BAD, BEGAN, CUT_OFF, INNER,
) = range(len(_NAMES))  # fmt: skip
(
    P_BETWEEN, P_START, P_QUOTED, P_ESCAPE, P_DOUBLED, P_BARE, P_INTRODUCED, P_AFTER, P_EXPRESSION, P_EXPRESSION_QUOTED,
    P_EXPRESSION_ESCAPE, P_SLASH, P_COMMENT, P_STAR, P_DASH, P_LINE, P_LEAD, P_CAST,
) = range(18)  # fmt: skip
_HEX, _BIT, _ESCAPED = 1, 2, 3
WORD: t.Final = 64
"""Longest bare word that is looked at: NULL, an introducer, a number of no wanted column."""


class Tuples:
    """Reads the rows of one statement, and holds those that have been read and not been taken."""

    def __init__(
        self,
        wanted: npt.NDArray[np.int64],
        *,
        rows: int,
        room: int,
        most: int,
        escapes: bool = True,
        lead: int = 0,
        standard: bool = False,
    ) -> None:
        """``wanted``: int64[columns], the place of each column among those that are kept, or -1; places are ascending.

        ``rows``, ``room``: how many rows, and bytes of values, are held at once; ``most``: bytes kept of a value.
        ``lead``: lowest first byte of a character of two bytes whose second may be a backslash (GBK, Big5,
        Shift-JIS), 0 where the character set has none; ``standard``: literals are those of PostgreSQL.
        Raises ValueError where a row of the longest values may not fit.
        """
        self._kept = np.asarray(wanted, np.int64)
        many = int(np.count_nonzero(self._kept >= 0))
        if many * (most + WORD) > room or rows < 1:
            raise ValueError(f"{many} values of {most} bytes do not fit {room}")
        self._state = np.zeros(len(_NAMES), np.int64)
        self._state[FIRST_BAD] = -1
        self._arena = np.empty(room + WORD, np.uint8)
        self._lengths, self._kinds = np.zeros((rows, many), np.int32), np.zeros((rows, many), np.uint8)
        self._places = np.zeros(rows, np.int64)
        self._word = np.empty(WORD, np.uint8)
        self._most, self._escapes, self._lead, self._standard = most, escapes, lead, standard

    def read(self, text: Bytes, start: int, offset: int) -> tuple[int, int]:
        """Read from ``start`` on; return how it stands (``MORE`` ...) and where reading stopped.

        ``text``: uint8[n]; ``offset``: where its first byte lies in the dump, for ``Rows.places``.
        """
        status, at = _read(
            text, start, offset, self._state, self._kept, self._arena, self._lengths, self._kinds, self._places,
            self._word, self._most, self._escapes, self._lead, self._standard,
        )  # fmt: skip
        return int(status), int(at)

    def take(self) -> Rows:
        """Return the whole rows read so far, and make room; a row that has begun stays."""
        state, rows = self._state, int(self._state[ROWS])
        end = int(state[ROW])
        out = Rows(
            self._arena[:end].copy(), self._lengths[:rows].copy(), self._kinds[:rows].copy(), self._places[:rows].copy()
        )
        left = int(state[USED]) - end
        self._arena[:left] = self._arena[end : end + left]
        if rows < len(self._lengths):
            self._lengths[0], self._kinds[0] = self._lengths[rows], self._kinds[rows]
        state[USED], state[VALUE], state[ROW], state[ROWS] = left, state[VALUE] - end, 0, 0
        return out

    def misfits(self) -> tuple[int, int]:
        """Return how many rows since this was last asked had another number of values than columns, and the first.

        It is told by where it begins in the dump; -1 where there is none.
        """
        state = self._state
        many, first = int(state[BAD]), int(state[FIRST_BAD])
        state[BAD], state[FIRST_BAD] = 0, -1
        return many, first


class Rows(t.NamedTuple):
    """Values of rows, one behind the other: those of the kept columns of the first row, of the second ..."""

    values: Bytes
    lengths: npt.NDArray[np.int32]
    """int32[rows, kept]"""
    kinds: Bytes
    """uint8[rows, kept]: ``NULL`` ..., with ``CUT`` beside it."""
    places: npt.NDArray[np.int64]
    """int64[rows]: where in the dump the row's bracket opens."""


@numba.njit(cache=True, nogil=True)
def _is(word: Bytes, start: int, length: int, text: Bytes) -> bool:
    """Compare without case; ``text`` is in lower case."""
    if length != len(text):
        return False
    for i in range(length):
        byte = word[start + i]
        if (byte | 0x20 if 65 <= byte <= 90 else byte) != text[i]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _digit(byte: int) -> int:
    if 48 <= byte <= 57:
        return byte - 48
    low = byte | 0x20
    return low - 87 if 97 <= low <= 102 else -1


@numba.njit(cache=True, nogil=True)
def _packed(arena: Bytes, start: int, end: int, bits: int) -> int:
    """Turn digits into bytes where they stand, right-aligned; return the new end, or -1 where one is none."""
    many = (end - start) * bits
    out = (many + 7) // 8
    value, held, at = 0, out * 8 - many, start
    for i in range(start, end):
        digit = _digit(arena[i])
        if digit < 0 or digit >> bits:
            return -1
        value = value << bits | digit
        held += bits
        if held >= 8:
            held -= 8
            arena[at] = (value >> held) & 0xFF
            value &= (1 << held) - 1
            at += 1
    return at


@numba.njit(cache=True, nogil=True, inline="always")
def _put(arena: Bytes, state: npt.NDArray[np.int64], byte: int, most: int, room: int) -> None:
    """Append a byte to the value, or note that the value is cut off."""
    if state[USED] < min(state[VALUE] + most, room):
        arena[state[USED]] = byte
        state[USED] += 1
    else:
        state[CUT_OFF] = CUT


@numba.njit(cache=True, nogil=True, inline="always")
def _comment(byte: int) -> int:
    """Return the state behind the first byte of what may be a comment: ``/``, ``-`` or ``#``."""
    return P_SLASH if byte == 47 else P_DASH if byte == 45 else P_LINE


_NULL_WORD: t.Final = np.frombuffer(b"null", np.uint8)
_BINARY_WORD: t.Final = np.frombuffer(b"_binary", np.uint8)


@numba.njit(cache=True, nogil=True)
def _close(state: npt.NDArray[np.int64], kept: int, arena: Bytes, word: Bytes) -> None:
    """Say what a bare word was that has ended; turn hexadecimal and bit literals into bytes."""
    where, start, length = arena, state[VALUE], state[USED] - state[VALUE]
    if kept < 0:
        where, start, length = word, 0, state[TOKEN]
    if _is(where, start, length, _NULL_WORD):
        state[KIND] = NULL
        state[USED] = state[VALUE]
        return
    state[KIND] = BARE
    if length > 2 and where[start] == 48 and kept >= 0 and not state[CUT_OFF]:
        bits = 4 if where[start + 1] == 120 or where[start + 1] == 88 else 1 if where[start + 1] == 98 else 0
        if bits:
            for i in range(start, start + length - 2):
                arena[i] = arena[i + 2]
            end = _packed(arena, start, start + length - 2, bits)
            if end >= 0:
                state[KIND], state[USED] = BYTES, end
            else:  # no digits after all: it stays as it stood
                for i in range(start + length - 1, start + 1, -1):
                    arena[i] = arena[i - 2]
                arena[start], arena[start + 1] = 48, 120 if bits == 4 else 98


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0911, PLR0912, PLR0915 - one machine; calls between its states would cost half its speed
    text: Bytes,
    start: int,
    offset: int,
    state: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    arena: Bytes,
    lengths: npt.NDArray[np.int32],
    kinds: Bytes,
    places: npt.NDArray[np.int64],
    word: Bytes,
    most: int,
    escapes: bool,
    lead: int,
    standard: bool,
) -> tuple[int, int]:
    columns, i, n = len(wanted), start, len(text)
    room = len(arena) - WORD
    while i < n:
        byte, phase = text[i], state[PHASE]
        kept = wanted[state[COLUMN]] if state[COLUMN] < columns else -1
        if phase == P_QUOTED:
            # What makes up nearly all of a dump: its own loop, that copies until something is special.
            quote, used = state[QUOTE], state[USED]
            limit = min(state[VALUE] + most, room) if kept >= 0 else 0
            special, backslash = False, escapes or state[BASE] == _ESCAPED
            while i < n:
                byte = text[i]
                if byte == quote or (byte == 92 and backslash) or (lead and byte >= lead):
                    special = True
                    break
                if used < limit:
                    arena[used] = byte
                    used += 1
                elif kept >= 0:
                    state[CUT_OFF] = CUT
                i += 1
            state[USED] = used
            if not special:
                break
            if byte == quote:
                state[PHASE] = P_DOUBLED
            elif byte == 92 and backslash:
                state[PHASE] = P_ESCAPE
            else:
                if kept >= 0:
                    _put(arena, state, byte, most, room)
                state[PHASE] = P_LEAD
            i += 1
        elif phase in (P_ESCAPE, P_LEAD):
            put = byte
            if phase == P_ESCAPE:
                if byte == 110:
                    put = 10
                elif byte == 114:
                    put = 13
                elif byte == 116:
                    put = 9
                elif byte == 98:
                    put = 8
                elif byte == 102 and standard:
                    put = 12
                elif byte == 48 and not standard:
                    put = 0
                elif byte == 90 and not standard:
                    put = 26
            if kept >= 0:
                # \% and \_ stay as they are, or \101, \x41 and \u0041
                as_it_is = byte in (37, 95) if not standard else 48 <= byte <= 55 or byte in (117, 85, 120)
                keep_backslash = phase == P_ESCAPE and as_it_is
                if state[USED] + keep_backslash < min(state[VALUE] + most, room):
                    if keep_backslash:
                        arena[state[USED]] = 92
                        state[USED] += 1
                    arena[state[USED]] = put
                    state[USED] += 1
                else:
                    state[CUT_OFF] = CUT
            state[PHASE] = P_QUOTED
            i += 1
        elif phase == P_DOUBLED:
            if byte == state[QUOTE]:
                if kept >= 0:
                    _put(arena, state, byte, most, room)
                state[PHASE] = P_QUOTED
                i += 1
            else:
                if state[BASE] in (_HEX, _BIT) and kept >= 0 and not state[CUT_OFF]:
                    end = _packed(arena, state[VALUE], state[USED], 4 if state[BASE] == _HEX else 1)
                    if end < 0:
                        return MALFORMED, i
                    state[USED] = end
                state[PHASE] = P_AFTER
        elif phase == P_BETWEEN:
            if byte == 40:
                if state[ROWS] == len(lengths) or room - state[USED] < (most + WORD) * lengths.shape[1]:
                    return FULL, i
                state[PHASE], state[COLUMN], state[ROW], state[BEGAN] = P_START, 0, state[USED], offset + i
                i += 1
            elif byte == 59:
                return END, i + 1
            elif byte in (44, 32, 9, 10, 13):
                i += 1
            elif byte in (47, 45, 35):
                state[BACK], state[PHASE] = phase, _comment(byte)
                i += 1
            else:
                return TAIL, i
        elif phase == P_START:
            state[VALUE], state[TOKEN], state[BASE], state[CUT_OFF] = state[USED], 0, 0, 0
            if byte in (32, 9, 10, 13):
                i += 1
            elif byte in (39, 34):
                state[QUOTE], state[KIND], state[PHASE] = byte, TEXT, P_QUOTED
                i += 1
            elif byte in (47, 35):
                state[BACK], state[PHASE] = phase, _comment(byte)
                i += 1
            elif byte in (44, 59) or (byte == 41 and state[COLUMN]):
                return MALFORMED, i
            elif byte == 41:  # an empty row: of a table whose columns all have defaults
                state[PHASE] = P_AFTER
                state[COLUMN] = -1
            else:
                state[PHASE] = P_BARE
        elif phase == P_BARE:
            if byte in (44, 41, 32, 9, 10, 13, 47, 35, 59):
                length = state[USED] - state[VALUE] if kept >= 0 else state[TOKEN]
                first = arena[state[VALUE]] if kept >= 0 else word[0]
                if first == 95 and byte not in (44, 41) and length > 1:
                    state[PHASE] = P_INTRODUCED
                else:
                    _close(state, kept, arena, word)
                    state[PHASE] = P_AFTER
            elif byte in (39, 34):
                state[PHASE] = P_INTRODUCED
            elif (
                byte == 45
                and (state[USED] - state[VALUE] if kept >= 0 else state[TOKEN]) == 1
                and (arena[state[VALUE]] if kept >= 0 else word[0]) == 45
            ):  # no number with two signs: a comment
                state[USED], state[BACK], state[PHASE] = state[VALUE], P_START, P_LINE
                i += 1
            elif byte == 40 or (standard and byte == 91):
                state[PHASE], state[KIND], state[DEPTH] = P_EXPRESSION, EXPRESSION, 0
            elif standard and byte == 58:
                _close(state, kept, arena, word)
                state[PHASE] = P_AFTER
            else:
                if kept >= 0:
                    _put(arena, state, byte, most, room)
                elif state[TOKEN] < WORD:
                    word[state[TOKEN]] = byte
                    state[TOKEN] += 1
                i += 1
        elif phase == P_INTRODUCED:
            if byte in (32, 9, 10, 13):
                i += 1
                continue
            where, at, length = arena, state[VALUE], state[USED] - state[VALUE]
            if kept < 0:
                where, at, length = word, 0, state[TOKEN]
            first = where[at] | 0x20
            introducer = where[at] == 95
            if standard and byte == 39 and length == 1 and first in (101, 98, 120):  # E'\n', B'101'
                state[KIND], state[BASE], state[USED] = TEXT, _ESCAPED if first == 101 else 0, state[VALUE]
                state[QUOTE], state[PHASE] = byte, P_QUOTED
                i += 1
            elif standard:
                state[KIND], state[DEPTH], state[PHASE] = EXPRESSION, 0, P_EXPRESSION
            elif byte in (39, 34) and (introducer or (length == 1 and first in (110, 120, 98))):
                state[KIND] = TEXT
                if introducer and _is(where, at, length, _BINARY_WORD):
                    state[KIND] = BYTES
                if not introducer and first != 110:
                    state[KIND], state[BASE] = BYTES, _HEX if first == 120 else _BIT
                state[USED], state[QUOTE], state[PHASE] = state[VALUE], byte, P_QUOTED
                i += 1
            elif introducer and (byte == 48 or (byte | 0x20) in (120, 98)):
                state[USED], state[TOKEN], state[PHASE] = state[VALUE], 0, P_BARE  # _binary 0x1f, _utf8mb4 x'1f'
            else:
                return MALFORMED, i
        elif phase == P_AFTER:
            if byte in (44, 41):
                if state[COLUMN] >= columns:
                    state[INNER] = 1  # more values than columns
                elif state[COLUMN] >= 0 and wanted[state[COLUMN]] >= 0:
                    lengths[state[ROWS], wanted[state[COLUMN]]] = state[USED] - state[VALUE]
                    kinds[state[ROWS], wanted[state[COLUMN]]] = state[KIND] | state[CUT_OFF]
                elif state[COLUMN] >= 0:
                    state[USED] = state[VALUE]
                state[COLUMN] += 1
                if byte == 44:
                    state[PHASE] = P_START
                else:
                    if state[INNER] or state[COLUMN] != columns:
                        state[BAD] += 1
                        state[FIRST_BAD] = state[BEGAN] if state[FIRST_BAD] < 0 else state[FIRST_BAD]
                        state[USED] = state[ROW]
                    else:
                        places[state[ROWS]] = state[BEGAN]
                        state[ROWS] += 1
                    state[ROW], state[INNER], state[COLUMN], state[PHASE] = state[USED], 0, 0, P_BETWEEN
                i += 1
            elif byte in (32, 9, 10, 13):
                i += 1
            elif byte in (47, 45, 35):
                state[BACK], state[PHASE] = phase, _comment(byte)
                i += 1
            elif byte in (39, 34) and state[KIND] in (TEXT, BYTES):  # 'a' 'b' is 'ab'
                state[QUOTE], state[PHASE] = byte, P_QUOTED
                i += 1
            elif standard and byte == 58:
                state[DEPTH], state[PHASE] = 0, P_CAST
            else:  # 1 + 1, 'a' COLLATE utf8mb4_bin: as it stands
                state[KIND], state[DEPTH], state[PHASE] = EXPRESSION, 0, P_EXPRESSION
        elif phase == P_EXPRESSION:
            if byte == 40 or (standard and byte == 91):
                state[DEPTH] += 1
            elif state[DEPTH] and (byte == 41 or (standard and byte == 93)):
                state[DEPTH] -= 1
            elif byte in (44, 41) and not state[DEPTH]:
                while kept >= 0 and state[USED] > state[VALUE] and arena[state[USED] - 1] in (32, 9, 10, 13):
                    state[USED] -= 1
                state[PHASE] = P_AFTER
                continue
            elif byte in (47, 45, 35):
                state[BACK], state[PHASE] = phase, _comment(byte)
                i += 1
                continue
            elif byte in (39, 34):
                state[QUOTE], state[PHASE] = byte, P_EXPRESSION_QUOTED
            elif byte == 59:
                return MALFORMED, i
            if kept >= 0:
                _put(arena, state, byte, most, room)
            i += 1
        elif phase in (P_EXPRESSION_QUOTED, P_EXPRESSION_ESCAPE):
            if phase == P_EXPRESSION_ESCAPE:
                state[PHASE] = P_EXPRESSION_QUOTED
            elif byte == state[QUOTE]:
                state[PHASE] = P_EXPRESSION
            elif byte == 92 and escapes:
                state[PHASE] = P_EXPRESSION_ESCAPE
            if kept >= 0:
                _put(arena, state, byte, most, room)
            i += 1
        elif phase == P_CAST:
            if byte in (44, 41) and not state[DEPTH]:
                state[PHASE] = P_AFTER
            elif byte in (59, 39, 92, 124, 43, 42, 45, 47):  # 'a'::text || 'b': no value that could be read
                return MALFORMED, i
            else:
                state[DEPTH] += (byte == 40) - (byte == 41)
                i += 1
        elif phase in (P_SLASH, P_DASH):
            if byte == (42 if phase == P_SLASH else 45):
                state[PHASE] = P_COMMENT if phase == P_SLASH else P_LINE
                i += 1
            elif state[BACK] not in (P_AFTER, P_EXPRESSION):
                return MALFORMED, i
            else:  # 4 / 2, 4 - 2
                if kept >= 0:
                    _put(arena, state, 47 if phase == P_SLASH else 45, most, room)
                state[DEPTH] = 0 if state[BACK] == P_AFTER else state[DEPTH]
                state[KIND], state[PHASE] = EXPRESSION, P_EXPRESSION
        elif phase in (P_COMMENT, P_STAR):
            if phase == P_STAR and byte == 47:
                state[PHASE] = state[BACK]
            else:
                state[PHASE] = P_STAR if byte == 42 else P_COMMENT
            i += 1
        else:  # P_LINE
            if byte == 10:
                state[PHASE] = state[BACK]
            i += 1
    return MORE, i
