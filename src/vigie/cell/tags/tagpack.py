"""TagPacks: what stands in the header holds for every tag that does not say otherwise.

Source: GraphSense ``tagpack-tool``, ``tagpack_schema.yaml`` and its documentation of inheritance. Work is done on whole
fields: of half a million tags most fields have a few hundred different values, and each is looked at once.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.cell.job import Refused
from vigie.cell.tags import entries, fields, unsaid
from vigie.cell.tags.entries import Entries
from vigie.cell.tags.found import MOST_TAGS, NO_TIME, Column, Found, Troubles
from vigie.numeric.paid_to import scripts
from vigie.rows.tags import CONFIDENCES, TAG_TYPES

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from vigie.cell.tags.yaml_text import Plain

BITCOIN: t.Final = frozenset({"BTC", "XBT", "BITCOIN"})
NETWORKS: t.Final = frozenset({"BTC", "XBT", "BITCOIN", "MAINNET", "TESTNET", "REGTEST", "SIGNET", ""})


def read(
    pack: Mapping[str, Plain],
    say: Mapping[str, str],
    format: str = "tagpack",  # noqa: A002 - the field
    tags: Entries | None = None,
) -> Found:
    """Read a TagPack. ``say``: fields that hold where it is silent; ``tags``: its tags, where they were read apart.

    Errors: Refused ``bad_pack``, ``too_large``.
    """
    listed = pack.get("tags")
    if tags is None and not isinstance(listed, list):
        raise Refused("bad_pack", "its field tags is no list")
    if tags is None and len(t.cast("list[Plain]", listed)) > MOST_TAGS:
        raise Refused("too_large", f"more than {MOST_TAGS:,} tags: split it")
    troubles = Troubles()
    missing = [name for name in ("title", "creator") if not (pack.get(name) or say.get(name))]
    if missing:
        raise Refused("bad_pack", f"the header is without {' and '.join(missing)}: say it with --say {missing[0]}=...")
    for name in sorted(set(pack) - fields.HEADER_FIELDS - set(fields.TAG_FIELDS))[:20]:
        troubles.add("bad_value", f"the header's field {name!r} is none of a TagPack and was not read")
    header = {**say, **{name: value for name, value in pack.items() if value is not None}}
    if tags is None:
        kept = _Kept(*_maps(t.cast("list[Plain]", listed), troubles), header, troubles)
    else:
        kept = _Kept(tags, np.arange(tags.many), header, troubles)
    found = Found(format=format, troubles=troubles)
    for name, most in (("title", 1024), ("creator", 1024), ("description", 1024)):
        value = pack.get(name) or say.get(name, "")
        setattr(found, name, fields.text(value if isinstance(value, str) else "", most))
    kept.into(found)
    return found


def _maps(tags: list[Plain], troubles: Troubles) -> tuple[Entries, NDArray[np.int64]]:
    """Return the entries that are maps of fields, and the number of each in its list; others are told."""
    maps = [one for one in tags if isinstance(one, dict)]
    numbers = np.arange(len(tags))
    if len(maps) < len(tags):
        numbers = np.flatnonzero([isinstance(one, dict) for one in tags])
        for at in sorted(set(range(len(tags))) - set(numbers.tolist())):
            troubles.reject(at, "the entry is no map of fields")
    return entries.of_maps(maps), numbers


class _Kept:
    """The entries of a pack that are tags, and their fields."""

    def __init__(
        self, tags: Entries, numbers: NDArray[np.int64], header: Mapping[str, Plain], troubles: Troubles
    ) -> None:
        self.numbers, self.header, self.troubles = numbers, header, troubles
        for name in sorted(set(tags.columns) - set(fields.TAG_FIELDS))[:20]:
            troubles.add("bad_value", f"the field {name!r} is none of a tag and was not read")
        if header.get("network") is None:  # older packs say the currency alone
            self.header = {**header, "network": header.get("currency")}
            if currency := tags.columns.get("currency"):
                network = tags.columns.get("network")
                network = entries.first_of(network, currency) if network else currency
                tags = Entries(tags.many, {**tags.columns, "network": network})
        self.tags = tags
        self._mandatory()

    def _column(self, name: str) -> Column:
        """Return a field of each tag: its own, else the header's."""
        nothing = np.full(self.tags.many, -1, np.int32)
        column, inherited = self.tags.columns.get(name, Column(nothing, [])), entries.plain(self.header.get(name))
        return column if inherited is None else entries.filled(column, inherited)

    def _mandatory(self) -> None:
        """Leave out tags without a mandatory field."""
        out: dict[int, str] = {}
        for name in fields.MANDATORY:
            for at in np.flatnonzero(self._column(name).codes < 0).tolist():
                out.setdefault(at, f"without {name}")
        where = [_said(self._column(name)) for name in fields.LONG]
        out.update(dict.fromkeys(np.flatnonzero(~np.any(where, axis=0)).tolist(), "with neither address nor tx_hash"))
        for at, why in sorted(out.items()):
            self.troubles.reject(int(self.numbers[at]), f"a tag {why}")
        if out:
            kept = np.ones(self.tags.many, bool)
            kept[list(out)] = False
            self.tags, self.numbers = self.tags.only(kept), self.numbers[kept]

    def into(self, found: Found) -> None:
        """Fill in the fields."""
        found.tags = self.tags.many
        texts: dict[str, str | Column] = {}
        for name, most in fields.TEXTS.items():
            make = fields.words if name == "concepts" else _cut(most)
            texts[name] = self._made(name, make, "")
        texts["confidence_level"] = _each(texts["confidence"], lambda one: str(fields.confidence(one)))
        texts["is_cluster_definer"] = self._made("is_cluster_definer", lambda one: str(int(fields.truth(one))), "0")
        when = self._whole(self._made("lastmod", lambda one: fields.moment(one).isoformat(), ""))
        times = np.array([_micros(one) if one else NO_TIME for one in when.values], np.int64)
        found.lastmod = times[when.codes]
        self._words(texts)
        texts["confidence"] = _each(texts["confidence"], lambda one: one or "unknown")
        texts["tag_type"] = _each(texts["tag_type"], lambda one: one or "actor")
        found.texts = texts
        found.scripts = self._scripts(texts)

    def _made(self, name: str, make: Callable[[t.Any], str], empty: str) -> str | Column:
        """Return a field as text: one value where all have it; each different value is made once."""
        if name not in self.tags.columns:
            value = self.header.get(name)
            return empty if value is None else self._one(name, value, make, empty, everywhere=True)
        column = self._column(name)
        if name in fields.LONG and _clean(column.values, fields.TEXTS[name]):
            made = column.values
        else:
            made = [self._one(name, list(one) if isinstance(one, tuple) else one, make, empty) for one in column.values]
        column = entries.filled(Column(column.codes, made), empty)
        return column.values[0] if len(set(column.values)) == 1 else column

    def _one(
        self, name: str, value: t.Any, make: Callable[[t.Any], str], empty: str, *, everywhere: bool = False
    ) -> str:
        try:
            return make(value)
        except ValueError as error:
            shown = repr(unsaid.shown(value))[:80] if isinstance(value, str) else type(value).__name__
            where = " in all tags" if everywhere and self.tags.many else ""
            self.troubles.add("bad_value", f"{name}: {shown} is {error}; left empty{where}")
            return empty

    def _words(self, texts: dict[str, str | Column]) -> None:
        """Say where confidences or kinds of tags are none that GraphSense has, or missing."""
        of = self._whole(texts["confidence"])
        silent = int(np.isin(of.codes, [at for at, one in enumerate(of.values) if not one]).sum())
        if silent:
            self.troubles.add("bad_value", f"{silent:,} tags without confidence: taken as unknown, level 5")
        for name, known in (("confidence", CONFIDENCES), ("tag_type", TAG_TYPES)):
            for one in sorted(set(self._whole(texts[name]).values))[:50]:
                if one and one not in known:
                    self.troubles.add("bad_value", f"{name}: {one!r} is none that GraphSense has; kept as it stands")

    def _scripts(self, texts: Mapping[str, str | Column]) -> Column:
        """Return the scripts of Bitcoin addresses; of one that does not hold none, and it is told."""
        address, currency, network = (self._whole(texts[name]) for name in ("address", "currency", "network"))
        mine = np.array([one.upper() in BITCOIN for one in currency.values], bool)[currency.codes]
        mine &= np.array([one.upper() in NETWORKS for one in network.values], bool)[network.codes]
        mine &= np.array([one != "" for one in address.values], bool)[address.codes]
        made = scripts(address.values)
        bad = np.flatnonzero(mine & np.array([not one for one in made], bool)[address.codes])
        for at in bad[:20].tolist():
            said = address.values[address.codes[at]]
            self.troubles.add("bad_value", f"{said} is no Bitcoin address that holds", int(self.numbers[at]))
        if len(bad) > 20:
            self.troubles.add("bad_value", f"{len(bad):,} Bitcoin addresses in all do not hold")
        return Column(np.where(mine, address.codes, np.int32(len(made))), [*made, b""])

    def _whole(self, one: str | Column) -> Column:
        return Column(np.zeros(self.tags.many, np.int32), [one]) if isinstance(one, str) else one


def _said(column: Column) -> NDArray[np.bool_]:
    """Tell of each tag whether it has a word there."""
    sizes = [len(one) if isinstance(one, str) else 0 for one in column.values]
    return np.array([*sizes, 0])[column.codes] > 0


def _clean(values: list[t.Any], most: int) -> bool:
    """Tell whether all are words that would be kept as they are."""
    if not values or set(map(type, values)) != {str}:
        return False
    joined = "".join(values)
    return joined.isprintable() and " " not in joined and max(map(len, values)) <= most


def _cut(most: int) -> Callable[[t.Any], str]:
    return lambda value: fields.text(value, most)


def _each(given: str | Column, make: Callable[[str], str]) -> str | Column:
    return make(given) if isinstance(given, str) else Column(given.codes, list(map(make, given.values)))


def _micros(iso: str) -> int:
    made = fields.moment(iso)
    return int(made.timestamp()) * 1_000_000 + made.microsecond
