"""Values in a CSV: what a spreadsheet would take for a formula is text, all else is as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.desk.output import cell, clean


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "\uff1d1", " \uff20a"])
def test_a_formula_is_text(value):
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "said"),
    [("a=1", "a=1"), (-5, "-5"), (None, ""), (True, "true"), (" a", " a"), ("", ""), ("a\r\nb\tc\nd", "a\r\nb\tc\nd")],
)
def test_all_else_is_as_it_is(value, said):
    assert cell(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [("\u202egnp.exe", "\\u202egnp.exe"), ("\x1b[31mred", "\\x1b[31mred"), ("a\rb", "a\\x0db"), ("a\x00", "a\\x00"),
     ("\x9b2J", "\\x9b2J"), ("a\u2028b", "a\\u2028b"), ("\r=1", "'\\x0d=1"),
     ("\u200f\u2066x\u2069", "\\u200f\\u2066x\\u2069"),
     ("\xa0\u0430\U0001f98a", "\xa0\u0430\U0001f98a")],
)  # fmt: skip
def test_what_a_terminal_or_a_reader_would_obey_is_written_out(value, said):
    assert cell(value) == said


@given(st.text())
def test_no_cell_hides_or_turns_anything(value):
    bare = cell(value).replace("\r\n", "").replace("\n", "").replace("\t", "")
    assert clean(bare, most=10**6) == bare
    assert not cell(value).startswith(("=", "+", "-", "@", "\t", "\r"))
