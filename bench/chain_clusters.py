"""Union-find over a chain beside graphsense-clustering 0.2.0 and scipy, in turn and on the same inputs.

Usage: ``python bench/chain_clusters.py [--peers FOLDER]``. ``FOLDER``: site-packages that hold ``gs_clustering``. vigie
is given the chain's own columns (an input names an output, that its script), its peers lists of scripts, made before
the clock runs, with which they have a look-up less to do; once vigie is given scripts in that order too. All warm,
seven rounds in turn, medians. The floors read 4 bytes of a random place for each input, once and then where that leads.
"""

from __future__ import annotations

import argparse
import importlib.util
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
    plain = spends._replace(prev_low=np.arange(total, dtype=np.uint32), out_script=values)
    arrow = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.array(values))
    calls: dict[str, t.Callable[[], t.Any]] = {
        f"vigie, {cospend.THREADS} threads": lambda: clusters(spends, skip).label,
        "vigie, one thread": lambda: _alone(spends, skip),
        "vigie, given scripts as its peers": lambda: clusters(plain, skip).label,
        "vigie, the same, one thread": lambda: _alone(plain, skip),
        "vigie, with the guard": lambda: clusters(spends, skip, guard).became,
        "floor: one random read an input": lambda: out_script[place],
        "floor: two": lambda: out_script[place[out_script[place]]],
    }
    if importlib.util.find_spec("gs_clustering"):
        calls["graphsense-clustering"] = lambda: _graphsense(scripts, arrow)
    if importlib.util.find_spec("scipy"):
        calls["scipy"] = lambda: _scipy(scripts, starts, values)
    took = _in_turn(calls)
    peer = took.get("graphsense-clustering", took["vigie, one thread"])
    sets = {}
    for name, one in took.items():
        print(f"  {name:36} {one.cpu:7.3f} s CPU {peer.cpu / one.cpu:6.2f}x {one.clock:7.3f} s clock"
              f" {peer.clock / one.clock:6.2f}x  {edges / one.cpu / 1e6:7.1f} M edges/s")  # fmt: skip
        if "guard" not in name and "floor" not in name:
            found = calls[name]()
            sets[name] = found if isinstance(found, int) else len(np.unique(found))
    print(f"  x: graphsense-clustering takes so many times as long. Sets: {sets}", flush=True)


def _alone(spends: Spends, skip: np.ndarray) -> np.ndarray:
    threads, vars(cospend)["THREADS"] = cospend.THREADS, 1
    found = clusters(spends, skip).label
    vars(cospend)["THREADS"] = threads
    return found


class Took(t.NamedTuple):
    """Seconds."""

    cpu: float
    clock: float


def _in_turn(calls: dict[str, t.Callable[[], t.Any]]) -> dict[str, Took]:
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(8):
        for name, call in calls.items():
            began, at = time.process_time(), time.perf_counter()
            call()
            if turn:  # the first one compiles and maps
                took[name].append((time.process_time() - began, time.perf_counter() - at))
    return {name: Took(*np.median(one, axis=0).tolist()) for name, one in took.items()}


def _graphsense(scripts: int, arrow: pa.ListArray) -> np.ndarray:
    from gs_clustering import Clustering  # noqa: PLC0415 - a peer that need not be here

    made = Clustering(max_address_id=scripts - 1)
    made.process_transactions_arrow(arrow)
    return made.get_mapping().column(1).to_numpy()


def _scipy(scripts: int, starts: np.ndarray, values: np.ndarray) -> int:
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - a peer that need not be here
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    a = np.repeat(values[starts[:-1]], np.diff(starts))
    graph = coo_matrix((np.ones(len(a), np.int8), (a, values)), shape=(scripts, scripts))
    return int(connected_components(graph, directed=False)[0])


if __name__ == "__main__":
    main()
