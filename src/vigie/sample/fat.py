"""A disk image with a FAT16 file system, written byte by byte: no system tool is needed, and no byte is random.

Source: Microsoft Extensible Firmware Initiative FAT32 File System Specification 1.03 (boot sector, directory
entries, long names); MBR partition table as every PC boots from. Deleted files are what a deletion leaves:
the first byte of their entries is 0xE5, their clusters are marked free, the bytes stay.
"""

import datetime as dt
import struct
import typing as t
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

SECTOR = 512
START = 2048
"""First sector of the partition: 1 MiB, as partition tools align it."""
LEAST_CLUSTERS, MOST_CLUSTERS = 4_200, 65_000
"""Between 4,085 and 65,524 clusters a FAT is FAT16; margins as the specification advises."""
ROOT_ENTRIES = 512
_RESERVED = 4
_DIRECTORY, _ARCHIVE, _LONG = 0x10, 0x20, 0x0F
_DELETED = 0xE5
_END = 0xFFFF


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be written: its path in the file system (``/DCIM/a.jpg``), and where its bytes are now."""

    path: str
    bytes_at: Path
    size_bytes: int
    modified: int
    deleted: bool


class Node(msgspec.Struct, kw_only=True):
    """A directory or file that is being laid out."""

    name: str
    modified: int
    file: Content | None = None
    children: dict[str, "Node"] = {}
    first: int = 0
    clusters: int = 0


def write_image(out: Path, contents: Sequence[Content], *, serial: int, label: str) -> None:
    """Write a raw disk image with one FAT16 partition that holds these files.

    ``serial``: volume serial number, 32 bits. ``label``: up to 11 ASCII characters. Raises ValueError where the
    files are more than FAT16 can hold (2 GiB).
    """
    root = _tree(contents)
    nodes = list(_walk(root))
    cluster = _cluster_size(nodes)
    next_free = 2
    for node in nodes:
        size = node.file.size_bytes if node.file else _entries(node) * 32
        node.clusters = -(-size // cluster)
        node.first = next_free if node.clusters else 0
        next_free += node.clusters
    clusters = max(LEAST_CLUSTERS, next_free - 2 + 64)
    fat_sectors = -(-(clusters + 2) * 2 // SECTOR)
    before = _RESERVED + 2 * fat_sectors + ROOT_ENTRIES * 32 // SECTOR
    sectors = before + clusters * (cluster // SECTOR)
    with out.open("wb") as file:
        file.truncate((START + sectors) * SECTOR)
        file.write(_partition_table(sectors, serial))
        file.seek(START * SECTOR)
        file.write(_boot_sector(cluster, fat_sectors, sectors, serial, label))
        for copy in range(2):
            file.seek((START + _RESERVED + copy * fat_sectors) * SECTOR)
            file.write(_table(nodes, clusters))
        file.seek((START + _RESERVED + 2 * fat_sectors) * SECTOR)
        file.write(_short(label.ljust(11).encode(), 0x08, 0, 0, root.modified) + _listing(root))
        for node in nodes:
            file.seek((START + before) * SECTOR + (node.first - 2) * cluster if node.first else 0)
            if node.file:
                _pour(node.file, file)
            else:
                file.write(_dots(node, root) + _listing(node))


def _tree(contents: Sequence[Content]) -> Node:
    newest = max((content.modified for content in contents), default=0)
    root = Node(name="", modified=newest)
    for content in contents:
        at = root
        *folders, name = content.path.strip("/").split("/")
        for folder in folders:
            at = at.children.setdefault(folder, Node(name=folder, modified=newest))
        at.children[name] = Node(name=name, modified=content.modified, file=content)
    return root


def _walk(root: Node) -> Iterator[Node]:
    for child in root.children.values():
        yield child
        yield from _walk(child)


def _entries(node: Node) -> int:
    return 2 + sum(1 + -(-len(_utf16(child.name)) // 26) for child in node.children.values())


def _cluster_size(nodes: Sequence[Node]) -> int:
    for size in (512 << shift for shift in range(7)):
        if sum(-(-(n.file.size_bytes if n.file else _entries(n) * 32) // size) for n in nodes) + 64 <= MOST_CLUSTERS:
            return size
    raise ValueError(f"{len(nodes)} files are more than a FAT16 file system of 2 GiB holds; put fewer into the image")


def _partition_table(sectors: int, serial: int) -> bytes:
    entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0x0E, b"\xfe\xff\xff", START, sectors)
    return bytes(440) + struct.pack("<IH", serial, 0) + entry + bytes(48) + b"\x55\xaa"


def _boot_sector(cluster: int, fat_sectors: int, sectors: int, serial: int, label: str) -> bytes:
    small = sectors if sectors < 1 << 16 else 0
    head = struct.pack(
        "<3s8sHBHBHHBHHHII",
        b"\xeb\x3c\x90",
        b"MSWIN4.1",
        SECTOR,
        cluster // SECTOR,
        _RESERVED,
        2,
        ROOT_ENTRIES,
        small,
        0xF8,
        fat_sectors,
        63,
        255,
        START,
        0 if small else sectors,
    )
    head += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, serial, label.ljust(11).encode(), b"FAT16   ")
    return head.ljust(510, b"\0") + b"\x55\xaa"


def _table(nodes: Sequence[Node], clusters: int) -> bytes:
    table = [0] * (clusters + 2)
    table[0], table[1] = 0xFFF8, _END
    for node in nodes:
        if node.clusters and not (node.file and node.file.deleted):
            last = node.first + node.clusters - 1
            table[node.first : last] = range(node.first + 1, last + 1)
            table[last] = _END
    return struct.pack(f"<{len(table)}H", *table)


def _listing(node: Node) -> bytes:
    out = b""
    for number, child in enumerate(node.children.values()):
        short = f"{number % 1_000_000:06d}~1".encode() + _ending(child.name)
        attribute = _ARCHIVE if child.file else _DIRECTORY
        size = child.file.size_bytes if child.file else 0
        entries = [*_long(child.name, short), _short(short, attribute, child.first, size, child.modified)]
        if child.file and child.file.deleted:
            entries = [bytes([_DELETED]) + entry[1:] for entry in entries]
        out += b"".join(entries)
    return out


def _dots(node: Node, root: Node) -> bytes:
    above = next(
        (n.first for n in _walk(root) if any(child is node for child in n.children.values())),
        0,  # directly below the root, which has no cluster
    )
    here, up = b".".ljust(11), b"..".ljust(11)
    return _short(here, _DIRECTORY, node.first, 0, node.modified) + _short(up, _DIRECTORY, above, 0, node.modified)


def _ending(name: str) -> bytes:
    ending = name.rpartition(".")[2].upper() if "." in name else ""
    return bytes(byte for byte in ending.encode("ascii", "ignore") if chr(byte).isalnum())[:3].ljust(3)


def _short(name: bytes, attribute: int, first: int, size: int, modified: int) -> bytes:
    """Return the 32 bytes of a short entry; FAT keeps local time with no zone: here it is UTC."""
    at = dt.datetime.fromtimestamp(max(modified, 315_532_800), dt.UTC)
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    return struct.pack("<11sBBBHHHHHHHI", name, attribute, 0, 0, time, date, date, 0, time, date, first, size)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _long(name: str, short: bytes) -> list[bytes]:
    """Return the long-name entries that stand before a short one, last part first."""
    checksum = 0
    for byte in short:
        checksum = (((checksum & 1) << 7) + (checksum >> 1) + byte) & 0xFF
    data = _utf16(name)
    if len(data) % 26:
        data = (data + b"\0\0").ljust(-(-len(data) // 26) * 26, b"\xff")
        data = data[: -(-len(_utf16(name)) // 26) * 26]
    parts = [data[at : at + 26] for at in range(0, len(data), 26)]
    out = []
    for number, part in reversed(list(enumerate(parts, 1))):
        order = number | (0x40 if number == len(parts) else 0)
        out.append(struct.pack("<B10sBBB12sH4s", order, part[:10], _LONG, 0, checksum, part[10:22], 0, part[22:]))
    return out


def _pour(content: Content, file: t.BinaryIO) -> None:
    with content.bytes_at.open("rb") as source:
        while piece := source.read(1 << 20):
            file.write(piece)
