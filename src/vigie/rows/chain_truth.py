"""What the generator of practice chains knows: tests and benchmarks score answers on money against it.

Transactions, outputs and scripts are named as the chain names them; accounts as ``truthaccount`` names them (dump and
number), orders as ``truthpayment`` does. Only what the best chain holds is here: stale blocks are in the block files
alone.
"""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Row
from vigie.rows.clusters import JOINS
from vigie.rows.money import ADDRESSES, Satoshi, Script, ScriptType, Txid, Vout
from vigie.rows.people import Id
from vigie.rows.people_truth import Dump

OWNERS: tuple[str, ...] = ("shop", "customer", "exchange", "background", "joiner", "anyone")
"""Kinds of owners of wallets. ``joiner``: of those who mix their coins. ``anyone``: no key is needed to spend."""
DOES: tuple[str, ...] = (
    "coinbase", "spend", "payment", "withdrawal", "batch", "deposit", "sweep", "consolidation", "peel", "coinjoin",
    "tx0", "payjoin", "dust", "refund", "payout", "split",
)  # fmt: skip
"""What a transaction is for. ``payment``: pays the shop from a customer's own wallet. ``withdrawal`` and ``batch``: an
exchange pays one or many (the shop may be among them). ``deposit``: to an exchange, by anyone but the peel chains.
``sweep``: an exchange gathers deposits. ``consolidation``: the shop gathers payments. ``peel``: a hop of a peel chain.
``dust``: somebody sends crumbs to many. ``split``: a wallet pays itself in parts. ``spend``: whatever else."""
Does = t.Annotated[str, Examples(("spend", "payment", "sweep", "coinjoin"))]
Wallet = t.Annotated[str, Examples(("shop", "customer 1", "exchange:mirabel", "other 7"))]
"""Name of a wallet: what one person or service holds the keys of and spends together. It is one cluster in truth."""


class TruthWallet(Row, frozen=True, kw_only=True):
    """A wallet."""

    NATURAL: ClassVar[tuple[str, ...]] = ("wallet",)
    wallet: Wallet
    owner: t.Annotated[str, Examples(OWNERS)]
    dump: t.Annotated[str, Examples(("",))]
    """Of a customer: the dump of the platform, as in ``truthaccount`` ..."""
    account: Id
    """... and the account there; ``""`` of others."""
    actor: t.Annotated[str, Examples(("", "mirabel"))]
    """Of an exchange: its id in ``reference/actors.yaml``."""
    xpub: t.Annotated[str, Examples(("",))]
    """Extended public key of the account that its addresses are derived from, where they are."""
    type: ScriptType
    """Of its own new addresses; an exchange's deposit addresses may be of another."""


class TruthScript(Row, frozen=True, kw_only=True):
    """Whose a script is. Scripts of OP_RETURN have no row."""

    NATURAL: ClassVar[tuple[str, ...]] = ("script",)
    script: Script
    type: ScriptType
    address: t.Annotated[str, Examples(ADDRESSES)]
    wallet: Wallet
    owner: t.Annotated[str, Examples(OWNERS)]
    role: t.Annotated[str, Examples(("", "change", "deposit", "order", "hot"))]
    """``change``: made for change. ``deposit``: a customer's at an exchange. ``order``: one order pays to it (on the
    old board for several). ``hot``: of an exchange's own money. ``""``: a plain address."""
    path: t.Annotated[str, Examples(("", "0/0", "1/3"))]
    """Below ``truthwallet.xpub``; ``""``: not derived from it."""


class TruthTransaction(Row, frozen=True, kw_only=True):
    """A transaction of the best chain."""

    NATURAL: ClassVar[tuple[str, ...]] = ("txid",)
    txid: Txid
    height: int
    place: int
    """In its block."""
    does: Does
    wallet: Wallet
    """Whose inputs; ``""``: of several wallets (CoinJoins, PayJoins), or none (coinbase)."""
    join: t.Annotated[str, Examples(("", *JOINS[:-1], "stonewall"))]
    """CoinJoin (or what goes before one) that it is: one of ``rows.clusters.JOINS``, or ``stonewall``, which one wallet
    makes alone and which nobody can tell from its shape (``ambiguous``); ``""``: none."""
    change: t.Annotated[int, Examples((-1, 0, 1))]
    """Output that goes back to the wallet it came from, where that is one output; -1: none, or several."""


class TruthOrder(Row, frozen=True, kw_only=True):
    """An order of a platform that is to be paid in bitcoin, or money that the platform sent."""

    NATURAL: ClassVar[tuple[str, ...]] = ("dump", "payment")
    dump: Dump
    payment: Id
    """As in ``truthpayment``."""
    account: Id
    at: dt.datetime
    address: str
    shared: bool
    """Is the address one that many orders have (the old board)?"""
    index: t.Annotated[int, Examples((-1, 0, 1))]
    """Of the address in the shop's account, branch 0; -1: not the shop's."""
    expected_sat: Satoshi
    received_sat: Satoshi
    note: t.Annotated[str, Examples(("", "underpaid", "unpaid"))]
    """``""``, or of ``underpaid``, ``overpaid``, ``double``, ``late``, ``unpaid``, ``payjoin``, ``exchange`` (one
    paid it directly), ``refunded``; with commas."""
    direction: t.Annotated[str, Examples(("in", "out"))]


class TruthSettled(Row, frozen=True, kw_only=True):
    """An output that paid an order."""

    NATURAL: ClassVar[tuple[str, ...]] = ("txid", "vout")
    dump: Dump
    payment: Id
    account: Id
    txid: Txid
    vout: Vout
    address: t.Annotated[str, Examples(ADDRESSES)]
    value_sat: Satoshi
    height: int
    wallet: Wallet
    """Whose money: the customer's own, that of an exchange which paid for the customer, the shop's of a payout."""
    named: bool
    """Does the platform's table name this transaction?"""


class TruthPath(Row, frozen=True, kw_only=True):
    """A true way between a payment and an exchange, over outputs of one owner at a time.

    Forward: the shop itself brought (some of) what the payment was gathered into to a deposit address. Backward: the
    customer had it from the exchange. Every end that can be reached so has a row; by which share, only a policy says.
    """

    NATURAL: ClassVar[tuple[str, ...]] = ("direction", "seed_txid", "seed_vout", "end_txid", "end_vout")
    direction: t.Annotated[str, Examples(("forward", "backward"))]
    seed_txid: Txid
    seed_vout: Vout
    """The payment."""
    end_txid: Txid
    end_vout: Vout
    """Forward: what pays the deposit address. Backward: what the exchange paid."""
    actor: t.Annotated[str, Examples(("mirabel",))]
    hops: int
    """Transactions from one to the other, the one where it begins left out: 0 where an exchange paid the order itself.
    The shortest way."""
    through: t.Annotated[str, Examples(("", "peel", "coinjoin"))]
    """``""``, or of ``peel``, ``coinjoin``, ``payjoin``; with commas. A trace stops at a CoinJoin, and is right to."""


class TruthPeel(Row, frozen=True, kw_only=True):
    """A hop of a peel chain."""

    NATURAL: ClassVar[tuple[str, ...]] = ("chain", "hop")
    chain: int
    hop: int
    """From 0."""
    txid: Txid
    peel_vout: Vout
    """What is paid to somebody."""
    rest_vout: t.Annotated[int, Examples((-1, 0, 1))]
    """What goes on; -1: the chain ends."""
    wallet: Wallet
