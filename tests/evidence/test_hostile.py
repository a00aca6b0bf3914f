"""Whatever the bytes: members, troubles or a refusal, in bounded time and memory, and never a traceback."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import zipfile

import lz4.frame
import py7zr
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.rows.wire import Bounds


def zipped(contents, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(contents, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sevenzipped(contents):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in contents.items():
            archive.writestr(data, name)
    return out.getvalue()


SMALL = {"a.txt": b"alpha" * 20, "b.bin": bytes(range(256)), "c/\u00fc": b"", "n.zip": zipped({"x": b"nested"})}
SAMPLES = {
    "zip": (zipped(SMALL), "application/zip"),
    "zip stored": (zipped(SMALL, zipfile.ZIP_STORED), "application/zip"),
    "zip lzma": (zipped(SMALL, zipfile.ZIP_LZMA), "application/zip"),
    "tar": (tarred(SMALL), "application/x-tar"),
    "tar.gz": (tarred(SMALL, "w:gz"), "application/gzip"),
    "gz": (gzip.compress(b"one" * 99, mtime=0), "application/gzip"),
    "bz2": (bz2.compress(b"one" * 99), "application/x-bzip2"),
    "xz": (lzma.compress(b"one" * 99), "application/x-xz"),
    "lz4": (lz4.frame.compress(b"one" * 99, content_checksum=True), "application/x-lz4"),
    "zst": (zstandard.compress(b"one" * 99), "application/zstd"),
    "7z": (sevenzipped(SMALL), "application/x-7z-compressed"),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_truncation_anywhere(walk, kind):
    sample, content_type = SAMPLES[kind]
    whole = len(walk(sample, content_type).members)
    rng = random.Random(1)
    offsets = {*range(0, len(sample), max(1, len(sample) // 40)), *(rng.randrange(len(sample)) for _ in range(20))}
    for offset in sorted(offsets):
        walked = walk(sample[:offset], content_type)
        assert len(walked.members) <= whole
        if sample[offset:].strip(b"\0"):
            assert walked.refused or walked.troubles, f"a cut at {offset} of {len(sample)} passed in silence"


@pytest.mark.parametrize("kind", SAMPLES)
def test_single_bits_flipped(walk, kind):
    sample, content_type = SAMPLES[kind]
    rng = random.Random(2)
    for _ in range(80):
        raw = bytearray(sample)
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        walk(bytes(raw), content_type, bounds=Bounds(total_bytes=1 << 24))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted({kind for _, kind in SAMPLES.values()})), st.binary(max_size=400), st.booleans())
def test_any_bytes_under_any_name(walk, content_type, noise, keep_magic):
    magic = next(sample for sample, kind in SAMPLES.values() if kind == content_type)[: 16 if keep_magic else 0]
    walk(magic + noise, content_type)


def test_a_bomb_ends_at_the_bound(walk):
    inside = gzip.compress(bytes(64 << 20))
    started = time.monotonic()
    walked = walk(zipped({"first": b"1", "bomb.gz": inside, "last": b"2"}), bounds=Bounds(free_bytes=1 << 20, ratio=10))
    assert time.monotonic() - started < 5
    assert [m.steps for m in walked.members] == [[b"first"], [b"bomb.gz"]]
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"bomb.gz", b"bomb"], "bomb", True)]


def test_streams_of_lz4_may_be_of_any_make(walk):
    content = random.Random(3).randbytes(3 << 20) + bytes(9 << 20)
    want = [[b"content"]]
    ways = [{"block_size": size, "block_linked": linked} for size in (4, 7) for linked in (True, False)]
    ways += [{"content_checksum": True, "block_checksum": True}, {"store_size": False}, {"compression_level": 12}]
    for way in ways:
        packed = lz4.frame.compress(content, **way)
        skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0abc"
        walked = walk(packed + skippable + packed[:0], want=want)
        assert walked.data == {(b"content",): content}, way
        assert not walked.troubles
    walked = walk(lz4.frame.compress(bytes(64 << 20)), bounds=Bounds(free_bytes=1 << 20, ratio=10))
    assert [(one.code, one.counts) for one in walked.troubles] == [("bomb", True)]


def test_one_large_member_is_left_out_and_the_others_read(walk):
    walked = walk(zipped({"a": b"1", "large": bytes(5 << 20), "z": b"2"}), bounds=Bounds(member_bytes=1 << 20))
    assert [m.steps for m in walked.members] == [[b"a"], [b"z"]]
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"large"], "bomb", True)]
    walked = walk(sevenzipped({"a": b"1", "large": bytes(5 << 20), "z": b"2"}), bounds=Bounds(member_bytes=1 << 20))
    assert [m.steps for m in walked.members] == [[b"a"], [b"z"]]


def test_a_nested_bomb_ends_at_the_bound(walk):
    raw = bytes(1 << 20)
    for level in range(6):  # 16 in each of 16: 16 TiB at the bottom of 42.zip's scheme
        raw = zipped({f"{level}-{number}.zip" if level else f"{number}.bin": raw for number in range(16)})
    started = time.monotonic()
    walked = walk(raw, bounds=Bounds(free_bytes=32 << 20, ratio=1))
    assert time.monotonic() - started < 20
    assert walked.troubles[-1].code == "bomb"


def test_too_many_members_end_at_the_bound(walk):
    walked = walk(tarred({str(number): b"" for number in range(50)}), bounds=Bounds(members=10))
    assert len(walked.members) == 10
    assert [(t.number, t.code, t.counts) for t in walked.troubles] == [(10, "bomb", True)]


def test_a_hundred_thousand_empty_members(walk):
    record = struct.Struct("<4s4B4HL2L5H2L")
    local = b"PK\3\4" + bytes(26)
    count = 100_000
    central = b"".join(
        record.pack(b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0) + b"%06d" % number
        for number in range(count)
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(central), len(local), 0)
    walked = walk(local + central + end, "application/zip", bounds=Bounds(members=2000))
    assert len(walked.members) == 2000
    assert walked.troubles[-1].code == "bomb"


def test_nesting_ends_at_the_bound(walk):
    raw = b"bottom"
    for _ in range(200):
        raw = zipped({"x.zip": raw}, zipfile.ZIP_STORED)
    walked = walk(raw)
    assert len(walked.members) == 9
    assert [(t.code, t.counts) for t in walked.troubles] == [("too_deep", False)]


def test_overlapping_members_are_told(walk):
    raw = zipped({"a": b"x" * 100, "b": b"y" * 100}, zipfile.ZIP_STORED)
    changed = bytearray(raw)
    second = changed.rindex(b"PK\1\2")
    first = changed.rindex(b"PK\1\2", 0, second)
    struct.pack_into("<LL", changed, first + 20, 231, 231)  # the first now runs over the second
    walked = walk(bytes(changed))
    assert len(walked.members) == 2
    assert {(t.code, t.counts) for t in walked.troubles} == {("damaged", False), ("bad_checksum", False)}


def test_a_tar_with_a_broken_header_does_not_end_in_silence(walk):
    raw = bytearray(tarred({"a": b"1", "b": b"2", "c": b"3"}))
    raw[1024 + 10] ^= 0xFF
    walked = walk(bytes(raw))
    assert [m.steps for m in walked.members] == [[b"a"]]
    assert [(t.code, t.counts) for t in walked.troubles] == [("damaged", False)]


def test_a_negative_size_and_a_huge_name_header_end_a_tar(walk):
    for size in (-1024, 1 << 40):
        info = tarfile.TarInfo("x")
        info.type, info.size = (tarfile.REGTYPE, 0) if size < 0 else (tarfile.XHDTYPE, 0)
        header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        header[124:136] = (b"\xff" if size < 0 else b"\x80") + (size & ((1 << 88) - 1)).to_bytes(11, "big")
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        walked = walk(bytes(header) + bytes(4096), "application/x-tar")
        assert walked.members == []
        assert walked.refused.code == "damaged"


def test_a_chain_of_name_headers_ends(walk):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 0
    walked = walk(info.tobuf() * 5000, "application/x-tar")
    assert walked.refused.code in ("damaged", "truncated")


def test_a_member_larger_than_memory_goes_to_scratch(walk, sha):
    inner = zipped({"big": random.Random(3).randbytes(20 << 20)}, zipfile.ZIP_STORED)
    walked = walk(tarred({"inner.zip": inner}))
    assert [m.steps for m in walked.members] == [[b"inner.zip"], [b"inner.zip", b"big"]]
    assert walked.members[0].sha256 == sha(inner)
    assert walk(tarred({"inner.zip": inner}), want=[[b"inner.zip"]]).data == {(b"inner.zip",): inner}


def test_images_cut_or_changed_anywhere(walk, call, tmp_path):
    (tree := tmp_path / "tree").mkdir()
    (tree / "a.txt").write_bytes(b"alpha" * 5000)
    path = tmp_path / "ext4"
    with path.open("wb") as file:
        file.truncate(1 << 20)
    call("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, path)
    samples = {"application/x-ext": path}
    for kind, content_type in (("qcow2", "application/x-qemu-disk"), ("vmdk", "application/x-vmdk"),
                               ("vpc", "application/x-vhd"), ("vhdx", "application/x-vhdx")):  # fmt: skip
        samples[content_type] = tmp_path / kind
        call("qemu-img", "convert", "-O", kind, path, samples[content_type])
    rng = random.Random(4)
    for content_type, image in samples.items():
        raw = image.read_bytes()
        for _ in range(6):
            walk(raw[: rng.randrange(len(raw))], content_type, bounds=Bounds(total_bytes=1 << 26))
            changed = bytearray(raw)
            for _ in range(20):
                changed[rng.randrange(min(len(raw), 1 << 17))] ^= 1 << rng.randrange(8)
            walk(bytes(changed), content_type, bounds=Bounds(total_bytes=1 << 26))
