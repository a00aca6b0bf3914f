"""Disk images: from sectors through partitions, logical and encrypted volumes to file systems and their files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from vigie.cell import sniff_disk
from vigie.cell.containers import fs_libyal, fs_tsk, media, volumes
from vigie.cell.containers.entry import Broken, Fault, Found, Source, broken_by
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Sectors
from vigie.cell.sniff import HEAD_BYTES
from vigie.rows.content_types import unsupported

MOST_LAYERS = 6
"""Partition, LVM, LUKS, APFS: real ones have three or four inside each other; a hostile one could go on."""

_FILE_SYSTEMS: dict[str, Callable[[Sectors], Iterator[Found]]] = {
    "application/x-ext": fs_tsk.read,
    "application/x-ntfs": fs_tsk.read,
    "application/x-fat": fs_tsk.read,
    "application/x-exfat": fs_tsk.read,
    "application/x-hfsplus": fs_tsk.read,
    "application/x-iso9660": fs_tsk.read,
    "application/x-xfs": fs_libyal.read_xfs,
}


def read(source: Source) -> Iterator[Found]:
    """Yield the files of every file system of an image, and a fault for each volume without one that is read."""
    disk = media.open_media(source.files, source.content_type)
    yield from _volume(disk, (), source.secrets)


@broken_by(*LIBRARY_ERRORS)
def _volume(disk: Sectors, above: tuple[bytes, ...], secrets: tuple[bytes, ...]) -> Iterator[Found]:
    """Read one run of sectors; what is wrong with it is said of it alone, its neighbours are read all the same."""
    if len(above) > MOST_LAYERS:
        raise Broken("too_deep", f"more than {MOST_LAYERS} volumes in each other")
    content_type = sniff_disk.volume_type(disk.read_at(0, HEAD_BYTES))
    if advice := unsupported(content_type):
        raise Broken("unsupported", advice)
    reader = _FILE_SYSTEMS.get(content_type)
    if reader is not None:
        yield from _under(above or (b"fs",), reader(disk))
        return
    if content_type not in volumes.OPENERS:
        raise Broken("no_file_system", _what(disk, content_type))
    for step, part in volumes.OPENERS[content_type](disk, secrets):
        steps = (*above, step)
        try:
            if isinstance(part, Broken):
                raise part
            if isinstance(part, volumes.Tree):
                yield from _under(steps, part.read())
            else:
                yield from _volume(part, steps, secrets)
        except Broken as error:
            yield Fault(steps=steps, code=error.code, detail=error.detail, counts=False)


def _under(above: tuple[bytes, ...], found: Iterator[Found]) -> Iterator[Found]:
    for one in found:
        yield dataclasses.replace(one, steps=above + one.steps)


def _what(disk: Sectors, content_type: str) -> str:
    if content_type == "application/x-swap":
        return "Linux swap: it holds no files"
    head = disk.read_at(0, HEAD_BYTES)
    blank = "all zero at its start" if not head.strip(b"\0") else "its start is no known structure"
    return f"{disk.size} bytes, {blank}"


def warm() -> None:
    """Nothing is loaded late: the readers' libraries are imported by name above."""
