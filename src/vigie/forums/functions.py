"""The functions of a mapping: a closed list. Each says what it takes, and how it is said in SQL."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.forums import addresses
from vigie.forums import conversions as sql
from vigie.kernel.errors import UsageError

TEXT: t.Final = "text"
NUMBER: t.Final = "number"
FLAG: t.Final = "flag"
TIME: t.Final = "time"
BYTES: t.Final = "bytes"
"""Only of a column, which is then read as it lies there."""
ADDRESS: t.Final = "address"
"""Only of a column, which then comes as IP addresses in their shortest form."""
THERE: t.Final = "there"
"""Only of a column, of which it comes whether something stands there, and nothing more."""
LITERAL: t.Final = "literal"
"""Text that stands in the mapping itself."""
SAME: t.Final = "same"
"""Any kind, the same for all."""
LISTED: t.Final = "list"
"""Texts, each of which makes a row of its own."""


class Function(msgspec.Struct, frozen=True):
    """One function: kinds of what it takes, kind of what it gives, SQL of both."""

    takes: tuple[str, ...]
    gives: str
    sql: t.Callable[..., str]
    help: str
    many: bool = False
    """The last of what it takes may stand any number of times more."""


MOST_PARTS: t.Final = 10_000
"""Rows that one row of a dump may make by one rule."""


def _parts(found: str) -> str:
    return f"list_slice(list_filter({found}, lambda part: trim(part) <> ''), 1, {MOST_PARTS})"


def _found(pattern: str) -> t.Callable[[str], str]:
    return lambda x: _parts(f"regexp_extract_all({x}, {sql.text(pattern)}, 1)")


def _first(*given: str) -> str:
    return f"coalesce({', '.join(given)})"


def _digest(raw: str) -> str:
    def body(b: str) -> str:
        digits = f"regexp_full_match({b}::varchar, '[0-9a-fA-F]*')"
        return f"""case
            when {digits} and octet_length({b}) in (32, 40, 64) then lower({b}::varchar)
            when not {digits} and octet_length({b}) in (16, 20, 32) then lower(hex({b})) else '' end"""

    return sql.once(raw, body)


def _bytea(x: str) -> str:
    return f"case when regexp_full_match({x}, '\\\\x(?:[0-9a-fA-F]{{2}})*') then lower(substr({x}, 3)) else '' end"


def _json(x: str, name: str) -> str:
    path = f"'/' || replace(replace({name}, '~', '~0'), '/', '~1')"  # RFC 6901
    return f"json_extract_string(try_cast({x} as json), {path})"


def _quotient(x: str, by: str) -> str:
    return sql.once(x, lambda v: f"case when {by} > 0 and {v} >= 0 then {v} // {by} end")


def _ip_int(raw: str) -> str:
    """Take bytes: a column that holds packed addresses instead is no text, and nobody is to be told of that."""
    return addresses.ip_int(sql.integer(f"{raw}::varchar"))


def _piece(x: str, by: str, number: str) -> str:
    return f"string_split({x}, {by})[{number}]"


_F = Function
FUNCTIONS: t.Final[dict[str, Function]] = {
    "unix": _F((NUMBER,), TIME, lambda x: sql.unix(x, 1), "time from seconds since 1970"),
    "unix_ms": _F((NUMBER,), TIME, lambda x: sql.unix(x, 1000), "time from milliseconds since 1970"),
    "datetime": _F((TEXT,), TIME, sql.datetime, "time as MySQL and PostgreSQL write it; without a zone it is UTC"),
    "iso": _F((TEXT,), TIME, sql.datetime, "the same as datetime"),
    "ip": _F((ADDRESS,), TEXT, lambda x: x, "address from text, or from 4 or 16 bytes"),
    "ip_int": _F((BYTES,), TEXT, _ip_int, "IPv4 address from a number"),
    "text": _F((TEXT,), TEXT, lambda x: x, "as it stands"),
    "lower": _F((TEXT,), TEXT, lambda x: f"lower({x})", "in small letters"),
    "trim": _F((TEXT,), TEXT, lambda x: f"trim({x}, {sql.BLANKS})", "without blanks at its ends"),
    "html": _F((TEXT,), TEXT, sql.html, "entities such as &quot; written out"),
    "concat": _F((TEXT,), TEXT, lambda *xs: f"concat({', '.join(xs)})", "put together", many=True),
    "coalesce": _F((SAME,), SAME, _first, "the first that says something", many=True),
    "nonzero": _F((TEXT,), TEXT, lambda x: f"nullif({x}, '0')", "'' for 0"),
    "flag": _F((TEXT,), FLAG, sql.flag, "true or false from 1, 0, t, f, yes, no ..."),
    "present": _F((THERE,), FLAG, lambda x: f"(coalesce({x}, '') <> '')", "true where something stands"),
    "integer": _F((TEXT,), NUMBER, sql.integer, "whole number"),
    "quotient": _F((NUMBER, NUMBER), NUMBER, _quotient, "how often the second goes into the first"),
    "bit": _F((NUMBER, NUMBER), FLAG, lambda x, bit: f"(({x} & {bit}) <> 0)", "is this bit set?"),
    "hex": _F((BYTES,), TEXT, lambda x: f"lower(hex({x}))", "bytes as hex digits"),
    "bytea": _F((TEXT,), TEXT, _bytea, "hex digits of a PostgreSQL bytea"),
    "digest": _F((BYTES,), TEXT, _digest, "MD5, SHA-1 or SHA-256 from hex digits or bytes"),
    "spread": _F((TEXT,), TEXT, lambda x: f"array_to_string(string_split({x}, ''), '/')", "312 as 3/1/2"),
    "piece": _F((TEXT, LITERAL, NUMBER), TEXT, _piece, "the nth part, from 1"),
    "json": _F((TEXT, LITERAL), TEXT, _json, "member of a JSON object"),
    "when": _F((FLAG, SAME, SAME), SAME, lambda c, a, b: f"case when {c} then {a} else {b} end", "one or the other"),
    "contains": _F((TEXT, TEXT), FLAG, lambda x, y: f"contains({x}, {y})", "the second stands in the first"),
    "starts": _F((TEXT, TEXT), FLAG, lambda x, y: f"starts_with({x}, {y})", "the first begins with the second"),
    "split": _F((TEXT, LITERAL), LISTED, lambda x, by: _parts(f"string_split({x}, {by})"), "a row for each part"),
    "phpbb_users": _F((TEXT,), LISTED, _found("(?:^|:)u_([0-9]+)"), "accounts in u_2:u_5:g_7"),
    "phpbb_groups": _F((TEXT,), LISTED, _found("(?:^|:)g_([0-9]+)"), "groups in u_2:u_5:g_7"),
    "php_ids": _F((TEXT,), LISTED, _found('i:[0-9]+;(?:s:[0-9]+:"|i:)([0-9]+)'), "numbers in a list that PHP wrote"),
    "php_keys": _F((TEXT,), LISTED, _found("i:([0-9]+);s:[0-9]+:"), "numbers to which a text belongs, as PHP wrote it"),
}  # fmt: skip


def known(name: str) -> Function:
    """Return a function by name. Errors: UsageError that names all."""
    if name not in FUNCTIONS:
        raise UsageError(f"there is no function {name!r}; known: {', '.join(sorted(FUNCTIONS))}")
    return FUNCTIONS[name]
