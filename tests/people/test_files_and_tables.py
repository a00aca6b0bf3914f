"""SQLite files, tables of text, dumps in UTF-16 and files of servers in a case, through the real sandbox."""

import gzip
import json
import sqlite3
import struct

import pytest

from drive import main
from kernel.conftest import new_case
from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.rows.artefacts import Field, File, Relation
from vigie.rows.problems import Problem

CSV = (
    "id,name,joined\r\n" + "".join(f'{n},"user {n}\n=cmd|x",2020-01-{n:02}\r\n' for n in range(1, 30)) + "30,short\r\n"
)
OBJECTS = "".join(json.dumps({"_id": {"$oid": f"{n:024x}"}, "name": f"user {n}"}) + "\n" for n in range(1, 8))
DUMP = "-- MySQL dump 10.13\nCREATE TABLE users (a int, b text);\nINSERT INTO users VALUES (1,'\u00fc'),(2,'x');\n"
DUMP += "-- Dump completed\n"


def forum(path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, ip BLOB)")
    database.executemany("INSERT INTO users (name, ip) VALUES (?, ?)", [(f"user {n}", bytes(4)) for n in range(500)])
    database.execute("DELETE FROM users WHERE id > 400")
    database.execute("CREATE VIRTUAL TABLE found USING fts5(text)")
    database.commit()
    database.close()  # which merges the log, and leaves the marks of it


FILES = {
    "forum.db": None,
    "cut.db": None,
    "members.csv": CSV.encode(),
    "excel.csv": ("\ufeff" + CSV).encode("utf-16-le"),
    "broken.csv": CSV.encode() + b'7,"never closed,2020\n',
    "members.json": OBJECTS.encode(),
    "members.json.gz": gzip.compress(OBJECTS.replace("user", "member").encode()),
    "powershell.sql": ("\ufeff" + DUMP.replace("\n", "\r\n")).encode("utf-16-le"),
    "users.ibd": bytes(4) + struct.pack(">IIIQHQI5I", 0, 0, 0, 7, 8, 0, 5, 5, 0, 4, 64, 21) + bytes(4 * 16384 - 58),
    "no header.db": b"SQLite format 3\0" + bytes(4000),
}
EXPECTED = {
    "forum.db": (400, {"beside", "unread"}),
    "cut.db": (None, {"beside", "unread", "truncated", "damaged"}),
    "members.csv": (29, {"misfit"}),
    "excel.csv": (29, {"misfit", "charset"}),
    "broken.csv": (29, {"misfit"}),
    "members.json": (7, set()),
    "powershell.sql": (2, {"charset"}),
    "no header.db": (None, {"damaged", "decode_error"}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    evidence = folder / "server"
    evidence.mkdir()
    for name, content in FILES.items():
        if content is not None:
            (evidence / name).write_bytes(content)
    forum(evidence / "forum.db")
    whole = (evidence / "forum.db").read_bytes()
    (evidence / "cut.db").write_bytes(whole[: 4096 * 3])
    main(new_case(folder / "case"), [str(evidence)])
    return folder / "case"


@pytest.fixture(scope="module")
def case(folder):
    return Case.open(folder)


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_and_what_is_odd(case, name):
    file = next(one for one in case.read(File).rows() if one.name == name)
    assert file.kind == "database"
    found = {one.name: one for one in case.read(Relation).rows() if one.content == file.sha256}
    rows, codes = EXPECTED[name]
    if rows is not None:
        assert [one.rows for key, one in found.items() if key in ("users", "table")] == [rows]
    said = {one.code for one in case.read(Problem).rows() if one.subject == file.locator and one.stage == "relations"}
    assert said == codes


def test_columns_and_what_the_next_row_would_have_been(case):
    file = next(one for one in case.read(File).rows() if one.name == "forum.db")
    (users,) = [one for one in case.read(Relation).rows() if one.content == file.sha256 and one.name == "users"]
    assert (users.said_next, users.dialect, users.place % 4096) == (501, "sqlite", 0)
    fields = [one for one in case.read(Field).rows() if one.content == file.sha256 and one.relation == "users"]
    assert sorted((one.number, one.name, one.type) for one in fields) == [
        (0, "id", "INTEGER"), (1, "name", "TEXT"), (2, "ip", "BLOB"),
    ]  # fmt: skip


def test_a_table_of_a_server_is_named_with_what_to_do(case):
    (said,) = [one for one in case.read(Problem).rows() if one.subject.endswith("!users.ibd")]
    assert said.code == "unsupported"
    assert "docs/databases.md" in said.detail


def test_nothing_is_lost(case):
    balance = next(one for one in check(case).balances if one.name == "relations")
    assert balance.state == "holds"
    assert balance.total == len({one.sha256 for one in case.read(File).rows() if one.kind == "database"})


def test_they_are_shown(folder, capsys):
    assert call(["show", str(folder), "relations"]) == 0
    out = capsys.readouterr().out
    for word in ("sqlite", "delimited", "json", "mysql", "table"):
        assert word in out
