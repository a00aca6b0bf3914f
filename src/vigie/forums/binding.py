"""Which rules of a mapping meet which tables of a dump. Names are the same in capitals and in small letters."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.forums.mapping import EACH, EACH_NAME, Mapping, Rule, used
from vigie.forums.words import secret


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A rule and the table of a dump that it reads."""

    relation: str
    rule: Rule
    each: str
    """The one of many columns that this one is about; ``""``: the rule is not for each."""
    columns: dict[str, str]
    """Columns of the table: name in small letters -> name."""

    @property
    def name(self) -> str:
        """Name of the rule; one for many columns also bears that of its column."""
        return f"{self.rule.name}:{self.each}" if self.each else self.rule.name

    def column(self, said: str) -> str | None:
        """Return the column that the mapping calls so; None: the table has none such."""
        return self.each if self.each and said == EACH else self.columns.get(said.casefold())

    def used(self) -> dict[str, list[str]]:
        """Return the columns that each field uses, and the condition as ``where``, by their names in the dump."""
        met = {field: [self.column(one) for one in columns] for field, columns in used(self.rule).items()}
        return {field: [one for one in columns if one is not None] for field, columns in met.items()}

    def absent(self) -> dict[str, list[str]]:
        """Return the columns that fields name and the table has not: those fields say nothing."""
        own = {EACH_NAME} if self.each else set()
        lack = {
            field: [one for one in columns if one not in own and self.column(one) is None]
            for field, columns in used(self.rule).items()
        }
        return {field: columns for field, columns in lack.items() if columns}


def bound(mapping: Mapping, prefix: str, relations: dict[str, list[str]]) -> tuple[list[Bound], list[str]]:
    """Return the rules that read a table with that prefix, and the tables and columns that are not there.

    ``relations``: columns by table. A rule without what it needs is not among them.
    """
    tables = folded(relations)
    found: list[Bound] = []
    missing: list[str] = []
    for rule in mapping.rule:
        relation = tables.get((prefix + rule.table).casefold())
        if relation is None:
            missing.append(rule.table)
            continue
        names = folded(relations[relation])
        for each in _each(rule, relations[relation]):
            one = Bound(relation=relation, rule=rule, each=each, columns=names)
            lack = one.absent()
            missing += [f"{rule.table}.{name}" for columns in lack.values() for name in columns]
            if not lack.keys() & _needed(rule):
                found.append(one)
    return found, list(dict.fromkeys(missing))


def _needed(rule: Rule) -> set[str]:
    """Return the fields without whose columns a rule says nothing: its condition, and of what or whom it speaks."""
    return {"where", "id" if "id" in rule.fields else "account"}


def folded(names: t.Iterable[str]) -> dict[str, str]:
    """Return names by their form in small letters; of two that are one in it, the first as letters are ordered."""
    return {name.casefold(): name for name in sorted(names, reverse=True)}


def _each(rule: Rule, columns: list[str]) -> list[str]:
    """Return the columns that a rule is for, each; never one whose name says password (``mapping._password``)."""
    begin = rule.each[:-1].casefold()
    if not rule.each:
        return [""]
    return [name for name in columns if name.casefold().startswith(begin) and not secret(name)]
