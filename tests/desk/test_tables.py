"""Keys on the terminal are there to be copied."""

import pytest
from rich.console import Console

from vigie.desk import tables

COLUMNS = ["rank>", "key", "standing", "look", "points>", "contents>", "example"]
ROWS = [[str(n), f"{n:012x}", "new", "yes", "12.50", "3", "server!p2!/var/www/up/a/b/c/d.jpg"] for n in range(30)]


@pytest.mark.parametrize("width", [20, 40, 60, 72, 80, 120, 200])
def test_no_key_is_cut_or_broken(width, monkeypatch, capsys):
    monkeypatch.setattr(tables, "console", lambda: Console(width=width, highlight=False))
    tables.print_table("leads", COLUMNS, ROWS)
    out = capsys.readouterr().out
    assert all(row[1] in out for row in ROWS)
    assert "…" not in out
    assert ("example   server!p2!/var/www" in out) == (width < 72)


def test_nothing_to_show_is_a_table_too(capsys):
    tables.print_table("leads", COLUMNS, [])
    assert "standing" in capsys.readouterr().out


def test_what_is_said_to_people_is_not_cut_in_the_middle_and_what_evidence_says_is_bounded(capsys):
    words = " ".join(f"word{n}" for n in range(60))
    tables.print_table("problems", ["detail", "name"], [[words, words]])
    out = capsys.readouterr().out
    assert all(f"word{n}" in out for n in range(60))
    assert "\u2026" in out
