"""People strand: what each account did, which role that makes, who comes first, and when it was.

An account is named by platform and id. What is counted are rows of the dump (``rows.people``); a fact is what the
platform's own tables of rights say, everything else about roles is an inference, and each row says which of the two.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.people import PLATFORMS, Id

ROLES = ("administrator", "moderator", "uploader", "paying", "technical", "member", "reader")
"""Gravest first. ``technical`` is nobody's (``Account.technical``), and always a fact; ``member`` writes and nothing
more, ``reader`` never wrote."""

Whose = t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]


class Activity(Row, frozen=True, kw_only=True):
    """What an account did, in numbers. One row for each account there is or that did something."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account")
    UNLIKE: ClassVar[frozenset[str]] = frozenset(
        {"key", "account", "account_row", "name", "registered", "first", "last", "hours"}
    )
    platform: Whose
    account: Id
    account_row: t.Annotated[Key, Of("account"), Examples((b"A" * 16,))] | None
    """Its row; None: the platform keeps none any more, only what it did."""
    name: str
    """As the account's row has it; where there is none, as written beside what it did."""
    registered: dt.datetime | None
    posts: int
    topics: int
    """Topics it opened."""
    replies: int
    """Posts in topics that others opened."""
    newcomers: int
    """Those of them in topics of accounts that were new then."""
    sections: int
    """Sections in which it wrote."""
    reach: int
    """Different accounts that wrote in topics it opened."""
    sent: int
    """Private messages it wrote."""
    received: int
    """Private messages of others that went to it, or into conversations it is in."""
    partners: int
    """Different accounts with which it exchanged any."""
    uploads: int
    moderation: int
    """Rows of the moderators' log by it."""
    edits: int
    """Posts of others that it edited last."""
    admin_events: int
    """Rows of the administrators' log by it."""
    payments_in: int
    """Orders and payments under its name to the platform."""
    payments_out: int
    """Payments under its name from the platform."""
    complaints: int
    """Complaints of members about it, its posts or its messages."""
    events: int
    """Log-ins, sessions and the like."""
    first: dt.datetime | None
    """Its first act with a time that can be."""
    last: dt.datetime | None
    days: int
    """Days (UTC) on which it did something."""
    hours: str
    """24 numbers: on how many days it did something in that hour (UTC), from 0 to 23."""
    night_from: int | None
    """UTC hour at which its longest quiet stretch of the day begins; None: too little is known."""
    night_hours: int
    """How long that is."""
    ips: int
    """Different addresses it came from."""


class Role(Row, frozen=True, kw_only=True):
    """A role of an account, with what says so. A fact and an inference of the same role are two rows."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "role", "basis")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "activity", "account_row"})
    platform: Whose
    account: Id
    role: t.Annotated[str, Examples(ROLES)]
    basis: t.Annotated[str, Examples(("fact", "inference"))]
    """``fact``: the platform's own tables of rights say so. ``inference``: what the account did suggests it, a person
    decides (``docs/people.md``, how often it is wrong)."""
    score: float
    """Of a fact 1. Of an inference what its signs come to, 0-1: an order, not a probability."""
    ended: dt.datetime | None
    """When the last of the rights that say so ran out, where all of them did."""
    reason: str
    activity: t.Annotated[Key, Of("activity"), Examples((b"V" * 16,))] | None
    """The account in numbers: what an inference rests on."""
    account_row: t.Annotated[Key, Of("account"), Examples((b"A" * 16,))] | None
    """The account's own mark says so, or its group."""
    membership: t.Annotated[Key, Of("membership"), Examples((b"M" * 16,))] | None
    usergroup: t.Annotated[Key, Of("usergroup"), Examples((b"U" * 16,))] | None
    granted: t.Annotated[Key, Of("grant"), Examples((b"R" * 16,))] | None
    moderation: t.Annotated[Key, Of("moderation"), Examples((b"D" * 16,))] | None
    """The first of the acts an inference counts; the same of the next three."""
    event: t.Annotated[Key, Of("event"), Examples((b"E" * 16,))] | None
    attachment: t.Annotated[Key, Of("attachment"), Examples((b"T" * 16,))] | None
    payment: t.Annotated[Key, Of("payment"), Examples((b"Y" * 16,))] | None


class Ranked(Row, frozen=True, kw_only=True):
    """The place of an account among all of the case, by what it did. Rank 1 comes first."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account")
    ORDER: ClassVar[tuple[str, ...]] = ("rank", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "activity", "name", "rank", "rank_on_platform"})
    platform: Whose
    account: Id
    activity: t.Annotated[Key, Of("activity"), Examples((b"V" * 16,))]
    name: str
    rank: t.Annotated[int, Examples((1, 2, 3))]
    rank_on_platform: t.Annotated[int, Examples((1, 2, 3))]
    points: float
    """Sum of the points of its factors."""
    facts: str
    """Roles that are facts, gravest first."""
    inferred: str
    """Roles that are inferences, where they are no facts."""


class Factor(Row, frozen=True, kw_only=True):
    """One reason for the place of an account: a value, its weight, and the points they give."""

    NATURAL: ClassVar[tuple[str, ...]] = ("ranked", "name")
    ranked: t.Annotated[Key, Of("ranked")]
    platform: Whose
    account: Id
    name: str
    value: float
    weight: float
    points: float
    text: str


class Timeline(Row, frozen=True, kw_only=True):
    """How much was done in a stretch of time, on a platform or by one of its first accounts. Empty ones have no row."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "unit", "slot")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "account", "unit", "slot", "key")
    platform: Whose
    account: t.Annotated[str, Examples(("", "1", "2"))]
    """``""``: the whole platform."""
    unit: t.Annotated[str, Examples(("hour", "day", "week", "weekhour"))]
    """``week``: from Monday. ``weekhour``: hour of the week, all weeks together."""
    slot: t.Annotated[int, Examples((0, 1, 2))]
    """Hours, days or weeks since Monday 1969-12-29 00:00 UTC; of ``weekhour`` 0 (Monday, from 00:00) to 167."""
    begins: dt.datetime | None
    """When it begins, UTC; None of ``weekhour``."""
    registrations: int
    posts: int
    messages: int
    uploads: int
    events: int


class Oddity(Row, frozen=True, kw_only=True):
    """Something odd about times, names or numbers: a remark, with how often. ``account`` ``""``: the whole platform."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "kind")
    platform: Whose
    account: t.Annotated[str, Examples(("", "1", "2"))]
    kind: t.Annotated[str, Examples(("no_time", "future", "silence"))]
    """``no_time``, ``future``, ``before_registration``, ``clock_back``, ``silence``, ``nameless``, ``double_id``,
    ``no_id``."""
    count: int
    first: dt.datetime | None
    last: dt.datetime | None
    text: str
