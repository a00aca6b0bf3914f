"""Where the satoshi of an output went, or came from: whole-number traces over a chain of transactions.

*FIFO* (Anderson 2018, after Clayton's Case of 1816): what a transaction spends is a queue in the order of its inputs;
it fills the outputs in their order, and what is left is the fee. Each satoshi has one place, so nothing is rounded, and
backward is forward reversed. *Haircut*: each output, and the fee, gets the same part of what is tainted, rounded by
largest remainder, ties to the lowest place. Backward, each input gets its part of what the outputs hold.

Every seed is a colour of its own, traced as if it were alone: what one answer says does not hang on what else was
asked. For each transaction and colour, in = out + fee, to the satoshi; ``unaccounted`` says what a whole trace lost,
and it is zero. Transactions stand in the order in which they spend each other, so that one pass does: over those
reached alone, found by two levels of marks.
"""

from __future__ import annotations

import functools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import tainting_fifo, tainting_haircut, tainting_native
from vigie.numeric.native import NATIVE
from vigie.numeric.tainting_nodes import MOST_MONEY, STOPS

Ints = npt.NDArray[np.int64]
MISSING: t.Final = (1 << 40) - 1


class Graph(t.NamedTuple):
    """A chain, as ``kernel.chain.Chain`` holds it, and what is known of its transactions and scripts."""

    tx_in: npt.NDArray[np.uint64]
    tx_out: npt.NDArray[np.uint64]
    prev_low: npt.NDArray[np.uint32]
    prev_high: npt.NDArray[np.uint8]
    out_value: Ints
    out_spender: npt.NDArray[np.uint32]
    out_script: npt.NDArray[np.uint32]
    tx_marks: npt.NDArray[np.uint8]
    """[n_tx], bits: ``JOIN`` ..."""
    script_marks: npt.NDArray[np.uint8]
    """[scripts], bits: ``SERVICE`` ..."""
    scoped: bool
    """An output that nothing here spends may be spent elsewhere: it is missing, not unspent."""


JOIN: t.Final = 1
"""Bits of ``tx_marks``. It looks like a CoinJoin."""
SWAP: t.Final = 2
"""It carries a memo that orders an exchange into another currency."""
COINBASE: t.Final = 4
STUB: t.Final = 8
"""Its inputs are not known."""
PEEL: t.Final = 16
"""A step of a peel chain ..."""
REST_IS_1: t.Final = 32
"""... that goes on from its output 1, else from 0."""
SERVICE: t.Final = 1
"""Bits of ``script_marks``. It is tagged as a service's ..."""
SERVICE_BY_CLUSTER: t.Final = 2
"""... or another script of its cluster is."""
LARGE: t.Final = 4
"""Of a cluster that is so large that it looks like a service's."""
OWN: t.Final = 8
"""It is the case's own. A trace that left the own scripts ends where it comes to them again; backward, also where an
own output was spent together with others' (PayJoin): what lies beyond is another payment's."""


class Rules(t.NamedTuple):
    """When a trace goes no further. What a node meets first in the order of ``STOPS`` is its reason."""

    hops: int = 20
    peel_hops: int = 200
    """Beyond ``hops`` a trace goes on only along the rest of peel chains, and not beyond this."""
    least_sat: int = 1_000
    fan_out: int = 50
    """A transaction of more outputs looks like a service's."""
    least_permille: int = 0
    """What is tainted, of an output's value."""
    most_nodes: int = 1_000_000
    """Outputs that the trace of one seed may come to."""


class Trace(t.NamedTuple):
    """All outputs that were reached, those of one seed connected by ``parent``; arrays of one length but the last four.

    An output has one node for each colour that reaches it, and one more where only a part of it could be followed.
    """

    colour: npt.NDArray[np.int32]
    out: Ints
    amount: Ints
    """How much of the colour is in it."""
    parent: npt.NDArray[np.int32]
    """Node that most of it came from, the first of equals; -1: a seed."""
    ways: npt.NDArray[np.int32]
    """How many ways lead here; at most 2^31 - 1."""
    depth: npt.NDArray[np.int32]
    stop: npt.NDArray[np.int8]
    """Place in ``STOPS``; -1: it goes on."""
    sure: npt.NDArray[np.bool_]
    """Would every policy have brought the colour here? Forward: all that the transaction spends is of that colour, or
    it has one output. Backward: it has one input."""
    fee: Ints
    """[colours] How much went to miners, on all ways ..."""
    fee_txs: Ints
    """[colours] ... in how many transactions."""
    reached: Ints
    """[colours] Transactions that the trace passed through."""
    unaccounted: int
    """Satoshi of all seeds that are neither at an end nor in a fee: zero, else the chain contradicts itself."""


def trace(
    graph: Graph,
    seeds: Ints,
    rules: Rules,
    *,
    haircut: bool = False,
    backward: bool = False,
    colours: Ints | None = None,
    first: Ints | None = None,
    until: Ints | None = None,
    native: bool = True,
) -> Trace:
    """Trace outputs, each as a colour of its own number unless ``colours`` gives numbers from 0.

    Of one colour no output may lie on another's way. ``first``, ``until``: int64[colours], transactions before which,
    and from which on, each is not followed. ``native``: in C where that is built; the results are the same.
    Errors: IndexError where a seed is no output; ValueError where its value is not known.
    """
    n_tx, n_out = len(graph.tx_out) - 1, len(graph.out_value)
    seeds = np.ascontiguousarray(seeds, np.int64)
    if len(seeds) and not (seeds.min() >= 0 and seeds.max() < n_out):
        raise IndexError(f"a seed is no output: there are {n_out}")
    values = graph.out_value[seeds]
    if len(seeds) and not (values.min() >= 0 and values.max() <= MOST_MONEY):
        raise ValueError("the value of a seed is not known")
    colours = np.arange(len(seeds)) if colours is None else np.ascontiguousarray(colours, np.int64)
    many = int(colours.max(initial=-1)) + 1
    first = np.zeros(many, np.int64) if first is None else np.ascontiguousarray(first, np.int64)
    until = np.full(many, n_tx, np.int64) if until is None else np.ascontiguousarray(until, np.int64)
    order = np.argsort(seeds, kind="stable")
    loop: t.Any = tainting_haircut.run if haircut else tainting_fifo.run
    native = native and NATIVE is not None
    if native:
        loop = functools.partial(tainting_native.run, haircut=haircut)
    arrays = (_shared(one) if isinstance(one, np.ndarray) else one for one in graph)
    made = loop(*arrays, seeds, colours, order, many, np.array(rules, np.int64), first, until, backward)
    nodes = Trace._make((*made, 0))._replace(sure=made[7].view(np.bool_))
    ended = tainting_native.ended(nodes.out) if native else _sum(nodes)
    return nodes._replace(unaccounted=sum(map(int, values)) - ended - sum(map(int, nodes.fee)))


def _sum(nodes: Trace) -> int:
    """Add up without overflow: low and high halves apart."""
    held = nodes.amount[nodes.stop >= 0]
    return int((held & 0xFFFFFFFF).sum()) + (int((held >> 32).sum()) << 32)


def _shared(array: np.ndarray[t.Any, t.Any]) -> np.ndarray[t.Any, t.Any]:
    """Return a read-only view: mapped files are, and one kind of array is compiled once."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


__all__ = ["STOPS", "Graph", "Rules", "Trace", "trace"]
