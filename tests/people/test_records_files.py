"""A forum kept in SQLite and an export of accounts as CSV: rows by a mapping, through the real sandbox."""

import datetime as dt
import sqlite3

import msgspec
import pytest

from kernel.conftest import new_case
from kernel.rig import Rig
from people.test_records import STAGES, TABLES
from vigie.kernel.conservation import check
from vigie.kernel.local import Local
from vigie.rows.artefacts import File
from vigie.rows.people import Account, Platform, Post
from vigie.rows.problems import Problem

MAPPING = """
software = "shop"
[[rule]]
name = "customer"
table = "table"
into = "account"
[rule.fields]
id = "id"
name = "user"
email = "mail"
"""
CSV = "id;user;mail;since\r\n" + "".join(f'{n};"J\u00fcrgen; {n}";u{n}@example.org;2020-01-01\r\n' for n in range(1, 9))

LINES = "".join(f'{{"id": {n}, "user": "n{n}", "mail": "u{n}@example.org", "since": 2020.5}}\n' for n in range(1, 20))


def forum(path):
    database = sqlite3.connect(path)
    for name, columns in TABLES.items():
        database.execute(
            f"CREATE TABLE phpbb_{name} ({columns.replace(' ', ', ').replace('user_id', 'user_id INTEGER')})"
        )
    for n in range(1, 300):
        database.execute(
            "INSERT INTO phpbb_users (user_id, user_type, user_ip, user_regdate, username, user_password, user_email)"
            " VALUES (?, 0, ?, ?, ?, '$H$secret', ?)",
            (n, f"192.0.2.{n % 200}", 1_500_000_000 + n, f"n&quot;{n}", f"u{n}@example.org"),
        )
        database.execute(
            "INSERT INTO phpbb_posts (rowid, post_id, topic_id, forum_id, poster_id, poster_ip, post_time, post_text)"
            " VALUES (?, ?, 1, 1, ?, '192.0.2.9', ?, ?)",
            (n + 1000, n, n % 8 + 1, float(1_500_000_000 + n), "long \u00e9 " * (n * 5)),  # REAL: written out as text
        )
    database.commit()
    database.close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    evidence = folder / "server"
    evidence.mkdir()
    forum(evidence / "forum.db")
    (evidence / "shop.csv").write_bytes(CSV.encode("cp1252"))
    (evidence / "shop.jsonl").write_text(LINES)
    engine = Local(1)
    made = Rig(new_case(folder / "case"), engine)
    settings = made.folder / "case.toml"
    given = msgspec.json.encode(MAPPING).decode()
    settings.write_text(settings.read_text() + f'\n[[stage.platforms.mappings]]\nname = "shop.toml"\ntext = {given}\n')
    made.reopen()
    made.add(evidence)
    made.run(STAGES)
    yield made
    engine.close()


def of(rig, name):
    content = next(one.sha256 for one in rig.case.read(File) if one.name == name)
    return next(one.key for one in rig.case.read(Platform) if one.content == content)


def test_a_forum_in_sqlite(rig):
    mine = of(rig, "forum.db")
    accounts = [one for one in rig.case.read(Account) if one.platform == mine]
    assert [(one.number, one.place, one.id, one.name) for one in accounts] == [
        (n, n, str(n), f'n"{n}') for n in range(1, 300)
    ]
    assert accounts[6].registered == dt.datetime(2017, 7, 14, 2, 40, 7, tzinfo=dt.UTC)
    posts = [one for one in rig.case.read(Post) if one.platform == mine]
    assert [one.place for one in posts] == list(range(1001, 1300)), "the number of the row in its table"
    assert [one.text for one in posts] == [("long \u00e9 " * (n * 5)) for n in range(1, 300)], "in several pages each"


def test_accounts_of_an_export(rig):
    mine = of(rig, "shop.csv")
    accounts = [one for one in rig.case.read(Account) if one.platform == mine]
    assert [(one.id, one.name, one.email) for one in accounts] == [
        (str(n), f"J\u00fcrgen; {n}", f"u{n}@example.org") for n in range(1, 9)
    ]
    assert CSV.encode("cp1252")[accounts[2].place :].startswith(b"3;")


def test_accounts_in_lines_of_json(rig):
    accounts = [one for one in rig.case.read(Account) if one.platform == of(rig, "shop.jsonl")]
    assert [(one.id, one.name) for one in accounts] == [(str(n), f"n{n}") for n in range(1, 20)]
    assert LINES[accounts[2].place :].startswith('{"id": 3,')


def test_nothing_is_lost(rig):
    assert check(rig.case).state != "broken"
    assert not [one for one in rig.case.read(Problem) if one.stage == "records"]
