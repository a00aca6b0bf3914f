"""A case that was set back as a whole fits itself; what is kept elsewhere shows it."""

import json
import os
import shutil
from pathlib import Path

import pytest

from vigie.kernel import seen
from vigie.kernel.custody import Custody


@pytest.fixture
def small(tmp_path, vigie):
    """A case of this machine, and a copy from before its second entry."""
    assert vigie("new", tmp_path / "case", "--authority", "U", "--examiner", "E")[0] == 0
    shutil.copytree(tmp_path / "case", tmp_path / "old")
    assert vigie("verify", tmp_path / "case")[0] == 0
    return tmp_path / "case"


def set_back(case):
    shutil.rmtree(case)
    shutil.copytree(case.with_name("old"), case)


def size(case):
    return Custody.open(case, who="x", read_only=True).size


def test_an_older_state_is_an_integrity_failure_that_names_both_sizes(small, vigie):
    assert size(small) == 2
    set_back(small)
    code, out, _ = vigie("verify", small)
    assert code == 3
    assert "begin with the 2 entries" in out
    assert "found 1 entries" in out
    for command in ("report", "run"):
        code, _, err = vigie(command, small)
        assert code == 3
        assert "1 entries, and this machine has seen 2 entries" in err
    assert size(small) == 1, "nothing was signed"
    code, _, err = vigie("status", small)
    assert code == 0
    assert "set back" in err


def test_another_history_is_one_too(small, vigie):
    set_back(small)
    log = Custody.open(small, who="insider")  # not a command: this machine's memory is not asked
    for _ in range(3):
        log.append("viewed", {})
    code, out, _ = vigie("verify", small)
    assert code == 3
    assert "another history" in out
    code, _, err = vigie("report", small)
    assert code == 3
    assert "do not begin alike" in err


def test_a_backup_that_was_restored_is_accepted_on_record(small, vigie):
    assert vigie("verify", small, "--accept-rollback", "for nothing")[0] == 2
    set_back(small)
    code, out, _ = vigie("verify", small, "--accept-rollback", "disk failed, tape of Monday", "--json")
    assert code == 0, out
    entry = next(e for e in Custody.open(small, who="x").entries() if e.act == "rollback_accepted")
    assert entry.about["seen"] == 2
    assert entry.about["reason"] == "disk failed, tape of Monday"
    assert vigie("verify", small)[0] == 0
    assert vigie("report", small)[0] == 0


def test_another_key_under_the_same_name_is_no_backup(small, vigie, tmp_path):
    other = Custody.create(_made(tmp_path / "other"), who="x")
    (small / "custody.pub").write_text(other.verifier_key.replace(other.origin, "vigie.invalid/" + "0" * 32) + "\n")
    assert vigie("verify", small)[0] == 3
    assert vigie("verify", small, "--accept-rollback", "r")[0] == 3


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_kept_checkpoint_is_held_against_the_log(small, vigie, tmp_path):
    kept = shutil.copy(small / "custody.checkpoint", tmp_path / "kept.note")
    line = json.loads(vigie("status", small, "--json")[1])["custody"]["checkpoint"]
    assert vigie("verify", small)[0] == 0
    assert vigie("verify", small, "--checkpoint", kept, "--checkpoint", line)[0] == 0
    set_back(small)
    os.environ["XDG_STATE_HOME"] += "-of-another-machine"  # put back by the fixture that set it
    assert vigie("verify", small)[0] == 0, "alone, the folder fits itself"
    for one in (kept, line):
        code, out, _ = vigie("verify", small, "--no-log", "--checkpoint", one)
        assert code == 3, one
        assert "2 entries" in out
    Custody.open(small, who="insider").append("viewed", {})
    for one in (kept, line):
        code, out, _ = vigie("verify", small, "--no-log", "--checkpoint", one)
        assert code == 3, one
        assert "another history" in out


def test_a_checkpoint_of_another_case_is_a_difference_and_rubbish_is_wrong_use(small, vigie, tmp_path):
    Custody.create(_made(tmp_path / "other"), who="x")
    code, out, _ = vigie("verify", small, "--checkpoint", tmp_path / "other/custody.checkpoint")
    assert code == 3
    assert "custody.pub" in out
    (tmp_path / "rubbish").write_text("x")
    assert vigie("verify", small, "--checkpoint", tmp_path / "rubbish")[0] == 2
    assert vigie("verify", small, "--checkpoint", "2:abc")[0] == 2


@pytest.mark.parametrize("harm", ["no home", "unwritable", "rubbish", "empty"])
def test_a_memory_that_fails_stops_nothing(small, vigie, monkeypatch, harm):
    path = seen.path_of(Custody.open(small, who="x").origin)
    if harm == "no home":
        monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
        monkeypatch.setenv("HOME", "neither")
    elif harm == "unwritable":
        monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    else:
        path.write_bytes(b"rubbish" if harm == "rubbish" else b"")
    code, _, err = vigie("verify", small)
    assert code == 0
    assert err.count("cannot keep what it has seen") == (harm in ("no home", "unwritable"))
    if harm in ("rubbish", "empty"):
        assert seen.recall(Custody.open(small, who="x").origin).checkpoint.size == size(small)


def test_the_memory_is_small_and_for_its_user_only(small):
    path = seen.path_of(Custody.open(small, who="x").origin)
    assert path.read_bytes() == (small / "custody.checkpoint").read_bytes()
    assert path.stat().st_mode & 0o077 == 0
