"""Plain forms: tags in CSV, an address a line or a JSON list of them, registers of companies in CSV."""

from __future__ import annotations

import csv
import io
import itertools
import re
import typing as t

from vigie.cell.job import Refused
from vigie.cell.tags import actorpack, fields, tagpack, unsaid
from vigie.rows.country_codes import COUNTRIES

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vigie.cell.tags.found import Found
    from vigie.cell.tags.yaml_text import Plain

OFAC: t.Final = re.compile(r"sanctioned_addresses_([A-Z0-9]{2,10})(?:_[A-Z]+)?\.(?:txt|json)", re.ASCII)
"""Names of the lists in 0xB10C's repository, which makes them of OFAC's SDN list."""
MOST_FIELD: t.Final = 1 << 16
MOST_LINES: t.Final = 20_000_000
REGISTER: t.Final = ("id", "label", "legal_name", "jurisdictions", "uri", "aliases", "lastmod", "categories", "ended")
"""Fields that ``--column`` may name; without ``id`` it is made of the name. ``ended``: when it was authorised last."""
MICA: t.Final = {
    "legal_name": "ae_lei_name", "jurisdictions": "ae_homememberstate", "id": "ae_lei", "aliases": "ae_commercial_name",
    "uri": "ae_website", "lastmod": "ac_lastupdate", "ended": "ac_authorisationenddate",
}  # fmt: skip
"""Columns of ESMA's interim MiCA register of crypto-asset service providers (CASPS.csv)."""
_DAY: t.Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)


def of_addresses(addresses: list[str], name: str, say: Mapping[str, str]) -> Found:
    """Read a plain list. Label, source and the like are said by the examiner, or by the name of OFAC's lists."""
    said: dict[str, str] = {"title": name, **_ofac(name), **say}
    missing = [one for one in ("label", "source", "currency", "creator") if not said.get(one)]
    if missing:
        asked = " ".join(f"--say {one}=..." for one in missing)
        raise Refused("bad_pack", f"a plain list of addresses says nothing of them: add {asked}")
    pack: dict[str, Plain] = {**said, "tags": [{"address": one} for one in addresses]}
    return tagpack.read(pack, {}, "addresses")


def _ofac(name: str) -> dict[str, str]:
    found = OFAC.fullmatch(name)
    if not found:
        return {}
    currency = "BTC" if found[1] == "XBT" else found[1]
    return {
        "creator": "OFAC, by 0xB10C/ofac-sanctioned-digital-currency-addresses",
        "label": "OFAC SDN list",
        "source": "https://sanctionslist.ofac.treas.gov",
        "confidence": "authority_data",
        "currency": currency,
        "network": currency,
        "concepts": "sanction",
        "tag_type": "attribute",
    }


def lines(data: bytes) -> list[str]:
    """Return the lines of a text that are not empty nor a remark."""
    return [one for line in _text(data).splitlines() if (one := line.strip()) and not one.startswith("#")]


def of_table(data: bytes, name: str, say: Mapping[str, str]) -> Found:
    """Read tags in CSV: the first line names their fields."""
    rows = _rows(data)
    head = next(rows)
    known = set(head) & set(fields.TAG_FIELDS)
    if not known & {"address", "tx_hash"}:
        said = unsaid.cut(", ".join(head), 200)
        raise Refused("bad_pack", f"no column address or tx_hash; the first line has {said}")
    tags: list[Plain] = [{key: value or None for key, value in zip(head, row, strict=False) if key} for row in rows]
    pack: dict[str, Plain] = {"title": name, **say, "tags": tags}
    return tagpack.read(pack, say, "table")


def is_table(first: str) -> bool:
    """Tell whether a first line names fields of tags."""
    names = {one.strip().strip('"').lower() for one in re.split("[,;\t]", first)}
    return len(names) > 1 and bool(names & {"address", "tx_hash"})


def is_mica(first: str) -> bool:
    """Tell whether a first line is that of ESMA's register."""
    names = {one.strip().strip('"').lower() for one in re.split("[,;\t]", first)}
    return {MICA["legal_name"], MICA["jurisdictions"], MICA["id"]} <= names


def of_mica(data: bytes, name: str, say: Mapping[str, str]) -> Found:
    """Read ESMA's register of crypto-asset service providers."""
    head = next(_rows(data))
    columns = {field: column for field, column in MICA.items() if column in head}
    said = {"creator": "ESMA, MiCA register", "categories": "exchange", **say}
    return of_register(data, name, said, columns)


def of_register(data: bytes, name: str, say: Mapping[str, str], given: Mapping[str, str]) -> Found:
    """Read a register of companies in CSV as actors. ``given``: field -> name of its column."""
    wrong = sorted(set(given) - set(REGISTER))
    if wrong or not {"legal_name", "jurisdictions"} <= set(given):
        raise Refused(
            "bad_pack",
            f"--column: a register needs legal_name and jurisdictions; there are {', '.join(REGISTER)}"
            + (f", not {wrong[0]!r}" if wrong else ""),
        )
    rows = _rows(data)
    head = next(rows)
    places = {}
    for field, column in given.items():
        if column.lower().strip() not in head:
            raise Refused("bad_pack", f"no column {column!r}; the first line has {unsaid.cut(', '.join(head), 400)}")
        places[field] = head.index(column.lower().strip())
    actors: list[Plain] = []
    seen = dict[str, int]()
    for row in rows:
        one: dict[str, Plain] = {field: row[at].strip() or None for field, at in places.items() if at < len(row)}
        _complete(one, seen)
        actors.append(one)
    _dated(actors)
    pack: dict[str, Plain] = {"title": name, **say, "actors": actors}
    return actorpack.read(pack, {"categories": "register", "uri": str(say.get("uri", name)), **say}, "register")


def _complete(one: dict[str, Plain], seen: dict[str, int]) -> None:
    """Fill in label, id and country code of an entry of a register."""
    named = str(one.get("label") or one.get("legal_name") or "")
    one["label"] = named or None
    if not one.get("id") and named:
        id_ = re.sub(r"[^a-z0-9]+", "_", named.lower()).strip("_")[:100] or "actor"
        seen[id_] = seen.get(id_, 0) + 1
        one["id"] = id_ if seen[id_] == 1 else f"{id_}_{seen[id_]}"
    if ended := one.pop("ended", None):
        one["context"] = f"authorised until {ended}"
    if one.get("jurisdictions"):
        words = re.split(r"[,;|]", str(one["jurisdictions"]))
        one["jurisdictions"] = [_CODES.get(word.strip().lower(), word.strip()) for word in words]


def _dated(actors: list[Plain]) -> None:
    """Turn days of Europe's order round, where the column shows that they are: one of them is no month."""
    held = [t.cast("dict[str, Plain]", one) for one in actors]
    days = {at: found for at, one in enumerate(held) if (found := _DAY.fullmatch(str(one.get("lastmod") or "")))}
    if any(int(one[1]) > 12 for one in days.values()) and all(int(one[2]) <= 12 for one in days.values()):
        for at, one in days.items():
            held[at]["lastmod"] = f"{one[3]}-{one[2]}-{one[1]}"


_CODES: t.Final = {name.lower(): code for code, one in COUNTRIES.items() for name in (one.english, one.french)}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("bad_pack", f"not UTF-8 at byte {error.start}: save it as UTF-8") from None


def _rows(data: bytes) -> Iterator[list[str]]:
    """Give the rows of a CSV file; the names in the first are in lower case. Errors: Refused ``bad_pack``."""
    text = _text(data)
    first = text[: text.find("\n")] if "\n" in text else text
    comma = max(",;\t", key=first.count)
    csv.field_size_limit(MOST_FIELD)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    number = 0
    try:
        head = next(found, None)
        if not head:
            raise Refused("bad_pack", "no line that names its columns")
        yield [one.strip().lower() for one in head]
        for number, row in enumerate(itertools.islice(found, MOST_LINES)):  # noqa: B007 - told in the error
            if any(row):
                yield row
    except csv.Error as error:
        raise Refused("bad_pack", f"no CSV behind row {number}: {error}") from None
