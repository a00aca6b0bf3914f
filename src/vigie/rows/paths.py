"""Money, rooms 5 and 6: where payments came from and went, hop by hop, and which exchange to ask about whom."""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.money import ADDRESSES, TXIDS, Layer, Network, Satoshi, Txid, Vout
from vigie.rows.tags import ACTORS, TAGS

FLOWS = (b"F" * 16, b"f" * 16)
POLICIES: tuple[str, ...] = ("fifo", "haircut")
STOPS: tuple[str, ...] = (
    "own", "service", "coinjoin", "fanout", "cluster", "hops", "value", "date", "coinbase", "unspent", "fee", "swap",
    "missing", "fraction", "cycle", "limit",
)  # fmt: skip
"""Why a trace goes no further (docs/money.md has each with its setting)."""


class Flow(Row, frozen=True, kw_only=True):
    """A way from a payment of the case to where a trace ended: backward, a possible origin; forward, where it went."""

    NATURAL: ClassVar[tuple[str, ...]] = (
        "network",
        "direction",
        "policy",
        "seed_txid",
        "seed_vout",
        "end_txid",
        "end_vout",
        "stop",
    )
    network: Network
    direction: t.Annotated[str, Examples(("forward", "backward"))]
    policy: t.Annotated[str, Examples(POLICIES)]
    seed_txid: Txid
    seed_vout: Vout
    end_txid: Txid
    """Zeros where the row stands for several ends (``ends``): all fees, and what is beyond the ends that have rows."""
    end_vout: Vout
    """-1 where it stands for several."""
    receipt: t.Annotated[bytes, Of("receipt"), Examples((b"E" * 16, b"e" * 16))]
    """The payment it is about; empty: one that was named by hand and is none of the case's."""
    stop: t.Annotated[str, Examples(STOPS)]
    ends: t.Annotated[int, Examples((1,))]
    """How many ends the row stands for. The rows of one payment add up to it, satoshi for satoshi."""
    amount_sat: Satoshi
    """How much of the payment, by the policy, is at its end."""
    seed_sat: Satoshi
    hops: int
    """Of the way that carries most."""
    paths: int
    """How many ways lead there, with it."""
    others: int
    """Outputs between the payment and the end, on that way, that are not known to be the case's own. Forward 0 says
    that the case's own wallet brought the money there; otherwise somebody did whom it had paid, or may have. Backward:
    outputs of the payer, or of people before. -1: of several ends."""
    reached: int
    """Transactions that the policy came to from this payment, on all ways: how selective it was."""
    at: dt.datetime | None
    """Time of the block of its end."""
    height: int
    address: t.Annotated[str, Examples(ADDRESSES)]
    """Where it ended."""
    label: t.Annotated[str, Examples(("", "Exchange One"))]
    actor: t.Annotated[str, Examples(ACTORS)]
    layers: t.Annotated[str, Examples(("A", "A+B", "A+B+C"))]
    """All layers it rests on."""
    weakest: Layer
    text: str


class Hop(Row, frozen=True, kw_only=True):
    """One step of a flow: an output that a transaction makes of what came before."""

    NATURAL: ClassVar[tuple[str, ...]] = ("flow", "number")
    flow: t.Annotated[Key, Of("flow"), Examples(FLOWS)]
    number: int
    """From 0, the payment itself."""
    txid: Txid
    vout: Vout
    value_sat: Satoshi
    amount_sat: Satoshi
    """How much of it is of the payment, by the policy."""
    address: t.Annotated[str, Examples(ADDRESSES)]
    height: int
    at: dt.datetime | None
    layer: Layer
    signals: str
    """Why this step is believed, where the policy alone does not say it: change, peel chain, co-spend."""
    share: float
    """``amount_sat`` of ``value_sat``; for people, nothing is computed from it."""


class Proof(Row, frozen=True, kw_only=True):
    """That a transaction is in a block: hashes from it to the merkle root in the block's header."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "txid")
    network: Network
    txid: Txid
    height: int
    block: Sha256
    """The block's hash, in display order."""
    header: bytes
    """80 bytes as they are hashed; empty: the chain of the case does not hold the block."""
    place: int
    """Of the transaction in its block: its bits say on which side each hash of the branch stands."""
    branch: bytes
    """32 bytes each in the order of hashing, from the transactions to the root."""
    coinbase: Txid
    """The first transaction of the block, and ..."""
    coinbase_branch: bytes
    """... its branch: of another length, one of the two would be forged (CVE-2017-12842)."""
    holds: bool
    """Does the branch lead from the id to the root in the header, and does the header hash to ``block``?"""
    text: str


class Exchange(Row, frozen=True, kw_only=True):
    """A service that a payment came from or went to, and what to ask it for."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "actor", "label")
    network: Network
    actor: t.Annotated[str, Examples(ACTORS)]
    label: t.Annotated[str, Examples(("Exchange One", "Exchange Two"))]
    legal_name: str
    named_by: str
    """Who says its name and country: pack or register, and its date."""
    country: t.Annotated[str, Examples(("", "DE", "MT"))]
    """The first of its jurisdictions; ``""``: not known."""
    countries: str
    """All of them."""
    category: t.Annotated[str, Examples(("", "exchange"))]
    rank: int
    flows: int
    receipts: int
    accounts: int
    """Accounts of the platform whose orders the flows are of."""
    amount_sat: Satoshi
    """Of each output asked about at most its value: payments of the case may come to it with the same satoshi."""
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    weakest: Layer
    conflicts: int
    text: str
    """What to ask, beginning with whether the address is theirs."""


class Enquiry(Row, frozen=True, kw_only=True):
    """One deposit or withdrawal to ask a service about."""

    NATURAL: ClassVar[tuple[str, ...]] = ("exchange", "flow")
    exchange: t.Annotated[Key, Of("exchange"), Examples((b"X" * 16, b"x" * 16))]
    flow: t.Annotated[Key, Of("flow"), Examples(FLOWS)]
    direction: t.Annotated[str, Examples(("deposit", "withdrawal"))]
    """``deposit``: money of the case came to the service. ``withdrawal``: it came from there."""
    txid: Txid
    vout: Vout
    address: t.Annotated[str, Examples(ADDRESSES)]
    amount_sat: Satoshi
    """How much of the payment, by the policy of the flow."""
    value_sat: Satoshi
    """The whole output: by this the service finds it in its books."""
    before_txid: t.Annotated[bytes, Examples((*TXIDS, b""))]
    """What that output was made of, on the way. Of a withdrawal: the service's own output, where the tag is. Of a
    deposit: where the service gathered deposits, the output at the customer's own deposit address. Empty: the payment
    itself is what is asked about."""
    before_vout: t.Annotated[int, Examples((-1, 0, 1))]
    before_address: t.Annotated[str, Examples(ADDRESSES)]
    before_sat: Satoshi
    nearer: str
    """Of a withdrawal that may be the service's own change: outputs behind it on the way to the payment, ``txid:vout``,
    the nearest to it last; ``""``: there are none."""
    earliest: dt.datetime | None
    latest: dt.datetime | None
    """A deposit address may have had another customer before or after: ask for this time."""
    tag: t.Annotated[Key, Of("tag"), Examples(TAGS)]
    settlement: t.Annotated[bytes, Of("settlement"), Examples((b"S" * 16, b""))]
    """The order that the payment was for; empty: not known, or more than one is possible."""
    account: str
    """Number of the account whose order it was; ``""``: as above."""
    order: t.Annotated[str, Examples(("", "1001"))]
    layers: t.Annotated[str, Examples(("A", "A+B", "A+B+C"))]
    """All layers that the flow, the order and the tag rest on."""
    text: str
