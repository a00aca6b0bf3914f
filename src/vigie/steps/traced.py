"""Rows of a trace: its ends as flows, the ways to them as hops, and words for both."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.errors import IntegrityError
from vigie.kernel.table import Table, columns
from vigie.numeric import tainting, tainting_paths
from vigie.rows.paths import Flow, Hop
from vigie.steps.blocktimes import Times, moments
from vigie.steps.followed import Followed, Named

Ints = npt.NDArray[np.int64]
DIRECTIONS: t.Final = ("forward", "backward")
SERVICE, CLUSTER, FANOUT, MISSING = (tainting.STOPS.index(one) for one in ("service", "cluster", "fanout", "missing"))
LAYERS: t.Final = ("A", "B", "C")
WHY: t.Final = {
    "own": "it is the case's own wallet again: what others paid to it is traced for itself",
    "service": "a tag says whose it is, and money of many is mixed there",
    "cluster": "its cluster is so large that it looks like a service's",
    "swap": "a memo orders an exchange into another currency",
    "coinbase": "it was mined",
    "unspent": "up to the chain's last block it is not spent",
    "missing": "the chain here does not hold what comes next",
    "cycle": "the chain contradicts itself",
    "coinjoin": "what comes next looks like a CoinJoin",
    "fanout": "a transaction of so many outputs looks like a service's",
    "value": "less than the least amount is left",
    "fraction": "too small a part of the output is of the payment",
    "date": "what comes next is outside the days that are looked at",
    "hops": "so many hops were allowed",
    "limit": "the trace came to more outputs than are allowed",
    "fee": "paid to miners",
}
"""Words for each reason, for people."""


class Seeds(t.NamedTuple):
    """What is traced."""

    out: Ints
    """Numbers of outputs."""
    receipt: list[bytes]
    """Their rows; empty where there is none."""

    def part(self, first: int, many: int) -> "Seeds":
        """Return some of them."""
        return Seeds(self.out[first : first + many], self.receipt[first : first + many])


class _Ends(t.NamedTuple):
    """Ends with rows of their own, and what of them was added up."""

    node: Ints
    colour: Ints
    stop: Ints
    amount: Ints


def traced(followed: Followed, seeds: Seeds, policy: str, direction: str, most: int) -> tuple[Table[Flow], Table[Hop]]:
    """Trace outputs and return a flow for each end, at most so many for one output and the rest added up, and hops.

    Errors: IntegrityError where satoshi were lost: the chain contradicts itself.
    """
    trace = run(followed, seeds, policy, direction)
    keep, rest = _ranked(trace, most)
    ways = tainting_paths.ways(trace, keep)
    flows = _Flows(followed, seeds, trace, policy, direction)
    table = flows.table(keep, rest, ways)
    return table, flows.hops(table.matrix("key")[: len(keep)], keep, ways)


def run(followed: Followed, seeds: Seeds, policy: str, direction: str) -> tainting.Trace:
    """Trace outputs; errors as above."""
    first, until = followed.window(seeds.out)
    trace = tainting.trace(
        followed.graph, seeds.out, followed.settings.rules(), haircut=policy == "haircut",
        backward=direction == "backward", first=first, until=until,
    )  # fmt: skip
    if trace.unaccounted:
        raise IntegrityError(
            f"A trace ({policy}, {direction}) does not account for {trace.unaccounted} satoshi: the chain contradicts"
            " itself. Check it: vigie chain verify."
        )
    return trace


def _ranked(trace: tainting.Trace, most: int) -> tuple[Ints, Ints]:
    """Return the ends that have rows of their own, services first, then by amount; and the others."""
    ends = np.flatnonzero(trace.stop >= 0)
    colour, stop, amount = trace.colour[ends], trace.stop[ends], trace.amount[ends]
    order = np.lexsort((stop, trace.out[ends], -amount, stop != SERVICE, colour))
    ends, colour = ends[order], colour[order]
    place = np.arange(len(ends)) - np.searchsorted(colour, colour)
    return ends[place < most], ends[place >= most]


class _Flows:
    """Makes the rows of one trace."""

    def __init__(self, followed: Followed, seeds: Seeds, trace: tainting.Trace, policy: str, direction: str) -> None:
        self.followed, self.chain, self.seeds, self.trace = followed, followed.chain, seeds, trace
        self.policy, self.direction = policy, direction
        self.times = Times(self.chain)
        depth = trace.depth
        self.layer = np.where(depth > followed.settings.hops, 2, np.where(trace.sure | (depth == 0), 0, 1))
        self.payers: dict[int, int] = {}
        """Backward: node that a service paid -> the service's own output."""

    def table(self, keep: Ints, rest: Ints, ways: tainting_paths.Ways) -> Table[Flow]:
        """Return the flows: first those of ``keep``, in their order, then what is added up."""
        trace, chain = self.trace, self.chain
        out = trace.out[keep].copy()
        named: list[Named | None] = [None] * len(keep)
        for at in np.flatnonzero(trace.stop[keep] == SERVICE).tolist():
            if self.direction == "backward":
                out[at] = self.payers[int(keep[at])] = self.followed.payer(int(out[at]))
            named[at] = self.followed.named(int(chain.out_script[out[at]]))
        rests = self._rest_on()
        bits = rests[keep] | np.array([1 << LAYERS.index(one.layer) if one else 0 for one in named], int)
        summed = self._summed(rest, rests)
        tx = chain.tx_of(out)
        block = chain.block_of(tx)
        more = len(summed)
        colour = np.concatenate([trace.colour[keep], [one[0] for one in summed]]).astype(np.int64)
        amount = np.concatenate([trace.amount[keep], [one[2] for one in summed]]).astype(np.int64)
        ends = np.concatenate([np.ones(len(keep), np.int64), [one[3] for one in summed]]).astype(np.int64)
        stops = [tainting.STOPS[one] for one in trace.stop[keep].tolist()] + [one[1] for one in summed]
        seed = self.seeds.out[colour]
        seed_tx = chain.tx_of(seed)
        hops = np.concatenate([np.diff(ways.starts) - 1, np.zeros(more, np.int64)])
        hops[: len(keep)] += np.array([int(node) in self.payers for node in keep.tolist()], np.int64)
        others = self._others(ways)
        times = np.concatenate([self.times.at(block), np.full(more, -1)])
        layers = ["+".join(one for n, one in enumerate(LAYERS) if bit >> n & 1) for bit in bits.tolist()]
        layers += ["+".join(x for n, x in enumerate(LAYERS) if one[4] >> n & 1) for one in summed]
        label = [one.label if one else "" for one in named] + [""] * more
        seed_sat = np.asarray(chain.out_value)[seed]
        reached = trace.reached[colour]
        brought = [*others.tolist(), *[-1] * more]
        rows = zip(amount.tolist(), seed_sat.tolist(), hops.tolist(), stops, layers, label, reached.tolist(),
                   ends.tolist(), brought, strict=True)  # fmt: skip
        zeros = np.zeros((more, 32), np.uint8)
        return columns(
            Flow,
            network=chain.network,
            direction=self.direction,
            policy=self.policy,
            seed_txid=np.ascontiguousarray(chain.tx_hash[seed_tx][:, ::-1]),
            seed_vout=seed - np.asarray(chain.tx_out, np.int64)[seed_tx],
            end_txid=np.concatenate([chain.tx_hash[tx][:, ::-1], zeros]),
            end_vout=np.concatenate([out - np.asarray(chain.tx_out, np.int64)[tx], np.full(more, -1)]).astype(np.int64),
            receipt=[self.seeds.receipt[one] for one in colour.tolist()],
            stop=stops,
            ends=ends,
            amount_sat=amount,
            seed_sat=seed_sat,
            hops=hops,
            others=np.concatenate([others, np.full(more, -1)]).astype(np.int64),
            paths=np.concatenate([trace.ways[keep], np.zeros(more)]).astype(np.int64),
            reached=reached,
            at=moments(times),
            height=np.concatenate([np.where(block >= 0, chain.heights[block], -1), np.full(more, -1)]).astype(np.int64),
            address=self.followed.addresses(np.asarray(chain.out_script)[out]) + [""] * more,
            label=label,
            actor=[one.actor if one else "" for one in named] + [""] * more,
            layers=layers,
            weakest=[one[-1] for one in layers],
            text=[self._text(*one) for one in rows],
        )

    def _others(self, ways: tainting_paths.Ways) -> Ints:
        """Count the outputs between seed and end of each way that are not known to be the case's own."""
        inner = np.ones(len(ways.nodes), np.bool_)
        inner[ways.starts[:-1]] = False
        inner[ways.starts[1:] - 1] = False
        script = np.asarray(self.chain.out_script)[self.trace.out[ways.nodes]]
        inner &= self.followed.script_marks[script] & tainting.OWN == 0
        counted: Ints = np.concatenate([[0], np.cumsum(inner)])
        return t.cast("Ints", np.diff(counted[ways.starts]))

    def _rest_on(self) -> npt.NDArray[np.uint8]:
        """Return the layers that each node's way rests on, by bit, and what is a judgement at its end."""
        trace = self.trace
        bits = np.left_shift(1, self.layer).astype(np.uint8)
        tainting_paths.down(trace, bits)
        return bits | np.where(np.isin(trace.stop, (CLUSTER, FANOUT)), 4, 0).astype(np.uint8)

    def _summed(self, rest: Ints, bits: npt.NDArray[np.uint8]) -> list[tuple[int, str, int, int, int]]:
        """Return (colour, reason, amount, how many, layers) of what has no rows of its own."""
        trace, found = self.trace, list[tuple[int, str, int, int, int]]()
        if len(rest):
            key = trace.colour[rest].astype(np.int64) * len(tainting.STOPS) + trace.stop[rest]
            order = np.argsort(key, kind="stable")
            groups, starts, many = np.unique(key[order], return_index=True, return_counts=True)
            amounts = np.add.reduceat(trace.amount[rest][order], starts)
            layers = np.bitwise_or.reduceat((bits[rest] | self._claimed(rest))[order], starts)
            added = (one.tolist() for one in (groups, amounts, many, layers))
            for group, amount, count, layer in zip(*added, strict=True):
                colour, stop = divmod(group, len(tainting.STOPS))
                found.append((colour, tainting.STOPS[stop], amount, count, layer))
        # A policy says whose a fee is, and it rests on the ways to it: those that went on.
        on = np.full(len(trace.fee), 2, np.uint8)
        went = np.flatnonzero(trace.stop < 0)
        np.bitwise_or.at(on, trace.colour[went], bits[went])
        for colour in np.flatnonzero(trace.fee).tolist():
            found.append((colour, "fee", int(trace.fee[colour]), int(trace.fee_txs[colour]), int(on[colour])))
        return found

    def _claimed(self, nodes: Ints) -> npt.NDArray[np.uint8]:
        """Return the layer, by bit, of what says whose the service is at which each node ends; 0 of other ends."""
        found = np.zeros(len(nodes), np.uint8)
        at = np.flatnonzero(self.trace.stop[nodes] == SERVICE)
        out, back = np.unique(self.trace.out[nodes[at]], return_inverse=True)
        if self.direction == "backward":
            out = np.array([self.followed.payer(one) for one in out.tolist()], np.int64)
        marks = self.followed.script_marks[np.asarray(self.chain.out_script)[out]]
        found[at] = np.where(marks & tainting.SERVICE, 2, 4)[back]
        return found

    def _text(self, amount: int, seed: int, hops: int, stop: str, layers: str, label: str, reached: int,
              ends: int, others: int) -> str:  # fmt: skip
        policy = {"fifo": "FIFO", "haircut": "haircut"}[self.policy]
        went = "went" if self.direction == "forward" else "possibly came from"
        where = f"{ends:,} ends" if ends > 1 or stop == "fee" else (label or "an output")
        way = f" {'to ' if self.direction == 'forward' else ''}{where}" + (
            f", {hops:,} hop{'s' * (hops != 1)} away" if hops else ""
        )
        brought = ""
        if self.direction == "forward" and stop == "service" and others >= 0:
            brought = (
                f" On the way it passed outputs that are not known to be the case's own, {others:,}: whoever was paid"
                " may have brought it there."
                if others
                else " The case's own wallet brought it there."
            )
        passed = f"{reached:,} transaction{'s' * (reached != 1)}"
        return (
            f"By {policy}, {amount:,} of {seed:,} satoshi {went}{way}. The trace ends there: {WHY[stop]}.{brought} It"
            f" passed {passed} in all and accounts for every satoshi. Rests on {layers}."
        )

    def hops(self, keys: npt.NDArray[np.uint8], keep: Ints, ways: tainting_paths.Ways) -> Table[Hop]:
        """Return the hops of the flows with these keys."""
        trace, chain = self.trace, self.chain
        lengths = np.diff(ways.starts)
        flow = np.repeat(np.arange(len(keep)), lengths)
        number = np.arange(len(ways.nodes)) - ways.starts[:-1][flow]
        out, amount, layer = trace.out[ways.nodes], trace.amount[ways.nodes], self.layer[ways.nodes]
        signals = self._signals(ways.nodes)
        paid = [at for at, node in enumerate(keep.tolist()) if node in self.payers]
        extra = np.array([self.payers[int(keep[at])] for at in paid], np.int64)
        out = np.concatenate([out, extra])
        amount = np.concatenate([amount, trace.amount[keep[np.array(paid, np.int64)]]])
        flow = np.concatenate([flow, np.array(paid, np.int64)])
        number = np.concatenate([number, lengths[np.array(paid, np.int64)]])
        layer = np.concatenate([layer, np.ones(len(paid), np.int64)]).astype(np.int64)
        signals += ["spent by the service in the same transaction"] * len(paid)
        tx = chain.tx_of(out)
        block = chain.block_of(tx)
        value = np.asarray(chain.out_value)[out]
        return columns(
            Hop,
            flow=keys[flow],
            number=number,
            txid=np.ascontiguousarray(chain.tx_hash[tx][:, ::-1]),
            vout=out - np.asarray(chain.tx_out, np.int64)[tx],
            value_sat=value,
            amount_sat=amount,
            address=self.followed.addresses(np.asarray(chain.out_script)[out]),
            height=np.where(block >= 0, chain.heights[block], -1).astype(np.int64),
            at=moments(self.times.at(block)),
            layer=[LAYERS[one] for one in layer.tolist()],
            signals=signals,
            share=np.where(value > 0, amount / np.maximum(value, 1), 0.0),
        )

    def _signals(self, nodes: Ints) -> list[str]:
        """Say of which nodes a transaction looks like a step of a peel chain: a lead on who goes on with the money."""
        trace, marks = self.trace, self.followed.tx_marks
        tx = self.chain.tx_of(trace.out[nodes])
        vout = trace.out[nodes] - np.asarray(self.chain.tx_out, np.int64)[tx]
        peel = (marks[tx] & tainting.PEEL != 0) & (trace.depth[nodes] > 0)
        rest = peel & (vout == np.where(marks[tx] & tainting.REST_IS_1, 1, 0))
        return [
            "rest of a peel chain (C): one input, two outputs, spent in the same way"
            if r
            else "peeled off (C)"
            if p
            else ""
            for r, p in zip(rest.tolist(), peel.tolist(), strict=True)
        ]
