"""Union-find over a chain beside graphsense-clustering 0.2.0 and scipy, in turn and on the same inputs.

Usage: ``python bench/chain_clusters.py [--peers FOLDER]``. ``FOLDER``: site-packages that hold ``gs_clustering``. vigie
is given the chain's own columns (an input names an output, that its script), its peers lists of scripts, with which
they have a look-up less to do. CPU time, best of three; the floor is one random read of 4 bytes for each input.
"""

from __future__ import annotations

import argparse
import sys
import time
import typing as t

import numpy as np
import pyarrow as pa

from vigie.numeric import cospend
from vigie.numeric.cospend import Guard, Spends, clusters

SIZES = (1_000_000, 5_000_000)
SHARE = 0.392
"""Transactions of several inputs for each address, as in the reference's measurement; 2.2 further inputs each."""


def main() -> None:
    """Print a table for each size."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--peers", default="")
    given = asked.parse_args()
    sys.path.append(given.peers)
    for scripts in SIZES:
        _measure(scripts)


def _measure(scripts: int) -> None:
    rng = np.random.default_rng(5)
    txs = int(SHARE * scripts)
    inputs = 1 + rng.geometric(1 / 2.2, txs)
    starts = np.concatenate([[0], np.cumsum(inputs)])
    total = int(starts[-1])
    values = rng.integers(1, scripts, total).astype(np.uint32)
    place = rng.permutation(total)
    out_script = np.empty(total, np.uint32)
    out_script[place] = values
    signs, high, skip = np.zeros(total, np.uint8), np.zeros(total, np.uint8), np.zeros(txs, np.uint8)
    spends = Spends(starts.astype(np.uint64), place.astype(np.uint32), high, signs, out_script, np.ones(scripts, bool))
    guard = Guard(np.zeros(0, np.int64), np.zeros(0, np.int64), 10_000)
    edges = total - txs
    print(f"{scripts:,} addresses, {txs:,} transactions of several inputs, {edges:,} edges")
    own = _best(lambda: clusters(spends, skip).label)
    threads = cospend.THREADS
    vars(cospend)["THREADS"] = 1
    alone = _best(lambda: clusters(spends, skip))[0]
    vars(cospend)["THREADS"] = threads
    count = len(np.unique(own[1]))
    _say(f"vigie, {threads} threads", own[0], edges, own[0], count)
    _say("vigie, one thread", alone, edges, own[0], -1)
    plain = spends._replace(prev_low=np.arange(total, dtype=np.uint32), out_script=values)
    _say("vigie, scripts in order as its peers", _best(lambda: clusters(plain, skip))[0], edges, own[0], -1)
    _say("vigie, with the guard", _best(lambda: clusters(spends, skip, guard))[0], edges, own[0], -1)
    _say("one random read an input (floor)", _best(lambda: int(out_script[place].sum()))[0], edges, own[0], -1)
    for name, call in (("graphsense-clustering", _graphsense), ("scipy", _scipy)):
        try:
            took, found = _best(lambda call=call: call(scripts, starts, values))
        except ImportError as error:
            print(f"  {name}: not here ({error})")
            continue
        _say(name, took, edges, own[0], found if isinstance(found, int) else len(np.unique(found)))


class Took(t.NamedTuple):
    """Seconds."""

    cpu: float
    clock: float


def _best(call: t.Callable[[], t.Any]) -> tuple[Took, t.Any]:
    cpu, clock, found = [], [], None
    for _ in range(5):
        began, at = time.process_time(), time.perf_counter()
        found = call()
        cpu.append(time.process_time() - began)
        clock.append(time.perf_counter() - at)
    return Took(min(cpu), min(clock)), found


def _say(name: str, took: Took, edges: int, own: Took, count: int) -> None:
    more = f"  {count:,} sets" if count >= 0 else ""
    print(f"  {name:37} {took.cpu:7.3f} s CPU x{took.cpu / own.cpu:5.2f}  {took.clock:7.3f} s clock"
          f" x{took.clock / own.clock:5.2f}  {edges / took.clock / 1e6:7.1f} M edges/s{more}")  # fmt: skip


def _graphsense(scripts: int, starts: np.ndarray, values: np.ndarray) -> np.ndarray:
    from gs_clustering import Clustering  # noqa: PLC0415 - a peer that need not be here

    made = Clustering(max_address_id=scripts - 1)
    made.process_transactions_arrow(pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.array(values)))
    return made.get_mapping().column(1).to_numpy()


def _scipy(scripts: int, starts: np.ndarray, values: np.ndarray) -> int:
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - a peer that need not be here
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    a = np.repeat(values[starts[:-1]], np.diff(starts))
    graph = coo_matrix((np.ones(len(a), np.int8), (a, values)), shape=(scripts, scripts))
    return int(connected_components(graph, directed=False)[0])


if __name__ == "__main__":
    main()
