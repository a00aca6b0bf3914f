"""What file systems say themselves of how many inodes, records or names are in use: the second number behind a walk.

Read from the sectors as they lie, not through the library that walks, and less what is nobody's file by the
format's own rules. A system that was not unmounted may say a number that its journal would have mended.
"""

from __future__ import annotations

import struct
import typing as t

import pytsk3

from vigie.cell.containers.sectors import Sectors

_EXT_FIRST = 11
"""First inode of anybody's in revision 0; later ones say so (ext4 disk layout, s_first_ino)."""
_EXT_EA_INODES = 0x400
_EXT_ORPHAN_FILE = 0x1000
_XFS_METADIR = 1 << 8
_XFS_NONE = (0, 0xFFFF_FFFF_FFFF_FFFF)
_MOST_GROUPS = 1 << 20
_NTFS_BITMAP, _NTFS_DATA = int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_BITMAP), int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA)
_RECORDS = 1024
"""File records looked at at once."""


class Met:
    """Counts inodes, each once, by whatever number of names it is met."""

    def __init__(self) -> None:
        self._once = 0
        self._linked: set[int] = set()

    def add(self, number: int, names: int) -> None:
        """Count an inode that says it has so many names; only one with several is remembered."""
        if names > 1:
            self._linked.add(number)
        else:
            self._once += 1

    def __len__(self) -> int:
        """Return how many there were."""
        return self._once + len(self._linked)


def ext(disk: Sectors) -> int | None:
    """Inodes in use, less the reserved ones and those that hold quota and orphans; None where values are inodes too."""
    block = disk.read_at(1024, 1024)
    inodes, free = struct.unpack_from("<I", block)[0], struct.unpack_from("<I", block, 16)[0]
    revision, first = struct.unpack_from("<I", block, 76)[0], struct.unpack_from("<I", block, 84)[0]
    compatible, incompatible = struct.unpack_from("<II", block, 92)
    if incompatible & _EXT_EA_INODES:
        return None
    first = first if revision else _EXT_FIRST
    hidden = [struct.unpack_from("<I", block, 0x26C)[0]]  # project quota
    if compatible & _EXT_ORPHAN_FILE:
        hidden.append(struct.unpack_from("<I", block, 0x280)[0])
    return int(max(0, inodes - free - (first - 1) - sum(number >= first for number in hidden)))


def xfs(disk: Sectors) -> int | None:
    """Inodes in use by the headers of all allocation groups, less those of real-time and quota data."""
    block = disk.read_at(0, 512)
    (size,) = struct.unpack_from(">I", block, 4)
    blocks, groups = struct.unpack_from(">II", block, 84)
    (sector,) = struct.unpack_from(">H", block, 102)
    (features,) = struct.unpack_from(">I", block, 216)
    if groups > _MOST_GROUPS or (block[101] & 15 == 5 and features & _XFS_METADIR):
        return None
    hidden = [*struct.unpack_from(">QQ", block, 64), *struct.unpack_from(">QQ", block, 160)]
    if block[101] & 15 == 5:
        hidden.extend(struct.unpack_from(">Q", block, 232))
    used = -sum(number not in _XFS_NONE for number in hidden)
    for group in range(groups):
        header = disk.read_at(group * blocks * size + 2 * sector, 32)
        if header[:4] != b"XAGI":
            return None
        used += struct.unpack_from(">I", header, 16)[0] - struct.unpack_from(">I", header, 28)[0]
    return max(0, used)


def hfs(disk: Sectors) -> int:
    """Files and folders below the root: names, of which a hard link has several (Apple TN1150, volume header)."""
    return sum(struct.unpack_from(">II", disk.read_at(1024, 512), 32))


def ntfs(system: t.Any, first: int) -> int | None:
    """File records in use by the bitmap of $MFT, from ``first`` on, less those that only continue another."""
    table = system.open_meta(inode=0)
    bitmap = next((one for one in table if int(one.info.type) == _NTFS_BITMAP), None)
    data = next((one for one in table if int(one.info.type) == _NTFS_DATA), None)
    if bitmap is None or data is None:
        return None
    bits = table.read_random(0, int(bitmap.info.size), _NTFS_BITMAP, int(bitmap.info.id))
    record = int(data.info.size) // max(1, int(system.info.last_inum))
    record = 1 << max(9, record.bit_length() - 1)
    used = 0
    for start in range(0, min(len(bits) * 8, int(data.info.size) // record), _RECORDS):
        raw = table.read_random(start * record, _RECORDS * record, _NTFS_DATA, int(data.info.id))
        for at in range(len(raw) // record):
            number = start + at
            if number >= first and bits[number >> 3] >> (number & 7) & 1:
                used += raw[at * record + 32 : at * record + 40] == bytes(8)
    return used
