"""Files per second and peak memory of the main job as the case grows tenfold, and on 200,000 small files.

Each case is run in a process of its own. Memory is the largest sum of proportional set sizes (PSS, so that pages
shared by forks count once) of that process and all its children, sampled every half second; CPU is theirs, user and
system.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
RUN = """
import sys, os
from pathlib import Path
import vigie.steps; vigie.steps.load()
from vigie.kernel import intake
from vigie.kernel.case import Case
from vigie.kernel.engine import Needs
from vigie.kernel.local import Local
from vigie.kernel.settings import About
from vigie.kernel.evaluate import do, order
from vigie.rows.evidence import Item
import json, time
folder = Path(sys.argv[1])
case = Case.create(folder, About(name="bench", authority="-", examiner="-", created="-"))
engine = Local(int(os.environ.get("VIGIE_LANES", "2")))
took = {}
clock = time.monotonic()
items = [intake.register(case, os.fsencode(p)) for p in sys.argv[2:]]
needs = Needs(tmp=folder / "tmp", items=case.read(Item).rows())
intake.take_in(case, items, engine, needs, lambda _: None)
took["add"] = time.monotonic() - clock
for stage in order():
    if stage.name in ("originals", "verifications", "known"):
        continue
    clock = time.monotonic()
    do(case, stage, engine, needs, lambda _: None)
    took[stage.name] = time.monotonic() - clock
engine.close()
from vigie.rows.artefacts import File
from vigie.rows.fingerprints import Fingerprint
print(json.dumps({"files": len(case.read(File)), "fingerprints": len(case.read(Fingerprint)), "took": took}))
"""


def pss(pid: int) -> int:
    """Return the PSS of a process and all below it, in bytes."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while it was looked at
    return total


def measure(evidence: list[Path]) -> dict[str, t.Any]:
    """Run the main job on the evidence in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as temporary:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        clock = time.monotonic()
        command = [sys.executable, "-c", RUN, f"{temporary}/case", *map(str, evidence)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        peak, house = 0, 0
        done = threading.Event()

        def watch() -> None:
            nonlocal peak, house
            while not done.wait(0.5):
                peak = max(peak, pss(process.pid))
                try:
                    status = Path(f"/proc/{process.pid}/status").read_text()
                    house = max(house, int(status.split("VmHWM:")[1].split()[0]) << 10)
                except (FileNotFoundError, IndexError):
                    pass  # it has just ended

        watcher = threading.Thread(target=watch)
        watcher.start()
        out, _ = process.communicate()
        done.set()
        watcher.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            raise SystemExit(f"the job ended with {process.returncode}")
        wall = time.monotonic() - clock
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = json.loads(out.splitlines()[-1])
    return {**found, "wall_s": wall, "cpu_s": cpu, "peak_bytes": peak, "house_bytes": house}


def small_files(folder: Path, count: int, pictures: float = 0.1) -> Path:
    """Write ``count`` small files, a share of them small pictures that all differ; return the folder."""
    rng = np.random.default_rng(7)
    for number in range(count):
        below = folder / f"{number // 1000:04d}"
        below.mkdir(parents=True, exist_ok=True)
        if rng.random() < pictures:
            coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC).save(below / f"{number}.jpg", quality=80)
        else:
            (below / f"{number}.txt").write_bytes(os.urandom(32).hex().encode() * 10)
    return folder


def show(name: str, got: dict[str, t.Any]) -> None:
    """Print one line."""
    files, wall, cpu = got["files"], got["wall_s"], got["cpu_s"]
    print(
        f"{name:28} {files:>8} files {files / wall:>8.1f} files/s {wall:>8.1f} s wall {cpu:>8.1f} s CPU"
        f" {1000 * cpu / files:>7.2f} ms CPU/file  peak {got['peak_bytes'] / 2**20:>6.0f} MiB"
        f" (house alone {got['house_bytes'] / 2**20:.0f})"
    )
    print(" " * 29 + "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in got["took"].items()), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vigie-small-") as temporary:
        for count in map(int, sys.argv[1:] or ["2000", "20000", "200000"]):
            evidence = small_files(Path(temporary) / str(count), count)
            show(f"{count} small files", measure([evidence]))
