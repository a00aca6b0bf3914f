"""Statements of MySQL dumps: what is read, what is named, and that hostile bytes are read once."""

import io
import time

import pytest

from vigie.cell.dumps import mysql
from vigie.cell.dumps.create import created
from vigie.cell.dumps.pieces import Batch, Odd


def pieces(text):
    return list(mysql.read(io.BytesIO(text), lambda _table, columns: list(range(len(columns)))))


def rows(text):
    found = {}
    for one in pieces(text):
        if isinstance(one, Batch):
            found[one.table] = found.get(one.table, 0) + len(one.rows.places)
    return found


def odd(text):
    return [one.code for one in pieces(text) if isinstance(one, Odd)]


TABLE = b"CREATE TABLE t (a int, b int);\n"
HOSTILE = {
    "columns without values": b"INSERT INTO users (customer_firstname_a, customer_lastname_b) SELECT 1, 2;\n" * 20,
    "definers": b"CREATE DEFINER=a" + b"DEFINER=a" * 5000 + b";\n",
    "open quote": b"CREATE TABLE t (" + b"'" + b"\\'" * 200_000 + b";\n",
    "open comments": b"CREATE TABLE t (" + b"/*a" * 200_000 + b";\n",
    "doubled quotes": b"CREATE TABLE t (a enum(" + b"'a''b'" * 20_000 + b";\n",
    "quotes in a type": b"CREATE TABLE t (a enum(" + b"''" * 20_000 + b", b int);\n",
    "gaps": b"/* a */ " * 50_000 + b"\n",
    "names": b"INSERT INTO " + b"`" * 60_001 + b" VALUES (1);\n",
    "list of names": b"INSERT INTO t (" + b"a" * 60_000 + b";\n",
    "list of spaces": b"INSERT INTO t (" + b"a " * 30_000 + b";\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_read_once(name):
    list(mysql.read(io.BytesIO(TABLE + b"INSERT INTO t VALUES (1,2);"), lambda _table, _columns: [0]))
    began = time.process_time()
    pieces(HOSTILE[name])
    assert time.process_time() - began < 5, "it takes milliseconds; in 2^n ways or n^2 steps it would not end"


@pytest.mark.parametrize(
    "insert",
    [
        b"INSERT INTO t VALUES (1,2);", b"INSERT INTO t /*x*/ VALUES (1,2);",
        b"INSERT /*!50000 IGNORE*/ INTO t VALUES (1,2);",
        b"/*!40000 INSERT INTO t VALUES (1,2) */;", b"INSERT t(a,b)VALUES(1,2);",
        b"replace into `t` (`b`, a) value (1,2);",
        b"INSERT INTO t VALUES (1,2) ON DUPLICATE KEY UPDATE a=1;", b"insert into db.t values\n(1,2)\n;",
    ],
)  # fmt: skip
def test_rows_are_read_however_they_are_written(insert):
    assert rows(TABLE + insert) == {"t": 1}
    assert odd(TABLE + insert) == []


@pytest.mark.parametrize(
    "insert",
    [
        b"INSERT INTO t SET a=1, b=2;", b"INSERT INTO t (a, b) SELECT 1, 2;", b"INSERT INTO t VALUES ROW(1,2);",
        b"INSERT INTO t PARTITION (p0) VALUES (1,2);", b"INSERT INTO t SELECT * FROM u;",
        b"/*!40000 INSERT INTO t SET a=1 */;",
    ],
)  # fmt: skip
def test_rows_that_are_not_read_are_named(insert):
    assert rows(TABLE + insert + b"\nINSERT INTO t VALUES (1,2);") == {"t": 1}
    assert odd(TABLE + insert) == ["unread"]


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO `t` SET a=1, b='LEAK';", b"INSERT INTO t (a, b) SELECT 1, 'LEAK';",
        b'REPLACE INTO t SET b="LEAK";',
        b"INSERT INTO t VALUES ROW(1,'LEAK');", b"/*!40000 INSERT INTO t SET a=0x4C45414B */;",
        b"INSERT /* 'LEAK' */ INTO t PARTITION (p0) VALUES (1,'LEAK');", b"INSERT INTO t SET b='LEAK', a=2",
        b"INSERT INTO t SET b=LEAK;", b"UPDATE t SET b='LEAK'", b"UPDATE t SET a = 0x4C45414B", b"\\! echo 'LEAK'\n",
        b"CREATE USER u IDENTIFIED BY 'LEAK'", b"CREATE DEFINER='a LEAK",
        b"CREATE DEFINER='a'@'LEAK' TRIGGER t;", b"LEAK','x", b"$2y$10$LEAK','x",
        b"INSERT INTO t VALUES (1,,'LEAK",
    ],
)  # fmt: skip
def test_no_value_of_a_statement_is_told(text):
    told = [one.detail for one in pieces(TABLE + text) if isinstance(one, Odd)]
    assert told
    assert not any("LEAK" in one or "4C45414B" in one for one in told)


def test_of_a_statement_is_told_how_it_begins():
    text = b"INSERT INTO `db`.`t` (a) SELECT 1;\nLOAD DATA LOCAL INFILE 'x' INTO TABLE t;\n"
    text += b"\\! touch /tmp/x 'y'\nUPDATE t SET"
    assert [one.detail.partition(": ")[2] for one in pieces(TABLE + text) if isinstance(one, Odd)] == [
        "INSERT INTO `db`.`t`", "LOAD DATA", "\\! touch /tmp/x", "UPDATE t SET",
    ]  # fmt: skip


def test_several_databases_keep_their_tables_apart():
    text = b"USE `a`;\nCREATE TABLE users (x int);\nINSERT INTO users VALUES (1),(2);\n"
    text += b"USE b;\nCREATE TABLE users (x int, y int);\nINSERT INTO `users` VALUES (1,2);\n"
    assert rows(text) == {"a.users": 2, "b.users": 1}
    assert [len(one.columns) for one in pieces(text) if hasattr(one, "next")] == [1, 2]


def test_a_byte_order_mark_is_no_name():
    assert rows(b"\xef\xbb\xbf" + TABLE + b"INSERT INTO t VALUES (1,2);") == {"t": 1}


def test_rows_of_tables_in_turn():
    text = TABLE + b"CREATE TABLE u (a int);\n" + b"INSERT INTO t VALUES (1,2);\nINSERT INTO u VALUES (1);\n" * 3000
    assert rows(text) == {"t": 3000, "u": 3000}


@pytest.mark.parametrize(
    ("column", "name", "kind"),
    [
        ("`user_id` int(10) unsigned NOT NULL AUTO_INCREMENT", "user_id", "int(10) unsigned"),
        ("`k` varchar(40) COLLATE utf8mb4_bin DEFAULT 'a,b)''c' COMMENT 'x, (y'", "k", "varchar(40)"),
        ("e enum('a','b, c''d') DEFAULT NULL", "e", "enum('a','b, c''d')"),
        ('"user name" character varying(60) NOT NULL', "user name", "character varying(60)"),
        ("at timestamp without time zone", "at", "timestamp without time zone"),
        ("tags text[]", "tags", "text[]"),
        ("`key` text", "key", "text"),
    ],
)
def test_columns(column, name, kind):
    table = created(f"CREATE TABLE IF NOT EXISTS `x``y` ({column}, PRIMARY KEY (`a`,`b`), KEY `z` (`a`)) ENGINE=X")
    assert table.name == "x`y"
    assert [tuple(one) for one in table.columns] == [(name, kind)]


def test_half_a_character_of_japanese_is_none():
    text = b"SET NAMES cp932;\n" + TABLE + b"INSERT INTO t VALUES ('\xb1',1),('\x95\\',2),('\xb1\\\xb1',3);\n"
    assert rows(text) == {"t": 3}
    assert odd(text) == []


def test_rows_that_are_given_later_keep_the_character_set_they_were_written_in():
    text = (
        b"SET NAMES latin1;\n"
        + TABLE
        + b"INSERT INTO t VALUES (1,2);\nSET NAMES utf8mb4;\nINSERT INTO t VALUES (3,4);\n"
    )
    batches = [one for one in pieces(text) if isinstance(one, Batch)]
    assert [one.charset for one in batches] == ["latin1", "utf8mb4"]
