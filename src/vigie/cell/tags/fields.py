"""The fields of TagPacks and ActorPacks, as GraphSense's schemas have them, and what a value must be to count."""

from __future__ import annotations

import datetime as dt
import re
import typing as t

from vigie.cell.lists.reading.text import cleaned
from vigie.rows.tags import CONFIDENCES

TEXTS: t.Final = {
    "label": 256, "source": 1024, "currency": 32, "network": 32, "address": 256, "tx_hash": 128, "actor": 128,
    "category": 64, "concepts": 512, "tag_type": 32, "confidence": 64, "abuse": 64, "context": 4096,
}  # fmt: skip
"""Text fields of a tag -> characters that are kept of one."""
LONG: t.Final = ("address", "tx_hash")
"""Fields that differ in nearly all tags."""
TAG_FIELDS: t.Final = (*TEXTS, "is_cluster_definer", "lastmod")
HEADER_FIELDS: t.Final = frozenset({"title", "creator", "description", "owner", "is_public", "tags", "uri", "version"})
MANDATORY: t.Final = ("label", "source", "currency", "network")
"""``confidence`` is mandatory too; older packs are without it, and theirs is ``unknown``."""
_TRUE: t.Final = frozenset({"true", "yes", "on", "y", "1"})
_FALSE: t.Final = frozenset({"false", "no", "off", "n", "0", ""})
_DAY: t.Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def text(value: object, most: int) -> str:
    """Return a word of a pack as it is kept: in one line, cut at a bound."""
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - the input's fault, told like other bad values
    return cleaned(value, most)


def words(value: object) -> str:
    """Return a list of words, or words with commas, with commas."""
    given = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) else None
    if given is None or not all(isinstance(one, str) for one in given):
        raise ValueError("no list of words")
    return cleaned(", ".join(one.strip() for one in given if one.strip()), TEXTS["concepts"])


def truth(value: object) -> bool:
    """Return a truth as YAML 1.1 and 1.2 write it."""
    low = str(value).lower()
    if low not in _TRUE | _FALSE:
        raise ValueError("neither true nor false")
    return low in _TRUE


def moment(value: object) -> dt.datetime:
    """Return a day or a time, UTC where none is said."""
    given = str(value).strip()
    if found := _DAY.fullmatch(given):
        year, month, day = map(int, found.groups())
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    try:
        made = dt.datetime.fromisoformat(given)
    except ValueError:
        raise ValueError("no date YYYY-MM-DD") from None
    try:
        return made.astimezone(dt.UTC) if made.tzinfo else made.replace(tzinfo=dt.UTC)
    except OverflowError:
        raise ValueError("no date within the years 1 to 9999") from None


def confidence(value: str) -> int:
    """Return the level of a confidence; ``unknown`` for a word that GraphSense does not have."""
    return CONFIDENCES.get(value, CONFIDENCES["unknown"])
