"""A table as a survey of its dump tells it, turned into rows: what steps that survey dumps share."""

from collections.abc import Iterator

from vigie.rows.artefacts import Field, Relation
from vigie.rows.wire import Surveyed

_COUNTS = ("name", "place", "again", "rows", "misfits", "said_next")


def rows_of(
    found: Surveyed, content: bytes, dialect: str, *, extent: str, beside: str = ""
) -> Iterator[Relation | Field]:
    """Give the table and its columns. ``beside``: the file that holds its rows, where that is another."""
    yield Relation.make(
        content=content,
        dialect=dialect,
        fields=len(found.columns),
        extent=extent,
        beside=beside,
        **{name: getattr(found, name) for name in _COUNTS},
    )
    for number, one in enumerate(found.columns):
        yield Field.make(content=content, relation=found.name, number=number, name=one.name, type=one.type)
