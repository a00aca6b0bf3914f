"""Money, room 5: scripts that one wallet spends together, what spoke against putting together, and likely change."""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row
from vigie.rows.money import ADDRESSES, Layer, Network, Satoshi, Script, ScriptType, Txid, Vout

CLUSTERS = (b"C" * 16, b"c" * 16)
JOINS: tuple[str, ...] = (
    "whirlpool", "wasabi1", "wasabi11", "wabisabi", "joinmarket", "whirlpool_tx0", "ambiguous",
)  # fmt: skip
"""Shapes of CoinJoins. ``whirlpool_tx0`` goes before one and is none itself. ``ambiguous``: equal outputs as of several
people, of no kind that can be told: Stonewall and JoinMarket of two look the same."""


class Cluster(Row, frozen=True, kw_only=True):
    """Scripts that were spent together, so that one wallet likely holds their keys: layer B. It names nobody."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "first")
    network: Network
    first: Script
    """The script of its lowest number in the chain: its name does not depend on the order of merges."""
    scripts: int
    watched: int
    """How many of them the case watches."""
    transactions: int
    """How many merged them."""
    withheld: int
    """Transactions of them that did not merge, since they look like a CoinJoin or the like."""
    named: t.Annotated[str, Examples(("",))]
    """Labels of tags on it, with commas; ``""``: none."""
    text: str
    """What it rests on and how often that is wrong, for people."""


class ClusterMember(Row, frozen=True, kw_only=True):
    """A script of a cluster. Of large clusters only what the case touches has rows."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "script")
    network: Network
    script: Script
    cluster: t.Annotated[Key, Of("cluster"), Examples(CLUSTERS)]
    type: ScriptType
    address: t.Annotated[str, Examples(ADDRESSES)]
    via: Txid
    """The first transaction that spends it together with another one of the cluster."""


class Withheld(Row, frozen=True, kw_only=True):
    """A transaction whose inputs were not put together, and why."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "txid")
    network: Network
    txid: Txid
    height: int
    why: t.Annotated[str, Examples(("coinjoin", "tagged", "grows", "anyone_can_pay", "payjoin"))]
    """``coinjoin``: it looks like one. ``tagged``: it would join two services. ``grows``: too much at one step.
    ``anyone_can_pay``: signatures under which others may add inputs. ``payjoin``: somebody paid the case's own wallet,
    and it signed, too."""
    join: t.Annotated[str, Examples(("", *JOINS))]
    label: bool
    """Is the shape so exact that it is called that? Otherwise it is a suspicion, which only withholds."""
    inputs: int
    scripts: int
    """Different scripts among the inputs."""
    parties: int
    """How many are likely in it; 0: not said."""
    denomination_sat: Satoshi
    """The value that repeats most; 0: none."""
    text: str
    """The rule and what met it, for people."""


class Change(Row, frozen=True, kw_only=True):
    """An output that is likely the spender's own change: layer C, never merged into clusters."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "txid")
    network: Network
    txid: Txid
    vout: Vout
    layer: Layer
    signals: t.Annotated[str, Examples(("", "script_type", "round_value, script_type"))]
    """Which signals say so, with commas."""
    against: t.Annotated[str, Examples(("", "address_reuse"))]
    """Which speak against it."""
    precision: float
    """Share of such outputs that were change, among those of which it is known ..."""
    precision_low: float
    precision_high: float
    """... with its 95 % interval (Wilson 1927)."""
    measured_on: t.Annotated[str, Examples(("this chain", "by definition"))]
    """``this chain``: by change that a later co-spend revealed (``signalrate``). ``by definition``: the output pays a
    script that the transaction itself spends, so nothing was measured."""
    text: str


class SignalRate(Row, frozen=True, kw_only=True):
    """How often a combination of signals of change was right on this chain, where a later co-spend revealed it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "signals", "against", "era", "type")
    network: Network
    signals: t.Annotated[str, Examples(("round_value, script_type",))]
    against: t.Annotated[str, Examples(("", "optimal"))]
    era: t.Annotated[str, Examples(("", "2023"))]
    """Year of the blocks; ``""``: all."""
    type: t.Annotated[str, Examples(("", "p2wpkh", "mixed"))]
    """Of the scripts that were spent; ``""``: all."""
    right: int
    of: int
    """Transactions of which it is known."""
    precision: float
    low: float
    high: float
    """95 % interval (Wilson 1927)."""
    used: bool
    """Is its lower bound high enough for rows of ``change`` to rest on it?"""
