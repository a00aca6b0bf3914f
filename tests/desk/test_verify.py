"""A changed byte anywhere is found, and named."""

import json
import os
import random
import shutil

import pytest

from vigie import steps
from vigie.kernel.case import Case
from vigie.kernel.seal import Chunks
from vigie.kernel.verify import verify
from vigie.rows.artefacts import File


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


def strays(case):
    """Names of what nobody wrote down; nothing differs beside them."""
    report = verify(case, lambda _: None, evidence=False)
    assert not report.differences
    return {one.file for one in report.strays}


PLANTED = (
    "letter.txt",
    "report.html",
    "x.tmp-1-0123456789abcdef",
    "custody.log.1",
    "evidence/x.sha256",
    f"evidence/{'ab' * 16}.sha256",
    "runs/0.json",
    f"runs/{'ab' * 16}.json",
    "tables/file/extra.parquet",
    f"tables/file/{'ab' * 16}.parquet",
    f"tables/file/{'ab' * 16}.parquet.tmp-1-0123456789abcdef",
    f"tmp/{'ab' * 16}.begun",
    "tmp/note",
    "tmp/sub/note",
    "work/note",
    "packages/agency/manifest.json",
)


def test_a_file_that_nobody_wrote_down_is_named(copy, vigie):
    for name in PLANTED:
        made = [folder for folder in (copy / name).parents if not folder.exists()]
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("x")
        found = strays(copy)
        (copy / name).unlink()
        for folder in made:
            folder.rmdir()
        assert found == {name}
    assert not strays(copy)
    (copy / "letter.txt").write_text("x")
    code, out, _ = vigie("verify", copy, "--no-log", "--no-evidence", "--json")
    (copy / "letter.txt").unlink()
    assert code == 1
    assert [one["file"] for one in json.loads(out)["strays"]] == ["letter.txt"]


def test_empty_folders_links_and_pipes_are_named(copy):
    for name in ("packages", "tables/nothing", "evidence/up", "work/prints", "tmp/a"):
        (copy / name).mkdir()
        found = strays(copy)
        (copy / name).rmdir()
        assert found == {name}
    for name in ("a link", "evidence/a link", "tmp/a link"):
        (copy / name).symlink_to("/etc")
        found = strays(copy)
        (copy / name).unlink()
        assert found == {name}
    os.mkfifo(copy / "runs/pipe")
    found = strays(copy)
    (copy / "runs/pipe").unlink()
    assert found == {"runs/pipe"}


def test_a_link_in_the_place_of_what_was_recorded_is_a_difference(copy):
    for name in ("tables/file", "tables", "case.toml", "current.json", "custody.pub"):
        aside = (copy / name).rename(copy.parent / "aside")
        (copy / name).symlink_to(aside)
        found = differing(copy)
        (copy / name).unlink()
        aside.rename(copy / name)
        assert name in found
    assert not differing(copy)


def test_what_a_stopped_run_left_is_a_remark_and_the_next_run_removes_it(case):
    """A kill between tables and log entry leaves files that do not count and that nothing reads."""
    opened = Case.open(case)
    left = opened.place(File, "ab" * 16)
    left.write_bytes(b"half a table")
    planted = left.with_name(f"{'cd' * 16}.parquet")
    planted.write_bytes(b"planted")
    report = verify(case, lambda _: None, evidence=False)
    assert [one.file for one in report.strays] == [str(planted.relative_to(case))]
    assert any(str(left.relative_to(case)) in remark for remark in report.remarks)
    (case / "custody.key").rename(case.parent / "key")
    without = verify(case, lambda _: None, evidence=False)
    (case.parent / "key").rename(case / "custody.key")
    assert [one.file for one in without.strays] == [str(planted.relative_to(case))]
    with Case.open(case).alone():
        pass
    assert not left.exists()
    assert planted.exists(), "what somebody planted is no leftover: it stays for whoever asks"
    assert strays(case) == {str(planted.relative_to(case))}


def test_what_another_process_made_count_is_no_leftover(case):
    stale = Case.open(case)
    other = Case.open(case)
    made = other.place(File, "ab" * 16)
    made.write_bytes(b"a table")
    other.custody.append("run", {"label": "x", "run": "ab" * 16, "record": "00"})  # killed before it forgot the note
    with stale.alone():
        pass
    assert made.exists()


def test_unfinished_work_is_told_from_planted_work(case):
    key = Case.open(case).custody.seal_key()
    folder = case / f"work/prints-{'ab' * 16}"
    folder.mkdir()
    mine = Chunks(folder, key).put(b"mine")
    assert not differing(case)
    forged = Chunks(folder, bytes(32)).put(b"forged")
    assert differing(case) == {str(forged.relative_to(case))}
    (case / "custody.key").rename(case.parent / "key")
    report = verify(case, lambda _: None, evidence=False)
    (case.parent / "key").rename(case / "custody.key")
    assert not report.differences
    assert sum("left over or planted" in remark for remark in report.remarks) == 2
    forged.unlink()
    third = Chunks(folder, key).put(b"second")
    mine.unlink()
    assert strays(case) == {str(folder.relative_to(case))}
    third.write_bytes(third.read_bytes() + b"x")
    assert differing(case) == {str(third.relative_to(case))}


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
