"""Room 2 of the people strand: which platforms of a case are one platform at several dates, and what that changes.

That two are is an inference with its figures (``docs/decisions/0012-copies.md``). Nothing is taken away: rows stand
where they were read, and these tables say which of them a later state of the same platform has again.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.people import PLATFORMS

COPY = " of copy "
"""Between the name of a table, or the number of an account, and the first digits of the platform it was read of: what
counts for the latest copy and is not its own."""


class Copy(Row, frozen=True, kw_only=True):
    """Two platforms of one software, compared: are they one platform at two dates? An inference, with its figures."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "later")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """The older one ..."""
    later: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """... and the later, by ``ends``; where these are equal, by the number of accounts, then by key."""
    verdict: t.Annotated[str, Examples(("copy", "apart"))]
    """``apart`` where it is not clear: then each counts for itself."""
    counts_as: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """Under which platform the accounts of the older one count: the latest of all its copies, or itself."""
    accounts: int
    """Of the one that has fewer."""
    shared: int
    """Numbers of accounts that both have, with a moment of registration."""
    same: int
    """Of these, those with the same name and the same moment of registration."""
    renamed: int
    """With the same moment of registration and another name."""
    ends: dt.datetime | None
    """When the third latest thing of the older one happened, so that one wrong clock does not decide."""
    later_ends: dt.datetime | None
    text: str
    """Why, for people."""


class Layer(Row, frozen=True, kw_only=True):
    """A table of a dump of which the case has a later state, and how its rows compare with that.

    The later state lies in a later copy of the platform, or further on in the same dump, which declares it again.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "into")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    into: t.Annotated[str, Examples(("account", "post"))]
    """Table of vigie that its rows went to."""
    counts_as: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """Platform of the latest state."""
    before: int | None
    """Byte at which the dump declares the table anew: rows before are of this layer. None: all of them are."""
    rows: int
    same: int
    """Rows that a later state has unchanged: they count there."""
    changed: int
    """Rows that a later state has with other values: they count there; what names an account is read of both."""
    only: int
    """Rows that no later state has: deleted since, or never saved there. They count, and are ``remnant`` rows."""
    alone: bool
    """No later state has this table at all: its rows count, and that says nothing of a deletion."""


class Remnant(Row, frozen=True, kw_only=True):
    """A row that only an older state of its platform has, or that a later one has otherwise."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "row_key")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """The older copy."""
    into: t.Annotated[str, Examples(("account", "post"))]
    """Table of the row."""
    row_key: t.Annotated[Key, Examples((b"A" * 16, b"C" * 16))]
    """Its key."""
    kind: t.Annotated[str, Examples(("only", "changed", "reused"))]
    """``only``: no later state has it. ``changed``: one has it with other values. ``reused``: an account whose number
    a later state gives to another one; it counts by itself, as ``<number> of copy <first digits of the platform>``."""
    account: t.Annotated[str, Examples(("1", "2"))]
    """Whose row it is, by its number there; ``""``: nobody's."""
    ends: dt.datetime | None
    """How far the older copy goes; None where the older state lies in the same dump."""
