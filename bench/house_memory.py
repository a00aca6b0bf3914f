"""What the house itself costs for each unit as a case grows: memory and time, without a single file being read.

A listing of N files that lie nowhere is written into a case, and an engine that reads nothing answers for the lanes:
one ``Original``, then one ``File`` a unit, drawn from the unit's key. What is left is the house: plan, shards, chunks,
joins, sorted tables, and what a person asks of them. ``house`` is PSS, sampled every 50 ms in a process of its own,
above what it was before; sorting may take ``memory_mb`` of the case, so it grows to that bound and no further.
Beside it stand the peaks of what is behind it: DuckDB's buffers, Arrow's pool, and what is left in the process once
its allocators were told to give back what they keep. ``--memory-mb N`` sets the bound of the case.
``Python objects`` is the peak of Python's own allocations by ``tracemalloc``, of 60,000 units and of 20,000: the same
means that nothing is held for a unit. Times are CPU of the process, all threads, without drawing the rows.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import typing as t
from pathlib import Path

import pyarrow as pa

import vigie.steps
from vigie.kernel import conservation, settings
from vigie.kernel.case import Case, now
from vigie.kernel.database import Room, connect
from vigie.kernel.engine import Needs, whole
from vigie.kernel.evaluate import do, record, stage_named
from vigie.kernel.isolation import Level
from vigie.kernel.run import Recipe, tools
from vigie.kernel.schema import schema
from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Params, Stage, Unit
from vigie.kernel.table import Table, copy, of, passing
from vigie.kernel.view import View
from vigie.rows.artefacts import File
from vigie.rows.base import Row
from vigie.rows.evidence import Found, Item, Original

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator

STAGES = ("originals", "files")
AT_ONCE = 8192


def original(one: Found) -> Original:
    """Draw what a reader would have said of a file."""
    digest = hashlib.sha256(one.key).digest()
    return Original.make(
        found=one.key, item=one.item, path=one.path, size_bytes=one.size_bytes, md5=digest[:16], sha1=digest[:20],
        sha256=digest, content_type="text/plain", modified=one.modified, accessed=one.accessed, changed=one.changed,
    )  # fmt: skip


def file(one: Original) -> File:
    """Draw the file of an original."""
    return File.make(
        locator=f"server!{one.path}", item=one.item, original=one.key, container="", name=one.path[-17:], depth=0,
        size_bytes=one.size_bytes, md5=one.md5, sha1=one.sha1, sha256=one.sha256, content_type=one.content_type,
        kind="other", origin="allocated", modified=one.modified, accessed=one.accessed, changed=one.changed,
        created=None, times_from="posix",
    )  # fmt: skip


DRAW: dict[str, t.Callable[[t.Any], Row]] = {"originals": original, "files": file}


class Nobody:
    """An engine whose lanes read nothing."""

    jobs = 2

    def level(self, needs: Needs) -> Level:
        """Return the level asked for."""
        return needs.minimum

    def evaluate(
        self, stage: Stage, tables: t.Any, params: Params | None, shelf: Shelf | None = None
    ) -> tuple[Table[Row], ...]:
        """Evaluate a pure stage, as every engine does."""
        return whole(stage, tables, params, shelf)

    def cell(self, job: str, needs: Needs) -> t.NoReturn:
        """Nothing is read here. Errors: NotImplementedError."""
        raise NotImplementedError(f"{job} under {needs}: no file is read in this measurement")

    def close(self) -> None:
        """There is nothing to end."""

    def read(
        self, stage: Stage, shards: Iterator[Table[t.Any]], tables: object, params: object, needs: object
    ) -> Generator[Unit[t.Any]]:
        """Answer for each unit."""
        del tables, params, needs
        draw = DRAW[stage.name]
        for one in itertools.chain.from_iterable(shards):
            yield Unit(key=one.key, rows=[draw(one)])


def listing(case: Case, item: Item, count: int) -> None:
    """Commit a listing of files that lie nowhere."""
    recipe = Recipe(stage="walk", code="", params={"item": item.name}, inputs={}, tools=tools())
    at = now()
    unsorted = case.folder / "work" / "listing"
    with passing(unsorted, schema(Found)) as writer:
        for start in range(0, count, AT_ONCE):
            rows = [
                Found.make(
                    item=item.key, path=f"up/{n // 1000:05}/file-{n:09}.txt", size_bytes=n % 5000, modified=at,
                    accessed=at, changed=at,
                )
                for n in range(start, min(start + AT_ONCE, count))
            ]  # fmt: skip
            writer.write_table(of(Found, rows).arrow)
    outputs = {}
    tables: tuple[Table[t.Any], ...] = (of(Item, [item]), Table(Found, files=[unsorted], room=case.room))
    for table in tables:
        path = case.place(table.row, recipe.id)
        outputs[str(path.relative_to(case.folder))] = copy(table, path)
    case.commit(f"walk:{item.name}", record(recipe, at, time.monotonic(), outputs, {}))
    unsorted.unlink()


def pss() -> int:
    """Return the PSS of this process in bytes."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


class Peak:
    """The highest PSS while a block ran, above what it was before, and the CPU time it took."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def __enter__(self) -> t.Self:
        self._before = self.highest = pss()
        self.arrow = self.duckdb = self.left = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        self._clock = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s = time.process_time() - self._clock
        self._end.set()
        self._thread.join()
        self.grown = self.highest - self._before
        pa.default_memory_pool().release_unused()
        ctypes.CDLL(None).malloc_trim(0)
        self.left = pss() - self._before

    def _watch(self) -> None:
        with connect(self._room) as db:
            while not self._end.wait(0.05):
                self.highest = max(self.highest, pss())
                self.arrow = max(self.arrow, pa.total_allocated_bytes())
                ((used,),) = db.execute("select sum(memory_usage_bytes) from duckdb_memory()").fetchall()
                self.duckdb = max(self.duckdb, int(used))

    def taken(self) -> dict[str, int]:
        """Return what was taken, in bytes."""
        return {"grown": self.grown, "duckdb": self.duckdb, "arrow": self.arrow, "left": self.left}


def drawing(case: Case, stage: str) -> float:
    """Return the CPU time of going through a table and drawing a row for each of its rows."""
    clock = time.process_time()
    row = next(iter(stage_named(stage).reads.values()))
    for one in case.read(row):
        DRAW[stage](one)
    return time.process_time() - clock


def one_case(folder: Path, count: int, memory_mb: int, *, trace: bool) -> dict[str, t.Any]:
    """Run the stages and the questions over one case; return what each took."""
    vigie.steps.load()
    about = settings.About(name="bench", authority="-", examiner="-", created="-")
    Case.create(folder, about)
    toml = folder / settings.FILE
    toml.write_text(toml.read_text().replace("memory_mb = 1024", f"memory_mb = {memory_mb}"))
    case = Case.open(folder)
    item = Item.make(name="server", path="/nowhere", kind="folder", taken_in_at=now(), examiner="-")
    with Peak(case.room) as peak:
        listing(case, item, count)
    out: dict[str, t.Any] = {"units": count, "list": peak.taken()}
    needs = Needs(tmp=folder / "tmp", items=[item])
    for name in STAGES:
        if trace:
            tracemalloc.start()
            do(case, stage_named(name), Nobody(), needs, lambda _: None)
            out[name] = {"python": tracemalloc.get_traced_memory()[1]}
            tracemalloc.stop()
            continue
        drawn = drawing(case, name)
        with Peak(case.room) as peak:
            do(case, stage_named(name), Nobody(), needs, lambda _: None)
        out[name] = {**peak.taken(), "us": (peak.cpu_s - drawn) / count * 1e6}
        with Peak(case.room) as peak:
            assert do(case, stage_named(name), Nobody(), needs, lambda _: None)
        out[name]["again_grown"] = peak.grown
    if not trace:
        with Peak(case.room) as peak:
            conservation.check(case)
        out["conservation"] = peak.taken()
        with Peak(case.room) as peak:
            assert sum(1 for _ in View(case.read(File), order="locator").rows()) == count
        out["show"] = {**peak.taken(), "us": peak.cpu_s / count * 1e6}
    out["peak"] = pss()
    return out


def measured(count: int, memory_mb: int, *, trace: bool) -> dict[str, t.Any]:
    """Do one case in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="vigie-house-", dir=os.environ.get("VIGIE_BENCH_DIR")) as temporary:
        what = "trace" if trace else "time"
        command = [sys.executable, __file__, "--one", f"{temporary}/case", str(count), str(memory_mb), what]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        got: dict[str, t.Any] = json.loads(done.stdout.splitlines()[-1])
        return got


def main(counts: list[int], memory_mb: int) -> None:
    """Measure some sizes, smallest first, and print what a further unit costs."""
    small, large = (measured(count, memory_mb, trace=True) for count in (20_000, 60_000))
    for name in STAGES:
        held = [one[name]["python"] for one in (small, large)]
        print(
            f"{name:13} Python objects {held[0] / 2**20:.1f} MiB at 20,000 units, {held[1] / 2**20:.1f} MiB at 60,000:"
            f" {(held[1] - held[0]) / 40_000:+.1f} bytes for each further unit"
        )
    before: dict[str, t.Any] = {}
    for count in counts:
        got = measured(count, memory_mb, trace=False)
        print(f"{count:,} units")
        for name, one in got.items():
            if isinstance(one, dict):
                line = f"  {name:13} house +{one['grown'] / 2**20:5.0f} MiB (DuckDB {one['duckdb'] / 2**20:.0f}, Arrow"
                line += f" {one['arrow'] / 2**20:.0f}; left {one['left'] / 2**20:.0f})"
                line += f"  {one['us']:6.1f} us CPU/unit" if "us" in one else ""
                if before:
                    more = (one["grown"] - before[name]["grown"]) / (count - before["units"])
                    line += f"  {more:+8.1f} bytes for each further unit"
                print(line, flush=True)
        before = got


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _, _, place, units, bound, how = sys.argv
        print(json.dumps(one_case(Path(place), int(units), int(bound), trace=how == "trace")))
    elif sys.argv[1:2] == ["--memory-mb"]:
        main([int(one) for one in sys.argv[3:]] or [100_000, 1_000_000], int(sys.argv[2]))
    else:
        main([int(one) for one in sys.argv[1:]] or [100_000, 1_000_000], 1024)
