"""From the texts of one record to an ``Entry``, or to the ``Trouble`` that says why not."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from vigie.cell.lists.reading.text import MOST_SHORT, cleaned
from vigie.rows.wire import Entry, Trouble

SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "pdq": 32}
"""Hashes that vigie matches, with their bytes."""
ABSENT = {"", "-", "null", "none", "n/a", "\\n"}
"""What lists write where they have no value."""


def digest(text: str, size: int) -> bytes | None:
    """Return the bytes of exactly ``2 * size`` hex digits, in either case; None for anything else.

    ``bytes.fromhex`` skips whitespace anywhere; the second length check is what refuses it.
    """
    if len(text) != 2 * size:
        return None
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if len(value) == size else None


def bad_entry(number: int, why: str, *, counts: bool = True) -> Trouble:
    """Return the trouble of one record; ``counts`` is false where the record gave an entry all the same."""
    return Trouble(number=number, code="bad_entry", detail=cleaned(why, 1000), counts=counts)


def entries(
    number: int,
    where: str,
    hashes: Mapping[str, str],
    *,
    entry: str = "",
    category: str = "",
    series: str = "",
    quality: int = 100,
    withdrawn: bool = False,
) -> Iterator[Entry | Trouble]:
    """Yield the entry of one record, and a trouble for what of it does not fit.

    ``hashes``: name as in ``SIZES`` -> text. ``where`` names the record for a person (``line 7``). A hash that is
    not hex of its length is left out and said; the record's other hashes load, since a match lost is worse.
    """
    good: dict[str, t.Any] = {}
    wrong: list[str] = []
    for name, text in hashes.items():
        stripped = text.strip(" \t")  # a line break inside a value is no whitespace round it
        value = digest(stripped, SIZES[name])
        if value is not None:
            good[name] = value
        elif stripped.lower() not in ABSENT:
            wrong.append(f"{name} is not {2 * SIZES[name]} hex digits: {stripped[:80]!r}")
    if not good:
        yield bad_entry(number, f"{where}: " + ("; ".join(wrong) or "no hash that vigie matches"))
        return
    yield Entry(
        number=number,
        entry=cleaned(entry) if entry else "",
        category=cleaned(category, MOST_SHORT) if category else "",
        series=cleaned(series) if series else "",
        quality=quality,
        withdrawn=withdrawn,
        **good,
    )
    if wrong:
        yield bad_entry(number, f"{where}: {'; '.join(wrong)}; its other hashes loaded", counts=False)


class Unusable:
    """Counts the hashes of kinds that vigie cannot compute; said once a list, not once an entry."""

    MOST_KINDS = 32

    def __init__(self) -> None:
        self._kinds: dict[str, list[int]] = {}

    def count(self, kind: str, number: int, *, alone: bool) -> None:
        """Count one. ``alone``: its record holds nothing else, so it gives no entry."""
        kind = cleaned(kind, 64)
        if kind not in self._kinds and len(self._kinds) >= self.MOST_KINDS:
            kind = "other kinds"
        found = self._kinds.setdefault(kind, [0, 0, number])
        found[0] += 1
        found[1] += alone

    def remarks(self) -> Iterator[Trouble]:
        """After the last record: one trouble a kind."""
        for kind, (hashes, alone, number) in self._kinds.items():
            detail = f"{hashes} x {kind}, first at {number}; {alone} records hold nothing else and gave no entry"
            yield Trouble(number=number, code="unusable_hash", detail=detail, counts=False)
