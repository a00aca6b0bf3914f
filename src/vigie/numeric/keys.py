"""Keys of rows, many at once: SHA-256 over the text forms of their columns (``rows.base.key_of``).

In C (``native/keys.c``), with the processor's own instructions where it has them: 0.1 us a row; else hashlib, 2 us.
"""

from __future__ import annotations

import ctypes
import hashlib
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

KEY_BYTES: t.Final = 16
SEPARATOR: t.Final = b"\x1f"

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


class Texts(t.NamedTuple):
    """A column of texts, one behind the other."""

    starts: npt.NDArray[np.int32]
    """int32[rows + 1], ascending: where each begins in ``values``, and the end of the last."""
    values: Bytes
    hex: bool
    """They are bytes, which a key says as hex."""


Column: t.TypeAlias = "Ints | Texts | Bytes"
"""int64[rows]; texts; or uint8[rows, width], bytes which a key says as hex."""


class _Column(ctypes.Structure):
    _fields_: t.ClassVar = [
        ("kind", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("starts", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    ]


_WHOLE, _TEXT, _HEX, _WIDE = range(4)
_HARDWARE: t.Final = NATIVE is not None and bool(NATIVE.lib.keys_hardware())


def keys(head: bytes, columns: t.Sequence[Column], rows: int, *, hardware: bool = _HARDWARE) -> Bytes:
    """Return uint8[rows, 16]: of SHA-256 over ``head`` and, each behind U+001F, the columns of the row.

    ValueError where a column has another number of rows, or texts reach beyond their values.
    """
    given = [_checked(one, rows) for one in columns]
    if NATIVE is None:
        return keys_hashlib(head, given, rows)
    out = np.empty((rows, KEY_BYTES), np.uint8)
    told = (_Column * max(len(given), 1))(*map(_told, given))
    NATIVE.lib.keys_of(
        ctypes.c_int(hardware),
        head,
        ctypes.c_int64(len(head)),
        told,
        ctypes.c_int64(len(given)),
        ctypes.c_int64(rows),
        ctypes.c_void_p(out.ctypes.data),
    )
    return out


def keys_hashlib(head: bytes, columns: t.Sequence[Column], rows: int) -> Bytes:
    """Do the same row by row: the judge of the C, and what works without it."""
    said = [_said(one, rows) for one in columns]
    each = zip(*said, strict=True) if said else iter([()] * rows)
    out = b"".join(hashlib.sha256(SEPARATOR.join((head, *one))).digest()[:KEY_BYTES] for one in each)
    return np.frombuffer(out, np.uint8).reshape(rows, KEY_BYTES)


def _checked(column: Column, rows: int) -> Column:
    if isinstance(column, Texts):
        starts = np.ascontiguousarray(column.starts, np.int32)
        values = np.ascontiguousarray(column.values, np.uint8)
        if len(starts) != rows + 1 or (starts[1:] < starts[:-1]).any() or starts[0] < 0 or starts[-1] > len(values):
            raise ValueError("texts of another number, or beyond their values")
        return Texts(starts, values, column.hex)
    if len(column) != rows or column.dtype != (np.int64 if column.ndim == 1 else np.uint8):
        raise ValueError(f"{len(column)} values of {column.dtype}, and {rows} rows")
    return np.ascontiguousarray(column)  # type: ignore[return-value] # its dtype is one of the two


def _told(column: Column) -> _Column:
    if isinstance(column, Texts):
        return _Column(_HEX if column.hex else _TEXT, 0, column.starts.ctypes.data, column.values.ctypes.data)
    if column.ndim == 1:
        return _Column(_WHOLE, 0, None, column.ctypes.data)
    return _Column(_WIDE, column.shape[1], None, column.ctypes.data)


def _said(column: Column, rows: int) -> t.Iterator[bytes]:
    if isinstance(column, Texts):
        ends = column.starts.tolist()
        parts = (column.values[ends[i] : ends[i + 1]].tobytes() for i in range(rows))
        return (one.hex().encode() for one in parts) if column.hex else parts
    if column.ndim == 1:
        return (str(one).encode() for one in column.tolist())
    return (one.tobytes().hex().encode() for one in column)
