"""A dump in a case, through the real sandbox: its tables and what is odd in it, each walked back to the evidence."""

import gzip
import random

import msgspec
import pytest

from drive import main
from kernel.conftest import new_case
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.kernel.explain import explain
from vigie.rows.artefacts import Field, File, Relation
from vigie.rows.problems import Problem

USERS = b"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `phpbb_users` (
  `user_id` int unsigned NOT NULL AUTO_INCREMENT,
  `username` varchar(255) COLLATE utf8mb4_bin NOT NULL DEFAULT 'a);b',
  `user_ip` varchar(40) DEFAULT NULL,
  PRIMARY KEY (`user_id`)
) ENGINE=InnoDB AUTO_INCREMENT=90 DEFAULT CHARSET=utf8mb4;
INSERT INTO `phpbb_users` VALUES (1,'it\\'s; me','10.0.0.1'),(2,'),(3,\\'x\\')',NULL),(3,'short');
CREATE TABLE `empty` (`a` int) ENGINE=InnoDB;
CREATE TRIGGER t BEFORE INSERT ON empty FOR EACH ROW SET NEW.a = 1;
-- Dump completed on 2026-01-01
"""
END = b"-- Dump completed on 2026-01-01\n"
HOSTILE = {
    "cut.sql": (USERS[: USERS.index(b"NULL),(3")], {"truncated"}),
    "loads.sql": (
        USERS + b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE empty;\n\\! touch /tmp/owned\n",
        {"misfit", "not_executed"},
    ),
    "cut between statements.sql": (USERS[: USERS.index(b"CREATE TRIGGER")], {"misfit", "truncated"}),
    "as of MySQL 4.sql": (b"-- MySQL dump 9.11\nCREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n", set()),
    "nothing.sql": (b"-- MySQL dump 10.13\n", {"decode_error"}),
    "undeclared.sql": (
        b"-- MySQL dump 10.13\nCREATE TABLE a (b int);\nINSERT INTO c VALUES (1);\n" + END,
        {"no_table"},
    ),
    "malformed.sql": (
        b"-- MySQL dump 10.13\nCREATE TABLE a (b int);\nINSERT INTO a VALUES (1),(,1),(2);\n" + END,
        {"damaged"},
    ),
    "one-line.sql": (
        b"-- MySQL dump 10.13\nCREATE TABLE a (b longtext, c int);\nINSERT INTO a VALUES ('"
        + b"x" * (40 << 20)
        + b"',1);\n"
        + END,
        set(),
    ),
    "twice.sql": (
        2 * b"-- MySQL dump 10.13\nDROP TABLE IF EXISTS a;\nCREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n" + END,
        {"repeated"},
    ),
    "twice-postgres.sql": (
        2
        * (
            b"--\n-- PostgreSQL database dump\n--\n\nDROP TABLE public.a;\nCREATE TABLE public.a (b int);\n"
            b"COPY public.a (b) FROM stdin;\n1\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
        ),
        {"repeated"},
    ),
    "latin.sql": (
        b"-- MySQL dump 10.13\nCREATE TABLE `t\xe9` (`\xe9` int);\nINSERT INTO `t\xe9` VALUES (1);\n" + END,
        set(),
    ),
}
EXTENTS = {
    "forum.sql": {"phpbb_users": "whole", "empty": "whole"},
    "cut.sql": {"phpbb_users": "cut"},
    "cut between statements.sql": {"phpbb_users": "whole", "empty": "cut"},
    "as of MySQL 4.sql": {"a": "open"},
    "malformed.sql": {"a": "damaged"},
}


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    evidence = folder / "server"
    (evidence / "backup").mkdir(parents=True)
    (evidence / "backup" / "forum.sql.gz").write_bytes(gzip.compress(USERS))
    (evidence / "forum.sql").write_bytes(USERS)
    (evidence / "notes.sql").write_text("select * from users; -- no dump\n")
    for name, (body, _) in HOSTILE.items():
        (evidence / name).write_bytes(body)
    rng = random.Random(4)
    (evidence / "noise.sql").write_bytes(USERS[:800] + rng.randbytes(50_000))
    main(new_case(folder / "case"), [str(evidence)])
    return Case.open(folder / "case")


def test_it_is_said_how_much_of_a_table_the_dump_holds(case):
    files = {one.name: one.sha256 for one in case.read(File).rows()}
    held = {(one.content, one.name): one.extent for one in case.read(Relation).rows()}
    assert {name: {n: e for (c, n), e in held.items() if c == files[name]} for name in EXTENTS} == EXTENTS


def test_tables_columns_and_rows(case):
    dump = next(one for one in case.read(File).rows() if one.name == "forum.sql" and one.depth == 0)
    assert (dump.kind, dump.content_type) == ("database", "application/x-mysqldump")
    found = {one.name: one for one in case.read(Relation).rows() if one.content == dump.sha256}
    users = found["phpbb_users"]
    assert (users.rows, users.misfits, users.fields, users.said_next, users.dialect) == (2, 1, 3, 90, "mysql")
    assert USERS[users.place :].startswith(b"CREATE TABLE `phpbb_users`")
    assert (found["empty"].rows, found["empty"].said_next) == (0, 0)
    fields = [one for one in case.read(Field).rows() if one.content == dump.sha256 and one.relation == "phpbb_users"]
    assert [(one.name, one.type) for one in sorted(fields, key=lambda one: one.number)] == [
        ("user_id", "int unsigned"), ("username", "varchar(255)"), ("user_ip", "varchar(40)"),
    ]  # fmt: skip


def test_a_dump_in_an_archive_is_the_same_dump(case):
    places = {one.locator for one in case.read(File).rows() if one.kind == "database" and one.name == "forum.sql"}
    assert places == {"server!forum.sql", "server!backup/forum.sql.gz!forum.sql"}
    contents = [one.content for one in case.read(Relation).rows() if one.name == "phpbb_users" and one.said_next == 90]
    assert len(contents) == len(set(contents))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_odd_is_told_and_nothing_is_executed(case, name):
    codes = {
        one.code for one in case.read(Problem).rows() if one.stage == "relations" and one.subject == f"server!{name}"
    }
    assert codes == HOSTILE[name][1]


@pytest.mark.parametrize("name", ["twice.sql", "twice-postgres.sql"])
def test_a_table_that_comes_twice_is_said_with_its_byte(case, name):
    (one,) = (row for row in case.read(Problem).rows() if row.code == "repeated" and row.subject == f"server!{name}")
    body = HOSTILE[name][0]
    first, again = body.index(b"CREATE"), body.rindex(b"CREATE")
    assert one.detail.startswith(f"byte {again}: ")
    assert one.detail.endswith(f"a is declared again, first at byte {first}")


def test_sql_that_is_no_dump_is_text(case):
    assert next(one for one in case.read(File).rows() if one.name == "notes.sql").kind == "other"


def test_nothing_is_lost(case):
    balance = next(one for one in check(case).balances if one.name == "relations")
    assert balance.state == "holds"
    assert balance.total == len({one.sha256 for one in case.read(File).rows() if one.kind == "database"})
    assert balance.parts["problems"] == 1  # of a dump without a table


def test_a_table_is_explained_back_to_the_evidence(case):
    dump = next(one for one in case.read(File).rows() if one.locator == "server!forum.sql")
    key = next(one.key for one in case.read(Relation).rows() if one.name == "empty" and one.content == dump.sha256)
    told = msgspec.json.encode(explain(case, key.hex())).decode()
    assert "forum.sql" in told
    assert "checkpoint" in told
