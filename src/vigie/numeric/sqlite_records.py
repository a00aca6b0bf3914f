"""Records of SQLite's b-trees, decoded: bytes of pages in, bytes of values and their lengths out.

By SQLite's file format (https://sqlite.org/fileformat2.html, sections 1.6 and 2.1-2.3). Every number of a page is
hostile: an offset, a length or a count that leads out of the page or of the record makes that record a bad one.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.tuples import BARE, BYTES, CUT, NULL, TEXT, Rows

DONE: t.Final = 0
FULL: t.Final = 1
"""The room for rows or bytes is used up: take them and go on with the same cell."""
AWAY: t.Final = 2
"""What is wanted of this cell goes on in other pages: put it together and give it to ``add``."""
REAL: t.Final = 5
"""Kind of a floating-point number, as its eight bytes stand in the file; ``Records.take`` makes text of it."""
MOST_PAYLOAD: t.Final = (1 << 31) - 1
"""Of one record (SQLITE_MAX_LENGTH)."""
MOST_MISSING: t.Final = 1024
"""Bytes kept of the value that rows older than a column have: it costs the file nothing, however many they are."""

if t.TYPE_CHECKING:
    from collections.abc import Callable

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_USED, _ROWS, _BAD, _SPENT = range(4)
_NUMBER: t.Final = 24
"""Bytes of the longest number as text."""


class Layout(t.NamedTuple):
    """Where the values that are kept stand in the records of a table."""

    source: Ints
    """int64[kept]: which field of the record; -1: the row's number (``INTEGER PRIMARY KEY``)."""
    fields: int
    """How many fields a record has at most. One with fewer was written before columns were added."""
    missing: list[tuple[int, bytes]]
    """Of each kept column: kind and bytes of the value where the record ends before it (``DEFAULT``)."""


class Records:
    """Decodes records of one table, and holds those that have been read and not been taken."""

    def __init__(self, layout: Layout, *, usable: int, index: bool, rows: int, room: int, most: int) -> None:
        """``usable``: bytes of a page that are used; ``index``: whether the rows lie in an index (``WITHOUT ROWID``).

        ``rows``, ``room``: how many rows, and bytes of values, are held at once; ``most``: bytes kept of a value.
        Raises ValueError where a row of the longest values may not fit.
        """
        kept = len(layout.source)
        if kept * max(most, _NUMBER) > room or rows < 1:
            raise ValueError(f"{kept} values of {most} bytes do not fit {room}")
        self._source, self._index, self._usable, self._most = layout.source, index, usable, most
        missing = [one[: min(most, MOST_MISSING)] for _, one in layout.missing]
        self._defaults = np.frombuffer(b"".join(missing), np.uint8)
        self._missing = np.zeros((kept, 3), np.int64)
        cut = [CUT * (len(one) < len(whole)) for one, (_, whole) in zip(missing, layout.missing, strict=True)]
        self._missing[:, 0] = [kind | flag for (kind, _), flag in zip(layout.missing, cut, strict=True)]
        self._missing[:, 2] = np.cumsum([len(one) for one in missing])
        self._missing[1:, 1] = self._missing[:-1, 2]
        self._state = np.zeros(4, np.int64)
        self._types, self._starts = np.zeros(layout.fields, np.int64), np.zeros(layout.fields, np.int64)
        self._arena = np.empty(room, np.uint8)
        self._lengths, self._kinds = np.zeros((rows, kept), np.int32), np.zeros((rows, kept), np.uint8)
        self._places = np.zeros(rows, np.int64)

    def read(self, page: Bytes, header: int, cells: int, cell: int, prefix: int) -> tuple[int, int]:
        """Read the cells of a page from number ``cell`` on; return how it stands (``DONE`` ...) and at which cell.

        ``page``: uint8[usable]; ``header``: where the numbers of its cells begin; ``prefix``: bytes before each.
        """
        status, cell = _page(
            page, header, cells, cell, prefix, self._index, self._source, self._missing, self._defaults, self._types,
            self._starts, self._arena, self._lengths, self._kinds, self._places, self._state, self._most,
        )  # fmt: skip
        return int(status), int(cell)

    def need(self, local: Bytes, declared: int) -> int:
        """Return up to which byte a record is wanted; more than there is where its header is not whole yet; -1: bad.

        ``local``: uint8[n], as much of it as is at hand; ``declared``: its whole length.
        """
        return int(_need(local, declared, self._source, self._types, self._starts))

    def add(self, payload: Bytes, declared: int, rowid: int) -> bool:
        """Decode one record that was put together; False where the room is used up.

        ``payload``: uint8[n], fewer than ``declared`` where it goes on behind what is kept of it.
        """
        return bool(
            _add(payload, 0, len(payload), declared, rowid, self._source, self._missing, self._defaults, self._types,
                 self._starts, self._arena, self._lengths, self._kinds, self._places, self._state, self._most)
        )  # fmt: skip

    def spoil(self) -> None:
        """Count a bad record."""
        self._state[_BAD] += 1

    def bad(self) -> int:
        """Return how many records since this was last asked could not be decoded."""
        many = int(self._state[_BAD])
        self._state[_BAD] = 0
        return many

    def take(self) -> Rows:
        """Return the rows read so far, and make room."""
        used, rows = int(self._state[_USED]), int(self._state[_ROWS])
        out = Rows(
            self._arena[:used].copy(),
            self._lengths[:rows].copy(),
            self._kinds[:rows].copy(),
            self._places[:rows].copy(),
        )
        self._state[_USED] = self._state[_ROWS] = 0
        return rewritten(out, REAL, BARE, _real) if (out.kinds == REAL).any() else out


def rewritten(rows: Rows, of: int, to: int, make: Callable[[bytes], bytes]) -> Rows:
    """Return rows in which each value of kind ``of``, cut or not, is what ``make`` makes of it, and of kind ``to``."""
    kinds, lengths = rows.kinds.ravel().copy(), rows.lengths.ravel().copy()
    ends = np.cumsum(lengths, dtype=np.int64)
    whole, parts, at = rows.values.tobytes(), [], 0
    for one in np.flatnonzero((kinds & ~np.uint8(CUT)) == of):
        end = int(ends[one])
        start = end - int(lengths[one])
        made = make(whole[start:end])
        parts += [whole[at:start], made]
        at, lengths[one], kinds[one] = end, len(made), to | (kinds[one] & CUT)
    parts.append(whole[at:])
    values = np.frombuffer(b"".join(parts), np.uint8)
    return Rows(values, lengths.reshape(rows.lengths.shape), kinds.reshape(rows.kinds.shape), rows.places)


def _real(stored: bytes) -> bytes:
    """IEEE 754, highest byte first: the shortest text that gives the same number."""
    return repr(float(np.frombuffer(stored, ">f8")[0])).encode()


@numba.njit(cache=True, nogil=True, inline="always")
def _varint(page: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number of 1 to 9 bytes and where it ends; -1 for the end where there is none."""
    value: t.Any = np.int64(0)
    for i in range(8):
        if at + i >= end:
            return value, -1
        byte = np.int64(page[at + i])
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + i + 1
    if at + 8 >= end:
        return value, -1
    return (value << 8) | np.int64(page[at + 8]), at + 9


@numba.njit(cache=True, nogil=True)
def _length(kind: int) -> int:
    """Return how many bytes a value of a serial type has; -1 for types that are none."""
    if kind >= 12:
        return (kind - 12) // 2
    if kind < 5:
        return kind if kind >= 0 else -1
    if kind == 5:
        return 6
    if kind <= 7:
        return 8
    return 0 if kind <= 9 else -1


@numba.njit(cache=True, nogil=True)
def _head(page: Bytes, start: int, end: int, declared: int, types: Ints, starts: Ints) -> int:
    """Read a record's header into ``types`` and ``starts``; return its fields; -1: bad; -2: it ends behind ``end``."""
    size, at = _varint(page, start, end)
    if at < 0:
        return -2 if end - start < declared else -1
    if size < at - start or size > declared:
        return -1
    stop, body, fields = start + size, size, 0
    if stop > end:
        return -2
    while at < stop:
        kind, at = _varint(page, at, stop)
        length = -1 if at < 0 else _length(kind)
        if length < 0 or length > declared - body or fields == len(types):
            return -1
        types[fields], starts[fields] = kind, body
        body += length
        fields += 1
    return fields


@numba.njit(cache=True, nogil=True)
def _need(local: Bytes, declared: int, source: Ints, types: Ints, starts: Ints) -> int:
    fields = _head(local, 0, len(local), declared, types, starts)
    if fields == -2:
        size, at = _varint(local, 0, len(local))
        return size if at > 0 else len(local) + 9
    need: t.Any = np.int64(min(fields, 0))
    for k in range(len(source)):
        if 0 <= source[k] < fields:
            need = max(need, starts[source[k]] + _length(types[source[k]]))
    return int(need)


@numba.njit(cache=True, nogil=True)
def _write(arena: Bytes, at: int, value: int) -> int:
    """Write a number as text; return where it ends."""
    if value == 0:
        arena[at] = 48
        return at + 1
    if value < 0:
        arena[at] = 45
        at += 1
    left = np.uint64(value) if value >= 0 else np.uint64(~value) + np.uint64(1)
    digits, rest = 0, left
    while rest:
        digits += 1
        rest //= np.uint64(10)
    for i in range(digits):
        arena[at + digits - 1 - i] = 48 + left % np.uint64(10)
        left //= np.uint64(10)
    return at + digits


@numba.njit(cache=True, nogil=True)
def _add(  # noqa: C901, PLR0912 - one loop; a call for each value would cost half its speed
    page: Bytes, start: int, end: int, declared: int, rowid: int, source: Ints, missing: Ints, defaults: Bytes,
    types: Ints, starts: Ints, arena: Bytes, lengths: npt.NDArray[np.int32], kinds: Bytes, places: Ints, state: Ints,
    most: int,
) -> bool:  # fmt: skip
    fields = _head(page, start, end, declared, types, starts)
    if fields < 0:
        state[_BAD] += 1
        return True
    row, at, needed = state[_ROWS], state[_USED], np.int64(0)
    for k in range(len(source)):
        needed += max(min(_length(types[source[k]]), most), _NUMBER) if 0 <= source[k] < fields else max(
            _NUMBER, missing[k, 2] - missing[k, 1]
        )  # fmt: skip
    if row == len(lengths) or (needed > len(arena) - at and row):
        return False
    for k in range(len(source)):
        began, field = at, source[k]
        if field < 0:
            at, kind = _write(arena, at, rowid), BARE
        elif field >= fields:
            kind = missing[k, 0]
            for i in range(missing[k, 1], missing[k, 2]):
                arena[at] = defaults[i]
                at += 1
        else:
            serial, where = types[field], start + starts[field]
            length = _length(serial)
            here: t.Any = max(min(length, end - where), 0)
            kind = NULL
            if 1 <= serial <= 6 and here == length:
                value: t.Any = np.int64(page[where])
                value = value - 256 if value > 127 else value
                for i in range(1, length):
                    value = (value << 8) | np.int64(page[where + i])
                at, kind = _write(arena, at, value), BARE
            elif serial == 8 or serial == 9:  # noqa: PLR1714 - numba has no set of literals here
                arena[at] = 40 + serial
                at, kind = at + 1, BARE
            elif serial > 0:
                whole = here == length and (length <= most or serial == 7)
                if serial == 7:
                    kind = REAL if whole else BARE
                    here = here if whole else 0
                else:
                    kind = TEXT if serial % 2 else BYTES
                    here = min(here, most)
                for i in range(here):
                    arena[at + i] = page[where + i]
                at += here
                kind |= 0 if whole else CUT
        lengths[row, k], kinds[row, k] = at - began, kind
    places[row] = rowid
    state[_ROWS], state[_USED] = row + 1, at
    return True


@numba.njit(cache=True, nogil=True)
def local(declared: int, usable: int, index: bool) -> int:
    """Return how many bytes of a record stand in the page of its cell (fileformat2 section 1.6)."""
    most = (usable - 12) * 64 // 255 - 23 if index else usable - 35
    if declared <= most:
        return declared
    least = (usable - 12) * 32 // 255 - 23
    some = least + (declared - least) % (usable - 4)
    return some if some <= most else least


@numba.njit(cache=True, nogil=True)
def cell_at(page: Bytes, header: int, cells: int, cell: int, prefix: int, index: bool) -> tuple[int, int, int, int]:
    """Return where the record of a cell begins, how much of it is here, its whole length and its row's number.

    Where the cell makes no sense, the first is -1.
    """
    usable = len(page)
    first = header + 2 * cell
    at: t.Any = np.int64(page[first]) << 8 | np.int64(page[first + 1])
    at += prefix
    if at < header + 2 * cells or at >= usable:
        return -1, 0, 0, 0
    declared, at = _varint(page, at, usable)
    rowid: t.Any = np.int64(0)
    if at >= 0 and not index:
        rowid, at = _varint(page, at, usable)
    if at < 0 or declared < 1 or declared > MOST_PAYLOAD:
        return -1, 0, 0, 0
    here = local(declared, usable, index)
    if at + here + (4 if here < declared else 0) > usable:
        return -1, 0, 0, 0
    return at, here, declared, rowid


@numba.njit(cache=True, nogil=True)
def _page(
    page: Bytes, header: int, cells: int, cell: int, prefix: int, index: bool, source: Ints, missing: Ints,
    defaults: Bytes, types: Ints, starts: Ints, arena: Bytes, lengths: npt.NDArray[np.int32], kinds: Bytes,
    places: Ints, state: Ints, most: int,
) -> tuple[int, int]:  # fmt: skip
    while cell < cells:
        at, here, declared, rowid = cell_at(page, header, cells, cell, prefix, index)
        state[_SPENT] = here + (0 if cell == 0 else state[_SPENT])
        if at < 0 or state[_SPENT] > len(page):  # many cells that are one: a page would give more than it holds
            state[_BAD] += 1
        elif here < declared and _need(page[at : at + here], declared, source, types, starts) > here:
            return AWAY, cell
        elif not _add(page, at, at + here, declared, rowid, source, missing, defaults, types, starts, arena, lengths,
                      kinds, places, state, most):  # fmt: skip
            return FULL, cell
        cell += 1
    return DONE, cell
