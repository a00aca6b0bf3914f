"""ActorPacks: who is behind the labels of tags. Source: GraphSense ``tagpack-tool``, ``actorpack_schema.yaml``."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.cell.job import Refused
from vigie.cell.tags import fields
from vigie.cell.tags.found import Found, Troubles
from vigie.rows.wire import ActorEntry

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from vigie.cell.tags.yaml_text import Plain

MOST_ACTORS: t.Final = 1_000_000
MANDATORY: t.Final = ("id", "label", "uri", "lastmod", "categories")
_KNOWN: t.Final = frozenset({*MANDATORY, "jurisdictions", "aliases", "context", "legal_name"})
_HEADER: t.Final = frozenset({"title", "creator", "description", "is_public", "owner", "actors", "uri", "version"})


def read(pack: Mapping[str, Plain], say: Mapping[str, str], format: str = "actorpack") -> Found:  # noqa: A002 - the field
    """Read an ActorPack. What its header says holds for every actor that does not. Errors: Refused ``bad_pack``."""
    actors = pack.get("actors")
    if not isinstance(actors, list):
        raise Refused("bad_pack", "its field actors is no list")
    if len(actors) > MOST_ACTORS:
        raise Refused("too_large", f"more than {MOST_ACTORS:,} actors: split it")
    for name in ("title", "creator"):
        if not (pack.get(name) or say.get(name)):
            raise Refused("bad_pack", f"the header is without {name}: say it with --say {name}=...")
    found = Found(format=format, troubles=Troubles())
    for name in ("title", "creator", "description"):
        value = pack.get(name) or say.get(name, "")
        setattr(found, name, fields.text(value if isinstance(value, str) else "", 1024))
    header = {**say, **{name: value for name, value in pack.items() if value is not None and name not in _HEADER}}
    unknown = {name for one in actors if isinstance(one, dict) for name in one} - _KNOWN
    for name in sorted({*unknown, *(set(header) - _KNOWN - _HEADER)})[:20]:
        found.troubles.add("bad_value", f"the field {name!r} is none of an actor and was not read")
    seen = set[str]()
    for number, one in enumerate(actors):
        made = _actor(one, header, number, found.troubles)
        if made and made.id in seen:
            found.troubles.reject(number, f"the actor {made.id!r} stands twice in the pack")
        elif made:
            seen.add(made.id)
            found.actors.append(made)
    return found


def _actor(given: Plain, header: Mapping[str, Plain], number: int, troubles: Troubles) -> ActorEntry | None:
    if not isinstance(given, dict):
        troubles.reject(number, "the entry is no map of fields")
        return None
    one = {**header, **{name: value for name, value in given.items() if value is not None}}
    missing = [name for name in MANDATORY if not one.get(name)]
    if "id" in missing or "label" in missing:
        troubles.reject(number, f"an actor without {' and '.join(missing)}")
        return None
    try:
        id_, label = fields.text(one["id"], 128), fields.text(one["label"], 256)
    except ValueError as error:
        troubles.reject(number, f"an actor whose id or label is {error}")
        return None
    if missing:
        troubles.add("bad_value", f"the actor {id_!r} is without {', '.join(missing)}", number)
    made: dict[str, t.Any] = {"id": id_, "label": label}
    for name, make in _OTHERS.items():
        if one.get(name) is None:
            continue
        try:
            made[name] = make(one[name])
        except ValueError as error:
            troubles.add("bad_value", f"{name} of {id_!r} is {error}; left empty", number)
    made["jurisdictions"] = ", ".join(_countries(made.get("jurisdictions", ""), id_, number, troubles))
    made.setdefault("legal_name", _legal_name(made.get("context", "")))
    return ActorEntry(**made)


def _countries(words: str, actor: str, number: int, troubles: Troubles) -> list[str]:
    """Return codes of two letters, each once; what is none is told."""
    out = list[str]()
    for one in filter(None, words.upper().split(", ")):
        if len(one) != 2 or not (one.isascii() and one.isalpha()):
            troubles.add("bad_value", f"jurisdictions of {actor!r}: {one!r} is no country code of two letters", number)
        elif one not in out:
            out.append(one)
    return out


def _legal_name(context: str) -> str:
    """Return ``legal_name`` out of the context, which is JSON in text; ``""`` where it says none."""
    try:
        said = _CONTEXT.decode(context) if context else _Context()
    except (msgspec.DecodeError, RecursionError):  # prose, or cut
        return ""
    return fields.text(said.legal_name or "", 1024)


class _Context(msgspec.Struct):
    """What of a context is read."""

    legal_name: str | None = None


_CONTEXT: t.Final = msgspec.json.Decoder(_Context)


def _text(most: int) -> t.Callable[[t.Any], str]:
    return lambda value: fields.text(value, most)


def _micros(value: t.Any) -> int:
    made = fields.moment(value)
    return int(made.timestamp()) * 1_000_000 + made.microsecond


_OTHERS: t.Final[dict[str, t.Callable[[t.Any], t.Any]]] = {
    "uri": _text(1024), "categories": fields.words, "jurisdictions": fields.words, "aliases": fields.words,
    "legal_name": _text(1024), "context": _text(4096), "lastmod": _micros,
}  # fmt: skip
