"""Money, room 4: who says that an address is whose. A tag is an assertion by somebody at a time, never a fact.

Names of columns are those of GraphSense's TagPack and ActorPack schemas.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.money import ADDRESSES, Layer, Network, Script, Txid

PACKFILES = (b"K" * 16, b"k" * 16)
TAGS = (b"T" * 16, b"t" * 16)
ACTORS = ("", "exchange_one", "exchange_two")
FORMATS: dict[str, str] = {
    "tagpack": "GraphSense TagPack: YAML or JSON",
    "actorpack": "GraphSense ActorPack: YAML or JSON",
    "table": "tags in CSV: the first line names the fields of a TagPack",
    "addresses": "one address a line, or a JSON list of them: OFAC's lists as 0xB10C's repository gives them",
    "register": "register of companies in CSV: --column says which column is what",
}
"""Forms of files with tags or actors."""
CONFIDENCES: dict[str, int] = {
    "override": 100, "ownership": 100, "ledger_immanent": 100, "manual_transaction": 90, "service_api": 70,
    "forensic_investigation": 70, "authority_data": 60, "trusted_provider": 50, "service_data": 50, "forensic": 50,
    "untrusted_transaction": 40, "web_crawl": 20, "heuristic": 10, "unknown": 5,
}  # fmt: skip
"""GraphSense's levels: of the kind of source, no probabilities."""
TAG_TYPES: frozenset[str] = frozenset({"actor", "event", "attribute", "mention"})
CONCEPTS: frozenset[str] = frozenset({
    "abuse", "account_hack", "atm", "behaviour", "black_list", "child_sexual_abuse", "coinjoin", "cold_wallet",
    "collectible", "concept", "counterfeit", "dark_web", "data_breach", "defi", "defi_bridge", "defi_custody",
    "defi_dao", "defi_derivative", "defi_dex", "defi_dex_pair", "defi_lending", "defi_staking", "defi_token",
    "deployer", "deposit_wallet", "donation", "drugs", "entity", "escrow_wallet", "exchange", "exploit",
    "extortion", "extremism", "faucet", "filesharing", "financial_crime", "forum_mention", "funder", "gambling",
    "gov_black_list", "gov_white_list", "gray_usage", "hacking", "hosting", "hot_wallet", "human_trafficking",
    "ico_wallet", "index", "investment_fraud", "item", "malware", "market", "mention", "messaging_service", "miner",
    "mining_service", "mixing", "mixing_service", "money_laundering", "murder", "nameservice", "organization",
    "payment_card_fraud", "payment_processor", "perpetrator", "phishing", "ponzi_scheme", "pyramid_scheme",
    "ransomware", "sanction", "scam", "search_engine", "service", "service_hack", "sextortion", "sexual_abuse",
    "shop", "social_engineering", "source", "terrorism", "terrorism_financing", "torture", "unknown", "user",
    "victim", "violence", "vpn", "wallet_service", "warm_wallet", "weapons", "website_mention", "white_list",
    "white_usage",
})  # fmt: skip
"""GraphSense's taxonomy: what a category or a concept must be one of, for GraphSense to take a pack."""
SERVICES: frozenset[str] = frozenset({
    "exchange", "deposit_wallet", "hot_wallet", "hosted_wallet", "wallet_service", "payment_processor",
    "mixing_service", "mixer", "tumbler", "gambling", "market", "atm", "defi_bridge", "shared_service", "service",
    "otc", "broker", "custodian", "lending", "swap_service", "cross_chain",
})  # fmt: skip
"""Categories and concepts at which a trace ends: they hold many people's money together. Of the taxonomy, and what
other lists say for it."""
ASKED: frozenset[str] = SERVICES - {"mixing_service", "mixer", "tumbler", "market", "defi_bridge", "cross_chain"}
"""Of these the ones that may know their customers by name: whom to ask."""


def stops(tag_type: str, category: str, concepts: str) -> bool:
    """Tell whether a trace ends at what a tag names: a service, by its category or a concept.

    A mention, an attribute or an event says nothing of who holds the keys.
    """
    named = {one.strip() for one in (category, *concepts.split(","))}
    return tag_type in ("", "actor") and not named.isdisjoint(SERVICES)


class PackFile(Row, frozen=True, kw_only=True):
    """A file of tags or actors, as it was handed over."""

    NATURAL: ClassVar[tuple[str, ...]] = ("sha256", "format", "given")
    path: str
    """Where it lay, shown as ``rows.locator`` shows a step."""
    sha256: Sha256
    size_bytes: int
    format: t.Annotated[str, Examples(("", *FORMATS))]
    """``""``: told by its content."""
    given: t.Annotated[str, Examples(("{}", '{"say":{"label":"Exchange One"},"columns":{}}'))]
    """What the examiner said of it, JSON: ``say``, fields that hold where the file is silent; ``columns``, field ->
    column of a register."""
    private: bool
    """Is it the agency's own, not to be written into packages for others?"""
    added_at: str


class Pack(Row, frozen=True, kw_only=True):
    """What a file of tags says of itself, as it was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file",)
    file: t.Annotated[Key, Of("packfile"), Examples(PACKFILES)]
    format: t.Annotated[str, Examples(tuple(FORMATS))]
    title: str
    creator: str
    description: str
    sha256: Sha256
    private: bool
    tags: int
    actors: int
    rejected: int
    """Entries that do not fit the schema; each is a Problem, up to a bound."""


class Tag(Row, frozen=True, kw_only=True):
    """One assertion: that an address (or a transaction) has to do with a label."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file", "number")
    PARTS: ClassVar[bool] = True
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "number", "address", "tx_hash", "script"})
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
    tag: t.Annotated[Key, Of("tag"), Examples(TAGS)]
    label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    actor: t.Annotated[str, Examples(ACTORS)]
    """As the tag says, or found by its label among the names of actors."""
    category: t.Annotated[str, Examples(("", "exchange", "mixing_service"))]
    """The first of category and concepts at which a trace ends; else the category."""
    stops: bool
    """Does it name a service? They hold many people's money: what goes on from there is not the same coin's. A trace
    ends here if its level is 20 (``web_crawl``) or more."""
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


class TagConflict(Row, frozen=True, kw_only=True):
    """Two tags that say different things of one script, or of one cluster. Nobody decides but a person."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "script", "tag", "other")
    network: Network
    script: Script
    address: t.Annotated[str, Examples(ADDRESSES)]
    tag: t.Annotated[Key, Of("tag"), Examples(TAGS)]
    other: t.Annotated[Key, Of("tag"), Examples(TAGS)]
    label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    other_label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    layer: Layer
    """``B``: both are on this address. ``C``: one of them is on another one of its cluster."""
    text: str
