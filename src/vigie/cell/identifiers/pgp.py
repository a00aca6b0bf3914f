"""OpenPGP keys: fingerprints of armoured keys and of those that are written out, and addresses in their user IDs."""

from __future__ import annotations

import hashlib
import re
import typing as t

from vigie.cell.identifiers import mail
from vigie.cell.identifiers.armor import Block
from vigie.cell.identifiers.place import Hit, Place

MOST_PACKETS: t.Final = 2000
"""Of one block: a key that many have signed has some thousands, its own user IDs come early."""
_KEY, _USER = 6, 13
_BRACKETS: t.Final = re.compile(r"<([^<>\s]{3,320})>")
_SAID: t.Final = re.compile(
    rb"pgp|gpg|finger|empreinte|huella|\bfpr\b|\bfp\b|\xd0\xbe\xd1\x82\xd0\xbf\xd0\xb5\xd1\x87", re.IGNORECASE
)
_ELSE: t.Final = re.compile(
    rb"(?:commit|sha-?1|checksum|hash|tree|merge|parent|fixes|blob|revision)\W*\Z|/\Z", re.IGNORECASE
)
"""What says that 40 digits are something else."""
_KEY_ID: t.Final = re.compile(
    rb"[\s:=#\]()-]*(?:key)?[\s:=#-]*(?:id)?[\s:=#-]*(?:0x)?([0-9a-f]{16})(?![0-9a-z])", re.IGNORECASE
)


def keys(block: Block) -> t.Iterator[Hit]:
    """Give the fingerprint of each public key of a block, and the addresses of its user IDs.

    Checked are they where the block's checksum holds; where one is there and does not, none is given.
    """
    if block.body is None or block.wrong:
        return
    for tag, at, body in packets(block.body):
        start = _place(block, at)
        if tag == _KEY:
            value = fingerprint(body)
            if value is not None:
                yield Hit(start, block.end, "pgp", value, block.right)
        elif tag == _USER:
            text = body[:1000].decode("utf-8", "replace")
            found = _BRACKETS.search(text)
            value = mail.address(found[1] if found else text.strip())
            if value is not None:
                yield Hit(start, block.end, "email", value, block.right)


def packets(data: bytes) -> t.Iterator[tuple[int, int, bytes]]:
    """Give type, place and body of each packet (RFC 9580, 4.2), until one that is not whole or of partial lengths."""
    at = 0
    for _ in range(MOST_PACKETS):
        if at + 2 > len(data) or not data[at] & 0x80:
            return
        head, begin = data[at], at
        if head & 0x40:
            tag, first = head & 0x3F, data[at + 1]
            if 224 <= first < 255:
                return  # only of data packets
            wide = 1 if first < 192 else 2 if first < 224 else 5
            raw = data[at + 1 : at + 1 + wide]
            length = (
                first if wide == 1 else (first - 192 << 8) + raw[-1] + 192 if wide == 2 else int.from_bytes(raw[1:])
            )
        else:
            tag, wide = head >> 2 & 0xF, 1 << (head & 3)
            raw = data[at + 1 : at + 1 + wide]
            length = int.from_bytes(raw)
            if wide == 8:
                return  # until the end of the file
        at += 1 + wide
        if len(raw) < wide or at + length > len(data):
            return
        yield tag, begin, data[at : at + length]
        at += length


def fingerprint(body: bytes) -> str | None:
    """Return the fingerprint of a public key packet in upper case (RFC 9580, 5.5.4); None for version 3 and others."""
    version = body[0] if body else 0
    if version == 4:
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2) + body, usedforsecurity=False).hexdigest().upper()
    if version in (5, 6):
        mark = b"\x9a" if version == 5 else b"\x9b"
        return hashlib.sha256(mark + len(body).to_bytes(4) + body).hexdigest().upper()
    return None


def _place(block: Block, at: int) -> int:
    """Return where in the text the line is in which a byte of the body stands, and how far in."""
    line = 0
    while line + 1 < len(block.lines) and block.lines[line + 1] <= at:
        line += 1
    return min(block.places[line] + (at - block.lines[line]) * 4 // 3, block.end - 1)


def written(place: Place) -> t.Iterator[Hit]:
    """Give a fingerprint of ten groups, or of 40 or 64 digits in one where the words before it say what it is."""
    text = place.text().replace(" ", "")
    before = place.before(60)
    if len(text) == len(place.text()) and (not _SAID.search(before) or _ELSE.search(before)):
        return
    yield place.hit("pgp", text.upper(), checked=False)


def key_id(place: Place) -> t.Iterator[Hit]:
    """Give a key ID of 16 digits behind ``0x``, where the words before it say what it is. One of 8 names nobody."""
    if _SAID.search(place.before(40)):
        yield place.hit("pgp", place.text()[2:].upper(), checked=False)


def announced(place: Place) -> t.Iterator[Hit]:
    """Give a key ID of 16 digits behind the word ``PGP`` or ``GPG``."""
    after = place.after(40)
    found = _KEY_ID.match(after)
    if found:
        start = place.end + found.start(1)
        yield Hit(start, start + 16, "pgp", found[1].decode().upper(), checked=False)
