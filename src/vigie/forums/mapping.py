"""A mapping: how the tables of one software are told, and which of their columns is what. Written in TOML."""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
import types
import typing as t

import msgspec

from vigie.forums import functions
from vigie.forums.compiling import Compiler
from vigie.forums.expressions import Call, Column, Node, columns
from vigie.forums.expressions import parse as expression
from vigie.forums.words import secret
from vigie.kernel.errors import UsageError
from vigie.rows.people import READ

if t.TYPE_CHECKING:
    from vigie.rows.base import Row

OWN: t.Final = frozenset({"key", "platform", "relation", "number", "place", "rule", "part"})
"""Fields of a row that say where it was read: no mapping gives them."""
MOST_BYTES: t.Final = 1 << 20
MOST_RULES: t.Final = 1000
EACH: t.Final = "each"
"""In a rule for many columns: the column, and ``each_name``: its name."""
EACH_NAME: t.Final = "each_name"
Name = t.Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table by which a software is told, with those of its columns that others have not."""

    columns: list[Name] = []
    weight: t.Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each row of a table is read as a row of one of vigie's tables."""

    name: Name
    table: Name
    """Without the prefix that all tables of the platform have."""
    into: str
    where: str = ""
    each: str = ""
    """``pf_*``: once for each column with such a name."""
    fields: dict[str, str] = {}


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known of one software."""

    software: Name
    title: str = ""
    recognise: dict[Name, Told] = {}
    rule: list[Rule] = []
    origin: str = ""
    """Where it comes from: a file."""


def parse(text: str, origin: str) -> Mapping:
    """Read a mapping. Errors: UsageError with file, rule and field, and what to do."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise UsageError(f"{origin}: a mapping of more than {MOST_BYTES >> 20} MiB. Divide it.")
    try:
        given = tomllib.loads(text)
        found = msgspec.convert({**given, "origin": origin}, Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"{origin}: {error}. How a mapping is written: docs/mapping.md.") from None
    return _checked(found)


def to_json(m: Mapping) -> str:
    """Return the whole mapping as JSON: the same mapping gives the same text."""
    return msgspec.json.encode(m).decode()


@functools.lru_cache(maxsize=64)
def from_json(text: str) -> Mapping:
    """Read what ``to_json`` wrote, as strictly as the first time."""
    try:
        return _checked(msgspec.json.decode(text, type=Mapping))
    except msgspec.DecodeError as error:
        raise UsageError(f"a stored mapping: {error}") from None


@functools.cache
def shipped() -> list[Mapping]:
    """Return the mappings of known software, by name."""
    folder = importlib.resources.files("vigie.forums").joinpath("known")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return [parse(one.read_text("utf-8"), one.name) for one in files]


@functools.cache
def kinds(row: type[Row]) -> dict[str, str]:
    """Return the kind of each field of a row type that a mapping may give."""
    hints = t.get_type_hints(row)
    return {name: _kind(hints[name]) for name in row.__struct_fields__ if name not in OWN}


def nullable(row: type[Row], field: str) -> bool:
    """Return whether a field may be null."""
    return types.NoneType in t.get_args(t.get_type_hints(row)[field])


def _kind(hint: t.Any) -> str:
    inner = next((a for a in t.get_args(hint) if a is not types.NoneType), hint)
    return {str: functions.TEXT, int: functions.NUMBER, bool: functions.FLAG}.get(inner, functions.TIME)


@functools.lru_cache(maxsize=10_000)
def read(text: str) -> Node:
    """Read an expression, once. Errors: UsageError."""
    return expression(text)


def _checked(m: Mapping) -> Mapping:
    if len(m.rule) > MOST_RULES:
        raise UsageError(f"{m.origin}: {len(m.rule)} rules; {MOST_RULES} are allowed")
    if not m.rule:
        raise UsageError(f"{m.origin}: it has no [[rule]], so it reads nothing. How one is written: docs/mapping.md.")
    names: set[tuple[str, str]] = set()
    for rule in m.rule:
        where = f"{m.origin}: rule {rule.name!r}"
        if (rule.table, rule.name) in names:
            raise UsageError(f"{where}: two rules of table {rule.table} bear this name. Give each its own.")
        names.add((rule.table, rule.name))
        _check(rule, where)
    return m


def _check(rule: Rule, where: str) -> None:
    if rule.into not in READ:
        raise UsageError(f"{where}: into = {rule.into!r}: there is no such table; known: {', '.join(READ)}")
    if "*" in rule.each[:-1] or (rule.each and not rule.each.endswith("*")):
        raise UsageError(f"{where}: each = {rule.each!r}: write how the names of the columns begin, and then *")
    fields = kinds(READ[rule.into])
    compiler = Compiler(lambda _name, _form: "c0")
    for name, text in rule.fields.items():
        if name not in fields:
            raise UsageError(f"{where}: a row of {rule.into} has no field {name!r}; known: {', '.join(fields)}")
        with _placed(f"{where}, field {name} = {text!r}"):
            node = read(text)
            _password(name, node)
            compiler.field(node, fields[name])
    if rule.where:
        with _placed(f"{where}, where = {rule.where!r}"):
            node = read(rule.where)
            _password("where", node)
            whole = Compiler(compiler.find)
            whole.condition(node)
            if whole.listed:
                raise UsageError("a condition is about a whole row of the dump: it cannot divide it")


def _password(field: str, node: Node) -> None:
    """Passwords are counted and never read out, whatever field they are given to."""
    plain = _is_present(node) and all(isinstance(one, Column) for one in t.cast("Call", node).given)
    if field == "password" and not plain:
        raise UsageError("of a password only present(column) may be said")
    for name in _read_out(node):
        if secret(name):
            raise UsageError(
                f"column {name}: its name says that a password, or a key like one, stands there. Such values never "
                f"leave the dump: say present({name}), or leave it out"
            )


def _is_present(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "present"


def _read_out(node: Node) -> t.Iterator[str]:
    """Name the columns of which an expression reads more than whether something stands there."""
    if isinstance(node, Column):
        yield node.name
    elif isinstance(node, Call) and not _is_present(node):
        for one in node.given:
            yield from _read_out(one)


class _placed:  # noqa: N801 - stands in a with statement, as contextlib's do
    """Say where an error was met."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Name the place."""
        if isinstance(error, UsageError):
            raise UsageError(f"{self.where}: {error}") from None


def used(rule: Rule) -> dict[str, list[str]]:
    """Return the columns that each field of a rule uses, and its condition as ``where``; as the mapping names them."""
    found = {name: list(dict.fromkeys(columns(read(text)))) for name, text in rule.fields.items()}
    return found | ({"where": list(dict.fromkeys(columns(read(rule.where))))} if rule.where else {})
