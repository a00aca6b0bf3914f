"""JSON objects of like keys, one a line or in an array: one table, with a column for each key.

Columns are the keys of the first thousand objects, in the order in which they are met; what stands under others is
counted and not read. A nested value is kept as the JSON text it is; a key that an object lacks is NULL, and so is
``null``. ``place`` is the byte at which the object begins.
"""

from __future__ import annotations

import collections
import json
import typing as t

import msgspec
import numpy as np

from vigie.cell import sniff_tables
from vigie.cell.dumps.create import Column, Created
from vigie.cell.dumps.delimited import FALLBACK, MARK, UTF8
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.cell.dumps.records import MOST_RECORD, TABLE, Lost
from vigie.cell.dumps.window import Window
from vigie.numeric.objects import next_object
from vigie.numeric.tuples import BARE, CUT, NULL, TEXT, Rows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Want

FIRST: t.Final = 1000
"""Objects whose keys become columns."""
MOST_COLUMNS: t.Final = 4096
ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""
_ROOM_OF_VALUE: t.Final = 100
"""Bytes that Python needs beside those of a value."""
_KINDS: t.Final = {b'"': "string", b"{": "object", b"[": "array", b"t": "boolean", b"f": "boolean", b"n": ""}
_OBJECT: t.Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING: t.Final = msgspec.json.Decoder(str)


class _Object(t.NamedTuple):
    place: int
    size: int
    """Bytes that it takes, or somewhat less."""
    values: t.Mapping[str, msgspec.Raw | bytes]
    """JSON text of each value."""


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield the one table of a text of JSON objects; ``want`` says which columns are kept, by number."""
    window = Window(file)
    window.sees(sniff_tables.HEAD_BYTES + len(MARK))
    window.at = len(MARK) if window.data.startswith(MARK) else 0
    array = window.data[window.at : window.at + sniff_tables.HEAD_BYTES].lstrip().startswith(b"[")
    yield from _Reading(window, want, array=array).pieces()


class _Reading:
    def __init__(self, window: Window, want: Want, *, array: bool) -> None:
        self._window, self._want, self._lost = window, want, Lost(window)
        self._array, self._start, self._fallen = array, window.place, False
        self._keys: set[str] = set()
        """Of the first object."""
        self._later: collections.Counter[str] = collections.Counter()
        self._others = self._bad = 0
        self._first_bad = -1

    def pieces(self) -> Iterator[Piece]:
        objects = self._objects()
        first: list[_Object] = []
        early: list[Odd] = []
        size = 0
        for one in objects:
            if isinstance(one, Odd):
                early.append(one)
                continue
            first.append(one)
            size += one.size
            if len(first) == FIRST or size > ROOM:
                break
        if not first:
            yield Odd("malformed", f"no JSON object; {len(early) + self._bad} records that are none", self._start)
            return
        yield self._created(first)
        yield from early
        held = first
        for one in objects:
            if isinstance(one, Odd):
                yield one
                continue
            held.append(one)
            size += one.size
            if len(held) >= ROWS or size > ROOM:
                yield self._batch(held)
                held, size = [], 0
        if held:
            yield self._batch(held)
        yield from self._told()

    def _told(self) -> Iterator[Odd]:
        """Say what was left out."""
        if self._bad:
            yield Odd(
                "width", f"{self._bad} records are no JSON objects of this table", self._first_bad, TABLE, self._bad
            )
        many = sum(self._later.values()) + self._others
        if many:
            named = ", ".join(f"{key[:40]} ({count})" for key, count in self._later.most_common(10))
            detail = f"{many} values under keys that none of the first {FIRST} objects has: {named}"
            yield Odd("unread", detail, self._start, TABLE, many)

    def _objects(self) -> Iterator[_Object | Odd]:
        window = self._window
        while True:
            begin, end = self._next()
            if end < 0:
                window.at = begin
                ahead = len(window.data) - begin
                if window.ended and not ahead:
                    return
                if window.ended or ahead >= MOST_RECORD:
                    yield self._lost.skip()
                else:
                    window.sees(min(2 * ahead + 1, MOST_RECORD))
                continue
            text, place = window.data[begin:end], window.offset + begin
            window.at = end
            if not text.strip():
                continue
            utf8 = _is_utf8(text)
            values = _decoded(text if utf8 else text.decode(FALLBACK, "replace").encode())
            self._keys = self._keys or set(values or ())
            # behind an object that does not end may come one of those within it
            if values is None or (self._lost.many and not values.keys() & self._keys):
                self._bad += 1
                self._first_bad = place if self._first_bad < 0 else self._first_bad
                continue
            if not utf8 and not self._fallen:
                self._fallen = True
                yield Odd("charset", "its text is not UTF-8 and is taken for Windows-1252", place)
            yield _Object(place, len(text) + _ROOM_OF_VALUE * len(values), values)

    def _next(self) -> tuple[int, int]:
        """Return where the next record begins and ends; -1 for an end that is not in sight."""
        window = self._window
        if self._array:
            begin, end = next_object(window.array(), window.at)
            return int(begin), int(end) if begin < len(window.data) else -1
        end = window.data.find(b"\n", window.at) + 1
        if not end and window.ended and window.at < len(window.data):
            end = len(window.data)
        return window.at, end or -1

    def _created(self, first: list[_Object]) -> Created:
        kinds: dict[str, dict[str, None]] = {}
        for one in first:
            for key, value in one.values.items():
                if key in kinds or len(kinds) < MOST_COLUMNS:
                    kinds.setdefault(key, {})[_KINDS.get(bytes(value)[:1], "number")] = None
        columns = [Column(key, " or ".join(filter(None, kind))) for key, kind in kinds.items()]
        self._known = {one.name for one in columns}
        kept = self._want(TABLE, columns)
        self._columns = [columns[one] for one in kept]
        self._most = min(MOST_VALUE, ROOM // max(len(kept), 1))
        return Created(TABLE, columns, 0, self._start)

    def _batch(self, objects: list[_Object]) -> Batch:
        names, most = [one.name for one in self._columns], self._most
        values: list[bytes] = []
        kinds: list[int] = []
        for one in objects:
            if not one.values.keys() <= self._known:
                self._count(one.values.keys() - self._known)
            for name in names:
                raw = one.values.get(name)
                kind, value = (NULL, b"") if raw is None else _value(bytes(raw))
                if len(value) > most:
                    kind, value = kind | CUT, value[:most].decode("utf-8", "ignore").encode()
                kinds.append(kind)
                values.append(value)
        shape = (len(objects), len(names))
        rows = Rows(
            np.frombuffer(b"".join(values), np.uint8),
            np.fromiter(map(len, values), np.int32, len(values)).reshape(shape),
            np.array(kinds, np.uint8).reshape(shape),
            np.array([one.place for one in objects], np.int64),
        )
        return Batch(TABLE, self._columns, rows, UTF8)

    def _count(self, keys: t.Iterable[str]) -> None:
        for key in sorted(keys):
            if key in self._later or len(self._later) < FIRST:
                self._later[key] += 1
            else:
                self._others += 1


def _decoded(text: bytes) -> t.Mapping[str, msgspec.Raw | bytes] | None:
    """Return the JSON text of each value of an object; None where the text is none."""
    try:
        return _OBJECT.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _loosely(text)


def _loosely(text: bytes) -> dict[str, bytes] | None:
    """Decode what Python and others write and RFC 8259 has not: NaN, half a surrogate pair."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            return None
        return {
            key.encode("utf-8", "backslashreplace").decode(): json.dumps(value).encode() for key, value in found.items()
        }
    except (ValueError, RecursionError):
        return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _value(raw: bytes) -> tuple[int, bytes]:
    first = raw[:1]
    if first == b"n":
        return NULL, b""
    if first == b'"' and b"\\" not in raw:
        return TEXT, raw[1:-1]
    if first == b'"':
        try:
            return TEXT, _STRING.decode(raw).encode()
        except (msgspec.DecodeError, UnicodeEncodeError):  # half of a surrogate pair: it stays as it is written
            return TEXT, raw[1:-1]
    return (TEXT if first in (b"{", b"[") else BARE), raw
