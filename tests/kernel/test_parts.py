"""Rows that come in tables: written once, in the order of the evidence, and no history leaves a mark on the files."""

from pathlib import Path

import pytest

from vigie.kernel import parts
from vigie.kernel.database import Room
from vigie.kernel.errors import IntegrityError
from vigie.kernel.table import Table, of
from vigie.kernel.work import Work
from vigie.rows.people import Section, Taken

KEY = bytes(range(32))
FIRST, SECOND = b"\x01" * 16, b"\x02" * 16


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 10)


def sections(unit: bytes, start: int, stop: int) -> Table[Section]:
    return of(
        Section,
        [
            Section.make(
                platform=unit, relation="forums", number=number, place=number * 100, rule="section", part=0,
                id=str(number), parent="", name=f"{unit.hex()[:2]} {number}", description="", locked=False,
            )
            for number in range(start, stop)
        ],
    )  # fmt: skip


def taken(unit: bytes) -> Taken:
    return Taken.make(platform=unit, relation="forums", rule="section", into="section", read=25, made=25, left=0)


def read(work: Work, unit: bytes) -> None:
    """Read a unit of 25 sections that come in pieces of 5."""
    for start in range(1, 26, 5):
        work.add(unit, [], [sections(unit, start, start + 5)], last=False)
    work.add(unit, [taken(unit)])


def finished(work: Work, folder: Path) -> dict[str, str]:
    folder.mkdir()
    work.finish((Taken, Section), lambda row: folder / f"{row.table()}.parquet", {})
    made = work.settle(lambda row, part: folder / f"{row.table()}.{part}.parquet")
    return {path.name: part.sha256 for path, part in made.items()}


def work_in(folder: Path) -> Work:
    return Work(folder / "work", Room(folder=folder), KEY)


def test_files_hold_the_rows_of_one_unit_in_their_order(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    read(work, FIRST)
    read(work, SECOND)
    made = finished(work, tmp_path / "out")
    assert sorted(made) == [f"section.{unit.hex()}-{number}.parquet" for unit in (FIRST, SECOND) for number in range(3)]
    files = [tmp_path / "out" / f"section.{FIRST.hex()}-{number}.parquet" for number in range(3)]
    assert [[row.number for row in Table(Section, files=[file])] for file in files] == [
        list(range(1, 11)), list(range(11, 21)), list(range(21, 26))
    ]  # fmt: skip


def test_interruptions_leave_no_mark(tmp_path: Path) -> None:
    whole = work_in(tmp_path)
    read(whole, FIRST)
    read(whole, SECOND)
    want = finished(whole, tmp_path / "out")
    (other := tmp_path / "other").mkdir()
    work = work_in(other)
    read(work, SECOND)
    work.add(FIRST, [], [sections(FIRST, 1, 16)], last=False)  # killed in the middle of this one
    work.flush()
    work = work_in(other)
    read(work, FIRST)
    assert finished(work, other / "out") == want


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    read(work, FIRST)
    work.flush()
    file = sorted(work.folder.glob("*.part"))[1]
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    with pytest.raises(IntegrityError, match=file.name):
        finished(work_in(tmp_path), tmp_path / "out")


def test_a_run_killed_before_its_entry_stands_finds_its_files_again(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    read(work, FIRST)
    want = finished(work, tmp_path / "out")
    assert finished(work_in(tmp_path), tmp_path / "again") == want
