"""Whether a text is a table: delimited text with a line of names, or JSON objects of like keys, one after the other.

It is told by content alone, and rather too seldom: what is taken for a table is read as one.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import re
import typing as t

HEAD_BYTES: t.Final = 1 << 16
"""What is looked at."""
MOST_OBJECTS: t.Final = 20
FEW: t.Final = 10
"""Objects of an array, below which it is no table."""
_MARKS: t.Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS: t.Final = ",;\t|"
_SEPARATOR: t.Final = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""What Excel writes before the names where the delimiter is not that of the country."""
_NAME: t.Final = re.compile(r"[^\W\d][\w.:/()#%\[\]-]*(?: [\w.:/()#%\[\]-]+){0,4}")
_MOST_NAME: t.Final = 64
_DATUM: t.Final = re.compile(r"[-+]?[\d.]|[^@\s]+@[^@\s]+|0x|true$|false$|null$|\\N$", re.IGNORECASE)
"""How numbers, dates, addresses and truths begin: what stands below a name and is none."""
MOST_COLUMNS: t.Final = 4096


class Delimited(t.NamedTuple):
    """How a table of delimited text is written."""

    delimiter: str
    names: list[str]
    start: int
    """Byte at which the names begin."""


def content_type(head: bytes) -> str:
    """Return the type of a text, UTF-8, UTF-16 with a mark or another, that is a table; ``""`` where it is none."""
    text = as_utf8(head[: 2 * HEAD_BYTES] if head.startswith(_MARKS) else head[: HEAD_BYTES + 3])
    if objects(text):
        return "application/x-ndjson"
    return "text/csv" if delimited(text) else ""


def as_utf8(head: bytes) -> bytes:
    """Return the first bytes of a text as UTF-8 without a mark; as they are where none says that they are UTF-16."""
    if head.startswith(_MARKS):
        encoding = "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        return head[2:].decode(encoding, "replace").encode("utf-8", "replace")
    return head.removeprefix(codecs.BOM_UTF8)


def delimited(head: bytes) -> Delimited | None:
    """Return how a table is written whose first bytes these are, without a mark of UTF-8; None where it is none.

    A line of three names or more, no two alike, and two records or more of as many values as there are names; nine in
    ten of those that are seen are such; and in one column at least stand numbers, dates or addresses.
    """
    said = _SEPARATOR.match(head)
    start = said.end() if said else 0
    whole = len(head) < HEAD_BYTES
    text = head[start:HEAD_BYTES].decode("utf-8", "replace")
    first = text.partition("\n")[0]
    tried = said[1].decode() if said else max(DELIMITERS, key=first.count)
    if first.count(tried) < 2:
        return None
    try:
        records = [one for one in csv.reader(io.StringIO(text, newline="\n"), delimiter=tried) if one]
    except csv.Error:
        return None
    names, body = [one.strip() for one in records[0]], records[1:] if whole else records[1:-1]
    if not _are_names(names) or not _is_body(body, len(names)):
        return None
    return Delimited(tried, names, start)


def _are_names(names: list[str]) -> bool:
    if not 3 <= len(names) <= MOST_COLUMNS or len({one.casefold() for one in names}) < len(names):
        return False
    return all(len(one) <= _MOST_NAME and _NAME.fullmatch(one) and not _DATUM.match(one) for one in names)


def _is_body(body: list[list[str]], columns: int) -> bool:
    fit = [one for one in body if len(one) == columns]
    if len(fit) < 2 or len(fit) * 10 < len(body) * 9:
        return False
    for column in range(columns):
        values = [one[column].strip() for one in fit if one[column].strip()]
        if values and sum(1 for one in values if _DATUM.match(one)) * 10 >= len(values) * 8:
            return True
    return False


def objects(head: bytes) -> t.Literal["lines", "array", ""]:
    """Return how JSON objects follow each other in a text whose first bytes these are: one a line, or in an array.

    ``""`` where they do not, or where they have not mostly the same keys.
    """
    start = head[:HEAD_BYTES].lstrip()
    if start.startswith(b"{"):
        lines = start.split(b"\n")
        whole = lines if len(head) < HEAD_BYTES else lines[:-1]
        found = [_object(one) for one in itertools.islice(filter(bytes.strip, whole), MOST_OBJECTS)]
        return "lines" if _alike(found, 2) else ""
    if start.startswith(b"["):
        flat = list(_members(start.decode("utf-8", "replace")))
        scalars = [sum(not isinstance(value, dict | list) for value in one.values()) * 2 >= len(one) for one in flat]
        few = len(flat) < FEW and len(head) < HEAD_BYTES  # settings, not rows
        return "array" if _alike(flat, 3) and all(scalars) and not few else ""
    return ""


def _object(line: bytes) -> dict[str, object]:
    """Return the object that a line is; an empty one where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _members(text: str) -> t.Iterator[dict[str, object]]:
    """Yield the first objects of an array, as long as they are whole."""
    decoder, at = json.JSONDecoder(), 1
    for _ in range(MOST_OBJECTS):
        at = _behind(text, at)
        if text[at : at + 1] != "{":
            return
        try:
            found, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield found


_GAP: t.Final = re.compile(r"[\s,]*+")


def _behind(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _alike(found: list[dict[str, object]], least: int) -> bool:
    """Tell whether two objects or more have mostly the keys of the first."""
    if len(found) < 2 or len(found[0]) < least:
        return False
    first = found[0].keys()
    return all(len(first & one.keys()) * 2 >= len(first | one.keys()) for one in found)
