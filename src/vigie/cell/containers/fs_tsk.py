"""File systems through The Sleuth Kit: ext2-4, NTFS, FAT, exFAT, HFS+, ISO 9660, with the deleted files they describe.

Deleted files (measured, reference/evidence.md 1.5): FAT keeps them in its directories, NTFS in its file table, which
is scanned, since its directories forget; ext2-4 zero what would lead to the bytes, so nothing is offered there.
"""

from __future__ import annotations

import calendar
import time
import typing as t
from collections.abc import Iterator

import pytsk3

from vigie.cell.containers import ntfs_deleted, tallies
from vigie.cell.containers.entry import CHUNK, Broken, Entry, Fault, Found, Tally, Times, bounded, broken_by, micros
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Sectors, TskImage

MOST_DEPTH = 1000
FIRST_NTFS_FILE = 24
"""File records below are the file system's own ($MFT, $LogFile, $BadClus ...), not anybody's files."""

_NTFS = int(pytsk3.TSK_FS_TYPE_NTFS)
_FAT = {
    int(pytsk3.TSK_FS_TYPE_FAT12), int(pytsk3.TSK_FS_TYPE_FAT16), int(pytsk3.TSK_FS_TYPE_FAT32),
    int(pytsk3.TSK_FS_TYPE_EXFAT),
}  # fmt: skip
_TIMES_FROM = {
    **dict.fromkeys(_FAT, "fat-local"),
    int(pytsk3.TSK_FS_TYPE_NTFS): "ntfs",
    int(pytsk3.TSK_FS_TYPE_ISO9660): "iso9660-local",
    int(pytsk3.TSK_FS_TYPE_HFS): "hfs",
}
_UNALLOCATED = int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC)
_META_UNALLOCATED = int(pytsk3.TSK_FS_META_FLAG_UNALLOC)
_VIRTUAL = {int(pytsk3.TSK_FS_META_TYPE_VIRT), int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR)}
_DIRECTORY, _REGULAR, _LINK = (
    int(pytsk3.TSK_FS_META_TYPE_DIR), int(pytsk3.TSK_FS_META_TYPE_REG), int(pytsk3.TSK_FS_META_TYPE_LNK)
)  # fmt: skip
_HFS = int(pytsk3.TSK_FS_TYPE_HFS)
_EXT = {int(pytsk3.TSK_FS_TYPE_EXT2), int(pytsk3.TSK_FS_TYPE_EXT3), int(pytsk3.TSK_FS_TYPE_EXT4)}
_NTFS_ROOT, _MOST_EXTEND = 5, 8
FIRST_HFS_FILE = 16
"""Catalog numbers below are the volume's own (Apple TN1150, kHFSFirstUserCatalogNodeID)."""
_FAT_LABEL = b" (Volume Label Entry)"
_FAT_TABLES = (b"$ALLOC_BITMAP", b"$UPCASE_TABLE", b"$VOLUME_GUID", b"$TEX_FAT")
"""What The Sleuth Kit shows of a FAT or exFAT volume's own entries: no files of anybody."""
_DATA = int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA)

Origin = t.Literal["allocated", "deleted", "orphan"]


@broken_by(*LIBRARY_ERRORS)
def read(disk: Sectors) -> Iterator[Found]:
    """Yield the files of a file system: first folder by folder, then what NTFS still describes."""
    tree = _Tree(pytsk3.FS_Info(TskImage(disk)), disk)
    yield from tree.folder(tree.system.open_dir(path="/"), b"", 0, "allocated")
    if tree.kind == _NTFS:
        for path, file, orphan in ntfs_deleted.scan(tree.system, FIRST_NTFS_FILE):
            yield from tree.streams(file, path, "orphan" if orphan else "deleted")
    yield from tree.tally()


class _Tree:
    def __init__(self, system: t.Any, disk: Sectors) -> None:
        self.system = system
        self._disk = disk
        self._met = tallies.Met()
        self.kind = int(system.info.ftype)
        self._seen: set[int] = set()

    def tally(self) -> Iterator[Tally]:
        """Yield what the file system itself says of how much it holds."""
        by, said = "", None
        if self.kind in _EXT:
            by, said = "ext inodes in use", tallies.ext(self._disk)
        elif self.kind == _NTFS:
            by, said = "NTFS $MFT bitmap", tallies.ntfs(self.system, FIRST_NTFS_FILE)
        elif self.kind == _HFS:
            by, said = "HFS+ volume header", tallies.hfs(self._disk)
        if said is not None:
            yield Tally(by=by, said=said, met=len(self._met))

    def folder(self, folder: t.Any, path: bytes, depth: int, origin: Origin) -> Iterator[Found]:
        """Yield what a folder and those in it hold: allocated names first, so that they keep their name."""
        try:
            files = [file for file in folder if file.info.name.name not in (b".", b"..")]
        except LIBRARY_ERRORS as error:
            yield Fault(steps=(bounded(path or b"/"),), code="damaged", detail=f"folder: {error}", counts=False)
            return
        for file in sorted(files, key=lambda file: int(file.info.name.flags) & _UNALLOCATED):
            yield from self._file(file, path + b"/" + file.info.name.name, depth, origin)

    def _file(self, file: t.Any, path: bytes, depth: int, origin: Origin) -> Iterator[Found]:
        name, meta = file.info.name, file.info.meta
        gone = bool(int(name.flags) & _UNALLOCATED)
        if self.kind == _NTFS and meta is not None and int(meta.flags) & _META_UNALLOCATED:
            gone = True  # an index that was not brought up to date: the scan of the file table will give it
        if gone and not self._offers(meta):
            return
        if meta is None:
            # of NTFS it is a name that outlived its record; where the record still says something, the scan gives it
            counts = self.kind != _NTFS
            yield Fault(steps=(bounded(path),), code="damaged", detail="it describes no file any more", counts=counts)
            return
        if self._is_the_systems_own(name.name, meta):
            if self.kind == _NTFS and int(meta.type) == _DIRECTORY and meta.addr != _NTFS_ROOT:
                self._extend(file, 0)
            return
        if gone:
            origin = "deleted" if origin == "allocated" else origin
        else:
            self._count(meta)
        yield from self._by_kind(file, path, depth, origin)

    def _by_kind(self, file: t.Any, path: bytes, depth: int, origin: Origin) -> Iterator[Found]:
        kind = int(file.info.meta.type)
        if kind == _DIRECTORY or (kind in _VIRTUAL and file.info.name.name == b"$OrphanFiles" and self.kind in _FAT):
            yield from self._descend(file, path, depth, "orphan" if kind in _VIRTUAL else origin)
        elif kind == _REGULAR:
            yield from self.streams(file, path, origin)
        elif kind == _LINK:
            yield Fault(steps=(bounded(path),), code="link", detail=f"symbolic link to {_target(file)}")
        elif kind not in _VIRTUAL:
            yield Fault(steps=(bounded(path),), code="special", detail="a device, socket or pipe")

    def _count(self, meta: t.Any) -> None:
        """Count what is in use: names where HFS+ does, else inodes; a folder has one name, whatever its links say."""
        if int(meta.type) in _VIRTUAL:
            return
        if self.kind == _HFS or int(meta.type) != _DIRECTORY:
            self._met.add(int(meta.addr), 1 if self.kind == _HFS else int(meta.nlink))
        elif meta.addr not in self._seen:
            self._met.add(int(meta.addr), 1)

    def _extend(self, folder: t.Any, depth: int) -> None:
        """Count what lies in $Extend: records beyond the reserved ones, and nobody's files."""
        try:
            files = [
                file for file in folder.as_directory() if file.info.meta and file.info.meta.addr >= FIRST_NTFS_FILE
            ]
        except LIBRARY_ERRORS:
            return  # then more records are in use than were met, and that is said
        for file in files:
            if int(file.info.meta.flags) & _META_UNALLOCATED or file.info.name.name in (b".", b".."):
                continue
            self._count(file.info.meta)
            if int(file.info.meta.type) == _DIRECTORY and depth < _MOST_EXTEND:
                self._extend(file, depth + 1)

    def _is_the_systems_own(self, name: bytes, meta: t.Any) -> bool:
        if self.kind == _NTFS:
            return bool(meta.addr < FIRST_NTFS_FILE)
        if self.kind in _FAT:
            return name in _FAT_TABLES or name.endswith(_FAT_LABEL)
        return self.kind == _HFS and meta.addr < FIRST_HFS_FILE and name.startswith(b"$")

    def _offers(self, meta: t.Any) -> bool:
        """Tell whether a deleted name still leads to its own bytes; NTFS is scanned by its file table instead."""
        if meta is None or self.kind == _NTFS or not int(meta.flags) & _META_UNALLOCATED:
            return False
        return int(meta.type) == _DIRECTORY or (int(meta.type) == _REGULAR and meta.size > 0)

    def _descend(self, file: t.Any, path: bytes, depth: int, origin: Origin) -> Iterator[Found]:
        if depth >= MOST_DEPTH:
            yield Fault(steps=(bounded(path),), code="too_deep", detail=f"{MOST_DEPTH} folders deep", counts=False)
            return
        if file.info.meta.addr in self._seen:
            if origin == "allocated":
                yield Fault(steps=(bounded(path),), code="damaged", detail="a folder seen before", counts=False)
            return
        self._seen.add(file.info.meta.addr)
        try:
            folder = file.as_directory()
        except LIBRARY_ERRORS as error:
            if origin == "allocated":
                yield Fault(steps=(bounded(path),), code="damaged", detail=f"folder: {error}", counts=False)
            return
        yield from self.folder(folder, path, depth + 1, origin)

    def streams(self, file: t.Any, path: bytes, origin: Origin) -> Iterator[Found]:
        """Yield a file, and where NTFS gives it more than one stream, those as ``path:stream``."""
        times = _times(file.info.meta, _TIMES_FROM.get(self.kind, "posix"))
        if self.kind != _NTFS:
            content = _Content(file, int(file.info.meta.size), None)
            yield Entry(steps=(bounded(path),), chunks=content, times=times, origin=origin)
            return
        for stream, size, which in sorted(_data_streams(file)):
            name = path + b":" + stream if stream else path
            yield Entry(steps=(bounded(name),), chunks=_Content(file, size, which), times=times, origin=origin)


def _data_streams(file: t.Any) -> Iterator[tuple[bytes, int, int]]:
    for attribute in file:
        if int(attribute.info.type) == _DATA:
            yield attribute.info.name or b"", int(attribute.info.size), int(attribute.info.id)


def _target(file: t.Any) -> str:
    link = file.info.meta.link  # where the target lies in the inode itself, there are no bytes to read
    if link:
        return repr(bytes(link))
    try:
        return repr(bytes(file.read_random(0, 4096)))
    except LIBRARY_ERRORS:
        return "an unreadable target"


class _Content:
    """The bytes of one file, or of one stream of an NTFS file."""

    def __init__(self, file: t.Any, size: int, stream: int | None) -> None:
        self._file = file
        self._size = size
        self._which = () if stream is None else (_DATA, stream)

    @broken_by(*LIBRARY_ERRORS)
    def __call__(self) -> Iterator[bytes]:
        at = 0
        while at < self._size:
            chunk = self._file.read_random(at, min(CHUNK, self._size - at), *self._which)
            if not chunk:
                raise Broken("truncated", f"{self._size - at} of {self._size} bytes cannot be read")
            at += len(chunk)
            yield chunk


def _times(meta: t.Any, times_from: str) -> Times:
    def at(field: str) -> int | None:
        seconds, nanos = int(getattr(meta, field)), int(getattr(meta, field + "_nano"))
        if seconds and times_from.endswith("-local"):
            # the Sleuth Kit took the local clock for this process's zone; take that back, so that it is told as it is
            seconds = calendar.timegm(time.localtime(seconds))
        return micros(seconds, nanos)

    return Times(
        modified=at("mtime"), accessed=at("atime"), changed=at("ctime"), created=at("crtime"), times_from=times_from
    )
