"""Records of delimited text (CSV and its kin), cut into values: bytes in, bytes and their lengths out.

RFC 4180 with any delimiter of one byte and lines that end in LF or CRLF; a quote counts at the start of a field only,
and what follows a closed one is kept as it stands. Only whole records are taken, so that nothing is carried from one
call to the next: whoever calls gives the text from the first record on that was not taken, with more behind it.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.tuples import CUT, NULL, TEXT, Rows

MORE: t.Final = 0
"""The record that begins here is not whole."""
OPEN: t.Final = 1
"""Nor is it, and it ends within quotes."""
FULL: t.Final = 2
"""The room for rows or bytes is used up: take them and go on."""

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_USED, _ROWS, _BAD, _FIRST_BAD = range(4)


class Records:
    """Cuts records, and holds those that have been read and not been taken."""

    def __init__(self, wanted: Ints, delimiter: int, *, rows: int, room: int, most: int) -> None:
        """``wanted``: int64[columns], the place of each column among those that are kept, or -1; places are ascending.

        ``rows``, ``room``: how many rows, and bytes of values, are held at once; ``most``: bytes kept of a value.
        Raises ValueError where a row of the longest values may not fit.
        """
        many = int(np.count_nonzero(wanted >= 0))
        if many * most > room or rows < 1:
            raise ValueError(f"{many} values of {most} bytes do not fit {room}")
        self._wanted, self._delimiter, self._most = np.asarray(wanted, np.int64), delimiter, most
        self._arena = np.empty(room, np.uint8)
        self._lengths, self._kinds = np.zeros((rows, many), np.int32), np.zeros((rows, many), np.uint8)
        self._places = np.zeros(rows, np.int64)
        self._state = np.zeros(4, np.int64)
        self._state[_FIRST_BAD] = -1

    def read(self, text: Bytes, start: int, offset: int, *, final: bool) -> tuple[int, int]:
        """Read from ``start`` on; return how it stands (``MORE`` ...) and where the first record not taken begins.

        ``text``: uint8[n]; ``offset``: where its first byte lies in the file; ``final``: whether the file ends with it.
        """
        status, at = _read(
            text, start, offset, final, self._delimiter, self._wanted, self._arena, self._lengths, self._kinds,
            self._places, self._state, self._most,
        )  # fmt: skip
        return int(status), int(at)

    def take(self) -> Rows:
        """Return the rows read so far, and make room."""
        used, rows = int(self._state[_USED]), int(self._state[_ROWS])
        self._state[_USED] = self._state[_ROWS] = 0
        return Rows(
            self._arena[:used].copy(),
            self._lengths[:rows].copy(),
            self._kinds[:rows].copy(),
            self._places[:rows].copy(),
        )

    def misfits(self) -> tuple[int, int]:
        """Return how many records since this was last asked had another number of values than columns, and the first.

        It is told by where it begins in the file; -1 where there is none.
        """
        many, first = int(self._state[_BAD]), int(self._state[_FIRST_BAD])
        self._state[_BAD], self._state[_FIRST_BAD] = 0, -1
        return many, first


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915 - one machine; calls between its states would cost half its speed
    text: Bytes, start: int, offset: int, final: bool, delimiter: int, wanted: Ints, arena: Bytes,
    lengths: npt.NDArray[np.int32], kinds: Bytes, places: Ints, state: Ints, most: int,
) -> tuple[int, int]:  # fmt: skip
    columns, n, begin = len(wanted), len(text), start
    while begin < n:
        row, used, i, column = state[_ROWS], state[_USED], begin, 0
        if row == len(lengths) or len(arena) - used < most * lengths.shape[1]:
            return FULL, begin
        while True:  # one field
            kept = wanted[column] if column < columns else -1
            value, limit = used, used + most if kept >= 0 else 0
            quoted = cut = False
            if i < n and text[i] == 34:
                quoted = True
                i += 1
                while i < n:
                    byte = text[i]
                    if byte == 34:
                        if i + 1 < n and text[i + 1] == 34:
                            i += 1
                        elif i + 1 < n or final:
                            break
                        else:  # whether it closes is not known yet
                            return OPEN, begin
                    if used < limit:
                        arena[used] = byte
                        used += 1
                    else:
                        cut = True
                    i += 1
                if i == n:
                    return OPEN, begin
                i += 1
            while i < n:
                byte = text[i]
                if byte == delimiter or byte == 10:  # noqa: PLR1714 - twice as fast as looking into a tuple
                    break
                if used < limit:
                    arena[used] = byte
                    used += 1
                else:
                    cut = True
                i += 1
            if i == n and not final:
                return MORE, begin
            last = i == n or text[i] == 10
            if last and kept >= 0 and used > value and arena[used - 1] == 13 and text[i - 1] == 13:
                used -= 1
            if kept >= 0:
                if cut:
                    used = _whole(arena, value, used)
                length = used - value
                none = not quoted and (length == 0 or (length == 2 and arena[value] == 92 and arena[value + 1] == 78))
                if none:
                    used = value
                lengths[row, kept] = used - value
                kinds[row, kept] = NULL if none else TEXT | (CUT if cut else 0)
            column += 1
            i += 1
            if last:
                break
        blank = column == 1 and (i - begin == 1 or (i - begin == 2 and text[begin] == 13))
        if column == columns and not blank:
            places[row] = offset + begin
            state[_ROWS], state[_USED] = row + 1, used
        elif not blank:
            state[_BAD] += 1
            state[_FIRST_BAD] = offset + begin if state[_FIRST_BAD] < 0 else state[_FIRST_BAD]
        begin = min(i, n)
    return MORE, n


@numba.njit(cache=True, nogil=True)
def _whole(arena: Bytes, value: int, used: int) -> int:
    """Return where a value that was cut off ends without the character of UTF-8 that the cut went through."""
    at = used
    while at > value and used - at < 3 and arena[at - 1] & 0xC0 == 0x80:
        at -= 1
    return at - 1 if at > value and arena[at - 1] >= 0xC0 else used
