"""Work that was begun and not finished: what is of no use goes, what somebody planted stays, no link is followed."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kernel.conftest import new_case
from vigie.kernel import abandoned
from vigie.kernel.case import Case
from vigie.kernel.errors import IntegrityError
from vigie.kernel.schema import schema
from vigie.kernel.seal import Chunks
from vigie.kernel.table import passing
from vigie.kernel.verify import verify
from vigie.kernel.work import Work
from vigie.rows.problems import Problem


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.open(new_case(tmp_path / "case"))


def begun(case: Case, label: str, kind: str) -> Path:
    """Leave work of one kind as a killed run does."""
    work = Work(case.folder / "work" / f"{label}-{kind * 16}", case.room, case.custody.seal_key())
    (work.folder / "plan.parquet").write_bytes(b"the plan")
    (work.folder / "file.unsorted").write_bytes(b"half a table")
    work.add(b"one", [])
    work.flush()
    return work.folder


def finish(case: Case, label: str, kind: str) -> None:
    Work(case.folder / "work" / f"{label}-{kind * 16}", case.room, case.custody.seal_key()).drop()


def names(folder: Path) -> list[str]:
    return sorted("chunk" if path.suffix == ".chunk" else path.name for path in folder.iterdir())


def test_what_no_run_can_use_goes_when_the_stage_is_done(case: Case) -> None:
    set_back, of_old, other_stage = begun(case, "files", "aa"), begun(case, "files", "bb"), begun(case, "prints", "aa")
    (of_old / abandoned.READERS).write_bytes(b"0" * 64)
    finish(case, "files", "cc")
    assert names(set_back) == ["chunk", "readers"], "a setting may be put back: what was read then still serves"
    assert not of_old.exists(), "other readers read it: it is never taken over"
    assert names(other_stage) == ["chunk", "done.parquet", "file.unsorted", "plan.parquet", "readers"]


def test_lists_of_one_item_are_not_mixed_with_those_of_another(case: Case) -> None:
    one, other = begun(case, f"known-{'11' * 16}", "aa"), begun(case, f"known-{'22' * 16}", "aa")
    finish(case, f"known-{'11' * 16}", "bb")
    assert names(one) == ["chunk", "readers"]
    assert "plan.parquet" in names(other)


def test_what_somebody_planted_stays_and_is_named(case: Case) -> None:
    folder = begun(case, "files", "bb")
    (folder / abandoned.READERS).write_bytes(b"0" * 64)
    forged = Chunks(folder, bytes(32)).put(b"forged")
    (folder / "letter").write_bytes(b"x")
    finish(case, "files", "cc")
    assert sorted(folder.glob("*.chunk")) == [forged]
    report = verify(case.folder, lambda _: None, evidence=False)
    assert [one.file for one in report.differences] == [str(forged.relative_to(case.folder))]
    assert str((folder / "letter").relative_to(case.folder)) in [one.file for one in report.strays]


def test_what_a_killed_run_leaves_is_no_finding(case: Case) -> None:
    begun(case, "files", "aa")
    listing = abandoned.folder(case.folder / "work" / f"walk-{'ab' * 16}")
    (listing / "found.unsorted").write_bytes(b"half a listing")
    report = verify(case.folder, lambda _: None, evidence=False)
    assert report.differences == []
    assert report.strays == []


def test_a_link_is_never_followed(case: Case, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "letter").write_bytes(b"as it was")
    work = begun(case, "files", "aa")
    (work / "plan.parquet").unlink()
    (work / "plan.parquet").symlink_to(outside / "letter")
    with passing(work / "plan.parquet", schema(Problem)):
        pass
    assert (outside / "letter").read_bytes() == b"as it was"
    assert not (work / "plan.parquet").is_symlink()
    assert pq.read_metadata(work / "plan.parquet").num_rows == 0
    (case.folder / "work" / f"prints-{'aa' * 16}").symlink_to(outside)
    with pytest.raises(IntegrityError, match="is a link"):
        begun(case, "prints", "aa")
    finish(case, "prints", "bb")
    assert [path.name for path in outside.iterdir()] == ["letter"]
