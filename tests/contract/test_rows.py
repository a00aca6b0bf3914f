"""Every row type keeps the same promises. A new one is tested by being there."""

import importlib
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vigie.rows
from generated_rows import rows, tables
from vigie.kernel.schema import schema
from vigie.kernel.table import of, query, read_parquet, write
from vigie.rows.base import ROWS, Row, key_of, links

for found in pkgutil.iter_modules(vigie.rows.__path__, "vigie.rows."):
    importlib.import_module(found.name)

every = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))


@every
def test_it_says_what_it_holds(row: type[Row]) -> None:
    assert row.__doc__
    assert row.NATURAL
    assert set(row.NATURAL) <= set(row.__struct_fields__)
    assert row.ORDER[-1] == "key"
    assert schema(row).names[0] == "key"


@every
def test_its_links_name_columns_that_exist(row: type[Row]) -> None:
    for column, link in links(row).items():
        assert column in row.__struct_fields__
        assert link.by in ROWS[link.row].__struct_fields__


@every
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_columns_derive_the_key_that_a_row_derives(row: type[Row], data: st.DataObject) -> None:
    table = data.draw(tables(row))
    again = query(row, "select * exclude (key) from given", given=table)
    assert sorted(one.key for one in again.rows()) == sorted(one.key for one in table.rows())


@every
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_file_gives_back_what_was_written(row: type[Row], data: st.DataObject, tmp_path_factory) -> None:
    table = data.draw(tables(row))
    folder = tmp_path_factory.mktemp("file")
    assert write(table, folder / "a.parquet") == write(of(row, table.rows()[::-1]), folder / "b.parquet")
    back = of(row).__class__(row, read_parquet(folder / "a.parquet"))
    assert sorted(map(repr, back.rows())) == sorted(map(repr, table.rows()))


@every
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_key_follows_from_the_natural_key_alone(row: type[Row], data: st.DataObject) -> None:
    one = data.draw(rows(row))
    assert one.key == key_of(row, *(getattr(one, name) for name in row.NATURAL))
