r"""Room 2, artefacts of the people strand: what the database of a platform holds, in the same terms whatever wrote it.

Each row was made of one row of one table of a dump by one rule of a mapping (``docs/databases.md``), and says which.
Numbers that name things on a platform (accounts, posts ...) are text: some platforms use words. Empty text and None:
the platform does not say. Times are UTC; IP addresses are in their shortest text form, an IPv4 one mapped into
IPv6 as IPv4. Text is as it stood there, whatever its markup; a byte that is not text in the dump's character set
stands as ``\xe9``.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Key, Of, Row, Sha256

PLATFORMS = (b"P" * 16, b"p" * 16)
IDS = ("1", "2", "3", "4")
Id = t.Annotated[str, Examples(IDS)]
Ip = t.Annotated[str, Examples(("", "192.0.2.7", "198.51.100.23", "2001:db8::1"))]


class Platform(Row, frozen=True, kw_only=True):
    """One platform in one dump: whose software it is, by which tables that was told, and how its rows are read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "prefix", "mapping")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    prefix: t.Annotated[str, Examples(("", "phpbb_", "forum.mybb_"))]
    """What the names of its tables begin with."""
    software: t.Annotated[str, Examples(("phpbb3", "mybb", "custom"))]
    """Name of the mapping."""
    title: str
    """For people: ``phpBB 3``."""
    score: float
    """Share of the tables and columns that tell this software which are there; 0-1."""
    missing: str
    """Those that are not."""
    mapping: str
    """The whole mapping as JSON: what was read is repeated with nothing else."""
    size_bytes: int = 0
    """Of the dump."""


class Mapped(Row, frozen=True, kw_only=True):
    """A column of a dump and what it is read as; one row also for each column that nothing reads."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "relation", "column", "platform", "rule", "field")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    column: t.Annotated[str, Examples(("user_id", "user_ip"))]
    platform: t.Annotated[bytes, Of("platform"), Examples((*PLATFORMS, b""))]
    """Key of the platform whose mapping reads it; empty where none does."""
    rule: str
    into: t.Annotated[str, Examples(("account", "post", ""))]
    """Table of vigie that it goes to; ``""``: it is not read."""
    field: t.Annotated[str, Examples(("name", "registered", ""))]


class Taken(Row, frozen=True, kw_only=True):
    """How many rows of a table of a dump became rows of vigie by one rule: nothing goes without being counted."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "rule")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    rule: str
    into: t.Annotated[str, Examples(("account", "post"))]
    read: int
    """Rows of the dump that were looked at."""
    made: int
    """Rows that came of them; may be more, where one row names several (the groups of an account)."""
    left: int
    """Rows of the dump of which none came, since the rule's condition leaves them out."""


class _Read(Row, frozen=True, kw_only=True):
    """A row that was read from a row of a dump."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "number", "rule", "part")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "relation", "number", "rule", "part", "key")
    PARTS: ClassVar[bool] = True
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "number", "place", "id", "at", "text"})
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    """The table of the dump."""
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    """Which row of that table, from 1, in the order of the dump."""
    place: int
    """Where the row begins: a byte of the dump; of SQLite its rowid."""
    rule: t.Annotated[str, Examples(("account", "registered"))]
    """Name of the rule of the mapping that made it."""
    part: t.Annotated[int, Examples((0,))]
    """Which of several made of the same row by the same rule, from 0."""


class Account(_Read, frozen=True, kw_only=True):
    """An account of a platform."""

    id: Id
    name: t.Annotated[str, Examples(("amber_fox", "north", "q7"))]
    email: t.Annotated[str, Examples(("", "north@example.org"))]
    registered: dt.datetime | None
    last_seen: dt.datetime | None
    registration_ip: Ip
    last_ip: Ip
    born: str
    """As the account says it."""
    language: t.Annotated[str, Examples(("", "en", "fr", "de"))]
    time_zone: t.Annotated[str, Examples(("", "Europe/Paris", "1.00"))]
    rank: str
    """Title under the name."""
    posts_said: int | None
    """How many posts the platform says it wrote."""
    state: t.Annotated[str, Examples(("", "banned", "inactive", "bot", "guest", "deleted"))]
    admin: bool | None
    """The platform's own mark beside the account, where it has one."""
    moderator: bool | None
    usergroup: t.Annotated[str, Examples(("", "5"))]
    """The group it is shown in."""
    password: bool
    """A password or a hash of one is kept there. It is counted, and never read out."""
    technical: t.Annotated[str, Examples(("", "", "a program (user_type 2)"))] = ""
    """Nobody's: by what the platform's own tables tell that it stands for guests, for a program, or for the software
    itself; ``""``: they do not say so. It is neither ranked nor counted by country (``docs/people.md``)."""


class Profile(_Read, frozen=True, kw_only=True):
    """One thing an account says of itself."""

    account: Id
    kind: t.Annotated[str, Examples(("email", "phone", "messenger", "website", "signature", "about", "location"))]
    """``email``, ``phone``, ``messenger``, ``website``, ``signature``, ``about``, ``location``, ``wallet``,
    ``payment``, ``device``, ``external`` (an account elsewhere), ``other``."""
    name: t.Annotated[str, Examples(("jabber", "icq", "user_website"))]
    """What the platform calls it."""
    value: str


class Usergroup(_Read, frozen=True, kw_only=True):
    """A group of accounts."""

    id: t.Annotated[str, Examples(("5", "4"))]
    name: t.Annotated[str, Examples(("ADMINISTRATORS", "REGISTERED"))]
    admin: bool | None
    """Does the platform make its members administrators?"""
    moderator: bool | None
    paying: bool | None
    """Does one pay to be in it?"""


class Membership(_Read, frozen=True, kw_only=True):
    """An account is in a group."""

    account: Id
    usergroup: t.Annotated[str, Examples(("5", "4"))]
    leader: bool
    pending: bool
    since: dt.datetime | None
    until: dt.datetime | None


class Grant(_Read, frozen=True, kw_only=True):
    """The platform lets an account, or a group, do something, everywhere or in one section."""

    account: t.Annotated[str, Examples(("", *IDS))]
    usergroup: t.Annotated[str, Examples(("", "5"))]
    section: t.Annotated[str, Examples(("", "1"))]
    """``""``: everywhere."""
    right: t.Annotated[str, Examples(("a_", "m_delete", "ROLE_ADMIN_FULL"))]
    """What the platform calls it."""
    gives: t.Annotated[str, Examples(("administrator", "moderator", ""))]
    """The role that it makes; ``""``: none."""


class Section(_Read, frozen=True, kw_only=True):
    """A part of a platform: a board, a category."""

    id: Id
    parent: str
    name: str
    description: str
    locked: bool
    """A password is needed."""


class Topic(_Read, frozen=True, kw_only=True):
    """A thread."""

    id: Id
    section: t.Annotated[str, Examples(("1", "2"))]
    account: Id
    name: str
    """Of the account, as written there."""
    at: dt.datetime | None
    title: str
    state: t.Annotated[str, Examples(("", "deleted", "hidden"))]


class Post(_Read, frozen=True, kw_only=True):
    """A post that all members of a section may read."""

    id: Id
    topic: t.Annotated[str, Examples(("1", "2"))]
    section: t.Annotated[str, Examples(("", "1", "2"))]
    account: Id
    """``""`` or ``0``: a guest, or an account that was deleted."""
    name: str
    """As written beside the post: it outlives the account."""
    at: dt.datetime | None
    ip: Ip
    subject: str
    text: str
    state: t.Annotated[str, Examples(("", "deleted", "hidden", "waiting"))]
    edited: dt.datetime | None
    editor: str
    """Account that edited it last."""


class Message(_Read, frozen=True, kw_only=True):
    """A private message."""

    id: Id
    conversation: str
    account: Id
    """Who wrote it."""
    name: str
    at: dt.datetime | None
    ip: Ip
    subject: str
    text: str
    state: str


class Recipient(_Read, frozen=True, kw_only=True):
    """An account to which a private message went, or that is in a conversation."""

    message: t.Annotated[str, Examples(("", *IDS))]
    conversation: t.Annotated[str, Examples(("",))]
    account: Id


class Event(_Read, frozen=True, kw_only=True):
    """An account was there: a log-in, a session, an act, with the address it came from."""

    account: Id
    name: str
    """As written, where no account is known."""
    at: dt.datetime | None
    ip: Ip
    action: t.Annotated[str, Examples(("register", "login", "session", "post"))]
    """``register``, ``login``, ``login_failed``, ``session``, ``seen``, ``post``, ``message``, ``upload``, ``search``,
    ``vote``, ``admin``, ``moderate``, ``pay``, ``other``."""
    agent: t.Annotated[str, Examples(("", "Mozilla/5.0"))]
    """Browser, as it says itself."""
    forwarded: str
    """``X-Forwarded-For``, as it stood."""
    device: str
    detail: str


class Attachment(_Read, frozen=True, kw_only=True):
    """A file that an account put there."""

    id: Id
    account: Id
    post: t.Annotated[str, Examples(("", *IDS))]
    message: t.Annotated[str, Examples(("", *IDS))]
    at: dt.datetime | None
    name: t.Annotated[str, Examples(("", "lake.jpg"))]
    """As the account called it."""
    path: t.Annotated[str, Examples(("", "files/2_0a1b", "a.jpg"))]
    """Where it lies on the server, below the platform's folder, or the end of that."""
    digest: t.Annotated[str, Examples(("", "11" * 16))]
    """Hex: MD5, SHA-1 or SHA-256 of its content, told by length; ``""`` where the platform keeps none."""
    size_bytes: int | None
    downloads: int | None


class Payment(_Read, frozen=True, kw_only=True):
    """An order or a payment."""

    id: Id
    account: Id
    at: dt.datetime | None
    amount: t.Annotated[str, Examples(("", "25.00"))]
    """As written; never a float."""
    currency: t.Annotated[str, Examples(("", "EUR", "BTC"))]
    processor: t.Annotated[str, Examples(("", "paypal", "bitcoin"))]
    address: str
    """Wallet address."""
    transaction: str
    payer: str
    """What the processor calls whoever paid."""
    status: str
    direction: t.Annotated[str, Examples(("in", "out"))]
    """``in``: to the platform. ``out``: from it."""
    order: Id
    """The ``id`` of the order that it pays, where a row of its own says who ordered; ``""``: it is that row."""
    detail: str


class Moderation(_Read, frozen=True, kw_only=True):
    """Somebody of the staff did something: banned, deleted, moved, warned."""

    account: Id
    """Who did it; ``""`` where that is not kept."""
    action: t.Annotated[str, Examples(("ban", "delete", "edit", "move", "warn", "approve", "other"))]
    target: t.Annotated[str, Examples(("", *IDS))]
    """Account to which it was done."""
    post: str
    topic: str
    section: str
    at: dt.datetime | None
    ip: Ip
    until: dt.datetime | None
    detail: str


class Complaint(_Read, frozen=True, kw_only=True):
    """A member reported something to the staff of the platform."""

    id: Id
    account: Id
    """Who reported."""
    target: str
    post: str
    message: str
    at: dt.datetime | None
    text: str


class Mention(Row, frozen=True, kw_only=True):
    """An identifier that stands in a text or a field of a dump: an address, a wallet, a key."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "number", "column", "start", "kind")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "relation", "number", "column", "start", "kind", "key")
    PARTS: ClassVar[bool] = True
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "number", "start", "context"})
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    column: t.Annotated[str, Examples(("post_text", "user_sig"))]
    start: int
    """Where in the value it begins, in bytes of UTF-8."""
    kind: t.Annotated[str, Examples(("email", "btc", "pgp", "phone"))]
    """One of ``IDENTIFIERS``."""
    value: str
    """In the form in which two are compared (``docs/identifiers.md``)."""
    checked: bool
    """A checksum or a like rule holds: not chance."""
    quoted: bool
    """Does it stand in a quotation: is it somebody else's?"""
    context: str
    """A few words round it, on one line."""


class Secret(Row, frozen=True, kw_only=True):
    """A private key or a seed that stood in a text of a dump: sealed, since whoever reads it can spend and sign.

    In the row of the text a mark stands in its place. ``vigie secrets`` opens it, and the log says who did.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "relation", "number", "column", "start")
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    column: t.Annotated[str, Examples(("post_text", "user_sig"))]
    start: int
    """Where in the value it began, in bytes of UTF-8."""
    kind: t.Annotated[str, Examples(("private_key", "seed"))]
    """One of ``SECRETS``."""
    size_bytes: int
    sealed: bytes
    """AES-256-SIV (RFC 5297) under a key that is drawn from the case's signing key."""


SECRETS = ("private_key", "seed")
"""What is sealed where it is met."""
IDENTIFIERS = (
    "email", "phone", "btc", "eth", "xmr", "ltc", "doge", "trx", "pgp", "jabber", "telegram", "session", "tox", "wickr",
    "threema", "signal", "icq", "skype", "discord", "kik", "snapchat", "instagram", "onion", "url", "iban", "paypal",
    "btctest", "xpub", "descriptor", "txid", "bolt11", "bip21", "silent",
)  # fmt: skip
"""Kinds of identifiers that are looked for in texts."""

READ: dict[str, type[_Read]] = {
    one.table(): one
    for one in (
        Account, Profile, Usergroup, Membership, Grant, Section, Topic, Post, Message, Recipient, Event, Attachment,
        Payment, Moderation, Complaint,
    )
}  # fmt: skip
"""Tables that a mapping may fill."""
