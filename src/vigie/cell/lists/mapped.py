"""Any CSV, TSV or JSON lines, told by a mapping which column holds what.

Keys of the mapping: ``md5 sha1 sha256 pdq entry category series withdrawn quality photodna`` name columns (by
header, in any case, or by number from 1; in JSON lines by member, ``a.b`` for nested ones); ``delimiter``,
``encoding``, ``header`` (``no``: there is none), ``name``, ``version``, ``dated``, ``scheme`` tell of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vigie.cell.job import Refused
from vigie.cell.lists.reading.delimited import records
from vigie.cell.lists.reading.encoding import ENCODINGS
from vigie.cell.lists.reading.entries import ABSENT, SIZES, Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.json_lines import json_lines
from vigie.cell.lists.reading.lines import Lines, first_lines
from vigie.cell.lists.reading.objects import text_of
from vigie.cell.lists.reading.text import cleaned, is_yes
from vigie.rows.wire import Entry, ListHead, Trouble

COLUMNS = (*SIZES, "entry", "category", "series", "withdrawn", "quality", "photodna")
OPTIONS = ("delimiter", "encoding", "header", "name", "version", "dated", "scheme")
_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_BARE = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*", re.ASCII | re.DOTALL)


def _columns(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return role -> column; refuses what no mapping may say."""
    unknown = sorted(set(mapping) - {*COLUMNS, *OPTIONS})
    if unknown:
        detail = f"the mapping has unknown keys {', '.join(unknown)[:200]}; known: {', '.join((*COLUMNS, *OPTIONS))}"
        raise Refused("bad_list", detail)
    columns = {role: mapping[role].strip() for role in COLUMNS if mapping.get(role, "").strip()}
    if not set(columns) & set(SIZES):
        raise Refused("bad_list", f"the mapping names no hash; give one of {', '.join(SIZES)}")
    return columns


def _entries(number: int, where: str, row: Mapping[str, str], unusable: Unusable) -> Iterator[Entry | Trouble]:
    """``row``: role -> text."""
    hashes = {name: row[name] for name in SIZES if name in row}
    if row.get("photodna", "").strip().lower() not in ABSENT:
        alone = all(text.strip().lower() in ABSENT for text in hashes.values())
        unusable.count("PhotoDNA", number, alone=alone)
        if alone:
            return
    remarks: list[str] = []
    quality = row.get("quality", "").strip()
    level = int(quality) if quality.isdecimal() and len(quality) <= 3 and int(quality) <= 100 else None
    if quality and level is None:
        remarks.append(f"quality is not 0 to 100: {quality[:40]!r}; read as 100")
    flag = row.get("withdrawn", "")
    # a column of withdrawal dates says yes by being filled
    withdrawn = True if _DATE.fullmatch(flag.strip()) else is_yes(flag)
    if withdrawn is None:
        remarks.append(f"withdrawn is neither yes nor no nor a date: {flag[:40]!r}; read as no")
    yield from entries(
        number,
        where,
        hashes,
        entry=row.get("entry", ""),
        category=row.get("category", ""),
        series=row.get("series", ""),
        quality=100 if level is None else level,
        withdrawn=bool(withdrawn),
    )
    if remarks:
        yield bad_entry(number, f"{where}: {'; '.join(remarks)}", counts=False)


def _places(columns: Mapping[str, str], header: list[str]) -> list[tuple[str, int]]:
    """Return (role, place in the row); ``header`` is empty where the list has none."""
    at: dict[str, int] = {}
    for place, name in enumerate(header):
        at.setdefault(name.strip().lower(), place)
    places: list[tuple[str, int]] = []
    for role, column in columns.items():
        found = at.get(column.lower())
        if found is None and column.isdecimal() and 1 <= int(column[:9]) <= (len(header) or 10_000):
            found = int(column[:9]) - 1
        if found is None:
            known = "; ".join(header)[:400] if header else "none, so columns go by number from 1"
            raise Refused("bad_list", f"no column {column[:80]!r} for {role}; header: {known}")
        places.append((role, found))
    return places


def _delimiter(mapping: Mapping[str, str], head: bytes) -> str:
    given = mapping.get("delimiter", "")
    if given:
        delimiter = _DELIMITERS.get(given.strip().lower(), given)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise Refused("bad_list", f"the delimiter must be one character, or tab; not {given[:20]!r}")
        return delimiter
    lines = first_lines(head, 1)
    return max(",;\t|", key=lines[0].count) if lines else ","


def _delimited(source: Source, head: bytes, columns: Mapping[str, str], unusable: Unusable) -> Replies:
    lines = Lines(source.open(source.mapping.get("encoding", "").strip().lower()))
    rows = records(lines, _delimiter(source.mapping, head))
    width = 0
    if is_yes(source.mapping.get("header", "yes")):
        _, header = next(rows, (1, "the file has no line"))
        if isinstance(header, str):
            raise Refused("bad_list", f"no header line: {header}")
        width = len(header)
        places = _places(columns, header)
    else:
        places = _places(columns, [])
    least = 1 + max(place for _, place in places)
    for number, fields in rows:
        where = f"line {number}"
        if isinstance(fields, str):
            yield bad_entry(number, f"{where}: {fields}")
        elif len(fields) < least or (width and len(fields) > width and any(fields[width:])):
            # a row with more fields than the header has shifted somewhere: its category may be another's
            yield bad_entry(number, f"{where}: {len(fields)} fields, {width or least} expected")
        else:
            yield from _entries(number, where, {role: fields[place] for role, place in places}, unusable)
    yield from lines.remarks()


def _json_lines(source: Source, columns: Mapping[str, str], unusable: Unusable) -> Replies:
    lines = Lines(source.open(source.mapping.get("encoding", "").strip().lower()))
    paths = {role: column.split(".") for role, column in columns.items()}
    for one in json_lines(lines):
        if isinstance(one, Trouble):
            yield one
        else:
            number, where, row = one
            texts = {role: _member(row, path) for role, path in paths.items()}
            yield from _entries(number, where, texts, unusable)
    yield from lines.remarks()


def _member(row: object, path: list[str]) -> str:
    for step in path:
        row = row.get(step) if isinstance(row, dict) else None
    return "" if isinstance(row, dict | list) else text_of(row)


def _read(source: Source) -> Replies:
    mapping = source.mapping
    columns = _columns(mapping)
    encoding = mapping.get("encoding", "").strip().lower()
    if encoding and encoding not in ENCODINGS:
        raise Refused("bad_list", f"unknown encoding {encoding[:40]!r}; known: {', '.join(ENCODINGS)}")
    head, unusable = source.head(encoding), Unusable()
    name, version, dated, scheme = (
        cleaned(mapping.get(key, ""), 128) for key in ("name", "version", "dated", "scheme")
    )
    if name or version or dated or scheme:
        yield ListHead(name=name, version=version, dated=dated, scheme=scheme)
    if head.lstrip()[:1] == b"{":
        yield from _json_lines(source, columns, unusable)
    else:
        yield from _delimited(source, head, columns, unusable)
    yield from unusable.remarks()


def _detect(head: bytes) -> bool:
    """Only for what reads as something else as well: 64 hex digits alone are SHA-256 or PDQ."""
    lines = first_lines(head)
    return bool(lines) and all(_BARE.fullmatch(line) for line in lines)


def _example() -> Example:
    return Example(
        content=b"Id|MD5 hash|Class|Gone\n"
        b"7|5d41402abc4b2a76b9719d911017c592|A|no\n"
        b"8|7d793037a0760186574b0282f2f435e7|B|yes\n",
        mapping={"md5": "MD5 hash", "entry": "Id", "category": "Class", "withdrawn": "Gone", "scheme": "unit"},
    )


FORMAT = ListFormat(
    name="mapped",
    reference="docs/lists.md, 'Any other table'; RFC 4180 for quoting, jsonlines.org for JSON lines",
    detect=_detect,
    read=_read,
    example=_example,
)
