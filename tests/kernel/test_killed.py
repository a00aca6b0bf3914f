"""A run that is killed goes on, and ends as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from drive import main
from kernel.conftest import new_case
from vigie.kernel.case import Case
from vigie.rows.base import ROWS

KILLS = 30
DRIVE = Path(__file__).parent.parent / "drive.py"
BY_TIME = {"item"}
"""Tables that hold the time of the intake: equal but for that."""


def tables(folder: Path) -> dict[str, list[str]]:
    """Return the digests of the files that count, by table."""
    case = Case.open(folder)
    return {name: case.digests(row) for name, row in ROWS.items() if name not in BY_TIME}


def so_far(folder: Path) -> tuple[int, ...]:
    """Count what a run has brought to disk: chunks, tables, notes of runs that were begun, bytes of the log."""
    counts = (len(list(folder.glob(what))) for what in ("work/*/*.chunk", "tables/*/*.parquet", "tmp/*.begun"))
    return (*counts, (folder / "custody.log").stat().st_size)


def killed_once_it_has_done_something(process: subprocess.Popen[bytes], folder: Path, wait_s: float) -> bool:
    """Kill a run a while after something more came to disk, however slow the machine is; False where it ended."""
    before = so_far(folder)
    while True:
        now = so_far(folder)
        if any(more > less for more, less in zip(now, before, strict=True)):
            break
        before = now
        if process.poll() is not None:
            return False
        time.sleep(0.005)
    try:
        process.wait(timeout=wait_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def test_thirty_kills_leave_no_mark(seizure: Path, done: Path, tmp_path: Path) -> None:
    rng = random.Random(20261122)
    want = tables(done)
    kills = round_ = half_read = half_written = 0
    while kills < KILLS:
        round_ += 1
        folder = new_case(tmp_path / str(round_))
        complaint = folder.with_suffix(".stderr")
        while True:
            with complaint.open("wb") as stderr:
                process = subprocess.Popen(
                    [sys.executable, str(DRIVE), str(folder), str(seizure)],
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    start_new_session=True,
                )
            wait_s = rng.choice((0.0, 0.1, 2.0)) * rng.random()
            if kills < KILLS and killed_once_it_has_done_something(process, folder, wait_s):
                kills += 1
                half_read += any(folder.glob("work/*/*.chunk"))
                half_written += any(folder.glob("tmp/*.begun"))
                continue
            assert process.wait() == 0, complaint.read_text()
            break
        assert tables(folder) == want
        left = [path for path in folder.rglob("*") if ".tmp-" in path.name or path.suffix == ".chunk"]
        assert left == []
    assert half_read, "work was never stopped half-way: the test proves nothing"
    assert half_written, "no run was stopped between its tables and its log entry"


def test_nothing_is_done_twice(done: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in done.rglob("*.parquet")}
    size = Case.open(done).custody.size
    main(done, [])
    assert {path: path.stat().st_mtime_ns for path in done.rglob("*.parquet")} == before
    assert Case.open(done).custody.size == size


def test_new_evidence_costs_only_itself(seizure: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "again.jpg").write_bytes((seizure / "up" / "1.jpg").read_bytes())
    (more / "fresh.jpg").write_bytes((seizure / "up" / "2.jpg").read_bytes() + b"\0")
    one = new_case(tmp_path / "both-at-once")
    main(one, [str(seizure), str(more)])
    two = new_case(tmp_path / "one-after-the-other")
    main(two, [str(seizure)])
    main(two, [str(more)])
    assert {k: v for k, v in tables(one).items() if k != "found"} == {
        k: v for k, v in tables(two).items() if k != "found"
    }
