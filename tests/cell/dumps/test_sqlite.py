"""SQLite files: each value is the one that SQLite holds; whatever the bytes, there are rows or it is said why not."""

import io
import random
import re
import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cell.dumps.readings import every, odd, rows, sound
from vigie.cell.dumps import sqlite, sqlite_schema
from vigie.cell.dumps.create import Column, Created
from vigie.cell.dumps.pieces import Odd, Said
from vigie.numeric.tuples import BARE, BYTES, CUT, NULL, TEXT

DOCS = Path(__file__).parents[3] / "docs" / "databases.md"


def read(content, want=None):
    return sound(list(sqlite.read(io.BytesIO(content), want or every)))


def stored(value):
    """Return a value of SQLite as a reader of dumps gives it."""
    if value is None:
        return NULL, b""
    if isinstance(value, bytes):
        return BYTES, value
    return (TEXT, value.encode()) if isinstance(value, str) else (BARE, repr(value).encode())


def made(*statements, page=4096, encoding="UTF-8"):
    database = sqlite3.connect(":memory:")
    database.execute(f"PRAGMA page_size={page}")
    database.execute(f"PRAGMA encoding='{encoding}'")
    for one in statements:
        database.execute(*one) if isinstance(one, tuple) else database.execute(one)
    database.commit()
    return database


def file(database):
    try:
        return database.serialize()
    finally:
        database.close()


NUMBERS = (
    0,
    1,
    -1,
    127,
    -128,
    128,
    32767,
    -32769,
    2**23,
    -(2**23) - 1,
    2**31,
    2**47,
    -(2**47) - 1,
    2**63 - 1,
    -(2**63),
)
OTHERS = (None, "", "x", b"", b"\0\xff", 1.5, -2e300, 5e-324, "\u00e9\U0001f600", 'it\'s "so"\n\0')


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_every_value_is_the_one_that_sqlite_holds(page, encoding):
    rng = random.Random(page)
    database = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB, e, v AS (a || 'x'), s AS (id + 1) STORED)",
        "CREATE TABLE k (x TEXT, y INT, z BLOB, PRIMARY KEY (y, x)) WITHOUT ROWID",
        "CREATE TABLE few (a, b)",
        page=page,
        encoding=encoding,
    )
    for number in range(600):
        long = rng.choice((0, 3, 200, 5000, 5001))
        value = rng.choice(NUMBERS + OTHERS)
        text = rng.choice(("", "\u00e9\U0001f600a" * long, "plain"))
        database.execute(
            "INSERT INTO t (id, a, b, e) VALUES (?, ?, ?, ?)", (number * 7 - 900, text, rng.randbytes(long), value)
        )
        database.execute("INSERT INTO k VALUES (?, ?, ?)", (text + str(number), number % 37, rng.randbytes(long)))
    database.execute("DELETE FROM t WHERE id % 5 = 0")
    database.executemany("INSERT INTO few (rowid, a, b) VALUES (?, ?, ?)", [(-5, 1, "a"), (2**62, None, 2.5)])
    database.commit()
    expected = {
        "t": [(one[0], [*map(stored, one)]) for one in database.execute("SELECT id, a, b, e, s FROM t ORDER BY id")],
        "few": [(one[0], [*map(stored, one[1:])]) for one in database.execute("SELECT rowid, * FROM few ORDER BY 1")],
    }
    keyed = sorted([*map(stored, one)] for one in database.execute("SELECT * FROM k"))
    pieces = read(file(database))
    for table, values in expected.items():
        assert rows(pieces, table) == values
    found = rows(pieces, "k")
    assert sorted(values for _, values in found) == keyed
    assert [place for place, _ in found] == list(range(1, 601)), "such a table has no numbers of rows"
    assert odd(pieces) == []


def test_only_what_is_wanted_is_kept():
    database = made("CREATE TABLE t (id INTEGER PRIMARY KEY, a, big, b)")
    database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [(i, i * 2, "x" * 40_000, f"b{i}") for i in range(1, 50)])
    database.commit()
    content = file(database)
    assert rows(read(content, lambda _table, _columns: []), "t") == [(i, []) for i in range(1, 50)]
    found = rows(read(content, lambda _table, _columns: [0, 3]), "t")
    assert found == [(i, [(BARE, b"%d" % i), (TEXT, b"b%d" % i)]) for i in range(1, 50)], "behind what is not wanted"


def test_a_long_value_is_cut_and_says_so():
    long = sqlite.MOST_VALUE + 1
    database = made("CREATE TABLE t (a, b, c)", ("INSERT INTO t VALUES (?, ?, 7)", ("x" * long, "y" * (long - 1))))
    ((_, (first, second, third)),) = rows(read(file(database)), "t")
    assert first == (TEXT | CUT, b"x" * (long - 1))
    assert second == (TEXT, b"y" * (long - 1))
    assert third == (BARE, b"7")


def test_rows_that_are_older_than_a_column_have_its_default():
    database = made(
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (1)",
        "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'it''s'",
        "ALTER TABLE t ADD COLUMN c DEFAULT -1.5",
        "ALTER TABLE t ADD COLUMN d VARCHAR(3) DEFAULT 7",
        "ALTER TABLE t ADD COLUMN e BLOB DEFAULT x'00ff'",
        "ALTER TABLE t ADD COLUMN f",
        "ALTER TABLE t ADD COLUMN g DEFAULT TRUE",
        "INSERT INTO t VALUES (2, 'b', 3, 'd', x'', 'f', 0)",
    )
    expected = [[*map(stored, one)] for one in database.execute("SELECT * FROM t")]
    assert [values for _, values in rows(read(file(database)), "t")] == expected


SCHEMAS = {
    'CREATE TABLE t("a b" INTEGER PRIMARY KEY, [c,)] VARCHAR ( 255 ) NOT NULL, `d``` DECIMAL(10, 2) DEFAULT (1 + 2))':
        [("a b", "INTEGER"), ("c,)", "VARCHAR(255)"), ("d`", "DECIMAL(10,2)")],
    "CREATE TABLE t(a -- no, b\n, b /* c, */ TEXT CHECK (b <> ',)'), PRIMARY KEY (a), FOREIGN KEY (b) REFERENCES u(c))":
        [("a", ""), ("b", "TEXT")],
    "CREATE TABLE t('a' unsigned big int, \"PRIMARY\" TEXT COLLATE NOCASE UNIQUE)":
        [("a", "unsigned big int"), ("PRIMARY", "TEXT")],
}  # fmt: skip


@pytest.mark.parametrize("sql", SCHEMAS)
def test_columns(sql):
    assert sqlite_schema.table(sql).columns == [Column(*one) for one in SCHEMAS[sql]]


@pytest.mark.parametrize(
    ("sql", "alias"),
    [
        ("a INTEGER PRIMARY KEY", True), ("a INT PRIMARY KEY", False), ("a INTEGER PRIMARY KEY DESC", False),
        ("a INTEGER, PRIMARY KEY (a)", True), ("a INTEGER, PRIMARY KEY (a DESC)", True),
        ("a INTEGER, b, PRIMARY KEY (a, b)", False), ("a INTEGER, CONSTRAINT p PRIMARY KEY ('a')", True),
        ("a integer CONSTRAINT x PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT", True),
    ],
)  # fmt: skip
def test_which_column_is_the_number_of_the_row(sql, alias):
    database = made(f"CREATE TABLE t ({sql})", "INSERT INTO t (rowid, a) VALUES (5, 5)")
    assert (sqlite_schema.table(f"CREATE TABLE t ({sql})").source[0] == -1) == alias
    assert rows(read(file(database)), "t")[0][1][0] == (BARE, b"5")


def test_what_is_not_read_is_named():
    database = made(
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        "INSERT INTO t VALUES (41)",
        "CREATE VIEW v AS SELECT randomblob(1000000000)",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('x'); END",
        "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)",
        "CREATE INDEX i ON t (a)",
    )
    pieces = read(file(database))
    assert {(one.code, one.table) for one in pieces if isinstance(one, Odd)} == {("unread", "r"), ("executable", "")}
    assert any("view v" in one.text for one in pieces if isinstance(one, Said))
    created = {one.name: one.next for one in pieces if isinstance(one, Created)}
    assert created == {"t": 42, "r_rowid": 0, "r_node": 0, "r_parent": 0}


def test_a_write_ahead_log_is_said(tmp_path):
    path = tmp_path / "f.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t (a)")
    database.execute("INSERT INTO t VALUES (1)")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("INSERT INTO t VALUES (2)")
    database.commit()
    content = path.read_bytes()
    database.close()
    pieces = read(content)
    assert odd(pieces) == ["beside"]
    assert [values for _, values in rows(pieces, "t")] == [[(BARE, b"1")]]


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 here: sudo apt install sqlite3")
def test_the_way_to_merge_a_log_that_the_docs_give(tmp_path):
    pragma = re.search(r"sqlite3 copy/forum\.db '([^']+)'", DOCS.read_text())
    copy = tmp_path / "copy"
    copy.mkdir()
    database = sqlite3.connect(tmp_path / "forum.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t (a)")
    database.execute("INSERT INTO t VALUES (2)")
    database.commit()
    for one in tmp_path.glob("forum.db*"):
        shutil.copy(one, copy)
    database.close()
    assert rows(read((copy / "forum.db").read_bytes()), "t") == []
    subprocess.run(["sqlite3", copy / "forum.db", pragma[1]], check=True, capture_output=True)
    pieces = read((copy / "forum.db").read_bytes())
    assert odd(pieces) == []
    assert [values for _, values in rows(pieces, "t")] == [[(BARE, b"2")]]


# ------------------------------------------------------------------------------------------- hostile
def small():
    database = made("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", "CREATE TABLE u (a, b BLOB)", page=512)
    database.executemany("INSERT INTO t VALUES (?, ?)", [(i, "b" * (i % 90)) for i in range(300)])
    database.executemany("INSERT INTO u VALUES (?, ?)", [(i, bytes(2000)) for i in range(10)])
    database.commit()
    return file(database)


SOUND = small()


def root(content, table):
    return next(one.place for one in read(content) if isinstance(one, Created) and one.name == table)


def with_bytes(at, new):
    return SOUND[:at] + new + SOUND[at + len(new) :]


def leaves():
    """Return where the pages lie to which the root of ``t`` leads."""
    at = root(SOUND, "t")
    many = struct.unpack_from(">H", SOUND, at + 3)[0]
    cells = struct.unpack_from(f">{many}H", SOUND, at + 12)
    return [(struct.unpack_from(">I", SOUND, at + cell)[0] - 1) * 512 for cell in cells]


def test_a_tree_that_bites_its_tail_ends():
    at = root(SOUND, "t")
    cell = struct.unpack_from(">H", SOUND, at + 12)[0]
    pieces = read(with_bytes(at + cell, struct.pack(">I", at // 512 + 1)))
    assert "malformed" in odd(pieces)
    assert 200 < len(rows(pieces, "t")) < 300, "the other pages are read, each once"
    assert len(rows(pieces, "u")) == 10


def test_a_page_that_says_more_cells_than_it_can_hold_is_named():
    pieces = read(with_bytes(leaves()[0] + 3, b"\xff\xff"))
    assert odd(pieces) == ["malformed"]
    assert len(rows(pieces, "t")) < 300


def test_cells_outside_of_the_page_are_counted():
    at = leaves()[0] + 8
    pieces = read(with_bytes(at, b"\xff\xff\0\x01"))
    assert [(one.code, one.table, one.many) for one in pieces if isinstance(one, Odd)] == [("width", "t", 2)]
    assert len(rows(pieces, "t")) == 298


def test_many_cells_that_are_one_give_no_more_than_a_page_holds():
    database = made("CREATE TABLE t (a)", page=65536)
    database.executemany("INSERT INTO t VALUES (?)", [("x" * 30_000,), *[(None,)] * 5000])
    database.commit()
    content = bytearray(file(database))
    at = root(content, "t")
    while content[at] == 5:
        at = (struct.unpack_from(">I", content, at + struct.unpack_from(">H", content, at + 12)[0])[0] - 1) * 65536
    many = struct.unpack_from(">H", content, at + 3)[0]
    content[at + 8 : at + 8 + 2 * many] = content[at + 8 : at + 10] * many
    pieces = read(bytes(content))
    assert many > 1000
    assert sum(len(text) for _, row in rows(pieces, "t") for _, text in row) < 2 * 65536
    assert [one.many for one in pieces if isinstance(one, Odd)] == [many - 2]


def test_a_long_default_is_cut():
    database = made(
        "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)", f"ALTER TABLE t ADD COLUMN b DEFAULT '{'x' * 5000}'"
    )
    ((_, (_, (kind, text))),) = rows(read(file(database)), "t")
    assert kind == TEXT | CUT
    assert text == b"x" * len(text)
    assert len(text) >= 255, "as long as a title may be"


def test_a_record_that_says_to_be_huge_costs_only_itself():
    page = leaves()[1]
    cell = page + struct.unpack_from(">H", SOUND, page + 8)[0]
    for size in (b"\xff" * 9, b"\x87\xff\xff\xff\x7f", b"\x80" * 8 + b"\0"):
        pieces = read(with_bytes(cell, size))
        assert set(odd(pieces)) <= {"width", "malformed"}
        assert sum(one.many for one in pieces if isinstance(one, Odd) and one.code == "width") >= 1
        assert 280 < len(rows(pieces, "t")) < 300


def test_a_chain_of_pages_that_bites_its_tail_ends():
    page = root(SOUND, "u")
    while SOUND[page] == 5:
        page = (struct.unpack_from(">I", SOUND, page + 8)[0] - 1) * 512
    cell = page + struct.unpack_from(">H", SOUND, page + 8)[0]
    away = next(
        at for at in range(cell, page + 512) if SOUND[at : at + 2] == b"\0\0" and SOUND[at + 2 : at + 4] != b"\0\0"
    )
    first = struct.unpack_from(">I", SOUND, away)[0]
    at = (first - 1) * 512
    pieces = read(with_bytes(at, struct.pack(">I", first)))
    assert sorted(odd(pieces)) == ["malformed", "width"]
    assert len(rows(pieces, "u")) == 9
    assert len(rows(pieces, "t")) == 300


def test_a_file_that_is_cut_off_says_so_and_gives_what_there_is():
    pieces = read(SOUND[: len(SOUND) // 2])
    assert "truncated" in odd(pieces)
    assert rows(pieces, "t")


@pytest.mark.parametrize("root_page", [0, -1, 2**40, 2**62, 1, 3])
def test_a_table_that_begins_nowhere_is_named(root_page):
    database = made("CREATE TABLE t (a)", "CREATE TABLE u (a)", "INSERT INTO u VALUES (1)", "PRAGMA writable_schema=ON")
    database.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = 't'", (root_page,))
    database.commit()
    pieces = read(file(database))
    assert len(rows(pieces, "u")) == (root_page != 3), "what two claim is of the first"
    assert {"malformed", "unread"} & set(odd(pieces))


def test_a_schema_that_makes_no_sense_is_none_of_the_tables():
    at = next(at for at in range(100, 512) if SOUND[at : at + 5] == b"table") - 9
    pieces = read(with_bytes(at, b"\xff" * 9))
    assert set(odd(pieces)) == {"malformed"}


def test_a_declaration_that_is_none_is_named():
    database = made("CREATE TABLE t (a)", "CREATE TABLE u (a)", "INSERT INTO u VALUES (1)", "PRAGMA writable_schema=ON")
    database.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE t AS' || printf('%.100000c', '(') WHERE name = 't'")
    database.commit()
    pieces = read(file(database))
    assert len(rows(pieces, "u")) == 1
    assert [one for one in pieces if isinstance(one, Odd | Created) and one[0] in ("unread", "t")]


@given(
    st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=9)), min_size=1, max_size=12),
    st.integers(0, len(SOUND)),
)
@settings(max_examples=120, deadline=None)
def test_whatever_is_changed_there_are_pieces(changes, end):
    content = bytearray(SOUND)
    for at, new in changes:
        content[at : at + len(new)] = new
    tables = {one.name: one for one in read(bytes(content[:end])) if isinstance(one, Created)}
    assert len(tables) <= 100


@given(
    st.lists(st.tuples(st.integers(0, 1023), st.binary(min_size=1, max_size=4)), min_size=1, max_size=12),
    st.sampled_from(["t", "u"]),
)
@settings(max_examples=120, deadline=None)
def test_whatever_the_pages_of_a_table_are_the_values_come_from_them(changes, table):
    content = bytearray(SOUND)
    at = root(SOUND, table)
    for offset, new in changes:
        content[at + offset : at + offset + len(new)] = new
    read(bytes(content[: len(SOUND)]))


@given(st.binary(max_size=2000))
@settings(deadline=None)
def test_any_bytes(content):
    assert odd(read(content)) == ["malformed"]
    read(b"SQLite format 3\0\x02\0\x01\x01\0\x40\x20\x20" + content)


@given(st.text(alphabet="CREATE TABLE t(a,'\"`[]) PRIMARY KEY DEFAULT -1x/*", max_size=200))
@settings(deadline=None)
def test_any_declaration(text):
    found = sqlite_schema.table("CREATE TABLE t(" + text)
    assert found is None or len(found.columns) == len(found.source) == len(found.missing)
