"""INTERPOL ICSE export: CSV by semicolons, with a header line (as IPED's importer reads it)."""

from __future__ import annotations

from vigie.cell.job import Refused
from vigie.cell.lists.reading.delimited import records
from vigie.cell.lists.reading.entries import ABSENT, Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.lines import Lines, first_lines
from vigie.rows.wire import ListHead

SCHEME = "interpol-baseline"
"""The category code is the text of the column ``Baseline``, as it stands."""


def _read(source: Source) -> Replies:
    lines, unusable = Lines(source.open()), Unusable()
    rows = records(lines, ";")
    _, header = next(rows, (1, "the file has no line"))
    if isinstance(header, str):
        raise Refused("bad_list", f"no header line: {header}")
    at = {name.strip().lower(): place for place, name in enumerate(header)}
    hashes = [name for name in ("md5", "sha1", "sha256", "pdq") if name in at]
    if "image id" not in at or not hashes:
        raise Refused("bad_list", f"the header lacks MD5 or Image ID; it begins {';'.join(header)[:200]!r}")
    width = len(header)
    places = [at.get(name, width) for name in ("image id", "baseline", "series name", "photodna")]
    yield ListHead(name="INTERPOL ICSE", scheme=SCHEME if "baseline" in at else "")
    for number, fields in rows:
        if isinstance(fields, str):
            yield bad_entry(number, f"line {number}: {fields}")
            continue
        if len(fields) != width:
            yield bad_entry(number, f"line {number}: {len(fields)} fields, the header has {width}")
            continue
        fields.append("")  # what a column that the header lacks reads
        entry, category, series, photodna = (fields[place] for place in places)
        texts: dict[str, str] = {name: fields[at[name]] for name in hashes}
        if photodna.strip().lower() not in ABSENT:
            alone = all(text.strip().lower() in ABSENT for text in texts.values())
            unusable.count("PhotoDNA", number, alone=alone)
            if alone:
                continue
        yield from entries(number, f"line {number}", texts, entry=entry, category=category, series=series)
    yield from unusable.remarks()
    yield from lines.remarks()


def _detect(head: bytes) -> bool:
    lines = first_lines(head, 1)
    names = {name.strip().strip('"').lower() for name in lines[0].split(";")} if lines else set[str]()
    return {"md5", "image id"} <= names


def _example() -> Example:
    header = (
        "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
        "Number of submissions;File Available;Media Type;Baseline"
    )
    row = (
        "5D41402ABC4B2A76B9719D911017C592;AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D;"
        ";1001;yes;no;no;harbour;3;yes;Image;yes"
    )
    return Example(content=f"{header}\r\n{row}\r\n".encode())


FORMAT = ListFormat(
    name="icse",
    reference="INTERPOL ICSE hash export as read by IPED (ICSELookup importer); reference/evidence.md 3.2",
    detect=_detect,
    read=_read,
    example=_example,
)
