"""Job: read one file of tags or actors."""

from __future__ import annotations

import gc
import typing as t

import numpy as np

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.tags import actorpack, json_text, lists, tagpack, yaml_text
from vigie.cell.tags.found import NO_TIME
from vigie.rows.tags import FORMATS
from vigie.rows.wire import Cells, Portion, ReadTags, TagsHead

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.tags.found import Found
    from vigie.cell.tags.yaml_text import Plain

MOST_BYTES: t.Final = 512 << 20
PORTION_BYTES: t.Final = 900_000
PORTION_ROWS: t.Final = 1 << 15


def run(ask: ReadTags, bench: Bench) -> None:
    """Send what the file says of itself, its tags in columns, its actors, and what is wrong with it."""
    gc.disable()  # a million small maps, none in a ring: to look for rings takes a third of the time
    data = bench.files[0].read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES >> 20} MiB: split it")
    if not data.strip():
        raise Refused("empty", "the file has no bytes but blanks")
    found = read(data, ask)
    columns = {name: one for name, one in found.texts.items() if not isinstance(one, str)}
    bench.send(
        TagsHead(
            format=found.format,
            title=found.title,
            creator=found.creator,
            description=found.description,
            tags=found.tags,
            actors=len(found.actors),
            rejected=found.troubles.rejected,
            same={name: one for name, one in found.texts.items() if isinstance(one, str)} if found.tags else {},
            columns=[*columns, "lastmod", "script"] if found.tags else [],
        )
    )
    for trouble in found.troubles.told:
        bench.send(trouble)
    for portion in _portions([_texts(one) for one in columns.values()], found):
        bench.send(portion)
    for actor in found.actors:
        bench.send(actor)


def read(data: bytes, ask: ReadTags) -> Found:
    """Read a file in the form that is said, or that its content tells. Errors: Refused."""
    if ask.format and ask.format not in FORMATS:
        raise Refused("bad_pack", f"there is no format {ask.format!r}")
    if ask.format == "register":
        return lists.of_register(data, ask.name, ask.say, ask.columns)
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = start.split(b"\n", 1)[0].decode(errors="replace").strip()
    if ask.format == "table" or (not ask.format and lists.is_table(first)):
        return lists.of_table(data, ask.name, ask.say)
    if ask.format == "addresses" or (not ask.format and _is_list(start)):
        doc: Plain = json_text.load(data) if start[:1] == b"[" else [*lists.lines(data)]
    else:
        doc = _document(data, start)
    if isinstance(doc, list) and all(isinstance(one, str) for one in doc):
        return lists.of_addresses(t.cast("list[str]", doc), ask.name, ask.say)
    if isinstance(doc, dict) and "tags" in doc and ask.format in ("", "tagpack"):
        return tagpack.read(doc, ask.say)
    if isinstance(doc, dict) and "actors" in doc and ask.format in ("", "actorpack"):
        return actorpack.read(doc, ask.say)
    raise Refused("bad_pack", f"neither tags nor actors nor a list of addresses; it begins {first[:100]!r}")


def _is_list(start: bytes) -> bool:
    """Tell whether lines are single words without a colon, as addresses are."""
    lines = [one.strip() for one in start.split(b"\n")[:20]]
    lines = [one for one in lines if one and not one.startswith(b"#")]
    return bool(lines) and all(one.isalnum() for one in lines[: max(1, len(lines) - 1)])


def _document(data: bytes, start: bytes) -> Plain:
    if start[:1] in (b"{", b"["):
        try:
            return json_text.load(data)
        except Refused as error:
            if not error.detail.startswith("no JSON"):
                raise
    return yaml_text.load(data)


class _Column(t.NamedTuple):
    """A field of all tags: where each value begins in their bytes."""

    ends: np.ndarray[t.Any, np.dtype[np.int64]]
    data: bytes


def _texts(values: list[str]) -> _Column:
    joined = "".join(values)
    if joined.isascii():
        return _column(list(map(len, values)), joined.encode())
    encoded = [one.encode(errors="replace") for one in values]
    return _column(list(map(len, encoded)), b"".join(encoded))


def _column(sizes: list[int], data: bytes) -> _Column:
    return _Column(np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))]), data)


def _portions(columns: list[_Column], found: Found) -> Iterator[Portion]:
    columns = [*columns, _column(list(map(len, found.scripts)), b"".join(found.scripts))]
    known, days = found.lastmod != NO_TIME, found.lastmod.astype("<i8")
    size = np.sum([np.diff(one.ends) + 4 for one in columns], axis=0) + 20
    ends = np.concatenate([[0], np.cumsum(size)])
    at = 0
    while at < found.tags:
        end = int(np.searchsorted(ends, ends[at] + PORTION_BYTES, "right")) - 1
        end = min(max(end, at + 1), at + PORTION_ROWS, found.tags)
        cells = [_cells(one, at, end) for one in columns]
        there = known[at:end]
        when = Cells(lengths=memoryview(np.where(there, 8, -1).astype("<i4").tobytes()),
                     values=memoryview(days[at:end][there].tobytes()))  # fmt: skip
        yield Portion(wish=0, number=at, places=memoryview(bytes(8 * (end - at))),
                      columns=[*cells[:-1], when, cells[-1]])  # fmt: skip
        at = end


def _cells(one: _Column, at: int, end: int) -> Cells:
    lengths = np.diff(one.ends[at : end + 1]).astype("<i4")
    return Cells(lengths=memoryview(lengths.tobytes()), values=memoryview(one.data)[one.ends[at] : one.ends[end]])


def warm() -> None:
    """Load what reads packs."""
    pack = b"title: a\ncreator: b\ntags:\n- {label: a, address: bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu}\n"
    read(pack, ReadTags())
    yaml_text.load(b"a: &a [1]\nb: *a\n")
    json_text.load(b"{}")


JOB = Job(ask=ReadTags, run=run, warm=warm)
