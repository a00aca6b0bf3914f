"""What the sandbox adds to one item, layer by layer: the time of an ask whose job does next to nothing.

``python bench/cell_overhead.py [--items N]``. One line for each set of layers: p50 and p95 as one cell sees them, and
milliseconds per item of two cells in two threads, which is what a run pays; CPU: of house, zygote and child together,
which says something on a busy machine too.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import tempfile
import threading
import time

from vigie.kernel.cell import Cell, Limits
from vigie.kernel.isolation import Level
from vigie.rows import wire
from vigie.rows.control import Layer

SETS: dict[str, tuple[list[str], tuple[Layer, ...]]] = {
    "fork only": (["namespaces"], ()),
    "+ namespaces": ([], ("root",)),
    "+ limits": ([], ("root", "limits")),
    "+ Landlock": ([], ("root", "limits", "landlock")),
    "+ seccomp (all)": ([], ("root", "limits", "landlock", "seccomp")),
}
CELLS = 2
JOBS = ("look", "expand", "decode", "watch")
HEAD = f"{'layers':18} {'zygote':5} {'p50':>8} {'p95':>8} {f'{CELLS} cells, each':>14} {'CPU':>8}"


def measure(cell: Cell, items: int, layers: tuple[Layer, ...], times: list[float]) -> None:
    """Ask for the refusal that costs nothing, ``items`` times; ``times`` in milliseconds."""
    for _ in range(items):
        began = time.perf_counter()
        *_, last = cell.ask(wire.Attack(name="nothing"), limits=Limits(), layers=layers)
        times.append(1e3 * (time.perf_counter() - began))
        if not isinstance(last, wire.Failed) or last.code != "unsupported":
            raise SystemExit(f"unexpected: {last}")


def cpu_ms(cells: list[Cell]) -> float:
    """CPU milliseconds of this process, the zygotes and all the children they buried."""
    ticks = 0
    for cell in cells:
        below = pathlib.Path(f"/proc/{cell.zygote}/task/{cell.zygote}/children").read_text().split()
        for pid in (str(cell.zygote), *below):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
    return 1e3 * (time.process_time() + ticks / os.sysconf("SC_CLK_TCK"))


def row(title: str, without: list[str], layers: tuple[Layer, ...], job: str, items: int) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        cells = [
            Cell(scratch=pathlib.Path(scratch), minimum=Level.S0, without=without, job=job, launcher="direct")
            for _ in range(CELLS)
        ]
        alone: list[float] = []
        measure(cells[0], items, layers, alone)
        both: list[list[float]] = [[] for _ in cells]
        spent = cpu_ms(cells)
        threads = [
            threading.Thread(target=measure, args=(cell, items, layers, times))
            for cell, times in zip(cells, both, strict=True)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        each = 1e3 * (time.perf_counter() - began) / (items * CELLS)
        spent = (cpu_ms(cells) - spent) / (items * CELLS)
        level = cells[0].level
        for cell in cells:
            cell.close()
    p95 = statistics.quantiles(alone, n=20)[18]
    return f"{title:18} {level!s:5} {statistics.median(alone):8.2f} {p95:8.2f} {each:14.2f} {spent:8.2f}"


def main() -> None:
    """Print a table for each cell that runs once for each item: what it has loaded makes its forks dearer."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=300)
    given = arguments.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; milliseconds per item, {given.items} items")
    for job in JOBS:
        print(f"\ncell for {job}\n{HEAD}")
        for title, (without, layers) in SETS.items():
            print(row(title, without, layers, job, given.items), flush=True)


if __name__ == "__main__":
    main()
