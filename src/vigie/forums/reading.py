"""How the rows of a dump become rows of vigie: for each of its tables the columns that are wanted and the ``select``."""

from __future__ import annotations

import functools
import typing as t

import msgspec

from vigie.forums import conversions
from vigie.forums.compiling import PART, Compiler
from vigie.forums.functions import FLAG, NUMBER, TEXT, TIME
from vigie.forums.mapping import EACH, EACH_NAME, OWN, Mapping, Rule, kinds, read, used
from vigie.rows.people import (
    READ,
    Account,
    Complaint,
    Message,
    Payment,
    Post,
    Profile,
    Section,
    Topic,
)

if t.TYPE_CHECKING:
    from vigie.rows.base import Row

SEARCHED: t.Final[dict[type[Row], tuple[str, ...]]] = {
    Account: ("email", "rank"),
    Profile: ("value",),
    Section: ("name", "description"),
    Topic: ("title",),
    Post: ("subject", "text"),
    Message: ("subject", "text"),
    Payment: ("address", "payer", "detail"),
    Complaint: ("text",),
}
"""Fields in whose columns identifiers are looked for."""
NEEDED: t.Final = ("id", "account", "where")
"""Without the columns of these a rule says nothing."""
NEUTRAL: t.Final = {TEXT: "''", NUMBER: "cast(null as bigint)", TIME: "cast(null as timestamptz)"}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is to be read."""

    column: str
    raw: bool
    """As bytes; else as text."""
    search: bool
    """Identifiers are looked for in it."""


class Select(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as SQL over ``batch``: ``number``, ``place``, and ``c0``, ``c1`` ... in the order of what is wanted."""

    rule: str
    into: type[Row]
    sql: str
    """Gives all columns of the row type but its key."""
    left: str
    """Condition of the rows of which none comes."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of one table of a dump."""

    relation: str
    wanted: list[Wanted]
    selects: list[Select]


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that meets a table of a dump. Columns are named as the dump does."""

    relation: str
    rule: Rule
    each: str
    """The one of many columns that this one is about; ``""``: the rule is not for each."""
    used: dict[str, list[str]]
    """Field -> columns, ``where`` too."""
    absent: list[str]
    """Columns that the rule names and the table has not: their fields say nothing."""

    @property
    def name(self) -> str:
        """Name of the rule; one for many columns also bears that of its column."""
        return f"{self.rule.name}:{self.each}" if self.each else self.rule.name


def bound(mapping: Mapping, prefix: str, relations: dict[str, list[str]]) -> tuple[list[Bound], list[str]]:
    """Return the rules that meet a table with that prefix, and what is missing for the others, for people."""
    tables = {name.casefold(): name for name in sorted(relations, reverse=True)}
    found: list[Bound] = []
    missing: list[str] = []
    for rule in mapping.rule:
        wanted = prefix + rule.table
        relation = wanted if wanted in relations else tables.get(wanted.casefold())
        if relation is None:
            missing.append(rule.table)
            continue
        names = {name.casefold(): name for name in reversed(relations[relation])}
        for each in _each(rule, relations[relation]):
            one = _bound(rule, relation, each, names)
            missing += [f"{rule.table}.{name}" for name in one.absent]
            if not any(name in one.absent for field in NEEDED for name in used(rule).get(field, ())):
                found.append(one)
    return found, list(dict.fromkeys(missing))


def _each(rule: Rule, columns: list[str]) -> list[str]:
    if not rule.each:
        return [""]
    begin = rule.each[:-1].casefold()
    return [name for name in columns if name.casefold().startswith(begin)]


def _bound(rule: Rule, relation: str, each: str, names: dict[str, str]) -> Bound:
    met: dict[str, list[str]] = {}
    absent: list[str] = []
    for field, columns in used(rule).items():
        real = [
            each if each and name == EACH else names.get(name.casefold(), "")
            for name in columns
            if not (each and name == EACH_NAME)
        ]
        met[field] = [name for name in real if name]
        absent += [
            name for name in columns if not (each and name in (EACH, EACH_NAME)) and name.casefold() not in names
        ]
    return Bound(relation=relation, rule=rule, each=each, used=met, absent=list(dict.fromkeys(absent)))


def readings(mapping: Mapping, prefix: str, relations: dict[str, list[str]], platform: bytes) -> list[Reading]:
    """Return what is to be read of a platform's tables, in the order of the mapping. ``platform``: key of its row."""
    rules: dict[str, list[Bound]] = {}
    for one in bound(mapping, prefix, relations)[0]:
        rules.setdefault(one.relation, []).append(one)
    return [_reading(relation, relations[relation], given, platform) for relation, given in rules.items()]


def _reading(relation: str, columns: list[str], rules: list[Bound], platform: bytes) -> Reading:
    taken: dict[tuple[str, bool], str] = {}
    searched: set[str] = set()
    selects = []
    for one in rules:
        selects.append(_select(one, columns, taken, platform))
        searched |= {name for field in SEARCHED.get(READ[one.rule.into], ()) for name in one.used.get(field, ())}
    wanted = [Wanted(column=name, raw=raw, search=name in searched and not raw) for name, raw in taken]
    return Reading(relation=relation, wanted=wanted, selects=selects)


def _column(
    name: str, raw: bool, *, one: Bound, names: dict[str, str], taken: dict[tuple[str, bool], str]
) -> str | None:
    """Return SQL of a column, which is then wanted."""
    if one.each and name == EACH_NAME:
        return conversions.text(one.each)
    real = one.each if one.each and name == EACH else names.get(name.casefold())
    return None if real is None else taken.setdefault((real, raw), f"c{len(taken)}")


def _select(one: Bound, columns: list[str], taken: dict[tuple[str, bool], str], platform: bytes) -> Select:
    names = {name.casefold(): name for name in reversed(columns)}
    compiler = Compiler(functools.partial(_column, one=one, names=names, taken=taken))
    row = READ[one.rule.into]
    condition = compiler.condition(read(one.rule.where)) if one.rule.where else "true"
    fields = {
        name: compiler.field(read(one.rule.fields[name]), kind)
        if name in one.rule.fields
        else "false"
        if kind == FLAG and not _may_be_null(row, name)
        else NEUTRAL.get(kind, "cast(null as boolean)")
        for name, kind in kinds(row).items()
    }
    fields |= {
        name: f"coalesce({sql}, false)"
        for name, sql in fields.items()
        if kinds(row)[name] == FLAG and not _may_be_null(row, name)
    }
    said = {
        "platform": f"unhex('{platform.hex()}')",
        "relation": conversions.text(one.relation),
        "number": "number",
        "place": "place",
        "rule": conversions.text(one.name),
        "part": "part" if compiler.listed else "cast(0 as bigint)",
    }
    source = f"(select * from batch where {condition})"
    left = "false" if condition == "true" else f"not {condition}"
    if compiler.listed:
        source = f"(select *, unnest({compiler.listed}) as {PART}, unnest(range(len({compiler.listed}))) as part from {source})"
        left = f"({left} or coalesce(len({compiler.listed}), 0) = 0)"
    chosen = ", ".join(f'{sql} as "{name}"' for name, sql in (said | fields).items())
    return Select(rule=one.name, into=row, sql=f"select {chosen} from {source}", left=left)


def _may_be_null(row: type[Row], name: str) -> bool:
    return type(None) in t.get_args(t.get_type_hints(row)[name])


assert set(OWN) >= {"platform", "relation", "number", "place", "rule", "part"}  # noqa: S101
