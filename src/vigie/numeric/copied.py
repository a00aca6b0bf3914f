r"""The data of a ``COPY ... FROM stdin`` in PostgreSQL's text format, tokenised: bytes in, bytes and their lengths out.

As PostgreSQL's manual has it (COPY, Text Format): a line is a row, tabs part its values, ``\N`` is NULL, ``\.`` alone
on a line ends the data; ``\b \f \n \r \t \v``, ``\101`` and ``\x41`` are bytes, and a backslash before anything else is
passed over. A machine of states, as ``tuples``, that may stop at any byte: a line may be of any length.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import tuples
from vigie.numeric.tuples import CUT, END, FULL, MORE, NULL, TEXT, Bytes

# The first are those of `tuples`, which takes the rows and counts the misfits of both machines.
_PHASE, _COLUMN, _USED, _ROW, _VALUE, _ROWS = (
    tuples.PHASE, tuples.COLUMN, tuples.USED, tuples.ROW, tuples.VALUE, tuples.ROWS,
)  # fmt: skip
_KIND, _BAD, _FIRST_BAD, _BEGAN, _CUT_OFF = tuples.KIND, tuples.BAD, tuples.FIRST_BAD, tuples.BEGAN, tuples.CUT_OFF
_DIGITS, _BYTE, _SEEN = tuples.BASE, tuples.TOKEN, tuples.DEPTH
"""Digits of an escape read so far and the byte they make; whether anything of the value has been seen."""
(
    P_ROW, P_VALUE, P_ESCAPE, P_NULL, P_OCTAL, P_HEX, P_LEAD, P_RETURN, P_DOT, P_DOT_RETURN,
) = range(10)  # fmt: skip
_PLAIN, _MARK, _LEAD = range(3)


class Copied(tuples.Tuples):
    """Reads the rows of one ``COPY``, and holds those that have been read and not been taken."""

    def __init__(self, wanted: npt.NDArray[np.int64], *, rows: int, room: int, most: int, leads: bytes = b"") -> None:
        """``leads``: the bytes that begin a character of two whose second may be a backslash (GBK, Big5, Shift-JIS).

        The rest is as in ``tuples.Tuples``.
        """
        super().__init__(wanted, rows=rows, room=room, most=max(most, 0))
        self._table = np.full(256, _PLAIN, np.uint8)
        self._table[list(leads)] = _LEAD
        self._table[list(b"\t\n\r\\")] = _MARK

    def read(self, text: Bytes, start: int, offset: int) -> tuple[int, int]:
        """Read from ``start`` on; return ``MORE``, ``FULL`` or ``END``, and where reading stopped."""
        self._settle()
        status, at = _read(
            text, start, offset, self._state, self._kept, self._arena, self._lengths, self._kinds, self._places,
            self._table, self._most,
        )  # fmt: skip
        return int(status), int(at)

    def ended(self) -> bool:
        """Tell whether all that lacks is the end of the line that ends the data."""
        return int(self._state[_PHASE]) in (P_DOT, P_DOT_RETURN)


@numba.njit(cache=True, nogil=True, inline="always")
def _hex(byte: int) -> int:
    low = byte | 0x20
    return byte - 48 if 48 <= byte <= 57 else low - 87 if 97 <= low <= 102 else -1


@numba.njit(cache=True, nogil=True, inline="always")
def _meant(byte: int) -> int:
    """Return the byte that a backslash and this one stand for."""
    if byte == 110:
        return 10
    if byte == 116:
        return 9
    if byte == 114:
        return 13
    if byte == 98:
        return 8
    if byte == 102:
        return 12
    return 11 if byte == 118 else byte


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915 - one machine, its state in registers: 300 MB/s, and a third of it else
    text: Bytes,
    start: int,
    offset: int,
    state: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    arena: Bytes,
    lengths: npt.NDArray[np.int32],
    kinds: Bytes,
    places: npt.NDArray[np.int64],
    table: Bytes,
    most: int,
) -> tuple[int, int]:
    columns, i, n, status = len(wanted), start, len(text), MORE
    room, longest_row = len(arena) - tuples.WORD, (most + tuples.WORD) * lengths.shape[1]
    phase, column, used, row, value = state[_PHASE], state[_COLUMN], state[_USED], state[_ROW], state[_VALUE]
    rows, kind, seen, cut, began = state[_ROWS], state[_KIND], state[_SEEN], state[_CUT_OFF], state[_BEGAN]
    digits: t.Any = state[_DIGITS]
    made: t.Any = state[_BYTE]
    kept = wanted[column] if column < columns else -1
    limit = min(value + most, room) if kept >= 0 else used
    while i < n:
        byte: t.Any = text[i]
        put: t.Any = -1
        if phase == P_VALUE:
            j = i
            while j < n and table[text[j]] == _PLAIN:
                j += 1
            if j > i:
                seen = 1
                if kept >= 0:
                    stop = min(j, i + limit - used)
                    for at in range(i, stop):
                        arena[used + at - i] = text[at]
                    used += stop - i
                    if stop < j:
                        cut = CUT
                i = j
                if i == n:
                    break
                byte = text[i]
            i += 1
            if byte == 9 or byte == 10:  # noqa: PLR1714 - two comparisons; a tuple is searched
                if kept >= 0:
                    lengths[rows, kept] = used - value
                    kinds[rows, kept] = kind | cut
                column += 1
                if byte == 10:
                    if column == columns or (columns == 0 and column == 1 and not seen):
                        places[rows] = began
                        rows += 1
                    else:
                        state[_BAD] += 1
                        state[_FIRST_BAD] = began if state[_FIRST_BAD] < 0 else state[_FIRST_BAD]
                        used = row
                    row, phase = used, P_ROW
                else:
                    value, kind, cut, seen = used, TEXT, 0, 0
                    kept = wanted[column] if column < columns else -1
                    limit = min(value + most, room) if kept >= 0 else used
            elif byte == 92:
                phase = P_ESCAPE
            elif byte == 13:
                phase = P_RETURN
            else:
                put, phase = byte, P_LEAD
        elif phase == P_ROW:
            if rows == len(lengths) or room - used < longest_row:
                status = FULL
                break
            row, value, column, began, kind, cut, seen, phase = used, used, 0, offset + i, TEXT, 0, 0, P_VALUE
            kept = wanted[0] if columns else -1
            limit = min(value + most, room) if kept >= 0 else used
        elif phase == P_ESCAPE:
            i += 1
            phase = P_VALUE
            if not seen and byte == 78:
                phase = P_NULL
            elif not seen and byte == 46 and not column:
                phase = P_DOT
            elif 48 <= byte <= 55:
                phase, digits, made = P_OCTAL, 1, byte - 48
            elif byte == 120:
                phase, digits, made = P_HEX, 0, 0
            else:
                put = _meant(byte)
                if table[byte] == _LEAD:
                    phase = P_LEAD
        elif phase == P_LEAD:
            i += 1
            put, phase = byte, P_VALUE
        elif phase == P_NULL:
            phase = P_VALUE
            if byte == 9 or byte == 10 or byte == 13:  # noqa: PLR1714
                kind = NULL
            else:
                put = 78
        elif phase == P_OCTAL:
            if 48 <= byte <= 55 and digits < 3:
                made, digits = made * 8 + byte - 48, digits + 1
                i += 1
            else:
                put, phase = made & 0xFF, P_VALUE
        elif phase == P_HEX:
            digit = _hex(byte)
            if digit >= 0 and digits < 2:
                made, digits = made * 16 + digit, digits + 1
                i += 1
            else:
                put, phase = (made if digits else 120), P_VALUE
        elif phase == P_RETURN:  # before the end of a line it belongs to that, as Windows writes it
            if byte == 10:
                phase = P_VALUE
            elif kind == NULL:  # it was no NULL
                put, kind = 78, TEXT
            else:
                put, phase = 13, P_VALUE
        else:  # P_DOT, P_DOT_RETURN
            if byte == 10:
                i += 1
                status, phase = END, P_ROW
                break
            if byte == 13 and phase == P_DOT:
                i += 1
                phase = P_DOT_RETURN
            else:
                put = 46
                phase = P_RETURN if phase == P_DOT_RETURN else P_VALUE
        if put >= 0:
            seen = 1
            if kept >= 0:
                if used < limit:
                    arena[used] = put
                    used += 1
                else:
                    cut = CUT
    state[_PHASE], state[_COLUMN], state[_USED], state[_ROW], state[_VALUE] = phase, column, used, row, value
    state[_ROWS], state[_KIND], state[_SEEN], state[_CUT_OFF], state[_BEGAN] = rows, kind, seen, cut, began
    state[_DIGITS], state[_BYTE] = digits, made
    return status, i
