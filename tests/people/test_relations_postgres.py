"""PostgreSQL's dumps in a case, through the real sandbox: their tables, and what is odd in them."""

import gzip
import io
import tarfile
import zlib

import pytest

from cell.dumps import test_postgres_custom as custom
from drive import main
from kernel.conftest import new_case
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.rows.artefacts import Field, File, Relation
from vigie.rows.problems import Problem

PLAIN = b"""--
-- PostgreSQL database dump
--

\\restrict abc

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.users (
    id integer NOT NULL,
    username character varying(60),
    key text DEFAULT '\\'::text
);

CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;

COPY public.users (id, username, key) FROM stdin;
1\tann\\tb\t\\N
2\tbo\tx
3\tshort
\\.

--
-- PostgreSQL database dump complete
--

\\unrestrict abc
"""
LISTED = custom.head(form=3) + custom.number(2)
LISTED += custom.entry(1, b"TABLE", b"t", custom.TABLE, file=b"")
LISTED += custom.entry(2, b"TABLE DATA", b"t", b"", custom.COPY, file=b"3400.dat")


def tar():
    """Make what ``pg_dump -Ft`` makes: the table of contents, the rows of each table, and a script."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        script = b"--\n-- NOTE:\n--\nCOPY public.t (a, b) FROM '$$PATH$$/3400.dat';\n"
        for name, body in {"toc.dat": LISTED, "3400.dat": custom.ROWS, "restore.sql": script}.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


FILES = {
    "forum.sql": (PLAIN, {"public.users": 2}, {"not_executed", "misfit"}),
    "forum.sql.gz": (gzip.compress(PLAIN), {"public.users": 2}, {"not_executed", "misfit"}),
    "forum.dump": (custom.archive(custom.block(3, zlib.compress(custom.ROWS))), {"public.t": 2}, set()),
    "forum.tar": (tar(), {"public.t": 0}, {"beside"}),
    "cut.sql": (PLAIN[: PLAIN.index(b"2\tbo")], {"public.users": 1}, {"not_executed", "truncated"}),
    "cut.dump": (custom.archive(custom.block(3, zlib.compress(custom.ROWS)))[:-12], {"public.t": 2}, {"damaged"}),
    "shell.sql": (PLAIN + b"\\! touch /tmp/x\n", {"public.users": 2}, {"not_executed", "misfit"}),
    "nothing.sql": (PLAIN[:34], {}, {"decode_error", "truncated"}),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    (folder / "server").mkdir()
    for name, (body, _, _) in FILES.items():
        (folder / "server" / name).write_bytes(body)
    main(new_case(folder / "case"), [str(folder / "server")], only=("originals", "files", "relations"))
    return Case.open(folder / "case")


def dump(case, name):
    """Return the database of a file, or in it."""
    found = [one for one in case.read(File).rows() if one.kind == "database"]
    return next(one for one in found if one.locator.removeprefix("server!").split("!")[0] == name)


@pytest.mark.parametrize("name", FILES)
def test_tables_rows_and_what_is_odd(case, name):
    _, tables, codes = FILES[name]
    file = dump(case, name)
    assert {one.name: one.rows for one in case.read(Relation).rows() if one.content == file.sha256} == tables
    problems = {one.code for one in case.read(Problem).rows() if one.stage == "relations" and one.unit == file.sha256}
    assert problems == codes


def test_what_a_table_is(case):
    file = dump(case, "forum.sql")
    users = next(one for one in case.read(Relation).rows() if one.content == file.sha256)
    assert (users.dialect, users.misfits, users.fields) == ("postgres", 1, 3)
    assert PLAIN[users.place :].startswith(b"CREATE TABLE public.users")
    fields = [one for one in case.read(Field).rows() if one.content == file.sha256]
    assert [(one.name, one.type) for one in sorted(fields, key=lambda one: one.number)] == [
        ("id", "integer"),
        ("username", "character varying(60)"),
        ("key", "text"),
    ]
    dialects = {one.dialect for one in case.read(Relation).rows()}
    assert dialects == {"postgres", "postgres-custom", "postgres-directory"}


def test_nothing_is_lost(case):
    balance = next(one for one in check(case).balances if one.name == "relations")
    assert balance.state == "holds"
