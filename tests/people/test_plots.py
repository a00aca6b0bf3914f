"""Plots of when: what is drawn is what was counted."""

import datetime as dt
import xml.etree.ElementTree as ET
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.desk.timelines import Silence, Week, heat_plot, platform_plot, week_hours, zone_of

MONDAY = dt.date(2023, 1, 2)
SVG = "{http://www.w3.org/2000/svg}"


def marks(svg, kind):
    """Rectangles of a class in a picture."""
    return [one for one in ET.fromstring(svg).iter(f"{SVG}rect") if kind in one.get("class").split()]


def titles(found):
    return [one.find(f"{SVG}title").text for one in found]


def weeks(*posts):
    return [
        Week(begins=MONDAY + dt.timedelta(weeks=n), posts=count, registrations=0, uploads=n)
        for n, count in enumerate(posts)
    ]


def test_a_platform_is_drawn_week_by_week():
    svg = platform_plot("forum <b>", weeks(3, 0, 12), [Silence(MONDAY, MONDAY + dt.timedelta(days=7))])
    columns = marks(svg, "posts")
    assert titles(columns) == ["2023-01-02: 3 posts", "2023-01-16: 12 posts"]
    first, second = (float(one.get("height")) for one in columns)
    assert first * 4 == pytest.approx(second, abs=0.2)
    assert titles(marks(svg, "uploads")) == ["2023-01-09: 1 uploads", "2023-01-16: 2 uploads"]
    assert not marks(svg, "registrations")
    assert titles(marks(svg, "silent")) == ["silent from 2023-01-02 to 2023-01-09"]
    assert "forum <b> by week, 2023-01-02 to 2023-01-16: 15 posts" in ET.fromstring(svg).find(f"{SVG}title").text
    assert "script" not in svg
    assert platform_plot("none", []) == ""


@given(st.lists(st.integers(0, 40), min_size=1, max_size=900))
def test_nothing_is_lost_where_weeks_share_a_column_and_all_lies_on_the_paper(posts):
    svg = platform_plot("forum", weeks(*posts))
    columns = marks(svg, "posts")
    assert sum(int(one.split(": ")[1].split()[0].replace(",", "")) for one in titles(columns)) == sum(posts)
    assert len(columns) <= 320
    for one in columns:
        assert 0 <= float(one.get("x")) <= 720
        assert float(one.get("height")) <= 70


def test_hours_of_the_week_move_with_the_zone_and_its_summer():
    winter, summer = (dt.datetime(2023, month, day, 22, tzinfo=dt.UTC) for month, day in ((1, 8), (7, 9)))  # Sundays
    hours = {winter: 2, summer: 5}
    assert week_hours(hours, dt.UTC)[6][22] == 7
    paris = week_hours(hours, zoneinfo.ZoneInfo("Europe/Paris"))
    assert (paris[6][23], paris[0][0]) == (2, 5)
    assert week_hours({winter: 1}, dt.timezone(dt.timedelta(hours=5, minutes=45)))[0][4] == 1


def test_an_account_is_drawn_in_each_zone():
    grid = week_hours(
        {dt.datetime(2023, 1, 2, 5, tzinfo=dt.UTC): 4, dt.datetime(2023, 1, 3, 6, tzinfo=dt.UTC): 1}, dt.UTC
    )
    svg = heat_plot("1. \u202ename", [("UTC", grid), ("a & b", grid)])
    cells = marks(svg, "cell")
    assert titles(cells) == ["Mon 05:00: 4", "Tue 06:00: 1"] * 2
    assert [one.get("class") for one in cells[:2]] == ["cell s5", "cell s2"]
    assert max(float(one.get("x")) for one in cells) < 720
    assert "\u202e" not in svg
    texts = [one.text for one in ET.fromstring(svg).iter(f"{SVG}text")]
    assert {"UTC", "a & b"} <= set(texts)


@pytest.mark.parametrize(
    ("said", "hours"),
    [("Europe/Paris", 1), ("UTC", 0), ("1.00", 1), ("-5", -5), ("+5.5", 5.5), ("0", 0), ("14", 14)],
)
def test_time_zones_as_platforms_write_them(said, hours):
    winter = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
    assert winter.astimezone(zone_of(said)).utcoffset() == dt.timedelta(hours=hours)


@pytest.mark.parametrize("said", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "99", "1e9", "\u0661", "nan", "15"])
def test_what_is_no_time_zone_is_none(said):
    assert zone_of(said) is None
