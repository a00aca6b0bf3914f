"""Taking a hash list in: probe it in the cell, register it, read it, log it."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.cell import Cell, Limits
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import do, stage_named
from vigie.kernel.handed_over import commit, opened
from vigie.rows import locator
from vigie.rows.matches import HashList, ListFile
from vigie.rows.wire import Entry, Failed, ReadList, Trouble

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch

STAGE = "list"
KNOWN = "known"
PROBE = Limits(wall_s=120, cpu_s=120, memory_bytes=2 << 30, output_bytes=1 << 30)


def register(
    case: Case,
    path: bytes,
    cell: Cell,
    *,
    form: str,
    meaning: str,
    mapping: dict[str, str],
    name: str = "",
    version: str = "",
    dated: str = "",
    scheme: str = "",
) -> ListFile:
    """Commit that this list is to be read so; a list that gives no entry this way is refused. Errors: UsageError."""
    with opened(path, "a hash list") as given:
        one = ListFile.make(
            format=form,
            meaning=meaning,
            mapping=msgspec.json.encode(mapping, order="deterministic").decode(),
            name=name,
            version=version,
            dated=dated,
            scheme=scheme,
            **given.about,
        )
        for known in case.read(ListFile):
            if known.key == one.key:
                return known
        _probe(given.path, given.fd, cell, form, mapping)
    commit(case, STAGE, ListFile, [one], f"{STAGE}:{one.key.hex()}", list=one.key.hex())
    return one


def read(case: Case, one: ListFile, engine: Engine, needs: Needs, watch: Watch) -> HashList:
    """Read a registered list, and log what came of it."""
    do(case, stage_named(KNOWN), engine, needs, watch)
    (found,) = [edition for edition in case.read(HashList) if edition.list == one.key]
    logged = {entry.about["list"] for entry in case.custody.entries() if entry.act == "list_added"}
    if one.key.hex() not in logged:
        about: dict[str, t.Any] = {"list": one.key.hex(), "sha256": one.sha256.hex(), "meaning": one.meaning}
        case.custody.append("list_added", {**about, "entries": found.entries, "rejected": found.rejected})
    return found


def _probe(path: bytes, fd: int, cell: Cell, form: str, mapping: dict[str, str]) -> None:
    """Read up to the first entry, so that a wrong format is an error before anything is written."""
    ask = ReadList(format=form, mapping=mapping, paths=[path])
    troubles: list[str] = []
    for reply in cell.ask(ask, [fd], limits=PROBE, readable=[path]):
        if isinstance(reply, Entry):
            return
        if isinstance(reply, Trouble):
            troubles.append(f"record {reply.number}: {reply.detail or reply.code}")
        if isinstance(reply, Failed):
            raise UsageError(f"{locator.show(path)} cannot be read as a hash list: {reply.detail or reply.code}.")
    first = f"; {troubles[0]}" if troubles else ""
    raise UsageError(
        f"{locator.show(path)} holds no entry that can be read as {form}{first}. Give the right --format, or say which"
        " column is what with --mapping FILE.toml (both: docs/lists.md)."
    )
