"""A changed byte anywhere is found, and named."""

import json
import os
import random
import shutil

import pytest

from vigie import steps
from vigie.kernel.verify import verify

LEFT_TO_ITSELF = ("tmp", "work")


@pytest.fixture(scope="module")
def copy(whole, tmp_path_factory):
    steps.load()
    return shutil.copytree(whole, tmp_path_factory.mktemp("v") / "case")


def differing(case):
    """Names of what differs."""
    return {one.file for one in verify(case, lambda _: None, evidence=False).differences}


def test_an_untouched_case_is_sound(whole, vigie):
    code, out, _ = vigie("verify", whole, "--json", "--no-log")
    told = json.loads(out)
    assert code == 0
    assert told["sound"]
    assert told["differences"] == []
    assert told["checked"]["originals"] == 15


def test_every_changed_byte_is_found_and_its_file_named(copy):
    rng = random.Random(4)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    assert len(files) > 30
    chosen = files + rng.choices(files, k=20)
    for path in chosen:
        body = path.read_bytes()
        if not body:
            continue
        changed = bytearray(body)
        changed[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        found = differing(copy)
        path.write_bytes(body)
        assert found, f"{path} changed, and nothing was found"
        name = str(path.relative_to(copy))
        assert name in found or name.startswith("custody.")
    assert not differing(copy)


def test_every_missing_file_is_found(copy):
    for path in sorted(copy.rglob("*")):
        if not path.is_file() or path.name in ("custody.key", "lock"):  # without these nothing is lost
            continue
        aside = copy.parent / "aside"
        path.rename(aside)
        found = differing(copy)
        aside.rename(path)
        assert str(path.relative_to(copy)) in found


def test_a_file_that_nobody_knows_is_named(copy):
    for name in ("tables/file/extra.parquet", "runs/0.json", "evidence/x.sha256", "letter.txt"):
        (copy / name).write_text("x")
        found = differing(copy)
        (copy / name).unlink()
        assert found == {name}
    (copy / "a link").symlink_to("/etc/passwd")
    found = differing(copy)
    (copy / "a link").unlink()
    assert found == {"a link"}


def test_what_a_stopped_run_left_is_a_remark(copy):
    """A kill between tables and log entry leaves files that do not count and that nothing reads."""
    name = f"tables/file/{'ab' * 16}.parquet"
    (copy / name).write_bytes(b"half a table")
    report = verify(copy, lambda _: None, evidence=False)
    (copy / name).unlink()
    assert not report.differences
    assert any(name in remark for remark in report.remarks)


def test_evidence_that_changes_comes_or_goes_is_named(case, vigie, seizure):
    server = seizure / "server"
    kept = (server / "notes.txt").read_bytes()
    status = (server / "notes.txt").stat()
    try:
        (server / "notes.txt").write_bytes(b"nothinG")
        (server / "late.txt").write_text("x")
        code, out, _ = vigie("verify", case, "--json")
    finally:
        (server / "late.txt").unlink()
        (server / "notes.txt").write_bytes(kept)
        os.utime(server / "notes.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    told = {one["file"]: one for one in json.loads(out)["differences"]}
    assert code == 3
    assert set(told) == {str(server / "notes.txt"), str(server / "late.txt")}
    assert told[str(server / "notes.txt")]["expected"] != told[str(server / "notes.txt")]["found"]
    assert '"differences":2' in (case / "custody.log").read_text()
    assert vigie("verify", case)[0] == 0


def test_evidence_that_is_not_attached_is_said_once(case, vigie, seizure):
    (seizure / "server").rename(seizure / "elsewhere")
    try:
        code, out, _ = vigie("verify", case, "--json")
    finally:
        (seizure / "elsewhere").rename(seizure / "server")
    assert code == 3
    assert [one["file"] for one in json.loads(out)["differences"]] == [str(seizure / "server")]


def test_nothing_is_logged_in_a_log_that_is_not_sound(case, vigie):
    log = case / "custody.log"
    body = bytearray(log.read_bytes())
    body[40] ^= 2
    log.write_bytes(body)
    code, out, _ = vigie("verify", case)
    assert code == 3
    assert "custody.log:1" in out
    assert log.read_bytes() == body


def test_an_edited_setting_counts_once_a_run_has_logged_it(case, vigie):
    file = case / "case.toml"
    file.write_text(file.read_text().replace("memory_mb = 1024", "memory_mb = 900"))
    assert vigie("verify", case)[0] == 3
    assert vigie("run", case, "--engine", "inline")[0] == 0
    assert vigie("verify", case)[0] == 0
