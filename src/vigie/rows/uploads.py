"""Room 5, groups: which account put which content on a platform, and who was first."""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.matches import STANDINGS
from vigie.rows.people import IDS, PLATFORMS


class Upload(Row, frozen=True, kw_only=True):
    """An attachment of a platform and a content of the case that is, or may be, what was attached."""

    NATURAL: ClassVar[tuple[str, ...]] = ("attachment", "content")
    attachment: t.Annotated[Key, Of("attachment"), Examples((b"A" * 16, b"a" * 16))]
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: t.Annotated[str, Examples(IDS)]
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    at: dt.datetime | None
    by: t.Annotated[str, Examples(("digest", "path", "both"))]
    """``digest``: the platform keeps that of its content. ``path``: it lies where the platform says. ``both``."""
    sure: bool
    """False: the stored path alone speaks for it, and fits files of several contents."""


class Uploader(Row, frozen=True, kw_only=True):
    """An account, not of guests or of a program, that uploaded something of a group of media."""

    NATURAL: ClassVar[tuple[str, ...]] = ("group", "platform", "account")
    group: t.Annotated[Key, Of("group"), Examples((b"G" * 16, b"g" * 16))]
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: t.Annotated[str, Examples(IDS)]
    standing: t.Annotated[str, Examples(STANDINGS)]
    """Of the group."""
    uploads: int
    contents: int
    at: dt.datetime | None
    """Its first upload of the group."""
    place: int
    """1: nobody in the case, guest or not, is known to have uploaded anything of the group before it; 0 where no time
    says so. Uploads of the same second share a place, and the next place is that much later (1, 1, 3)."""
    alone: bool
    """It has its place for itself. Where place 1 is shared, with a guest too, nobody is the first."""
    undated: int
    """Uploads of the group, by anybody, that have no time: each of them may have come first."""


class Producer(Row, frozen=True, kw_only=True):
    """How much an account brought that nobody had brought before: an inference, and a reason to look at it first.

    Who is first in what was seized need not have made it: it may have come from elsewhere.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: t.Annotated[str, Examples(IDS)]
    name: t.Annotated[str, Examples(("amber_fox", "north"))]
    rank: int
    uploads: int
    groups: int
    """Groups of which it uploaded something."""
    firsts: int
    """Of them, those of which it was the first to, alone in its second."""
    firsts_open: int
    """Of those, groups that no list names: new or near."""
    first: dt.datetime | None
    last: dt.datetime | None
