"""A large table in stretches of one of its columns: each is read and worked on by itself, in little memory.

Where the files of a table are sorted by that column, or nearly, a query that asks for a stretch reads no more than
the row groups in which it lies, so that all stretches together are read once.
"""

from __future__ import annotations

import itertools
import typing as t

import pyarrow.parquet as pq

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.kernel.table import Table

MOST_READ: t.Final = 2
"""A table is not divided where all stretches together would read it more often than that."""


class _Group(t.NamedTuple):
    """What a file says of some of its rows."""

    least: str
    most: str
    rows: int


def stretches(table: Table[t.Any], column: str, rows: int) -> list[str]:
    """Return SQL conditions on a column of text, ascending, of which every row meets one, about ``rows`` each.

    One that all meet where the table lies in memory or its files are not sorted by that column, nor nearly.
    """
    groups = sorted(_groups(table, column))
    bounds, held = list[str](), 0
    for one in groups:
        if held >= rows and "\0" not in one.least and one.least not in bounds[-1:]:
            bounds.append(one.least)
            held = 0
        held += one.rows
    crossed = sum(one.rows * sum(one.least < bound <= one.most for bound in bounds) for one in groups)
    if not bounds or crossed > (MOST_READ - 1) * sum(one.rows for one in groups):
        return ["true"]
    said = ["'" + one.replace("'", "''") + "'" for one in bounds]
    between = (f"{column} >= {low} and {column} < {high}" for low, high in itertools.pairwise(said))
    return [f"{column} < {said[0]}", *between, f"{column} >= {said[-1]}"]


def _groups(table: Table[t.Any], column: str) -> Iterator[_Group]:
    """Yield what is said of each row group; one of which nothing is said goes from end to end."""
    for file in table.lying:
        about = pq.read_metadata(file)
        place = about.schema.to_arrow_schema().get_field_index(column)
        for number in range(about.num_row_groups):
            group = about.row_group(number)
            found = group.column(place).statistics
            if found is not None and found.has_min_max:
                yield _Group(str(found.min), str(found.max), group.num_rows)
            else:
                yield _Group("", chr(0x10FFFF), group.num_rows)
