"""Dumps saved as UTF-16: told by their mark, read as the same in UTF-8."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cell.dumps.readings import Cut, every, odd, rows
from vigie.cell import sniff
from vigie.cell.dumps.pieces import Created, Odd
from vigie.cell.dumps.readers import READERS

MYSQL = """-- MySQL dump 10.13  Distrib 8.0.36, for Win64 (x86_64)
CREATE TABLE `users` (`id` int, `name` text) ENGINE=InnoDB;
INSERT INTO `users` VALUES (1,'J\u00fcrgen; \U0001f600'),(2,'it\\'s\\n'),(3,NULL);
-- Dump completed on 2026-01-01
"""
POSTGRES = """--
-- PostgreSQL database dump
--
CREATE TABLE public.users (id integer, name text);
COPY public.users (id, name) FROM stdin;
1\tJ\u00fcrgen; \U0001f600
2\tit's\\n
3\t\\N
\\.
"""
DUMPS = {"application/x-mysqldump": (MYSQL, "users"), "application/x-pgdump": (POSTGRES, "public.users")}


def told(content):
    return sniff.content_type(content[: sniff.HEAD_BYTES], tail=content[-512:], size=len(content))


@pytest.mark.parametrize("kind", DUMPS)
@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_same_rows(kind, order, end):
    text, table = DUMPS[kind]
    plain = text.encode()
    content = ("\ufeff" + text.replace("\n", end)).encode(f"utf-16-{order}")
    assert told(plain) == told(content) == kind
    expected = list(READERS[kind](io.BytesIO(plain), every))
    for file in (io.BytesIO(content), Cut(content, 3)):
        pieces = list(READERS[kind](file, every))
        assert [row for _, row in rows(pieces, table)] == [row for _, row in rows(expected, table)]
        assert odd(pieces) == [*odd(expected), "charset"][::-1]
        assert pieces[0] == Odd("charset", "it is UTF-16; bytes are counted in its text as UTF-8", 0)
    (made,) = [one for one in pieces if isinstance(one, Created)]
    assert text.replace("\n", end).encode()[made.place :].startswith(b"CREATE TABLE")


def test_text_that_is_no_dump_stays_text():
    assert told("\ufeffselect * from users; -- no dump\n".encode("utf-16-le")) == "text/plain"


@given(st.binary(max_size=300), st.sampled_from(sorted(READERS)))
@settings(deadline=None)
def test_any_bytes(content, kind):
    for mark in (b"\xff\xfe", b"\xfe\xff"):
        told(mark + content)
        list(READERS[kind](io.BytesIO(mark + content), every))
        list(READERS[kind](io.BytesIO(mark + MYSQL.encode("utf-16-le") + content), every))
