"""A large table is divided where that reads it once, and whole where it does not."""

import random
import typing as t
from pathlib import Path

import pyarrow as pa
import pytest

from vigie.kernel import table
from vigie.kernel.database import Room
from vigie.kernel.stretches import stretches
from vigie.kernel.table import Table, look, passing, write
from vigie.rows.countries import Address

PLATFORMS = (b"A" * 16, b"B" * 16)
ACCOUNTS = [f"{number:05}" for number in range(2_000)] + ["o'hara", "zoé"]


def _rows() -> list[Address]:
    return [
        Address.make(platform=platform, account=account, ip="192.0.2.7", use=use, times=1, first=None, last=None)
        for platform in PLATFORMS
        for account in ACCOUNTS
        for use in ("login", "post")
    ]


def _lying(rows: list[Address], folder: Path) -> Table[Address]:
    """Write rows as a query leaves them, 500 to a row group."""
    path, whole = folder / "rows.parquet", table.of(Address, rows).arrow
    with passing(path, whole.schema) as writer:
        writer.write_table(whole, row_group_size=500)
    return Table(Address, files=[path], room=Room(folder=folder))


def _mixed() -> list[Address]:
    rows = _rows()
    random.Random(1).shuffle(rows)
    return rows


def test_each_row_meets_one_stretch(tmp_path: Path) -> None:
    lying = _lying(_rows(), tmp_path)
    parts = stretches(lying, "account", 1_000)
    met = [look(f"select count(*) as n from rows where {part}", rows=lying)[0]["n"] for part in parts]
    assert len(parts) > 4
    assert sum(met) == len(lying)
    assert max(met) < 4_000


@pytest.mark.parametrize("made", [lambda folder: _lying(_mixed(), folder), lambda _: table.of(Address, _rows())])
def test_what_would_be_read_many_times_is_one(made: t.Callable[[Path], Table[Address]], tmp_path: Path) -> None:
    assert stretches(made(tmp_path), "account", 1_000) == ["true"]


def test_a_file_is_the_same_however_its_rows_lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "SORTED_ROWS", 1_000)
    nearly = sorted(_rows(), key=lambda one: (one.account, one.use))
    lying = _lying(nearly, tmp_path)
    assert len(stretches(lying, "account", 1_000)) > 4
    made = [write(table.of(Address, _mixed()), tmp_path / "memory"), write(lying, tmp_path / "stretches")]
    (tmp_path / "rows.parquet").unlink()
    made.append(write(_lying(_mixed(), tmp_path), tmp_path / "mixed"))
    assert len(set(made)) == 1
    assert pa.parquet.read_table(tmp_path / "stretches").num_rows == len(_rows())
