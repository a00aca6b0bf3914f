"""Row type in, Arrow schema out."""

from __future__ import annotations

import datetime as dt
import functools
import types
import typing as t

import pyarrow as pa

from vigie.rows.base import Row, Size

_PLAIN: dict[t.Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    dt.datetime: pa.timestamp("us", "UTC"),
    list[int]: pa.list_(pa.int64()),  # in rows of passing use
    list[float]: pa.list_(pa.float64()),
}


def _arrow(hint: t.Any) -> tuple[pa.DataType, bool]:
    """Arrow type and nullability of one annotation."""
    if t.get_origin(hint) is t.Annotated:
        base, *notes = t.get_args(hint)
        kind, null = _arrow(base)
        for note in notes:
            if isinstance(note, Size):
                kind = pa.binary(note.bytes)
        return kind, null
    if t.get_origin(hint) in (t.Union, types.UnionType):
        (inner,) = (a for a in t.get_args(hint) if a is not type(None))
        return _arrow(inner)[0], True
    return _PLAIN[hint], False


@functools.cache
def schema(row: type[Row]) -> pa.Schema:
    """Return the Arrow schema that the row type declares, its columns in the order of the type."""
    hints = t.get_type_hints(row, include_extras=True)
    fields: list[pa.Field[t.Any]] = []
    for name in row.__struct_fields__:
        kind, null = _arrow(hints[name])
        fields.append(pa.field(name, kind, nullable=null))
    return pa.schema(fields, metadata={"table": row.table(), "natural": ",".join(row.NATURAL)})
