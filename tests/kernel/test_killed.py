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


def test_thirty_kills_leave_no_mark(seizure: Path, done: Path, tmp_path: Path) -> None:
    rng = random.Random(20261122)
    want = tables(done)
    kills = round_ = 0
    while kills < KILLS:
        round_ += 1
        folder = new_case(tmp_path / str(round_))
        evidence = [str(seizure)]
        while True:
            process = subprocess.Popen(
                [sys.executable, str(DRIVE), str(folder), *evidence],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            try:
                _, complaint = process.communicate(timeout=rng.uniform(0.8, 6.0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
                time.sleep(0.05)
                continue
            assert process.returncode == 0, complaint.decode()
            break
        assert tables(folder) == want
    left = [path for path in (tmp_path / "1").rglob("*") if ".tmp-" in path.name or "chunk" in path.suffix]
    assert left == []


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
