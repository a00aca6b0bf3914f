"""Columns from the cell: what fits becomes a table, what lies is found out."""

import numpy as np
import pytest

from vigie.kernel.columnar import BATCH_BYTES, MOST_TEXT, Columns, Untrue, bounded, made, texts
from vigie.rows.base import key_of
from vigie.rows.people import Section
from vigie.rows.wire import Cells, Portion


def cells(*values: bytes | None) -> Cells:
    lengths = np.array([-1 if one is None else len(one) for one in values], "<i4")
    return Cells(lengths=lengths.tobytes(), values=b"".join(one or b"" for one in values))


def portion(*columns: Cells, rows: int = 2, number: int = 1) -> Portion:
    places = np.arange(rows, dtype="<i8").tobytes()
    return Portion(wish=0, number=number, places=places, columns=list(columns))


def test_portions_become_one_table() -> None:
    held = Columns(["text", "raw"])
    assert not held.add(portion(cells(b"a", None), cells(b"\xff", b"")))
    assert not held.add(portion(cells("é".encode()), cells(None), rows=1, number=3))
    assert held.take().to_pydict() == {
        "number": [1, 2, 3],
        "place": [0, 1, 0],
        "c0": ["a", None, "é"],
        "c1": [b"\xff", b"", None],
    }
    assert held.rows == 0


def test_enough_is_said() -> None:
    assert Columns(["raw"]).add(portion(cells(b"x" * BATCH_BYTES), rows=1))


@pytest.mark.parametrize(
    "lie",
    [
        portion(cells(b"a", b"b")),  # a column is missing
        portion(cells(b"a", b"b"), cells(b"a")),  # one is shorter
        Portion(wish=0, number=1, places=b"", columns=[cells(), cells()]),
        Portion(wish=0, number=1, places=b"1234567", columns=[cells(b"a"), cells(b"b")]),
        portion(Cells(lengths=np.array([1, 5], "<i4").tobytes(), values=b"ab"), cells(b"a", b"b")),
        portion(Cells(lengths=np.array([-2, 4], "<i4").tobytes(), values=b"ab"), cells(b"a", b"b")),
        portion(Cells(lengths=np.array([2**31 - 1, 2**31 - 1], "<i4").tobytes(), values=b"ab"), cells(b"a", b"b")),
        portion(cells(b"a", b"\xff"), cells(b"a", b"b")),  # called text
        portion(cells(b"\xc3", b"\xa9"), cells(b"a", b"b")),  # text only if its values are put together
    ],
)
def test_a_lie_is_found_out(lie: Portion) -> None:
    held = Columns(["text", "raw"])
    with pytest.raises(Untrue):  # noqa: PT012 - at the door or when the table is made
        held.add(lie)
        held.take()


def test_a_rule_that_makes_many_rows_of_large_ones_is_bounded() -> None:
    """A row of 1 MB that names 10,000 others would become 10 GB; one that names some, or is small, is made."""
    large = b"x" * (1 << 20)
    held = Columns(["text", "whole"])
    for number, (text, many) in enumerate([(b"a", 10_000), (large, 10), (large, 10_000), (large, 16), (b"b", 1)], 1):
        held.add(portion(cells(text), cells(many.to_bytes(8, "little")), rows=1, number=number))
    batch = held.take()
    assert bounded(batch, "c1", ["c1"]) == (batch, 0)  # what is large does not stand in the rows
    some, beyond = bounded(batch, "c1", ["c0", "c1"])
    assert (some["number"].to_pylist(), beyond) == ([1, 2, 4, 5], 1)


def test_texts_beside_a_row_are_bounded() -> None:
    assert len(texts(cells(b"x" * MOST_TEXT, b""), 2)) == 2
    for lie in (cells(b"x" * (MOST_TEXT + 1)), cells(None), cells(b"a", b"b")):
        with pytest.raises(Untrue):
            texts(lie, 1)


def test_whole_numbers_of_another_width_are_found_out() -> None:
    eight = (7).to_bytes(8, "little")
    assert Columns(["whole"]).add(portion(cells(eight, None))) is False
    for lie in (cells(eight[:4], eight), cells(eight + eight, None)):
        held = Columns(["whole"])
        held.add(portion(lie))
        with pytest.raises(Untrue):
            held.take()


def test_rows_are_made_of_those_that_are_left_of_a_batch() -> None:
    """What passes by the query stands beside the row it came from, also where rows are multiplied or left out."""
    held = Columns(["text", "whole"])
    held.add(portion(cells(b"a", None, b"c"), cells(*(n.to_bytes(8, "little") for n in (2, 1, 0))), rows=3, number=5))
    batch = held.take().filter([True, False, True])
    sql = "select number, place, cast(unnest(range(c1 + 1)) as bigint) as part from batch"
    fixed = {"platform": b"P" * 16, "relation": "t", "rule": "r", "parent": "", "description": "", "locked": False}
    rows = made(Section, sql, batch, plain={"id": "c0", "name": "c0"}, fixed=fixed).rows()
    assert [(one.number, one.part, one.id) for one in rows] == [(5, 0, "a"), (5, 1, "a"), (5, 2, "a"), (7, 0, "c")]
    assert rows[0].key == key_of(Section, b"P" * 16, "t", 5, "r", 0)
