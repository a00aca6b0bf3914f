"""Checksum files: GNU ``md5sum``/``sha1sum``/``sha256sum``, BSD ``--tag`` lines, hashdeep, and bare digests.

The kind of a GNU line is told by its length. 64 digits are read as SHA-256, which a bare list of PDQ hashes looks
like too: ``auto`` refuses such a list, and ``mapped`` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.cell.lists.reading.entries import Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.lines import Lines, first_lines, too_long
from vigie.rows.wire import Entry, Trouble

_GNU = re.compile(r"(\\?)([0-9A-Fa-f]+)(?:[ \t][ *]?(.*))?", re.DOTALL | re.ASCII)
_TAG = re.compile(r"(\\?)([A-Za-z0-9/-]+) ?\((.*)\) ?= ([0-9A-Fa-f]+)", re.DOTALL | re.ASCII)
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256"}
_UNUSABLE_LENGTHS = {8: "CRC32", 48: "Tiger", 56: "SHA-224", 96: "SHA-384", 128: "512-bit digest"}
_TAGS = {"MD5": "md5", "SHA1": "sha1", "SHA-1": "sha1", "SHA256": "sha256", "SHA-256": "sha256", "SHA2-256": "sha256"}
_COLUMNS = "%%%% "
_COMMENTS = ("#", ";", "%")


def _unescaped(name: str) -> str:
    r"""Undo what coreutils does to a name with a newline or a backslash (the line begins with ``\``)."""
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), name)


def _read(source: Source) -> Replies:
    lines, unusable = Lines(source.open()), Unusable()
    columns: list[str] = []
    for number, line in lines:
        if line is None:
            yield too_long(number)
            continue
        text = line.strip()
        if text.startswith(_COLUMNS) and "filename" in text:
            columns = text.removeprefix(_COLUMNS).strip().split(",")
        elif not text or text.startswith(_COMMENTS):
            continue
        elif columns:
            yield from _hashdeep(number, text, columns)
        else:
            yield from _line(number, text, unusable)
    yield from unusable.remarks()
    yield from lines.remarks()


def _hashdeep(number: int, text: str, columns: list[str]) -> Iterator[Entry | Trouble]:
    fields = text.split(",", len(columns) - 1)  # the file name is last and may hold commas
    if len(fields) != len(columns):
        yield bad_entry(number, f"line {number}: {len(fields)} fields, the header has {len(columns)}")
        return
    row = dict(zip(columns, fields, strict=True))
    hashes: dict[str, str] = {name: row[name] for name in ("md5", "sha1", "sha256") if name in row}
    yield from entries(number, f"line {number}", hashes, entry=row.get("filename", ""))


def _line(number: int, text: str, unusable: Unusable) -> Iterator[Entry | Trouble]:
    if found := _GNU.fullmatch(text):
        escaped, hexed, name = found[1], found[2], found[3] or ""
        kind = _BY_LENGTH.get(len(hexed))
        if not kind and len(hexed) not in _UNUSABLE_LENGTHS:
            yield bad_entry(number, f"line {number}: {len(hexed)} hex digits are no digest that vigie knows")
            return
        other = _UNUSABLE_LENGTHS.get(len(hexed), "")
    elif found := _TAG.fullmatch(text):
        escaped, other, name, hexed = found[1], found[2].upper(), found[3], found[4]
        kind = _TAGS.get(other)
    else:
        yield bad_entry(number, f"line {number}: not a checksum line: {text[:80]!r}")
        return
    if kind:
        yield from entries(number, f"line {number}", {kind: hexed}, entry=_unescaped(name) if escaped else name)
    else:
        unusable.count(other, number, alone=True)


def _looks_right(line: str) -> bool:
    found = _GNU.fullmatch(line)
    return bool((found and len(found[2]) in _BY_LENGTH) or _TAG.fullmatch(line))


def _detect(head: bytes) -> bool:
    lines = first_lines(head)
    if any(line.startswith(_COLUMNS) for line in lines[:5]):
        return True
    lines = [line for line in lines if not line.startswith(_COMMENTS)]
    return bool(lines) and 2 * sum(map(_looks_right, lines)) > len(lines)


def _example() -> Example:
    return Example(
        content=(
            b"5d41402abc4b2a76b9719d911017c592  hello.jpg\n"
            b"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d *hello.jpg\n"
            b"SHA256 (hello.jpg) = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
        )
    )


FORMAT = ListFormat(
    name="checksums",
    reference="GNU coreutils manual, md5sum invocation and cksum --tag; hashdeep(1), file format",
    detect=_detect,
    read=_read,
    example=_example,
)
