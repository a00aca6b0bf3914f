"""Columns from the cell: what fits becomes a table, what lies is found out."""

import numpy as np
import pytest

from vigie.kernel.columnar import BATCH_BYTES, Columns, Untrue
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
