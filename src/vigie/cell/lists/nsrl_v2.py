"""NSRL Reference Data Set, version 2: ``NSRLFile.txt``, quoted CSV. Known software, in no sense good or bad."""

from __future__ import annotations

from vigie.cell.job import Refused
from vigie.cell.lists.reading.delimited import records
from vigie.cell.lists.reading.entries import bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.lines import Lines, first_lines
from vigie.rows.wire import ListHead

_COLUMNS = {"SHA-1": "sha1", "MD5": "md5", "SHA-256": "sha256"}


def _read(source: Source) -> Replies:
    lines = Lines(source.open())
    rows = records(lines, ",")
    _, header = next(rows, (1, "the file has no line"))
    if isinstance(header, str) or "SHA-1" not in header:
        detail = 'the first line is not the header "SHA-1","MD5","CRC32",...; the SQLite form is --format nsrl'
        raise Refused("bad_list", detail)
    columns = [(header.index(column), name) for column, name in _COLUMNS.items() if column in header]
    width = len(header)
    yield ListHead(name="NSRL RDS", version="2")
    for number, fields in rows:
        if isinstance(fields, str):
            yield bad_entry(number, f"line {number}: {fields}")
        elif len(fields) != width:
            yield bad_entry(number, f"line {number}: {len(fields)} fields, the header has {width}")
        else:
            yield from entries(number, f"line {number}", {name: fields[at] for at, name in columns})
    yield from lines.remarks()


def _detect(head: bytes) -> bool:
    lines = first_lines(head, 1)
    return bool(lines) and lines[0].startswith('"SHA-1","MD5","CRC32"')


def _example() -> Example:
    return Example(
        content=(
            b'"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
            b'"AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D","5D41402ABC4B2A76B9719D911017C592","3610A686","hello.txt",5,1,"1",""\r\n'
        )
    )


FORMAT = ListFormat(
    name="nsrl-v2",
    reference="NIST, Data Formats of the NSRL Reference Data Set (RDS) Distribution, version 2",
    detect=_detect,
    read=_read,
    example=_example,
)
