"""Looking: three digests, the size and the type by content, whatever the name."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.cell import digests, sniff
from vigie.cell.containers import disks, media, readers, volumes
from vigie.rows import content_types


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_digests_are_the_digests(contents):
    for content in contents:
        found = digests.of(io.BytesIO(content))
        assert found.size_bytes == len(content)
        assert found.md5 == hashlib.md5(content).digest()
        assert found.sha1 == hashlib.sha1(content).digest()
        assert found.sha256 == hashlib.sha256(content).digest()
        assert (found.content_type == content_types.EMPTY) == (not content)


def test_an_unreadable_file_is_one_trouble_with_its_index(look):
    closed = io.BytesIO(b"x")
    closed.read = closed.seek = lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error"))
    first, second, third = look(b"1", closed, b"3")
    assert (first.index, third.index) == (0, 2)
    assert (second.number, second.code) == (1, "unreadable")


def ftyp(brand, *more):
    body = b"ftyp" + brand + bytes(4) + b"".join(more)
    return struct.pack(">I", len(body) + 4) + body


TYPES = [
    (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF89a....", "image/gif"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"), (b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(40), "image/bmp"),
    (b"II*\0\x08\0\0\0", "image/tiff"), (ftyp(b"heic"), "image/heic"), (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
    (ftyp(b"mif1", b"miaf", b"avif"), "image/avif"), (ftyp(b"mif1"), "image/heif"), (ftyp(b"avif"), "image/avif"),
    (ftyp(b"isom"), "video/mp4"), (ftyp(b"qt  "), "video/quicktime"), (ftyp(b"3gp5"), "video/3gpp"),
    (b"\0\0\x10\0moov", "video/quicktime"), (b"\x1aE\xdf\xa3....webm", "video/webm"),
    (b"\x1aE\xdf\xa3....matroska", "video/x-matroska"), ((b"G" + bytes(187)) * 5, "video/mp2t"),
    ((bytes(4) + b"G" + bytes(187)) * 5, "video/mp2t"), (b"\0\0\x01\xba", "video/mpeg"), (b"FLV\x01", "video/x-flv"),
    (b"OggS" + bytes(30) + b"\x80theora", "video/ogg"), (b"fLaC", "audio/flac"),
    (b"\xff\xfb\x90\0" + bytes(413) + b"\xff\xfb\x90\0" + bytes(413), "audio/mpeg"),
    (gzip.compress(b"1"), "application/gzip"), (bz2.compress(b"1"), "application/x-bzip2"),
    (lzma.compress(b"1"), "application/x-xz"), (b"%PDF-1.7", "application/pdf"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"), (b"\x7fELF", "application/x-elf"),
    (b"plain text\n", "text/plain"), ("\u00fcml\u00e4ut".encode(), "text/plain"),
    ("caf\u00e9 au lait".encode("latin-1"), "text/plain"),
    (json.dumps({"a": [1]}).encode(), "application/json"), (b"[[1, 2]]", "application/json"),
    (b"<!DOCTYPE html><p>", "text/html"), (b"<?xml version='1.0'?><svg>", "image/svg+xml"),
    (b"{not json", "text/plain"), (bytes(range(256)), content_types.UNKNOWN), (bytes(4096), content_types.UNKNOWN),
]  # fmt: skip


NAMES = [f"{number}-{name}" for number, (_, name) in enumerate(TYPES)]  # the bytes of a gzip hold the time


@pytest.mark.parametrize(("content", "expected"), TYPES, ids=NAMES)
def test_types_by_content(content, expected):
    assert sniff.content_type(content, tail=content[-512:], size=len(content)) == expected


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_type(content):
    found = sniff.content_type(content, tail=content[-512:], size=len(content))
    assert "/" in found
    assert not (content_types.expandable(found) and content_types.unsupported(found))


def test_every_container_is_opened_or_named():
    opened = readers._READERS.keys() | media._OPENERS.keys() | volumes.OPENERS.keys() | disks._FILE_SYSTEMS.keys()
    assert opened == {*content_types.ARCHIVES, *content_types.DISK_IMAGES, *content_types.VOLUMES}
    assert not opened & content_types.UNSUPPORTED.keys()
    assert all(content_types.kind_of(one) == "container" for one in opened | content_types.UNSUPPORTED.keys())
