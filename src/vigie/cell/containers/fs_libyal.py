"""File systems that The Sleuth Kit does not read: XFS and APFS, through libfsxfs and libfsapfs."""

from __future__ import annotations

import stat
import typing as t
from collections.abc import Iterator

import pyfsxfs

from vigie.cell.containers import tallies
from vigie.cell.containers.entry import (
    CHUNK,
    Broken,
    Entry,
    Fault,
    Found,
    Tally,
    Times,
    bounded,
    broken_by,
)
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Sectors, Seekable

MOST_DEPTH = 1000


@broken_by(*LIBRARY_ERRORS)
def read_xfs(disk: Sectors) -> Iterator[Found]:
    """Yield the files of an XFS."""
    volume = pyfsxfs.volume()
    volume.open_file_object(Seekable(disk))
    met = tallies.Met()
    yield from read_tree(volume, (disk,), met)
    if (said := tallies.xfs(disk)) is not None:
        yield Tally(by="XFS inodes in use", said=said, met=len(met))


@broken_by(*LIBRARY_ERRORS)
def read_tree(volume: t.Any, beneath: tuple[object, ...], met: tallies.Met | None = None) -> Iterator[Found]:
    """Yield the files of a volume; ``beneath`` is kept alive as long as it is read, ``met`` counts inodes."""
    root = volume.get_root_directory()
    if root is None:
        raise Broken("no_file_system", "a volume without a root directory")
    yield from _directory(root, b"", 0, met)
    del beneath


def _directory(directory: t.Any, path: bytes, depth: int, met: tallies.Met | None) -> Iterator[Found]:
    if met is not None:
        met.add(0, 1)
    if depth > MOST_DEPTH:
        yield Fault(steps=(bounded(path),), code="too_deep", detail=f"{MOST_DEPTH} folders deep", counts=False)
        return
    try:
        count = directory.get_number_of_sub_file_entries()
    except LIBRARY_ERRORS as error:
        yield Fault(steps=(bounded(path or b"/"),), code="damaged", detail=f"folder: {error}", counts=False)
        return
    for index in range(count):
        try:
            file = directory.get_sub_file_entry(index)
            name = path + b"/" + (file.name or "").encode("utf-8", "surrogateescape")
            mode = file.file_mode
            if met is not None and not stat.S_ISDIR(mode):
                met.add(file.inode_number, file.number_of_links)
        except LIBRARY_ERRORS as error:
            yield Fault(steps=(bounded(path + b"/"),), code="damaged", detail=f"entry {index}: {error}")
            continue
        if stat.S_ISDIR(mode):
            yield from _directory(file, name, depth + 1, met)
        elif stat.S_ISLNK(mode):
            yield Fault(steps=(bounded(name),), code="link", detail=f"symbolic link to {_target(file)}")
        elif stat.S_ISREG(mode):
            yield Entry(steps=(bounded(name),), chunks=_Content(file), times=_times(file))
        else:
            yield Fault(steps=(bounded(name),), code="special", detail="a device, socket or pipe")


def _target(file: t.Any) -> str:
    try:
        target = file.symbolic_link_target
    except LIBRARY_ERRORS:
        return "an unreadable target"
    # libfsxfs 20260901 gives the head of the block where XFS 5 keeps a long target
    return "a long target" if target.startswith("XSLM") else repr(target)


class _Content:
    """The bytes of one file."""

    def __init__(self, file: t.Any) -> None:
        self._file = file

    @broken_by(*LIBRARY_ERRORS)
    def __call__(self) -> Iterator[bytes]:
        at, size = 0, self._file.size
        while at < size:
            chunk = bytes(self._file.read_buffer_at_offset(min(CHUNK, size - at), at))
            if not chunk:
                raise Broken("truncated", f"{size - at} of {size} bytes cannot be read")
            at += len(chunk)
            yield chunk


def _times(file: t.Any) -> Times:
    """Return the times; nanoseconds since 1970, UTC."""

    def at(field: str) -> int | None:
        try:
            nanos = getattr(file, f"get_{field}_as_integer")()
        except LIBRARY_ERRORS:
            return None  # XFS before version 5 has no creation time; the binding says so by raising
        return nanos // 1000 if nanos else None

    return Times(
        modified=at("modification_time"),
        accessed=at("access_time"),
        changed=at("inode_change_time"),
        created=at("creation_time"),
        times_from="posix",
    )
