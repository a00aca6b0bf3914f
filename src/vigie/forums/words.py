"""What the names of tables and columns mean, in the languages in which platforms are written.

For proposals; and to tell columns that are never read: those of passwords.
"""

from __future__ import annotations

import importlib.resources
import itertools
import re
import tomllib
import typing as t

Known: t.TypeAlias = dict[str, frozenset[str]]
_WORDS: t.Final[dict[str, Known]] = {
    part: {one: frozenset(said.split()) for one, said in known.items()}
    for part, known in tomllib.loads(
        importlib.resources.files("vigie.forums").joinpath("words.toml").read_text("utf-8")
    ).items()
}
MEANINGS: t.Final = _WORDS["columns"]
"""Meaning of a column -> words that say it. Of several, the first in this order."""
TABLES: t.Final = _WORDS["tables"]
"""Table of vigie -> words that the names of such tables hold."""
ACTIONS: t.Final = _WORDS["actions"]
"""What an event is -> such words."""
DIRECTIONS: t.Final = _WORDS["directions"]
"""Where a payment goes -> such words."""
REFERRED: t.Final = ("recipient", "parent", "topic", "section", "post", "group", "transaction", "device", "account")
"""What a number in a column may point at."""
_PART = re.compile(r"(?i:md5|sha1|sha256|ipv[46])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|[0-9]+")
_SECRET: t.Final = MEANINGS["password"] - {"token"}
_KEYS: t.Final = frozenset({"login", "remember", "auth", "act", "activation", "reset", "recovery"})
"""With ``key`` behind them: what opens an account as a password does."""
_WITHIN = re.compile(
    r"passw(?:or[dt]|d)|passphrase|passhash|motdepasse|kennwort|wachtwoord|contrase[nñ]a|пароль|(?:login|act)key"
)
"""Also where it is a part of a word: ``userpassword``."""
_POINTS = frozenset().union(*(MEANINGS[one] for one in REFERRED))


def words(name: str) -> list[str]:
    """Return the words of a name in small letters: ``lastLoginIP`` is last, login, ip."""
    return [part.lower() for part in _PART.findall(name)]


def secret(name: str) -> bool:
    """Return whether the name of a column says that a password, or what serves as one, stands there.

    ``token`` says so at the end of a name (``reset_token``) or before its hash; ``token_member`` is who has one.
    ``password_id`` points at one.
    """
    said = words(name)
    if not said or said[-1] == "id":
        return False
    bare = said[:-1] if said[-1] in ("hash", "md5", "sha1", "sha256", "value") else said
    return (
        not _SECRET.isdisjoint(said)
        or bare[-1:] in (["token"], ["tokens"])
        or any(key == "key" and before in _KEYS for before, key in itertools.pairwise(said))
        or any(_WITHIN.search(one) for one in said)
    )


def meaning(name: str, table: str = "") -> tuple[str, str]:
    """Return what the name of a column means, and the word that says so; ``""`` where none does.

    A name that ends in ``id``, ``no`` or the like is a number: ``message_id`` is no message. What a table of one word
    is called says nothing in the names of its columns: ``forum_name`` of ``forums`` is a name.
    """
    said = words(name)
    own = [word.rstrip("s") for word in words(table)]
    said = [word for word in said if word.rstrip("s") not in own] or said if len(own) == 1 else said
    if said and said[-1].endswith("id") and said[-1][:-2] in _POINTS:  # userid
        said = [*said[:-1], said[-1][:-2], "id"]
    if not said or said[-1] not in MEANINGS["id"]:
        return first(MEANINGS, said)
    found = first({one: MEANINGS[one] for one in REFERRED}, said[:-1])
    return found if found[0] or len(said) > 2 else ("id", said[-1])


def first(known: Known, said: list[str]) -> tuple[str, str]:
    """Return the first meaning that one of the words says, and the word; ``""`` where none does."""
    return next(((one, word) for one, listed in known.items() for word in said if word in listed), ("", ""))
