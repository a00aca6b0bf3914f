"""Peel chains: one input, two outputs, the larger rest goes on the same way, again and again.

Each hop is a statistical step (layer C, a lead only): it says which signals chose the rest. Where they do not choose
one output the chain ends; nothing is picked silently.
"""

from __future__ import annotations

import typing as t

from vigie.numeric.change import UNSPENT, Candidates, Written, names
from vigie.numeric.cospend import Bytes

LEAST_PEELED_SAT: t.Final = 1_000
STOPS: t.Final = ("unspent", "shape", "fingerprint", "ambiguous", "peeled", "stopped", "hops")


class Hop(t.NamedTuple):
    """A step: a transaction, the output that goes on, and what was peeled off."""

    tx: int
    rest: int
    """Number of the output that goes on."""
    peeled: int
    """Number of the output that is paid to somebody."""
    signals: str
    """Why the rest is believed to be it, with commas."""


class Peeled(t.NamedTuple):
    """A peel chain, and why it was followed no further: one of ``STOPS``.

    ``unspent``: nothing spends the rest. ``shape``: it is not one input and two outputs. ``fingerprint``: written by
    another program. ``ambiguous``: the signals do not choose one output. ``peeled``: less than 1,000 satoshi were paid.
    ``stopped``: at a transaction or a script that ends a trace (a tag, a CoinJoin). ``hops``: long enough.
    """

    hops: list[Hop]
    stop: str
    at: int
    """The output that was not followed."""


def follow(
    written: Written, found: Candidates, start: int, *, stops: Bytes | None = None, most: int = 200, least: int = 2
) -> Peeled:
    """Follow the output ``start`` forward. ``stops``: uint8[scripts], marks scripts at which a trace ends.

    A step is taken where at least ``least`` signals speak for one output and none against it.
    """
    hops: list[Hop] = []
    at = start
    while len(hops) < most:
        if stops is not None and stops[written.out_script[at]]:
            return Peeled(hops, "stopped", at)
        tx = int(written.out_spender[at])
        if tx == UNSPENT:
            return Peeled(hops, "unspent", at)
        stop = _not_a_step(written, tx)
        if not stop and hops and _finger(written, tx) != _finger(written, hops[-1].tx):
            stop = "fingerprint"
        rest, speak = int(found.out[tx]), int(found.speak[tx])
        if not stop and (rest < 0 or found.against[tx] or speak.bit_count() < least):
            stop = "ambiguous"
        first = int(written.tx_out[tx])
        peeled = first + (rest == first)
        if not stop and int(written.out_value[peeled]) < LEAST_PEELED_SAT:
            stop = "peeled"
        if stop:
            return Peeled(hops, stop, at)
        hops.append(Hop(tx, rest, peeled, names(speak)))
        at = rest
    return Peeled(hops, "hops", at)


def _not_a_step(written: Written, tx: int) -> str:
    inputs = int(written.tx_in[tx + 1] - written.tx_in[tx])
    outputs = int(written.tx_out[tx + 1] - written.tx_out[tx])
    return "" if inputs == 1 and outputs == 2 else "shape"


def _finger(written: Written, tx: int) -> tuple[int, bool, int]:
    """Return what a program leaves in each transaction it writes: version, lock time or none, sequence."""
    sequence = int(written.in_signs[int(written.tx_in[tx])]) & 3
    return int(written.tx_version[tx]), bool(written.tx_lock[tx]), sequence
