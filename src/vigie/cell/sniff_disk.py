"""Which disk image, partition table, volume or file system a run of sectors is, by magic and a second look."""

from __future__ import annotations

import struct

_IMAGES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"EVF\x09\r\n\xff\0", "application/x-ewf"),
    (0, b"EVF2\r\n\x81\0", "application/x-ewf2"),
    (0, b"LVF\x09\r\n\xff\0", "application/x-l01"),
    (0, b"LEF2\r\n\x81\0", "application/x-l01"),
    (0, b"ADSEGMENTEDFILE", "application/x-ad1"),
    (0, b"AFF10\r\n\0", "application/x-aff"),
    (0, b"QFI\xfb", "application/x-qemu-disk"),
    (0, b"KDMV", "application/x-vmdk"),
    (0, b"COWD", "application/x-vmdk"),
    (0, b"# Disk DescriptorFile", "application/x-vmdk"),
    (0, b"conectix", "application/x-vhd"),
    (0, b"vhdxfile", "application/x-vhdx"),
    (0x40, b"\x7f\x10\xda\xbe", "application/x-vdi"),
    (0, b"VMA\0", "application/x-proxmox-vma"),
)
_VOLUMES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"LUKS\xba\xbe", "application/x-luks"),
    (3, b"-FVE-FS-", "application/x-bitlocker"),
    (3, b"NTFS    ", "application/x-ntfs"),
    (3, b"EXFAT   ", "application/x-exfat"),
    (0, b"XFSB", "application/x-xfs"),
    (32, b"NXSB", "application/x-apfs"),
    (0, b"hsqs", "application/x-squashfs"),
    (0x10040, b"_BHRfS_M", "application/x-btrfs"),
    (0x1000, b"\xfc\x4e\x2b\xa9\1\0\0\0", "application/x-md-raid"),
    (0, b"\xfc\x4e\x2b\xa9\1\0\0\0", "application/x-md-raid"),
    (0x400, b"H+\0\4", "application/x-hfsplus"),
    (0x400, b"HX\0\5", "application/x-hfsplus"),
    (0x8001, b"CD001", "application/x-iso9660"),
    (0x8001, b"BEA01", "application/x-udf"),
    (4086, b"SWAPSPACE2", "application/x-swap"),
    (0x200, b"EFI PART", "application/x-gpt"),
    (0x1000, b"EFI PART", "application/x-gpt"),
)
_LVM = b"LABELONE"
_LUKS_2ND = b"SKUL\xba\xbe\0\2"
_BITLOCKER_TO_GO = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
"""FVE identifier; at 424 of what else looks like the start of a FAT32, which older Windows shows (libbde, 2.3)."""


def content_type(head: bytes, tail: bytes, size: int | None) -> str:
    """Return the type of a disk image, wrapped or raw; ``""`` where it is none."""
    for offset, magic, name in _IMAGES:
        if head.startswith(magic, offset):
            return name
    if len(tail) == 512 and tail[:4] == b"koly" and tail[4:12] == b"\0\0\0\4\0\0\2\0":
        return "application/x-apple-diskimage"
    if len(tail) == 512 and tail[:8] == b"conectix" and (size is None or size > 512):
        return "application/x-vhd"
    return volume_type(head)


def volume_type(head: bytes) -> str:  # noqa: PLR0911 - one question after the other, each gives its answer
    """Return what the sectors of a disk, a partition or a logical volume hold; ``""`` where nothing is recognised."""
    for offset, magic, name in _VOLUMES:
        if head.startswith(magic, offset):
            return name
    # LVM2 puts its label into one of the first four sectors, each label says which (lib/label/label.h)
    for sector in range(4):
        label = head[sector * 512 : sector * 512 + 16]
        if label[:8] == _LVM and label[8:16] == struct.pack("<Q", sector):
            return "application/x-lvm2"
    if _is_ext(head):
        return "application/x-ext"
    if _is_zfs(head):
        return "application/x-zfs"
    if head.startswith(_BITLOCKER_TO_GO, 424):
        return "application/x-bitlocker"
    if head[510:512] == b"\x55\xaa":
        return "application/x-fat" if _is_fat(head) else "application/x-mbr" if _is_mbr(head) else ""
    if head[0x400:0x402] == b"BD" and head[0x40A:0x40E] != b"\0\0\0\0" and _is_hfs(head):
        return "application/x-hfs"
    # the second header of LUKS 2 has a name of its own; it counts where nothing else lies at the start any more
    return "application/x-luks" if any(head.startswith(_LUKS_2ND, 0x4000 << shift) for shift in range(4)) else ""


def _is_ext(head: bytes) -> bool:
    """Look for a super block at 1024 with its magic at 56, a possible block size and a known revision."""
    if len(head) < 0x480 or head[0x438:0x43A] != b"\x53\xef":
        return False
    inodes, blocks = struct.unpack_from("<II", head, 0x400)
    (log_size,) = struct.unpack_from("<I", head, 0x418)
    (revision,) = struct.unpack_from("<I", head, 0x44C)
    return bool(inodes and blocks and log_size <= 6 and revision <= 1)


def _is_zfs(head: bytes) -> bool:
    """Uberblocks, one a KiB at least, in the second half of the label (ZFS On-Disk Specification 1.3.4)."""
    for at in range(0x20000, min(len(head), 0x40000) - 8, 1024):
        if head[at : at + 8] in (b"\x0c\xb1\xba\0\0\0\0\0", b"\0\0\0\0\0\xba\xb1\x0c"):
            return True
    return False


def _is_fat(head: bytes) -> bool:
    """Look for a BIOS parameter block that makes sense; the text "FAT32" in it is a comment by the specification."""
    if head[0] not in (0xEB, 0xE9):
        return False
    sector, cluster, reserved, fats = struct.unpack_from("<HBHB", head, 11)
    possible = sector in (512, 1024, 2048, 4096) and cluster and not cluster & (cluster - 1)
    return bool(possible and reserved and fats in (1, 2) and (head[21] == 0xF0 or head[21] >= 0xF8))


def _is_mbr(head: bytes) -> bool:
    """Four entries of which each is empty or possible, and one is not empty."""
    used = 0
    for at in range(446, 510, 16):
        status, kind = head[at], head[at + 4]
        start, sectors = struct.unpack_from("<II", head, at + 8)
        if status not in (0, 0x80):
            return False
        if kind and start and sectors:
            used += 1
        elif kind and kind not in (0x05, 0x0F, 0x85):
            return False
    return used > 0


def _is_hfs(head: bytes) -> bool:
    """Look for an HFS master directory block: allocation blocks are whole sectors (Inside Macintosh: Files, 2-60)."""
    (block,) = struct.unpack_from(">I", head, 0x414)
    return bool(block and block % 512 == 0)
