"""Whose software the tables of each dump are, and what each of their columns is read as."""

import typing as t
from collections.abc import Iterator

import msgspec

from vigie.forums.mapping import Mapping, parse, shipped, to_json
from vigie.forums.recognising import UNNAMED, Recognised, recognised
from vigie.kernel.stage import Params, Share, stage
from vigie.kernel.table import Table, look, of
from vigie.rows.artefacts import Bundle, Field, File, Relation
from vigie.rows.people import Mapped, Platform

TEXTS: t.Final = frozenset({"delimited", "json"})
"""Dialects of a text that is one table, called ``table`` whatever is in it."""


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping of the user, as ``vigie map use`` writes it into ``case.toml``."""

    name: str
    """Of the file it comes from."""
    text: str


class Platforms(Params, frozen=True):
    """Settings."""

    mappings: tuple[Given, ...] = ()
    """Each wins over those shipped for the tables that it names; of two, the first."""
    threshold: Share = 0.2
    """Least share of the tables and columns by which a software is told.

    A dump of the accounts alone comes to 0.21 and more, the whole schema of another software to 0.08 at most; siblings
    (XenForo 1 and 2) are alike, and the better one is taken (measured: tests/people/test_platforms.py)."""


@stage(split=None)
def platforms(
    relations: Table[Relation],
    fields: Table[Field],
    files: Table[File],
    bundles: Table[Bundle],
    params: Platforms,
) -> tuple[Table[Platform], Table[Mapped]]:
    """Recognise the platforms of each dump, and say of each column what it is read as: none is passed over unsaid."""
    given = [parse(one.text, one.name) for one in params.mappings]
    sizes = {row["content"]: row["size"] for row in look(_SIZES, relations=relations, files=files, bundles=bundles)}
    found: list[Platform] = []
    mapped: list[Mapped] = []
    texts = {one.content for one in relations if one.dialect in TEXTS}
    for content, tables in _dumps(relations, fields):
        told = recognised(given, shipped(), tables, UNNAMED if content in texts else params.threshold)
        rows = [_platform(one, content, sizes.get(content, 0)) for one in told]
        found += rows
        mapped += _mapped(content, tables, list(zip(rows, told, strict=True)))
    return of(Platform, found), of(Mapped, mapped)


_SIZES = """
    select sha256 as content, max(size_bytes) as size from files
    where sha256 in (select content from relations) group by sha256
    union all select content, size_bytes from bundles
    """


def _dumps(relations: Table[Relation], fields: Table[Field]) -> Iterator[tuple[bytes, dict[str, list[str]]]]:
    """Yield the tables of each dump with their columns, in the order of the table."""
    dumps: dict[bytes, dict[str, list[str]]] = {}
    for table in sorted(relations, key=lambda row: row.name):
        dumps.setdefault(table.content, {})[table.name] = []
    for field in sorted(fields, key=lambda row: row.number):
        dumps.get(field.content, {}).get(field.relation, []).append(field.name)
    yield from sorted(dumps.items())


def _platform(one: Recognised, content: bytes, size_bytes: int) -> Platform:
    mapping: Mapping = one.mapping
    return Platform.make(
        content=content,
        prefix=one.prefix,
        software=mapping.software,
        title=mapping.title or mapping.software,
        score=one.score,
        missing=one.missing,
        mapping=to_json(mapping),
        size_bytes=size_bytes,
    )


def _mapped(content: bytes, tables: dict[str, list[str]], told: list[tuple[Platform, Recognised]]) -> Iterator[Mapped]:
    """Say of each column what it is read as; of one that nothing reads, that."""
    reads: dict[tuple[str, str], list[dict[str, t.Any]]] = {}
    for platform, found in told:
        for rule in found.rules:
            for field, columns in rule.used().items():
                said = {"platform": platform.key, "rule": rule.name, "into": rule.rule.into, "field": field}
                for column in columns:
                    reads.setdefault((rule.relation, column), []).append(said)
    unread = [{"platform": b"", "rule": "", "into": "", "field": ""}]
    for relation, columns in tables.items():
        for column in dict.fromkeys(columns):
            for said in reads.get((relation, column), unread):
                yield Mapped.make(content=content, relation=relation, column=column, **said)
