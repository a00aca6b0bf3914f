"""The data section of a MaxMind DB file: one value decoded, in bounded work, whatever its pointers say.

Format: https://maxmind.github.io/MaxMind-DB/ (version 2.0), "Data Section".
"""

from __future__ import annotations

import struct
import typing as t

MOST_DEPTH: t.Final = 16
"""City databases nest four deep."""
MOST_ITEMS: t.Final = 20_000
"""Values that may be decoded for one record, those behind pointers that were decoded before not counted."""
MOST_TEXT: t.Final = 4096
MOST_KEPT: t.Final = 200_000
"""Values behind pointers that are remembered: the same country stands behind most records."""
(
    _EXTENDED, _POINTER, _TEXT, _DOUBLE, _BYTES, _UINT16, _UINT32, _MAP, _INT32, _UINT64, _UINT128, _ARRAY, _CONTAINER,
    _END, _BOOL, _FLOAT,
) = range(16)  # fmt: skip
_LONGEST: t.Final = {_UINT16: 2, _UINT32: 4, _INT32: 4, _UINT64: 8, _UINT128: 16}


class Section:
    """Decodes values of a data section. Errors of all methods: ValueError, saying where and what is wrong."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._kept: dict[int, t.Any] = {}
        self._left = 0

    def value(self, at: int) -> t.Any:
        """Return the value at an offset of the section: text, number, bytes, list or dictionary."""
        self._left = MOST_ITEMS
        return self._value(at, 0)[0]

    def _value(self, at: int, depth: int) -> tuple[t.Any, int]:
        """Return the value at an offset, and where it ends."""
        self._left -= 1
        if depth > MOST_DEPTH or self._left < 0:
            raise ValueError(f"byte {at}: values nested deeper than {MOST_DEPTH}, or more than {MOST_ITEMS} of them")
        control = self._number(at, 1)
        kind, at = control >> 5, at + 1
        if kind == _POINTER:
            return self._behind(control, at, depth)
        if kind == _EXTENDED:
            kind, at = 7 + self._number(at, 1), at + 1
        size = control & 31
        if size > 28:
            more = size - 28
            size, at = (29, 285, 65821)[more - 1] + self._number(at, more), at + more
        if kind == _MAP:
            return self._map(at, size, depth)
        if kind == _ARRAY:
            found = []
            for _ in range(size):
                one, at = self._value(at, depth + 1)
                found.append(one)
            return found, at
        return self._scalar(kind, at, size)

    def _map(self, at: int, size: int, depth: int) -> tuple[dict[str, t.Any], int]:
        out: dict[str, t.Any] = {}
        for _ in range(size):
            name, at = self._value(at, depth + 1)
            if not isinstance(name, str):
                raise ValueError(f"byte {at}: the name of a value is no text")  # noqa: TRY004 - it is the file's fault
            out[name], at = self._value(at, depth + 1)
        return out, at

    def _scalar(self, kind: int, at: int, size: int) -> tuple[t.Any, int]:
        if kind == _BOOL:
            if size > 1:
                raise ValueError(f"byte {at}: a truth value of {size}")
            return bool(size), at
        raw = self._bytes(at, size)
        if kind == _TEXT:
            return bytes(raw[:MOST_TEXT]).decode("utf-8", "replace"), at + size
        if kind == _BYTES:
            return bytes(raw[:MOST_TEXT]), at + size
        if kind in (_DOUBLE, _FLOAT):
            if size != (8 if kind == _DOUBLE else 4):
                raise ValueError(f"byte {at}: a floating-point number of {size} bytes")
            return struct.unpack(">d" if kind == _DOUBLE else ">f", raw)[0], at + size
        if kind not in _LONGEST or size > _LONGEST[kind]:
            raise ValueError(f"byte {at}: a value of kind {kind} and {size} bytes")
        return int.from_bytes(raw, "big", signed=kind == _INT32 and size == 4), at + size

    def _behind(self, control: int, at: int, depth: int) -> tuple[t.Any, int]:
        """Follow a pointer. One that leads to another pointer the format does not allow."""
        width = (control >> 3) & 3
        low = self._number(at, width + 1)
        target = low if width == 3 else (control & 7) << 8 * (width + 1) | low
        target += (0, 2048, 526336, 0)[width]
        end = at + width + 1
        if target not in self._kept:
            if self._number(target, 1) >> 5 == _POINTER:
                raise ValueError(f"byte {target}: a pointer to a pointer")
            found = self._value(target, depth + 1)[0]
            if len(self._kept) >= MOST_KEPT:
                return found, end
            self._kept[target] = found
        return self._kept[target], end

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self._bytes(at, size), "big")

    def _bytes(self, at: int, size: int) -> memoryview:
        if not 0 <= at <= at + size <= len(self._data):
            raise ValueError(f"byte {at}: {size} bytes are beyond the end")
        return self._data[at : at + size]
