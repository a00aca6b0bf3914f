"""An expression as SQL over one row. Every value is checked for its kind; names and texts are written by us."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.forums import conversions
from vigie.forums.expressions import COMPARED, WORDS, Call, Column, Node, Number, Text
from vigie.forums.functions import (
    ADDRESS,
    BYTES,
    FLAG,
    LISTED,
    LITERAL,
    NUMBER,
    SAME,
    TEXT,
    THERE,
    TIME,
    Function,
    known,
)
from vigie.kernel.errors import UsageError
from vigie.rows.wire import Form

Find: t.TypeAlias = t.Callable[[str, Form], str | None]
"""SQL of a column by its name, in a form; None: the table has none such."""
FORMS: t.Final[dict[str, Form]] = {BYTES: "raw", ADDRESS: "address", NUMBER: "whole", THERE: "there"}
AS_READ: t.Final = frozenset({BYTES, ADDRESS, THERE})
"""Kinds that a column alone can have."""
PART: t.Final = "part_text"
"""SQL of the part of the list from which this row is made."""
SQL_TYPES: t.Final = {TEXT: "varchar", NUMBER: "bigint", FLAG: "boolean", TIME: "timestamptz", BYTES: "blob"}
SAID: t.Final = {TEXT: "text", NUMBER: "a whole number", FLAG: "true or false", TIME: "a time"}


class Value(msgspec.Struct, frozen=True):
    """SQL, and the kind of what it gives."""

    sql: str
    kind: str


class Compiler:
    """Compiles the expressions of one rule. ``listed``: SQL of the list that makes several rows of one, or ``""``."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.listed = ""

    def field(self, node: Node, kind: str) -> str:
        """Return SQL of a field of that kind: NULL or a value, of text never NULL."""
        found = self._as(node, kind)
        return f"coalesce({found}, '')" if kind == TEXT else found

    def condition(self, node: Node) -> str:
        """Return SQL that is true or false, never NULL."""
        return f"coalesce({self._as(node, FLAG)}, false)"

    def said(self, node: Node) -> str:
        """Return SQL that is true where what a time is read from says something; ``""`` where that depends.

        Zero, and a date of zeros, is how databases say that there is none.
        """
        if not isinstance(node, Call):
            return ""
        if node.name == "coalesce":
            given = [self.said(one) for one in node.given]
            return " or ".join(given) if all(given) else ""
        if node.name in ("unix", "unix_ms"):
            return f"coalesce({self._as(node.given[0], NUMBER)}, 0) <> 0"
        if node.name in ("datetime", "iso"):
            return f"coalesce(regexp_matches({self._as(node.given[0], TEXT)}, '[^0 :.TZ+-]'), false)"
        return ""

    def _as(self, node: Node, kind: str) -> str:
        """Return SQL of an expression as a value of a kind. A column fits all but a time."""
        if kind == LITERAL and not isinstance(node, Text):
            raise UsageError("a 'text' must stand here, in quotes")
        if isinstance(node, Column):
            found = self.find(node.name, FORMS.get(kind, "text"))
            sql = f"cast(null as {SQL_TYPES[kind if kind in (BYTES, NUMBER) else TEXT]})" if found is None else found
            if kind == TIME:
                raise UsageError(f"{node.name} is to be a time: say unix({node.name}) or datetime({node.name})")
            return conversions.flag(sql) if kind == FLAG else sql
        if kind in AS_READ:
            raise UsageError("ip, ip_int, hex, digest and present take a column as it lies there, and nothing else")
        if isinstance(node, Text) and kind in (TEXT, LITERAL):
            return conversions.text(node.value)
        value = self._value(node)
        if value.kind == kind:
            return value.sql
        if value.kind == NUMBER and kind == TEXT:
            return f"cast({value.sql} as varchar)"
        if value.kind == TEXT and kind == NUMBER and not isinstance(node, Text):
            return conversions.integer(value.sql)
        raise UsageError(f"{SAID.get(kind, kind)} is wanted, and this is {SAID.get(value.kind, value.kind)}: {node}")

    def _value(self, node: Node) -> Value:
        if isinstance(node, Number):
            return Value(f"cast({node.value} as bigint)", NUMBER)
        if not isinstance(node, Call):
            return Value(self._as(node, TEXT), TEXT)
        if node.name in WORDS:
            return Value(self._said(node), FLAG)
        return self._called(node.name, known(node.name), node.given)

    def _said(self, node: Call) -> str:
        """Return SQL of what is written with a sign or a word; true or false, never NULL."""
        if node.name in COMPARED or node.name == "in":
            return self._compared(node)
        truths = [self.condition(one) for one in node.given]
        return f"(not {truths[0]})" if node.name == "not" else f"({f' {node.name} '.join(truths)})"

    def _compared(self, node: Call) -> str:
        """Numbers are compared as such where one is written; else texts, of which none is ``''``."""
        if len(node.given) < 2:
            raise UsageError(f"{node.name} needs something to compare with")
        kinds = {self._kind(one) for one in node.given if not isinstance(one, Column)}
        kind = next(iter(kinds), TEXT)
        if len(kinds) > 1 and kinds != {TEXT, NUMBER}:
            raise UsageError(f"things of different kinds are compared: {', '.join(sorted(kinds))}")
        if len(kinds) > 1:
            kind = NUMBER if not any(isinstance(one, Text) for one in node.given) else TEXT
        given = [self._as(one, kind) for one in node.given]
        if kind == TEXT:
            given = [f"coalesce({one}, '')" for one in given]
        if node.name == "in":
            return f"coalesce({given[0]} in ({', '.join(given[1:])}), false)"
        return f"coalesce({given[0]} {'<>' if node.name == '!=' else node.name} {given[1]}, false)"

    def _kind(self, node: Node) -> str:
        if isinstance(node, Call) and node.name in WORDS:
            return FLAG
        if isinstance(node, Call):
            gives = known(node.name).gives
            return self._same(node.given[-1:]) if gives == SAME else TEXT if gives == LISTED else gives
        return NUMBER if isinstance(node, Number) else TEXT

    def _same(self, given: t.Sequence[Node]) -> str:
        """Return the kind that values have together; a bare column or a text makes it text."""
        kinds = {self._kind(one) for one in given}
        if len(kinds) > 1 and not kinds <= {TEXT, NUMBER}:
            raise UsageError(f"one and the same kind is wanted, and these are {', '.join(sorted(kinds))}")
        return TEXT if TEXT in kinds else next(iter(kinds), TEXT)

    def _called(self, name: str, function: Function, given: tuple[Node, ...]) -> Value:
        least = len(function.takes)
        if len(given) < least or (len(given) > least and not function.many):
            raise UsageError(f"{name} takes {least}{' or more' if function.many else ''}, and has {len(given)}")
        takes = (*function.takes, *(function.takes[-1],) * (len(given) - least))
        same = self._same([one for one, kind in zip(given, takes, strict=True) if kind == SAME])
        parts = [self._as(one, same if kind == SAME else kind) for one, kind in zip(given, takes, strict=True)]
        if name == "coalesce" and same == TEXT:
            parts = [f"nullif({one}, '')" for one in parts]
        sql = function.sql(*parts)
        if function.gives == LISTED:
            if self.listed not in ("", sql):
                raise UsageError("one rule divides a row in one way only")
            self.listed = sql
            return Value(PART, TEXT)
        return Value(sql, same if function.gives == SAME else function.gives)
