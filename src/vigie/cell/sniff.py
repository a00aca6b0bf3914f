"""Content type by content: magic numbers, with a little structure where a magic alone would lie.

Names and extensions play no part. Sources: the formats' own specifications, and for disk structures the
offsets that `reference/evidence.md` 1.3 lists, each checked in the tests against what mkfs and qemu-img write.
"""

from __future__ import annotations

import re
import struct

from vigie.cell import sniff_databases, sniff_disk, sniff_tables, sniff_wallets
from vigie.rows.content_types import EMPTY, UNKNOWN

HEAD_BYTES = 1 << 18
"""What ``content_type`` wants to see of the start: ZFS keeps its magic between 128 and 256 KiB."""
TAIL_BYTES = 512
"""What it wants to see of the end: VHD and DMG keep theirs in the last sector."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"8BPS\0\1", "image/vnd.adobe.photoshop"),
    (0, b"8BPS\0\2", "image/vnd.adobe.photoshop"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel", "video/x-ms-asf"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\0\0\x01\xba", "video/mpeg"),
    (0, b"\0\0\x01\xb3", "video/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4"),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (0, b"MSWIM\0\0\0", "application/x-ms-wim"),
    (0, b"070701", "application/x-cpio"),
    (0, b"070707", "application/x-cpio"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_BY_FIRST: dict[int, list[tuple[int, bytes, str]]] = {}
for _row in _MAGIC:
    _BY_FIRST.setdefault(_row[1][0], []).append(_row)

_BRANDS: dict[bytes, str] = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"hevc": "image/heic", b"hevx": "image/heic", b"avif": "image/avif", b"avis": "image/avif",
    b"mif1": "image/heif", b"msf1": "image/heif", b"crx ": "image/x-canon-cr3", b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"jp2 ": "image/jp2", b"jxl ": "image/jxl",
}  # fmt: skip
_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_RIFF = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]\d-]|true|false|null))")
_MYSQLDUMP = re.compile(rb"-- (?:MySQL dump|MariaDB dump|phpMyAdmin SQL Dump|Adminer [\d.]+ M)")
_PGDUMP = re.compile(
    rb"(?:--[ \t]*\r?\n)?-- (?:PostgreSQL database (?:cluster )?dump[ \t]*\r?$|Adminer [\d.]+ P)", re.MULTILINE
)
_PG_ARCHIVE = re.compile(rb"PGDMP\x01[\x00-\x1f][\x00-\xff][\x01-\x08][\x01-\x08][\x01-\x05]")
_PG_TAR = 3
"""So the table of contents of a tar calls itself, and that of a directory."""
_PG_SETTING = re.compile(rb"SET (?:statement_timeout|lock_timeout|client_encoding|standard_conforming_strings) = ")
_PG_COPY = re.compile(rb"^COPY [^;\n]+ FROM stdin;\r?$", re.MULTILINE)
_PG_TABLE = re.compile(rb"^(?:COPY|CREATE TABLE|INSERT INTO) ", re.MULTILINE)
_STATEMENT = re.compile(rb"(?:/\*!\d{5} SET|SET |DROP TABLE|CREATE TABLE|--|#)")
_ENGINE = re.compile(rb"\) (?:ENGINE|TYPE)=\w")
_TABLE = re.compile(rb"^CREATE TABLE ", re.MULTILINE)
_ROWS = re.compile(rb"^[ \t]*(?:/\*M?!\d*[ \t]*)?(?:INSERT|REPLACE|LOAD)\b", re.MULTILINE | re.IGNORECASE)
_SANDBOX = b"/*M!999999\\- enable the sandbox mode */"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def content_type(head: bytes, *, tail: bytes = b"", size: int | None = None) -> str:
    """Return the MIME type of a content.

    ``head``: its first ``HEAD_BYTES`` bytes or all of it; ``tail``: its last ``TAIL_BYTES`` bytes where known;
    ``size``: its whole size where known. Never raises; what nothing recognises is ``application/octet-stream``.
    """
    if not head or size == 0:
        return EMPTY
    return (
        sniff_wallets.content_type(head)
        or _by_magic(head)
        or _by_structure(head)
        or sniff_disk.content_type(head, tail, size)
        or sniff_databases.content_type(head, size)
        or _mpeg(head)
        or _dump(sniff_tables.as_utf8(head), whole=size == len(head))
        or _text(head)
        or UNKNOWN
    )


def _by_magic(head: bytes) -> str:
    for offset, magic, name in _BY_FIRST.get(head[0], ()):
        if head.startswith(magic, offset):
            return name
    return ""


def _by_structure(head: bytes) -> str:  # noqa: PLR0911 - one line for each format, each gives its answer
    """Recognise formats whose magic is shared by several types, or weak without a second look."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[:4] in (b"PK\3\4", b"PK\5\6", b"PK\7\x08"):
        return _zip(head)
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[4:8] in _ATOMS and struct.unpack(">I", head[:4])[0] not in range(2, 8):
        return "video/quicktime"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:256] else "audio/ogg"
    if head[:3] == b"BZh" and head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "application/x-bzip2"
    if head[:2] == b"BM" and len(head) >= 18 and _bitmap(head):
        return "image/bmp"
    if head[:4] == b"\0\0\1\0" and head[5:6] == b"\0" and 0 < head[4] < 64 and head[9:10] == b"\0":
        return "image/x-icon"
    return "application/x-tar" if is_tar(head) else ""


def _bitmap(head: bytes) -> bool:
    header: int = struct.unpack_from("<I", head, 14)[0]
    return header in (12, 16, 40, 52, 56, 64, 108, 124)


def _zip(head: bytes) -> str:
    """Tell which kind of zip, by its first member: Open Document and EPUB say so, Office and Java put theirs first."""
    if b"aff4://" in head[:4096]:
        return "application/x-aff4"
    if len(head) < 30 or head[:4] != b"PK\3\4":
        return "application/zip"
    name_bytes, extra_bytes = struct.unpack_from("<HH", head, 26)
    name = head[30 : 30 + name_bytes]
    start = 30 + name_bytes + extra_bytes
    if name == b"mimetype":
        said = head[start : start + 64]
        if said.startswith(b"application/epub+zip"):
            return "application/epub+zip"
        if said.startswith(b"application/vnd.oasis.opendocument"):
            return "application/vnd.oasis.opendocument"
    if name == b"[Content_Types].xml" or name.startswith(b"_rels/"):
        return "application/vnd.openxmlformats-officedocument"
    return "application/java-archive" if name.startswith(b"META-INF/") else "application/zip"


def _iso_media(head: bytes) -> str:
    """ISO/IEC 14496-12 4.3: the major brand decides, except where it only says "some HEIF"."""
    length = max(16, min(struct.unpack(">I", head[:4])[0], 512))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    if brands[0] in (b"mif1", b"msf1"):
        return next((_BRANDS[brand] for brand in brands[1:] if _BRANDS.get(brand, "image/heif") != "image/heif"),
                    "image/heif")  # fmt: skip
    if brands[0][:3] in (b"3gp", b"3g2", b"3gr", b"3gs"):
        return "video/3gpp"
    return _BRANDS.get(brands[0], "video/mp4")


def is_tar(head: bytes) -> bool:
    """Tell whether a block is a tar header: its checksum must hold (POSIX.1-1988 ustar, and v7 before it)."""
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return False
    stored = block[148:156].strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,7}", stored):
        return False
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    signed = unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
    return int(stored, 8) in (unsigned, signed)


def _mpeg(head: bytes) -> str:
    """Streams without a magic: packets (ISO/IEC 13818-1) or audio frames (11172-3) that follow each other."""
    for start, step in ((0, 188), (4, 192)):
        marks = head[start : start + step * 8 : step]
        if len(marks) >= 3 and not marks.strip(b"\x47"):
            return "video/mp2t"
    length = _audio_frame(head)
    return "audio/mpeg" if length and _audio_frame(head[length:]) else ""


_KBIT = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBIT_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_HERTZ = (44100, 48000, 32000)


def _audio_frame(head: bytes) -> int:
    """Return the length of the layer III frame that begins here, 0 where none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[2] >> 2 & 3 == 3 or head[1] >> 3 & 3 == 1:
        return 0
    version = head[1] >> 3 & 3
    hertz = _HERTZ[head[2] >> 2 & 3] >> {3: 0, 2: 1, 0: 2}[version]
    kbit = (_KBIT if version == 3 else _KBIT_LOW)[head[2] >> 4]
    return (144 if version == 3 else 72) * kbit * 1000 // hertz + (head[2] >> 1 & 1) if kbit else 0


def _dump(head: bytes, *, whole: bool) -> str:
    """Recognise dumps of databases: text, but for binary values, which stand in some as they are."""
    if _PG_ARCHIVE.match(head):
        return "application/x-pgdump-toc" if head[10] == _PG_TAR else "application/x-pgdump-custom"
    found = _sql(head)
    if found == "application/x-mysqldump" and whole and len(_TABLE.findall(head)) == 1 and not _ROWS.search(head):
        return "application/x-mysqldump-table"
    return found


def _sql(head: bytes) -> str:
    start = head.lstrip().removeprefix(_SANDBOX).lstrip()
    if _MYSQLDUMP.match(start):
        return "application/x-mysqldump"
    # without its remarks (--compact): a table that names its engine
    whole = start[:65536]
    compact = _STATEMENT.match(whole) and b"CREATE TABLE" in whole and _ENGINE.search(whole)
    if compact:
        return "application/x-mysqldump"
    # without its remarks too: what pg_dump sets first, or rows in the form that only PostgreSQL has
    found = _PGDUMP.match(start) or _PG_COPY.match(start) or (_PG_SETTING.match(whole) and _PG_TABLE.search(whole))
    return "application/x-pgdump" if found else ""


def _text(head: bytes) -> str:
    start = head[:8192]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) and len(start) % 2 == 0:
        return sniff_tables.content_type(head) or "text/plain"
    start = start.removeprefix(b"\xef\xbb\xbf")
    if _CONTROL.search(start):
        return ""
    try:
        start.decode()
    except UnicodeDecodeError as error:
        # a character cut by the end of the head is no fault; another encoding may pass as text if it is mostly ASCII
        cut = error.start >= len(start) - 3 and len(head) > len(start)
        if not cut and sum(byte > 127 for byte in start) * 4 > len(start):
            return ""
    if _HTML.match(start):
        return "text/html"
    if start.lstrip().startswith((b"<?xml", b"<svg")):
        return "image/svg+xml" if b"<svg" in start else "text/xml"
    table = sniff_tables.content_type(head)
    return table or ("application/json" if _JSON.match(start) else "text/plain")
