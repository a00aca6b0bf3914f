"""Job: read one hash list."""

from __future__ import annotations

import io
import typing as t

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.lists import formats
from vigie.cell.lists.reading import encoding
from vigie.cell.lists.reading.format import ListFormat, Source
from vigie.cell.lists.reading.lines import first_lines
from vigie.rows.list_formats import AUTO
from vigie.rows.wire import Entry, ListHead, ReadList, Trouble

HOPELESS = 1000
"""So many bad records and not one good: the format is the wrong one."""
_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
)


def detected(source: Source) -> ListFormat:
    """Return the one format that the list's first bytes fit; refuses where none or several do."""
    head = source.head()
    for magic, name in _PACKED:
        if head.startswith(magic):
            raise Refused("bad_list", f"the list is packed with {name}: unpack it first")
    known = formats()
    fits = [name for name in known if known[name].detect(head)]
    if len(fits) == 1:
        return known[fits[0]]
    if fits:
        detail = f"it may be {' or '.join(fits)}: give --format"
        if "mapped" in fits:
            detail += " checksums if its 64 digits are SHA-256, or a mapping with pdq = 1 and header = no if PDQ"
        raise Refused("bad_list", detail)
    lines = first_lines(head, 1)
    begins = f"; it begins {lines[0][:200]!r}" if lines else ""
    detail = f"none of the formats {', '.join(known)} fits; give --format NAME, or say which column is what with"
    detail += f" --mapping FILE.toml (both: docs/lists.md){begins}"
    raise Refused("bad_list", detail)


def _source(ask: ReadList, bench: Bench, opened: list[t.BinaryIO]) -> Source:
    path = bytes(ask.paths[0]) if ask.paths else None
    if bench.files:
        raw = bench.files[0]
    elif path:
        raw = open(path, "rb")  # noqa: SIM115, PTH123 - closed by the caller; the path is bytes
        opened.append(raw)
    else:
        raise Refused("bad_list", "no list was given")
    if isinstance(raw, io.RawIOBase):
        raw = io.BufferedReader(raw, 1 << 17)
    return Source(raw=raw, path=path, mapping=ask.mapping)


def run(ask: ReadList, bench: Bench) -> None:
    """Send the list's head, its entries and its troubles."""
    opened: list[t.BinaryIO] = []
    try:
        _run(ask, _source(ask, bench, opened), bench)
    finally:
        for file in opened:
            file.close()


def _run(ask: ReadList, source: Source, bench: Bench) -> None:
    if not source.head():
        raise Refused("empty", "the list has no bytes")
    if ask.format != AUTO:
        chosen = formats().get(ask.format)
    else:
        chosen = formats()["mapped"] if ask.mapping else detected(source)
    if chosen is None:
        raise Refused("bad_list", f"no format {ask.format[:40]!r}; known: {', '.join(formats())}, {AUTO}")
    bench.send(ListHead(format=chosen.name))
    bad, first = 0, ""
    for reply in chosen.read(source):
        if isinstance(reply, Entry):
            bad = -1
        elif isinstance(reply, Trouble) and reply.counts and bad >= 0:
            bad, first = bad + 1, first or reply.detail
            if bad >= HOPELESS:
                raise Refused("bad_list", f"the first {bad} records do not fit {chosen.name}; {first}")
        bench.send(reply)


def warm() -> None:
    """Load every format and every encoding: the sandbox opens no files."""
    formats()
    encoding.warm()


JOB = Job(ask=ReadList, run=run, warm=warm, opens=True)
