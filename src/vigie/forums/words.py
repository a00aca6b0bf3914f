"""What the names of tables and columns mean, in the languages in which platforms are written; for proposals only."""

from __future__ import annotations

import importlib.resources
import re
import tomllib
import typing as t

_WORDS = tomllib.loads(importlib.resources.files("vigie.forums").joinpath("words.toml").read_text("utf-8"))
MEANINGS: t.Final[dict[str, frozenset[str]]] = {one: frozenset(said.split()) for one, said in _WORDS["columns"].items()}
"""Meaning of a column -> words that say it. Of several, the first in this order."""
TABLES: t.Final[dict[str, frozenset[str]]] = {one: frozenset(said.split()) for one, said in _WORDS["tables"].items()}
"""Table of vigie -> words that the names of such tables hold."""
REFERRED: t.Final = ("recipient", "parent", "topic", "section", "group", "transaction", "device", "account")
"""What a number in a column may point at."""
_PART = re.compile(r"(?i:md5|sha1|sha256|ipv[46])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|[0-9]+")
_POINTS = frozenset().union(*(MEANINGS[one] for one in REFERRED))


def words(name: str) -> list[str]:
    """Return the words of a name in small letters: ``lastLoginIP`` is last, login, ip."""
    return [part.lower() for part in _PART.findall(name)]


def meaning(name: str) -> tuple[str, str]:
    """Return what the name of a column means, and the word that says so; ``""`` where none does.

    A name that ends in ``id`` is a number: ``message_id`` is no message.
    """
    said = words(name)
    if not said or not said[-1].endswith("id") or (said[-1] != "id" and said[-1][:-2] not in _POINTS):
        return _first(MEANINGS, said)
    rest = [word for word in (*said[:-1], said[-1].removesuffix("id")) if word]
    found = _first({one: MEANINGS[one] for one in REFERRED}, rest)
    return found if found[0] or len(rest) > 1 else ("id", "id")


def _first(known: dict[str, frozenset[str]], said: list[str]) -> tuple[str, str]:
    return next(((one, word) for one, listed in known.items() for word in said if word in listed), ("", ""))
