"""Dumps that Debian's PostgreSQL writes, in all its ways: each value is the one that the server holds."""

import functools
import itertools

import pytest

from cell.dumps import postgres_server
from vigie.cell import sniff
from vigie.cell.dumps import charsets
from vigie.cell.dumps.pieces import Batch, Created, Odd, Said
from vigie.cell.dumps.readers import READERS
from vigie.numeric.tuples import NULL

pytestmark = pytest.mark.skipif(not postgres_server.INITDB, reason=postgres_server.MISSING)

TEXTS = (
    "plain", "", "it's \"quoted\"", "back\\slash\\", "a\nb\r\nc\td\x01e\x1a\b\f\v", "\\N", "\\.", "\\x41 \\101 E'\\n'",
    "-- no comment; /* nor this */ $$", "),('2',", "翔 😀 \u202etfel é", "x" * 70_000, "NULL",
    "\\.\nCOPY x FROM stdin;\n", "tab\t", "\n",
)  # fmt: skip
NAME = '"Odd.schema"."It\'s; ""so"""'
TABLE = f"""
CREATE SCHEMA "Odd.schema";
CREATE TYPE mood AS ENUM ('a', 'b,c', 'd''e');
CREATE TABLE {NAME} (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Upper ""Case"" it" text, key text DEFAULT '\\' NOT NULL,
  bytes bytea,
  document jsonb, plain json, list text[], grid integer[], price numeric(20,6), real double precision, gone boolean,
  at timestamptz, day date, span interval, ip inet, net cidr, uuid uuid, mood mood, bits bit(5), padded char(6),
  made text GENERATED ALWAYS AS (key || '!') STORED, nothing text, "a.b" xml, CHECK (price >= -1000));
CREATE TABLE empty (index int, period text, "check" text);
CREATE TABLE none ();
INSERT INTO none DEFAULT VALUES;
CREATE TABLE child (extra text) INHERITS (empty);
INSERT INTO child VALUES (1, 'x', 'y', 'z');
CREATE TABLE whole (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10);
INSERT INTO whole VALUES (1, 'in a part');
CREATE TABLE latin (a text);
INSERT INTO latin VALUES ('é \\ ÿ'), (E'\\t');
CREATE TABLE kanji (a text, b text);
INSERT INTO kanji VALUES ('表ソ\\', 'ｱ\\'), ('''表''', E'\\t表');
CREATE TABLE han (a text);
INSERT INTO han VALUES ('功\\'), ('許''');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN PERFORM ';'; COPY empty FROM '/x'; END $x$;
CREATE FUNCTION g(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 2 ELSE 3 END; SELECT 2; END;
CREATE TRIGGER t BEFORE INSERT ON empty FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE r AS ON INSERT TO none DO ALSO (SELECT 1; SELECT 2);
CREATE VIEW seen AS SELECT id FROM {NAME};
CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a;
COMMENT ON TABLE empty IS 'with ; and '' and \\ and $$';
GRANT SELECT ON empty TO public;
SELECT lo_from_bytea(0, '\\x0102'), lo_from_bytea(0, '\\x03');
"""
REALS = ("1e300", "1.5", "'NaN'", "'-Infinity'")
DAYS = ("2020-01-02", "infinity", "-infinity", "0044-03-15 BC")
COLUMNS = (
    '"Upper ""Case"" it"', "key", "bytes", "document", "plain", "list", "grid", "price", "real", "gone", "at", "day",
    "span", "ip", "net", "uuid", "mood", "bits", "padded", "nothing", '"a.b"',
)  # fmt: skip
WAYS = {
    "plain": [],
    "named database": ["--create", "--clean", "--if-exists"],
    "inserts": ["--inserts"],
    "named columns": ["--column-inserts"],
    "rows together": ["--rows-per-insert=5", "--on-conflict-do-nothing"],
    "no rights": ["--no-owner", "--no-privileges", "--no-comments", "--verbose"],
    "all quoted": ["--quote-all-identifiers"],
    "data alone": ["--data-only", "--disable-triggers"],
    "custom": ["-Fc"],
    "custom, not packed": ["-Fc", "-Z0"],
    "custom, best": ["-Fc", "-Z9"],
    "custom inserts": ["-Fc", "--column-inserts"],
}


def filled(server):
    """Make a database that holds what is hard to write."""
    server.do("CREATE DATABASE forum", "postgres")
    rows = []
    for number, text in enumerate(TEXTS):
        told = f"convert_from('\\x{text.encode().hex()}', 'UTF8')"
        address = f"192.0.2.{number}/24" if number % 2 else f"2001:db8::{number}"
        rows.append(
            f"({told}, {told}, '\\x{bytes(range(256)).hex()}{'00' * number}', jsonb_build_array({told}, 1.50),"
            f" to_json({told}), ARRAY[{told}, NULL, 'a,b'], '{{{{1,2}},{{3,NULL}}}}', {number}.000001,"
            f" {REALS[number % 4]}, {number % 2 == 0}, '{DAYS[number % 4]}',"
            f" '{DAYS[number % 4]}', '{number} days 01:02:03', '{address}', '{'10.0.0.0/8' if number % 2 else '::/0'}',"
            f" md5({told})::uuid, 'b,c', B'10{number % 2}01', 'ab', NULL,"
            f" xmlelement(name a, {told if text.isprintable() else 'NULL'}))"
        )
    server.do(TABLE + f"INSERT INTO {NAME} ({', '.join(COLUMNS)}) VALUES {', '.join(rows)};")


@pytest.fixture(scope="module")
def server():
    with postgres_server.running() as one:
        filled(one)
        yield one


def read(text, folder):
    """Return rows by table as [{column: (kind, value)}], and all other pieces, of what is told by content alone."""
    rows, others, path = {}, [], folder / "dump"
    path.write_bytes(text)
    with path.open("rb") as file:
        for piece in READERS[sniff.content_type(text[: sniff.HEAD_BYTES])](
            file, lambda _name, all_: [*range(len(all_))]
        ):
            if not isinstance(piece, Batch):
                others.append(piece)
                continue
            at = 0
            for lengths, kinds in zip(piece.rows.lengths.tolist(), piece.rows.kinds.tolist(), strict=True):
                row = {}
                for column, length, kind in zip(piece.columns, lengths, kinds, strict=True):
                    row[column.name] = (kind, piece.rows.values[at : at + length].tobytes())
                    at += length
                rows.setdefault(piece.table, []).append(row)
            assert at == len(piece.rows.values)
    return rows, others


def charset(text, folder):
    """Return the character set of the first rows."""
    (folder / "dump").write_bytes(text)
    with (folder / "dump").open("rb") as file:
        reader = READERS[sniff.content_type(text[: sniff.HEAD_BYTES])]
        return next(one.charset for one in reader(file, lambda _name, _all: [0]) if isinstance(one, Batch))


@functools.cache
def truth(server, column, table=NAME):
    """Return what the server holds of a column, as it writes it."""
    told = (
        f"CASE WHEN {column} IS NOT NULL THEN encode(convert_to(format('%s', {column}), 'UTF8'), 'hex') ELSE 'none' END"
    )
    return server.do(
        f"SELECT {told} FROM {table} ORDER BY id" if table == NAME else f"SELECT {told} FROM {table}"
    ).split("\n")[:-1]


@pytest.mark.parametrize("way", WAYS)
def test_values_are_those_of_the_server(server, tmp_path, way):
    rows, others = read(server.run("pg_dump", *WAYS[way]), tmp_path)
    before = "forum." if way == "named database" else ""
    found = rows[f'{before}Odd.schema.It\'s; "so"']
    assert len(found) == len(TEXTS)
    for column in COLUMNS:
        name = column.strip('"').replace('""', '"')
        for row, right in zip(found, truth(server, column), strict=True):
            kind, value = row[name]
            if right == "none":
                assert (kind, value) == (NULL, b"")
            else:
                assert kind != NULL
                assert value.hex() == right, (name, value[:80])
    assert rows[f"{before}public.part"][0]["b"][1] == b"in a part"
    assert [value for _, value in rows[f"{before}public.child"][0].values()] == [b"1", b"x", b"y", b"z"]
    odd = [one for one in others if isinstance(one, Odd) and one.code != "executable"]
    large = [one.detail for one in odd if "large objects" in one.detail]
    assert large == ["2 large objects are passed over"]
    # of a table without columns: no VALUES (...) can be written, and without CREATE TABLE nothing says that it has none
    assert len(odd) - len(large) == (way == "data alone" or any("insert" in one for one in WAYS[way]))
    made = {
        one.name: [(name, type_.replace('"', "")) for name, type_ in one.columns]
        for one in others
        if isinstance(one, Created)
    }
    if way == "data alone":
        return
    assert made[f"{before}public.empty"] == [("index", "integer"), ("period", "text"), ("check", "text")]
    assert made[f"{before}public.child"][-1] == ("extra", "text")
    assert made[f"{before}public.none"] == []
    assert dict(made[f'{before}Odd.schema.It\'s; "so"'])["mood"] == "public.mood"
    assert len(made) == 9
    acts = [one.detail.split()[3] for one in others if isinstance(one, Odd) and one.code == "executable"]
    assert acts == ["FUNCTION", "FUNCTION", "RULE", "TRIGGER"]


@pytest.mark.parametrize("how", [[], ["--inserts"], ["-Fc"]])
@pytest.mark.parametrize(
    ("encoding", "table", "codec"),
    [
        ("LATIN1", "latin", "iso8859_1"),
        ("SJIS", "kanji", "cp932"),
        ("BIG5", "han", "big5"),
        ("EUC_JP", "kanji", "euc_jp"),
    ],
)
def test_text_is_told_in_its_character_set(server, tmp_path, how, encoding, table, codec):
    text = server.run("pg_dump", "-E", encoding, "-t", table, *how)
    assert charsets.codec(charset(text, tmp_path)) == codec
    found = read(text, tmp_path)[0][f"public.{table}"]
    for name in found[0]:
        values = [row[name][1].decode(codec).encode().hex() for row in found]
        assert sorted(values) == sorted(truth(server, name, table))


def test_a_cluster_keeps_its_databases_apart(server, tmp_path):
    server.do("CREATE DATABASE \"other; 'one' \\ \"", "postgres")
    server.do(
        "CREATE TABLE latin (b int); INSERT INTO latin VALUES (7); CREATE ROLE r PASSWORD 'secret'", "other; 'one' \\ "
    )
    try:
        rows, others = read(server.run("pg_dumpall"), tmp_path)
    finally:
        server.do("DROP DATABASE \"other; 'one' \\ \"", "postgres")
        server.do("DROP ROLE r", "postgres")
    assert [row["b"][1] for row in rows["other; 'one' \\ .public.latin"]] == [b"7"]
    assert len(rows["forum.public.latin"]) == 2
    told = [one.detail for one in others if isinstance(one, Odd)]
    assert any(one.startswith("not executed: ALTER ROLE r ") for one in told)
    assert not any("secret" in one or "SCRAM" in one or "client" in one for one in told)
    assert (
        Said(
            "PostgreSQL database cluster dump complete",
            next(one.place for one in others[::-1] if isinstance(one, Said)),
        )
        in others
    )


@pytest.mark.parametrize("way", ["plain", "inserts", "rows together", "custom", "custom, not packed"])
def test_a_cut_dump_says_so_wherever_it_is_cut(server, tmp_path, way):
    whole = server.run("pg_dump", *WAYS[way])
    end = len(whole) - (600 if not way.startswith("custom") else 1)
    for cut in itertools.islice(range(600, end, len(whole) // 60), 60):
        _, others = read(whole[:cut], tmp_path)
        assert any(isinstance(one, Odd) and one.code == "truncated" for one in others), cut


def test_escapes_that_no_dump_writes_mean_what_the_server_takes_them_for(server, tmp_path):
    fields = (
        r"\101\x41\x4\18\8",
        r"\1011",
        r"\xg\q",
        r"\Nx",
        r"x\N",
        "a\\\nb",
        r"\N",
        "",
        r"\e\a\'",
        r"\_",
        r"\\N",
    )
    text = "COPY escapes (id, a) FROM stdin;\n" + "".join(f"{at}\t{one}\n" for at, one in enumerate(fields)) + "\\.\n"
    server.do("CREATE TABLE escapes (id int, a text);\n" + text)
    rows, _ = read(text.encode(), tmp_path)
    want = truth(server, "a", "escapes")
    server.do("DROP TABLE escapes")
    assert [value.hex() if kind else "none" for kind, value in (row["a"] for row in rows["escapes"])] == want


@pytest.mark.parametrize("form", ["-Ft", "-Fd"])
def test_rows_that_lie_beside_are_named(server, tmp_path, form):
    path = server.folder / f"other{form}"
    server.run("pg_dump", form, "-f", str(path))
    text = path.read_bytes()[512:] if form == "-Ft" else (path / "toc.dat").read_bytes()
    assert sniff.content_type(text) == "application/x-pgdump-toc"
    rows, others = read(text, tmp_path)
    assert not rows
    assert len([one for one in others if isinstance(one, Created)]) >= 8
    beside = [one for one in others if isinstance(one, Odd) and one.code == "beside"]
    assert len(beside) == 1
    assert "pg_restore -f" in beside[0].detail


def test_what_the_advice_says_does_work(server, tmp_path):
    path = server.folder / "advice"
    server.run("pg_dump", "-Ft", "-f", str(path))
    server.run("pg_restore", "-f", "out.sql", str(path))
    text = (server.folder / "out.sql").read_bytes()
    assert read(text, tmp_path)[0].keys() == read(server.run("pg_dump"), tmp_path)[0].keys()
