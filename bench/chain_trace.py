"""Traces over a generated chain of 4 M transactions, beside a scan of the whole chain by numba, and a plain Python one.

Usage: ``python bench/chain_trace.py [--transactions 4000000] [--seeds 180000]``.

*One seed*: an output mid-chain, no stop rules: time for the whole chain, of which vigie looks only at what is reached;
the scan (the peer, as in the reference's section 7.1) looks at every edge. *Saturated*: every coinbase is tainted, so
every edge is really touched. Edges are inputs and outputs. *Floor*: one random read and one write of 8 bytes an edge,
which is the least that any trace has to do with what is spent. CPU time.
"""

from __future__ import annotations

import argparse
import resource
import time
import typing as t
from collections import deque

import numba
import numpy as np

from vigie.numeric.tainting import COINBASE, MISSING, Graph, Rules, Trace, trace

FREE = Rules(hops=1 << 30, peel_hops=1 << 30, least_sat=1, fan_out=1 << 30, most_nodes=1 << 40)
UNSPENT = (1 << 32) - 1


def main() -> None:
    """Print one table after another."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--transactions", type=int, default=4_000_000)
    asked.add_argument("--seeds", type=int, default=180_000)
    given = asked.parse_args()
    for many in (100_000, given.transactions):
        graph = _graph(many)
        edges = len(graph.prev_low) + len(graph.out_value)
        print(f"{many:,} transactions, {edges:,} edges", flush=True)
        _one(graph, edges)
        _saturated(graph, edges)
        if many <= 100_000:
            _plain(graph)
    _many(graph, given.seeds)
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _one(graph: Graph, edges: int) -> None:
    seed = np.array([_middle(graph)])
    for policy in ("fifo", "haircut"):
        for backward in (False, True):
            seconds, found = _timed(lambda b=backward, p=policy: trace(graph, seed, FREE, haircut=p == "haircut",
                                                                       backward=b))  # fmt: skip
            name = f"vigie, one seed, {policy}{' backward' if backward else ''}"
            _say(name, seconds, edges, f"{int(found.reached[0]):,} transactions reached, {_exact(found)}")
        start = np.zeros(len(graph.out_value), np.uint8)
        start[seed] = 1
        seconds, scanned = _timed(lambda p=policy, s=start: _scan(graph, s, fifo=p == "fifo"))
        _say(f"numba scan of all, one seed, {policy}", seconds, edges, f"{scanned:,} satoshi kept")


def _saturated(graph: Graph, edges: int) -> None:
    minted = np.flatnonzero(graph.tx_marks & COINBASE)
    first = np.zeros(len(graph.out_value), np.uint8)
    for tx in minted.tolist():
        first[int(graph.tx_out[tx]) : int(graph.tx_out[tx + 1])] = 1
    seeds = np.flatnonzero(first & (graph.out_value > 0))
    one = np.zeros(len(seeds), np.int64)
    for policy in ("fifo", "haircut"):
        for native in (True, False):
            seconds, found = _timed(lambda p=policy, n=native: trace(
                graph, seeds, FREE, haircut=p == "haircut", colours=one, native=n))  # fmt: skip
            name = f"vigie, all tainted, {policy}, {'C' if native else 'numba'}"
            _say(name, seconds, edges, f"{len(found.out):,} nodes, {_exact(found)}")
            del found
        seconds, _ = _timed(lambda p=policy: _scan(graph, first, fifo=p == "fifo"))
        _say(f"numba scan, amounts alone, all tainted, {policy}", seconds, edges, "no ways, no stops")
    seconds, _ = _timed(lambda: _touch(graph.prev_low, np.zeros(len(graph.out_value), np.int64)))
    _say("floor: a random read and write an edge", seconds, edges, "")


def _many(graph: Graph, many: int) -> None:
    rich = np.flatnonzero(graph.out_value > 50_000)
    seeds = np.random.default_rng(1).choice(rich, min(many, len(rich)), replace=False)
    for policy in ("fifo", "haircut"):
        nodes, passed, began = 0, 0, time.process_time()
        for at in range(0, len(seeds), 4_096):
            found = trace(graph, seeds[at : at + 4_096], Rules(most_nodes=100_000), haircut=policy == "haircut")
            if found.unaccounted:
                raise SystemExit("satoshi were lost")
            nodes, passed = nodes + len(found.out), passed + int(found.reached.sum())
            if time.process_time() - began > 60:
                break
        done = min(at + 4_096, len(seeds))
        print(f"  {done:,} seeds of {len(seeds):,}, default stops, {policy}: {time.process_time() - began:.1f} s,"
              f" {nodes:,} outputs, {passed:,} transactions passed", flush=True)  # fmt: skip


def _plain(graph: Graph) -> None:
    """Trace in plain Python over lists, FIFO with one colour: what a script of an hour's work does."""
    seed = _middle(graph)
    began = time.process_time()
    tx_in, tx_out, prev = graph.tx_in.tolist(), graph.tx_out.tolist(), graph.prev_low.tolist()
    value, spender = graph.out_value.tolist(), graph.out_spender.tolist()
    loaded = time.process_time() - began
    held = {seed: [(value[seed], True)]}
    wanted = {spender[seed]}
    reached = 0
    for tx in range(len(tx_out) - 1):
        if tx not in wanted:
            continue
        reached += 1
        queue = deque(part for i in range(tx_in[tx], tx_in[tx + 1])
                      for part in held.pop(prev[i], [(value[prev[i]], False)]))  # fmt: skip
        for out in range(tx_out[tx], tx_out[tx + 1]):
            left, parts = value[out], []
            while left:
                many, mine = queue.popleft()
                took = min(many, left)
                parts.append((took, mine))
                left -= took
                if many > took:
                    queue.appendleft((many - took, mine))
            if any(mine for _, mine in parts):
                held[out] = parts
                wanted.add(spender[out])
    seconds = time.process_time() - began
    print(f"  plain Python, one seed, fifo: {seconds:.2f} s ({loaded:.2f} s to load), {reached:,} reached")


def _middle(graph: Graph) -> int:
    """Return an output mid-chain that something spends, and that no coinbase made."""
    tx = (len(graph.tx_out) - 1) // 2 + 777
    outs = np.arange(int(graph.tx_out[tx]), len(graph.out_value))
    return int(outs[(graph.out_spender[outs] != UNSPENT) & (graph.out_value[outs] > 0)][0])


def _exact(found: Trace) -> str:
    if found.unaccounted:
        raise SystemExit(f"{found.unaccounted} satoshi were lost")
    return "every satoshi accounted for"


def _timed(call: t.Callable[[], t.Any]) -> tuple[float, t.Any]:
    call()  # compiled, mapped
    began = time.process_time()
    found = call()
    return time.process_time() - began, found


def _say(name: str, seconds: float, edges: int, more: str) -> None:
    print(f"  {name:48} {seconds:7.3f} s {edges / max(seconds, 1e-9) / 1e6:9.1f} M edges/s  {more}", flush=True)


def _scan(graph: Graph, start: np.ndarray, *, fifo: bool) -> int:
    return int(_scanned(graph.tx_in, graph.tx_out, graph.prev_low, graph.out_value, start, fifo))


@numba.njit(cache=True)
def _scanned(tx_in, tx_out, prev_low, value, start, fifo):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba
    """Every transaction: sum what comes in and what of it is tainted; share it out, first come or in proportion."""
    taint = np.zeros(len(value), np.int64)
    kept = 0
    for tx in range(len(tx_out) - 1):
        came, whole = 0, 0
        for i in range(tx_in[tx], tx_in[tx + 1]):
            out = prev_low[i]
            if out < len(value):
                came += taint[out]
                whole += value[out]
        left = came
        for out in range(tx_out[tx], tx_out[tx + 1]):
            if start[out]:
                taint[out] = value[out]
            elif came:
                share = min(left, value[out]) if fifo else min(left, np.int64(float(came) * float(value[out]) / whole))
                taint[out] = share
                left -= share
            kept += taint[out]
    return kept


@numba.njit(cache=True)
def _touch(prev_low, held):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba
    for at in range(len(prev_low)):
        if prev_low[at] < len(held):
            held[prev_low[at]] += 1
    for at in range(len(held)):
        held[at] += 1
    return held[0]


def _graph(many: int) -> Graph:
    """Draw a chain: 1 to some inputs, mostly of late outputs, 1 to some outputs, a coinbase each 2,000."""
    tx_in, tx_out, prev, value, spender = _drawn(many, 1)
    marks = np.where(prev[tx_in[:-1].astype(np.int64)] == MISSING, COINBASE, 0).astype(np.uint8)
    script = (np.arange(len(value)) % 1_000).astype(np.uint32)
    low, high = (prev & 0xFFFFFFFF).astype(np.uint32), (prev >> 32).astype(np.uint8)
    return Graph(tx_in, tx_out, low, high, value, spender, script, marks, np.zeros(1_000, np.uint8), False)


@numba.njit(cache=True)
def _drawn(many, seed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba
    np.random.seed(seed)  # noqa: NPY002 - numba knows this one
    prev = np.full(4 * many, (1 << 40) - 1, np.int64)
    value, spender = np.zeros(5 * many, np.int64), np.full(5 * many, (1 << 32) - 1, np.uint32)
    tx_in, tx_out = np.zeros(many + 1, np.uint64), np.zeros(many + 1, np.uint64)
    pool = np.empty(5 * many, np.int64)
    held, ins, outs = 0, 0, 0
    for tx in range(many):
        total = 0
        if tx % 2_000 == 0 or held < 20:
            total = 5_000_000_000
            ins += 1
        else:
            u = np.random.random()  # noqa: NPY002
            k = 1 if u < 0.6 else (2 if u < 0.85 else 3 + int(-6 * np.log(np.random.random())))  # noqa: NPY002
            for _ in range(min(k, held // 2, 200)):
                late = min(held - 1, int(-200_000 * np.log(np.random.random())))  # noqa: NPY002
                at = held - 1 - late if np.random.random() < 0.9 else np.random.randint(held)  # noqa: NPY002
                out = pool[at]
                held -= 1
                pool[at] = pool[held]
                prev[ins], spender[out] = out, tx
                ins += 1
                total += value[out]
        u = np.random.random()  # noqa: NPY002
        m = 1 if u < 0.12 else (2 if u < 0.85 else 3 + int(-3 * np.log(np.random.random())))  # noqa: NPY002
        left = total - min(total // 100, 2_000)
        for number in range(m):
            share = left if number == m - 1 else int(left * np.random.random())  # noqa: NPY002
            left -= share
            value[outs], pool[held] = share, outs
            held += 1
            outs += 1
        tx_in[tx + 1], tx_out[tx + 1] = ins, outs
    return tx_in, tx_out, prev[:ins].copy(), value[:outs].copy(), spender[:outs].copy()


if __name__ == "__main__":
    main()
