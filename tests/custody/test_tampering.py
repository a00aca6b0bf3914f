"""Any change to a custody file is found: by opening or checking it, and by the stand-alone verifier."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.desk import kept
from vigie.kernel import custody_check
from vigie.kernel.custody import Custody
from vigie.kernel.errors import IntegrityError

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_custody.py"
NAMES = ("custody.log", "custody.checkpoint", "custody.checkpoints", "custody.pub")


@pytest.fixture
def small(tmp_path):
    """Four entries under three checkpoints: every byte is tried."""
    folder = tmp_path / "small"
    folder.mkdir()
    log = Custody.create(folder, who="x")
    log.append("taken_in", {"files": 1})
    with log.batch():
        log.append("viewed", {"keys": ["aa"]})
        log.append("run", {})
    return folder


@pytest.fixture(scope="module")
def verifier():
    spec = importlib.util.spec_from_file_location("verify_custody", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder, *more):
    """The stand-alone verifier as a person runs it: another process, isolated from this tree."""
    command = [sys.executable, "-I", str(VERIFIER), str(folder), *more]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def opens(folder):
    try:
        Custody.open(folder, who="x", read_only=True)
    except IntegrityError:
        return False
    return True


def ends(data):
    return [place for place, byte in enumerate(data) if byte == 0x0A]


def edits(data):
    """Line-wise changes: cut anywhere, swap, delete, repeat, add."""
    lines = data.splitlines(keepends=True)
    for place in {*range(0, len(data), 7), *(place + near for place in ends(data) for near in (-1, 0, 1))}:
        yield f"cut at {place}", data[:place]
    for place in range(len(lines)):
        yield f"line {place} gone", b"".join(lines[:place] + lines[place + 1 :])
        yield f"line {place} twice", b"".join(lines[: place + 1] + lines[place:])
        if place:
            swapped = [*lines[: place - 1], lines[place], lines[place - 1], *lines[place + 1 :]]
            yield f"lines {place - 1} and {place} swapped", b"".join(swapped)
    yield "a byte more", data + b"x"
    yield "a newline more", data + b"\n"
    yield "a newline before", b"\n" + data


def test_an_untouched_log_passes(case):
    assert custody_check.check(case) == []
    done = run(case)
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 entries" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_byte_is_found(small, verifier, name):
    data = (small / name).read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        (small / name).write_bytes(changed)
        assert custody_check.check(small), place
        assert list(verifier.findings(small, None, None)), place
        if name != "custody.checkpoints":  # opening reads the last checkpoints only, `check` all
            assert not opens(small), place


@pytest.mark.parametrize("name", NAMES)
def test_every_cut_swap_deletion_and_addition_is_found(small, verifier, name):
    data = (small / name).read_bytes()
    for what, changed in edits(data):
        if changed == data:
            continue
        (small / name).write_bytes(changed)
        assert custody_check.check(small), what
        assert list(verifier.findings(small, None, None)), what


@pytest.mark.parametrize("name", NAMES)
def test_the_verifier_as_a_process_says_no(case, name):
    data = (case / name).read_bytes()
    for place in range(0, len(data), len(data) // 3):
        changed = bytearray(data)
        changed[place] ^= 0x04
        (case / name).write_bytes(changed)
        done = run(case)
        assert done.returncode == 3, (place, done)
        assert name in done.stdout
    (case / name).unlink()
    assert run(case).returncode == 3
    assert custody_check.check(case)


def test_the_line_is_named(case):
    data = (case / "custody.log").read_bytes()
    (case / "custody.log").write_bytes(data.replace(b'"files":2', b'"files":9'))
    found = custody_check.check(case)
    assert (found[0].file, found[0].line) == ("custody.log", 4)
    assert "custody.log line 5: it was written after a line" in run(case).stdout


def test_all_files_made_anew_are_found_by_what_was_kept_outside(case, tmp_path):
    key, checkpoint = (case / "custody.pub").read_text().strip(), tmp_path / "kept"
    shutil.copy(case / "custody.checkpoint", checkpoint)
    assert run(case, "--key", key, "--checkpoint", str(checkpoint)).returncode == 0
    Custody.open(case, who="x").append("run", {})
    assert run(case, "--key", key, "--checkpoint", str(checkpoint)).returncode == 0
    anew = tmp_path / "anew"
    anew.mkdir()
    Custody.create(anew, who="examiner")
    assert run(anew).returncode == 0
    assert run(anew, "--key", key).returncode == 3
    assert run(anew, "--checkpoint", str(checkpoint)).returncode == 3


def test_history_rewritten_with_the_private_key_is_found_by_a_kept_checkpoint(case, tmp_path):
    shutil.copytree(case, tmp_path / "early")
    Custody.open(case, who="x").append("run", {})
    shutil.copy(case / "custody.checkpoint", tmp_path / "kept")
    forged = Custody.open(tmp_path / "early", who="x")
    forged.append("run", {})
    forged.append("run", {})
    assert run(tmp_path / "early").returncode == 0
    done = run(tmp_path / "early", "--checkpoint", str(tmp_path / "kept"))
    assert done.returncode == 3
    assert "Merkle root" in done.stdout


def test_a_line_that_was_written_down_does_as_well(case, tmp_path):
    shutil.copytree(case, tmp_path / "early")
    log = Custody.open(case, who="x")
    log.append("rollback_accepted", {"seen": 9, "seen_root": "00", "entries": 8, "reason": "a test of another act"})
    line = kept.line(log.size, log.root)
    assert run(case, "--checkpoint", line).returncode == 0
    log.append("run", {})
    assert run(case, "--checkpoint", line).returncode == 0
    assert run(case, "--checkpoint", f"{line[:-1]}{'1' if line[-1] == '0' else '0'}").returncode == 3
    done = run(tmp_path / "early", "--checkpoint", line)
    assert done.returncode == 3
    assert "8 entries, but the checkpoint you gave was signed over 9" in done.stdout
    assert run(case, "--checkpoint", "9:abc").returncode == 2


def test_wrong_use_is_neither_yes_nor_no(case):
    assert run(case, "--key", "rubbish").returncode == 2
    assert run(case, "--checkpoint", str(case / "none")).returncode == 2
