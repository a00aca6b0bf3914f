"""The entries of a TagPack by fields, however they were read: as maps of words, or found in the bytes."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.tags.found import Column

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ODD: t.Final = ("", 0)
"""Stands for a value that is no text and no list of texts."""


class Entries(t.NamedTuple):
    """What the entries say, each by its place among them."""

    many: int
    columns: dict[str, Column]
    """Field -> texts, tuples of texts, or ``ODD``."""

    def only(self, kept: NDArray[np.bool_]) -> Entries:
        """Return some of the entries, with the values that they have."""
        columns = {}
        for name, one in self.columns.items():
            codes = one.codes[kept]
            used, places = np.unique(codes, return_inverse=True)
            said = [one.values[at] for at in used.tolist() if at >= 0]
            columns[name] = Column((places - (len(used) > len(said))).astype(np.int32), said)
        return Entries(int(kept.sum()), columns)


def of_maps(maps: Sequence[dict[str, t.Any]]) -> Entries:
    """Return maps of words by fields."""
    names = dict.fromkeys(name for shape in dict.fromkeys(map(tuple, maps)) for name in shape)  # shapes are few
    return Entries(len(maps), {name: coded([plain(one.get(name)) for one in maps]) for name in names})


def coded(values: list[t.Any]) -> Column:
    """Return a field by its different values, of those that ``plain`` gives."""
    places: dict[t.Any, int] = {None: -1}
    codes = [places.setdefault(one, len(places) - 1) for one in values]
    return Column(np.array(codes, np.int32), [one for one in places if one is not None])


def plain(value: t.Any) -> t.Any:
    """Return a value so that it can be told from others: a text, a list of texts as a tuple, None, else ``ODD``."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return (value or None) if isinstance(value, str) or value is None else ODD


def first_of(column: Column, other: Column) -> Column:
    """Return a field's value where it says one, else that of another field."""
    codes = np.where(column.codes >= 0, column.codes, np.where(other.codes >= 0, other.codes + len(column.values), -1))
    return _used(Column(codes.astype(np.int32), [*column.values, *other.values]))


def filled(column: Column, value: t.Any) -> Column:
    """Return a field that says this where it says nothing."""
    nothing = column.codes < 0
    if not nothing.any():
        return column
    return Column(np.where(nothing, np.int32(len(column.values)), column.codes), [*column.values, value])


def _used(column: Column) -> Column:
    return Entries(len(column.codes), {"": column}).only(np.ones(len(column.codes), bool)).columns[""]
