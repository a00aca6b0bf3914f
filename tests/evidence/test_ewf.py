"""E01 by its own checksums: both readers give the same bytes, and no flipped byte goes unsaid."""

import hashlib
import io
import os
import random
import struct
import subprocess
import zlib

import pyewf
import pytest

from vigie.cell.containers import ewf
from vigie.cell.containers.entry import Broken
from vigie.cell.containers.ewf_tables import Table
from vigie.cell.job import Refused

KIB = 1 << 10
CHUNK = 8 * KIB
TEXT = b"".join(b"%06d a line of a log, as a server writes it\n" % number for number in range(400))
FORMATS = ["ewf", "smart", "ftk", "encase2", "encase5", "encase6", "linen6", "ewfx"]


def noise(size):
    return random.Random(7).randbytes(size)


@pytest.fixture(scope="session")
def acquire(tmp_path_factory, call):
    """Return a maker of images: content, options -> segments in order."""

    def make(content, *options):
        folder = tmp_path_factory.mktemp("ewf")
        (folder / "raw").write_bytes(content)
        call("ewfacquire", "-u", "-b", "16", "-t", folder / "i", "-C", "c", "-D", "d", "-e", "e", "-E", "n", "-N", "n",
             *options, folder / "raw")  # fmt: skip
        (folder / "raw").unlink()
        return sorted(folder.iterdir())

    return make


@pytest.fixture(scope="session")
def small(acquire):
    """A chunk of zeros, one that is compressed, one that is stored, and the beginning of one."""
    content = bytes(CHUNK) + TEXT[:CHUNK] + noise(CHUNK) + TEXT[: CHUNK // 4]
    (path,) = acquire(content, "-c", "fast", "-d", "sha1")
    return content, path.read_bytes()


def read(*segments):
    """Return what the image holds and what is said of it."""
    image = ewf.Image([io.BytesIO(one) for one in segments])
    return b"".join(image.chunks()), image


def section(data, kind):
    """Return descriptor and data of the first section of a kind, as start and end."""
    at = 13
    while True:
        name, following, size = struct.unpack_from("<16sQQ", data, at)
        if name.rstrip(b"\0") == kind:
            return at, max(following, at + size)
        assert following > at
        at = following


def descriptor(kind, following, size):
    head = struct.pack("<16sQQ40x", kind, following, size)
    return head + struct.pack("<I", zlib.adler32(head))


def flipped(data, at, mask=0xFF):
    out = bytearray(data)
    out[at] ^= mask
    return bytes(out)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("compression", ["none", "fast"])
def test_both_readers_give_the_same_bytes(acquire, form, compression):
    content = bytes(5 * CHUNK) + TEXT + noise(3 * CHUNK) + bytes(512 - len(TEXT) % 512)
    (path,) = acquire(content, "-f", form, "-c", compression, "-d", "sha1")
    got, image = read(path.read_bytes())
    handle = pyewf.handle()
    handle.open([str(path)])
    assert handle.read_buffer(handle.get_media_size()) == got == content
    assert (str(image.damage), image.damage.count) == ("", 0)
    assert image.stored == {name.lower(): value for name, value in handle.get_hash_values().items()}
    assert image.stored["md5"] == hashlib.md5(content).hexdigest()


@pytest.mark.parametrize("compression", ["none", "best"])
def test_segments_and_their_tables_come_in_order(acquire, verify, compression):
    content = noise(3 << 20) + TEXT[:512] + bytes(1 << 20)
    paths = acquire(content, "-S", str(1 << 20), "-c", compression)
    assert len(paths) >= 4
    got, image = read(*(path.read_bytes() for path in paths))
    assert (got, str(image.damage)) == (content, "")
    found = verify(paths, "application/x-ewf")
    assert (found.segments, found.media_bytes, found.damaged) == (len(paths), len(content), 0)


def test_each_flipped_byte_is_told(small):
    """Every byte of the file, but for the inside of the stored chunk, where every seventh is taken."""
    content, data = small
    start, end = section(data, b"sectors")
    stored = data.index(noise(64), start)
    silent = []
    for at in range(len(data)):
        if stored < at < stored + CHUNK - 8 and at % 7:
            continue
        for mask in (0xFF, 1 << at % 8):
            try:
                got, image = read(flipped(data, at, mask))
            except Broken:
                continue
            if not image.damage.count and hashlib.md5(got).hexdigest() == image.stored["md5"]:
                silent.append((at, mask))
                assert (got, image.stored["sha1"]) == (content, hashlib.sha1(content).hexdigest())
    # what is left lies in zlib streams that still unfold to the same bytes with the same checksum: bits behind the last
    # block that fill a byte (RFC 1951, 3.2.3), a distance into a run of zeros that is as good as another
    streams = [(13, section(data, b"volume")[0]), (start + 76, stored), (stored + CHUNK + 4, end)]
    assert all(any(first <= at < last for first, last in streams) for at, _ in silent), silent
    assert len(silent) < 40
    assert all(mask != 0xFF for _, mask in silent)


@pytest.mark.parametrize(("inside", "sectors"), [(0, "0 to 15"), (1, "16 to 31"), (2, "32 to 47"), (3, "48 to 51")])
def test_a_damaged_chunk_is_named_and_read_as_zeros(small, tmp_path, inside, sectors):
    content, data = small
    base, _ = section(data, b"sectors")
    at, _ = section(data, b"table")
    entries = struct.unpack_from("<4I", data, at + 76 + 24)
    broken = flipped(data, base + (entries[inside] & 0x7FFFFFFF) + 20)
    got, image = read(broken)
    assert image.damage.count == 1
    assert str(image.damage) == f"chunk {inside} (sectors {sectors}): its checksum fails"
    end = min((inside + 1) * CHUNK, len(content))
    assert got == content[: inside * CHUNK] + bytes(end - inside * CHUNK) + content[end:]
    (path := tmp_path / "i.E01").write_bytes(broken)
    handle = pyewf.handle()
    handle.open([str(path)])
    assert handle.read_buffer(len(content)) == got, "libewf gives the same zeros, and says nothing"


def test_a_damaged_chunk_of_zeros_is_told_though_the_digest_is_right(small, verify, tmp_path):
    _, data = small
    start, _ = section(data, b"sectors")
    (path := tmp_path / "i.E01").write_bytes(flipped(data, start + 76 + 10))
    found = verify([path], "application/x-ewf")
    assert found.stored_md5 == found.computed_md5
    assert (found.damaged, found.damage) == (1, "chunk 0 (sectors 0 to 15): its checksum fails")


@pytest.mark.parametrize("where", [200, 9000])
def test_an_image_without_a_digest_is_told_of_all_the_same(small, verify, tmp_path, where):
    _, data = small
    cut, _ = section(data, b"digest")
    bare = data[:cut] + descriptor(b"done", cut, 76)
    (path := tmp_path / "i.E01").write_bytes(bare)
    found = verify([path], "application/x-ewf")
    assert (found.stored_md5, found.stored_sha1, found.damaged) == ("", "", 0)
    start, _ = section(data, b"sectors")
    path.write_bytes(flipped(bare, start + 76 + where))
    assert verify([path], "application/x-ewf").damaged == 1


@pytest.mark.parametrize("copy", [b"table", b"table2"])
@pytest.mark.parametrize("where", [0, 3, 10, 76, 78, 88, 96, 100, 104, -2])
def test_one_damaged_table_costs_nothing_but_a_word(small, copy, where):
    content, data = small
    start, end = section(data, copy)
    got, image = read(flipped(data, (start if where >= 0 else end) + where))
    assert (got, image.damage.count) == (content, 1)


@pytest.mark.parametrize(
    ("where", "said"), [(100, "the entries of the table2"), (76, "their table and its copy cannot be read")]
)
def test_where_both_tables_are_damaged_the_chunks_still_prove_themselves(small, where, said):
    content, data = small
    for copy in (b"table", b"table2"):
        data = flipped(data, section(data, copy)[0] + where, 1)
    got, image = read(data)
    assert said in str(image.damage)
    assert len(got) == len(content)
    assert got[CHUNK:] == content[CHUNK:] if where == 100 else got == bytes(len(content))


def test_chunks_that_no_table_lists_are_told(small):
    content, data = small
    for copy in (b"table", b"table2"):
        start, _ = section(data, copy)
        (count,) = struct.unpack_from("<I", data, start + 76)
        head = struct.pack("<I", count - 1) + data[start + 80 : start + 96]
        entries = data[start + 100 : start + 100 + 4 * (count - 1)]
        new = head + struct.pack("<I", zlib.adler32(head)) + entries + struct.pack("<I", zlib.adler32(entries))
        data = data[: start + 76] + new + data[start + 76 + len(new) :]
    got, image = read(data)
    assert got == content[: 3 * CHUNK]
    assert "chunk 3 (sectors 48 to 51): no table lists them" in str(image.damage)


def test_a_section_descriptor_is_found_past_a_damaged_one(small):
    content, data = small
    for kind in (b"header2", b"volume", b"sectors", b"table", b"data", b"digest", b"hash", b"done"):
        start, _ = section(data, kind)
        for where in (0, 17, 25, 40, 73):
            got, image = read(flipped(data, start + where))
            assert (got, image.damage.count) == (content, 1), (kind, where)


@pytest.mark.parametrize("claim", [(1, 1, 1 << 31), (1 << 31, 64, 512), (5, 0, 512), (5, 64, 0)])
def test_what_the_volume_claims_is_bounded(small, claim):
    _, data = small
    for kind in (b"volume", b"data"):
        start, _ = section(data, kind)
        body = struct.pack("<IIIIQ", 1, *claim, 1 << 60) + data[start + 76 + 24 : start + 76 + 1048]
        data = data[: start + 76] + body + struct.pack("<I", zlib.adler32(body)) + data[start + 76 + 1052 :]
    if 0 in claim or claim[2] > 1 << 26:
        with pytest.raises(Broken, match="damaged"):
            read(data)
        return
    got, image = read(data)
    assert len(got) <= 4 * 64 * 512
    assert image.damage.count


def test_what_is_no_e01_is_refused(verify, tmp_path):
    (path := tmp_path / "i.E01").write_bytes(b"EVF\x09\r\n\xff\0\1\1\0\0\0" + os.urandom(4096))
    with pytest.raises(Refused) as refused:
        verify([path], "application/x-ewf")
    assert refused.value.code == "truncated"


def test_offsets_that_run_over_into_the_flag_are_followed():
    """EnCase 6.7 beyond 2 GiB: by the offsets alone, each chunk then tells by its checksum how it is stored."""
    limit, base = 1 << 31, 1000
    starts = [limit - 50_000, limit - 30_000, limit + 3_000, limit + 36_000]
    entries = memoryview(struct.pack("<4I", *starts)).cast("I")
    at = base + limit + 70_000
    table = Table(segment=0, at=at, end=at + 200, base=base, entries=entries, state="sound")
    spans = list(table.spans())
    assert [one.start - base for one in spans] == starts
    assert [one.end - base for one in spans] == [*starts[1:], at - base]
    assert [one.compressed for one in spans] == [False, False, None, None]


def test_offsets_that_go_back_are_no_chunks():
    entries = memoryview(struct.pack("<4I", 100, 50, 200, 1 << 30)).cast("I")
    table = Table(segment=0, at=300, end=400, base=0, entries=entries, state="sound")
    assert [one and (one.start, one.end) for one in table.spans()] == [None, (50, 200), None, None]


@pytest.mark.parametrize("size", [5 * CHUNK + 700, 5 * CHUNK + 512])
def test_a_stream_that_ends_within_a_sector_has_no_damaged_chunk(tool, tmp_path, size):
    """The digest stored is that of all bytes, the last part of a sector is not in the image: that is a mismatch."""
    options = ["-f", "encase6", "-b", "16", "-C", "c", "-D", "d", "-e", "e", "-E", "n", "-N", "n"]
    content = noise(size)
    subprocess.run([tool("ewfacquirestream"), *options, "-t", tmp_path / "i"], input=content, capture_output=True,
                   check=True)  # fmt: skip
    got, image = read((tmp_path / "i.E01").read_bytes())
    assert got == content[: size // 512 * 512]
    assert str(image.damage) == ""
    assert (image.stored["md5"] == hashlib.md5(got).hexdigest()) == (size % 512 == 0)
