"""What the generator of practice forums knows: tests and benchmarks score answers on people against it.

Accounts are named as a dump names them: the dump by its locator, as vigie prints it after ``vigie add CASE
DIR/evidence/*``, and the account by its number there, as text.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Row
from vigie.rows.people import Id

Dump = t.Annotated[str, Examples(("server/var/backups/forum.sql.gz!forum.sql", "server/var/backups/shop.sql"))]


class TruthAccount(Row, frozen=True, kw_only=True):
    """An account, and the person behind it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump", "account")
    dump: Dump
    """Locator of the dump."""
    software: t.Annotated[str, Examples(("phpbb", "mybb", "xenforo", "custom"))]
    account: Id
    """Of a deleted account the one that it had: the dump holds no row of it any more."""
    name: str
    """As people read it: a dump may hold it with HTML's characters escaped."""
    person: t.Annotated[str, Examples(("0", "1", "2"))]
    """Accounts of one number are one person's."""
    role: t.Annotated[str, Examples(("administrator", "moderator", "uploader", "reposter", "paying", "reader"))]
    """The chief one: ``administrator``, ``moderator``, ``uploader`` (puts there what nobody has put there before),
    ``reposter`` (puts there what others did), ``paying``, ``reader``."""
    stated: bool
    """Do the platform's own tables say the role? Of administrators, moderators and paying members most do;
    that somebody uploads or reads only shows in what was done."""
    pays: bool
    """Has paid or is in a group of those who do: paying members, and some of whom another role is the chief one."""
    state: t.Annotated[str, Examples(("", "banned", "deleted"))]
    country: t.Annotated[str, Examples(("FR", "DE", "US"))]
    """Where the person lives, ISO 3166-1."""
    veil: t.Annotated[str, Examples(("", "vpn", "hosting", "tor", "tor, always"))]
    """What it comes through, mostly; ``tor, always``: never once from home."""
    travels: bool
    """Comes from other countries for some days a year."""
    language: str
    """That it writes in, at times."""
    registered: dt.datetime
    posts: int
    """How many of the dump are its own."""
    uploads: int


class TruthPair(Row, frozen=True, kw_only=True):
    """Two accounts of one person; or two of different persons that look like one."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump_a", "account_a", "dump_b", "account_b")
    dump_a: Dump
    account_a: Id
    dump_b: Dump
    account_b: Id
    same: bool
    """One person? False: a trap."""
    how: t.Annotated[str, Examples(("email", "pgp,jabber", "handle", ""))]
    """Kinds of identifiers that both show as their own, by comma; ``""``: none. Of traps: what they share by chance."""
    tell: t.Annotated[str, Examples(("exact", "handle", "soft", "nothing"))]
    """``exact``: an identifier with one owner. ``handle``: only a name; nobody else has it, or, of traps, anybody may.
    ``soft``: only addresses and hours. ``nothing``: not even those. ``quoted``, ``household``: only of traps."""


class TruthUpload(Row, frozen=True, kw_only=True):
    """A file of the evidence that an account put on a platform; forums made without media have none."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump", "attachment")
    dump: Dump
    attachment: Id
    account: Id
    person: str
    at: dt.datetime
    sha256: bytes
    """Of the file, as in ``truth.parquet``."""
    locator: str
    """Where it lies in the evidence."""
    family: str
    """As in ``truth.parquet``."""
    first: bool
    """Was this content nowhere before, on any platform of the sample?"""
    first_of_family: bool
    """... nor any other file of its family?"""


class TruthPayment(Row, frozen=True, kw_only=True):
    """A payment."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump", "payment")
    dump: Dump
    payment: Id
    account: Id
    at: dt.datetime
    amount: str
    currency: str
    processor: str
    address: str
    """Wallet that was paid to; ``""`` where none is."""
    direction: t.Annotated[str, Examples(("in", "out"))]


class TruthMention(Row, frozen=True, kw_only=True):
    """An identifier that stands in a dump."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump", "account", "kind", "value", "place", "number")
    dump: Dump
    account: Id
    """In whose row or text."""
    kind: str
    """As in ``rows.people.IDENTIFIERS``."""
    value: str
    """Plain: without spaces that group digits, e-mail in lower case, a PGP key by its fingerprint."""
    place: t.Annotated[str, Examples(("signature", "profile", "post", "message"))]
    """``signature`` and ``profile``: the account's own row, in whatever column the software has for its kind."""
    number: Id
    """Of the post or message; ``""`` in the account's own row."""
    own: bool
    """Of the person who wrote it? False: somebody else's, quoted."""
