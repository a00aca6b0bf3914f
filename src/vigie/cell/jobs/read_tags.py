"""Job: read one file of tags or actors."""

from __future__ import annotations

import gc
import typing as t

import numpy as np

from vigie.cell.identifiers.find import warm_money
from vigie.cell.job import Bench, Job, Refused
from vigie.cell.tags import actorpack, json_text, lists, regular, tagpack, unsaid, yaml_text
from vigie.cell.tags.found import NO_TIME, Column
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
    try:
        found = read(data, ask)
    except Refused as refused:
        raise Refused(refused.code, unsaid.shown(refused.detail)) from None
    unsaid.without_secrets(found)
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
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = start.split(b"\n", 1)[0].decode(errors="replace").strip()
    if found := _by_columns(data, first, ask):
        return found
    if ask.format == "addresses" or (not ask.format and _is_list(start)):
        doc: Plain = json_text.load(data) if start[:1] == b"[" else [*lists.lines(data)]
    else:
        if ask.format in ("", "tagpack") and (quick := regular.load(data)):
            return tagpack.read(_flat(quick[0]), ask.say, tags=quick[1])
        doc = _document(data, start)
    if isinstance(doc, list) and all(isinstance(one, str) for one in doc):
        return lists.of_addresses(t.cast("list[str]", doc), ask.name, ask.say)
    if isinstance(doc, dict):
        doc = _flat(doc)
    if isinstance(doc, dict) and "tags" in doc and ask.format in ("", "tagpack"):
        return tagpack.read(doc, ask.say)
    if isinstance(doc, dict) and "actors" in doc and ask.format in ("", "actorpack"):
        return actorpack.read(doc, ask.say)
    raise Refused(
        "bad_pack", f"neither tags nor actors nor a list of addresses; it begins {unsaid.shown(first)[:100]!r}"
    )


def _by_columns(data: bytes, first: str, ask: ReadTags) -> Found | None:
    """Read a table or a register; None of what is neither."""
    if ask.format in ("", "register") and not ask.columns and lists.is_mica(first):
        return lists.of_mica(data, ask.name, ask.say)
    if ask.format == "register":
        return lists.of_register(data, ask.name, ask.say, ask.columns)
    if ask.format == "table" or (not ask.format and lists.is_table(first)):
        return lists.of_table(data, ask.name, ask.say)
    return None


def _flat(pack: dict[str, Plain]) -> dict[str, Plain]:
    """Return a pack whose header may stand in a map of its own, with that map's fields beside the others."""
    head = pack.get("header")
    if isinstance(head, str):
        raise Refused(
            "bad_pack", f"its header lies in another file, {head[:100]!r}: put that file's lines here instead"
        )
    return {**{name: one for name, one in pack.items() if name != "header"}, **head} if isinstance(head, dict) else pack


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


class _Texts(t.NamedTuple):
    """A field of all tags: where each value begins in their bytes."""

    ends: np.ndarray[t.Any, np.dtype[np.int64]]
    data: bytes


def _texts(given: Column) -> _Texts:
    """Return the text, or bytes, of each tag."""
    each = given.values
    if all(map(str.isascii, each)):
        data = "".join(map(each.__getitem__, given.codes.tolist())).encode()
    else:
        each = [one.encode(errors="replace") for one in each]
        data = b"".join(map(each.__getitem__, given.codes.tolist()))
    return _Texts(_ends(each, given.codes), data)


def _raw(given: Column) -> _Texts:
    return _Texts(_ends(given.values, given.codes), b"".join(map(given.values.__getitem__, given.codes.tolist())))


def _ends(each: list[t.Any], codes: np.ndarray[t.Any, t.Any]) -> np.ndarray[t.Any, np.dtype[np.int64]]:
    sizes = np.fromiter(map(len, each), np.int64, len(each))[codes]
    return np.concatenate([[0], np.cumsum(sizes)])


def _portions(columns: list[_Texts], found: Found) -> Iterator[Portion]:
    columns = [*columns, _raw(found.scripts)]
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


def _cells(one: _Texts, at: int, end: int) -> Cells:
    lengths = np.diff(one.ends[at : end + 1]).astype("<i4")
    return Cells(lengths=memoryview(lengths.tobytes()), values=memoryview(one.data)[one.ends[at] : one.ends[end]])


def warm() -> None:
    """Load what reads packs."""
    pack = b"title: a\ncreator: b\ntags:\n- {label: a, address: bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu}\n"
    read(pack, ReadTags())
    yaml_text.load(b"a: &a [1]\nb: *a\n")
    json_text.load(b"{}")
    warm_money()


JOB = Job(ask=ReadTags, run=run, warm=warm)
