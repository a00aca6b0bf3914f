"""The files that continue split images, found once for a shard of originals."""

from __future__ import annotations

import functools
import typing as t

from vigie.kernel.table import Table, query
from vigie.rows import locator, segments
from vigie.rows.evidence import Original

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.kernel.database import Room
    from vigie.kernel.evidence import Evidence

FIRST = r"(?i)(\.(e|ex|s|l)01|\.001|\.vmdk)$"
"""Regular expression (RE2) of shown paths that others may continue."""


def of(
    evidence: Evidence, containers: t.Sequence[Original], everything: Table[Original]
) -> dict[bytes, list[Original]]:
    """Return for the key of each container the originals that continue it, in order; none where it is whole."""
    if not containers:
        return {}
    items = ", ".join(sorted({f"unhex('{one.item.hex()}')" for one in containers}))
    sql = f"select * from e where item in ({items}) and regexp_matches(path, '{segments.CONTINUES}')"
    candidates = query(Original, sql, e=_segments(everything)).rows()
    out = {}
    for one in containers:
        beside = {other.path: other for other in candidates if other.item == one.item}
        path = one.path
        if not path:  # the item is this file; what continues it is listed by name alone
            path = locator.show(evidence.path(one.item, "").rsplit(b"/", 1)[-1])
        out[one.key] = [beside[name] for name in segments.below(path, beside)]
    return out


def later(evidence: Evidence, containers: t.Sequence[Original], everything: Table[Original]) -> set[bytes]:
    """Return the keys of those that continue an original which is there: they are opened with it, not by themselves.

    A name that only looks like that of a later segment (``upload.002``, ``dump.sql``) continues nothing.
    """
    firsts: dict[bytes, tuple[bytes, bytes, bytes]] = {}
    for one in containers:
        folder, _, name = evidence.path(one.item, one.path).rpartition(b"/")
        if one.path and (first := segments.first_of(name)):
            firsts[one.key] = (one.item, folder, first)
    if not firsts:
        return set()
    items = ", ".join(sorted({f"unhex('{item.hex()}')" for item, _, _ in firsts.values()}))
    sql = f"select * from e where item in ({items}) and (path = '' or regexp_matches(path, '{FIRST}'))"
    there = set()
    for one in query(Original, sql, e=_segments(everything)):
        folder, _, name = evidence.path(one.item, one.path).rpartition(b"/")
        there.add((one.item, folder, name.lower()))
    return {key for key, first in firsts.items() if first in there}


def _segments(everything: Table[Original]) -> Table[Original]:
    """Return the originals whose names are those of segments, and items that are one file.

    Every shard asks, and there are as many shards as the case is large: the files are searched once for all.
    """
    return _in_files(everything.lying, everything.room) if everything.lying else _chosen(everything)


@functools.lru_cache(maxsize=2)
def _in_files(files: tuple[Path, ...], room: Room | None) -> Table[Original]:
    return _chosen(Table(Original, files=files, room=room))


def _chosen(everything: Table[Original]) -> Table[Original]:
    sql = f"regexp_matches(path, '{segments.CONTINUES}') or regexp_matches(path, '{FIRST}')"
    return query(Original, f"select * from e where path = '' or {sql}", e=everything)
