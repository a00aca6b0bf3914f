"""Unfinished work: what is whole is kept, what is torn is done again, and no history leaves a mark on the tables."""

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.kernel.database import Room
from vigie.kernel.errors import IntegrityError
from vigie.kernel.seal import Chunks
from vigie.kernel.table import Table
from vigie.kernel.work import Work
from vigie.rows.base import Row
from vigie.rows.fingerprints import Fingerprint
from vigie.rows.problems import Problem

KEY = bytes(range(32))


def rows_of(unit: int, count: int = 2) -> list[Row]:
    """Return some rows of a unit."""
    problem = Problem.make(stage="t", subject=f"{unit}", code="empty", detail="", counts=False, unit=key(unit))
    prints = [
        Fingerprint.make(
            content=bytes([unit]) * 32, algorithm="pdq", frame=frame, at_s=0.0, value=bytes(32), quality=90, weak=0,
            sampling="still", trimmed=b"",
        )
        for frame in range(count)
    ]  # fmt: skip
    return [problem, *prints]


def key(unit: int) -> bytes:
    return bytes([unit]) * 16


def finish(work: Work, folder: Path) -> tuple[str, ...]:
    """Make tables of it; return their digests."""
    folder.mkdir(exist_ok=True)
    made = work.finish((Problem, Fingerprint), lambda row: folder / f"{row.table()}.parquet", {})
    return tuple(made[row] for row in (Problem, Fingerprint))


def done(work: Work) -> set[bytes]:
    """Return the units that earlier sittings have done, and those of this one that are on disk."""
    work.flush()
    return set(pq.read_table(Work(work.folder, work.room, KEY).done).column("unit").to_pylist())


def work_in(folder: Path) -> Work:
    return Work(folder / "work", Room(folder=folder), KEY)


@pytest.fixture
def want(tmp_path: Path) -> tuple[str, ...]:
    """Return what ten units give when nothing disturbs."""
    work = work_in(tmp_path / "want")
    for unit in range(10):
        work.add(key(unit), rows_of(unit))
    return finish(work, tmp_path / "want" / "out")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(10)),
    cuts=st.sets(st.integers(0, 9), max_size=4),
    half=st.integers(0, 10),
)
def test_interruptions_and_order_leave_no_mark(
    tmp_path_factory: pytest.TempPathFactory, want: tuple[str, ...], order: list[int], cuts: set[int], half: int
) -> None:
    folder = tmp_path_factory.mktemp("work")
    work = work_in(folder)
    for at, unit in enumerate(order):
        if at == half:  # killed in the middle of this one, which then reads otherwise
            work.add(key(unit), rows_of(unit, 7), last=False)
            work.flush()
            work = work_in(folder)
            assert key(unit) not in done(work)
        work.add(key(unit), rows_of(unit)[:1], last=False)
        work.add(key(unit), rows_of(unit)[1:])
        if at in cuts:
            work.flush()
            work = work_in(folder)
    assert done(work) == {key(unit) for unit in range(10)}
    assert finish(work, folder / "out") == want
    work.drop()
    assert not work.folder.exists()


def test_what_was_not_flushed_is_done_again(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    work.add(key(1), rows_of(1))
    work.flush()
    work.add(key(2), rows_of(2))
    assert done(work_in(tmp_path)) == {key(1)}


def harmed(chunk: Path, harm: str) -> Path:
    """Change one chunk, or what stands in its place; return its path."""
    raw = bytearray(chunk.read_bytes())
    if harm == "flip":
        raw[len(raw) // 2] ^= 1
    chunk.write_bytes({"cut": raw[:-5], "empty": b""}.get(harm, raw))
    if harm == "link":
        chunk.symlink_to(chunk.rename(chunk.parents[1] / "target"))
    if harm == "other key":
        chunk.unlink()
        return Chunks(chunk.parent, bytes(32)).put(bytes(raw[32:]))
    names = {
        "other digest": f"{chunk.name[:8]}-{'0' * 64}.chunk",
        "other number": f"00000009{chunk.name[8:]}",
        "other name": "planted.chunk",
    }
    return chunk.rename(chunk.with_name(names[harm])) if harm in names else chunk


@pytest.mark.parametrize(
    "harm", ["flip", "cut", "empty", "other digest", "other number", "other name", "other key", "link"]
)
def test_a_chunk_that_was_changed_or_planted_is_refused_and_left_where_it_is(
    tmp_path: Path, want: tuple[str, ...], harm: str
) -> None:
    work = work_in(tmp_path)
    for unit in range(10):
        work.add(key(unit), rows_of(unit))
        if unit in (3, 6):
            work.flush()
    work.flush()
    chunks = sorted(work.folder.glob("*.chunk"))
    assert len(chunks) == 3
    bad = harmed(chunks[1], harm)
    (work.folder / "x.chunk.tmp-1-aa").write_bytes(b"left behind by a killed writer")
    with pytest.raises(IntegrityError, match=bad.name):
        work_in(tmp_path)
    assert bad.exists(), "a trace of who did it is not removed"
    assert not (work.folder / "x.chunk.tmp-1-aa").exists()
    bad.unlink()  # as the message says
    again = work_in(tmp_path)
    assert len(done(again)) == 7
    for unit in range(10):
        if key(unit) not in done(again):
            again.add(key(unit), rows_of(unit))
    assert finish(again, tmp_path / "out") == want


def test_a_chunk_of_another_recipe_is_refused(tmp_path: Path) -> None:
    work, other = work_in(tmp_path), Work(tmp_path / "other", Room(folder=tmp_path), KEY)
    other.add(key(1), rows_of(1))
    other.flush()
    (chunk,) = other.folder.glob("*.chunk")
    moved = chunk.rename(work.folder / chunk.name)
    with pytest.raises(IntegrityError, match=moved.name):
        work_in(tmp_path)


def test_problems_are_counted_over_sittings(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    work.add(key(1), rows_of(1))
    work.flush()
    again = work_in(tmp_path)
    again.add(key(2), rows_of(2))
    assert again.problems == 2


def test_much_is_flushed_by_itself(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    for _ in range(3):
        work.add(os.urandom(16), rows_of(1, 2000))
    assert len(list(work.folder.glob("*.chunk"))) >= 1
    assert len(Table(Fingerprint)) == 0
