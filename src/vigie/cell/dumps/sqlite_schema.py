"""``CREATE TABLE`` as SQLite keeps it: the columns, and where in its records their values stand.

SQLite writes down no layout but this text: which column is the row's number, which are computed and not stored, what a
row has that is older than a column, and in which order a table without row numbers lays its values
(https://sqlite.org/lang_createtable.html, withoutrowid.html, gencol.html, lang_altertable.html).
"""

from __future__ import annotations

import itertools
import re
import typing as t

import numpy as np

from vigie.cell.dumps.create import Column
from vigie.numeric.sqlite_records import Layout
from vigie.numeric.tuples import BARE, BYTES, NULL, TEXT

# Possessive, and an open quote or comment takes the rest: hostile bytes are read once, not once for each quote.
_TOKEN = re.compile(
    r"(?P<gap>\s++|--[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)|(?P<blob>[xX]'[0-9A-Fa-f]*+')|"
    r"(?P<quoted>'(?:[^']|'')*+'?|\"(?:[^\"]|\"\")*+\"?|`(?:[^`]|``)*+`?|\[[^\]]*+\]?)|"
    r"(?P<number>0[xX][0-9A-Fa-f]++|(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?)|(?P<word>[\w$]++)|(?P<sign>.)",
    re.DOTALL,
)
_CONSTRAINTS: t.Final = frozenset(
    "CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS".split()  # noqa: SIM905 - one line
)
_OF_TABLE: t.Final = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))


class Token(t.NamedTuple):
    """A word, a name, a value or a sign."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """Return a word that stands without quotes, in capitals; else nothing."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """Return it without its quotes."""
        if self.kind != "quoted":
            return self.text
        quote = "]" if self.text[0] == "[" else self.text[0]
        inner = self.text[1 : -1 if len(self.text) > 1 and self.text.endswith(quote) else None]
        return inner if quote == "]" else inner.replace(quote * 2, quote)


class Table(t.NamedTuple):
    """A table, and how its records are read."""

    columns: list[Column]
    """Those that are stored."""
    source: list[int]
    """Which field of a record each is; -1: the row's number."""
    missing: list[tuple[int, bytes]]
    """Of each: kind and bytes of the value that a row has which is older than the column."""
    keyed: bool
    """Does it lie in an index: ``WITHOUT ROWID``?"""
    computed: list[str]
    """Columns that are computed and not stored."""

    def layout(self, kept: list[int], encoding: str) -> Layout:
        """Return the layout of the columns of these numbers, in a file whose text is in an encoding."""
        source = np.array([self.source[one] for one in kept], np.int64)
        missing = [
            (kind, text.decode().encode(encoding) if kind == TEXT else text)
            for kind, text in (self.missing[one] for one in kept)
        ]
        return Layout(source, len(self.columns), missing)


class _Declared(t.NamedTuple):
    column: Column
    primary: bool
    descending: bool
    computed: bool
    missing: tuple[int, bytes]


def table(sql: str) -> Table | None:
    """Return what a statement of the schema declares; None where it is no ``CREATE TABLE`` with columns."""
    tokens = [Token(one.lastgroup or "", one[0]) for one in _TOKEN.finditer(sql) if one.lastgroup != "gap"]
    start = next((at for at, one in enumerate(tokens) if one.text == "("), len(tokens))
    if [one.word for one in tokens[:2]] != ["CREATE", "TABLE"] or start == len(tokens):
        return None
    parts, end = _parts(tokens, start + 1)
    declared: list[_Declared] = []
    key: list[str] = []
    for part in parts:
        if part and part[0].word in _OF_TABLE and declared:
            key = key or _primary(part)
        elif part:
            declared.append(_column(part))
    if not declared:
        return None
    words = [one.word for one in tokens[end:]]
    keyed = any(pair == ("WITHOUT", "ROWID") for pair in itertools.pairwise(words))
    return _laid(declared, key, keyed=keyed)


def _laid(declared: list[_Declared], key: list[str], *, keyed: bool) -> Table:
    stored = [one for one in declared if not one.computed]
    names = [one.column.name.lower() for one in stored]
    key = list(dict.fromkeys(name.lower() for name in key)) or [
        one.column.name.lower() for one in stored if one.primary
    ]
    order = list(range(len(stored)))
    if keyed:
        first = [names.index(name) for name in key if name in names]
        order = first + [one for one in order if one not in set(first)]
    source = [0] * len(stored)
    for field, column in enumerate(order):
        source[column] = field
    if not keyed and len(key) == 1 and key[0] in names:
        alias = stored[names.index(key[0])]
        if alias.column.type.upper() == "INTEGER" and not alias.descending:
            source[names.index(key[0])] = -1
    missing = [one.missing for one in stored]
    computed = [one.column.name for one in declared if one.computed]
    return Table([one.column for one in stored], source, missing, keyed, computed)


def _parts(tokens: list[Token], start: int) -> tuple[list[list[Token]], int]:
    """Return what stands between the commas of the outermost brackets, and where those end."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for at in range(start, len(tokens)):
        text = tokens[at].text
        if not depth and text == ")":
            return parts, at + 1
        depth += (text == "(") - (text == ")")
        if not depth and text == ",":
            parts.append([])
        else:
            parts[-1].append(tokens[at])
    return parts, len(tokens)


def _primary(part: list[Token]) -> list[str]:
    """Return the columns of a ``PRIMARY KEY (...)`` of the table; none where it is another constraint."""
    words = [one.word for one in part]
    at = 2 if words[0] == "CONSTRAINT" else 0
    if words[at : at + 1] != ["PRIMARY"]:
        return []
    opening = next((one for one in range(at, len(part)) if part[one].text == "("), len(part))
    return [one[0].name for one in _parts(part, opening + 1)[0] if one]


def _column(part: list[Token]) -> _Declared:
    at = 1
    while at < len(part) and part[at].word not in _CONSTRAINTS:
        at = _after(part, at)
    kind = re.sub(r" ?([(),]) ?", r"\1", " ".join(one.text for one in part[1:at]))
    column = Column(part[0].name, kind)
    primary = descending = computed = False
    missing: tuple[int, bytes] = (NULL, b"")
    while at < len(part):
        word = part[at].word
        following = part[at + 1].word if at + 1 < len(part) else ""
        if word == "PRIMARY":
            primary, descending = True, at + 2 < len(part) and part[at + 2].word == "DESC"
        elif word == "DEFAULT":
            missing = _default(part[at + 1 : at + 3], kind)
            at += 1  # what is called like a constraint may be the value: DEFAULT NULL
        elif word == "AS" or (word == "GENERATED" and following == "ALWAYS"):
            computed = not any(one.word == "STORED" for one in part[at:])
        at = _after(part, at)
    return _Declared(column, primary, descending, computed, missing)


def _after(part: list[Token], at: int) -> int:
    """Return where the next token stands that is in no brackets."""
    depth = 0
    for one in range(at, len(part)):
        depth += (part[one].text == "(") - (part[one].text == ")")
        if depth <= 0:
            return one + 1
    return len(part)


def _default(value: list[Token], kind: str) -> tuple[int, bytes]:
    """Return kind and bytes of a literal; of an expression NULL, for a column that was added later has none."""
    sign = value[0].text if value and value[0].text in ("-", "+") else ""
    if sign:
        value = value[1:]
    if not value:
        return NULL, b""
    first = value[0]
    if first.kind == "blob":
        return BYTES, bytes.fromhex(first.text[2:-1])
    if first.kind == "number":
        text = first.text if "x" not in first.text.lower() else str(int(first.text, 16))
        return _is_text(kind), (sign.replace("+", "") + text).encode("utf-8", "replace")
    if first.word in ("TRUE", "FALSE"):
        return BARE, b"1" if first.word == "TRUE" else b"0"
    if first.kind in ("quoted", "word") and first.word not in ("NULL", "CURRENT_TIME", "CURRENT_DATE"):
        return TEXT, first.name.encode("utf-8", "backslashreplace")
    return NULL, b""


def _is_text(kind: str) -> int:
    """Return what a number becomes in a column of a type (datatype3.html 3.1): text, where that is said of it."""
    of = kind.upper()
    return TEXT if "INT" not in of and any(one in of for one in ("CHAR", "CLOB", "TEXT")) else BARE
