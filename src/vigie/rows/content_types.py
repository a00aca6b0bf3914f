"""Content types: which are media, which hold other files, which are known by name and not read.

Only names stand here; how bytes get their type is the cell's business (``cell/sniff.py``).
"""

from __future__ import annotations

import typing as t

from vigie.rows.artefacts import Kind

EMPTY: t.Final = "application/x-empty"
UNKNOWN: t.Final = "application/octet-stream"

IMAGES: t.Final = frozenset(
    {
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/heic", "image/heif",
        "image/avif", "image/jxl", "image/jp2", "image/vnd.adobe.photoshop", "image/x-icon",
        "image/x-canon-cr3",
    }
)  # fmt: skip

VIDEOS: t.Final = frozenset(
    {
        "video/mp4", "video/quicktime", "video/x-matroska", "video/webm", "video/x-msvideo", "video/mp2t",
        "video/mpeg", "video/x-ms-asf", "video/x-flv", "video/3gpp", "video/ogg",
    }
)  # fmt: skip

ARCHIVES: t.Final = frozenset(
    {
        "application/zip", "application/java-archive", "application/epub+zip",
        "application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument",
        "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd",
        "application/x-lz4", "application/x-7z-compressed",
    }
)  # fmt: skip
"""Archives that are opened. Office documents are zips and hold the pictures put into them."""

DISK_IMAGES: t.Final = frozenset(
    {
        "application/x-ewf", "application/x-ewf2", "application/x-qemu-disk", "application/x-vmdk", "application/x-vhd",
        "application/x-vhdx",
    }
)  # fmt: skip
"""Disk images with a format of their own that are opened."""

VOLUMES: t.Final = frozenset(
    {
        "application/x-mbr", "application/x-gpt", "application/x-ext", "application/x-ntfs", "application/x-fat",
        "application/x-exfat", "application/x-xfs", "application/x-hfsplus", "application/x-apfs",
        "application/x-iso9660", "application/x-lvm2", "application/x-luks", "application/x-bitlocker",
    }
)  # fmt: skip
"""What a raw image, a partition or a logical volume may hold and is opened."""

DATABASES: t.Final[dict[str, str]] = {
    "application/x-mysqldump": "mysql",
    "application/vnd.sqlite3": "sqlite",
    "application/x-pgdump": "postgres",
    "text/csv": "delimited",
    "application/x-ndjson": "json",
    "application/x-pgdump-custom": "postgres-custom",
    "application/x-mysqldump-table": "mysql",
    "application/x-pgdump-toc": "postgres-directory",
}
"""Dumps, files of databases and tables of text that are read, and how they are written."""

WALLETS: t.Final[dict[str, str]] = {
    "application/x-bitcoin-wallet-sqlite": "bitcoin-core-sqlite",
    "application/x-bitcoin-wallet-bdb": "bitcoin-core-bdb",
    "application/x-electrum-wallet": "electrum",
    "application/x-electrum-wallet-encrypted": "electrum-encrypted",
    "application/x-wasabi-wallet": "wasabi",
}
"""Wallet files that are read, and what wrote them (``rows.wallets.WALLET_KINDS``)."""

PAGES: t.Final = frozenset(
    {
        "application/vnd.sqlite3", "application/x-sqlite-wal", "application/x-sqlite-journal",
        "application/x-bitcoin-wallet-sqlite", "application/x-bitcoin-wallet-bdb", "application/x-innodb-tablespace",
        "application/x-innodb-system", "application/x-wiredtiger", "application/x-redis-rdb", "application/x-bson",
        "application/x-mongodump",
    }
)  # fmt: skip
"""Files of databases as these keep them: what was deleted may still stand in pages that no reader shows."""

ROWS_BESIDE: t.Final[dict[str, str]] = {
    "application/x-mysqldump-table": "mysql-tab",
    "application/x-pgdump-toc": "postgres-directory",
}
"""Those whose rows may lie in files beside them, and what all of them together are (``rows.artefacts.Bundle``)."""
STREAMS: t.Final = (
    "application/gzip", "application/x-bzip2", "application/x-xz", "application/x-lz4", "application/zstd",
)  # fmt: skip
"""What holds one content."""
TEXTS_OF_ROWS: t.Final = ("text/csv", "application/x-ndjson")
"""What the rows of a table may look like, beside what is no format at all."""

_SERVER: t.Final = "Read it by a throw-away server on a copy (docs/databases.md) and add the dump"

UNSUPPORTED: t.Final[dict[str, str]] = {
    "image/svg+xml": "SVG drawing, a document: pictures embedded in it are not taken out; look at it on its own",
    "application/vnd.rar": "RAR archive: unpack it with unrar and add the folder",
    "application/vnd.ms-cab-compressed": "Cabinet archive: unpack it with cabextract",
    "application/x-ms-wim": "WIM archive: unpack it with wimlib or 7z",
    "application/x-cpio": "cpio archive: unpack it with cpio",
    "application/x-aff": "AFF image: convert it with affconvert to raw",
    "application/x-aff4": "AFF4 image: ask for raw or E01",
    "application/x-l01": "EnCase logical evidence (L01): ask for the files or for E01",
    "application/x-ad1": "AccessData logical image (AD1): ask for the files or for E01",
    "application/x-vdi": "VirtualBox disk: convert it with `qemu-img convert -O raw`",
    "application/x-apple-diskimage": "Apple disk image: convert it with `dmg2img` to raw",
    "application/x-proxmox-vma": "Proxmox backup: unpack it with `vma extract`",
    "application/x-btrfs": "btrfs file system: export its files on a machine that reads it",
    "application/x-squashfs": "squashfs file system: unpack it with unsquashfs",
    "application/x-zfs": "ZFS pool member: import it read-only and export its files",
    "application/x-md-raid": "Linux MD RAID member: assemble it read-only with mdadm and image the result",
    "application/x-hfs": "classic HFS file system: export its files on a machine that reads it",
    "application/x-udf": "UDF file system: export its files on a machine that reads it",
    "application/x-innodb-tablespace": f"a table of MySQL or MariaDB (InnoDB). {_SERVER}",
    "application/x-innodb-system": f"a data directory of MySQL or MariaDB (InnoDB). {_SERVER}",
    "application/x-myisam-index": f"a table of MySQL or MariaDB (MyISAM). {_SERVER}",
    "application/x-aria-index": f"a table of MariaDB (Aria). {_SERVER}",
    "application/x-postgresql-control": f"a data directory of PostgreSQL. {_SERVER}",
    "application/x-wiredtiger": f"a data directory of MongoDB (WiredTiger). {_SERVER}",
    "application/x-sqlite-wal": "log of a SQLite file: a wallet beside it is read with it; else merge it into a copy"
    " (docs/databases.md) and add that",
    "application/x-sqlite-journal": "unfinished SQLite change: undo it in a copy (docs/databases.md); add that",
    "application/x-redis-rdb": f"a dump of Redis. {_SERVER}",
    "application/x-bson": "a collection of MongoDB: make JSON lines of it with bsondump and add those",
    "application/x-mongodump": "an archive of mongodump: make JSON lines of it (docs/databases.md) and add those",
}
"""Containers that are recognised and not opened, with what the examiner can do instead."""

UNSEARCHED: t.Final[dict[str, str]] = {
    "application/pdf": "PDF",
    "application/x-ole-storage": "old Office document, Outlook message or thumbnail store (OLE)",
}
"""Documents that may hold pictures, which are not taken out. Mail is not told from plain text, and so not named."""

_CONTAINERS = ARCHIVES | DISK_IMAGES | VOLUMES | UNSUPPORTED.keys()


def kind_of(content_type: str) -> Kind:
    """Return what a content type is to the rooms that follow."""
    if content_type in IMAGES:
        return "image"
    if content_type in VIDEOS:
        return "video"
    if content_type in DATABASES:
        return "database"
    if content_type in WALLETS:
        return "wallet"
    return "container" if content_type in _CONTAINERS else "other"


def expandable(content_type: str) -> bool:
    """Tell whether ``Expand`` opens it."""
    return content_type in ARCHIVES or is_disk(content_type)


def is_disk(content_type: str) -> bool:
    """Tell whether it is a disk image, raw or not, that ``Expand`` opens."""
    return content_type in DISK_IMAGES or content_type in VOLUMES


def unsupported(content_type: str) -> str:
    """Return name and advice for a known container that is not opened; ``""`` where it is none."""
    return UNSUPPORTED.get(content_type, "")


def may_hold_pictures(content_type: str) -> str:
    """Return what a document is whose pictures are not taken out; ``""`` where it is none."""
    return UNSEARCHED.get(content_type, "")
