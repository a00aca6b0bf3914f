"""A few words round an identifier, on one line, without markup; nothing of a secret."""

from __future__ import annotations

import html
import re
import typing as t
import unicodedata

MOST: t.Final = 120
"""Characters."""
_ROUND: t.Final = 160
"""Bytes before and behind it that are looked at."""
_MARKUP: t.Final = re.compile(
    r"\[(?!at\]|dot\])/?[a-zA-Z*]{1,12}(?:=[^\[\]]{0,200})?\]|<[^<>]{0,200}>|^[^<>]{0,80}>|<[^<>]{0,80}$"
)
_SPACES: t.Final = re.compile(r"\s+")
SEALED: t.Final = "\u2026"
"""Stands for a secret."""


def line(data: memoryview, low: int, high: int, span: tuple[int, int], secrets: list[tuple[int, int]]) -> str:
    """Return at most ``MOST`` characters round ``span``; ``secrets``: spans of which none may be shown, ascending."""
    start, end = span
    length = end - start
    round_ = max(_ROUND - length // 2, 40)
    middle = min(end, start + 200)
    before = _text(data, max(low, start - round_), start, secrets)
    inside = _clean(_text(data, start, middle, secrets))[:MOST]
    after = _text(data, min(middle, high), min(high, middle + round_), secrets)
    left, right = _clean(before), _clean(after)
    room = MOST - len(inside)
    much = min(len(left), max(room // 2, room - len(right)))
    left = left[len(left) - much :]
    return (left + inside + right[: room - much]).strip()


def _text(data: memoryview, start: int, end: int, secrets: list[tuple[int, int]]) -> str:
    parts, at = [], start
    for first, last in secrets:
        if last > at and first < end:
            parts.append(str(data[at : max(at, first)], "utf-8", "ignore"))
            parts.append(SEALED)
            at = min(last, end)
    parts.append(str(data[at:end], "utf-8", "ignore"))
    return "".join(parts)


def _clean(text: str) -> str:
    """Return it on one line, without tags, entities, control and direction characters."""
    text = _SPACES.sub(" ", html.unescape(_MARKUP.sub(" ", text)))
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if unicodedata.category(one)[0] != "C")
