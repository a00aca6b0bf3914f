"""The report: self-contained, valid, bounded, the same each time - and nothing of the evidence's pixels in it."""

import datetime as dt
import hashlib
import html.parser
import re

import pytest

from vigie.desk import charts, facts
from vigie.desk.opening import opened
from vigie.desk.report import page, written
from vigie.kernel.case import Case
from vigie.kernel.table import of
from vigie.rows.groups import Compared, Group, Member

AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
EMPTY = {"meta", "br", "rect", "line", "hr", "col"}


@pytest.fixture(scope="module")
def html_page(whole):
    return page(opened(whole), AT)


class Reader(html.parser.HTMLParser):
    """Collects ids, tags and attributes, and holds each end tag against its start."""

    def __init__(self):
        super().__init__()
        self.ids, self.tags, self.attributes, self.open, self.bad = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.bad.append(tag)


@pytest.fixture(scope="module")
def read(html_page):
    reader = Reader()
    reader.feed(html_page)
    return reader


def test_it_is_well_formed(read):
    assert read.bad == []
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    assert read.tags.count("h1") == 1
    assert read.tags.count("table") == read.tags.count("caption")
    labels = {value for _, name, value in read.attributes if name == "aria-labelledby"}
    assert labels <= set(read.ids)
    anchors = {value[1:] for _, name, value in read.attributes if name == "href"}
    assert anchors <= set(read.ids)
    assert all((tag, name) == ("th", "scope") for tag, name, _ in read.attributes if tag == "th" and name == "scope")


def test_nothing_comes_from_outside_and_no_picture_is_in_it(read, html_page):
    assert not {"img", "image", "script", "link", "iframe", "object", "embed", "video", "style-src"} & set(read.tags)
    assert not re.search(r"https?://|url\(|@import|data:|javascript:", html_page)
    assert all(value.startswith("#") for _, name, value in read.attributes if name in ("href", "src"))
    assert not [name for _, name, _ in read.attributes if name.startswith("on")]
    assert "default-src 'none'; style-src 'unsafe-inline'" in html_page


def test_it_says_the_front_line_and_the_conservation(html_page):
    text = " ".join(re.sub("<[^>]+>", "", html_page).split())
    assert "15 files; " in text
    assert "a person must look at after grouping" in text
    assert "conservation: holds" in text
    assert "unit.csv" in text


def test_hostile_names_are_text(html_page):
    assert "[b]Unit[/b]" in html_page
    assert "\u202e" not in html_page


def test_the_same_state_gives_the_same_page(whole, html_page, case, vigie):
    assert page(opened(whole), AT) == html_page
    before = page(opened(case), AT)
    assert vigie("report", case)[0] == 0
    assert vigie("verify", case, "--no-evidence")[0] == 0
    assert page(opened(case), AT) == before


def test_its_digest_is_logged_and_watched_over(case, vigie):
    code, out, _ = vigie("report", case)
    digest = hashlib.sha256((case / "report.html").read_bytes()).hexdigest()
    assert code == 0
    assert digest in out
    assert digest in (case / "custody.log").read_text()
    assert vigie("verify", case, "--no-evidence")[0] == 0
    (case / "report.html").write_text("another")
    assert vigie("verify", case, "--no-evidence")[0] == 3


def test_a_case_that_was_not_run_has_a_report_too(tmp_path, vigie):
    new = tmp_path / "new"
    assert vigie("new", new, "--authority", "<script>alert(1)</script>", "--examiner", "E")[0] == 0
    assert vigie("report", new, "--out", tmp_path / "r.html")[0] == 0
    text = (tmp_path / "r.html").read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_case_that_cannot_be_written_to_has_a_report_that_says_so(case, tmp_path):
    looked_at = Case.open(case, read_only=True)
    before = {path: path.stat().st_mtime_ns for path in case.rglob("*")}
    digest = written(looked_at, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text()
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert "its log has no entry of this page" in text
    assert "Its SHA-256 stands in" not in text
    assert {path: path.stat().st_mtime_ns for path in case.rglob("*")} == before
    assert "no entry of this page" not in page(Case.open(case), AT)


def test_charts_keep_to_the_paper():
    days = {dt.date(2000 + i, 1, 1): i + 1 for i in range(20)} | {dt.date(1601, 1, 1): 5}
    unit, bins, older = charts.timeline(days, height=100)
    assert unit == "year"
    assert older == 5
    assert sum(one.count for one in bins) + older == sum(days.values())
    assert all(one.x >= 0 and one.x + one.width <= charts.WIDTH and one.height <= 100 for one in bins)
    rows = {f"type {i}": {"folder": i, "inside": 1} for i in range(40)}
    found = charts.bars(rows, width=400, rest="{} others")
    assert len(found) == charts.MOST_BARS + 1
    assert sum(one.count for one in found) == sum(sum(one.values()) for one in rows.values())
    assert all(one.stretches[-1].x + one.stretches[-1].width <= 400.5 for one in found)


class Held:
    """Some tables of a case; no rows of any other."""

    def __init__(self, *rows):
        self.rows = rows

    def read(self, row):
        return of(row, [one for one in self.rows if isinstance(one, row)])


def test_a_group_says_how_many_pairs_only_the_second_check_ties():
    members, groups, compared = [], [], []
    for contents in ("abc", "de"):
        plain = dict.fromkeys(("files", "diameter_bits", "weakest_link_bits"), 0)
        groups.append(Group.make(first=contents[0].encode() * 32, kind="image", standing="new", contents=len(contents),
                                 representative=contents[0].encode() * 32, **plain))  # fmt: skip
        members += [Member.make(content=c.encode() * 32, group=groups[-1].key, standing="new", distance_bits=0)
                    for c in contents]  # fmt: skip
    for a, b, verdict in ("abs", "acs", "bcu", "ads"):
        numbers = dict.fromkeys(("tried", "inliers"), 20) | dict.fromkeys(
            ("agreement", "framed", "structure", "overlap_a", "overlap_b", "scale", "degrees", "shift_x", "shift_y"),
            1.0,
        )
        compared.append(Compared.make(
            candidate=(a + b).encode() * 8, a=a.encode() * 32, b=b.encode() * 32, variant="", variant_of="",
            verdict={"s": "same", "u": "unproved"}[verdict], **numbers,
        ))  # fmt: skip
    found = facts.groups(Held(*members, *groups, *compared))
    assert [(one["contents"], one["proved"]) for one in found] == [(3, 2), (2, 0)]
