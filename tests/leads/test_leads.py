"""The steps of this room, by data: see ``tests/step_cases.py``."""

import pytest

import step_cases

CASES = step_cases.folders(__file__)


@pytest.mark.parametrize("folder", CASES, ids=[one.name for one in CASES])
def test_case(folder):
    step_cases.check(folder)
