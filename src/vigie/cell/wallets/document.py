"""Wallets that are one document: JSON, JSON with patches behind it (Electrum 4.5 and newer), a Python literal (1.x).

A patch changes what stands before it. What it replaces is kept: it is what the wallet said earlier.
"""

from __future__ import annotations

import ast
import json
import re
import typing as t

from vigie.cell.job import Refused

MOST_BYTES: t.Final = 512 << 20
MOST_LITERAL: t.Final = 16 << 20
"""Python's own parser takes 100 times the memory."""
_BETWEEN: t.Final = re.compile(r"[^\s,]|\Z")
_TEXTS: t.Final = re.compile(rb"""["']([0-9A-Za-z]{14,140})["']""")
_PATCHES: t.Final = ("add", "replace", "remove")


class Document:
    """What a wallet says now (``now``), what it said earlier (``before``), and how much could not be read."""

    def __init__(self, data: bytes) -> None:
        """Raise ``Refused`` where not even its first part can be read."""
        self.now: dict[str, t.Any] = {}
        self.before: dict[str, t.Any] = {}
        self.troubles: list[tuple[str, str]] = []
        self.patches = 0
        self._places: dict[bytes, int] = {}
        for met in _TEXTS.finditer(data):
            self._places.setdefault(met[1], met.start(1))
        text = data.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
        if text.lstrip()[1:].lstrip()[:1] == "'" or re.match(r"\s*\{\s*(?:u['\"]|\d+\s*:)", text):
            self._put(_literal(text))
        else:
            self._parts(text)

    def start(self, value: str) -> int:
        """Return the byte at which a text stands in the file for the first time; -1: in another form."""
        return self._places.get(value.encode("utf-8", "replace"), -1)

    def _put(self, value: t.Any) -> None:
        if not isinstance(value, dict):
            raise Refused("damaged", "it is no document with members")
        self.now = {str(name): one for name, one in value.items()}

    def _parts(self, text: str) -> None:
        decoder = json.JSONDecoder(parse_float=str, parse_constant=str, parse_int=_whole)
        at, first = _next(text, 0), True
        while at < len(text):
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                detail = f"at character {at}: {str(error)[:200]}"
                if first:
                    raise Refused("truncated" if "Unterminated" in detail else "damaged", detail) from error
                self.troubles.append(("truncated", f"its last change cannot be read, {detail}"))
                return
            if first:
                self._put(value)
            elif isinstance(value, dict) and value.get("op") in _PATCHES and isinstance(value.get("path"), str):
                self._patch(value)
            else:
                self.troubles.append(("unread", f"what stands before character {at} is no change"))
            first = False
            at = _next(text, at)

    def _patch(self, patch: dict[str, t.Any]) -> None:
        """Apply a change (RFC 6902) and keep what it replaces."""
        self.patches += 1
        steps = [one.replace("~1", "/").replace("~0", "~") for one in patch["path"].split("/")[1:]]
        holder: t.Any = self.now
        for step in steps[:-1]:
            holder = _member(holder, step)
        last = steps[-1] if steps else ""
        if isinstance(holder, dict) and steps:
            if last in holder:
                self._keep(steps, holder.pop(last))
            if patch["op"] != "remove":
                holder[last] = patch.get("value")
        elif isinstance(holder, list) and (last == "-" or (last.isdecimal() and int(last[:9]) <= len(holder))):
            index = len(holder) if last == "-" else int(last)
            if patch["op"] != "add" and index < len(holder):
                self._keep(steps, holder.pop(index))
            if patch["op"] != "remove":
                holder.insert(index, patch.get("value"))
        else:
            self.troubles.append(("unread", f"a change of {patch['path'][:200]}, which is not there"))

    def _keep(self, steps: list[str], value: t.Any) -> None:
        holder = self.before
        for step in steps[:-1]:
            inner = holder.setdefault(step, {})
            if not isinstance(inner, dict):
                return
            holder = inner
        holder.setdefault(steps[-1], value)


def _next(text: str, at: int) -> int:
    """Return where the next part begins, behind blanks and commas."""
    met = _BETWEEN.search(text, at)
    return met.start() if met else len(text)


def _whole(text: str) -> int | str:
    return int(text) if len(text) < 40 else text


def _literal(text: str) -> t.Any:
    if len(text) > MOST_LITERAL:
        raise Refused("too_large", f"a Python literal of {len(text)} characters")
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise Refused("damaged", f"no Python literal: {type(error).__name__}") from error


def _member(holder: t.Any, step: str) -> t.Any:
    if isinstance(holder, dict):
        return holder.get(step)
    if isinstance(holder, list) and step.isdecimal() and int(step[:9]) < len(holder):
        return holder[int(step)]
    return None


def members(of: t.Any, name: str) -> dict[str, t.Any]:
    """Return a member that has members itself, its names as text; empty where there is none such."""
    inner = of.get(name) if isinstance(of, dict) else None
    return {str(one): value for one, value in inner.items()} if isinstance(inner, dict) else {}


def text(of: t.Any, name: str) -> str:
    """Return a member that is text; ``""`` where there is none such."""
    inner = of.get(name) if isinstance(of, dict) else None
    return inner if isinstance(inner, str) else ""


def whole(value: t.Any) -> int:
    """Return a whole number of 0 or more; -1 where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else -1
