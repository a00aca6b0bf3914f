"""Whose software the tables of a dump are, whatever prefix they bear."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.forums.binding import Bound, bound, folded
from vigie.forums.mapping import Mapping, Told, used

NEAR: t.Final = 0.8
"""A mapping that was given is for the tables that it fits best: elsewhere, below this part of that, it does not win."""
MOST_NAMED: t.Final = 40
"""Names that a text lists."""
UNNAMED: t.Final = 1.0
"""Threshold for a text whose one table has no name of its own: all columns that tell a mapping must be there."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A software that the tables with one prefix may be of."""

    mapping: Mapping
    prefix: str
    score: float
    """Share of the tables and columns that tell it which are there, by weight; 0-1."""
    missing: list[str]
    """Those that are not."""


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A platform in a dump: what tells it, and the rules by which its tables are read."""

    prefix: str
    mapping: Mapping
    score: float
    missing: str
    rules: list[Bound]


def recognised(
    given: list[Mapping], known: list[Mapping], relations: dict[str, list[str]], threshold: float
) -> list[Recognised]:
    """Return the platforms in a dump. ``given``: mappings of the user, which win; ``known``: those shipped.

    One prefix is one platform: of the known mappings the best reads what those given say nothing of. A table is read
    for one platform only: first for those with a mapping that was given, then for the best told.
    """
    places: dict[str, tuple[list[Candidate], list[Candidate]]] = {}
    for side, mappings in enumerate((given, known)):
        for mapping in mappings:
            found = candidates(mapping, relations)
            best = max((one.score for one in found), default=0.0)
            for one in found:
                if one.score >= max(threshold, 0 if side else best * NEAR):
                    places.setdefault(one.prefix, ([], []))[side].append(one)
    chains = [_chain(*sides) for sides in places.values()]
    chains.sort(key=lambda chain: (not chain[0], -chain[1].score, chain[1].prefix))
    free = dict(relations)
    out = []
    for own, base, text in chains:
        mapping = _merged(own, base.mapping)
        rules, _ = bound(mapping, base.prefix, free)
        if rules:
            read = {one.relation for one in rules}
            free = {name: columns for name, columns in free.items() if name not in read}
            met = {(one.rule.table, one.rule.name) for one in rules}
            mapping = msgspec.structs.replace(
                mapping, rule=[one for one in mapping.rule if (one.table, one.name) in met]
            )
            out.append(Recognised(prefix=base.prefix, mapping=mapping, score=base.score, missing=text, rules=rules))
    return out


def candidates(mapping: Mapping, relations: dict[str, list[str]]) -> list[Candidate]:
    """Return what a mapping comes to for each prefix with which a table that tells it begins."""
    telling = told(mapping)
    tables = folded(relations)
    prefixes = {
        name[: len(name) - len(suffix)]
        for suffix in map(str.casefold, telling)
        for low, name in tables.items()
        if low.endswith(suffix)
        and len(low) == len(name)  # a few letters are longer when small: their table is passed by
    }
    return [_candidate(mapping, telling, prefix, relations, tables) for prefix in sorted(prefixes)]


def told(mapping: Mapping) -> dict[str, Told]:
    """Return by what a mapping is told: what it says itself, or else all that its rules read."""
    if mapping.recognise:
        return mapping.recognise
    read: dict[str, list[str]] = {}
    for rule in mapping.rule:
        names = [] if rule.each else [name for columns in used(rule).values() for name in columns]
        read.setdefault(rule.table, []).extend(names)
    return {table: Told(columns=list(dict.fromkeys(names))) for table, names in read.items()}


def _candidate(
    mapping: Mapping, telling: dict[str, Told], prefix: str, relations: dict[str, list[str]], tables: dict[str, str]
) -> Candidate:
    have = whole = 0.0
    missing = []
    for suffix, one in telling.items():
        whole += one.weight * (1 + len(one.columns))
        relation = tables.get((prefix + suffix).casefold())
        if relation is None:
            missing.append(suffix)
            continue
        there = {name.casefold() for name in relations[relation]}
        lack = [name for name in one.columns if name.casefold() not in there]
        missing += [f"{suffix}.{name}" for name in lack]
        if len(lack) < len(one.columns) or not one.columns:  # many have a table "users": its name alone tells nothing
            have += one.weight * (1 + len(one.columns) - len(lack))
    return Candidate(mapping=mapping, prefix=prefix, score=round(have / whole, 4), missing=missing)


def _chain(own: list[Candidate], known: list[Candidate]) -> tuple[list[Candidate], Candidate, str]:
    """Return the given mappings of one prefix, which software it is, and what is missing and comes next to it."""
    order = sorted(known, key=lambda one: (-one.score, len(one.missing), one.mapping.software))
    best = order[0] if order else max(own, key=lambda one: one.score)
    named = best.missing[:MOST_NAMED]
    more = len(best.missing) - len(named)
    said = [", ".join(named) + (f" and {more} more" if more else "")] if named else []
    said += [f"next to it: {one.mapping.software} ({one.score:.2f})" for one in order[1:3]]
    return own, best, "; ".join(said)


def _merged(own_candidates: list[Candidate], base: Mapping) -> Mapping:
    """Put mappings of one platform together: each table is read by that which fits best of those that name it.

    Of two that fit as well, by the first that was given.
    """
    own = [one.mapping for one in sorted(own_candidates, key=lambda one: -one.score)]
    rules = []
    taken: dict[str, int] = {}
    for number, mapping in enumerate([*own, base] if base not in own else own):
        rules += [one for one in mapping.rule if taken.setdefault(one.table.casefold(), number) == number]
    title = base.title or base.software
    reading = set(taken.values())
    others = [one.origin for number, one in enumerate(own) if one is not base and number in reading]
    title = f"{title}, with {', '.join(others)}" if others else title
    return msgspec.structs.replace(base, title=title, rule=rules)
