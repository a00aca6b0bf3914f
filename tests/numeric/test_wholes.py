import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.forums import conversions
from vigie.kernel.table import look
from vigie.numeric.columns import Cells
from vigie.numeric.wholes import wholes

SOME = st.one_of(
    st.text("0123456789+-. \t\n\x0b\x0c\r\u00b2x", max_size=24),
    st.integers(-(2**65), 2**65).map(str),
    st.integers(-(2**63), 2**63 - 1).map(lambda one: f" {one}.00 "),
)


def read(values: list[bytes | None]) -> list[int | None]:
    lengths = np.array([-1 if one is None else len(one) for one in values], np.int32)
    made = wholes(Cells(np.frombuffer(b"".join(one or b"" for one in values), np.uint8), lengths))
    numbers = iter(made.values.view("<i8").tolist())
    return [next(numbers) if size == 8 else None for size in made.lengths.tolist()]


def meant(value: str) -> int | None:
    if not re.fullmatch(r"[ \t\n\f\r]*[-+]?[0-9]{1,19}(?:\.0*)?[ \t\n\f\r]*", value):
        return None
    whole = int(value.strip().split(".")[0])
    return whole if -(2**63) <= whole < 2**63 else None


@settings(deadline=None)  # the first call loads the loop
@example([str(2**63 - 1), str(2**63), str(-(2**63)), str(-(2**63) - 1), "-0", "+7", "007", "12.", "1.5", ".0", "-", ""])
@given(st.lists(SOME, max_size=8))
def test_a_whole_number_is_read_as_it_is_meant(values: list[str]) -> None:
    assert read([one.encode() for one in values]) == [meant(one) for one in values]


@settings(deadline=None)
@given(st.lists(SOME.filter(lambda one: "\x00" not in one), min_size=1, max_size=8))
def test_sql_reads_the_same(values: list[str]) -> None:
    listed = ", ".join(conversions.text(one) for one in values)
    found = look(f"select {conversions.integer('x')} as n from (select unnest([{listed}]) as x)")
    assert [one["n"] for one in found] == read([one.encode() for one in values])


@pytest.mark.parametrize("value", [None, b"\xff", b"1\x00"])
def test_what_is_no_number_is_null(value: bytes | None) -> None:
    assert read([b"5", value, b"6"]) == [5, None, 6]
