"""How long a case of 91,000 videos (6,300 h) and a million pictures takes, from what one unit of each work costs here.

``python bench/projection.py``. First what was *measured* in this run, through the real cell, with medians and
quartiles; then what is *projected* from it, by which arithmetic, as the median and the 90 % interval of 4,000 draws
from the measured samples. Costs are CPU seconds of one core; lanes and a real run say what wall time they become.
No case of this size was run.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import numpy as np

import units
from nodes_chart import chart
from projected import MIX, Case, Projection, interval
from vigie.numeric import native

GOAL_H = 12.0
QUIET = 2.5
"""Above this load the clock on the wall says more about others."""
NODES = (1, 2, 4, 8, 16)
SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)
HOUSE_GB, MACHINE_GB = 4.0, 24.0
"""What is left to house, lanes and database when segments are mapped; what the machine has."""


def main() -> None:
    """Measure and project."""
    before = os.getloadavg()[0]
    with units.temporary() as folder:
        measured, counts = units.measured(Path(folder), quiet=before < QUIET)
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after on {os.cpu_count()} cores; {native.using()}")
    show_measured(measured, counts)
    projection = Projection(measured, counts)
    case = Case()
    show_assumed(case, projection)
    show_work(case, projection)
    show_wall(case, projection)
    show_lists(case, projection)
    show_memory(case, projection)
    verdict(case, projection)
    folder_of_docs = os.environ.get("VIGIE_BENCH_FIGURES", "")
    if folder_of_docs:
        quarter = msgspec.structs.replace(case, undecided=0.25)
        drawn = {nodes: projection.wall_h(quarter, nodes) for nodes in NODES}
        title = "91,000 videos, 6,300 h of 720p, 1 M pictures, 10 M listed; a quarter of the hours densely"
        (Path(folder_of_docs).parent / "projection.svg").write_text(chart(title, drawn, GOAL_H))


def show_measured(measured: units.Units, counts: dict[str, float]) -> None:
    """Print each cost."""
    print("\nMeasured in this run:\n")
    print("| unit | median | quartiles | samples | how |\n|---|---|---|---|---|")
    for name, one in measured.items():
        low, middle, high = np.quantile(one.samples, (0.25, 0.5, 0.75))
        said = [scaled(value, one.unit) for value in (middle, low, high)]
        print(f"| {name} | {said[0]} | {said[1]} - {said[2]} | {len(one.samples)} | {one.how} |")
    print("\nCounted, for this material:\n")
    print("| what | count |\n|---|---|")
    for name, value in counts.items():
        print(f"| {name} | {value:,.4g} |")


def scaled(value: float, unit: str) -> str:
    """Return a figure with a unit in which it is readable."""
    if unit != "s" or value >= 1:
        return f"{value:.3g} {unit}"
    return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} us"


def show_assumed(case: Case, of: Projection) -> None:
    """Print what nobody measured."""
    mean, film_gb = case.hours * 3600 / case.videos, of.film_gb(case)
    pictures = ", ".join(f"{share:.0%} of {kind}" for kind, share in case.still_mix.items())
    mixed = ", ".join(f"{share:.0%} {kind}" for kind, share in MIX.items())
    print(f"""
Assumed, not measured:

- {case.videos:,} videos of {case.hours:,.0f} h: {mean:.0f} s each. {case.stills:,} pictures, JPEG: {pictures}.
- 720p: half of the films with a key frame every 50 frames, half every 250. Mix: {mixed}.
- As many bits as the films measured here have: {film_gb:,.0f} GB of 720p. H.264, 30 frames a second.
- The disk gives what is asked of it: {film_gb * 1e3 / GOAL_H / 3600:,.0f} MB/s for each reading of all films within
  {GOAL_H:g} h; taking in, key frames and dense are three.
- Each content lies once, as a file of its own: no containers, no disk images, nothing encrypted.
- Nothing matches, which is dearest: each hash is asked for in every variant, in all that is listed.
- N nodes: lanes share the work evenly; the house - tables, search, grouping - stays on one. There is no engine for
  several nodes yet.
- What key frames leave undecided depends on the lists, and is a parameter: the tables say it for five shares.""")


def show_work(case: Case, of: Projection) -> None:
    """Print the work by kind, in core hours."""
    how = {
        "taking in": "GB x taking in",
        "stills": "pictures x still by size + GB x digest",
        "key frames": "hours x s/h + videos x ask + GB x digest",
        "dense": "as key frames, all hours",
        "house": "files x house, a file",
        "search": "queries x query(listed) + building the index",
        "grouping": "hashes x join(hashes)",
    }
    print(f"\nProjected work, core hours, {case.listed / 1e6:g} M listed, all hours densely too:\n")
    print("| kind | 720p | 90 % interval | mix of sizes | arithmetic |\n|---|---|---|---|---|")
    mix = msgspec.structs.replace(case, films=MIX)
    mixed = of.lanes(mix) | of.house(mix)
    for kind, seconds in (of.lanes(case) | of.house(case)).items():
        middle, low, high = interval(seconds / 3600)
        print(
            f"| {kind} | {middle:.2f} | {low:.2f} - {high:.2f} | {interval(mixed[kind] / 3600)[0]:.2f} | {how[kind]} |"
        )


def show_wall(case: Case, of: Projection) -> None:
    """Print hours by nodes and share that is read densely."""
    print("\nProjected wall hours = lanes' work x two lanes x a run over its parts / (2 x nodes) + the house's:\n")
    print("| films | listed | dense |" + "".join(f" {n} node{'s' * (n > 1)} |" for n in NODES) + f" for {GOAL_H:g} h |")
    print("|---|---|---|" + "---|" * (len(NODES) + 1))
    for (name, mix), listed in ((("720p", case.films), 10e6), (("720p", case.films), 100e6), (("mix", MIX), 10e6)):
        for share in SHARES:
            one = msgspec.structs.replace(case, films=mix, listed=listed, undecided=share)
            cells = []
            for nodes in NODES:
                middle, low, high = interval(of.total_h(one, nodes))
                cells.append(f"{middle:.1f} ({low:.1f} - {high:.1f})")
            enough = of.nodes_for(one, GOAL_H)
            print(f"| {name} | {listed / 1e6:g} M | {share:.0%} | {' | '.join(cells)} | {enough or 'never'} |")


def scenarios(case: Case) -> dict[str, dict[str, float]]:
    """Return mixes of films by name."""
    return {
        "720p": case.films,
        "720p GOP 50": {"720p GOP 50": 1.0},
        "720p GOP 250": {"720p GOP 250": 1.0},
        "mix": MIX,
    }


def show_lists(case: Case, of: Projection) -> None:
    """Print what 10 M and 100 M listed hashes cost."""
    print("\nLists, one core; 1 M and 10 M are measured, 100 M is projected (a query: a + b n; building: linear):\n")
    print("| listed | built once | a query, in a batch | key frames and pictures | dense of a quarter | mapped |")
    print("|---|---|---|---|---|---|")
    for listed in (1e6, 10e6, 100e6):
        query, built = interval(of.query(listed))[0], interval(of.build(listed))[0]
        none, quarter = (msgspec.structs.replace(case, listed=listed, undecided=share) for share in (0.0, 0.25))
        first, more = (of.queries(one) * of.query(listed) / 60 for one in (none, quarter))
        mapped = of.counts["bytes a code, 10 M"] * listed / 1e9
        print(
            f"| {listed / 1e6:g} M | {built:.1f} s | {query * 1e6:.1f} us | {interval(first)[0]:.1f} min |"
            f" {interval(more - first)[0]:.1f} min | {mapped:.1f} GB |"
        )
    passes = of.queries(none) / 2**20
    print(f"""
100 M listed hashes are {mapped:.0f} GB of mapped file (projected). On {MACHINE_GB:g} GiB that fits beside a house and
two lanes ({HOUSE_GB:g} GB), and leaves little of the page cache to anything else. Each further million queries reads
it once from end to end: from the page cache, or, on a machine with less memory, from a disk, {mapped / 0.5:.0f} s at
500 MB/s and {passes:.0f} times for key frames and pictures alone. A smaller node can hold a part of it: a list is one
segment or several, they are searched one after another, and what they find adds up.""")


def show_memory(case: Case, of: Projection) -> None:
    """Print what grouping holds in memory."""
    per = of.counts["bytes a code, 1 M"]
    print("\nGrouping holds one segment of all hashes of the case (projected; 1 M measured):\n")
    print("| dense | hashes | segment | join |\n|---|---|---|---|")
    for share in SHARES:
        one = msgspec.structs.replace(case, undecided=share)
        frames = of.frames(one)
        seconds = interval(of.house(one)["grouping"])[0]
        print(f"| {share:.0%} | {frames / 1e6:,.1f} M | {frames * per / 1e9:.1f} GB | {seconds / 60:.1f} min |")
    most = (MACHINE_GB * 1.0737 - HOUSE_GB) * 1e9 / per
    none = of.frames(msgspec.structs.replace(case, undecided=0.0))
    every = of.frames(msgspec.structs.replace(case, undecided=1.0))
    share = min(1.0, max(0.0, (most - none) / (every - none)))
    print(
        f"\nIts segment alone fills {MACHINE_GB:g} GiB less {HOUSE_GB:g} GB at {most / 1e6:.0f} M hashes:"
        f" {share:.0%} of the hours dense."
    )


def verdict(case: Case, of: Projection) -> None:
    """Say whether the goal is met."""
    print("\nGoal: overnight (12 h) on 2 cores, 720p, key frames of all and dense on what stays undecided:\n")
    columns: tuple[str, ...] = (
        "films",
        "key frames of all, 1 node",
        "goal",
        "dense that fits into 12 h",
        "with 4 nodes",
    )
    columns += ("nodes for 25 % dense", "for all")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name, mix in scenarios(case).items():
        one = msgspec.structs.replace(case, films=mix, undecided=0.0)
        middle, low, high = interval(of.total_h(one))
        met = "met" if high <= GOAL_H else "missed" if low > GOAL_H else "met in some draws"
        fits, fits4 = (interval(of.affordable(one, GOAL_H, nodes)) for nodes in (1, 4))
        most = [of.nodes_for(msgspec.structs.replace(one, undecided=share), GOAL_H) or "never" for share in (0.25, 1.0)]
        print(
            f"| {name} | {middle:.1f} h ({low:.1f} - {high:.1f}) | {met} |"
            f" {fits[0]:.0%} ({fits[1]:.0%} - {fits[2]:.0%}) | {fits4[0]:.0%} | {most[0]} | {most[1]} |"
        )


if __name__ == "__main__":
    main()
