"""ThreatExchange indicators: CSV, the JSON of the API (``{"data": [...]}`` or an array), or JSON lines.

A deletion is a tombstone and is applied: the entry stays with ``withdrawn``. So is the verdict ``NON_MALICIOUS``:
the list itself says that the hash is not what the list is for. Other statuses are the category code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import msgspec

from vigie.cell.job import Refused
from vigie.cell.lists.reading.delimited import records
from vigie.cell.lists.reading.entries import Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.frames import MOST_FRAMES, from_item, video_entries
from vigie.cell.lists.reading.json_lines import json_lines
from vigie.cell.lists.reading.lines import Lines, first_lines
from vigie.cell.lists.reading.objects import Objects, text_of
from vigie.cell.lists.reading.text import MOST_SHORT, cleaned, is_yes
from vigie.rows.wire import Entry, Frame, ListHead, Trouble

SCHEME = "threatexchange-status"
_TYPES = {
    "hash_pdq": "pdq",
    "pdq": "pdq",
    "hash_md5": "md5",
    "md5": "md5",
    "hash_video_md5": "md5",
    "video_md5": "md5",
    "hash_sha1": "sha1",
    "sha1": "sha1",
    "hash_video_sha1": "sha1",
    "hash_sha256": "sha256",
    "sha256": "sha256",
    "hash_video_sha256": "sha256",
    "hash_vpdq": "vpdq",
    "hash_video_vpdq": "vpdq",
    "video_vpdq": "vpdq",
    "vpdq": "vpdq",
}
_FIELDS = {"indicator", "type", "status", "id", "should_delete", "deleted", "withdrawn"}
_GONE = {"NON_MALICIOUS", "DELETED", "WITHDRAWN", "REMOVED", "RETRACTED"}


def _entries(number: int, where: str, row: Mapping[str, str], unusable: Unusable) -> Iterator[Entry | Trouble]:
    kind = row.get("type", "").strip()
    name = _TYPES.get(kind.lower())
    if name is None:
        if kind:
            unusable.count(kind, number, alone=True)
        else:
            yield bad_entry(number, f"{where}: no type")
        return
    status = row.get("status", "").strip()
    flags = [(key, row.get(key, "")) for key in ("should_delete", "deleted", "withdrawn")]
    withdrawn = status.upper() in _GONE or any(is_yes(text) for _, text in flags)
    if name == "vpdq":
        yield from _video(number, where, row, withdrawn=withdrawn)
    else:
        hashes = {name: row.get("indicator", "")}
        yield from entries(number, where, hashes, entry=row.get("id", ""), category=status, withdrawn=withdrawn)
    for key, text in flags:
        if is_yes(text) is None:
            yield bad_entry(number, f"{where}: {key} is neither yes nor no: {text[:40]!r}; read as no", counts=False)


def _video(number: int, where: str, row: Mapping[str, str], *, withdrawn: bool) -> Iterator[Entry | Trouble]:
    try:
        items = msgspec.json.decode(row.get("indicator", ""), type=list[str])
    except (msgspec.DecodeError, RecursionError) as error:
        yield bad_entry(number, f"{where}: the vPDQ indicator is no JSON list of texts: {error}")
        return
    read = [from_item(position, item) for position, item in enumerate(items[:MOST_FRAMES])]
    good = [frame for frame in read if isinstance(frame, Frame)]
    wrong = [f"frame {position}: {frame}" for position, frame in enumerate(read) if isinstance(frame, str)]
    if len(items) > MOST_FRAMES:
        wrong.append(f"more than {MOST_FRAMES} frames; the first were read")
    entry, category = cleaned(row.get("id", "")), cleaned(row.get("status", ""), MOST_SHORT)
    yield from video_entries(number, good, entry=entry, category=category, withdrawn=withdrawn)
    if wrong or not good:
        why = "; ".join(wrong[:3]) or "no frame"
        yield bad_entry(number, f"{where}: {len(wrong)} frames do not fit: {why}", counts=not good)


def _csv(source: Source, head: bytes, unusable: Unusable) -> Replies:
    lines = Lines(source.open())
    delimiter = _delimiter(first_lines(head, 1)[0])
    rows = records(lines, delimiter)
    _, header = next(rows)
    if isinstance(header, str):
        raise Refused("bad_list", f"no header line: {header}")
    names = [name.strip().lower() for name in header]
    wanted = [(place, name) for place, name in enumerate(names) if name in _FIELDS]
    for number, fields in rows:
        where = f"line {number}"
        if isinstance(fields, str):
            yield bad_entry(number, f"{where}: {fields}")
        elif len(fields) != len(names):
            yield bad_entry(number, f"{where}: {len(fields)} fields, the header has {len(names)}")
        else:
            yield from _entries(number, where, {name: fields[place] for place, name in wanted}, unusable)
    yield from lines.remarks()


def _json_lines(source: Source, unusable: Unusable) -> Replies:
    lines = Lines(source.open())
    for one in json_lines(lines):
        if isinstance(one, Trouble):
            yield one
        else:
            number, where, row = one
            texts = {key.lower(): text_of(value) for key, value in row.items() if key.lower() in _FIELDS}
            yield from _entries(number, where, texts, unusable)
    yield from lines.remarks()


def _json(source: Source, unusable: Unusable) -> Replies:
    objects = Objects(source.open(), fields=_FIELDS, arrays={"data"}, nested=set())
    number = 0
    for _, record in objects:
        number += 1
        if record is None:
            yield bad_entry(number, f"record {number}: not an object")
        else:
            texts = {key: text_of(value) for key, value in record.items() if key in _FIELDS}
            yield from _entries(number, f"record {number}", texts, unusable)
    if objects.not_utf8:
        yield Trouble(code="not_utf8", detail="bytes that are no UTF-8 were replaced in texts", counts=False)
    if objects.broken:
        detail = cleaned(f"the JSON breaks after record {number}: {objects.broken}; all before it loaded")
        yield Trouble(number=number + 1, code="truncated", detail=detail)


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _is_lines(head: bytes) -> bool:
    lines = first_lines(head, 2)
    try:
        first = msgspec.json.decode(lines[0]) if lines else None
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(first, dict) and "indicator" in {key.lower() for key in first}


def _csv_header(head: bytes) -> set[str]:
    lines = first_lines(head, 1)
    if not lines:
        return set()
    return {name.strip().strip('"').lower() for name in lines[0].split(_delimiter(lines[0]))}


def _read(source: Source) -> Replies:
    head = source.head()
    unusable = Unusable()
    if head.lstrip()[:1] not in {b"{", b"["}:
        if not {"indicator", "type"} <= _csv_header(head):
            raise Refused("bad_list", "neither JSON nor a header line with the columns indicator and type")
        replies = _csv(source, head, unusable)
    elif _is_lines(head):
        replies = _json_lines(source, unusable)
    else:
        replies = _json(source, unusable)
    yield ListHead(scheme=SCHEME)
    yield from replies
    yield from unusable.remarks()


def _detect(head: bytes) -> bool:
    if head.lstrip()[:1] in {b"{", b"["}:
        low = head.lower()
        return b'"indicator"' in low and b'"type"' in low
    return {"indicator", "type"} <= _csv_header(head)


def _example() -> Example:
    rows = [
        {"id": "1", "indicator": "5d41402abc4b2a76b9719d911017c592", "type": "HASH_MD5", "status": "MALICIOUS"},
        {
            "id": "2",
            "indicator": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "type": "HASH_PDQ",
            "status": "UNKNOWN",
            "should_delete": True,
        },
    ]
    return Example(content=json.dumps({"data": rows}).encode())


FORMAT = ListFormat(
    name="threatexchange",
    reference="facebook/ThreatExchange, ThreatIndicator and IndicatorType of the API; python-threatexchange signals",
    detect=_detect,
    read=_read,
    example=_example,
)
