"""The expressions of a mapping, read by hand into a tree: what a person wrote is data here, never SQL.

::

    expression = both { "or" both }        both = negated { "and" negated }     negated = [ "not" ] compared
    compared   = value [ ("=" | "!=" | "<" | "<=" | ">" | ">=") value | "in" "(" value { "," value } ")" ]
    value      = column | 'text' | number | function "(" [ expression { "," expression } ] ")" | "(" expression ")"
"""

from __future__ import annotations

import re
import typing as t

import msgspec

from vigie.kernel.errors import UsageError

if t.TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: t.Final = 2000
"""Characters of an expression."""
DEEPEST: t.Final = 20
MOST_DIGITS: t.Final = 18
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[^\W\d][\w$]*)|`(?P<quoted>[^`]+)`|'(?P<text>(?:[^']|'')*)'|(?P<number>-?[0-9]+(?![\w.]))"""
    r"""|(?P<sign>!=|<=|>=|[=<>(),]))"""
)
COMPARED: t.Final = ("=", "!=", "<", "<=", ">", ">=")
WORDS: t.Final = frozenset({"and", "or", "not", "in", *COMPARED})
"""What is written between values; the tree has it as functions."""


class Column(msgspec.Struct, frozen=True):
    """A column of the table."""

    name: str


class Text(msgspec.Struct, frozen=True):
    """Text that stands in the mapping."""

    value: str


class Number(msgspec.Struct, frozen=True):
    """A whole number that stands in the mapping."""

    value: int


class Call(msgspec.Struct, frozen=True):
    """A function of ``functions.FUNCTIONS`` and what it is called with; signs and words are functions too."""

    name: str
    given: tuple[Node, ...]


Node: t.TypeAlias = Column | Text | Number | Call


def parse(text: str) -> Node:
    """Read an expression. Errors: UsageError that says what is wrong at which character."""
    if len(text) > LONGEST:
        raise UsageError(f"an expression of {len(text)} characters; {LONGEST} are allowed")
    return _Parser(text).whole()


def columns(node: Node) -> Iterator[str]:
    """Name the columns that an expression uses, in its order."""
    if isinstance(node, Column):
        yield node.name
    elif isinstance(node, Call):
        for one in node.given:
            yield from columns(one)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = self.depth = 0
        self.kind, self.value = "", ""
        self._next()

    def whole(self) -> Node:
        found = self._either()
        if self.kind != "end":
            raise self._wrong("the end of the expression")
        return found

    def _next(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            rest = self.text[self.at :].strip()
            if rest:
                raise UsageError(f"character {self.at + 1}: {rest[:20]!r} is no part of an expression")
            self.kind, self.value = "end", ""
            return
        self.at = found.end()
        self.kind = t.cast("str", found.lastgroup)
        self.value = found[self.kind]
        if self.kind == "name" and self.value.lower() in WORDS:
            self.kind, self.value = "sign", self.value.lower()

    def _wrong(self, wanted: str) -> UsageError:
        met = repr(self.value) if self.kind != "end" else "its end"
        return UsageError(f"character {self.at}: {met} stands where {wanted} should")

    def _take(self, sign: str) -> bool:
        if self.kind == "sign" and self.value == sign:
            self._next()
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._wrong(repr(sign))

    def _either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UsageError(f"brackets and functions lie more than {DEEPEST} deep")
        given = [self._both()]
        while self._take("or"):
            given.append(self._both())
        self.depth -= 1
        return given[0] if len(given) == 1 else Call("or", tuple(given))

    def _both(self) -> Node:
        given = [self._negated()]
        while self._take("and"):
            given.append(self._negated())
        return given[0] if len(given) == 1 else Call("and", tuple(given))

    def _negated(self) -> Node:
        negated = False
        while self._take("not"):
            negated = not negated
        found = self._compared()
        return Call("not", (found,)) if negated else found

    def _compared(self) -> Node:
        left = self._value()
        for sign in COMPARED:
            if self._take(sign):
                return Call(sign, (left, self._value()))
        if self._take("in"):
            self._need("(")
            return Call("in", (left, *self._listed()))
        return left

    def _listed(self) -> tuple[Node, ...]:
        """Read what stands between brackets, the first of which was read."""
        given: list[Node] = []
        if self._take(")"):
            return ()
        while True:
            given.append(self._either())
            if self._take(")"):
                return tuple(given)
            if not self._take(","):
                raise self._wrong("',' or ')'")

    def _value(self) -> Node:
        kind, value = self.kind, self.value
        if self._take("("):
            found = self._either()
            self._need(")")
            return found
        if kind not in ("name", "quoted", "text", "number"):
            raise self._wrong("a column, a 'text', a number or a function")
        self._next()
        if kind == "text":
            return Text(value.replace("''", "'"))
        if kind == "number":
            if len(value) > MOST_DIGITS:
                raise UsageError(f"character {self.at}: a number of more than {MOST_DIGITS} digits")
            return Number(int(value))
        if kind == "name" and self._take("("):
            return Call(value.lower(), self._listed())
        return Column(value)
