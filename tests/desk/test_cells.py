"""Values in a CSV: what a spreadsheet would take for a formula is text, all else is as it is."""

import pytest

from vigie.desk.output import cell


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "\uff1d1", " \uff20a", "\r1"])
def test_a_formula_is_text(value):
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "said"), [("a=1", "a=1"), (-5, "-5"), (None, ""), (True, "true"), (" a", " a"), ("", "")]
)
def test_all_else_is_as_it_is(value, said):
    assert cell(value) == said
