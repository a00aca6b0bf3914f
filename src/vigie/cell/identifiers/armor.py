"""Armoured blocks (RFC 9580, 6; RFC 7468) in texts: where each ends, what it is, and the bytes in it."""

from __future__ import annotations

import base64
import binascii
import re
import typing as t

from vigie.cell.identifiers.place import Place
from vigie.numeric.crc24 import crc24

MOST: t.Final = 1 << 20
"""Bytes of a block that are looked at."""
_HEAD: t.Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")
_MARK: t.Final = re.compile(rb"-----(?:END|BEGIN) ")
_TAG: t.Final = re.compile(rb"<[^<>]{0,200}>")
_LINE: t.Final = re.compile(rb"[A-Za-z0-9+/]{1,120}={0,2}\Z")
_HEADER: t.Final = re.compile(rb"[A-Za-z-]{1,30}:|[\s\[\]/a-z]{1,12}\Z")
_BLOB: t.Final = re.compile(rb"(?:\s*[A-Za-z0-9+/=]{20,})*")
"""Base 64 whose lines have become one."""
_CHECK: t.Final = re.compile(rb"=([A-Za-z0-9+/]{4})\Z")


class Block(t.NamedTuple):
    """A block, from its first dash on."""

    label: str
    """``PGP PUBLIC KEY BLOCK``."""
    start: int
    end: int
    body: bytes | None
    """None: it is no base 64."""
    places: list[int]
    """Where each line of base 64 begins."""
    lines: list[int]
    """How many bytes of the body come before each of them."""
    right: bool
    """It has a checksum (CRC-24), and that holds."""
    wrong: bool
    """It has one that does not."""


def block(place: Place) -> Block | None:
    """Return the block that begins at ``-----BEGIN``; until its end, the next one's beginning, or the row's end."""
    row, data = place.high, place.data
    head = _HEAD.match(data, place.start, min(row, place.start + 100))
    if head is None:
        return None
    stop = min(row, place.start + MOST)
    mark = _MARK.search(data, head.end(), stop)
    ends = stop if mark is None else mark.start()
    label = head[1].decode()
    body, places, lines, check, last = _body(bytes(data[head.end() : ends]), head.end())
    closed = mark is not None and mark[0].startswith(b"-----END")
    if last < ends and "PRIVATE" in label:  # rather too much than a part of it
        blob = _BLOB.match(data, last, ends)
        ends = ends if closed else blob.end() if blob else last
    elif last < ends:
        ends, closed = last, False
    if mark is not None and closed:
        tail = bytes(data[mark.end() : min(row, mark.end() + 70)])
        close = tail.find(b"-----")
        ends = mark.end() + (close + 5 if close >= 0 else 0)
    held = None if body is None else crc24(body).to_bytes(3)
    return Block(
        label, place.start, ends, body, places, lines, check is not None and held == check, check not in (None, held)
    )


def _body(text: bytes, start: int) -> tuple[bytes | None, list[int], list[int], bytes | None, int]:
    """Return the bytes of lines of base 64, where the lines are, what came before each, the checksum, and its end."""
    held, places, lines, check, many = [], [], [], None, 0
    at = last = start
    for raw in text.splitlines(keepends=True):
        line = _TAG.sub(b"", raw).replace(b"&gt;", b">").lstrip(b"> \t").strip()
        found = _CHECK.match(line)
        if found:
            check = base64.b64decode(found[1])
        elif _LINE.match(line):
            places.append(at)
            lines.append(many * 3 // 4)
            held.append(line)
            many += len(line)
        elif line and (held or not _HEADER.match(line)):
            break  # a sentence: the block was cut off
        at += len(raw)
        last = at if line else last
    else:
        last = start + len(text)
    try:
        return base64.b64decode(b"".join(held), validate=True), places, lines, check, last
    except binascii.Error:
        return None, places, lines, check, last
