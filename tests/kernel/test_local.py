"""The engine of one machine: stopped at once, nothing left behind, and the same tables however many lanes."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bad_input.makers import clip, jpeg
from kernel.conftest import new_case
from kernel.rig import MEDIA, Rig
from vigie.kernel import local
from vigie.kernel.case import Case
from vigie.kernel.engine import MOST_TOGETHER, SHARD_ROWS, divide
from vigie.kernel.evaluate import Progress
from vigie.kernel.local import Local
from vigie.kernel.stage import Unit
from vigie.kernel.table import columns, of
from vigie.rows.artefacts import File
from vigie.rows.evidence import Found, Original
from vigie.rows.fingerprints import Fingerprint
from vigie.rows.people import Section
from vigie.rows.problems import Problem

DRIVE = Path(__file__).parent.parent / "drive.py"


def children() -> set[int]:
    """Return the processes that this one, or one of its own, has started and that still live."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(parent)
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return mine - {os.getpid()}


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    (folder := tmp_path / "seized").mkdir()
    for number in range(40):
        (folder / f"{number:02}.jpg").write_bytes(jpeg(100 + number))
    (folder / "film.mp4").write_bytes(clip())
    return folder


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Take Ctrl-C as a terminal's process does: a shell starts what runs in the background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def own() -> Iterator[Local]:
    """Return an engine for one test, so that its processes can be told from others."""
    engine = Local(2)
    yield engine
    engine.close()


def test_one_lane_or_two_make_the_same_tables(tmp_path: Path, seizure: Path, done: Path, engine: Local) -> None:
    """``done`` was made with two."""
    rig = Rig(tmp_path / "case", engine)
    assert engine.jobs == 1
    rig.add(seizure)
    rig.run()
    two = Case.open(done)
    for row in (Found, Original, File, Fingerprint, Problem):
        assert rig.case.digests(row) == two.digests(row), row


def test_ctrl_c_stops_soon_and_keeps_what_was_done(tmp_path: Path, seized: Path, own: Local) -> None:
    before, threads = children(), threading.active_count()
    rig = Rig(tmp_path / "case", own)
    rig.add(seized)
    at: list[float] = []

    def watch(progress: Progress) -> None:
        if progress.stage == "prints" and progress.done == 10 and not at:
            at.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rig.run(MEDIA, watch=watch)
    assert time.monotonic() - at[0] < 5
    assert threading.active_count() == threads
    own.close()
    assert children() == before
    rig.reopen()
    seen: list[Progress] = []
    rig.run(MEDIA, watch=seen.append)
    first = next(one for one in seen if one.stage == "prints")
    assert first.kept >= 10
    assert rig.holds()
    assert rig.problems() == {}
    undisturbed = Rig(tmp_path / "other", own)
    undisturbed.add(seized)
    undisturbed.run(MEDIA)
    for row in (Original, File, Fingerprint, Problem):
        assert rig.case.digests(row) == undisturbed.case.digests(row)


def test_a_lane_that_reads_for_long_is_not_waited_for(tmp_path: Path, engine: Local) -> None:
    """One film takes the whole of its time; a stop kills its reader, and no Problem is made of that."""
    (seized := tmp_path / "seized").mkdir()
    (seized / "a.jpg").write_bytes(jpeg(99))
    (seized / "long.ts").write_bytes(clip("mpegts", "mpeg2video", 200) * 500)
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    rig.run(("files",))
    began: list[float] = []

    def stop_soon() -> None:
        time.sleep(1.0)
        signal.raise_signal(signal.SIGINT)

    def watch(progress: Progress) -> None:
        if progress.stage == "prints" and not began:
            began.append(time.monotonic())
            threading.Thread(target=stop_soon).start()

    with pytest.raises(KeyboardInterrupt):
        rig.run(("prints", "dense"), watch=watch)
    assert time.monotonic() - began[0] < 20, "the film would take a minute and more"
    rig.reopen()
    assert rig.problems() == {}
    rig.run(("files",))
    assert rig.holds()


def test_ctrl_c_of_a_whole_process_leaves_none_behind(tmp_path: Path, seized: Path) -> None:
    folder = new_case(tmp_path / "case")
    process = subprocess.Popen(
        [sys.executable, str(DRIVE), str(folder), str(seized)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    while process.poll() is None:  # one that falls into a destructor is swallowed by Python: people press it again
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=3)
    assert process.returncode != 0
    for _ in range(50):
        left = [path for path in Path("/proc").iterdir() if path.name.isdigit() and _is_cell_of(path, folder)]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def _is_cell_of(process: Path, folder: Path) -> bool:
    """Tell a cell of this case by the scratch files that it holds; it has no other sign of it."""
    with contextlib.suppress(OSError):
        return any(str(folder) in os.readlink(fd) for fd in (process / "fd").iterdir())  # noqa: PTH115 - as it stands
    return False


def test_an_engine_may_be_closed_twice_and_used_again(tmp_path: Path, engine: Local) -> None:
    (seized := tmp_path / "seized").mkdir()
    (seized / "a.jpg").write_bytes(jpeg(98))
    rig = Rig(tmp_path / "case", engine)
    engine.close()
    engine.close()
    assert rig.add(seized).originals == 1


def original(item: int, number: int) -> Original:
    return Original.make(
        item=bytes([item]) * 16, found=bytes(16), path=f"{number:06}", size_bytes=10,
        md5=bytes(16), sha1=bytes(20), sha256=bytes(32),
        content_type="image/jpeg", modified=None, accessed=None, changed=None,
    )  # fmt: skip


@pytest.mark.parametrize("lanes", [1, 2, 7])
@pytest.mark.parametrize("counts", [[], [1], [SHARD_ROWS + 1], [5, 200, 1, 1, 64], [300]])
def test_the_plan_is_divided_without_loss(counts: list[int], lanes: int) -> None:
    rows = [original(item, number) for item, count in enumerate(counts) for number in range(count)]
    table = of(Original, rows)
    shards = [shard.rows() for shard in divide(Original, table.batches(), "item", lanes)]
    assert [row for shard in shards for row in shard] == rows, "all of them, in the order of the plan"
    assert all(0 < len(shard) <= MOST_TOGETHER for shard in shards)
    assert [row for shard in divide(Original, table.batches(), "", lanes) for row in shard] == rows
    for number, _ in enumerate(counts):
        holding = [shard for shard in shards if any(row.item[0] == number for row in shard)]
        assert len(holding) <= lanes, "one container, few walks"


@pytest.mark.parametrize("lanes", [1, 2, 7])
@pytest.mark.parametrize("sizes", [[1] * 42, [20, 1, 1, 1, 1, 1, 1, 14], [1, 40], [40, 1], [0, 0, 8]])
def test_few_large_files_are_shared_out_by_bytes(sizes, lanes):
    rows = [msgspec.structs.replace(original(n, n), size_bytes=size << 20) for n, size in enumerate(sizes)]
    shards = [shard.rows() for shard in divide(Original, of(Original, rows).batches(), "", lanes)]
    assert [row for shard in shards for row in shard] == rows
    assert len(shards) <= lanes
    most = max(sum(row.size_bytes for row in shard) for shard in shards)
    assert most <= (sum(sizes) << 20) / lanes + (max(sizes) << 20), "one file more than its share at most"


def test_small_files_are_not_shared_out():
    assert len(list(divide(Original, of(Original, [original(0, n) for n in range(42)]).batches(), "", 7))) == 1


def test_tables_wait_for_a_slow_writer_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(local, "WAITING_BYTES", 3_000)
    table = columns(
        Section, platform=b"p" * 16, relation="forums", number=range(1, 11), place=0, rule="section", part=0, id="1",
        parent="", name="x" * 50, description="", locked=False,
    )  # fmt: skip
    assert 1_000 < table.arrow.nbytes < 3_000
    made = []

    def do(_shard, _lane):
        for number in range(20):
            made.append(number)
            yield Unit(key=b"k", rows=[], tables=[table], last=number == 19)

    rush = local._Rush(do, iter([of(Section)]))
    worker = threading.Thread(target=rush.work, args=(None,))
    worker.start()
    for kept, _ in enumerate(rush.results(1), start=1):
        time.sleep(0.01)
        assert len(made) - kept <= 3  # one that is made, and what 3,000 bytes hold
    worker.join()
    assert kept == len(made) == 20
