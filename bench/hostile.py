"""Every file of given folders through the sandboxed readers: what came of each kind, and what it cost.

``python bench/hostile.py FOLDER... [--forced] [--odd FILE]``. Each file is looked at, and decoded by the type that its
content says (``--forced``: by the type that its name says). Printed by type: files, files that gave rows, codes of the
problems, the longest CPU time, the largest memory of a child (resident, sampled). ``--odd``: one line a file for what
a person should look at. It ends in an error where the rule is broken: each file ends in rows or in one Problem, no
reader dies of a bug of ours, no process is left behind.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import mimetypes
import os
import pathlib
import re
import sys
import tempfile
import threading
import time
import typing as t

from vigie.kernel.cell import Cell
from vigie.kernel.evidence import Pace
from vigie.kernel.isolation import Level
from vigie.rows import wire
from vigie.rows.codes import CODES
from vigie.rows.content_types import kind_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.kernel.cell import Limits

PACE = Pace(wall_s=20, wall_s_per_mb=2.0, most_wall_s=1800, memory_mb=2048, output_mb=16)
"""Of the stage ``prints``."""
ODD = {
    "crashed",
    "timeout",
    "cpu_limit",
    "memory_limit",
    "output_limit",
    "forbidden_syscall",
    "protocol",
    "worker_lost",
}
OURS = {"worker_lost", "protocol", "output_limit", "forbidden_syscall"}
"""Verdicts that no file may come to."""
UNFORESEEN = re.compile(r"\w+ at \w+\.py:\d+: ")
"""How a child words what nobody foresaw (``cell/child.py``); a reader that died of a signal is named otherwise."""
EVERY_S = 0.005


@dataclasses.dataclass
class Row:
    """One line of the table."""

    files: int = 0
    rows: int = 0
    remarks: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    codes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: int = 0


class Watcher:
    """Samples the children of zygotes: how much memory each came to, and that none is left."""

    def __init__(self, cells: dict[str, Cell]) -> None:
        self._cells = cells
        self._over = threading.Event()
        self.peak_kb = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            for pid in self.children():
                # a child may end between the two reads
                with contextlib.suppress(OSError):
                    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                        if line.startswith("VmHWM:"):
                            self.peak_kb = max(self.peak_kb, int(line.split()[1]))

    def children(self) -> list[int]:
        """Process ids of what the zygotes have forked and not buried."""
        found: list[int] = []
        for cell in list(self._cells.values()):
            found += below(cell.zygote) if cell.zygote else []
        return found

    def close(self) -> None:
        """End it."""
        self._over.set()
        self._thread.join()


def below(pid: int) -> list[int]:
    """Every process that descends from one; none where it is gone."""
    with contextlib.suppress(OSError):
        children = [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [each for child in children for each in (child, *below(child))]
    return []


def cpu_s(pid: int | None) -> float:
    """CPU seconds of a process, its children, and of all that they buried."""
    ticks = 0
    for one in [pid, *below(pid)] if pid else []:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


class Bench:
    """The cells, one for each job, and the table."""

    def __init__(self, scratch: pathlib.Path, *, forced: bool, odd: t.TextIO | None) -> None:
        self.cells = {job: Cell(scratch=scratch, job=job, minimum=Level.S0) for job in ("look", "decode", "watch")}
        self.table: dict[str, Row] = collections.defaultdict(Row)
        self._forced = forced
        self._odd = odd
        self.broken: list[str] = []
        self.watcher = Watcher(self.cells)

    def one(self, path: pathlib.Path) -> None:
        """Put one file through."""
        with path.open("rb") as file:
            limits = PACE.limits(path.stat().st_size)
            content_type = self._type(path, file.fileno(), limits)
            if content_type is None or kind_of(content_type) not in {"image", "video"}:
                self.table["(neither picture nor video)"].files += 1
                return
            asks: list[tuple[str, wire.Ask]] = [("decode", wire.Decode(content_type=content_type))]
            if kind_of(content_type) == "video":
                asks = [
                    ("watch", wire.Watch(content_type=content_type, sampling="key")),
                    ("watch", wire.Watch(content_type=content_type, sampling="dense")),
                ]
            for job, ask in asks:
                label = content_type + (f" {ask.sampling}" if isinstance(ask, wire.Watch) else "")
                self._put(path, label, self.cells[job], ask, file.fileno(), limits)

    def _type(self, path: pathlib.Path, fd: int, limits: Limits) -> str | None:
        if self._forced:
            return mimetypes.guess_type(path.name)[0]
        for reply in self.cells["look"].ask(wire.Look(), [fd], limits=limits):
            if isinstance(reply, wire.Seen):
                return reply.content_type
        self.broken.append(f"{path}: it could not be looked at")
        return None

    def _put(self, path: pathlib.Path, label: str, cell: Cell, ask: wire.Ask, fd: int, limits: Limits) -> None:
        self.watcher.peak_kb = 0
        before, began = cpu_s(cell.zygote), time.monotonic()
        *replies, last = cell.ask(ask, [fd], limits=limits)
        wall, used = time.monotonic() - began, max(cpu_s(cell.zygote) - before, 0.0)
        row = self.table[label]
        row.files += 1
        row.cpu_s, row.wall_s = max(row.cpu_s, used), max(row.wall_s, wall)
        row.peak_mb = max(row.peak_mb, self.watcher.peak_kb >> 10)
        rows = sum(isinstance(reply, wire.Facts | wire.Print) for reply in replies)
        row.rows += rows > 0
        for reply in replies:
            if isinstance(reply, wire.Trouble):
                row.remarks[reply.code] += 1
        code = last.code if isinstance(last, wire.Failed) else ""
        detail = last.detail if isinstance(last, wire.Failed) else ""
        if code:
            row.codes[code] += 1
        ours = code in OURS or (code and code not in CODES) or UNFORESEEN.match(detail)
        if ours or (not rows and not code):
            self.broken.append(f"{path}: {label}: {code}: {detail}")
        if self._odd and (code or used > 2 or self.watcher.peak_kb > 600 << 10):
            self._odd.write(f"{code}\t{label}\t{used:.2f}\t{self.watcher.peak_kb >> 10}\t{path}\t{detail[:160]!r}\n")
            self._odd.flush()

    def close(self) -> None:
        """End the cells; what is left of them is an error."""
        every = [cell.zygote for cell in self.cells.values() if cell.zygote] + self.watcher.children()
        self.watcher.close()
        for cell in self.cells.values():
            cell.close()
        time.sleep(0.5)
        self.broken += [f"process {pid} is left behind" for pid in every if pathlib.Path(f"/proc/{pid}").exists()]


def lines(table: dict[str, Row]) -> Iterator[str]:
    """Yield the table as Markdown."""
    yield "| type | files | gave rows | problems | remarks | most CPU s | most wall s | peak MB |"
    yield "|---|---|---|---|---|---|---|---|"
    for label, row in sorted(table.items()):
        codes, remarks = (
            ", ".join(f"{code} {count}" for code, count in sorted(one.items())) for one in (row.codes, row.remarks)
        )
        cost = f"{row.cpu_s:.1f} | {row.wall_s:.1f} | {row.peak_mb}"
        yield f"| {label} | {row.files} | {row.rows} | {codes} | {remarks} | {cost} |"


def files(folders: list[pathlib.Path]) -> Iterator[pathlib.Path]:
    """Yield every regular file below, in order."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size:
                yield path


def main() -> None:
    """Run everything below the folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--forced", action="store_true")
    parser.add_argument("--odd", type=argparse.FileType("w"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(pathlib.Path(scratch), forced=given.forced, odd=given.odd)
        began = time.monotonic()
        try:
            for path in files(given.folders):
                bench.one(path)
        finally:
            bench.close()
        print("\n".join(lines(bench.table)))
        print(f"\n{sum(row.files for row in bench.table.values())} asks, {time.monotonic() - began:.0f} s")
        if bench.broken:
            sys.exit("\n".join(["The rule is broken:", *bench.broken]))


if __name__ == "__main__":
    main()
