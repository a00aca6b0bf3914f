"""Money, rooms 2 to 4: the scripts a case has to do with, what the chain paid to them, and whose order that was."""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.money import ADDRESSES, TXIDS, Layer, Network, Satoshi, Script, ScriptType, Txid, Vout
from vigie.rows.people import PLATFORMS, Id

WATCHED = (b"W" * 16, b"w" * 16)
RECEIPTS = (b"E" * 16, b"e" * 16)
WHY: tuple[str, ...] = ("derived", "wallet", "order", "sighting", "given")
"""Why a script is watched, best first. ``derived``: from a key of a wallet. ``wallet``: a wallet file holds it.
``order``: the platform's tables say that it was paid to. ``sighting``: it stands in a text or a file. ``given``: by
the examiner."""


class Watched(Row, frozen=True, kw_only=True):
    """A script that the case has to do with: what is asked of the chain."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "script")
    network: Network
    script: Script
    scripthash: Sha256
    """SHA-256 of the script."""
    type: ScriptType
    address: t.Annotated[str, Examples(ADDRESSES)]
    """``""``: this kind has none."""
    why: t.Annotated[str, Examples(WHY)]
    """The best one."""
    own: bool
    """Is it the platform's: derived from, or kept in, a wallet of the case, or paid to by its orders?"""
    sources: int
    """From how many places it is known."""
    source: str
    """The best place, for people: key and path, file and byte, table and row."""


class Receipt(Row, frozen=True, kw_only=True):
    """An output of the chain that pays a watched script. A fact, layer A."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "txid", "vout")
    network: Network
    txid: Txid
    vout: Vout
    watched: t.Annotated[Key, Of("watched"), Examples(WATCHED)]
    address: t.Annotated[str, Examples(ADDRESSES)]
    value_sat: Satoshi
    height: t.Annotated[int, Examples((-1, 101, 102, 103))]
    """Of its block; -1: not known."""
    at: dt.datetime | None
    """What the block's header says. It may be two hours off, see ``earliest`` and ``latest``."""
    earliest: dt.datetime | None
    """The median of the eleven headers before is earlier than any true time of the block (BIP 113)."""
    latest: dt.datetime | None
    """A node takes no block that is more than two hours ahead of its clock."""
    spent_by: t.Annotated[bytes, Examples((b"",))]
    """Id of the transaction that spends it, in display order; empty: none that is known."""
    spent_height: t.Annotated[int, Examples((-1, 104))]


class Settlement(Row, frozen=True, kw_only=True):
    """An order and a payment on the chain that may be the one for it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("payment", "receipt")
    payment: t.Annotated[Key, Of("payment"), Examples((b"Y" * 16, b"y" * 16))]
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: Id
    order: t.Annotated[str, Examples(("", "1001", "1002"))]
    receipt: t.Annotated[bytes, Of("receipt"), Examples((*RECEIPTS, b""))]
    """Empty: the order names a transaction that pays no watched script, or that the chain here does not hold."""
    txid: t.Annotated[bytes, Examples(TXIDS)]
    """Display order; empty: nothing that fits was found."""
    vout: t.Annotated[int, Examples((-1, 0, 1))]
    layer: Layer
    how: t.Annotated[str, Examples(("address", "transaction", "amount"))]
    """``address``: the order's own address. ``transaction``: the order names it. ``amount``: value and time fit at an
    address of several orders. ``near``: the value fits within the slack of a rate. ``none``: nothing was found."""
    candidates: int
    """How many outputs fit this order as well as this one, with it. More than one: a list, never a name."""
    orders: int
    """How many orders this output fits as well, with this one."""
    expected_sat: t.Annotated[int, Examples((-1, 81_000))]
    """-1: the order does not say it in bitcoin."""
    received_sat: Satoshi
    after_s: t.Annotated[int, Examples((-60, 0, 600))]
    """Seconds from the order to the block."""
    note: t.Annotated[str, Examples(("", "underpaid"))]
    """``""``, ``underpaid``, ``overpaid``, ``double``, ``dust``, ``late``, ``early``, ``other address``,
    ``pays nobody watched``, ``not in the chain``, ``pending``; with commas."""
    text: str
    """Why, for people."""
