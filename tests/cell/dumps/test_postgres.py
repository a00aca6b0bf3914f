"""Statements of PostgreSQL dumps: what is read, what is named, and that hostile bytes are read once."""

import io
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell import sniff
from vigie.cell.dumps import postgres
from vigie.cell.dumps.create import created
from vigie.cell.dumps.pieces import Batch, Created, Odd, Said

HEAD = b"--\n-- PostgreSQL database dump\n--\n\n"
TAIL = b"\n--\n-- PostgreSQL database dump complete\n--\n\n"
TABLE = b"CREATE TABLE public.t (\n    a integer,\n    b text\n);\n\n"
COPY = b"COPY public.t (a, b) FROM stdin;\n1\tx\n2\t\\N\n\\.\n\n\n"


class Slow(io.RawIOBase):
    """A file that gives its bytes in pieces of these sizes, in turn."""

    def __init__(self, text, sizes):
        self.text, self.sizes, self.at, self.turn = text, sizes, 0, 0

    def read(self, many=-1):
        many = min(many, self.sizes[self.turn % len(self.sizes)])
        self.turn += 1
        out = self.text[self.at : self.at + many]
        self.at += many
        return out


def pieces(text, sizes=None):
    file = io.BytesIO(text) if sizes is None else Slow(text, sizes)
    return list(postgres.read(file, lambda _table, columns: list(range(len(columns)))))


def rows(text):
    found = {}
    for one in pieces(text):
        if isinstance(one, Batch):
            found[one.table] = found.get(one.table, 0) + len(one.rows.places)
    return found


def values(text):
    """Return the values of the first batch, one behind the other."""
    batch = next(one for one in pieces(text) if isinstance(one, Batch))
    at, out = 0, []
    for length in batch.rows.lengths.ravel().tolist():
        out.append(batch.rows.values[at : at + length].tobytes())
        at += length
    return out


def odd(text):
    return [one.code for one in pieces(text) if isinstance(one, Odd)]


def told(text):
    return [one.detail for one in pieces(text) if isinstance(one, Odd)]


ACTS = (
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$ import os; os.system('x') $$;",
    "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'SELECT 1;';",
    "CREATE TRIGGER t BEFORE INSERT ON t EXECUTE FUNCTION f();",
    "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION f();",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);",
    "DO $$ BEGIN PERFORM 1; END $$;",
    "DO LANGUAGE plpgsql 'BEGIN; END';",
    "COPY t FROM PROGRAM 'curl x | sh';",
    "COPY (SELECT 1) TO PROGRAM 'x FROM STDIN';",
    "COPY t TO '/tmp/x';",
    "COPY t FROM '/etc/passwd';",
    "LOAD 'x.so';",
    "CALL p();",
    "SELECT pg_read_file('/etc/passwd');",
    "SELECT pg_catalog.setval('x', evil());",
    "SELECT lo_import('/etc/passwd');",
    "SELECT pg_catalog.set_config('search_path', '', false), evil();",
    "ALTER SYSTEM SET x = 1;",
    "CREATE EXTENSION dblink;",
    "CREATE ROLE r SUPERUSER;",
    "ALTER USER r SUPERUSER;",
    "CREATE SERVER s FOREIGN DATA WRAPPER w;",
    "EXECUTE x;",
    "PREPARE x AS SELECT 1;",
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;",
    "CREATE LANGUAGE l;",
    "CREATE CAST (a AS b) WITH FUNCTION f;",
    "WITH x AS (DELETE FROM t) SELECT 1;",
    "DELETE FROM t;",
    "UPDATE t SET a = 1;",
    "NOTIFY x;",
    "/* /* x */ */ DO $$ ; $$;",
    "-- x\n/* y */DO $$ ; $$;",
    "SECRET;",
    "select evil();",
    "IMPORT FOREIGN SCHEMA x FROM SERVER s INTO y;",
)
LAYS = (
    "SET statement_timeout = 0;",
    "BEGIN;",
    "COMMIT;",
    "CREATE SCHEMA s;",
    "CREATE TYPE m AS ENUM ('a');",
    "CREATE SEQUENCE s;",
    "ALTER TABLE ONLY t ADD CONSTRAINT c CHECK (';' <> a);",
    "CREATE UNIQUE INDEX i ON t USING btree (a);",
    "COMMENT ON TABLE t IS 'DO';",
    "SELECT pg_catalog.setval('public.s', 5, true);",
    "SELECT pg_catalog.set_config('search_path', '', false);",
    "DROP TABLE IF EXISTS t;",
    "GRANT ALL ON t TO PUBLIC;",
    "REVOKE ALL ON t FROM x;",
    "CREATE VIEW v AS SELECT ';';",
    "ALTER DEFAULT PRIVILEGES FOR ROLE r GRANT ALL;",
    "REFRESH MATERIALIZED VIEW v;",
    "CREATE POLICY p ON t;",
    "CREATE MATERIALIZED VIEW v AS SELECT 1;",
    "ANALYZE;",
    "SELECT pg_catalog.lo_create('5');",
    "ALTER FUNCTION f() OWNER TO x;",
    "CREATE DATABASE d;",
    ";;",
    "/* x */ SET a = 1;",
)


@pytest.mark.parametrize("text", ACTS)
def test_what_would_act_is_named(text):
    assert odd(TABLE + text.encode() + b"\n" + COPY) == ["executable"]
    assert rows(TABLE + text.encode() + b"\n" + COPY) == {"public.t": 2}


@pytest.mark.parametrize("text", LAYS)
def test_what_lays_down_tables_is_passed(text):
    assert odd(TABLE + text.encode() + b"\n" + COPY) == []
    assert rows(TABLE + text.encode() + b"\n" + COPY) == {"public.t": 2}


@pytest.mark.parametrize(
    "command",
    [
        "\\! touch /tmp/x",
        "\\copy t from '/etc/passwd'",
        "\\i /etc/passwd",
        "\\restrict a \\! x",
        "\\connect a \\! x",
        "\\o |sh",
        "\\",
        "SELECT 1 \\gexec",
        "ALTER TABLE t \\! touch x\n;",
        "\\c \"dbname='x' host=evil.example\"",
        "\\connect -reuse-previous=off x",
    ],
)
def test_commands_of_the_client_are_named(command):
    text = TABLE + command.encode() + b"\n;\n" + COPY
    assert set(odd(text)) == {"executable"}
    assert rows(text) == {"public.t": 2}


def test_what_follows_copy_on_its_line_is_named_and_no_row():
    text = TABLE + COPY.replace(b"stdin;", b"stdin; SELECT evil();")
    assert odd(text) == ["executable"]
    assert rows(text) == {"public.t": 2}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT setpw('LEAK');", "SELECT setpw($$LEAK$$);", "SELECT setpw($x$LEAK$x$);", "UPDATE t SET b = E'LEAK';",
        "INSERT INTO t SELECT 1, 'LEAK';", 'INSERT INTO "t" SELECT LEAK;', "INSERT INTO t (a) VALUES (1), ('LEAK'",
        "INSERT INTO t DEFAULT VALUES RETURNING 'LEAK';", "WITH x AS (SELECT 1) INSERT INTO t VALUES (LEAK);",
        "\\! echo 'LEAK'", "SELECT 1 \\gset 'LEAK'", "COPY BINARY t FROM STDIN\n1\tLEAK\n;\n\\.\n", "LEAK', 'x');",
        "COPY public.t FROM stdin; SELECT setpw('LEAK');\n\\.\n", "UPDATE t SET b = 'LEAK",
    ],
)  # fmt: skip
def test_no_value_of_a_statement_is_told(text):
    details = told(TABLE + text.encode())
    assert details
    assert not any("LEAK" in one for one in details)


def test_of_a_statement_is_told_how_it_begins():
    text = b"SELECT setpw('x');\nINSERT INTO public.t (a) SELECT 1;\n\\i /etc/passwd\n"
    assert [one.partition(": ")[2] for one in told(TABLE + text)] == [
        "SELECT setpw(", "INSERT INTO public.t", "\\i /etc/passwd",
    ]  # fmt: skip


def test_passwords_are_not_told():
    text = b"ALTER ROLE r WITH LOGIN PASSWORD 'SCRAM-SHA-256$x';\n"
    text += b"CREATE USER MAPPING FOR r SERVER s OPTIONS (password 'x1');\n"
    text += b"CREATE SUBSCRIPTION s CONNECTION 'host=h password=x2' PUBLICATION p;\nINSERT INTO t SELECT 'x3';\n"
    assert len(told(text)) == 4
    assert not any("SCRAM" in one or "x1" in one or "x2" in one or "x3" in one for one in told(text))


@pytest.mark.parametrize(
    "copy",
    [
        b"COPY public.t (a, b) FROM stdin;",
        b'copy "public" . "t" ( a , "b" ) from STDIN ;',
        b"COPY public.t FROM stdin;",
        b"COPY /* x */ public.t (a,b) -- y\nFROM STDIN;",
        b"/* a */ COPY public.t FROM STDIN;",
        b"COPY public.t (a, b) FROM stdin;\r",
    ],
)
def test_rows_are_read_however_they_are_written(copy):
    text = TABLE + copy + b"\n1\tx\n2\ty\n\\.\nCREATE TABLE u (a int);\nCOPY u (a) FROM stdin;\n1\n\\.\n"
    assert rows(text) == {"public.t": 2, "u": 1}
    assert odd(text) == []


@pytest.mark.parametrize(
    "copy",
    [
        b"COPY public.t (a, b) FROM stdin WITH (FORMAT csv);",
        b"COPY public.t FROM stdin WITH DELIMITER ';' CSV;",
        b"COPY public.t (a, b) FROM STDIN NULL AS '';",
        b"COPY public.t(a,b) WITH OIDS FROM stdin;",
        b"/* /* x */ */ COPY public.t FROM STDIN;",
        b"COPY BINARY public.t FROM STDIN;",
    ],
)
def test_rows_in_other_forms_are_named_and_passed(copy):
    text = TABLE + copy + b"\n1,\"x\n2';\n\\.\nCREATE TABLE u (a int);\nCOPY u (a) FROM stdin;\n1\n\\.\n"
    assert rows(text) == {"u": 1}
    assert odd(text) == ["unread"]


INSERTS = {
    "(1, 'x')": [b"1", b"x"],
    "(1, 'it''s \\')": [b"1", b"it's \\"],
    "(1,E'a\\\\b\\n\\'c\\f')": [b"1", b"a\\b\n'c\f"],
    "(-1.5e3, '{}'::jsonb)": [b"-1.5e3", b"{}"],
    "(1::bigint, '1 day'::character varying(20)[])": [b"1", b"1 day"],
    "(B'101', X'1F')": [b"101", b"1F"],
    "(NULL, ARRAY['a,b', 'c)'])": [b"", b"ARRAY['a,b', 'c)']"],
    "(true, now())": [b"true", b"now()"],
    "(1, date '2020-01-01')": [b"1", b"date'2020-01-01'"],
    "(1, U&'\\0041')": [b"1", b"U&'\\0041'"],
    "(1, E'\\x41')": [b"1", b"\\x41"],
    "(1, -- x\n 'y' /* z */)": [b"1", b"y"],
    "(1, 'a' || 'b')": [b"1", b"a|| 'b'"],
    "(1, '\\x00'::bytea)": [b"1", b"\\x00"],
}


@pytest.mark.parametrize("row", INSERTS)
@pytest.mark.parametrize("how", ["", " (a, b)", ' ("a",b) OVERRIDING SYSTEM VALUE'])
def test_values_of_inserts(row, how):
    text = TABLE + f"INSERT INTO public.t{how} VALUES {row};\n".encode()
    assert values(text) == INSERTS[row]
    assert odd(text) == []
    assert odd(text.replace(b";\n", b" ON CONFLICT DO NOTHING;\n")) == []


def test_half_a_character_of_japanese_is_none():
    text = b"SET client_encoding = 'SJIS';\nSET standard_conforming_strings = off;\n" + TABLE
    text += b"INSERT INTO public.t VALUES (1,'\xb1'),(2,'\x95\\');\nCOPY public.t FROM stdin;\n1\t\xb1\\n\x95\\\n\\.\n"
    assert values(text) == [b"1", b"\xb1", b"2", b"\x95\\"]
    assert rows(text) == {"public.t": 3}
    assert odd(text) == []


def test_truth_is_written_as_the_server_does():
    text = (
        b"CREATE TABLE u (a boolean, b text, c boolean);\nINSERT INTO u VALUES (true, 'true', FALSE), (false,'x',NULL),"
    )
    text += b" ('t', 'y', false::boolean), (NULL, '', (1 = 1)), (TRUE, true, 1234);\n"
    told = [b"t", b"true", b"f", b"f", b"x", b"", b"t", b"y", b"f", b"", b"", b"(1 = 1)", b"t", b"true", b"1234"]
    assert values(text) == told


def test_rows_of_tables_in_turn():
    one, other = b"INSERT INTO public.t VALUES (1, 'x');\n", b"INSERT INTO u VALUES (1);\n"
    text = TABLE + b"CREATE TABLE u (a int);\n" + (one * 5 + other) * 2000 + b"INSERT INTO public.t VALUES (1, 'x"
    assert rows(text) == {"public.t": 10_000, "u": 2000}
    assert odd(text) == ["truncated"]


def test_backslashes_mean_something_where_the_dump_says_so():
    text = b"SET standard_conforming_strings = off;\n" + TABLE + b"INSERT INTO public.t VALUES (1, 'a\\'b\\\\');\n"
    assert values(text) == [b"1", b"a'b\\"]
    assert odd(text) == []


def test_tables_bear_the_names_of_their_schema_and_database():
    text = b"SET search_path = forum, pg_catalog;\nCREATE TABLE users (a int);\nCOPY users (a) FROM stdin;\n1\n\\.\n"
    text += b"\\connect other\nCREATE TABLE public.users (a int);\nCOPY public.users (a) FROM stdin;\n1\n2\n\\.\n"
    text += b'\\connect "odd name"\nSET search_path = \'\';\nCREATE TABLE "a.b"."c""d" (a int);\n'
    text += b'INSERT INTO "a.b"."c""d" VALUES (1);\n'
    assert rows(text) == {"forum.users": 1, "other.public.users": 2, 'odd name.a.b.c"d': 1}
    assert odd(text) == []


def test_rows_keep_the_character_set_they_were_written_in():
    text = (
        b"SET client_encoding = 'LATIN1';\n"
        + TABLE
        + b"INSERT INTO public.t VALUES (1,'\xe9');\nSET client_encoding TO UTF8;\n"
        + COPY
    )
    assert [one.charset for one in pieces(text) if isinstance(one, Batch)] == ["latin-1", "utf8"]


def test_rows_of_tables_that_are_not_declared():
    assert rows(b"COPY x (a, b) FROM stdin;\n1\t2\n\\.\n") == {"x": 1}  # it says its columns
    assert [one.name for one in pieces(b"COPY x (a, b) FROM stdin;\n1\t2\n\\.\n") if isinstance(one, Created)] == ["x"]
    assert odd(b"COPY x FROM stdin;\n1\t';\n\\.\nINSERT INTO y VALUES (';');\n") == ["no_table", "no_table"]


def test_misfits_are_counted():
    text = TABLE + b"COPY public.t (a, b) FROM stdin;\n1\n1\t2\n1\t2\t3\n\\.\nINSERT INTO public.t VALUES (1),(1,2);\n"
    assert rows(text) == {"public.t": 2}
    assert [(one.code, one.many) for one in pieces(text) if isinstance(one, Odd)] == [("width", 2), ("width", 1)]


def test_lines_may_end_as_windows_ends_them():
    text = (HEAD + TABLE + COPY + b"\\restrict abc\n" + TAIL).replace(b"\n", b"\r\n")
    assert values(text) == [b"1", b"x", b"2", b""]
    assert odd(text) == []
    assert sniff.content_type(text) == "application/x-pgdump"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (HEAD + TABLE + COPY + TAIL, []),
        (HEAD + TABLE + COPY, ["truncated"]),
        (HEAD + TABLE + COPY[:-6], ["truncated"]),
        (TABLE + COPY[:-3], []),
        (HEAD + TABLE[:-10], ["truncated"]),
        (HEAD + TAIL + HEAD, ["truncated"]),
        (TABLE + COPY, []),
        (TABLE + b"INSERT INTO public.t VALUES (1, 'x", ["truncated"]),
        (TABLE + b"SELECT $a$ ; $b$", ["executable", "truncated"]),
    ],
)
def test_a_dump_that_ends_early_says_so(text, codes):
    assert odd(text) == codes


def test_what_a_dump_says_of_itself():
    text = HEAD + b"-- Dumped from database version 15.18\n-- nothing\n" + TAIL
    said = [one.text for one in pieces(text) if isinstance(one, Said)]
    assert said == [
        "PostgreSQL database dump",
        "Dumped from database version 15.18",
        "PostgreSQL database dump complete",
    ]


@pytest.mark.parametrize(
    ("column", "name", "kind"),
    [
        ("key text DEFAULT '\\'::text NOT NULL", "key", "text"),
        ("index integer", "index", "integer"),
        ("period bit varying(8)", "period", "bit varying(8)"),
        ('"char" "char"', "char", '"char"'),
        ("m public.mood[] DEFAULT E'\\'),'", "m", "public.mood[]"),
        ("exclude public.citext", "exclude", "public.citext"),
        ('x "Odd.s"."T"', "x", '"Odd.s"."T"'),
        ("n numeric(20,6) GENERATED ALWAYS AS (a + 1) STORED", "n", "numeric(20,6)"),
    ],
)
def test_columns(column, name, kind):
    table = created(f"CREATE UNLOGGED TABLE public.t ({column}, CONSTRAINT c CHECK (a), b int)", standard=True)
    assert [tuple(one) for one in table.columns] == [(name, kind), ("b", "int")]


TYPES = {
    HEAD: "application/x-pgdump",
    b"--\n-- PostgreSQL database cluster dump\n--\n\n": "application/x-pgdump",
    b"-- PostgreSQL database dump\n" + b"\xe9" * 50: "application/x-pgdump",
    b"-- Adminer 4.8.1 PostgreSQL 15 dump\n": "application/x-pgdump",
    b"SET statement_timeout = 0;\nSET lock_timeout = 0;\n\n" + TABLE: "application/x-pgdump",
    COPY: "application/x-pgdump",
    b"PGDMP\x01\x0e\x00\x04\x08\x01\x01\x01\0\0\0": "application/x-pgdump-custom",
    b"PGDMP is a magic\n": "text/plain",
    b"-- PostgreSQL database dumps are\n": "text/plain",
    b"COPY this\nFROM stdin;\n": "text/plain",
    b"SET x = 1;\nCREATE TABLE t (a int);\n": "text/plain",
    b"-- MySQL dump 10.13\n-- PostgreSQL database dump\n": "application/x-mysqldump",
    b"note\n-- PostgreSQL database dump\n": "text/plain",
}


@pytest.mark.parametrize("text", TYPES)
def test_the_type_is_told_by_content(text):
    assert sniff.content_type(text) == TYPES[text]


WORDS = st.sampled_from(
    [
        b"COPY t (a, b) FROM stdin;\n",
        b"1\t2\n",
        b"\\N\t\\.\n",
        b"\\.\n",
        b"CREATE TABLE t (a int, b text);",
        b"INSERT INTO t VALUES ",
        b"(1,'x')",
        b",(2,E'\\'')",
        b";",
        b"\n",
        b"'",
        b'"',
        b"$$",
        b"$a$",
        b"/*",
        b"*/",
        b"--",
        b"\\! x\n",
        b"\\connect d\n",
        b"(",
        b")",
        b"SET client_encoding = 'SJIS';",
        b"\x83\\",
        b"\0",
        b"CREATE FUNCTION f() BEGIN ATOMIC ",
        b"END;",
        HEAD,
        TAIL,
        b"\r\n",
        b"::text",
        b"[",
        b"DO ",
    ]
)


def plain(pieces):
    """Return pieces so that they can be compared, rows one by one."""
    out = []
    for one in pieces:
        if isinstance(one, Batch):
            batch = (one.table, one.columns, one.charset)
            told = [values.tobytes() if hasattr(values, "tobytes") else values for values in one.rows]
            out.append((batch, told, one.rows.lengths.shape))
        else:
            out.append(one)
    return out


@settings(max_examples=400, deadline=None)
@given(
    st.lists(WORDS, max_size=25).map(b"".join) | st.binary(max_size=60),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_any_bytes_end_in_pieces_that_are_the_same_however_they_are_read(text, sizes):
    assert plain(pieces(text)) == plain(pieces(text, sizes))


LONG = 1 << 20
HOSTILE = {
    "open quote": b"CREATE TABLE t (" + b"''" * LONG + b"'",
    "open comments": b"/*" * LONG,
    "closed comments": b"/* /**/ */ " * (LONG // 8),
    "gaps": b"/* a */ " * (LONG // 8),
    "dollars": b"SELECT $a$" + b"$a" * LONG,
    "tags": b"SELECT " + b"$a" * LONG,
    "names": b"COPY " + b'"' * 100_001 + b" FROM stdin;\n",
    "list of names": b"COPY t (" + b"a" * 120_000 + b";\n",
    "list of spaces": b"COPY t (" + b"a " * 60_000 + b";\n",
    "quotes behind stdin": b"COPY t FROM stdin" + b" ''" * 40_000 + b"\n",
    "brackets": b"SELECT " + b"(" * LONG + b";",
    "backslashes": b"\\ " * LONG,
    "parents": b"CREATE TABLE t (a int) INHERITS (" + b"a,a." * 60_000 + b";\n",
    "remarks": b"-- PostgreSQL database dump\n" * (LONG // 28),
    "arguments": b"SELECT pg_catalog.setval(" + b"''" * LONG + b";",
    "statements": b"SELECT 1;" * (LONG // 90),
    "settings": b"SET search_path =" + b" " * LONG + b";",
    "columns": TABLE + b"COPY public.t (a, b) FROM stdin;\n" + b"\t" * (8 * LONG),
    "rows": TABLE + b"COPY public.t (a, b) FROM stdin;\n" + b"\n" * (8 * LONG),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_read_once(name):
    pieces(TABLE + COPY + b"SELECT 1;\nINSERT INTO public.t VALUES (1, 'x');")
    began = time.process_time()
    pieces(HOSTILE[name])
    assert time.process_time() - began < 8, "it takes a tenth of that; in 2^n ways or n^2 steps it would not end"


class Endless(io.RawIOBase):
    """A file of one line of so many bytes behind a start."""

    def __init__(self, start, byte, length, end):
        self.parts, self.byte, self.left, self.end = start, byte, length, end

    def read(self, many=-1):
        if self.parts:
            out, self.parts = self.parts, b""
            return out
        if self.left:
            out = self.byte * min(many, self.left)
            self.left -= len(out)
            return out
        out, self.end = self.end, b""
        return out


@pytest.mark.parametrize(
    "start",
    [b"COPY public.t (a, b) FROM stdin;\n1\t", b"INSERT INTO public.t VALUES (1, '", b"SELECT '", b"--", b"\\"],
)
def test_a_line_of_any_length_is_read_in_bounded_memory(start):
    tracemalloc.start()
    try:
        for _ in postgres.read(
            Endless(TABLE + start, b"x", 1 << 28, b"\n"), lambda _table, columns: [*range(len(columns))]
        ):
            pass
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
