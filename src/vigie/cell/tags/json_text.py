"""JSON as text alone, like ``yaml_text``: numbers and truths stay the words they are written as."""

from __future__ import annotations

import json
import typing as t

from vigie.cell.job import Refused
from vigie.cell.tags import unsaid

if t.TYPE_CHECKING:
    from vigie.cell.tags.yaml_text import Plain


def load(data: bytes) -> Plain:
    """Return what a JSON document holds. Errors: Refused ``bad_pack``, ``too_deep``."""
    try:
        found: Plain = _DECODER.decode(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("bad_pack", f"not UTF-8 at byte {error.start}: save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise Refused("bad_pack", f"no JSON: line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise Refused("too_deep", "lists and maps in each other, too many") from None
    return _worded(found)


def _worded(held: t.Any) -> Plain:
    if isinstance(held, list):
        return [_worded(one) for one in held]
    return ("true" if held else "false") if isinstance(held, bool) else held


def _once(pairs: list[tuple[str, t.Any]]) -> dict[str, Plain]:
    """Return a map, unless a name stands twice in it."""
    made = {key: ("true" if value else "false") if isinstance(value, bool) else value for key, value in pairs}
    if len(made) < len(pairs):
        seen = set[str]()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # set.add
        raise Refused("bad_pack", f"the field {unsaid.cut(twice, 100)!r} stands twice in one entry")
    return {key: _worded(value) if type(value) is list else value for key, value in made.items()}


_DECODER: t.Final = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=str)
