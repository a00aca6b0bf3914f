"""First in, first out: each output that was reached has a list of stretches of satoshi, each of one colour.

A stretch is (first satoshi, length, node); a list stands in one piece in the order of first satoshi, and its last node
is written as its complement. Forward, the lists of a transaction's inputs one behind the other are cut where its
outputs end; backward, those of its outputs where its inputs end. So one loop does both, over *sources* and *sinks*.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.tainting_nodes import (
    MISSING,
    MOST_MONEY,
    NO_TX,
    SHIFT,
    grown,
    onward,
    prev_of,
    tx_of,
)


@numba.njit(cache=True, nogil=True)
def run(  # noqa: C901, PLR0912, PLR0915 - one loop, which numba compiles
    tx_in: t.Any, tx_out: t.Any, prev_low: t.Any, prev_high: t.Any, out_value: t.Any, out_spender: t.Any,
    out_script: t.Any, tx_marks: t.Any, script_marks: t.Any, scoped: t.Any,
    seeds: t.Any, seed_colour: t.Any, order: t.Any, colours: t.Any, rules: t.Any, first: t.Any, until: t.Any,
    backward: t.Any,
) -> t.Any:  # fmt: skip
    """Return what ``tainting.Trace`` has, in its order."""
    n_tx, n_seeds = len(tx_out) - 1, len(seeds)
    n_out = len(out_value)
    cap = max(1024, 4 * n_seeds)
    colour, out, amount = np.empty(cap, np.int32), np.empty(cap, np.int64), np.empty(cap, np.int64)
    parent, ways, depth = np.empty(cap, np.int32), np.empty(cap, np.int32), np.empty(cap, np.int32)
    stop, sure = np.empty(cap, np.int8), np.empty(cap, np.uint8)
    nodes = 0
    seg_cap = max(1024, 4 * n_seeds)
    seg_from, seg_len, seg_node = np.empty(seg_cap, np.int64), np.empty(seg_cap, np.int64), np.empty(seg_cap, np.int32)
    segs = 0
    fee, fee_txs, reached = np.zeros(colours, np.int64), np.zeros(colours, np.int64), np.zeros(colours, np.int64)
    count, mark = np.zeros(colours, np.int64), np.full(colours, -1, np.int64)
    seen, fee_seen = np.full(colours, -1, np.int64), np.full(colours, -1, np.int64)
    came, run_from = np.zeros(colours, np.int64), np.full(colours, -1, np.int64)
    run_sum, best = np.zeros(colours, np.int64), np.zeros(colours, np.int64)
    held = np.zeros(n_out, np.int64)
    wanted, wanted_far = np.zeros(n_tx, np.uint8), np.zeros((n_tx >> SHIFT) + 1, np.uint8)
    buf_cap = 1024
    buf_from, buf_end, buf_node = np.empty(buf_cap, np.int64), np.empty(buf_cap, np.int64), np.empty(buf_cap, np.int32)

    at = 0
    while at < n_seeds:  # seeds first: one list for those of one output
        o = seeds[order[at]]
        start = segs
        while at < n_seeds and seeds[order[at]] == o:
            c = seed_colour[order[at]]
            colour[nodes], out[nodes], amount[nodes], parent[nodes], ways[nodes] = c, o, out_value[o], -1, 1
            depth[nodes], sure[nodes] = 0, 1
            after = tx_of(tx_out, o) if backward else (-1 if out_spender[o] == NO_TX else np.int64(out_spender[o]))
            stop[nodes] = onward(
                tx_in, tx_out, prev_low, prev_high, out_value, out_script, tx_marks, script_marks, scoped,
                rules, o, out_value[o], 0, -1, -1, after, 0, first[c], until[c], backward,
            )  # fmt: skip
            if stop[nodes] < 0:
                seg_from[segs], seg_len[segs], seg_node[segs] = 0, out_value[o], nodes
                segs += 1
                wanted[after] = 1
                wanted_far[after >> SHIFT] = 1
            nodes += 1
            at += 1
        if segs > start:
            seg_node[segs - 1] = ~seg_node[segs - 1]
            held[o] = start + 1

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
            # What comes in, as stretches of the queue.
            n, position, known = 0, np.int64(0), True
            for k in range(src0, src1):
                o = k if backward else prev_of(prev_low, prev_high, k)
                value = np.int64(-1) if o >= n_out else out_value[o]
                if value < 0 or value > MOST_MONEY or (not backward and o >= o0):
                    known = False
                    continue
                if held[o]:
                    s = held[o] - 1
                    if not backward:
                        held[o] = 0  # nothing is spent twice
                    while True:
                        raw = seg_node[s]
                        node = ~raw if raw < 0 else raw
                        c = colour[node]
                        if known:
                            if n == buf_cap:
                                buf_from, buf_end, buf_node = grown(buf_from), grown(buf_end), grown(buf_node)
                                buf_cap *= 2
                            buf_from[n], buf_node[n] = position + seg_from[s], node
                            buf_end[n] = buf_from[n] + seg_len[s]
                            n += 1
                            if seen[c] != tx:
                                seen[c], came[c] = tx, 0
                                reached[c] += 1
                            came[c] += seg_len[s]
                        else:
                            stop[node] = MISSING
                        s += 1
                        if raw < 0:
                            break
                position += value
                if position > MOST_MONEY:
                    known = False
            if n == 0:
                continue
            whole = position if known else np.int64(-1)
            single = snk1 - snk0 == 1
            # What it fills.
            lo, begin, lost = 0, np.int64(0), backward
            for k in range(snk0, snk1):
                o = prev_of(prev_low, prev_high, k) if backward else k
                value = np.int64(-1) if o >= n_out else out_value[o]
                if value < 0 or value > MOST_MONEY or begin > MOST_MONEY or (backward and o >= o0):
                    lost = True  # from here on no place is known
                    break
                end = begin + value
                while lo < n and buf_end[lo] <= begin:
                    lo += 1
                if lo == n:
                    break
                if buf_from[lo] >= end:
                    begin = end
                    continue
                before, base, old = segs, nodes, held[o]
                if old:  # seeds: their list goes first
                    s = old - 1
                    while True:
                        if segs == seg_cap:
                            seg_from, seg_len, seg_node = grown(seg_from), grown(seg_len), grown(seg_node)
                            seg_cap *= 2
                        raw = seg_node[s]
                        seg_from[segs], seg_len[segs], seg_node[segs] = (
                            seg_from[s],
                            seg_len[s],
                            ~raw if raw < 0 else raw,
                        )
                        segs += 1
                        s += 1
                        if raw < 0:
                            break
                kept = segs
                j = lo
                while j < n and buf_from[j] < end:
                    if buf_end[j] > begin:
                        a, b = max(buf_from[j], begin), min(buf_end[j], end)
                        source = buf_node[j]
                        c = colour[source]
                        if mark[c] < base:
                            if nodes == cap:
                                colour, out, amount = grown(colour), grown(out), grown(amount)
                                parent, ways, depth = grown(parent), grown(ways), grown(depth)
                                stop, sure = grown(stop), grown(sure)
                                cap *= 2
                            colour[nodes], out[nodes], amount[nodes], parent[nodes], ways[nodes] = c, o, 0, source, 0
                            sure[nodes] = single or (not backward and came[c] == whole)
                            mark[c], run_from[c], best[c] = nodes, -1, 0
                            nodes += 1
                        node = mark[c]
                        if run_from[c] != source:
                            run_from[c], run_sum[c] = source, 0
                            ways[node] = min(np.int64(ways[node]) + np.int64(ways[source]), np.int64(0x7FFFFFFF))
                        run_sum[c] += b - a
                        amount[node] += b - a
                        if run_sum[c] > best[c]:
                            best[c], parent[node] = run_sum[c], source
                        if (
                            segs > kept
                            and seg_node[segs - 1] == node
                            and seg_from[segs - 1] + seg_len[segs - 1] == a - begin
                        ):
                            seg_len[segs - 1] += b - a
                        else:
                            if segs == seg_cap:
                                seg_from, seg_len, seg_node = grown(seg_from), grown(seg_len), grown(seg_node)
                                seg_cap *= 2
                            seg_from[segs], seg_len[segs], seg_node[segs] = a - begin, b - a, node
                            segs += 1
                    j += 1
                live = False
                after = tx_of(tx_out, o) if backward else (-1 if out_spender[o] == NO_TX else np.int64(out_spender[o]))
                for node in range(base, nodes):
                    c = colour[node]
                    depth[node] = depth[parent[node]] + 1
                    count[c] += 1
                    stop[node] = onward(
                        tx_in, tx_out, prev_low, prev_high, out_value, out_script, tx_marks, script_marks,
                        scoped, rules, o, amount[node], depth[node], out[parent[node]], tx, after, count[c], first[c],
                        until[c], backward,
                    )  # fmt: skip
                    live = live or stop[node] < 0
                if live:
                    w = kept
                    for s in range(kept, segs):
                        if stop[seg_node[s]] < 0:
                            seg_from[w], seg_len[w], seg_node[w] = seg_from[s], seg_len[s], seg_node[s]
                            w += 1
                    segs = w
                    seg_node[segs - 1] = ~seg_node[segs - 1]
                    held[o] = before + 1
                    wanted[after] = 1
                    wanted_far[after >> SHIFT] = 1
                else:
                    segs = before
                begin = end
            # What is left: the fee; backward, and where a place is not known, it ends here.
            while lo < n:
                a = max(buf_from[lo], begin)
                if buf_end[lo] > a:
                    source = buf_node[lo]
                    c = colour[source]
                    if lost:
                        if nodes == cap:
                            colour, out, amount = grown(colour), grown(out), grown(amount)
                            parent, ways, depth = grown(parent), grown(ways), grown(depth)
                            stop, sure = grown(stop), grown(sure)
                            cap *= 2
                        if (
                            nodes
                            and stop[nodes - 1] == MISSING
                            and parent[nodes - 1] == source
                            and mark[c] == nodes - 1
                        ):
                            amount[nodes - 1] += buf_end[lo] - a
                        else:
                            colour[nodes], out[nodes], amount[nodes] = c, out[source], buf_end[lo] - a
                            parent[nodes], ways[nodes], depth[nodes] = source, ways[source], depth[source]
                            stop[nodes], sure[nodes] = MISSING, 0
                            mark[c] = nodes
                            nodes += 1
                    else:
                        fee[c] += buf_end[lo] - a
                        if fee_seen[c] != tx:
                            fee_seen[c] = tx
                            fee_txs[c] += 1
                lo += 1
        far += step
    return (
        colour[:nodes].copy(), out[:nodes].copy(), amount[:nodes].copy(), parent[:nodes].copy(), ways[:nodes].copy(),
        depth[:nodes].copy(), stop[:nodes].copy(), sure[:nodes].copy(), fee, fee_txs, reached,
    )  # fmt: skip
