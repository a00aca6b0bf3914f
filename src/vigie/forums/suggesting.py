"""A mapping proposed for tables that nothing reads: a guess from names, types and values, each with its reasons.

A person reads it, mends it and decides; nothing is read by a proposal.
"""

from __future__ import annotations

import re
import typing as t

import msgspec

from vigie.forums.expressions import WORDS
from vigie.forums.guessing import SOME, Column, Guess, guess, kind, looked
from vigie.forums.words import ACTIONS, DIRECTIONS, TABLES, first, words

_PLAIN = re.compile(r"[^\W\d][\w$]*")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is proposed."""

    name: str
    into: str
    fields: dict[str, tuple[str, str]]
    """Field -> expression, and why."""
    where: str = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """How a table may be read."""

    table: str
    rows: int
    confidence: str = ""
    """``likely`` (the table's name and columns say so), ``possible`` (the columns alone), ``weak`` (it may be, and may
    as well be another: a person has to say so), ``""``: nothing was found."""
    why: str = ""
    rules: list[Draft] = []
    weak: list[Draft] = []
    """Rules that are no more than a place to begin; then there are no others."""
    looked: list[str] = []
    """Where no rules are proposed: what was looked at in each column."""
    left: list[str]
    """Columns of which nothing is made."""


_FIELDS: t.Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "account": {
        "id": ("id", "account"),
        "name": ("name",),
        "email": ("email",),
        "registered": ("registered", "time"),
        "last_seen": ("seen",),
        "registration_ip": ("ip",),
        "last_ip": ("last_ip",),
        "language": ("language",),
        "time_zone": ("zone",),
        "usergroup": ("group",),
        "admin": ("admin",),
        "moderator": ("moderator",),
        "state": ("status",),
        "password": ("password",),
    },
    "message": {
        "id": ("id", "post"),
        "conversation": ("topic",),
        "account": ("account",),
        "name": ("name",),
        "at": ("time",),
        "ip": ("ip",),
        "subject": ("subject",),
        "text": ("text",),
        "state": ("status",),
    },
    "post": {
        "id": ("id", "post"),
        "topic": ("topic", "parent"),
        "section": ("section",),
        "account": ("account",),
        "name": ("name",),
        "at": ("time",),
        "ip": ("ip",),
        "subject": ("subject",),
        "text": ("text",),
        "state": ("status",),
    },
    "topic": {
        "id": ("id", "topic"),
        "section": ("section", "parent"),
        "account": ("account",),
        "name": ("name",),
        "at": ("time",),
        "title": ("subject",),
        "state": ("status",),
    },
    "section": {
        "id": ("id", "section"),
        "parent": ("parent",),
        "name": ("subject", "name"),
        "description": ("about", "text"),
        "locked": ("password",),
    },
    "attachment": {
        "id": ("id",),
        "post": ("post",),
        "account": ("account",),
        "at": ("time",),
        "name": ("file", "name"),
        "path": ("path",),
        "digest": ("digest",),
        "downloads": ("downloads",),
        "size_bytes": ("size",),
    },
    "payment": {
        "id": ("id",),
        "account": ("account",),
        "at": ("time",),
        "amount": ("amount",),
        "currency": ("currency",),
        "address": ("wallet",),
        "transaction": ("transaction",),
        "processor": ("processor",),
        "status": ("status",),
        "payer": ("email",),
        "detail": ("text", "subject"),
    },
    "event": {
        "account": ("account",),
        "name": ("name",),
        "at": ("time", "seen"),
        "ip": ("ip", "last_ip"),
        "agent": ("agent",),
        "device": ("device",),
        "detail": ("text", "path"),
    },
    "usergroup": {
        "id": ("id", "group"),
        "name": ("name", "subject", "group"),
        "admin": ("admin",),
        "moderator": ("moderator",),
    },
    "membership": {"account": ("account",), "usergroup": ("group",), "until": ("until",), "since": ("time",)},
    "moderation": {
        "account": ("admin", "moderator"),
        "target": ("account",),
        "at": ("time",),
        "until": ("until",),
        "detail": ("reason",),
    },
    "complaint": {
        "id": ("id",),
        "post": ("post",),
        "account": ("account",),
        "at": ("time",),
        "text": ("text", "reason"),
    },
}
"""Table of vigie -> field -> meanings of a column that fills it."""
_NEEDED: t.Final[dict[str, tuple[frozenset[str], ...]]] = {
    into: tuple(frozenset(one.split("|")) for one in needs.split())
    for into, needs in {
        "account": "id|account name|email",
        "message": "text account recipient",
        "post": "text account",
        "topic": "id|topic subject account|section",
        "section": "id|section name|subject",
        "attachment": "file|path|digest id|account",
        "payment": "amount|wallet|transaction account|id",
        "event": "account|name ip|last_ip|seen|time|agent|device",
        "usergroup": "id|group name|subject",
        "membership": "account group",
        "moderation": "account|name reason|time",
        "complaint": "account text|reason",
    }.items()
}
"""Table of vigie -> what must be there for it."""
_TELLING: t.Final[dict[str, frozenset[str]]] = {
    into: frozenset(means.split())
    for into, means in {
        "account": "email password registered",
        "message": "recipient",
        "post": "topic section",
        "topic": "",
        "section": "parent",
        "attachment": "digest size file",
        "payment": "amount wallet transaction currency",
        "event": "ip agent device",
        "usergroup": "",
        "membership": "group",
        "moderation": "reason",
        "complaint": "reason",
    }.items()
}
"""Meanings that others have more rarely."""
_ONLY_NAMED: t.Final = frozenset({"topic", "section", "usergroup", "moderation", "complaint"})
"""Tables that columns alone do not tell from others."""
_COMMON: t.Final = _ONLY_NAMED - {"topic"}
"""Of these, that so many tables of other kinds look like that not even a weak proposal is made of columns alone."""
_KINDS: t.Final = {
    "phone": "phone",
    "messenger": "messenger",
    "website": "website",
    "signature": "signature",
    "about": "about",
    "location": "location",
    "wallet": "wallet",
    "device": "device",
}


def propose(table: str, columns: list[Column], rows: int) -> Proposal:
    """Propose how to read a table."""
    guesses = [guess(one, table) for one in columns]
    (score, said), into = max(((_score(into, table, guesses), into) for into in _FIELDS), key=lambda one: one[0][0])
    if not score:
        return _weak(table, columns, rows)
    rules, taken = _rules(into, table, guesses)
    return Proposal(
        table=table,
        rows=rows,
        confidence="likely" if said else "possible",
        why=f"the name says {said!r}, and the columns fit" if said else "the columns fit; the name does not say so",
        rules=rules,
        left=[one.name for one in columns if one.name not in taken],
    )


class _Told(t.TypedDict):
    table: str
    rows: int
    looked: list[str]


def _weak(table: str, columns: list[Column], rows: int) -> Proposal:
    """Say what was looked at where it is not enough, and what it may be: by few values, or by common columns alone."""
    guesses = [guess(one, table, fewest=1) for one in columns]
    met = {one.meaning for one in guesses} - {""}
    told = _Told(table=table, rows=rows, looked=[looked(one) for one in guesses])
    lacks = {into: [need for need in needs if not met & need] for into, needs in _NEEDED.items()}
    (score, _), into = max(((_score(one, table, guesses), one) for one in _FIELDS), key=lambda one: one[0][0])
    if score:
        return _drafted(into, guesses, "so few values say so", **told)
    near = sorted(lacks, key=lambda one: (len(lacks[one]), *_likeness(one, met)))
    why = "these columns are in many tables, and neither name nor values say more"
    for into in near:
        found = _drafted(into, guesses, why, **told)
        left = {one.meaning for one in guesses if one.column.name in found.left} - {""}
        if into not in _COMMON and not lacks[into] and not left:
            return found
    into = next((one for one in near if 0 < len(lacks[one]) < len(_NEEDED[one])), "")
    needs = " and ".join(map(_one_of, lacks.get(into, ())))
    near_it = f"nearest is {into}, which needs also {needs}"
    why = near_it if into else "no column is one that any table of vigie needs"
    return Proposal(**told, why=why, left=[one.name for one in columns])


def _drafted(into: str, guesses: list[Guess], why: str, table: str, rows: int, looked: list[str]) -> Proposal:
    """Return a weak proposal."""
    drafts, taken = _rules(into, table, guesses)
    left = [one.column.name for one in guesses if one.column.name not in taken]
    return Proposal(table=table, rows=rows, confidence="weak", why=why, weak=drafts, looked=looked, left=left)


def _likeness(into: str, met: set[str]) -> tuple[int, int]:
    """Order tables that lack as much: by how many fields would be filled, then by what others have more rarely."""
    return -sum(any(one in met for one in means) for means in _FIELDS[into].values()), -len(met & _TELLING[into])


def _one_of(need: frozenset[str]) -> str:
    return " or ".join(sorted(need))


def _rules(into: str, table: str, guesses: list[Guess]) -> tuple[list[Draft], set[str]]:
    """Return the rules that make rows of a table of vigie, and the columns that they take."""
    fields, taken = _filled(into, guesses)
    fields |= _fixed(into, words(table))
    rules = [Draft(name=table, into=into, fields=fields)]
    for one in guesses:
        name = one.column.name
        if name not in taken and (more := _further(table, into, one, fields)):
            rules.append(more)
            taken.add(name)
    return rules, taken


def once(proposals: list[Proposal]) -> list[Proposal]:
    """Return one proposal for each name of a table: a rule holds for the tables of that name under every prefix.

    Where they differ it is that of the table with the most rows, and its reason says so.
    """
    named: dict[str, list[Proposal]] = {}
    for one in proposals:
        named.setdefault(one.table, []).append(one)
    return [_joined(several) for several in named.values()]


def _joined(several: list[Proposal]) -> Proposal:
    best = max(
        several, key=lambda one: (bool(one.rules), one.rows, len(one.left) + sum(len(r.fields) for r in one.rules))
    )
    if len(several) == 1:
        return best
    alike = all((one.rules, one.left) == (best.rules, best.left) for one in several)
    said = f"{len(several)} prefixes have it" + (
        "" if alike else ", with other columns or values: this is of the largest"
    )
    why = f"{best.why}; {said}" if best.why else said
    return msgspec.structs.replace(best, rows=sum(one.rows for one in several), why=why)


def _fixed(into: str, said: list[str]) -> dict[str, tuple[str, str]]:
    """Return the fields that the name of a table fills."""
    if into == "event":
        action, word = first(ACTIONS, said)
        return {"action": (f"'{action or 'other'}'", f"the table's name says {word!r}" if word else "")}
    if into == "payment":
        return {"direction": (f"'{first(DIRECTIONS, said)[0] or 'in'}'", "")}
    return {"action": ("'ban'", "")} if into == "moderation" else {}


def _further(table: str, into: str, one: Guess, fields: dict[str, tuple[str, str]]) -> Draft | None:
    """Return a rule of its own for a column: what an account says of itself, to whom a message went."""
    name = column_name(one.column.name)
    if "id" in fields and into == "account" and one.meaning in _KINDS:
        said = {"kind": f"'{_KINDS[one.meaning]}'", "name": _literal(one.column.name)}
        more = {
            "account": (fields["id"][0], ""),
            **{field: (text, "") for field, text in said.items()},
            "value": (name, one.why),
        }
        return Draft(name=f"{table}: {one.column.name}", into="profile", where=f"{name} != ''", fields=more)
    if "id" in fields and into == "message" and one.meaning == "recipient":
        more = {"message": (fields["id"][0], ""), "account": (name, one.why)}
        return Draft(name=f"{table}: {one.column.name}", into="recipient", fields=more)
    return None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _score(into: str, table: str, guesses: list[Guess]) -> tuple[float, str]:
    """Return how well a table of vigie fits - 0: not at all - and the word of the name that says so, if one does."""
    met = {one.meaning for one in guesses} - {""}
    said = next((word for word in words(table) if word in TABLES.get(into, ())), "")
    if not all(met & need for need in _NEEDED[into]) or (into in _ONLY_NAMED and not said):
        return 0.0, ""
    telling = len(met & _TELLING[into])
    if not said and not telling:
        return 0.0, ""
    filled = sum(any(one in met for one in means) for means in _FIELDS[into].values())
    return 4.0 * bool(said) + 2.0 * telling + 0.1 * filled, said


def _filled(into: str, guesses: list[Guess]) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """Return the expression of each field with its reason, and the columns that were taken."""
    fields: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()
    for field, means in _FIELDS[into].items():
        one = next((g for mean in means for g in guesses if g.meaning == mean and g.column.name not in taken), None)
        if one is not None:
            fields[field] = expression(field, one), one.why
            taken.add(one.column.name)
    return fields, taken


def expression(field: str, one: Guess) -> str:
    """Return how a column is read for a field."""
    name, shape = column_name(one.column.name), one.column.shape
    shares: dict[str, float] = shape.shares if shape else {}
    if field in ("password", "locked"):
        return f"present({name})"
    if field in ("at", "registered", "last_seen", "since", "until"):
        if shares.get("unix_ms", 0) >= SOME:
            return f"unix_ms({name})"
        seconds = shares["unix"] >= SOME if shares else kind(one.column) == "number"
        return f"unix({name})" if seconds else f"datetime({name})"
    if field in ("ip", "registration_ip", "last_ip"):
        number = shares["ip"] < SOME and shares["ip_number"] >= SOME if shares else kind(one.column) == "number"
        return f"ip_int({name})" if number else f"ip({name})"
    if field == "digest":
        return f"digest({name})"
    return name


def column_name(name: str) -> str:
    """Return the name of a column as an expression has it."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in WORDS else f"`{name}`"
