"""The tour does what it says: its blocks run in order, and print what stands in the page."""

import importlib.util
import itertools
import shutil
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
_spec = importlib.util.spec_from_file_location("tour", DOCS / "tour.py")
tour = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tour)


@pytest.fixture
def folder():
    made = tour.new_folder()
    yield made
    shutil.rmtree(made)


def test_every_block_prints_what_the_page_says(folder):
    page = tour.PAGE.read_text(encoding="utf-8")
    walked = tour.walk(page, folder)
    differ = [
        f"line {number}\n  page: {said}\n  came: {came}"
        for number, (said, came) in enumerate(
            itertools.zip_longest(page.splitlines(), walked.splitlines(), fillvalue=""), start=1
        )
        if not tour.same(said, came)
    ]
    assert not differ, "\n".join([*differ[:20], "If vigie is right, write the page anew: python docs/tour.py"])


@pytest.mark.parametrize(
    ("said", "came", "alike"),
    [
        ("lead 57a8ed4ee1ba  rank 2", "lead 00000000000a  rank 2", True),
        ("at 2026-11-22T04:36:02.893341+00:00", "at 2027-01-01T00:00:00.000001+00:00", True),
        ("  3 files", " 3   files", True),
        ("isolation S3, duckdb 2.0.0", "isolation S2, duckdb 2.0.1", True),
        ("cut here …", "cut here or later", True),
        ("rank 1  standing new", "rank 2  standing new", False),
        ("distance_bits 2", "distance_bits 4", False),
        ("cut here …", "cut elsewhere", False),
        ("", "one more line", False),
        ("not cut", "not cut but longer", False),
    ],
)
def test_only_what_may_differ_is_forgiven(said, came, alike):
    assert tour.same(said, came) is alike
