"""Files of passing use: what a killed process left goes, what a living one uses stays."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.conftest import new_case
from vigie.kernel import scratch
from vigie.kernel.case import Case
from vigie.kernel.database import Room, connect
from vigie.kernel.verify import verify

SPILLS = """
import sys, time
from pathlib import Path
from vigie.kernel.database import Room, connect

with connect(Room(folder=Path(sys.argv[1]), memory_bytes=64 << 20, threads=1)) as db:
    sql = "select range as a, md5(range::varchar) as b, md5((range + 1)::varchar) as c from range(3000000) order by b"
    reader = db.sql(sql).to_arrow_reader(1000)
    first = len(reader.read_next_batch())
    print("spilled", flush=True)
    sys.stdin.readline()
    print(first + sum(len(batch) for batch in reader), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_case(tmp_path / "case")


def spilling(folder: Path) -> subprocess.Popen[str]:
    """Start a process that looks at a case and has more in hand than fits in its memory."""
    process = subprocess.Popen(
        [sys.executable, "-c", SPILLS, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "spilled\n"
    return process


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "tmp").iterdir() if scratch.NAME.fullmatch(path.name))


def test_what_a_killed_process_spilled_goes_at_the_start_of_a_run(folder: Path) -> None:
    process = spilling(folder)
    (folder / "tmp" / "scratch-1-00ff").write_bytes(b"half a table")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [name for name in left(folder) if name.startswith("duckdb_temp_")], "nothing was spilled: no test"
    report = verify(folder, lambda _: None, evidence=False)
    assert (report.differences, report.strays) == ([], [])
    with Case.open(folder).alone():
        assert left(folder) == []


def test_a_process_that_looks_keeps_what_it_spilled(folder: Path) -> None:
    process = spilling(folder)
    held = left(folder)
    assert held
    with Case.open(folder).alone():
        assert left(folder) == held
    out, _ = process.communicate("go on\n")
    assert out == "3000000\n"
    assert process.returncode == 0


def test_our_own_files_stay_and_those_of_others_go(folder: Path) -> None:
    tmp = folder / "tmp"
    own, other, letter = tmp / scratch.name(), tmp / "scratch-1-00ff", tmp / "letter"
    for path in (own, other, letter):
        path.write_bytes(b"x")
    with connect(Room(folder=folder, threads=1)):
        assert scratch.sweep(tmp) == [other]
    assert own.exists()
    assert letter.exists()
