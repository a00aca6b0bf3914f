"""Haircut: each output, and the fee, gets the part of a colour that it is of what the transaction spends.

Whole satoshi by largest remainder (Hamilton's method), ties to the lowest place, the fee last. A product of two amounts
needs 102 bits: a quotient is guessed in floating point and set right in whole numbers that wrap, which is exact as long
as no amount is more than 2^51 (``MOST_MONEY`` is less).
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.tainting_nodes import MISSING, MOST_MONEY, NO_TX, SHIFT, grown, onward, prev_of, tx_of


@numba.njit(cache=True, nogil=True)
def shares(amount: t.Any, weights: t.Any, whole: t.Any, out: t.Any, rest: t.Any) -> None:
    """Divide ``amount`` among ``weights``, which add up to ``whole`` >= ``amount``, all 0 to 2^51; into ``out``.

    ``rest``: int64 of the same length, for passing use.
    """
    left = amount
    part = float(amount) / float(whole)
    for i in range(len(weights)):
        quotient = np.int64(part * float(weights[i]))
        remainder = amount * weights[i] - quotient * whole  # the true one is small: what wraps cancels
        while remainder < 0:
            quotient -= 1
            remainder += whole
        while remainder >= whole:
            quotient += 1
            remainder -= whole
        out[i], rest[i] = quotient, remainder
        left -= quotient
    if left > 8:
        for i in np.argsort(-rest, kind="mergesort")[:left]:
            out[i] += 1
        return
    for _ in range(left):
        best = 0
        for i in range(1, len(weights)):
            if rest[i] > rest[best]:
                best = i
        out[best] += 1
        rest[best] = -1


@numba.njit(cache=True, nogil=True)
def run(  # noqa: C901, PLR0912, PLR0915 - one loop, which numba compiles
    tx_in: t.Any, tx_out: t.Any, prev_low: t.Any, prev_high: t.Any, out_value: t.Any, out_spender: t.Any,
    out_script: t.Any, tx_marks: t.Any, script_marks: t.Any, scoped: t.Any,
    seeds: t.Any, seed_colour: t.Any, order: t.Any, colours: t.Any, rules: t.Any, first: t.Any, until: t.Any,
    backward: t.Any,
) -> t.Any:  # fmt: skip
    """Return what ``tainting.Trace`` has, in its order. Each reached output holds a chain of nodes, one a colour."""
    n_tx, n_seeds = len(tx_out) - 1, len(seeds)
    n_out = len(out_value)
    cap = max(1024, 4 * n_seeds)
    colour, out, amount = np.empty(cap, np.int32), np.empty(cap, np.int64), np.empty(cap, np.int64)
    parent, ways, depth = np.empty(cap, np.int32), np.empty(cap, np.int32), np.empty(cap, np.int32)
    stop, sure, after_it = np.empty(cap, np.int8), np.empty(cap, np.uint8), np.empty(cap, np.int64)
    nodes = 0
    fee, fee_txs, reached = np.zeros(colours, np.int64), np.zeros(colours, np.int64), np.zeros(colours, np.int64)
    count, seen = np.zeros(colours, np.int64), np.full(colours, -1, np.int64)
    came, most = np.zeros(colours, np.int64), np.zeros(colours, np.int64)
    most_node, all_ways = np.zeros(colours, np.int64), np.zeros(colours, np.int64)
    here = np.empty(colours, np.int64)
    held = np.zeros(n_out, np.int64)
    wanted, wanted_far = np.zeros(n_tx, np.uint8), np.zeros((n_tx >> SHIFT) + 1, np.uint8)
    room: t.Any = 64
    weights, given, rest = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)

    for at in range(n_seeds):
        o, c = seeds[order[at]], seed_colour[order[at]]
        colour[nodes], out[nodes], amount[nodes], parent[nodes], ways[nodes] = c, o, out_value[o], -1, 1
        depth[nodes], sure[nodes] = 0, 1
        after = tx_of(tx_out, o) if backward else (-1 if out_spender[o] == NO_TX else np.int64(out_spender[o]))
        stop[nodes] = onward(
            tx_in, tx_out, prev_low, prev_high, out_value, out_script, tx_marks, script_marks, scoped,
            rules, o, out_value[o], 0, -1, -1, after, 0, first[c], until[c], backward,
        )  # fmt: skip
        if stop[nodes] < 0:
            after_it[nodes] = held[o]
            held[o] = nodes + 1
            wanted[after] = 1
            wanted_far[after >> SHIFT] = 1
        nodes += 1

    far, far_end, step = (len(wanted_far) - 1, -1, -1) if backward else (0, len(wanted_far), 1)
    while far != far_end:
        if not wanted_far[far]:
            far += step
            continue
        low, high = far << SHIFT, min(n_tx, (far + 1) << SHIFT)
        for offset in range(high - low):
            tx = high - 1 - offset if backward else low + offset
            if not wanted[tx]:
                continue
            i0, i1, o0, o1 = (
                np.int64(tx_in[tx]),
                np.int64(tx_in[tx + 1]),
                np.int64(tx_out[tx]),
                np.int64(tx_out[tx + 1]),
            )
            src0, src1, snk0, snk1 = (o0, o1, i0, i1) if backward else (i0, i1, o0, o1)
            whole, known = np.int64(0), True  # what the inputs are worth
            for k in range(i0, i1):
                o = prev_of(prev_low, prev_high, k)
                value = np.int64(-1) if o >= o0 else out_value[o]
                if value < 0 or value > MOST_MONEY or whole > MOST_MONEY:
                    known = False
                    break
                whole += value
            known = known and bool(0 < whole <= MOST_MONEY)
            # What comes in, colour by colour.
            n = 0
            for k in range(src0, src1):
                o = k if backward else prev_of(prev_low, prev_high, k)
                node = -1 if o >= n_out else held[o] - 1
                if node >= 0 and not backward:
                    held[o] = 0  # nothing is spent twice
                while node >= 0:
                    c = colour[node]
                    if not known:
                        stop[node] = MISSING
                    else:
                        if seen[c] != tx:
                            seen[c], came[c], most[c], all_ways[c] = tx, 0, -1, 0
                            reached[c] += 1
                            here[n] = c
                            n += 1
                        came[c] += amount[node]
                        all_ways[c] = min(all_ways[c] + ways[node], np.int64(0x7FFFFFFF))
                        if amount[node] > most[c]:
                            most[c], most_node[c] = amount[node], node
                    node = after_it[node] - 1
            if n == 0:
                continue
            size = snk1 - snk0 + (0 if backward else 1)
            if size > room:
                room = 2 * size
                weights, given, rest = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
            left: t.Any = whole
            for k in range(snk0, snk1):
                o = prev_of(prev_low, prev_high, k) if backward else k
                weights[k - snk0] = out_value[o]
                left = np.int64(-1) if left < 0 or out_value[o] < 0 else left - out_value[o]
            if not backward:
                weights[size - 1] = left
            for p in range(n):
                c = here[p]
                source = most_node[c]
                if left < 0 or came[c] > whole:  # it makes more than it spends: no chain does that
                    continue
                shares(came[c], weights[:size], whole, given[:size], rest[:size])
                for k in range(snk0, snk1):
                    share = given[k - snk0]
                    if share == 0:
                        continue
                    o = prev_of(prev_low, prev_high, k) if backward else k
                    if nodes == cap:
                        colour, out, amount, after_it = grown(colour), grown(out), grown(amount), grown(after_it)
                        parent, ways, depth = grown(parent), grown(ways), grown(depth)
                        stop, sure = grown(stop), grown(sure)
                        cap *= 2
                    after = (
                        tx_of(tx_out, o) if backward else (-1 if out_spender[o] == NO_TX else np.int64(out_spender[o]))
                    )
                    colour[nodes], out[nodes], amount[nodes], parent[nodes] = c, o, share, source
                    ways[nodes], depth[nodes] = all_ways[c], depth[source] + 1
                    sure[nodes] = snk1 - snk0 == 1 or (not backward and came[c] == whole)
                    count[c] += 1
                    stop[nodes] = onward(
                        tx_in, tx_out, prev_low, prev_high, out_value, out_script, tx_marks, script_marks,
                        scoped, rules, o, share, depth[nodes], out[source], tx, after, count[c], first[c], until[c],
                        backward,
                    )  # fmt: skip
                    if stop[nodes] < 0:
                        after_it[nodes] = held[o]
                        held[o] = nodes + 1
                        wanted[after] = 1
                        wanted_far[after >> SHIFT] = 1
                    nodes += 1
                if not backward and given[size - 1]:
                    fee[c] += given[size - 1]
                    fee_txs[c] += 1
        far += step
    return (
        colour[:nodes].copy(), out[:nodes].copy(), amount[:nodes].copy(), parent[:nodes].copy(), ways[:nodes].copy(),
        depth[:nodes].copy(), stop[:nodes].copy(), sure[:nodes].copy(), fee, fee_txs, reached,
    )  # fmt: skip
