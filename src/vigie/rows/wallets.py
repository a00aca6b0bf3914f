"""Money, room 2: wallet files, and what they say in clear: public keys, addresses, labels, transactions.

A wallet that is encrypted says most of this as well; only what spends is ciphertext, and that is sealed here all the
same. Everything is a fact of the file, layer A: what its software wrote there. ``carved``: it stood in a part of the
file that the software had given up (a deleted record, an older state of the document).
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Of, Row, Sha256
from vigie.rows.money import ADDRESSES, Layer, Network, Script, ScriptType, Txid

WALLET_KINDS: tuple[str, ...] = (
    "bitcoin-core-sqlite", "bitcoin-core-bdb", "electrum", "electrum-encrypted", "wasabi",
)  # fmt: skip
WALLET_SECRETS: tuple[str, ...] = ("seed", "xprv", "wif", "key", "mkey", "ckey", "descriptor", "passphrase")
"""Kinds of secrets in wallets. ``key``: a private key as its software stores it. ``mkey``, ``ckey``: an encrypted
master key and keys under it. ``descriptor``: an output descriptor with a private key in it."""

_Number = t.Annotated[int, Examples((0, 1, 2, 3))]
_Place = t.Annotated[str, Examples(("walletdescriptor 3f2a", "keystore.xpub", "name"))]
_Start = t.Annotated[int, Examples((-1, 0, 4096))]
_Path = t.Annotated[str, Examples(("", "84h/0h/0h", "m/0/1"))]
_Index = t.Annotated[int, Examples((-1, 0, 19))]
_Branch = t.Annotated[int, Examples((-1, 0, 1))]


class Wallet(Row, frozen=True, kw_only=True):
    """A wallet file that was found, and how much of it was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    kind: t.Annotated[str, Examples(WALLET_KINDS)]
    network: t.Annotated[Network, Examples(("", "main", "regtest"))]
    """``""``: the file does not say."""
    version: t.Annotated[str, Examples(("", "169900", "50"))]
    """As its software numbers it: Core's minimum version, Electrum's ``seed_version``."""
    encrypted: bool
    """Are its private keys under a passphrase?"""
    whole: bool
    """Is the file as a whole under a passphrase, so that nothing in it can be read?"""
    watching: bool
    """Does it say that it holds no private keys?"""
    created: dt.datetime | None
    """When the oldest of its keys was made, where it says so."""
    keys: int
    """Rows of ``walletkey``."""
    addresses: int
    """Rows of ``walletaddress``."""
    labels: int
    """Those of them that have a label."""
    moves: int
    """Rows of ``walletmove``."""
    secrets: int
    """Rows of ``walletsecret``, with those that could not be sealed."""
    highest: _Index
    """Highest index of a key or address that it says was given out; -1: none."""
    records: int
    """Records, or values of a document, that were met ..."""
    unread: int
    """... and those of a kind that is not read."""
    text: str
    """What it is and what could not be read, for people."""


class WalletKey(Row, frozen=True, kw_only=True):
    """A public key of a wallet from which addresses follow: an extended one, a descriptor or a single one."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "number")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    number: _Number
    """Place among the keys of the file, from 0."""
    kind: t.Annotated[str, Examples(("descriptor", "xpub", "pubkey"))]
    value: str
    """As the file has it: a descriptor, an extended key with any SLIP-132 prefix, or a key in hexadecimal."""
    descriptor: str
    """Output descriptor (BIP 380) with public keys only, no checksum, from which addresses can be derived without a
    secret; ``""``: none follows from what the wallet says. Where its stored descriptor begins at a master key with
    hardened steps, the account's key from the wallet's cache stands in it, with its origin. One branch each."""
    xpub: str
    """The extended public key from which derivation starts, as ``xpub`` or ``tpub``; ``""``: a single key, or several
    (multisig)."""
    network: t.Annotated[Network, Examples(("", "main", "regtest"))]
    fingerprint: t.Annotated[str, Examples(("", "d34db33f"))]
    """Of the master key, 8 hex digits."""
    path: _Path
    """From the master key to ``xpub``, hardened steps with ``h``."""
    script_type: t.Annotated[ScriptType, Examples(("", "p2wpkh", "p2tr"))]
    """``p2sh`` with one key: P2SH-P2WPKH. ``""``: not said, try all."""
    branch: _Branch
    """0: receiving. 1: change. -1: neither, or not said."""
    next_index: _Index
    """The next index that the wallet would have given out; -1: not said."""
    range_start: _Index
    range_end: _Index
    """Indexes that the wallet watched itself, the last not included; -1: not said."""
    active: bool
    """Does the wallet give out addresses of it now? An inactive one was replaced, or imported."""
    created: dt.datetime | None
    carved: bool
    place: _Place
    """Record or path in the document."""
    start: _Start
    """Byte of the file where the value begins; -1: it is in pieces."""


class WalletAddress(Row, frozen=True, kw_only=True):
    """An address that a wallet file holds itself, with its label."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "number")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    number: _Number
    """Place among the addresses of the file, from 0."""
    network: t.Annotated[Network, Examples(("", "main", "regtest"))]
    address: t.Annotated[str, Examples(ADDRESSES)]
    """``""``: this kind of script has none."""
    script: Script
    """Empty: the address is none that is known."""
    type: ScriptType
    own: bool
    """Is it the wallet's own, not one that it paid to?"""
    label: t.Annotated[str, Examples(("", "order 1001", "Coffee"))]
    purpose: t.Annotated[str, Examples(("", "receive", "send", "change"))]
    order: t.Annotated[str, Examples(("", "1001", "1002"))]
    """Number of an order, where the label is one or names one."""
    path: _Path
    branch: _Branch
    index: _Index
    expected_sat: t.Annotated[int, Examples((-1, 81_000))]
    """What a request for payment at it asks for; -1: there is none."""
    at: dt.datetime | None
    """When the request was made, or the key."""
    layer: Layer
    carved: bool
    place: _Place
    start: _Start


class WalletMove(Row, frozen=True, kw_only=True):
    """A transaction that a wallet file holds or names."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "number")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    number: _Number
    """Place among the transactions of the file, from 0."""
    network: t.Annotated[Network, Examples(("", "main", "regtest"))]
    txid: Txid
    at: dt.datetime | None
    """As the wallet says: when it met it, or its block's time."""
    height: t.Annotated[int, Examples((-1, 101))]
    """As the wallet says; -1: it does not."""
    amount_sat: int | None
    """What it changed for the wallet, where the file says it; None: it does not."""
    label: str
    sent: bool
    """Does the file say that the wallet made it?"""
    raw: bytes
    """The transaction as it is stored; empty: only its id is."""
    layer: Layer
    carved: bool
    place: _Place
    start: _Start


class WalletSecret(Row, frozen=True, kw_only=True):
    """A secret that a wallet file holds: sealed, since whoever reads it can spend. ``vigie secrets`` opens it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "number")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    number: _Number
    """Place among the secrets of the file, from 0."""
    kind: t.Annotated[str, Examples(WALLET_SECRETS)]
    carved: bool
    place: _Place
    start: _Start
    size_bytes: int
    same: Sha256
    """HMAC-SHA256 of it under a key of the case: equal where the secrets are, and says nothing else."""
    sealed: bytes
    """AES-256-SIV (RFC 5297) under a key that is drawn from the case's signing key."""
