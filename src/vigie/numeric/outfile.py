r"""What ``SELECT ... INTO OUTFILE`` writes, and ``mysqldump --tab`` by it: bytes in, bytes and their lengths out.

As MariaDB's and MySQL's manuals have it (SELECT INTO OUTFILE, LOAD DATA): values are parted by one text and rows by
another; a value may stand in quotes, of which one ends it where either of the two texts follows; an escape takes the
meaning from the byte behind it, ``\0`` is NUL and ``\N`` alone NULL. Where nothing escapes, the word ``NULL`` without
quotes is NULL. A machine of states, as ``tuples``, that may stop at any byte: a row may be of any length.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import tuples
from vigie.numeric.tuples import BARE, CUT, FULL, MORE, NULL, TEXT, Bytes

_PHASE, _COLUMN, _USED, _ROW, _VALUE, _ROWS = (
    tuples.PHASE, tuples.COLUMN, tuples.USED, tuples.ROW, tuples.VALUE, tuples.ROWS,
)  # fmt: skip
_KIND, _BAD, _FIRST_BAD, _BEGAN, _CUT_OFF = tuples.KIND, tuples.BAD, tuples.FIRST_BAD, tuples.BEGAN, tuples.CUT_OFF
_STRANGE, _FIRST_STRANGE, _SEEN = tuples.BASE, tuples.TOKEN, tuples.DEPTH
P_ROW, P_START, P_BARE, P_QUOTED, P_ESCAPE, P_QUOTED_ESCAPE, P_NULL, P_LITERAL, P_QUOTED_LITERAL = range(9)
_PLAIN, _MARK = range(2)


class Form(t.NamedTuple):
    """How values and rows are written; ``mysqldump --tab`` writes so where no option says otherwise."""

    term: bytes = b"\t"
    """Between values."""
    line: bytes = b"\n"
    """Behind a row."""
    quote: int = -1
    """Byte round values; -1: none."""
    escape: int = 92
    """Byte before what would mean something else; -1: none."""


class Outfile(tuples.Tuples):
    """Reads rows, and holds those that have been read and not been taken.

    ``BARE`` is the kind of a value without quotes where others have some.
    """

    def __init__(
        self, wanted: npt.NDArray[np.int64], form: Form, *, rows: int, room: int, most: int, lead: int = 0
    ) -> None:
        """As ``tuples.Tuples``; ``lead``: lowest first byte of a character of two, before which an escape may stand."""
        super().__init__(wanted, rows=rows, room=room, most=max(most, 0))
        self._state[_FIRST_STRANGE] = -1
        self._form, self._behind = form, max(len(form.term), len(form.line))
        self._term, self._line = np.frombuffer(form.term, np.uint8), np.frombuffer(form.line, np.uint8)
        self._table = np.full(256, _PLAIN, np.uint8)
        # What a writer escapes, beside NUL and what stands for NULL.
        apart = [form.term[0]] if form.quote < 0 else [form.quote]
        marks = {form.term[0], form.line[0], *(one for one in (form.quote, form.escape) if one >= 0)}
        self._table[list(marks)] = _MARK
        self._escaped = np.zeros(256, np.uint8)
        self._escaped[[*apart, form.line[0], max(form.escape, 0), 48, 78]] = 1
        if lead:
            self._escaped[lead:] = 2

    def read(self, text: Bytes, start: int, offset: int, *, final: bool = True) -> tuple[int, int]:
        """Read from ``start`` on; return ``MORE`` or ``FULL``, and where reading stopped.

        Unless the text is ``final`` some last bytes are left unread, for what stands behind them decides their meaning.
        """
        self._settle()
        status, at = _read(
            text, start, offset, len(text) if final else len(text) - self._behind - 1, self._state, self._kept,
            self._arena, self._lengths, self._kinds, self._places, self._table, self._escaped, self._term, self._line,
            self._form.quote, self._form.escape, self._most,
        )  # fmt: skip
        return int(status), int(at)

    def open(self) -> bool:
        """Tell whether a row has begun that has not ended."""
        return int(self._state[_PHASE]) != P_ROW

    def covered(self, read: int) -> int:
        """Return where the last row ends, of so many bytes read."""
        return int(self._state[_BEGAN]) if self.open() else read

    def strange(self) -> tuple[int, int]:
        """Return how many escapes stood before a byte that no writer escapes, and where the first; -1: none."""
        return int(self._state[_STRANGE]), int(self._state[_FIRST_STRANGE])


@numba.njit(cache=True, nogil=True)
def _follows(text: Bytes, at: int, what: Bytes) -> bool:
    if at + len(what) > len(text):
        return False
    for i in range(len(what)):  # noqa: SIM110 - numba knows no generators
        if text[at + i] != what[i]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _is_null(arena: Bytes, value: int, used: int) -> bool:
    return (
        used - value == 4
        and arena[value] == 78
        and arena[value + 1] == 85
        and arena[value + 2] == 76
        and arena[value + 3] == 76
    )


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915 - one machine, its state in registers
    text: Bytes,
    start: int,
    offset: int,
    stop: int,
    state: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    arena: Bytes,
    lengths: npt.NDArray[np.int32],
    kinds: Bytes,
    places: npt.NDArray[np.int64],
    table: Bytes,
    escaped: Bytes,
    term: Bytes,
    line: Bytes,
    quote: int,
    escape: int,
    most: int,
) -> tuple[int, int]:
    columns, i, status = len(wanted), start, MORE
    room, longest_row = len(arena) - tuples.WORD, (most + tuples.WORD) * lengths.shape[1]
    phase, column, used, row, value = state[_PHASE], state[_COLUMN], state[_USED], state[_ROW], state[_VALUE]
    rows, kind, seen, cut, began = state[_ROWS], state[_KIND], state[_SEEN], state[_CUT_OFF], state[_BEGAN]
    bare = TEXT if quote < 0 else BARE
    kept = wanted[column] if column < columns else -1
    limit = min(value + most, room) if kept >= 0 else used
    while i < stop:
        byte: t.Any = text[i]
        put: t.Any = -1
        parted = 0
        if phase == P_BARE or phase == P_QUOTED:  # noqa: PLR1714, SIM109 - a tuple is searched
            j = i
            while j < stop and table[text[j]] == _PLAIN:
                j += 1
            if j > i:
                if kept >= 0:
                    last = min(j, i + limit - used)
                    for at in range(i, last):
                        arena[used + at - i] = text[at]
                    used += last - i
                    if last < j:
                        cut = CUT
                seen = 1
                i = j
                if i == stop:
                    break
                byte = text[i]
            if byte == escape and phase == P_BARE:
                phase = P_ESCAPE
                i += 1
            elif phase == P_QUOTED:
                if byte == quote and (_follows(text, i + 1, term) or _follows(text, i + 1, line)):
                    i += 1
                    parted = 2 if _follows(text, i, line) else 1
                elif byte == escape:
                    phase = P_QUOTED_ESCAPE
                    i += 1
                elif byte == quote and escape >= 0 and i + 1 < len(text) and text[i + 1] == quote:
                    put = byte
                    i += 2
                else:
                    put = byte
                    i += 1
            elif _follows(text, i, line):
                parted = 2
            elif _follows(text, i, term):
                parted = 1
            else:
                put = byte
                i += 1
        elif phase == P_ROW:
            if rows == len(lengths) or room - used < longest_row:
                status = FULL
                break
            row, value, column, began, kind, cut, seen, phase = used, used, 0, offset + i, bare, 0, 0, P_START
            kept = wanted[0] if columns else -1
            limit = min(value + most, room) if kept >= 0 else used
        elif phase == P_START:
            if byte == quote:
                kind, phase = TEXT, P_QUOTED
                i += 1
            else:
                phase = P_BARE
        elif phase == P_ESCAPE or phase == P_QUOTED_ESCAPE:  # noqa: PLR1714, SIM109
            within = phase == P_QUOTED_ESCAPE
            phase = P_QUOTED if within else P_BARE
            if escaped[byte] == 0:
                state[_STRANGE] += 1
                state[_FIRST_STRANGE] = offset + i if state[_FIRST_STRANGE] < 0 else state[_FIRST_STRANGE]
            if byte == 78 and not within and not seen:
                phase = P_NULL
            elif byte == 48:
                put = 0
            else:
                put = byte
                if escaped[byte] == 2:
                    phase = P_QUOTED_LITERAL if within else P_LITERAL
            i += 1
        elif phase == P_NULL:
            if _follows(text, i, line) or _follows(text, i, term):
                kind, phase = NULL, P_BARE
                parted = 2 if _follows(text, i, line) else 1
            else:  # it was none
                put, phase = 78, P_BARE
        else:  # P_LITERAL, P_QUOTED_LITERAL
            put, phase = byte, P_BARE if phase == P_LITERAL else P_QUOTED
            i += 1
        if put >= 0:
            seen = 1
            if kept >= 0:
                if used < limit:
                    arena[used] = put
                    used += 1
                else:
                    cut = CUT
        if parted:
            if kept >= 0:
                if escape < 0 and phase == P_BARE and not cut and _is_null(arena, value, used):
                    kind, used = NULL, value
                lengths[rows, kept] = used - value
                kinds[rows, kept] = kind | cut
            column += 1
            if parted == 1:
                i += len(term)
                value, kind, cut, seen, phase = used, bare, 0, 0, P_START
                kept = wanted[column] if column < columns else -1
                limit = min(value + most, room) if kept >= 0 else used
            else:
                i += len(line)
                if column == columns:
                    places[rows] = began
                    rows += 1
                else:
                    state[_BAD] += 1
                    state[_FIRST_BAD] = began if state[_FIRST_BAD] < 0 else state[_FIRST_BAD]
                    used = row
                row, phase = used, P_ROW
    state[_PHASE], state[_COLUMN], state[_USED], state[_ROW], state[_VALUE] = phase, column, used, row, value
    state[_ROWS], state[_KIND], state[_SEEN], state[_CUT_OFF], state[_BEGAN] = rows, kind, seen, cut, began
    return status, i
