"""TagPacks: what stands in the header holds for every tag that does not say otherwise.

Source: GraphSense ``tagpack-tool``, ``tagpack_schema.yaml`` and its documentation of inheritance. Work is done on whole
fields: of half a million tags most fields have a few hundred different values.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.job import Refused
from vigie.cell.tags import fields
from vigie.cell.tags.found import MOST_TAGS, NO_TIME, Found, Troubles
from vigie.numeric.paid_to import scripts
from vigie.rows.tags import CONFIDENCES

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vigie.cell.tags.yaml_text import Plain

BITCOIN: t.Final = frozenset({"BTC", "XBT", "BITCOIN"})
NETWORKS: t.Final = frozenset({"BTC", "XBT", "BITCOIN", "MAINNET", "TESTNET", "REGTEST", "SIGNET", ""})
_TXID: t.Final = frozenset("0123456789abcdef")


def read(pack: Mapping[str, Plain], say: Mapping[str, str], format: str = "tagpack") -> Found:  # noqa: A002 - the field
    """Read a TagPack. ``say``: fields that hold where it is silent. Errors: Refused ``bad_pack``, ``too_large``."""
    tags = pack.get("tags")
    if not isinstance(tags, list):
        raise Refused("bad_pack", "its field tags is no list")
    if len(tags) > MOST_TAGS:
        raise Refused("too_large", f"more than {MOST_TAGS:,} tags: split it")
    troubles = Troubles()
    missing = [name for name in ("title", "creator") if not (pack.get(name) or say.get(name))]
    if missing:
        raise Refused("bad_pack", f"the header is without {' and '.join(missing)}: say it with --say {missing[0]}=...")
    for name in sorted(set(pack) - fields.HEADER_FIELDS - set(fields.TAG_FIELDS))[:20]:
        troubles.add("bad_value", f"the header's field {name!r} is none of a TagPack and was not read")
    kept = _Kept(tags, {**say, **{name: value for name, value in pack.items() if value is not None}}, troubles)
    found = Found(format=format, troubles=troubles)
    for name, most in (("title", 1024), ("creator", 1024), ("description", 1024)):
        value = pack.get(name) or say.get(name, "")
        setattr(found, name, fields.text(value if isinstance(value, str) else "", most))
    kept.into(found)
    return found


class _Kept:
    """The entries of a pack that are tags, and their fields."""

    def __init__(self, tags: list[Plain], header: Mapping[str, Plain], troubles: Troubles) -> None:
        self.troubles = troubles
        self.tags = t.cast("Sequence[t.Any]", tags)
        self.numbers: Sequence[int] = range(len(tags))
        self.header = header
        odd = [at for at, kind in enumerate(map(type, tags)) if kind is not dict]
        for at in odd:
            troubles.reject(at, "the entry is no map of fields")
        if odd:
            self._only(set(odd))
        shapes = set(map(tuple, self.tags))  # of a million tags there are a few
        self.named = {name for shape in shapes for name in shape}
        for name in sorted(self.named - set(fields.TAG_FIELDS))[:20]:
            troubles.add("bad_value", f"the field {name!r} is none of a tag and was not read")
        if header.get("network") is None:  # older packs say the currency alone
            self.header = {**header, "network": header.get("currency")}
            for one in self.tags if "currency" in self.named else ():
                if "currency" in one:
                    one.setdefault("network", one["currency"])
            self.named |= {"network"} if "currency" in self.named else set()
        self._mandatory()

    def _only(self, out: set[int]) -> None:
        left = [at for at in range(len(self.tags)) if at not in out]
        self.tags, self.numbers = [self.tags[at] for at in left], [self.numbers[at] for at in left]

    def _column(self, name: str) -> list[t.Any]:
        """Return a field of each tag: its own, else the header's; None where neither says it."""
        inherited = self.header.get(name)
        if name not in self.named:
            return [inherited] * len(self.tags)
        made = [one.get(name) for one in self.tags]
        return made if inherited is None else [inherited if one is None else one for one in made]

    def _mandatory(self) -> None:
        out: dict[int, str] = {}
        for name in fields.MANDATORY:
            if self.header.get(name) is None:
                column = self._column(name)
                if None in column:
                    out = {at: f"without {name}" for at, one in enumerate(column) if one is None} | out
        address = self._column("address")
        if not all(address):
            whose = zip(address, self._column("tx_hash"), strict=True)
            out.update(
                {at: "with neither address nor tx_hash" for at, (one, tx) in enumerate(whose) if not (one or tx)}
            )
        for at, why in sorted(out.items()):
            self.troubles.reject(self.numbers[at], f"a tag {why}")
        if out:
            self._only(set(out))

    def into(self, found: Found) -> None:
        """Fill in the fields."""
        many = found.tags = len(self.tags)
        texts: dict[str, str | list[str]] = {}
        for name, most in fields.TEXTS.items():
            make = fields.words if name == "concepts" else _cut(most)
            texts[name] = self._made(name, make, "")
        texts["confidence_level"] = _each(texts["confidence"], lambda one: str(fields.confidence(one)))
        texts["is_cluster_definer"] = self._made("is_cluster_definer", lambda one: str(int(fields.truth(one))), "0")
        when = self._made("lastmod", lambda one: fields.moment(one).isoformat(), "")
        days = {one: _micros(one) if one else NO_TIME for one in ({when} if isinstance(when, str) else set(when))}
        found.lastmod = (
            np.full(many, days[when]) if isinstance(when, str) else np.fromiter(map(days.__getitem__, when), np.int64)
        )
        self._words(texts)
        texts["confidence"] = _each(texts["confidence"], lambda one: one or "unknown")
        texts["tag_type"] = _each(texts["tag_type"], lambda one: one or "actor")
        found.texts = texts
        found.scripts = self._scripts(texts, many)

    def _made(self, name: str, make: Callable[[t.Any], str], empty: str) -> str | list[str]:
        """Return a field as text: one value where all have it; each different value is made once."""
        if name not in self.named:
            value = self.header.get(name)
            return empty if value is None else self._one(name, value, make, empty, len(self.tags))
        column = self._column(name)
        kinds = set(map(type, column))
        if name in _LONG and kinds == {str} and _clean(column, fields.TEXTS[name]):
            return column
        if kinds <= {str, type(None)}:
            values = set(column)
        else:
            column = [tuple(one) if isinstance(one, list) and all(isinstance(x, str) for x in one)
                      else one if isinstance(one, str) or one is None else _ODD for one in column]  # fmt: skip
            values = set(column)
        told = {
            one: empty if one is None else self._one(name, list(one) if isinstance(one, tuple) else one, make, empty)
            for one in values
        }
        made = list(map(told.__getitem__, column))
        return made[0] if len(set(told.values())) == 1 else made

    def _one(self, name: str, value: t.Any, make: Callable[[t.Any], str], empty: str, times: int = 0) -> str:
        try:
            return make(value)
        except ValueError as error:
            shown = repr(value)[:80] if isinstance(value, str) else type(value).__name__
            self.troubles.add(
                "bad_value", f"{name}: {shown} is {error}; left empty" + (" in all tags" if times else "")
            )
            return empty

    def _words(self, texts: dict[str, str | list[str]]) -> None:
        """Say where confidences or kinds of tags are none that GraphSense has, or missing."""
        of = texts["confidence"]
        silent = (len(self.tags) if not of else 0) if isinstance(of, str) else of.count("")
        if silent:
            self.troubles.add("bad_value", f"{silent:,} tags without confidence: taken as unknown, level 5")
        for name, known in (("confidence", CONFIDENCES), ("tag_type", fields.TAG_TYPES)):
            given = texts[name]
            for one in sorted({given} if isinstance(given, str) else set(given))[:50]:
                if one and one not in known:
                    self.troubles.add("bad_value", f"{name}: {one!r} is none that GraphSense has; kept as it stands")

    def _scripts(self, texts: dict[str, str | list[str]], many: int) -> list[bytes]:
        """Return the scripts of Bitcoin addresses; of one that does not hold none, and it is told."""
        of = [[one] * many if isinstance(one, str) else one for one in map(texts.__getitem__, _WHERE)]
        coins = {one: one.upper() in BITCOIN for one in set(of[1])}
        nets = {one: one.upper() in NETWORKS for one in set(of[2])}
        address = of[0]
        mine = [at for at, one in enumerate(zip(*of, strict=True)) if one[0] and coins[one[1]] and nets[one[2]]]
        made = [b""] * many
        bad = 0
        for at, script in zip(mine, scripts([address[at] for at in mine]), strict=True):
            made[at] = script
            if not script:
                bad += 1
                if bad <= 20:
                    self.troubles.add("bad_value", f"{address[at]} is no Bitcoin address that holds", self.numbers[at])
        if bad > 20:
            self.troubles.add("bad_value", f"{bad:,} Bitcoin addresses in all do not hold")
        return made


_LONG: t.Final = ("address", "tx_hash")
"""Fields that differ in nearly all tags."""
_WHERE: t.Final = ("address", "currency", "network")
_ODD: t.Final = ("", 0)
"""Stands for a value that is no text and no list of texts."""


def _clean(column: list[str], most: int) -> bool:
    """Tell whether all are words that would be kept as they are."""
    joined = "".join(column)
    return joined.isprintable() and " " not in joined and max(map(len, column)) <= most


def _cut(most: int) -> Callable[[t.Any], str]:
    return lambda value: fields.text(value, most)


def _each(given: str | list[str], make: Callable[[str], str]) -> str | list[str]:
    if isinstance(given, str):
        return make(given)
    told = {one: make(one) for one in set(given)}
    return list(map(told.__getitem__, given))


def _micros(iso: str) -> int:
    made = fields.moment(iso)
    return int(made.timestamp()) * 1_000_000 + made.microsecond
