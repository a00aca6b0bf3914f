"""What a reader of tags gives: fields in columns, actors, and what was left out."""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.cell.lists.reading.text import cleaned
from vigie.rows.wire import ActorEntry, Trouble

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TROUBLES: t.Final = 200
MOST_TAGS: t.Final = 20_000_000
NO_TIME: t.Final = -(1 << 63)


class Troubles:
    """What is wrong with a pack, the first of it in words."""

    def __init__(self) -> None:
        self.told: list[Trouble] = []
        self.rejected = 0

    def add(self, code: str, detail: str, number: int = 0) -> None:
        """Tell of something; beyond a bound only its number is kept."""
        if len(self.told) < MOST_TROUBLES:
            self.told.append(Trouble(number=number, code=code, detail=cleaned(detail, 400), counts=False))

    def reject(self, number: int, why: str) -> None:
        """Leave an entry out."""
        self.rejected += 1
        self.add("bad_entry", why, number)


class Column(t.NamedTuple):
    """A field of all tags, by its different values: of a million tags most fields have a few hundred."""

    codes: NDArray[np.int32]
    """Of each tag, which of the values it has; -1: it says nothing."""
    values: list[t.Any]


class Found(msgspec.Struct, kw_only=True):
    """A file of tags or actors, read."""

    format: str
    title: str = ""
    creator: str = ""
    description: str = ""
    tags: int = 0
    texts: dict[str, str | Column] = {}
    """Field -> its value, where it is the same in all tags, or a column of texts in which each tag has one."""
    lastmod: NDArray[np.int64] = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))
    """Of each tag, microseconds since 1970; ``NO_TIME`` where it says none."""
    scripts: Column = msgspec.field(default_factory=lambda: Column(np.zeros(0, np.int32), []))
    """Of each tag, bytes; empty where it has none."""
    actors: list[ActorEntry] = []
    troubles: Troubles
