"""Images that operating systems' own drivers filled: what their drivers read back is what vigie finds.

How they were made, and whose reading they are held against: ``data/PROVENANCE.md``.
"""

import hashlib
import lzma
import unicodedata
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"
MIB = 1 << 20
MANY = "./many/%04d a name that takes some room in a folder.txt"
KINDS = {
    # content type, what is recovered of the nine deleted files, who counts, entries that are no regular files
    "exfat": ("application/x-exfat", 9, None, 0),
    "xfs": ("application/x-xfs", 0, "XFS inodes in use", 4),
    "xfs4": ("application/x-xfs", 0, "XFS inodes in use", 4),
    "ext4": ("application/x-ext", 0, "ext inodes in use", 4),
    "apfs": ("application/x-apfs", 0, None, 4),
    "ntfs": ("application/x-ntfs", 9, "NTFS $MFT bitmap", 0),
    "hfsplus": ("application/x-hfsplus", 0, "HFS+ volume header", 4),
}


def expected(kind):
    """Digest by path: of the files that were kept, and of those that were deleted."""
    kept, gone = {}, {}
    for line in (DATA / "expected.txt").read_text().splitlines():
        name, state, rest = line.split(" ", 2)
        if name == kind and state == "many":
            kept |= {MANY % number: hashlib.sha256(b"many %d\n" % number).hexdigest() for number in range(int(rest))}
        elif name == kind:
            digest, path = rest.split(" ", 1)
            (kept if state == "kept" else gone)[path] = digest
    return kept, gone


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Unpack an image, with holes where it has zeros."""
    folder = tmp_path_factory.mktemp("drivers")

    def unpack(kind):
        path = folder / kind
        with lzma.open(DATA / f"{kind}.xz") as packed, path.open("wb") as out:
            while data := packed.read(MIB):
                if data.strip(b"\0"):
                    out.write(data)
                else:
                    out.seek(len(data), 1)
            out.truncate()
        return path

    return unpack


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_the_driver_reads_is_found(walk, unpacked, kind):
    content_type, recovered, counts, others = KINDS[kind]
    walked = walk(unpacked(kind), content_type)
    assert walked.refused is None

    def found(*origins):
        return {
            unicodedata.normalize("NFC", "." + one.steps[-1].decode()): one.sha256.hex()
            for one in walked.members
            if one.origin in origins
        }

    kept, gone = expected(kind)
    kept = {unicodedata.normalize("NFC", path): digest for path, digest in kept.items()}
    here = found("allocated")
    if kind == "ntfs":
        assert {here.pop("./sym"), here.pop("./longsym")} <= {one.sha256.hex() for one in walked.members}
    assert here == kept
    deleted = found("deleted", "orphan")
    assert deleted.items() <= gone.items(), "what is recovered is what was deleted"
    assert len(deleted) == recovered
    assert sorted(one.code for one in walked.troubles if one.counts) == sorted(["link", "special"] * (others // 2))
    assert [one for one in walked.troubles if not one.counts] == []
    assert [(one.by, one.said - one.met) for one in walked.tallies] == ([(counts, 0)] if counts else [])


def test_a_long_name_of_a_link_is_told(walk, unpacked):
    details = [one.detail for one in walk(unpacked("ext4"), "application/x-ext").troubles]
    assert "symbolic link to b'a.txt'" in details


@pytest.mark.parametrize(
    ("kind", "offset", "change"),
    [("ext4", 1024 + 16, -1), ("xfs", 2 * 512 + 31, -1), ("hfsplus", 1024 + 35, 1)],
    ids=["ext4 free inodes", "XFS free inodes", "HFS+ files"],
)
def test_a_count_that_differs_is_told_with_both_numbers(walk, unpacked, kind, offset, change):
    path = unpacked(kind)
    with path.open("r+b") as file:
        file.seek(offset)
        (was,) = file.read(1)
        file.seek(offset)
        file.write(bytes([was + change]))
    (tally,) = walk(path, KINDS[kind][0]).tallies
    assert tally.said - tally.met == 1
