"""Taking a database of IP networks in: read it once in the cell, register it, read it for the case, log it."""

from __future__ import annotations

import typing as t

from vigie.kernel.cell import Cell, Limits
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import do, stage_named
from vigie.kernel.handed_over import commit, opened
from vigie.rows import locator
from vigie.rows.countries import IpBase, IpFile
from vigie.rows.wire import Failed, RangesHead, ReadRanges

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch

STAGE = "ipfile"
RANGES = "ranges"
PROBE = Limits(wall_s=900, cpu_s=900, memory_bytes=4 << 30, output_bytes=1 << 30)


def register(case: Case, path: bytes, cell: Cell, *, name: str = "", dated: str = "", flag: str = "") -> IpFile:
    """Commit that this file tells about IP networks; one that does not is refused. Errors: UsageError."""
    with opened(path, "a database of IP networks") as given:
        one = IpFile.make(name=name, dated=dated, flag=flag, **given.about)
        for known in case.read(IpFile):
            if known.key == one.key:
                return known
        _probe(locator.show(path), given.fd, cell, one)
    commit(case, STAGE, IpFile, [one], f"{STAGE}:{one.key.hex()}", ipfile=one.key.hex())
    return one


def read(case: Case, one: IpFile, engine: Engine, needs: Needs, watch: Watch) -> IpBase:
    """Read a registered file, and log what came of it."""
    do(case, stage_named(RANGES), engine, needs, watch)
    found = next((base for base in case.read(IpBase) if base.file == one.key), None)
    if found is None:
        raise UsageError(f"{one.path} can no longer be read. See why with: vigie show CASE problems")
    logged = {entry.about["ipfile"] for entry in case.custody.entries() if entry.act == "geo_added"}
    if one.key.hex() not in logged:
        about: dict[str, t.Any] = {"ipfile": one.key.hex(), "sha256": one.sha256.hex(), "name": found.name}
        case.custody.append(
            "geo_added", {**about, "dated": found.dated.date().isoformat(), "ranges": found.ipv4 + found.ipv6}
        )
    return found


def _probe(shown: str, fd: int, cell: Cell, one: IpFile) -> None:
    """Read up to what the file says of itself, so that a wrong file is an error before anything is written."""
    for reply in cell.ask(ReadRanges(flag=one.flag), [fd], limits=PROBE):
        if isinstance(reply, RangesHead):
            if not (one.dated or reply.dated):
                raise UsageError(
                    f"{shown} does not say when it was made. Say it with --dated YYYY-MM-DD: an address is asked for in"
                    " the edition nearest to when it was used."
                )
            return
        if isinstance(reply, Failed):
            raise UsageError(f"{shown} cannot be read: {reply.detail or reply.code} (docs/countries.md).")
