"""VICS, the exchange format of Project VIC and CAID: JSON of one OData entity set, ``#Media`` or ``#Cases``.

``#Media`` is a hash set: ``value`` holds media. ``#Cases`` is a case: ``value`` holds cases, each with its
``Media``. Keys come in any case, booleans as text, times as ISO 8601 or ``/Date(ms)/``; a file that several
entries name stays several entries.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator

from vigie.cell.lists.reading.entries import SIZES, Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.objects import Objects, Record, text_of
from vigie.cell.lists.reading.text import cleaned
from vigie.rows.wire import Entry, ListHead, Trouble

_HEADERS = {"odata.metadata", "@odata.context"}
_DIGESTS = ("md5", "sha1", "sha256")
_FIELDS = {*_HEADERS, *_DIGESTS, "mediaid", "category", "photodna", "dateupdated", "series", "hashname", "hashvalue"}
_ARRAYS = {"value", "media"}
_NESTED = {"alternativehashes"}
_MODEL = re.compile(r"/(\d+(?:\.\d+)+)\.xml(?:/([A-Za-z]+))?", re.ASCII)
_OWN_WORDS = {"custom", "default"}
"""Countries of the model that are none: whoever wrote the list made the categories up."""
_SCHEMES = {"us": "projectvic-us", "uk": "uk-caid"}
_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)


def scheme_of(context: str) -> tuple[str, str]:
    """Return (model version, category scheme) of a header; ``""`` where it does not say.

    1.x headers name no country, and a bare category number means nothing without one.
    """
    found = _MODEL.search(context)
    if not found:
        return "", ""
    country = (found[2] or "").lower()
    if not country or country in _OWN_WORDS:
        return found[1], ""
    return found[1], _SCHEMES.get(country, f"projectvic-{country}")


def _day(text: str) -> str:
    """Return the UTC day of an ISO 8601 time or of ``/Date(ms)/``; ``""`` where it is neither."""
    found = _MILLISECONDS.fullmatch(text)
    try:
        if found:
            return (dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=int(found[1]))).date().isoformat()  # noqa: DTZ001 - UTC by definition
        return dt.date.fromisoformat(text[:10]).isoformat()
    except (ValueError, OverflowError):
        return ""


def _hashes(record: Record, number: int, unusable: Unusable) -> dict[str, str]:
    hashes = {name: text_of(record[name]) for name in _DIGESTS if record.get(name)}
    other: list[str] = []
    if record.get("photodna"):
        other.append("PhotoDNA")
    for alternative in record.get("alternativehashes", ()):
        kind, value = text_of(alternative.get("hashname")), text_of(alternative.get("hashvalue"))
        name = kind.lower().replace("-", "").replace("_", "").strip()
        if name in SIZES and value:
            if hashes.setdefault(name, value).strip().lower() != value.strip().lower():
                other.append(f"second {name}")
        elif value:
            other.append("PhotoDNA" if name == "photodna" else kind or "nameless hash")
    for kind in other:
        unusable.count(kind, number, alone=not hashes)
    return hashes


def _read(source: Source) -> Replies:
    objects = Objects(source.open(), fields=_FIELDS, arrays=_ARRAYS, nested=_NESTED)
    unusable = Unusable()
    number, latest, seen_day, headed, cases = 0, "", "", False, False
    for array, record in objects:
        if not headed:
            headed = True
            cases = _context(objects.root).lower().endswith("#cases")
            yield from _head(objects.root)
        if record is not None and array != "media" and ("media" in record or cases):
            continue  # the case round its media, which came before
        number += 1
        if record is None:
            yield bad_entry(number, f"record {number}: not an object")
            continue
        stamp = text_of(record.get("dateupdated"))
        if stamp != seen_day:
            seen_day, latest = stamp, max(latest, _day(stamp))
        yield from _entries(record, number, unusable)
    if not headed:
        yield from _head(objects.root)
    if latest:
        yield ListHead(dated=latest)
    yield from unusable.remarks()
    if objects.not_utf8:
        yield Trouble(code="not_utf8", detail="bytes that are no UTF-8 were replaced in texts", counts=False)
    if objects.broken:
        detail = cleaned(f"the JSON breaks after record {number}: {objects.broken}; all before it loaded")
        yield Trouble(number=number + 1, code="truncated", detail=detail)


def _context(root: Record) -> str:
    return text_of(root.get("@odata.context") or root.get("odata.metadata")).strip()


def _head(root: Record) -> Iterator[ListHead]:
    version, scheme = scheme_of(_context(root))
    yield ListHead(version=cleaned(f"VICS {version}" if version else "", 128), scheme=cleaned(scheme, 128))


def _entries(record: Record, number: int, unusable: Unusable) -> Iterator[Entry | Trouble]:
    hashes = _hashes(record, number, unusable)
    if not hashes and (record.get("photodna") or record.get("alternativehashes")):
        return  # counted as unusable
    yield from entries(
        number,
        f"record {number}",
        hashes,
        entry=text_of(record.get("mediaid")),
        category=text_of(record.get("category")),
        series=text_of(record.get("series")),
    )


def _detect(head: bytes) -> bool:
    start = head.lstrip()[:1]
    low = head.lower()
    return start in {b"{", b"["} and (
        b"projectvic" in low or (b'"md5"' in low and (b'"mediaid"' in low or b'"category"' in low))
    )


def _example() -> Example:
    media = [
        {"MediaID": 1, "Category": 1, "MD5": "5D41402ABC4B2A76B9719D911017C592", "Series": "harbour"},
        {"MediaID": 2, "Category": 2, "MD5": "7D793037A0760186574B0282F2F435E7", "IsDistributed": "true"},
    ]
    context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    return Example(content=json.dumps({"@odata.context": context, "value": media}).encode())


FORMAT = ListFormat(
    name="vics",
    reference="VICS 1.3 and 2.0, OData entity sets Media and Cases (ICMEC/ProjectVic DataModels); evidence.md 3.1",
    detect=_detect,
    read=_read,
    example=_example,
)
