"""What a run ends with on the terminal."""

from __future__ import annotations

import typing as t

from vigie.desk import output
from vigie.desk.paid import told
from vigie.desk.tables import print_table

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.desk.numbers import Numbers

EXPLAINED: t.Final = {
    "new": "on no list, near nothing listed",
    "near": "near something listed, not itself on a list",
    "conflict": "one list says benign, another names it: decide",
    "listed": "on a list by its digest",
    "benign": "on a list of benign files by its digest",
}


def summary(folder: Path, of: Numbers, copies: str = "") -> None:
    """Print the numbers, what is said of copies of platforms, what could not be read, and what to do next."""
    if of.led:
        output.emit(of.front)
        rows = [
            [name, f"{of.standings[name]:,}", f"{of.standing_files[name]:,}", text] for name, text in EXPLAINED.items()
        ]
        if of.media_files:
            print_table("Pictures and videos by standing", ["standing", "contents>", "files>", "meaning"], rows)
    else:
        output.emit(f"{of.files:,} files so far, {of.media_files:,} of them pictures and videos; not grouped yet.")
    people(folder, of)
    for line in told(folder, of.money) if of.money else ():
        output.emit(line)
    if copies:
        output.emit(copies.replace("CASE", output.quoted(folder)))
    if of.problems:
        problems = [[one.code, f"{one.count:,}", f"{one.lost:,}", one.advice] for one in of.problems]
        print_table("Problems", ["code", "count>", "not read>", "what to do"], problems)
    output.emit(str(of.conservation))
    for balance in of.conservation.balances:
        output.emit(f"  {output.clean(str(balance), most=600)}")
    if of.led:
        case = output.quoted(folder)
        first = "exchanges" if not of.media_files and of.money and of.money.services else "leads"
        output.emit(f"Next: vigie show {case} {first}; vigie explain {case} KEY; vigie report {case}")


def people(folder: Path, of: Numbers) -> None:
    """Print what was read of databases, and how to go on with it."""
    case = output.quoted(folder)
    if of.platforms:
        platforms = "1 platform" if of.platforms == 1 else f"{of.platforms:,} platforms"
        platforms += f" ({of.platforms + of.copies:,} dumps, counted once)" if of.copies else ""
        read = f"{of.accounts:,} accounts, {of.posts:,} posts, {of.messages:,} private messages"
        output.emit(f"{platforms} with {read}: vigie show {case} accounts --top")
    if of.unread:
        tables = "1 table" if of.unread == 1 else f"{of.unread:,} tables"
        output.emit(f"{tables} with rows that no mapping reads: vigie map show {case}; vigie map suggest {case}")
