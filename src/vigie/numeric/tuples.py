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
"""The room for rows or bytes is used up: take them and go on."""
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
        katakana: bool = False,
        standard: bool = False,
    ) -> None:
        """``wanted``: int64[columns], the place of each column among those that are kept, or -1; places are ascending.

        ``rows``, ``room``: how many rows, and bytes of values, are held at once; ``most``: bytes kept of a value.
        ``lead``: lowest first byte of a character of two bytes whose second may be a backslash (GBK, Big5,
        Shift-JIS), 0 where the character set has none; ``katakana``: A0 to DF are characters of one byte (Shift-JIS);
        ``standard``: literals are those of PostgreSQL.
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
        self._taken = False
        """Rows were given out that still lie here."""
        self._most, self._escapes, self._standard = most, escapes, standard
        self._lead, self._katakana = lead, katakana

    def read(self, text: Bytes, start: int, offset: int) -> tuple[int, int]:
        """Read from ``start`` on; return how it stands (``MORE`` ...) and where reading stopped.

        ``text``: uint8[n]; ``offset``: where its first byte lies in the dump, for ``Rows.places``.
        """
        self._settle()
        status, at = _read(
            text, start, offset, self._state, self._kept, self._arena, self._lengths, self._kinds, self._places,
            self._word, self._most, self._escapes, self._lead, self._katakana, self._standard,
        )  # fmt: skip
        return int(status), int(at)

    def take(self) -> Rows:
        """Return the whole rows read so far, and make room; a row that has begun stays.

        They lie where they were read, and are gone with the next ``read``.
        """
        self._settle()
        rows, end = int(self._state[ROWS]), int(self._state[ROW])
        self._taken = True
        return Rows(self._arena[:end], self._lengths[:rows], self._kinds[:rows], self._places[:rows])

    def _settle(self) -> None:
        """Move what has been read of the row that has begun to where those lay that were taken."""
        if not self._taken:
            return
        state, rows, end = self._state, int(self._state[ROWS]), int(self._state[ROW])
        left = int(state[USED]) - end
        self._arena[:left] = self._arena[end : end + left]
        if rows < len(self._lengths):
            self._lengths[0], self._kinds[0] = self._lengths[rows], self._kinds[rows]
        state[USED], state[VALUE], state[ROW], state[ROWS] = left, state[VALUE] - end, 0, 0
        self._taken = False

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
def _put(arena: Bytes, used: int, value: int, cut: int, byte: int, most: int, room: int) -> tuple[int, int]:
    """Append a byte to the value, or note that the value is cut off; return where it ends, and that note."""
    if used < min(value + most, room):
        arena[used] = byte
        return used + 1, cut
    return used, CUT


@numba.njit(cache=True, nogil=True, inline="always")
def _copy(to: Bytes, at: int, of: Bytes, start: int, many: int) -> None:
    """Copy bytes. Unsigned: an index that may be negative is looked at for each of them."""
    first, begin = np.uint64(at), np.uint64(start)
    for i in range(np.uint64(many)):
        to[first + i] = of[begin + i]


@numba.njit(cache=True, nogil=True, inline="always")
def _plain(text: Bytes, start: int, end: int) -> int:
    """Return where the next single quote or backslash stands, ``end`` where none does."""
    i, stop, one, step = np.uint64(start), np.uint64(end), np.uint64(1), np.uint64(_BLOCK)
    while i + step <= stop:  # as many bytes as a register holds: in a loop of fixed length they are compared at once
        special = np.uint8(0)
        for k in range(step):
            special |= np.uint8(text[i + k] == _QUOTE) | np.uint8(text[i + k] == _BACKSLASH)
        if special:
            break
        i += step
    while i < stop and text[i] != _QUOTE and text[i] != _BACKSLASH:
        i += one
    return np.int64(i)  # type: ignore[return-value] # int() leaves it unsigned in the compiled loop


@numba.njit(cache=True, nogil=True, inline="always")
def _comment(byte: int) -> int:
    """Return the state behind the first byte of what may be a comment: ``/``, ``-`` or ``#``."""
    return P_SLASH if byte == 47 else P_DASH if byte == 45 else P_LINE


_BLOCK: t.Final = 32
_QUOTE: t.Final = np.uint8(39)
_BACKSLASH: t.Final = np.uint8(92)
_NULL_WORD: t.Final = np.frombuffer(b"null", np.uint8)
_BINARY_WORD: t.Final = np.frombuffer(b"_binary", np.uint8)


@numba.njit(cache=True, nogil=True)
def _close(arena: Bytes, word: Bytes, value: int, used: int, token: int, cut: int, kept: int) -> tuple[int, int]:
    """Say what a bare word was that has ended, and where it ends; hexadecimal and bit literals become bytes."""
    where, start, length = arena, value, used - value
    if kept < 0:
        where, start, length = word, 0, token
    if _is(where, start, length, _NULL_WORD):
        return NULL, value
    if length > 2 and where[start] == 48 and kept >= 0 and not cut:
        bits = 4 if where[start + 1] == 120 or where[start + 1] == 88 else 1 if where[start + 1] == 98 else 0
        if bits:
            for i in range(start, start + length - 2):
                arena[i] = arena[i + 2]
            end = _packed(arena, start, start + length - 2, bits)
            if end >= 0:
                return BYTES, end
            for i in range(start + length - 1, start + 1, -1):  # no digits after all: it stays as it stood
                arena[i] = arena[i - 2]
            arena[start], arena[start + 1] = 48, 120 if bits == 4 else 98
    return BARE, used


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915 - one machine; calls between its states would cost half its speed
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
    katakana: bool,
    standard: bool,
) -> tuple[int, int]:
    columns, i, n = len(wanted), start, len(text)
    room, held, width = len(arena) - WORD, len(lengths), lengths.shape[1]
    # in registers: what stands in an array might be changed by any byte that is written
    phase, back, column, used, row, value = (
        state[PHASE],
        state[BACK],
        state[COLUMN],
        state[USED],
        state[ROW],
        state[VALUE],
    )
    rows, quote, kind, base, depth, token = (
        state[ROWS],
        state[QUOTE],
        state[KIND],
        state[BASE],
        state[DEPTH],
        state[TOKEN],
    )
    bad, first_bad, began, cut, inner = state[BAD], state[FIRST_BAD], state[BEGAN], state[CUT_OFF], state[INNER]
    status = MORE
    while i < n:
        if phase == P_START:
            # Numbers and strings without an escape, whole and ended by a comma: nearly all values, in one step each.
            while i < n and column < columns - 1:
                end = i
                if text[i] == 39 and not lead:
                    end = _plain(text, i + 1, n)
                    first, after = i + 1, end + 1
                else:
                    while end < n and 48 <= text[end] <= 57:
                        end += 1
                    first, after = i, end
                    if first == end:
                        break
                if after >= n or text[after] != 44 or (first > i and text[end] != 39) or end - first > most:
                    break
                kept = wanted[column]
                if kept >= 0:
                    _copy(arena, used, text, first, end - first)
                    lengths[rows, kept], kinds[rows, kept] = end - first, TEXT if first > i else BARE
                    used += end - first
                column, i = column + 1, after + 1
            if i == n:
                break
        byte = text[i]
        kept = wanted[column] if column < columns else -1
        if phase == P_QUOTED:
            # What makes up nearly all of a dump: its own loop, that copies until something is special.
            backslash, run = escapes or base == _ESCAPED, i
            if lead:
                while i < n and text[i] != quote and not (text[i] == 92 and backslash) and text[i] < lead:
                    i += 1
            elif backslash and quote == _QUOTE:
                i = _plain(text, i, n)
            elif backslash:
                while i < n and text[i] != quote and text[i] != 92:
                    i += 1
            else:
                while i < n and text[i] != quote:
                    i += 1
            if kept >= 0:
                copied = min(i - run, min(value + most, room) - used)
                _copy(arena, used, text, run, copied)
                used += copied
                if copied < i - run:
                    cut = CUT
            special = i < n
            byte = text[i] if special else 0
            if not special:
                break
            if byte == quote:
                phase = P_DOUBLED
            elif byte == 92 and backslash:
                phase = P_ESCAPE
            else:
                if kept >= 0:
                    used, cut = _put(arena, used, value, cut, byte, most, room)
                phase = P_QUOTED if katakana and 0xA0 <= byte <= 0xDF else P_LEAD
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
                if used + keep_backslash < min(value + most, room):
                    if keep_backslash:
                        arena[used] = 92
                        used += 1
                    arena[used] = put
                    used += 1
                else:
                    cut = CUT
            phase = P_QUOTED
            i += 1
        elif phase == P_DOUBLED:
            if byte == quote:
                if kept >= 0:
                    used, cut = _put(arena, used, value, cut, byte, most, room)
                phase = P_QUOTED
                i += 1
            else:
                if base in (_HEX, _BIT) and kept >= 0 and not cut:
                    end = _packed(arena, value, used, 4 if base == _HEX else 1)
                    if end < 0:
                        status = MALFORMED
                        break
                    used = end
                phase = P_AFTER
        elif phase == P_BETWEEN:
            if byte == 40:
                if rows == held or room - used < (most + WORD) * width:
                    status = FULL
                    break
                phase, column, row, began = P_START, 0, used, offset + i
                i += 1
            elif byte == 59:
                status, i = END, i + 1
                break
            elif byte in (44, 32, 9, 10, 13):
                i += 1
            elif byte in (47, 45, 35):
                back, phase = phase, _comment(byte)
                i += 1
            else:
                status = TAIL
                break
        elif phase == P_START:
            value, token, base, cut = used, 0, 0, 0
            if byte in (32, 9, 10, 13):
                i += 1
            elif byte in (39, 34):
                quote, kind, phase = byte, TEXT, P_QUOTED
                i += 1
            elif byte in (47, 35):
                back, phase = phase, _comment(byte)
                i += 1
            elif byte in (44, 59) or (byte == 41 and column):
                status = MALFORMED
                break
            elif byte == 41:  # an empty row: of a table whose columns all have defaults
                phase = P_AFTER
                column = -1
            else:
                phase = P_BARE
        elif phase == P_BARE:
            if byte in (44, 41, 32, 9, 10, 13, 47, 35, 59):
                length = used - value if kept >= 0 else token
                first = arena[value] if kept >= 0 else word[0]
                if first == 95 and byte not in (44, 41) and length > 1:
                    phase = P_INTRODUCED
                else:
                    kind, used = _close(arena, word, value, used, token, cut, kept)
                    phase = P_AFTER
            elif byte in (39, 34):
                phase = P_INTRODUCED
            elif (
                byte == 45
                and (used - value if kept >= 0 else token) == 1
                and (arena[value] if kept >= 0 else word[0]) == 45
            ):  # no number with two signs: a comment
                used, back, phase = value, P_START, P_LINE
                i += 1
            elif byte == 40 or (standard and byte == 91):
                phase, kind, depth = P_EXPRESSION, EXPRESSION, 0
            elif standard and byte == 58:
                kind, used = _close(arena, word, value, used, token, cut, kept)
                phase = P_AFTER
            else:
                while True:  # digits and letters, most of what is left of a dump
                    if kept >= 0:
                        used, cut = _put(arena, used, value, cut, byte, most, room)
                    elif token < WORD:
                        word[token] = byte
                        token += 1
                    i += 1
                    byte = text[i] if i < n else 0
                    if not (48 <= byte <= 57 or 97 <= byte <= 122):
                        break
        elif phase == P_INTRODUCED:
            if byte in (32, 9, 10, 13):
                i += 1
                continue
            where, at, length = arena, value, used - value
            if kept < 0:
                where, at, length = word, 0, token
            first = where[at] | 0x20
            introducer = where[at] == 95
            if standard and byte == 39 and length == 1 and first in (101, 98, 120):  # E'\n', B'101'
                kind, base, used = TEXT, _ESCAPED if first == 101 else 0, value
                quote, phase = byte, P_QUOTED
                i += 1
            elif standard:
                kind, depth, phase = EXPRESSION, 0, P_EXPRESSION
            elif byte in (39, 34) and (introducer or (length == 1 and first in (110, 120, 98))):
                kind = TEXT
                if introducer and _is(where, at, length, _BINARY_WORD):
                    kind = BYTES
                if not introducer and first != 110:
                    kind, base = BYTES, _HEX if first == 120 else _BIT
                used, quote, phase = value, byte, P_QUOTED
                i += 1
            elif introducer and (byte == 48 or (byte | 0x20) in (120, 98)):
                used, token, phase = value, 0, P_BARE  # _binary 0x1f, _utf8mb4 x'1f'
            else:
                status = MALFORMED
                break
        elif phase == P_AFTER:
            if byte in (44, 41):
                if column >= columns:
                    inner = 1  # more values than columns
                elif column >= 0 and wanted[column] >= 0:
                    lengths[rows, wanted[column]] = used - value
                    kinds[rows, wanted[column]] = kind | cut
                elif column >= 0:
                    used = value
                column += 1
                if byte == 44:
                    phase = P_START
                else:
                    if inner or column != columns:
                        bad += 1
                        first_bad = began if first_bad < 0 else first_bad
                        used = row
                    else:
                        places[rows] = began
                        rows += 1
                    row, inner, column, phase = used, 0, 0, P_BETWEEN
                i += 1
            elif byte in (32, 9, 10, 13):
                i += 1
            elif byte in (47, 45, 35):
                back, phase = phase, _comment(byte)
                i += 1
            elif byte in (39, 34) and kind in (TEXT, BYTES):  # 'a' 'b' is 'ab'
                quote, phase = byte, P_QUOTED
                i += 1
            elif standard and byte == 58:
                depth, phase = 0, P_CAST
            else:  # 1 + 1, 'a' COLLATE utf8mb4_bin: as it stands
                kind, depth, phase = EXPRESSION, 0, P_EXPRESSION
        elif phase == P_EXPRESSION:
            if byte == 40 or (standard and byte == 91):
                depth += 1
            elif depth and (byte == 41 or (standard and byte == 93)):
                depth -= 1
            elif byte in (44, 41) and not depth:
                while kept >= 0 and used > value and arena[used - 1] in (32, 9, 10, 13):
                    used -= 1
                phase = P_AFTER
                continue
            elif byte in (47, 45, 35):
                back, phase = phase, _comment(byte)
                i += 1
                continue
            elif byte in (39, 34):
                quote, phase = byte, P_EXPRESSION_QUOTED
            elif byte == 59:
                status = MALFORMED
                break
            if kept >= 0:
                used, cut = _put(arena, used, value, cut, byte, most, room)
            i += 1
        elif phase in (P_EXPRESSION_QUOTED, P_EXPRESSION_ESCAPE):
            if phase == P_EXPRESSION_ESCAPE:
                phase = P_EXPRESSION_QUOTED
            elif byte == quote:
                phase = P_EXPRESSION
            elif byte == 92 and escapes:
                phase = P_EXPRESSION_ESCAPE
            if kept >= 0:
                used, cut = _put(arena, used, value, cut, byte, most, room)
            i += 1
        elif phase == P_CAST:
            if byte in (44, 41) and not depth:
                phase = P_AFTER
            elif byte in (59, 39, 92, 124, 43, 42, 45, 47):  # 'a'::text || 'b': no value that could be read
                status = MALFORMED
                break
            else:
                depth += (byte == 40) - (byte == 41)
                i += 1
        elif phase in (P_SLASH, P_DASH):
            if byte == (42 if phase == P_SLASH else 45):
                phase = P_COMMENT if phase == P_SLASH else P_LINE
                i += 1
            elif back not in (P_AFTER, P_EXPRESSION):
                status = MALFORMED
                break
            else:  # 4 / 2, 4 - 2
                if kept >= 0:
                    used, cut = _put(arena, used, value, cut, 47 if phase == P_SLASH else 45, most, room)
                depth = 0 if back == P_AFTER else depth
                kind, phase = EXPRESSION, P_EXPRESSION
        elif phase in (P_COMMENT, P_STAR):
            phase = back if phase == P_STAR and byte == 47 else P_STAR if byte == 42 else P_COMMENT
            i += 1
        else:  # P_LINE
            if byte == 10:
                phase = back
            i += 1
    state[PHASE], state[BACK], state[COLUMN], state[USED], state[ROW], state[VALUE] = (
        phase,
        back,
        column,
        used,
        row,
        value,
    )
    state[ROWS], state[QUOTE], state[KIND], state[BASE], state[DEPTH], state[TOKEN] = (
        rows,
        quote,
        kind,
        base,
        depth,
        token,
    )
    state[BAD], state[FIRST_BAD], state[BEGAN], state[CUT_OFF], state[INNER] = bad, first_bad, began, cut, inner
    return status, i
