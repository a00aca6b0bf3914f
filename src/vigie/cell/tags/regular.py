"""TagPacks written as nearly all are: their tags are found in the bytes, and no object is made of each.

What stands before and behind the list is read as ever (``yaml_text``), and so is each different value that is more than
a word in a line. Where anything is unusual, the whole file is read as ever: the outcome is the same, and so are errors.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import typing as t

import numpy as np

from vigie.cell.job import Refused
from vigie.cell.tags import fields, yaml_text
from vigie.cell.tags.entries import Entries, coded, plain
from vigie.cell.tags.found import MOST_TAGS, Column
from vigie.numeric import tagpacks

if t.TYPE_CHECKING:
    from vigie.cell.tags.yaml_text import Plain

MOST_PARSED: t.Final = 4096
"""Different values of a field that are given to the parser one by one."""
_LIST: t.Final = re.compile(rb"^tags: *\n", re.MULTILINE)
_MARK: t.Final = b"\xef\xbb\xbf"


class Unusual(Exception):  # noqa: N818 - no error: it is read in the other way
    """It is written in another way."""


def load(data: bytes) -> tuple[dict[str, Plain], Entries] | None:
    """Return a pack's header and its tags; None where it must be read as any YAML."""
    with contextlib.suppress(Unusual, Refused, UnicodeDecodeError):
        return _load(data)
    return None


def _load(data: bytes) -> tuple[dict[str, Plain], Entries]:
    begun = _LIST.search(data)
    if begun is None or _MARK in data:
        raise Unusual
    data.decode()
    most = min(data.count(b"- ", begun.end()), data.count(b"\n", begun.end()) + 1, MOST_TAGS)
    found = tagpacks.entries(data, begun.end(), fields.TAG_FIELDS, most)
    if found is None:
        raise Unusual
    token = secrets.token_hex(16)  # whoever wrote the file cannot have written it
    header = yaml_text.load(data[: begun.start()] + f"tags: {token}\n".encode() + data[found.end :])
    if not isinstance(header, dict) or header.get("tags") != token:
        raise Unusual
    said = np.flatnonzero(found.sizes.any(axis=1)).tolist()
    columns = {fields.TAG_FIELDS[at]: _column(data, found, at) for at in said}
    return header, Entries(found.starts.shape[1], columns)


def _column(data: bytes, found: tagpacks.Entries, field: int) -> Column:
    starts, sizes = found.starts[field], found.sizes[field]
    if fields.TAG_FIELDS[field] in fields.LONG and (sizes > 1).all():
        every = _words(data, starts, sizes)
        if yaml_text.NOTHING.isdisjoint(every):
            return Column(np.arange(len(every), dtype=np.int32), every)
    told = tagpacks.coded(data, starts, sizes)
    if told is None:
        raise Unusual
    starts, sizes = starts[told.firsts], sizes[told.firsts]
    values: list[t.Any] = _words(data, starts, np.abs(sizes))
    odd = np.flatnonzero(sizes < 0).tolist()
    if len(odd) > MOST_PARSED:
        raise Unusual
    for at in odd:
        values[at] = _parsed(values[at], found)
    if yaml_text.NOTHING.isdisjoint(values) and None not in values:
        return Column(told.codes, values)
    again = coded([None if one in yaml_text.NOTHING else one for one in values])
    return Column(np.append(again.codes, np.int32(-1))[told.codes], again.values)


def _words(data: bytes, starts: np.ndarray[t.Any, t.Any], sizes: np.ndarray[t.Any, t.Any]) -> list[str]:
    ends = (starts + sizes - 1).tolist()
    if data.isascii():
        text = data.decode()
        return [text[begin:end] for begin, end in zip(starts.tolist(), ends, strict=True)]
    return [data[begin:end].decode() for begin, end in zip(starts.tolist(), ends, strict=True)]


def _parsed(value: str, found: tagpacks.Entries) -> t.Any:
    """Return a value as the parser reads it, where it stands as deep as in its file."""
    blanks = " " * found.dashes, " " * (found.column - found.dashes - 1)
    held = yaml_text.load(f"t:\n{blanks[0]}-{blanks[1]}k:{value}\n".encode())
    match held:
        case {"t": [{"k": one, **rest}], **others} if not rest and not others:
            return plain(one)
    raise Unusual
