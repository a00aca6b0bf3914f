"""Every stage keeps the same promises. A new stage is tested by being there."""

import typing as t

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import drawn_chain
import vigie.steps
from generated_rows import tables
from vigie.kernel.engine import in_parts, whole
from vigie.kernel.evaluate import order
from vigie.kernel.stage import STAGES, Stage
from vigie.kernel.table import Table
from vigie.rows.base import ROWS, links

vigie.steps.load()
CHAIN = drawn_chain.examples()

PURE = {name: one for name, one in STAGES.items() if not one.reading}
pure = pytest.mark.parametrize("stage", PURE.values(), ids=list(PURE))
every = pytest.mark.parametrize("stage", STAGES.values(), ids=list(STAGES))
SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def given_tables(stage: Stage) -> st.SearchStrategy[dict[str, Table[t.Any]]]:
    return st.fixed_dictionaries({name: tables(row) for name, row in stage.reads.items()})


def bag(made: tuple[Table[t.Any], ...]) -> list[str]:
    return sorted(repr(row) for table in made for row in table.rows())


@every
def test_it_says_what_it_does(stage: Stage) -> None:
    assert stage.call.__doc__
    assert stage.split is None or any(stage.split in row.__struct_fields__ for row in stage.reads.values())
    if stage.params:
        assert stage.params.__doc__
        assert stage.settings({}) == stage.params()
    if stage.reading:
        assert stage.split
        assert stage.plan
        assert "problem" in [row.table() for row in stage.writes]
        for row in stage.writes:
            assert row.table() == "problem" or stage.unit in row.__struct_fields__
        assert "size_bytes" in next(iter(stage.reads.values())).__struct_fields__


def test_each_stage_comes_after_what_it_reads() -> None:
    place = {one.name: number for number, one in enumerate(order())}
    assert set(place) == set(STAGES)
    for reader in STAGES.values():
        for writer in STAGES.values():
            if writer.name != reader.name and set(writer.writes) & set(reader.reads.values()):
                assert place[writer.name] < place[reader.name]


@pure
@SLOW
@given(data=st.data())
def test_same_in_same_out(stage: Stage, data: st.DataObject) -> None:
    given_ = data.draw(given_tables(stage))
    params = stage.settings({})
    assert bag(whole(stage, given_, params, chain=CHAIN)) == bag(whole(stage, given_, params, chain=CHAIN))


@pure
@SLOW
@given(data=st.data())
def test_the_order_of_rows_is_of_no_account(stage: Stage, data: st.DataObject) -> None:
    given_ = data.draw(given_tables(stage))
    params = stage.settings({})
    turned = {name: Table(table.row, table.arrow.take(np.arange(len(table))[::-1])) for name, table in given_.items()}
    assert bag(whole(stage, given_, params, chain=CHAIN)) == bag(whole(stage, turned, params, chain=CHAIN))


@pure
@SLOW
@given(data=st.data(), count=st.integers(1, 4))
def test_parts_make_the_whole(stage: Stage, data: st.DataObject, count: int) -> None:
    given_ = data.draw(given_tables(stage))
    params = stage.settings({})
    assert bag(in_parts(stage, given_, params, count, chain=CHAIN)) == bag(whole(stage, given_, params, chain=CHAIN))


@pure
@SLOW
@given(data=st.data())
def test_keys_are_unique_and_links_lead_somewhere(stage: Stage, data: st.DataObject) -> None:
    given_ = data.draw(given_tables(stage))
    made = whole(stage, given_, stage.settings({}), chain=CHAIN)
    have = {table.row.table(): table.rows() for table in (*given_.values(), *made)}
    for table in made:
        rows = table.rows()
        assert len({row.key for row in rows}) == len(rows), "two rows with one key"
        for column, link in links(table.row).items():
            if link.row in have and ROWS[link.row] in {one.row for one in made}:
                there = {getattr(row, link.by) for row in have[link.row]}
                assert {getattr(row, column) for row in rows} - {None, b""} <= there, f"{column} leads nowhere"
