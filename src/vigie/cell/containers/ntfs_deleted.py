"""Deleted files of an NTFS: every file record that is no longer in use and still describes a file."""

from __future__ import annotations

import struct
import typing as t
from collections.abc import Iterator

import pytsk3

from vigie.cell.containers.sectors import LIBRARY_ERRORS

_ROOT = 5
_DOS = 2
"""Name space of the 8.3 names."""
_FILE_NAME = int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_FNAME)
_MOST_PARENTS = 255
_UNALLOCATED = int(pytsk3.TSK_FS_META_FLAG_UNALLOC)
_REGULAR = int(pytsk3.TSK_FS_META_TYPE_REG)


def scan(system: t.Any, first: int) -> Iterator[tuple[bytes, t.Any, bool]]:
    """Yield path, file and whether its folder is lost, for each unused record from ``first`` on, in their order."""
    folders = _Folders(system)
    for number in range(first, int(system.info.last_inum)):
        try:
            file = system.open_meta(inode=number)
        except LIBRARY_ERRORS:
            continue  # a record that never was used, or is broken: it describes no file
        meta = file.info.meta
        if meta is None or not int(meta.flags) & _UNALLOCATED or int(meta.type) != _REGULAR:
            continue
        name = _name(file)
        if name is None:
            yield b"/$orphan-%d" % number, file, True
            continue
        folder = folders.path(name.folder, name.sequence)
        yield (b"/$orphan/" + name.own, file, True) if folder is None else (folder + b"/" + name.own, file, False)


class _Name(t.NamedTuple):
    """A $FILE_NAME attribute: which folder record, its sequence number then, and the name in it."""

    folder: int
    sequence: int
    own: bytes


def _name(file: t.Any) -> _Name | None:
    """Return the long name of a record: pytsk3 shows none for a record opened by number."""
    names: list[_Name] = []
    for attribute in file:
        if int(attribute.info.type) != _FILE_NAME:
            continue
        raw = file.read_random(0, 66 + 2 * 255, _FILE_NAME, int(attribute.info.id))
        if len(raw) < 66:
            continue
        parent, length, space = *struct.unpack_from("<Q", raw), raw[64], raw[65]
        own = raw[66 : 66 + 2 * length].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
        name = _Name(parent & 0xFFFF_FFFF_FFFF, parent >> 48, own)
        names.insert(len(names) if space == _DOS else 0, name)
    return names[0] if names else None


class _Folders:
    """Paths of folders by file record, each looked up once."""

    def __init__(self, system: t.Any) -> None:
        self._system = system
        self._paths: dict[tuple[int, int], bytes | None] = {}

    def path(self, number: int, sequence: int) -> bytes | None:
        """Return the folder's path, None where the record now is another's: its sequence number moved on."""
        chain: list[tuple[int, int]] = []
        names: list[bytes] = []
        end: bytes | None = b""
        while number != _ROOT:
            if (number, sequence) in self._paths:
                end = self._paths[number, sequence]
                break
            found = self._look(number, sequence) if len(chain) < _MOST_PARENTS else None
            if found is None:
                end = None
                break
            chain.append((number, sequence))
            name, number, sequence = found
            names.append(name)
        for key, name in zip(reversed(chain), reversed(names), strict=True):
            end = None if end is None else end + b"/" + name
            self._paths[key] = end
        return end

    def _look(self, number: int, sequence: int) -> tuple[bytes, int, int] | None:
        try:
            file = self._system.open_meta(inode=number)
            meta, name = file.info.meta, _name(file)
        except LIBRARY_ERRORS:
            return None
        if meta is None or name is None:
            return None
        # deleting a record adds one to its sequence number
        if int(meta.seq) not in (sequence, sequence + 1):
            return None
        return name.own, name.folder, name.sequence
