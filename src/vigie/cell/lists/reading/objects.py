"""JSON objects out of a file of any size, in bounded memory (ijson over YAJL, pushed chunk by chunk).

Events are folded into flat records here, since it was measured twice as fast as ``ijson.items`` and since it
holds only the fields that are wanted: a record of a gigabyte in fields nobody asked for costs nothing.
"""

from __future__ import annotations

import codecs
import typing as t
from collections.abc import Iterator

import ijson.backends.yajl2_c as yajl

CHUNK_BYTES = 1 << 16
MOST_TOKEN_BYTES = 1 << 22
"""YAJL gathers a token whole before it tells, and reads it anew with every chunk: quadratic, so bounded low."""
MOST_DEPTH = 8
MOST_NESTED = 256
"""Objects kept of one nested array (hashes of one record)."""
MOST_KEYS = 1000
"""Keys remembered with what they mean."""
_OPENING = frozenset({"start_map", "start_array"})
_CLOSING = frozenset({"end_map", "end_array"})
_SCALARS = frozenset({"string", "number", "boolean", "null", "integer", "double"})

Record = dict[str, t.Any]


class Objects:
    """Walks one JSON document.

    ``fields``: lower-case names of the scalar members that are kept. ``arrays``: names of arrays whose objects are
    records. ``nested``: names of arrays whose objects belong to the record round them. All names match in any
    case. Everything else is passed over. A root array, and arrays named so at any depth, hold records too.
    """

    def __init__(self, file: t.BinaryIO, *, fields: set[str], arrays: set[str], nested: set[str]) -> None:
        self._file = file
        self._names: dict[str, str | None] = {name: name for name in fields | arrays | nested}
        self._fields = fields
        self._arrays = arrays | nested
        self._nested = nested
        self.root: Record = {}
        """Fields of the outermost object that have been read so far."""
        self.broken = ""
        """After the last record: how the document breaks, where it does."""
        self.not_utf8 = False
        """Did bytes have to be replaced?"""

    def _events(self) -> Iterator[list[tuple[str, t.Any]]]:
        events: t.Any = yajl_list()
        parser = yajl.basic_parse_coro(events, use_float=True)
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        silent = 0
        while True:
            chunk = self._file.read(CHUNK_BYTES)
            state = decoder.getstate()
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                self.not_utf8 = True
                decoder.setstate(state)
                decoder.errors = "replace"
                text = decoder.decode(chunk, final=not chunk)
            try:
                if text:
                    parser.send(text.encode())
                if not chunk:
                    parser.close()
            # beside its own error YAJL's wrapper lets out Python's for numbers no machine holds
            except (yajl.common.JSONError, ValueError, OverflowError) as error:
                self.broken = " ".join(str(error).split())[:200]
            silent = 0 if events else silent + len(chunk)
            if events:
                yield events
                del events[:]
            if silent > MOST_TOKEN_BYTES and not self.broken:
                self.broken = f"one token is longer than {MOST_TOKEN_BYTES} bytes"
            if not chunk or self.broken:
                return

    # one flat loop with the commonest events first: a call for each event would halve the speed
    def __iter__(self) -> Iterator[tuple[str, Record | None]]:  # noqa: C901, PLR0912, PLR0915 - see above
        """Yield the name of the array and the record; None for a member that is no object."""
        names, fields, nested = self._names, self._fields, self._nested
        skip = 0
        key: str | None = None
        stack: list[Record | str] = []  # a record for an object, a name for an array
        top: Record | None = None  # the innermost, where it is an object
        for events in self._events():
            for event, value in events:
                if skip:
                    if event in _OPENING:
                        skip += 1
                    elif event in _CLOSING:
                        skip -= 1
                elif event == "map_key":
                    try:
                        key = names[value]
                    except KeyError:
                        key = self._name(value)
                elif event in _SCALARS:
                    if top is not None:
                        if key in fields:
                            top[key] = value
                    elif stack and stack[-1] not in nested:
                        yield str(stack[-1]), None
                elif event == "start_map":
                    if stack and (top is not None or len(stack) >= MOST_DEPTH):
                        skip = 1
                        continue
                    top = {}
                    self.root = self.root if stack else top
                    stack.append(top)
                elif event == "end_map":
                    stack.pop()
                    if stack:
                        name, record, top = str(stack[-1]), top, None
                        if name not in nested:
                            yield name, record
                        elif record is not None and len(kept := t.cast("Record", stack[-2])[name]) < MOST_NESTED:
                            kept.append(record)
                elif event == "start_array":
                    if len(stack) < MOST_DEPTH and (not stack or (top is not None and key in self._arrays)):
                        name = (key or "") if top is not None else ""
                        if top is not None:
                            top.setdefault(name, [])
                        stack.append(name)
                        top = None
                    else:
                        skip = 1
                        if top is None and stack and stack[-1] not in nested:
                            yield str(stack[-1]), None
                else:  # end_array
                    stack.pop()
                    top = t.cast("Record", stack[-1]) if stack else None

    def _name(self, key: str) -> str | None:
        """Return the wanted name that this key is in some case; remembered, for a bounded number of keys."""
        name = self._names.get(key.lower())
        if len(self._names) < MOST_KEYS:
            self._names[key] = name
        return name


def yajl_list() -> t.Any:
    """Return the list that gathers what the parser sends."""
    return yajl.utils.sendable_list()


def text_of(value: t.Any) -> str:
    """Return a scalar as the text it stood for: ``""`` for null and absence, ``true``/``false``, digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 128:
        return "number out of range"
    return str(value)
