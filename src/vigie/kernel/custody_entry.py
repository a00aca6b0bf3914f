"""One entry of the custody log: one line of RFC 8785 JSON, at most 65,535 bytes (the entry bound of C2SP tlog-tiles).

An entry holds ids, digests, numbers, names of acts and levels, and paths and names that the examiner gave:
never text out of evidence, for the log travels in packages to other people.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import typing as t
import unicodedata
from collections.abc import Mapping

import msgspec

MOST_LINE_BYTES = 65_535
MOST_TEXT = 4096
LARGEST = (1 << 53) - 1
"""RFC 8785 numbers are doubles: beyond this, integers are no longer exact."""
FIRST_PREV = "0" * 64
"""``prev`` of the first entry."""

ACTS = (
    "created",
    "taken_in",
    "list_added",
    "geo_added",
    "tags_added",
    "tags_refused",
    "chain_used",
    "chain_fetched",
    "given",
    "run_started",
    "run",
    "viewed",
    "exported",
    "secret_opened",
    "reported",
    "verified",
    "parameters",
    "isolation_lowered",
    "recovered",
    "mismatch_accepted",
    "rollback_accepted",
    "segment_damaged",
    "key_rotated",
)
About = Mapping[str, str | int | list[str]]
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who did what, when, to what."""

    seq: int
    """Number of the entry, from 0: its leaf index in the Merkle tree; it stands on line ``seq + 1``."""
    at: dt.datetime
    """UTC."""
    who: str
    act: str
    about: dict[str, str | int | list[str]]
    prev: str
    """SHA-256 in hex of the line before, without its newline."""


_DECODER = msgspec.json.Decoder(Entry)
_ENCODER = msgspec.json.Encoder(order="sorted")


def encode(entry: Entry) -> bytes:
    """Return the line of an entry, without newline; ValueError where it may not stand in the log."""
    if entry.act not in ACTS:
        raise ValueError(f"no such act in the custody log: {entry.act!r}")
    _check_text("who", entry.who)
    for name, value in entry.about.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"names in a custody entry are lower case letters, digits and _: {name!r}")
        for one in value if isinstance(value, list) else [value]:
            _check_value(name, one)
    line = _ENCODER.encode(entry)
    if len(line) > MOST_LINE_BYTES:
        raise ValueError(f"a custody entry of {len(line)} bytes; at most {MOST_LINE_BYTES}. Name a digest instead.")
    return line


def decode(line: bytes) -> Entry:
    """Read one line, without newline; ValueError where it is no entry in its one form.

    An act this version does not know is read all the same: a later one may have written it.
    """
    if len(line) > MOST_LINE_BYTES:
        raise ValueError(f"line of more than {MOST_LINE_BYTES} bytes")
    entry = _DECODER.decode(line)
    if _ENCODER.encode(entry) != line:
        raise ValueError("not in canonical form (RFC 8785)")
    return entry


def digest(line: bytes) -> str:
    """Return what the next entry holds as ``prev``."""
    return hashlib.sha256(line).hexdigest()


def read_line(stream: t.BinaryIO) -> bytes:
    """Read up to and with the next newline, but no more than the longest entry needs."""
    return stream.readline(MOST_LINE_BYTES + 1)


def _check_value(name: str, value: str | int) -> None:
    if isinstance(value, str):
        _check_text(name, value)
    elif type(value) is not int or abs(value) > LARGEST:
        raise ValueError(f"{name} in a custody entry is text or an integer of at most 53 bits, not {value!r}")


def _check_text(name: str, text: str) -> None:
    hidden = not text.isprintable() and any(unicodedata.category(char) in _HIDDEN for char in text)
    if len(text) > MOST_TEXT or hidden:
        raise ValueError(f"{name} in a custody entry is printable and at most {MOST_TEXT} characters: {text[:80]!r}")
