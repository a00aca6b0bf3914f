"""``CREATE TABLE``: names and types of the columns. All else in it (keys, engines, checks) is passed over."""

from __future__ import annotations

import re
import typing as t

# Possessive, and an open quote or comment takes the rest: hostile bytes are read once, not once for each quote.
_NAME = r'(?:`(?:[^`]|``)*+`|"(?:[^"]|"")*+"|\[[^\]]*+\]|[\w$]++)'
_TABLE = re.compile(
    rf"\s*CREATE\s+(?:TEMPORARY\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME}(?:\s*\.\s*{_NAME})*)\s*\(",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"\s*({_NAME})\s*(.*)", re.DOTALL)
_NO_COLUMN = frozenset(
    ("PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "EXCLUDE", "LIKE")
) | {"PERIOD"}
_STANDARD_NO_COLUMN = frozenset(("PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN", "CHECK", "LIKE"))
"""Words that name no column unless in quotes. In PostgreSQL ``key`` and ``index`` are names as any other."""
_ENDS_TYPE = frozenset(
    ("NOT", "NULL", "DEFAULT", "AUTO_INCREMENT", "COMMENT", "COLLATE", "CHARACTER_SET", "CHARSET", "PRIMARY", "UNIQUE")
) | frozenset(
    ("KEY", "GENERATED", "ON", "REFERENCES", "CHECK", "VIRTUAL", "AS", "INVISIBLE", "STORAGE", "CONSTRAINT", "STORED")
)
_OF_TYPE = re.compile(
    r"\s*+(\((?:[^()']|'(?:[^'\\]|\\.|'')*+')*+\)|\[\d*\]|CHARACTER\s+SET\b|"
    r"(?:\w+|\"(?:[^\"]|\"\")*+\")(?:\.(?:\w+|\"(?:[^\"]|\"\")*+\"))*+|.)",
    re.DOTALL | re.IGNORECASE,
)
_PART = re.compile(
    r"'(?:[^'\\]|\\.?|'')*+(?:'|\Z)|\"(?:[^\"]|\"\")*+(?:\"|\Z)|`(?:[^`]|``)*+(?:`|\Z)|"
    r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|--[^\n]*+|[(),]|[^'\"`(),/-]++|.",
    re.DOTALL,
)
_STANDARD_PART = re.compile(
    r"(?<=\b[Ee])'(?:[^'\\]|\\.?|'')*+(?:'|\Z)|'(?:[^']|'')*+(?:'|\Z)|\"(?:[^\"]|\"\")*+(?:\"|\Z)|"
    r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|--[^\n]*+|[(),]|[^'\"(),/-]++|.",
    re.DOTALL,
)


class Column(t.NamedTuple):
    """A column as the dump declares it."""

    name: str
    type: str


class Created(t.NamedTuple):
    """A table as the dump declares it."""

    name: str
    """With its schema before it where it has one: ``public.users``."""
    columns: list[Column]
    next: int = 0
    """``AUTO_INCREMENT``; 0 where it is not said."""
    place: int = 0
    """Byte of the dump at which the statement begins."""


_NEXT = re.compile(r"\bAUTO_INCREMENT\s*=\s*(\d{1,18})\b", re.IGNORECASE)


def created(statement: str, place: int = 0, *, standard: bool = False) -> Created | None:
    """Return the table that a statement creates; None where it creates none, or columns of a query.

    ``standard``: as PostgreSQL writes it: a backslash is a letter as any other, and keys are no parts of a table.
    """
    found = _TABLE.match(statement)
    if not found:
        return None
    parts = _parts(statement, found.end(), _STANDARD_PART if standard else _PART)
    columns = [made for part in parts if (made := _column(part, _STANDARD_NO_COLUMN if standard else _NO_COLUMN))]
    said = _NEXT.search(statement, statement.rfind(")"))
    return Created(dotted(found[1]), columns, int(said[1]) if said else 0, place)


def dotted(name: str) -> str:
    """Return a name, qualified or not, without its quotes."""
    return ".".join(names(name))


def names(text: str) -> list[str]:
    """Return the names that stand in a text, without their quotes."""
    return [plain(one) for one in re.findall(_NAME, text)]


def plain(name: str) -> str:
    """Return one name without its quotes."""
    if name[:1] in ("`", '"'):
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name[:1] == "[" else name


def _parts(statement: str, start: int, pattern: re.Pattern[str]) -> t.Iterator[str]:
    """Yield what stands between the commas of the outermost brackets."""
    depth, held = 0, ""
    for found in pattern.finditer(statement, start):
        one = found[0]
        if one.startswith(("/*", "--")):
            continue
        if not depth and one in (",", ")"):
            yield held
            held = ""
            if one == ")":
                return
            continue
        depth += (one == "(") - (one == ")")
        held += one


def _column(part: str, no_column: frozenset[str]) -> Column | None:
    found = _FIRST.match(part)
    if not found or found[1].upper() in no_column:  # a column of such a name stands in quotes
        return None
    held = ""
    for one in _OF_TYPE.finditer(found[2]):
        if re.sub(r"\s+", "_", one[1]).upper() in _ENDS_TYPE:
            break
        held += one[1] if one[1][0] in "([" or not held else f" {one[1]}"
    return Column(plain(found[1]), " ".join(held.split()))
