"""Doing a stage: once, whole or not at all, and never on bytes that are not those that were recorded."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bad_input.makers import jpeg
from kernel.conftest import new_case
from kernel.rig import Rig
from vigie.kernel.case import Case
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.kernel.evaluate import Progress, do, order, stage_named, stands
from vigie.kernel.evidence import Evidence
from vigie.kernel.local import Local
from vigie.kernel.stage import STAGES, Stage, Unit, stage
from vigie.kernel.table import Table, of
from vigie.rows.artefacts import File
from vigie.rows.evidence import Original
from vigie.rows.groups import Member
from vigie.rows.leads import Lead
from vigie.rows.matches import Match
from vigie.rows.problems import Problem

DRIVE = Path(__file__).parent.parent / "drive.py"


class Faulty(Exception):  # noqa: N818 - what the stages of this test raise
    """A bug of ours."""


class Mood:
    """What the stages of this test do next."""

    raises_at = -1
    read: list[str] = []  # noqa: RUF012 - emptied for each test


@pytest.fixture
def rig(tmp_path: Path, engine: Local) -> Rig:
    """Return a case with five pictures."""
    (seized := tmp_path / "seized").mkdir()
    for number in range(5):
        (seized / f"{number}.jpg").write_bytes(jpeg(90 + number))
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    return rig


@pytest.fixture
def reading() -> Iterator[Stage]:
    """Register a reading stage for one test."""
    Mood.raises_at, Mood.read = -1, []

    @stage(split="key", unit="unit", plan="select * from originals order by path")
    def remark(originals: Table[Original], evidence: Evidence) -> Iterator[Unit[Problem]]:
        """Say of each original that it was there."""
        del evidence
        for number, one in enumerate(originals):
            if number == Mood.raises_at:
                raise Faulty(f"at {one.path}")
            Mood.read.append(one.path)
            row = Problem.make(stage="remark", subject=one.path, code="empty", detail="", counts=False, unit=one.key)
            yield Unit(key=one.key, rows=[row])

    yield STAGES["remark"]
    del STAGES["remark"]


@pytest.fixture
def pure() -> Iterator[Stage]:
    """Register a pure stage for one test."""
    Mood.raises_at = -1

    @stage()
    def noted(originals: Table[Original]) -> Table[Problem]:
        """Make a table of what was taken in, or fail."""
        if Mood.raises_at >= 0:
            raise Faulty("in the middle")
        return of(
            Problem,
            [Problem.make(stage="noted", subject=o.path, code="empty", detail="", counts=False) for o in originals],
        )

    yield STAGES["noted"]
    del STAGES["noted"]


def state(folder: Path) -> dict[str, bytes]:
    """Return every file of a case but its scratch."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in ("tmp", "work")
    }


def test_a_bug_in_a_reading_stage_ends_at_once_and_keeps_what_was_done(rig: Rig, reading: Stage) -> None:
    Mood.raises_at = 3
    before, threads = state(rig.folder), threading.active_count()
    with pytest.raises(Faulty, match=r"3\.jpg"):
        do(rig.case, reading, rig.engine, rig.needs, lambda _: None)
    assert state(rig.folder) == before
    assert threading.active_count() == threads
    done_before, Mood.raises_at = list(Mood.read), -1
    seen: list[Progress] = []
    (run,) = do(rig.case, reading, rig.engine, rig.needs, seen.append)
    assert sorted(Mood.read) == [f"{number}.jpg" for number in range(5)], "nothing is read twice"
    assert len(done_before) == 3
    assert (seen[0].done, seen[-1].done, seen[-1].of, seen[-1].kept) == (3, 5, 5, 3)
    assert run.rows == {"problem": 5}
    assert not list((rig.folder / "work").iterdir())
    assert do(rig.case, reading, rig.engine, rig.needs, lambda _: None) == [run]
    assert len(Mood.read) == 5


def test_a_bug_in_a_pure_stage_leaves_nothing_half(rig: Rig, pure: Stage) -> None:
    Mood.raises_at = 0
    before = state(rig.folder)
    with pytest.raises(Faulty):
        do(rig.case, pure, rig.engine, rig.needs, lambda _: None)
    assert state(rig.folder) == before
    Mood.raises_at = -1
    do(rig.case, pure, rig.engine, rig.needs, lambda _: None)
    assert stands(rig.case, pure)


def settle(rig: Rig, text: str) -> None:
    """Write settings of stages into ``case.toml`` and open the case anew."""
    file = rig.folder / "case.toml"
    head = file.read_text().split("\n[stage.")[0] + "\n"
    file.write_text(head + text)
    rig.reopen()
    rig.case.note_settings()


def test_other_settings_make_a_new_run_beside_the_old_one(rig: Rig) -> None:
    (seized := rig.folder.parent / "more").mkdir()
    (seized / "x.jpg").write_bytes(jpeg(90)[:-2] + b"\0\xff\xd9")
    rig.add(seized)
    rig.run()
    first, leads = dict(rig.case.current), rig.case.digests(Lead)
    old = state(rig.folder)
    settle(rig, "[stage.links]\nmost_bits = 30\n")
    assert not stands(rig.case, stage_named("links"))
    rig.run()
    second = dict(rig.case.current)
    assert second["links"] != first["links"]
    assert {label for label in first if first[label] == second[label]} >= {"originals", "files", "prints"}
    now = state(rig.folder)
    assert {name: now.get(name) for name in old if name.startswith(("tables/", "runs/"))} == {
        name: raw for name, raw in old.items() if name.startswith(("tables/", "runs/"))
    }, "what was there is never changed"
    settle(rig, "")
    assert not stands(rig.case, stage_named("links"))
    seen: list[Progress] = []
    rig.run(watch=seen.append)
    assert all(one.repeated for one in seen if one.finished)
    assert rig.case.current == first
    assert rig.case.digests(Lead) == leads
    assert all(stands(rig.case, one) for one in order())
    reopened = Case.open(rig.folder)
    assert reopened.current == first, "the log says which runs count, not the file for people"
    (rig.folder / "current.json").unlink()
    assert Case.open(rig.folder).current == first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[stage.nothing]\nx = 1\n", ["nothing", "known: "]),
        ("[stage.prints]\nmost_pixel = 1\n", ["stage.prints", "most_pixel"]),
        ('[stage.prints]\nmost_pixels = "many"\n', ["stage.prints", "most_pixels", "int"]),
        ("[stage.prints.pace]\nwall_s = [1]\n", ["stage.prints", "pace.wall_s"]),
        ("[stage.prints.pace]\nwall = 1\n", ["stage.prints", "wall"]),
        ('[stage.dense]\nvideos = "some"\n', ["stage.dense", "videos"]),
        ("[stage.exact]\nx = 1\n", ["stage.exact", "no settings"]),
        ("stage = 1\n", ["case.toml"]),
        ("[machine]\nmemory_gb = 1\n", ["memory_gb"]),
        ('[machine]\nisolation = "S9"\n', ["isolation"]),
        ("[stage.prints\n", ["case.toml", "line"]),
    ],
)
def test_settings_that_fit_nothing_are_named(tmp_path: Path, text: str, words: list[str]) -> None:
    folder = new_case(tmp_path / "case")
    file = folder / "case.toml"
    head = file.read_text()
    if text.startswith(("[machine]", "stage =")):
        head = head.split("[machine]")[0]
        text = text + head if text.startswith("stage") else head + text
        head = ""
    file.write_text(head + text)
    with pytest.raises(UsageError) as caught:
        Case.open(folder)
    for word in (*words, "case.toml"):
        assert word in str(caught.value)


def test_settings_that_are_no_text(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "case")
    (folder / "case.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(UsageError, match=r"case\.toml"):
        Case.open(folder)
    with pytest.raises(UsageError, match="vigie new"):
        Case.open(tmp_path / "nowhere")


def test_a_stage_that_is_not_there(rig: Rig) -> None:
    with pytest.raises(UsageError, match="known: "):
        stage_named("nothing")
    assert len(rig.case.read(File)) == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, engine: Local) -> Path:
    """Return a case in which everything was run."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "seized").mkdir()
    for number in range(3):
        (folder / "seized" / f"{number}.jpg").write_bytes(jpeg(90 + number))
    rig = Rig(folder / "case", engine)
    rig.add(folder / "seized")
    rig.run()
    return rig.folder


@pytest.mark.parametrize("harm", ["flip", "cut", "gone", "empty"])
@pytest.mark.parametrize("row", [File, Member, Lead])
def test_a_harmed_table_is_named_before_anything_reads_it(whole: Path, harm: str, row: type[File]) -> None:
    case = Case.open(whole)
    (file,) = case.read(row).files
    kept = file.read_bytes()
    try:
        raw = bytearray(kept)
        raw[len(raw) // 2] ^= 1
        if harm == "gone":
            file.unlink()
        else:
            file.write_bytes({"flip": raw, "cut": kept[:-9], "empty": b""}[harm])
        with pytest.raises(IntegrityError) as caught:
            Case.open(whole).read(row)
        assert str(file) in str(caught.value)
        if harm != "gone":
            with pytest.raises(IntegrityError):
                case.read(row)
    finally:
        file.write_bytes(kept)
    assert len(Case.open(whole).read(row)) == 3
    assert len(Case.open(whole).read(Match)) == 0


def test_a_harmed_record_is_named(whole: Path) -> None:
    for file in sorted((whole / "runs").iterdir())[:3]:
        kept = file.read_bytes()
        try:
            file.write_bytes(kept.replace(b'"units": ', b'"units":  ', 1))
            with pytest.raises(IntegrityError, match=file.name):
                Case.open(whole).counting()
            file.unlink()
            with pytest.raises(IntegrityError, match=file.name):
                Case.open(whole).counting()
        finally:
            file.write_bytes(kept)


def test_two_processes_at_once_end_as_one(seizure: Path, done: Path, tmp_path: Path) -> None:
    """Whatever order they come in: one may be told to wait its turn, none breaks, and the tables are those of one."""
    folder = new_case(tmp_path / "case")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(DRIVE), str(folder)]
    first = subprocess.run([*command, str(seizure)], env=environment, capture_output=True, check=False)
    assert first.returncode == 0
    want = {row: Case.open(done).digests(row) for row in (File, Member, Lead)}
    assert {row: Case.open(folder).digests(row) for row in want} == want
    fresh = new_case(tmp_path / "fresh")
    command = [sys.executable, str(DRIVE), str(fresh), str(seizure)]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate()[1].decode() for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes, said
    for code, words in zip(codes, said, strict=True):
        assert code == 0 or "in use" in words, words
    subprocess.run(command, env=environment, check=True)
    assert {row: Case.open(fresh).digests(row) for row in want} == want
