"""Tables: what goes in comes out, queries read files in place in bounded memory, and reach nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generated_rows
from vigie.kernel.database import Room
from vigie.kernel.errors import UsageError
from vigie.kernel.table import (
    Selected,
    Table,
    columns,
    copy,
    join,
    numbers,
    of,
    passing,
    query,
    read_parquet,
    registered,
    together,
    write,
)
from vigie.rows.artefacts import File
from vigie.rows.base import ROWS, Row
from vigie.rows.evidence import Found
from vigie.rows.fingerprints import Fingerprint
from vigie.rows.problems import Problem

ANY = pytest.mark.parametrize("row", [ROWS[name] for name in sorted(ROWS)], ids=sorted(ROWS))
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@QUICK
@given(data=st.data())
def test_rows_and_columns_come_back(tmp_path: Path, row: type[Row], data: st.DataObject) -> None:
    rows = data.draw(st.lists(generated_rows.rows(row), max_size=8, unique_by=lambda one: one.key))
    table = of(row, rows)
    assert table.rows() == rows
    for name in row.__struct_fields__:
        assert table.column(name).tolist() == [getattr(one, name) for one in rows]
    again = columns(row, **{name: table.column(name) for name in row.__struct_fields__ if name != "key"})
    assert [one.key for one in again] == [one.key for one in rows], "the key said in SQL is the key said in Python"
    assert again.rows() == rows
    path = tmp_path / "t.parquet"
    digest = write(table, path)
    assert sorted(Table(row, files=[path]), key=lambda one: one.key) == sorted(rows, key=lambda one: one.key)
    assert write(of(row, rows[::-1]), path) == digest, "the order in which rows came leaves no mark"
    assert copy(of(row, rows * 2), path) == digest, "nor how often they came"


@QUICK
@given(
    values=st.lists(st.binary(min_size=32, max_size=32), max_size=20),
    cut=st.integers(0, 20),
    count=st.integers(0, 20),
    chunks=st.integers(1, 3),
)
def test_a_slice_is_as_wide_as_it_says(values: list[bytes], cut: int, count: int, chunks: int) -> None:
    def prints(start: int, some: list[bytes]) -> Table[Fingerprint]:
        return columns(
            Fingerprint,
            content=np.frombuffer(b"".join(some), np.uint8).reshape(len(some), 32),
            algorithm=["pdq"] * len(some), frame=list(range(start, start + len(some))), at_s=[0.0] * len(some),
            value=some, quality=[90] * len(some), weak=[0] * len(some), sampling=["still"] * len(some),
            trimmed=b"",
        )  # fmt: skip

    whole = join(Fingerprint, [prints(100 * number, values) for number in range(chunks)])
    part = Table(Fingerprint, whole.arrow.slice(cut, count))
    want = (values * chunks)[cut : cut + count]
    for name in ("value", "content"):
        assert [bytes(one) for one in part.matrix(name)] == want
        assert part.matrix(name).shape == (len(want), 32)
    assert part.words("value").shape == (len(want), 4)
    assert part.words("value").tobytes() == b"".join(want)
    assert len(part) == len(want)
    assert sorted(b"".join(p.column("value").tolist()) for p in part.parts("frame", 1)) == [b"".join(want)]
    divided = [one for p in part.parts("content", 3) for one in p]
    assert sorted(one.key for one in divided) == sorted(one.key for one in part)


def test_what_may_not_be_null_is_refused() -> None:
    arrow = of(File).arrow
    nulls = pa.Table.from_arrays([pa.nulls(2, field.type) for field in arrow.schema], names=arrow.schema.names)
    with pytest.raises(ValueError, match="may not be null"):
        Table(File, nulls)
    nothing = Found.make(item=bytes(16), path="a", size_bytes=1, modified=None, accessed=None, changed=None)
    times = of(Found, [nothing])
    assert times.column("modified").tolist() == [None]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "case").mkdir()
    return Room(folder=tmp_path / "case")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{outside}/secret.csv')",
        "select * from read_text('/etc/hostname')",
        "select * from read_blob('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from '{outside}/secret.parquet'",
        "select * from read_parquet('{outside}/secret.parquet')",
        "select * from read_parquet('{case}/../secret.parquet')",
        "select * from read_csv('http://127.0.0.1:9/x.csv')",
        "attach '{outside}/other.db' as other",
        "copy (select 1) to '{outside}/written.csv'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "create secret x (type s3)",
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_a_query_reaches_nothing_else(tmp_path: Path, room: Room, sql: str, inside: bool) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "secret.parquet")
    path = room.folder / "t.parquet"
    write(of(Found), path)
    table = Table(Found, files=[path], room=room) if inside else of(Found)
    with registered({"t": table}) as db, pytest.raises(duckdb.Error):
        db.execute(sql.format(outside=tmp_path, case=room.folder)).fetchall()
    assert not (tmp_path / "written.csv").exists()


def test_a_flipped_page_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = [
        Found.make(item=os.urandom(16), path=str(n), size_bytes=n, modified=None, accessed=None, changed=None)
        for n in range(2000)
    ]
    write(of(Found, rows), path)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 1
    path.write_bytes(raw)
    with pytest.raises(OSError, match=r"CRC|corrupt|Corrupt"):
        read_parquet(path)
    with pytest.raises(OSError, match=r"CRC|corrupt|Corrupt"):
        Table(Found, files=[path]).rows()


LARGE = """
import os, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from vigie.kernel.database import Room
from vigie.kernel.schema import schema
from vigie.kernel.table import Table, copy, look, query
from vigie.rows.fingerprints import Fingerprint

folder = Path(sys.argv[1])
kinds, n = schema(Fingerprint), 50_000
path = folder / "large.parquet"
with pq.ParquetWriter(path, kinds, compression="none", use_dictionary=False) as writer:
    for part in range(60):
        given = {
            "algorithm": pa.array(["pdq"] * n), "frame": pa.array(range(part * n, part * n + n)),
            "at_s": pa.array([0.0] * n),
            "quality": pa.array([part] * n), "weak": pa.array([0] * n), "sampling": pa.array(["still"] * n),
            "trimmed": pa.array([b""] * n),
        }
        def noise(width):
            raw = pa.py_buffer(os.urandom(width * n))
            return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), n, [None, raw])
        arrays = [given[f.name] if f.name in given else noise(f.type.byte_width) for f in kinds]
        writer.write_table(pa.Table.from_arrays(arrays, schema=kinds))
assert path.stat().st_size > 300e6, path.stat().st_size
table = Table(Fingerprint, files=[path], room=Room(folder=folder, memory_bytes=64 << 20, threads=1))
assert len(table) == 60 * n
(one,) = look("select count(*) as n, max(quality) as q, count(distinct quality) as d from t", t=table)
assert one == {"n": 60 * n, "q": 59, "d": 60}, one
first = query(Fingerprint, "select * from t order by value limit 5", t=table)
assert len(first) == 5
assert sum(batch.num_rows for batch in table.batches()) == 60 * n
some = query(Fingerprint, "select * from t where frame % 100 = 0", t=table)
assert len(some) == 60 * n // 100
assert not list((folder / "tmp").iterdir())
# not getrusage: its maximum is also that of the process which started this one
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_a_table_larger_than_the_memory_it_may_use(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LARGE, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 500, "MiB, of which about 250 are the libraries and 300 would be the table alone"


def test_a_large_result_lies_in_a_file_for_as_long_as_its_table_lives(tmp_path: Path) -> None:
    count = 40_000
    rows = [
        Found.make(item=bytes(16), path=f"{n:07}/{'x' * 100}", size_bytes=n, modified=None, accessed=None, changed=None)
        for n in range(count)
    ]
    room = Room(folder=tmp_path, memory_bytes=64 << 20, threads=1)
    write(of(Found, rows), tmp_path / "t.parquet")
    source = Table(Found, files=[tmp_path / "t.parquet"], room=room)
    small = query(Found, "select * from t where size_bytes < 100", t=source)
    large = query(Found, "select * from t order by path desc", t=source)
    again = query(Found, "select * from t", t=large)
    held = of(Found, rows[::-1])
    assert small.lying == ()

    assert [file.parent for file in (*large.lying, *again.lying)] == [tmp_path / "tmp"] * 2
    assert len(large) == count
    assert large.column("size_bytes").tolist() == held.column("size_bytes").tolist()
    assert (large.matrix("key") == held.matrix("key")).all()
    assert large.lying, "a column is loaded by itself"
    assert write(large, tmp_path / "a") == write(again, tmp_path / "b") == write(held, tmp_path / "c")
    both = together(Found, [large, again], room)
    assert both.lying == (*large.lying, *again.lying), "nothing is copied"
    many = together(
        Found, (query(Found, f"select * from t where size_bytes // 5000 = {n}", t=source) for n in range(8)), room
    )
    assert 1 < len(many.lying) < 8, "small ones lie together"
    assert write(many, tmp_path / "d") == write(held, tmp_path / "e")
    assert together(Found, [small, small], room).lying == ()
    assert len(together(Found, [], room)) == 0
    del large, again
    assert len(both) == len(both.column("size_bytes")) == 2 * count, "its files live as long as it does"
    assert len(together(Found, [both, small], room)) == len(together(Found, [both, small], None)) == 2 * count + 100
    del both, many
    assert not list((tmp_path / "tmp").iterdir())


def test_who_goes_through_a_file_holds_a_part_of_it(tmp_path: Path) -> None:
    count = 200_000
    noise = np.frombuffer(os.urandom(64 * count), np.uint8).reshape(count, 64)
    made = columns(
        Fingerprint, content=noise[:, :32], algorithm=["pdq"] * count, frame=np.arange(count), at_s=np.zeros(count),
        value=noise[:, 32:], quality=np.arange(count), weak=np.zeros(count, np.int64), sampling=["still"] * count,
        trimmed=b"",
    )  # fmt: skip
    with passing(tmp_path / "t.parquet", made.arrow.schema) as writer:
        for batch in made.batches():
            writer.write_batch(batch)
    del made, batch
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in Table(Fingerprint, files=[tmp_path / "t.parquet"]).batches()]
    assert max(held) < 32 * count, f"{max(held):,} bytes"


def test_what_does_not_fit_the_memory_is_said_with_what_to_do(tmp_path: Path) -> None:
    rows = columns(
        Problem,
        stage="s",
        subject=[str(n) for n in range(200_000)],
        code="c",
        detail="d" * 200,
        counts=[True] * 200_000,
        unit=b"",
    )
    write(rows, tmp_path / "p.parquet")
    room = Room(folder=tmp_path, memory_bytes=4 << 20)
    lying = Table(Problem, files=[tmp_path / "p.parquet"], room=room)
    with pytest.raises(UsageError, match="memory_mb"):
        query(Problem, "select p.* replace (list(p.detail) over () [1] as detail) from p", p=lying)
    with pytest.raises(UsageError, match="memory_mb"):
        list(numbers("select length(list(p.detail) over () [1]) from p", p=lying))


def test_numbers_come_in_parts(tmp_path: Path) -> None:
    count = 300_000
    rows = columns(Found, item=bytes(16), path="p", size_bytes=np.arange(count), modified=[None] * count,
                   accessed=[None] * count, changed=[None] * count)  # fmt: skip
    write(rows, tmp_path / "t.parquet")
    lying = Table(Found, files=[tmp_path / "t.parquet"], room=Room(folder=tmp_path))
    parts = list(numbers("select size_bytes, (size_bytes % 7)::utinyint from t", t=lying))
    assert len(parts) > 1
    assert sum(int(size.sum()) for size, _ in parts) == count * (count - 1) // 2
    assert all((small == size % 7).all() and small.dtype == np.uint8 for size, small in parts)
    with pytest.raises(pa.ArrowInvalid):  # a null is no number
        list(numbers("select nullif(size_bytes, 3) from t", t=lying))


@pytest.mark.parametrize("lying", [False, True])
def test_a_select_stands_for_a_table_and_for_a_table_of_another(tmp_path: Path, lying: bool) -> None:
    rows = [Problem.make(stage="s", subject=one, code="c", detail="{}", counts=False, unit=b"") for one in "abc"]
    table = of(Problem, rows)
    if lying:
        (tmp_path / "tmp").mkdir()
        write(table, tmp_path / "t.parquet")
        table = Table(Problem, files=[tmp_path / "t.parquet"], room=Room(folder=tmp_path))
    few = Selected("select * from {rows} where subject <> 'a' and detail = '{{}}'", {"rows": table})
    one = Selected(
        "select * from {few} anti join {all_but} using (key)", {"few": few, "all_but": of(Problem, rows[:2])}
    )
    assert [x.subject for x in query(Problem, "select * from x", x=one)] == ["c"]
