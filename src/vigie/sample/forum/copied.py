"""Dumps as ``pg_dump`` writes them in plain form: tables, then their rows as COPY text, then their keys.

Form: what pg_dump 15.18 writes; rows as in PostgreSQL's documentation of COPY, "Text Format".
"""

import typing as t
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import numpy as np

from vigie.sample.forum.dump import Declared, Values

_HEAD = """--
-- PostgreSQL database dump
--

\\restrict {token}

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;
"""
_TAIL = """

--
-- PostgreSQL database dump complete
--

\\unrestrict {token}

"""
_APART = "\x02"
_ESCAPES = tuple(
    (raw, b"\\" + put)
    for raw, put in (
        (b"\\", b"\\"), (b"\b", b"b"), (b"\f", b"f"), (b"\n", b"n"), (b"\r", b"r"), (b"\t", b"t"), (b"\v", b"v"),
    )
)  # fmt: skip
_NULL = b"\\N"


class Copied:
    """Writes one dump into a binary file; tables that nothing is written into stand there empty."""

    def __init__(self, out: t.IO[bytes], tables: dict[str, Declared], *, owner: str, token: str) -> None:
        self._out, self._tables, self._owner, self._token = out, tables, owner, token
        self._left = sorted(tables)
        self.rows: dict[str, int] = {}
        """Rows written so far by table."""
        self._say(_HEAD.format(token=token))
        for name in self._left:
            columns = ",\n".join(f"    {one.name} {one.line}" for one in tables[name].columns)
            self._comment(name, "TABLE")
            self._say(f"CREATE TABLE public.{name} (\n{columns}\n);\n\n\nALTER TABLE public.{name} OWNER TO {owner};\n")

    def table(self, name: str, parts: Iterable[dict[str, Values]]) -> None:
        """Write the rows of a table; a column that a part does not give is null.

        Tables come in the order of their names: ValueError otherwise.
        """
        if name not in self._left:
            raise ValueError(f"table {name} is written out of its turn, or is not declared")
        while self._left[0] != name:
            self._data(self._left.pop(0), ())
        self._data(self._left.pop(0), parts)

    def end(self) -> None:
        """Write the tables that are left, keys, and the trailer."""
        while self._left:
            self._data(self._left.pop(0), ())
        for name in sorted(self._tables):
            key = f"{name}_pkey"
            self._comment(f"{name} {key}", "CONSTRAINT")
            first = self._tables[name].columns[0].name
            self._say(f"ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT {key} PRIMARY KEY ({first});\n")
        self._say(_TAIL.format(token=self._token))

    def _data(self, name: str, parts: Iterable[dict[str, Values]]) -> None:
        table = self._tables[name]
        self._comment(name, "TABLE DATA")
        self._say(f"COPY public.{name} ({', '.join(one.name for one in table.columns)}) FROM stdin;\n")
        self.rows[name] = 0
        for part in parts:
            rows = list(_lines(table, part))
            self.rows[name] += len(rows)
            self._out.write(b"".join(rows))
        self._say("\\.\n\n")

    def _comment(self, name: str, kind: str) -> None:
        word = "Data for Name" if kind == "TABLE DATA" else "Name"
        self._say(f"\n--\n-- {word}: {name}; Type: {kind}; Schema: public; Owner: {self._owner}\n--\n\n")

    def _say(self, text: str) -> None:
        self._out.write(text.encode())


def _lines(table: Declared, given: dict[str, Values]) -> Iterator[bytes]:
    unknown = set(given) - {one.name for one in table.columns}
    if unknown:
        raise ValueError(f"table {table.name} has no column {sorted(unknown)}")
    places: list[bytes] = []
    columns: list[t.Sequence[t.Any]] = []
    for one in table.columns:
        value = given.get(one.name)
        if value is None or isinstance(value, str | int | bytes | Decimal):
            places.append(_plain([value])[0].replace(b"%", b"%%"))
        elif isinstance(value, np.ndarray):
            places.append(b"%d")
            columns.append(value.tolist())
        else:
            places.append(b"%b")
            columns.append(_plain(value))
    return ((b"\t".join(places) + b"\n") % row for row in zip(*columns, strict=True))


def _plain(values: Sequence[t.Any]) -> list[bytes]:
    """Return values as COPY has them: truth as t and f, nothing as backslash N."""
    if set(map(type, values)) == {str}:
        return _escaped(values)
    return [_single(one) for one in values]


def _single(one: str | bool | int | None) -> bytes:
    if one is None:
        return _NULL
    if isinstance(one, bool):
        return b"t" if one else b"f"
    return b"%d" % one if isinstance(one, int) else _escaped([one])[0]


def _escaped(texts: Sequence[str]) -> list[bytes]:
    whole = _APART.join(texts).encode()
    for raw, put in _ESCAPES:
        whole = whole.replace(raw, put)
    return whole.split(_APART.encode())
