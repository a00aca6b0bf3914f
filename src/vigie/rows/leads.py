"""Room 6, leads: what a person should look at, in which order, and why."""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.matches import STANDINGS


class Lead(Row, frozen=True, kw_only=True):
    """One group in the queue. Rank 1 comes first."""

    NATURAL: ClassVar[tuple[str, ...]] = ("group",)
    group: t.Annotated[Key, Of("group"), Examples((b"G" * 16, b"g" * 16))]
    rank: int
    standing: t.Annotated[str, Examples(STANDINGS)]
    points: float
    """Sum of the points of its reasons; orders the leads of one standing."""
    look: bool
    """Must a person look at it? Listed and benign groups need not be seen."""
    kind: t.Annotated[str, Examples(("image", "video", "mixed"))]
    contents: int
    files: int
    example: str
    """Locator of one file of the representative; in a listed group of a member that no list names, if it has one."""


class Reason(Row, frozen=True, kw_only=True):
    """One reason for the place of a lead: a value, its weight, and the points they give."""

    NATURAL: ClassVar[tuple[str, ...]] = ("lead", "name")
    lead: t.Annotated[Key, Of("lead")]
    name: str
    value: float
    weight: float
    points: float
    text: str
