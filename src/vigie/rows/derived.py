"""Money, room 3: what a public key of the case leads to. Derivation is arithmetic: all of it is a fact, layer A."""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.money import ADDRESSES, Network, Script, ScriptType

STATES: tuple[str, ...] = ("derived", "single", "hardened", "private", "uncheckable", "bad")
"""What became of a key or descriptor. ``derived``: its scripts stand in ``derived``. ``single``: it is no range, and
leads to one script. ``hardened``: some step needs the private key; nothing follows from what is here. ``private``: it
holds a private key, and is not shown. ``uncheckable``: a form that is not computed (miniscript, MuSig, script trees).
``bad``: it is none."""
SAID: tuple[str, ...] = ("descriptor", "prefix", "doubt")
"""How its type of script is known: the descriptor or the wallet says it; the prefix of the key hints at it (SLIP-132);
nothing does, and all four are tried, since shops mislabel."""

_Fingerprint = t.Annotated[str, Examples(("", "d34db33f"))]
_NONE = (b"", b"k" * 16)
_SCHEMES = (b"H" * 16, b"h" * 16)


class Scheme(Row, frozen=True, kw_only=True):
    """A way from a public key of the case to scripts: an output descriptor, or why there is none."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "descriptor")
    network: Network
    descriptor: t.Annotated[str, Examples(("wpkh(xpub/<0;1>/*)", "tr(xpub/<0;1>/*)"))]
    """Output descriptor with its checksum (BIP 380), keys with the prefix ``xpub`` or ``tpub``. Of what could not be
    read: as it stood, at most 1,024 characters; of a private one a mark and nothing of it."""
    type: t.Annotated[ScriptType, Examples(("", "p2wpkh", "p2tr"))]
    """``""``: none, or several."""
    said: t.Annotated[str, Examples(SAID)]
    fingerprint: _Fingerprint
    """Of the key that scripts are derived from (BIP 32), 8 hex digits; of several the first."""
    master: _Fingerprint
    """Of the master key, where the descriptor or the wallet says it."""
    state: t.Annotated[str, Examples(STATES)]
    branches: int
    until: int
    """Scripts of each branch: indexes 0 to ``until`` - 1."""
    asked: str
    """Why so many, for people: ``next index 41, 180 orders, and 1,000 more``."""
    found: t.Annotated[str, Examples(("wallet", "sighting", "mention", "given"))]
    """The best place that it is known from ..."""
    place: str
    """... for people: file and record, table and row."""
    walletkey: t.Annotated[bytes, Of("walletkey"), Examples(_NONE)]
    """The best place of each kind, as a row; empty: it stands in none of that kind."""
    sighting: t.Annotated[bytes, Of("sighting"), Examples(_NONE)]
    mention: t.Annotated[bytes, Of("mention"), Examples(_NONE)]
    given: t.Annotated[bytes, Of("given"), Examples(_NONE)]
    sources: int
    """From how many places."""
    note: str
    """What is odd about it; ``""``: nothing."""


class Derived(Row, frozen=True, kw_only=True):
    """A script that a key of the case leads to, with its path."""

    NATURAL: ClassVar[tuple[str, ...]] = ("scheme", "branch", "index", "type")
    ORDER: ClassVar[tuple[str, ...]] = ("scheme", "branch", "index", "type", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "script", "address"})
    scheme: t.Annotated[Key, Of("scheme"), Examples(_SCHEMES)]
    network: Network
    fingerprint: _Fingerprint
    """Of the key that ``path`` starts at; of several the first."""
    path: t.Annotated[str, Examples(("0/0", "0/1", "1/0"))]
    """From that key on; ``""``: the key itself."""
    branch: t.Annotated[int, Examples((0, 1))]
    """Its number in the path, before the index: usually 0 receives, 1 is change."""
    index: t.Annotated[int, Examples((0, 1, 2))]
    """-1: the descriptor is no range."""
    type: ScriptType
    script: Script
    address: t.Annotated[str, Examples(ADDRESSES)]
    """``""``: this kind of script has none."""


class KeyUse(Row, frozen=True, kw_only=True):
    """How far a branch of a scheme was used: what orders, labels and the chain say of its addresses."""

    NATURAL: ClassVar[tuple[str, ...]] = ("scheme", "branch", "type")
    scheme: t.Annotated[Key, Of("scheme"), Examples(_SCHEMES)]
    branch: t.Annotated[int, Examples((0, 1))]
    type: ScriptType
    derived: int
    """Scripts of this branch."""
    used: int
    """Those that an order, a wallet's label or a payment names."""
    by_orders: int
    by_wallets: int
    by_chain: int
    highest: t.Annotated[int, Examples((-1, 19))]
    """Highest index that is used; -1: none."""
    gap: int
    """Most indexes in a row that are not used, below the highest: what a gap limit would have had to be."""
    room: int
    """Indexes that were derived beyond the highest one. Less than the gap: derive more and run again."""
