"""Disk images: every file put in comes out, from every format and file system, without a mount and without root."""

import os
import struct
import subprocess

import pytest

from vigie.cell.job import Refused

CONTENTS = {
    "/a.txt": b"alpha\n",
    "/empty": b"",
    "/var/www/up/photo one.jpg": bytes(range(256)) * 3000,
    "/var/www/up/\u00fcml\u00e4ut.bin": b"\x01\x02" * 70_000,
}
MIB = 1 << 20


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """Return a folder with the contents."""
    root = tmp_path_factory.mktemp("tree")
    for name, data in CONTENTS.items():
        path = root / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_600_000_001, 1_600_000_000))
    return root


@pytest.fixture(scope="session")
def images(tmp_path_factory, tree, call):  # noqa: C901 - one small maker for each file system
    """Return a maker of images with one bare file system; each is made once."""
    folder = tmp_path_factory.mktemp("images")

    def blank(name, size):
        path = folder / name
        with path.open("wb") as file:
            file.truncate(size)
        return path

    def ext(kind):
        path = blank(kind, 24 * MIB)
        call("mke2fs", "-q", "-F", "-t", kind, "-d", tree, path)
        return path

    def mtools(path):
        env = {**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
        call("mcopy", "-i", path, "-s", "-m", *sorted(tree.iterdir()), "::/", env=env)
        return path

    def fat(bits, size):
        path = blank(f"fat{bits}", size)
        call("mkfs.vfat", "-F", bits, path)
        return mtools(path)

    def ntfs():
        path = blank("ntfs", 24 * MIB)
        call("mkntfs", "-F", "-q", path)
        for number, data in enumerate(CONTENTS.values()):
            (source := folder / "source").write_bytes(data)
            call("ntfscp", "-f", path, source, f"/f{number}")
        return path

    def xfs():
        path = blank("xfs", 320 * MIB)
        proto = folder / "proto"
        files = []
        for number, data in enumerate(CONTENTS.values()):
            (source := folder / f"xfs{number}").write_bytes(data)
            files.append(f"f{number} ---644 0 0 {source}")
        proto.write_text("\n".join(["/", "0 0", "d--755 0 0", *files, "sub d--755 0 0", *files, "$", "$", ""]))
        call("mkfs.xfs", "-q", "-f", "-p", proto, path)
        return path

    def iso():
        path = folder / "iso"
        call("genisoimage", "-quiet", "-R", "-J", "-input-charset", "utf-8", "-o", path, tree)
        return path

    makers = {
        "ext2": lambda: ext("ext2"), "ext3": lambda: ext("ext3"), "ext4": lambda: ext("ext4"),
        "fat12": lambda: fat(12, 4 * MIB), "fat16": lambda: fat(16, 32 * MIB), "fat32": lambda: fat(32, 40 * MIB),
        "ntfs": ntfs, "xfs": xfs, "iso": iso,
    }  # fmt: skip
    made = {}

    def make(kind):
        if kind not in made:
            made[kind] = makers[kind]()
        return made[kind]

    return make


def digests(walked):
    return sorted(member.sha256 for member in walked.members if member.origin == "allocated")


@pytest.fixture
def expected(sha):
    return sorted(map(sha, CONTENTS.values()))


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4", "fat12", "fat16", "fat32", "ntfs", "xfs", "iso"])
def test_a_bare_file_system_gives_its_files(walk, images, expected, kind):
    walked = walk(images(kind))
    assert walked.refused is None
    assert walked.troubles == []
    assert digests(walked) == sorted(expected * (2 if kind == "xfs" else 1))
    assert all(member.steps[0] == b"fs" for member in walked.members)
    by = {"ext": "ext inodes in use", "ntf": "NTFS $MFT bitmap", "xfs": "XFS inodes in use"}.get(kind[:3])
    assert [(one.by, one.said - one.met) for one in walked.tallies] == ([(by, 0)] if by else [])
    assert {member.times_from for member in walked.members} <= {"posix", "ntfs", "fat-local", "iso9660-local"}
    if kind.startswith(("ext", "fat", "iso")):
        names = {member.steps[1].decode() for member in walked.members}
        assert len(names) == len(CONTENTS)
        assert {name for name in CONTENTS if name.isascii()} <= names  # mtools needs a locale for the others
    if kind.startswith(("ext", "fat")):
        assert {member.modified for member in walked.members} == {1_600_000_000_000_000}


def test_an_hfs_plus_volume_gives_its_files(walk, tree, tmp_path, call, expected):
    """Apple's file system as xorriso writes it beside an ISO; cut out, since here it is the volume that is read."""
    both = tmp_path / "both.iso"
    call("xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-o", both, tree)
    data = both.read_bytes()
    start = data.index(b"H+\0\4") - 1024
    block, blocks = struct.unpack_from(">II", data, start + 1024 + 40)
    (tmp_path / "volume").write_bytes(data[start : start + block * blocks])
    walked = walk(tmp_path / "volume")
    assert walked.refused is None
    assert walked.troubles == []
    assert digests(walked) == expected
    assert [(one.by, one.said - one.met) for one in walked.tallies] == [("HFS+ volume header", 0)]
    assert {name for name in CONTENTS if name.isascii()} <= {member.steps[1].decode() for member in walked.members}


@pytest.fixture(scope="session")
def ext4(images):
    return images("ext4")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("qcow2", []), ("qcow2", ["-c"]), ("vmdk", []), ("vmdk", ["-o", "subformat=streamOptimized"]), ("vpc", []),
        ("vpc", ["-o", "subformat=fixed"]), ("vhdx", []),
    ],
)  # fmt: skip
def test_every_image_format_gives_the_same_files(walk, call, ext4, expected, tmp_path, kind, options, verify, look):
    out = tmp_path / "image"
    call("qemu-img", "convert", "-O", kind, *options, ext4, out)
    walked = walk(out)
    assert walked.refused is None
    assert (walked.troubles, digests(walked)) == ([], expected)
    if kind != "vpc":  # qemu rounds a VHD up to its cylinders
        raw = ext4.read_bytes()
        (seen,) = look(raw)
        with out.open("rb") as file:
            kind = look(file)[0].content_type
        assert verify([out], kind).computed_sha256 == seen.sha256.hex()


def test_a_vmdk_with_a_flat_extent_needs_both_files(walk, call, ext4, expected, tmp_path):
    call("qemu-img", "convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", ext4, tmp_path / "d.vmdk")
    both = [tmp_path / "d.vmdk", tmp_path / "d-flat.vmdk"]
    assert digests(walk(both)) == expected
    assert walk(both[:1]).refused.code == "segment_missing"


def test_an_overlay_does_not_open_its_base(walk, call, ext4, tmp_path):
    call("qemu-img", "create", "-f", "qcow2", "-F", "raw", "-b", ext4, tmp_path / "overlay")
    assert walk(tmp_path / "overlay").refused.code == "unsupported"


@pytest.fixture(scope="session")
def e01(tmp_path_factory, call, ext4):
    """Return a maker of E01 sets: options -> segments in order."""

    def make(*options):
        folder = tmp_path_factory.mktemp("e01")
        call("ewfacquire", "-u", "-t", folder / "disk", "-C", "c", "-D", "d", "-e", "e", "-E", "n", "-N", "n",
             *options, ext4)  # fmt: skip
        return sorted(folder.glob("disk.E*"))

    return make


@pytest.mark.parametrize("options", [["-c", "fast"], ["-c", "none", "-S", str(5 * MIB), "-d", "sha1"]])
def test_e01_gives_its_files_and_proves_itself(walk, e01, verify, ext4, expected, look, options):
    segments = e01(*options)
    assert len(segments) == (1 if "-S" not in options else 5)
    assert digests(walk(segments)) == expected
    (seen,) = look(ext4.read_bytes())
    found = verify(segments, "application/x-ewf")
    assert (found.segments, found.media_bytes) == (len(segments), ext4.stat().st_size)
    assert found.stored_md5 == found.computed_md5 == seen.md5.hex()
    assert found.stored_sha1 == (found.computed_sha1 if "sha1" in options else "")
    assert (found.computed_sha1, found.computed_sha256) == (seen.sha1.hex(), seen.sha256.hex())


def test_a_flipped_bit_in_an_e01_is_found(e01, verify):
    (path,) = e01("-c", "none")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"\x01\x02" * 1000) + 5000] ^= 4
    path.write_bytes(raw)
    found = verify([path], "application/x-ewf")
    assert found.stored_md5 != found.computed_md5


@pytest.mark.parametrize("gone", [0, 2, 4])
def test_a_missing_segment_is_refused(walk, e01, verify, gone):
    segments = e01("-c", "none", "-S", str(5 * MIB))
    del segments[gone]
    with pytest.raises(Refused) as refused:
        verify(segments, "application/x-ewf")
    assert refused.value.code == "segment_missing"
    assert walk(segments, "application/x-ewf").refused.code == "segment_missing"


def test_split_raw_is_one_disk(walk, ext4, expected, tmp_path):
    raw, paths = ext4.read_bytes(), []
    for number in range(5):
        (path := tmp_path / f"disk.{number:03}").write_bytes(raw[number * 5_000_001 : (number + 1) * 5_000_001])
        paths.append(path)
    paths[-1].write_bytes(raw[4 * 5_000_001 :])
    assert digests(walk(paths)) == expected


@pytest.mark.parametrize("table", ["gpt", "mbr"])
def test_partitions_are_numbered_and_all_are_told_of(walk, images, call, expected, tmp_path, table):
    parts = [images("ext4"), images("fat16"), None]
    path, at, slots = tmp_path / "disk", 2048, []
    with path.open("wb") as file:
        for part in parts:
            raw = part.read_bytes() if part else bytes(range(256)) * 4096
            file.seek(at * 512)
            file.write(raw)
            slots.append((at, len(raw) // 512))
            at += len(raw) // 512 + 2048
        file.truncate((at + 2048) * 512)
    if table == "gpt":
        for number, (start, size) in enumerate(slots, 1):
            call("sgdisk", "-n", f"{number}:{start}:{start + size - 1}", path)
    else:
        with path.open("r+b") as file:
            file.seek(446)
            for start, size in slots:
                file.write(struct.pack("<B3sB3sII", 0, b"", 0x83, b"", start, size))
            file.seek(510)
            file.write(b"\x55\xaa")
    walked = walk(path)
    assert digests(walked) == sorted(expected * 2)
    assert {member.steps[0] for member in walked.members} == {b"p1", b"p2"}
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"p3"], "no_file_system", False)]


def test_deleted_files_of_fat_are_taken_and_marked(walk, images, call, sha, tmp_path):
    path = tmp_path / "fat"
    path.write_bytes(images("fat32").read_bytes())
    gone = {}
    for number in range(20):
        data = b"gone %d " % number * (500 + number * 100)
        (source := tmp_path / f"del{number}.bin").write_bytes(data)
        call("mcopy", "-i", path, source, "::/var/")
        gone[sha(data)] = number
    for number in range(20):
        call("mdel", "-i", path, f"::/var/del{number}.bin")
    walked = walk(path)
    deleted = {member.sha256: member for member in walked.members if member.origin == "deleted"}
    assert deleted.keys() >= gone.keys()
    assert all(b"/var/" in deleted[digest].steps[1] for digest in gone)
    assert len(walked.members) == len(CONTENTS) + 20


def test_deleted_files_of_ntfs_are_taken_and_marked(walk, images, call, sha, tmp_path):
    path = tmp_path / "ntfs"
    path.write_bytes(images("ntfs").read_bytes())
    gone = set()
    for number in range(20):
        data = b"gone %d " % number * (500 + number * 100)
        (tmp_path / "source").write_bytes(data)
        call("ntfscp", "-f", path, tmp_path / "source", f"/del{number}.bin")
        gone.add(sha(data))
    forget(path, [b"del%d.bin" % number for number in range(20)])
    walked = walk(path)
    deleted = {member.sha256: member for member in walked.members if member.origin == "deleted"}
    # the records are no longer in use, and $MFT's bitmap, which ``forget`` left as it was, still says so
    assert [(one.by, one.said - one.met) for one in walked.tallies] == [("NTFS $MFT bitmap", 20)]
    assert deleted.keys() == gone
    assert {member.steps[1] for member in deleted.values()} == {b"/del%d.bin" % number for number in range(20)}
    assert len({m.sha256 for m in walked.members if m.origin == "allocated"} - gone) == len(CONTENTS)


def forget(path, names):
    """Delete files of an NTFS as a driver does to the file table: unset the in-use flag, count the record up."""
    raw = bytearray(path.read_bytes())
    for name in names:
        utf16 = name.decode().encode("utf-16-le")
        at = -1
        while (at := raw.find(utf16, at + 1)) >= 0:
            record = at - at % 1024
            if raw[record : record + 4] == b"FILE" and struct.unpack_from("<I", raw, record + 44)[0] >= 24:
                flags, sequence = struct.unpack_from("<H", raw, record + 22)[0], raw[record + 16]
                struct.pack_into("<H", raw, record + 22, flags & ~1)
                raw[record + 16] = sequence + 1
                break
    path.write_bytes(raw)


@pytest.mark.parametrize("keys", [[], [b"wrong"], [b"wrong", b"hidden"]])
def test_luks_opens_with_its_key_only(walk, call, ext4, expected, tmp_path, keys):
    out = tmp_path / "luks"
    call("qemu-img", "convert", "--object", "secret,id=k,data=hidden", "-O", "luks",
         "-o", "key-secret=k,iter-time=10", ext4, out)  # fmt: skip
    walked = walk(out, secrets=keys)
    if b"hidden" in keys:
        assert (walked.troubles, digests(walked)) == ([], expected)
        assert {member.steps[0] for member in walked.members} == {b"luks"}
    else:
        assert walked.members == []
        assert [(t.steps, t.code) for t in walked.troubles] == [([b"luks"], "encrypted")]


@pytest.mark.parametrize(("kind", "magic"), [("btrfs", "application/x-btrfs"), ("squashfs", "application/x-squashfs")])
def test_file_systems_that_are_not_read_are_named(walk, call, tree, tmp_path, look, kind, magic):
    path = tmp_path / kind
    if kind == "btrfs":
        with path.open("wb") as file:
            file.truncate(128 * MIB)
        call("mkfs.btrfs", "-q", path)
    else:
        call("mksquashfs", tree, path, "-quiet", "-no-progress")
    with path.open("rb") as file:
        assert look(file)[0].content_type == magic
    walked = walk(path)
    assert walked.refused.code == "unsupported"
    assert kind in walked.refused.detail


def test_nested_images_are_walked(walk, images, expected, tmp_path):
    with (tmp_path / "o.tar").open("wb") as file:
        subprocess.run(["tar", "-c", "-C", images("fat12").parent, "fat12"], stdout=file, check=True)
    walked = walk(tmp_path / "o.tar")
    assert digests(walked)[:0] == []
    inner = [member for member in walked.members if member.containers == 1]
    assert sorted(member.sha256 for member in inner) == expected
    assert inner[0].steps[:2] == [b"fat12", b"fs"]


@pytest.mark.parametrize("content", [b"", os.urandom(1 << 16), b"\0" * (1 << 20), b"plain text\n" * 999])
@pytest.mark.parametrize("claimed", ["application/x-mbr", "application/x-ext", "application/x-ewf",
                                     "application/x-qemu-disk", "application/octet-stream"])  # fmt: skip
def test_nothing_recognised_never_leads_to_the_examiners_own_disk(walk, content, claimed):
    walked = walk(content, claimed)
    assert walked.members == []
    assert walked.refused.code in ("no_file_system", "damaged", "truncated", "unsupported", "segment_missing")
