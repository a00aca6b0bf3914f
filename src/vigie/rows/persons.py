"""Rooms 3 to 5 of the people strand: what names an account, which accounts share it, and who may be one person.

An account is named by its platform and its number there, as in ``rows.people``. What is exact (``bond``, ``person``)
and what is an inference (``resemblance``) lie in tables of their own, and are never merged (``docs/persons.md``).
"""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.people import PLATFORMS, Id

Holding = t.Annotated[str, Examples(("stated", "paid", "claimed", "mentioned", "quoted"))]
"""How an account holds an identifier, best first. ``stated``: in a field or a text of its own profile, or a session.
``paid``: a processor says it of who paid. ``claimed``: written in a post or message beside a word for oneself.
``mentioned``: written there without. ``quoted``: only within a quote, so it is likely somebody else's."""
On = t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
Kind = t.Annotated[str, Examples(("email", "handle", "pgp"))]
PERSONS = (b"N" * 16, b"n" * 16)
IDENTIFIERS = (b"I" * 16, b"i" * 16)
BONDS = (b"O" * 16, b"o" * 16)


class Identifier(Row, frozen=True, kw_only=True):
    """An account and something that names whoever is behind it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "value")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "value", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "value", "written", "number", "context"})
    platform: On
    account: Id
    kind: Kind
    """``handle``, ``website``, ``device``, ``external``, ``payer``, ``wallet``, ``messenger`` or one of
    ``rows.people.IDENTIFIERS``."""
    value: t.Annotated[str, Examples(("north@example.org", "amber_fox", "zephyrkolibri"))]
    """In its normal form: two are the same when these are equal."""
    written: t.Annotated[str, Examples(("North@Example.org", "amber_fox"))]
    """As it was written where it was first met."""
    holding: Holding
    stated: int
    """How many times it is stated or paid with."""
    claimed: int
    mentioned: int
    quoted: int
    checked: bool
    """A checksum or a like rule holds."""
    relation: t.Annotated[str, Examples(("phpbb_users", "phpbb_posts"))]
    """Table of the dump in which it is held best and first ..."""
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    """... and which row of it."""
    context: str
    """A few words round it, where it stands in a text."""


class Shared(Row, frozen=True, kw_only=True):
    """An identifier that several accounts hold, and what that is worth."""

    NATURAL: ClassVar[tuple[str, ...]] = ("kind", "value")
    kind: Kind
    value: t.Annotated[str, Examples(("north@example.org", "amber_fox"))]
    verdict: t.Annotated[str, Examples(("ties", "hint", "common"))]
    """``ties``: those who hold it as theirs are one person. ``hint``: no more than a place to look. ``common``: too
    many hold it; it ties nobody and hints at nobody."""
    own: int
    """Accounts that state it, paid with it or claim it."""
    others: int
    """Accounts that only mention or quote it."""
    platforms: int
    chance: float
    """Of a handle: how many other people are expected to have come upon it by themselves; 0: not such a thing."""
    text: str
    """Why this verdict."""


class Bond(Row, frozen=True, kw_only=True):
    """Two accounts that share an identifier; each that holds one is tied to the one that holds it best."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform_a", "account_a", "platform_b", "account_b", "kind", "value")
    ORDER: ClassVar[tuple[str, ...]] = (*NATURAL, "key")
    platform_a: On
    account_a: Id
    platform_b: On
    account_b: Id
    kind: Kind
    value: t.Annotated[str, Examples(("north@example.org", "amber_fox", "zephyrkolibri"))]
    strength: t.Annotated[str, Examples(("exact", "hint"))]
    """``exact``: makes them one person. ``hint``: does not."""
    holding_a: Holding
    holding_b: Holding
    identifier_a: t.Annotated[Key, Of("identifier"), Examples(IDENTIFIERS)]
    """What a holds; it says where in the dump."""
    identifier_b: t.Annotated[Key, Of("identifier"), Examples(IDENTIFIERS)]
    text: str
    """Why, for people."""


class Person(Row, frozen=True, kw_only=True):
    """Accounts that exact bonds hold together; an account without one has no row here."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: On
    """Platform and number of its first account: its name does not depend on the order of bonds."""
    account: Id
    accounts: int
    platforms: int
    bonds: int
    """Exact ones."""
    kinds: t.Annotated[str, Examples(("email", "email, handle"))]
    """Kinds of identifiers that hold it together."""
    handles: str
    """Names of up to five of its accounts."""
    doubt: t.Annotated[str, Examples(("",))]
    """``""``, or why a person should look before relying on it."""


class Alias(Row, frozen=True, kw_only=True):
    """An account of a person."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account")
    platform: On
    account: Id
    name: str
    person: t.Annotated[Key, Of("person"), Examples(PERSONS)]
    bond: t.Annotated[Key, Of("bond"), Examples(BONDS)]
    """The first of the exact bonds that hold it there."""


class Resemblance(Row, frozen=True, kw_only=True):
    """An inference: two accounts that no exact bond ties, and how likely a model thinks that they are one person's."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform_a", "account_a", "platform_b", "account_b")
    ORDER: ClassVar[tuple[str, ...]] = (*NATURAL, "key")
    platform_a: On
    account_a: Id
    platform_b: On
    account_b: Id
    name_a: str
    name_b: str
    weight_bits: float
    """Log2 of the odds after all that was compared, as Splink says it; thousandths."""
    probability: float
    """The same as a probability. It is the model's, not a measured share (``docs/persons.md`` states that)."""
    verdict: t.Annotated[str, Examples(("likely", "possible"))]
    """By the thresholds in the settings."""
    by: t.Annotated[str, Examples(("handle", "ip"))]
    """By which blocking rule the two were compared, the first one that met."""


class Weighing(Row, frozen=True, kw_only=True):
    """What one comparison adds to a resemblance."""

    NATURAL: ClassVar[tuple[str, ...]] = ("resemblance", "comparison")
    resemblance: t.Annotated[Key, Of("resemblance"), Examples((b"R" * 16, b"r" * 16))]
    comparison: t.Annotated[str, Examples(("prior", "handle", "ip"))]
    level: int
    """0: they differ; higher is more alike; -1: one of them says nothing, which weighs nothing."""
    bits: float
    """Log2 of the Bayes factor."""
    text: str


class Parameter(Row, frozen=True, kw_only=True):
    """What the model of resemblance learnt in this case: all that a score is made of, and who scored.

    Comparison ``scorer``: ``name`` is the program that weighed the pairs, with its version. ``threshold``: ``m`` is the
    probability from which on a pair is what ``name`` says.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("comparison", "level")
    comparison: t.Annotated[str, Examples(("prior", "handle", "ip"))]
    level: int
    name: str
    """What the level means."""
    m: float
    """Share of pairs of one person that reach the level, moved by so little (0.035 % at most) that log2 of m over u is
    whole thousandths of a bit."""
    u: float
    """Share of pairs of two people that do."""
    pairs: int
    """How many compared pairs reached it. Comparison ``block``: pairs that a blocking rule gave."""
    left: int
    """Comparison ``block``: accounts that a bound left out, since too many share what they share."""
