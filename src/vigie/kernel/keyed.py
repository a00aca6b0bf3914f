"""Keys of rows that lie in Arrow columns, as ``rows.base.key_of`` derives them row by row."""

from __future__ import annotations

import typing as t

import numpy as np
import pyarrow as pa

from vigie.numeric.keys import KEY_BYTES, Column, Texts, keys

if t.TYPE_CHECKING:
    from vigie.rows.base import Row


def keyed(table: pa.Table, row: type[Row]) -> pa.ChunkedArray[t.Any]:
    """Return the keys of a table's rows. Its columns of the natural key are of the row type's kinds, none of them null.

    TypeError where the row type has another kind of column in its natural key.
    """
    natural = table.select(list(row.NATURAL))
    head = row.table().encode()
    if not natural.num_columns:
        return _array(keys(head, [], len(table)))  # all rows are one
    parts = [keys(head, [_column(one, row) for one in batch.columns], len(batch)) for batch in natural.to_batches()]
    return _array(np.concatenate(parts) if parts else np.empty((0, KEY_BYTES), np.uint8))


def _array(made: np.ndarray[t.Any, np.dtype[np.uint8]]) -> pa.ChunkedArray[t.Any]:
    flat = pa.py_buffer(made.tobytes())
    return pa.chunked_array([pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY_BYTES), len(made), [None, flat])])


def _column(values: pa.Array[t.Any], row: type[Row]) -> Column:
    kind, buffers, first, many = values.type, values.buffers(), values.offset, len(values)
    if pa.types.is_int64(kind):
        return values.to_numpy(zero_copy_only=False)
    if pa.types.is_fixed_size_binary(kind):
        wide = kind.byte_width
        return _flat(buffers[1])[first * wide : (first + many) * wide].reshape(many, wide)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        starts = _flat(buffers[1]).view(np.int32)[first : first + many + 1] if many else np.zeros(1, np.int32)
        return Texts(starts, _flat(buffers[2]), hex=pa.types.is_binary(kind))
    raise TypeError(f"{row.__name__}: a natural key is made of text, bytes and integers, not {kind}")


def _flat(buffer: pa.Buffer | None) -> np.ndarray[t.Any, np.dtype[np.uint8]]:
    return np.empty(0, np.uint8) if buffer is None else np.frombuffer(memoryview(buffer), np.uint8)
