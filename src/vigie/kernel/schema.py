"""Row type in, Arrow schema out - and the SQL that derives a row's key."""

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


@functools.cache
def key_sql(row: type[Row]) -> str:
    """Return the SQL expression that derives ``key`` from the natural key, as ``rows.base.key_of`` does."""
    kinds = schema(row)
    parts = [f"'{row.table()}'"]
    for name in row.NATURAL:
        kind = kinds.field(name).type
        if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
            parts.append(f'lower(hex("{name}"))')
        elif pa.types.is_string(kind) or pa.types.is_integer(kind):
            parts.append(f'cast("{name}" as varchar)')
        else:
            raise TypeError(f"{row.__name__}.{name}: a natural key is made of text, bytes and integers, not {kind}")
    return f"unhex(substr(sha256(concat_ws(chr(31), {', '.join(parts)})), 1, 32))"
