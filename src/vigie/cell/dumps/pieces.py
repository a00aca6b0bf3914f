"""What a reader of dumps gives, whatever the dump is written in: tables, rows in batches, and what is odd.

Each reader is a function ``read(file, want)`` that yields such pieces in the order of the dump, in bounded memory.
Where the rows of a table lie in a file beside the one that declares it, ``read(file, rows, name, want)`` is given both,
and the name of the one with the rows.
"""

from __future__ import annotations

import typing as t

from vigie.cell.dumps.create import Column, Created

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vigie.numeric.tuples import Rows


class Batch(t.NamedTuple):
    """Rows of a table, as many as were at hand. They are good until the next piece is asked for."""

    table: str
    columns: list[Column]
    """Of the statement: those of its own list, else of ``CREATE TABLE``."""
    rows: Rows
    charset: str


Code: t.TypeAlias = t.Literal[
    "executable", "malformed", "width", "no_table", "truncated", "unread", "beside", "charset", "assumed"
]
LARGE: t.Final = "pg_largeobject"
"""Where PostgreSQL keeps its large objects."""


class Odd(t.NamedTuple):
    """What was passed over, and why."""

    code: Code
    detail: str
    place: int
    table: str = ""
    """Whose rows it may cost; ``""``: those of any."""
    many: int = 1


class Said(t.NamedTuple):
    """What the dump says of itself."""

    text: str
    place: int


class Beside(t.NamedTuple):
    """Says that the rows of a table lie in another file."""

    table: str
    file: str


Piece: t.TypeAlias = Created | Batch | Odd | Said | Beside
Want: t.TypeAlias = "Callable[[str, list[Column]], list[int]]"
"""Which columns of a table are kept, by number, ascending."""
Reader: t.TypeAlias = "Callable[[t.BinaryIO, Want], Iterator[Piece]]"
Paired: t.TypeAlias = "Callable[[t.BinaryIO, t.BinaryIO, str, Want], Iterator[Piece]]"
