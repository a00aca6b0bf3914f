"""Crashes and failing disks: an acknowledged entry is never lost, nothing torn is ever seen (engine.md 6.1, 6.2)."""

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vigie.kernel import durable
from vigie.kernel.custody import Custody
from vigie.kernel.errors import IntegrityError

WRITER = """
import os, sys
from pathlib import Path
from vigie.kernel.custody import Custody
log = Custody.open(Path(sys.argv[1]), who="writer")
marker = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for _ in range(int(sys.argv[3])):
    entry = log.append("run", {"id": os.urandom(8).hex()})
    os.writev(marker, [(entry.about["id"] + "\\n").encode()])   # writev: not among the calls that are made to fail
"""
CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,ftruncate"


def acknowledged(marker):
    return marker.read_text().split() if marker.exists() else []


def invariants(folder, marker):
    """Open after the crash: what was acknowledged is there, once, in order; all fits; no litter."""
    log = Custody.open(folder, who="reader")
    ids = [entry.about["id"] for entry in log.entries() if entry.act == "run"]
    known = acknowledged(marker)
    assert [one for one in ids if one in set(known)] == known
    assert len(ids) == len(set(ids))
    assert log.check() == []
    assert list(folder.glob("*.tmp-*")) == []
    return len(known)


def test_kill_at_random_times_loses_nothing(case, tmp_path):
    marker = tmp_path / "acknowledged"
    chance = random.Random(4)
    before = 0
    for _ in range(20):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(case), str(marker), "1000000"])
        deadline = time.monotonic() + 30
        while len(acknowledged(marker)) == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.02)
        writer.kill()
        writer.wait()
        after = invariants(case, marker)
        assert after > before
        before = after


def traceable():
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC", "error=EIO"])
def test_every_crash_point(case, tmp_path, fault):
    if not traceable():
        pytest.skip(
            "crash points need strace and the right to trace: apt-get install strace (SYS_PTRACE in a container)"
        )
    points = 0
    for call in CALLS.split(","):
        for number in range(1, 200):
            folder, marker = tmp_path / f"{call}-{number}", tmp_path / f"{call}-{number}.ack"
            shutil.copytree(case, folder)
            with (folder / "custody.log").open("ab") as stream:
                stream.write(b'{"torn')  # so that the recovery on opening is among the points
            inject = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"]
            command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{WRITER}"]
            whole = ["strace", "-f", "-qq", "-o", "/dev/null", *inject, *command, str(folder), str(marker), "1"]
            done = subprocess.run(whole, check=False, capture_output=True)
            invariants(folder, marker)
            shutil.rmtree(folder)
            if done.returncode == 0:
                assert len(acknowledged(marker)) == 1
                break
            points += 1
        else:
            pytest.fail(f"{call} is called without end")
    assert points >= 12, "the faults were not injected"


def test_a_full_disk_refuses_and_keeps_what_there_is(case, tmp_path):
    """RLIMIT_FSIZE: writes beyond it fail as on a full disk, in the middle of a line."""
    marker = tmp_path / "acknowledged"
    limit = (case / "custody.log").stat().st_size + 1000

    def bound():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-c", f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{WRITER}"]
    done = subprocess.run(
        [*command, str(case), str(marker), "100"], check=False, capture_output=True, text=True, preexec_fn=bound
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert (case / "custody.log").stat().st_size == limit, "torn in the middle"
    assert 1 <= invariants(case, marker) < 100


def test_a_full_file_system(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
    may = os.geteuid() == 0 and shutil.which("mount")
    if not may or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a tiny file system needs root and the right to mount; RLIMIT_FSIZE is tested without")
    try:
        log = Custody.create(folder, who="x")
        kept = []
        with pytest.raises(OSError, match="No space left"):  # noqa: PT012 - the loop is what ends in the error
            while True:
                kept.append(log.append("run", {"text": "y" * 300}))
        with pytest.raises(OSError, match="No space left"):
            log.append("run", {})
        read = Custody.open(folder, who="x", read_only=True)
        assert [one for one in read.entries() if one.act == "run"][: len(kept)] == kept
        subprocess.run(["mount", "-o", "remount,size=1m", folder], check=True)
        assert log.append("run", {"text": "again"}).act == "run"
        assert [one for one in log.entries() if one.act == "run"][: len(kept)] == kept
        assert log.check() == []
        durable.sweep(folder)
        assert list(folder.glob("*.tmp-*")) == []
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_creation_that_was_killed_is_not_taken_for_a_log(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    Custody.create(folder, who="x")
    (folder / "custody.checkpoints").write_bytes(b"")
    with pytest.raises(IntegrityError, match="make it again"):
        Custody.open(folder, who="x")
    with pytest.raises(IntegrityError, match="no case"):
        Custody.open(Path(tmp_path), who="x")
