"""Money, room 4: who says that an address is whose. A tag is an assertion by somebody at a time, never a fact.

Names of columns are those of GraphSense's TagPack and ActorPack schemas.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.money import ADDRESSES, Layer, Network, Script, Txid

PACKFILES = (b"K" * 16, b"k" * 16)
ACTORS = ("", "exchange_one", "exchange_two")


class PackFile(Row, frozen=True, kw_only=True):
    """A file of tags or actors, as it was handed over."""

    NATURAL: ClassVar[tuple[str, ...]] = ("sha256", "format")
    path: str
    sha256: Sha256
    size_bytes: int
    format: t.Annotated[str, Examples(("", "tagpack", "actorpack"))]
    """``""``: told by its content."""
    private: bool
    """Is it the agency's own, not to be written into packages for others?"""
    added_at: str


class Pack(Row, frozen=True, kw_only=True):
    """What a file of tags says of itself, as it was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file",)
    file: t.Annotated[Key, Of("packfile"), Examples(PACKFILES)]
    format: t.Annotated[str, Examples(("tagpack", "actorpack"))]
    title: str
    creator: str
    description: str
    sha256: Sha256
    tags: int
    actors: int
    rejected: int
    """Entries that do not fit the schema; each is a Problem, up to a bound."""


class Tag(Row, frozen=True, kw_only=True):
    """One assertion: that an address (or a transaction) has to do with a label."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file", "number")
    PARTS: ClassVar[bool] = True
    file: t.Annotated[Key, Of("packfile"), Examples(PACKFILES)]
    number: int
    """Of the tag in its file, from 0."""
    label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    source: str
    currency: t.Annotated[str, Examples(("BTC", "ETH"))]
    network: str
    address: t.Annotated[str, Examples(ADDRESSES)]
    tx_hash: str
    script: t.Annotated[Script, Examples((b"",))]
    """Of the address, where it is a Bitcoin address that holds; else empty."""
    actor: t.Annotated[str, Examples(ACTORS)]
    category: t.Annotated[str, Examples(("", "exchange", "mixing_service"))]
    concepts: str
    """With commas."""
    tag_type: t.Annotated[str, Examples(("actor", "event", "attribute", "mention"))]
    confidence: t.Annotated[str, Examples(("service_data", "web_crawl", "heuristic"))]
    confidence_level: int
    """0 to 100: of the kind of source, no probability."""
    abuse: str
    is_cluster_definer: bool
    lastmod: dt.datetime | None
    context: str


class Actor(Row, frozen=True, kw_only=True):
    """Who is behind labels, as an ActorPack says."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file", "id")
    file: t.Annotated[Key, Of("packfile"), Examples(PACKFILES)]
    id: t.Annotated[str, Examples(ACTORS[1:])]
    label: str
    uri: str
    categories: str
    jurisdictions: t.Annotated[str, Examples(("", "DE", "FR, MT"))]
    """ISO 3166-1 alpha-2, with commas."""
    aliases: str
    legal_name: str
    context: str
    """JSON as given, cut at a bound."""
    lastmod: dt.datetime | None


class Tagged(Row, frozen=True, kw_only=True):
    """A script that the case can come to, and a tag that speaks of it or of its cluster."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "script", "tag")
    network: Network
    script: Script
    address: t.Annotated[str, Examples(ADDRESSES)]
    tag: t.Annotated[Key, Of("tag"), Examples((b"T" * 16, b"t" * 16))]
    label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    actor: t.Annotated[str, Examples(ACTORS)]
    category: t.Annotated[str, Examples(("", "exchange", "mixing_service"))]
    stops: bool
    """Does a trace end here? Services hold many people's money: what goes on from there is not the same coin's."""
    confidence_level: int
    age_days: t.Annotated[int, Examples((-1, 10, 2000))]
    """From its ``lastmod`` to the chain's tip; -1: not said."""
    layer: Layer
    """``B``: on the address itself. ``C``: on another address of its cluster."""
    conflicts: int
    """How many tags say another actor or label of it."""
    txid: t.Annotated[Txid, Examples((b"\x00" * 32,))]
    """Zeros but where the tag is on a transaction."""
    text: str
