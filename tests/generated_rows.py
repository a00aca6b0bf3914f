"""Rows and tables for Hypothesis, made from the row types: their examples meet each other as real values do."""

from __future__ import annotations

import datetime as dt
import types
import typing as t

from hypothesis import strategies as st

from vigie.kernel.table import Table, of
from vigie.rows.base import Examples, Row, Size

TEXT = st.sampled_from(["", "a", "b", "c"])


def value(hint: t.Any) -> st.SearchStrategy[t.Any]:
    """Return values of one annotation: its examples where it has some."""
    if t.get_origin(hint) is t.Annotated:
        base, *notes = t.get_args(hint)
        for note in notes:
            if isinstance(note, Examples):
                return st.sampled_from(note.values)
        for note in notes:
            if isinstance(note, Size):
                return st.sampled_from([bytes([i]) * note.bytes for i in range(4)])
        return value(base)
    if t.get_origin(hint) in (t.Union, types.UnionType):
        (inner,) = (a for a in t.get_args(hint) if a is not type(None))
        return st.none() | value(inner)
    return {
        str: TEXT,
        int: st.integers(0, 9),
        float: st.sampled_from([0.0, 1.0, 2.5]),
        bool: st.booleans(),
        bytes: st.sampled_from([b"", b"u"]),
        dt.datetime: st.sampled_from([dt.datetime(2020, 1, day, tzinfo=dt.UTC) for day in (1, 2, 30)]),
    }[hint]


def rows(row: type[Row]) -> st.SearchStrategy[Row]:
    """Return single rows, their keys derived."""
    hints = {n: h for n, h in t.get_type_hints(row, include_extras=True).items() if n in row.__struct_fields__}
    fields = st.fixed_dictionaries({name: value(hint) for name, hint in hints.items() if name != "key"})
    return fields.map(lambda given: row.make(**given))


def tables(row: type[Row], most: int = 8) -> st.SearchStrategy[Table[t.Any]]:
    """Return tables of rows with different keys."""
    return st.lists(rows(row), max_size=most, unique_by=lambda one: one.key).map(lambda some: of(row, some))
