"""The map of the world: well-formed, small, and saying what it shows."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.desk.worldmap import STEPS, Count, shades, step, worldmap
from vigie.rows.country_codes import COUNTRIES

NOWHERE = ("AN", "FX", "AQ", "BV", "HM")
"""No country any more, or nobody lives there."""
SVG = "{http://www.w3.org/2000/svg}"


def classes(svg):
    """Classes of each country by its title."""
    return {
        title.text: one.get("class")
        for one in ET.fromstring(svg).iter(f"{SVG}path")
        if (title := one.find(f"{SVG}title")) is not None
    }


def test_every_country_is_there_and_says_its_numbers():
    svg = worldmap({"DE": Count(100), "FR": Count(10, 6), "SG": Count(1), "": Count(5), "AN": Count(7)})
    assert len(svg) < 150_000
    found = classes(svg)
    assert found["Germany: 100 accounts"] == "land on s5"
    assert found["France: 10 accounts, 6 of them contested"] == "land on s3"
    assert found["Singapore: 1 account"] == "dot on s1"
    assert found["Norway: 0 accounts"] == "land"
    names = {title.split(":")[0] for title in found}
    assert {one.english for code, one in COUNTRIES.items() if code not in NOWHERE} == names
    root = ET.fromstring(svg)
    assert root.find(f"{SVG}title").text.startswith(
        "World map of accounts by country: 4 countries, first of them Germany"
    )
    assert svg.count('class="hatch" d=') == 1
    assert "<script" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_nobody_is_shown_without_a_legend():
    svg = worldmap({})
    assert "no account has a country" in svg
    assert "Accounts" not in svg
    assert set(classes(svg).values()) == {"land", "dot"}


@given(st.integers(1, 2_000_000))
def test_shades_share_out_all_numbers(most):
    found = shades(most)[::-1]
    assert found[-1][0] == STEPS
    ranges = [[int(one.replace(",", "")) for one in text.split(" to ")] for _, text in found]
    assert ranges[0][0] == 1
    assert ranges[-1][-1] == most
    assert all(before[-1] + 1 == after[0] for before, after in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    ("accounts", "most", "shade"), [(0, 9, 0), (1, 1, 5), (1, 2, 1), (9, 9, 5), (8, 9, 5), (3, 9, 3)]
)
def test_shades_are_logarithmic(accounts, most, shade):
    assert step(accounts, most) == shade
