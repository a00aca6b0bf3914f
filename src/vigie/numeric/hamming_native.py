"""The loops of ``hamming`` in C (``native/hamming.c``), called through ctypes."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.hamming_tables import BUCKETS, TABLES, Empty, Flags, Ints, Numbers, Tables, Words

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native

_P, _U64, _U32, _INT = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_int
_CALLS: t.Final = {
    "hamming_order": ([_P, _U64, _P, _P, _P], _INT),
    "hamming_tables": ([_P, _U64, _P, _P, _P], _INT),
    "hamming_candidates": ([_P, _P, _U64, _U32, _P], None),
    "hamming_probe": ([_INT, _P, _P, _U64, _U32, _U64, _P, _P], _INT),
    "hamming_stream": ([_INT, _P, _P, _U32, _INT, _P], _INT),
    "hamming_scan": ([_INT, _P, _U64, _P, _U64, _U32, _INT, _P], _INT),
    "hamming_free": ([_P], None),
}


class _Tables(ctypes.Structure):
    _fields_ = (("codes", _P), ("count", _U64), ("offsets", _P), ("near", _P), ("numbers", _P))


class _Hits(ctypes.Structure):
    _fields_ = (("rows", _P), ("count", _U64), ("room", _U64))


class NativeLoops:
    """``hamming_tables.Loops`` by the library, at one of its levels."""

    def __init__(self, native: Native, level: int) -> None:
        self._level = level
        self._call: dict[str, t.Any] = {}
        for name, (takes, gives) in _CALLS.items():
            call = getattr(native.lib, name)
            call.argtypes, call.restype = takes, gives
            self._call[name] = call

    def order(self, codes: Words, empty: Empty = np.empty) -> tuple[Numbers, Numbers]:
        """See ``Loops``."""
        codes, groups = _codes(codes), _U64()
        order, room = empty((len(codes),), np.uint32), np.empty(len(codes) + 1, np.uint32)
        self._done("hamming_order", _at(codes), len(codes), _at(order), _at(room), ctypes.byref(groups))
        starts = empty((groups.value + 1,), np.uint32)
        starts[:] = room[: len(starts)]
        return order, starts

    def tables(self, codes: Words, empty: Empty = np.empty) -> Tables:
        """See ``Loops``."""
        codes = _codes(codes)
        offsets = empty((TABLES, BUCKETS + 1), np.uint32)
        near, numbers = empty((TABLES, len(codes)), np.uint32), empty((TABLES, len(codes)), np.uint32)
        self._done("hamming_tables", _at(codes), len(codes), _at(offsets), _at(near), _at(numbers))
        return Tables(codes, offsets, near, numbers)

    def candidates(self, held: Tables, queries: Words, radius: int) -> Ints:
        """See ``Loops``."""
        queries, out = _codes(queries), np.empty(len(queries), np.int64)
        self._call["hamming_candidates"](ctypes.byref(_view(held)), _at(queries), len(queries), radius, _at(out))
        return out

    def probe(self, held: Tables, queries: Words, radius: int, most: int) -> tuple[Numbers, Flags]:
        """See ``Loops``."""
        queries, left = _codes(queries), np.zeros(len(queries), np.bool_)
        view = ctypes.byref(_view(held))
        found = self._found("hamming_probe", view, _at(queries), len(queries), radius, most, _at(left))
        return found, left

    def stream(self, held: Tables, asked: Tables, radius: int) -> Numbers:
        """See ``Loops``."""
        return self._found("hamming_stream", ctypes.byref(_view(held)), ctypes.byref(_view(asked)), radius, 0)

    def join(self, held: Tables, radius: int) -> Numbers:
        """See ``Loops``."""
        view = _view(held)
        return self._found("hamming_stream", ctypes.byref(view), ctypes.byref(view), radius, 1)

    def scan(self, codes: Words, queries: Words, radius: int, *, above: bool) -> Numbers:
        """See ``Loops``."""
        codes, queries = _codes(codes), _codes(queries)
        return self._found("hamming_scan", _at(codes), len(codes), _at(queries), len(queries), radius, int(above))

    def _found(self, name: str, *arguments: t.Any) -> Numbers:
        hits = _Hits()
        try:
            self._done(name, self._level, *arguments, ctypes.byref(hits))
            if not hits.count:
                return np.empty((0, 3), np.uint32)
            size = 12 * hits.count
            rows = np.empty((hits.count, 3), np.uint32)
            ctypes.memmove(rows.ctypes.data, hits.rows, size)
            return rows
        finally:
            self._call["hamming_free"](ctypes.byref(hits))

    def _done(self, name: str, *arguments: t.Any) -> None:
        if self._call[name](*arguments):
            raise MemoryError(f"{name}: no memory left for its results")


def _codes(codes: Words) -> Words:
    """C trusts what it gets: here it is made sure."""
    if codes.dtype != np.uint64 or codes.ndim != 2 or codes.shape[1] != 4 or len(codes) >= 1 << 32:
        raise TypeError(f"codes are uint64[n, 4], n < 2^32, not {codes.dtype}{list(codes.shape)}")
    return np.ascontiguousarray(codes)


def _view(tables: Tables) -> _Tables:
    codes, n = _codes(tables.codes), len(tables.codes)
    shapes = {"offsets": (TABLES, BUCKETS + 1), "near": (TABLES, n), "numbers": (TABLES, n)}
    for name, shape in shapes.items():
        array = getattr(tables, name)
        if array.dtype != np.uint32 or array.shape != shape or not array.flags.c_contiguous:
            raise TypeError(f"{name} is uint32{list(shape)}, in one piece, not {array.dtype}{list(array.shape)}")
    return _Tables(_at(codes), n, _at(tables.offsets), _at(tables.near), _at(tables.numbers))


def _at(array: np.ndarray[t.Any, t.Any]) -> int:
    return int(array.ctypes.data)
