"""Room 2 of the people strand: which platforms of a case are one platform at several dates, and what that changes.

That two are is an inference with its figures (``docs/decisions/0012-copies.md``). Nothing is taken away: rows stand
where they were read, and these tables say which of them a later state of the same platform has again. What a later
state has not is only gone where that was read: a dump that is cut off says nothing of what stood behind the cut.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.people import PLATFORMS

COPY = " of copy "
"""Between the name of a table, or the number of an account, and the first digits of the platform it was read of: what
counts for the latest copy and is not its own."""
STATES = ("whole", "empty", "cut", "open", "damaged", "unread")
"""How much of a table was read. ``whole``: all of it. ``cut``: the dump is cut off in it, or before its rows.
``open``: it comes last, and nothing says whether the dump is whole. ``damaged``: some rows could not be read.
``unread``: reading stopped before its end. ``empty``: it is declared and has no row: emptied, or saved without."""
LATER = ("whole", "passed", "there", "empty", "cut", "open", "damaged", "unread", "missing", "unordered")
"""How a row, or a table, stands to later states. ``whole``: one was read whole and has it no more. ``passed``: the
later table is cut off further on; its rows lie in the order of their numbers, and this one is not among them.
``there``: a later state has it, or another account under its number. ``empty``, ``cut``, ``open``, ``damaged``,
``unread``: of no later state is so much read that one could say. ``missing``: the later dump is whole and has no such
table.
``unordered``: which dump is the later is not known."""
GONE = ("whole", "passed")
"""Of these: the row was there, and later was not."""


class Extent(Row, frozen=True, kw_only=True):
    """How much of a table of a platform was read: only where all was, a row that is not there is gone.

    One row of each platform is of its dump as a whole, with no ``relation`` and no ``into``: behind a cut may also
    stand tables of which nothing is known.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "into")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts", ""))]
    into: t.Annotated[str, Examples(("account", "post", ""))]
    """Table of vigie that its rows went to."""
    state: t.Annotated[str, Examples(STATES)]
    """One of ``STATES``."""
    rows: int
    """Rows that came of it."""
    left: int
    """Rows of the dump that the mapping leaves out of it: what is not among the others may be one of them."""
    upto: int | None
    """Of a table that is not whole: its rows lie in the order of their numbers up to this one, so none below it is
    behind the cut. None: they do not, or have none."""
    text: str
    """Why, for people."""


class Copy(Row, frozen=True, kw_only=True):
    """Two platforms of one software, compared: are they one platform at two dates? An inference, with its figures."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "later")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """The older one ..."""
    later: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """... and the later, as ``dated_by`` says."""
    verdict: t.Annotated[str, Examples(("copy", "apart"))]
    """``apart`` where it is not clear: then each counts for itself."""
    counts_as: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    """Under which platform the accounts of the older one count: the latest of all its copies, or itself."""
    dated_by: t.Annotated[str, Examples(("counters", "moments", "ends", "unknown"))]
    """By what the later was told: ``counters`` (``AUTO_INCREMENT``, which a cut leaves alone), ``moments`` (when the
    same accounts were last there, when the same posts were edited), ``ends``; ``unknown``: by nothing sure."""
    accounts: int
    """Of the one that has fewer."""
    shared: int
    """Numbers of accounts that both have, with a moment of registration."""
    same: int
    """Of these, those with the same name and the same moment of registration."""
    renamed: int
    """With the same moment of registration and another name."""
    named: int
    """Numbers of accounts that both have, with a name, and one of them without such a moment ..."""
    alike: int
    """... and of these, those with the same name or the same e-mail address."""
    things: int
    """Numbers of posts, topics, messages and files that both have (of a sample, where there are millions) ..."""
    things_same: int
    """... and of these, those of the same moment; where there is none, of the same text."""
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
    """Rows that no later state has as far as these were read. They count, and are ``remnant`` rows ..."""
    gone: int
    """... and so many of them were gone by the later date: that was read, and has them not."""
    alone: bool
    """No later state has this table at all: its rows count, and that says nothing of a deletion."""
    later_read: t.Annotated[str, Examples(LATER)]
    """How much of the later state was read: one of ``LATER``."""
    text: str
    """The same, for people."""


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
    """``only``: no later state that was read has it. ``changed``: one has it with other values. ``reused``: an account
    whose number a later state gives to another one; it counts by itself, as ``<number> of copy <first digits of the
    platform>``."""
    later_read: t.Annotated[str, Examples(LATER)]
    """One of ``LATER``: ``whole`` and ``passed`` say that it was gone; all but ``there`` that it may have stood there
    still."""
    absent_because: str
    """The same, for people; ``""`` where a later state has it."""
    gone_by: dt.datetime | None
    """How far that later copy goes in which it was gone first; None where that is not known."""
    account: t.Annotated[str, Examples(("1", "2"))]
    """Whose row it is, by its number there; ``""``: nobody's."""
    ends: dt.datetime | None
    """How far the older copy goes; None where the older state lies in the same dump."""
