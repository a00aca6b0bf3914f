"""What is put into an archive comes out of it, byte for byte, counted, named and dated."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile

import lz4.frame
import py7zr
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CONTENTS = {"a.txt": b"alpha\n" * 3, "b/empty": b"", "b/c.bin": bytes(range(256)) * 1500, "\u00fc\u2603.txt": b"utf"}
WHEN = 1_600_000_000


def make_zip(contents, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40)), data, method)
    return out.getvalue()


def make_tar(contents, mode="w", **kwargs):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **kwargs) as archive:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), WHEN
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_7z(contents):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in contents.items():
            archive.writestr(data, name)
    return out.getvalue()


PACKS = (gzip.compress, bz2.compress, lzma.compress, lz4.frame.compress, zstandard.compress)
ARCHIVES = {
    "zip stored": lambda c: make_zip(c, zipfile.ZIP_STORED),
    "zip": make_zip,
    "zip bzip2": lambda c: make_zip(c, zipfile.ZIP_BZIP2),
    "zip lzma": lambda c: make_zip(c, zipfile.ZIP_LZMA),
    "tar ustar": lambda c: make_tar(c, format=tarfile.USTAR_FORMAT),
    "tar gnu": lambda c: make_tar(c, format=tarfile.GNU_FORMAT),
    "tar pax": lambda c: make_tar(c, format=tarfile.PAX_FORMAT),
    "tar.gz": lambda c: make_tar(c, "w:gz"),
    "tar.bz2": lambda c: make_tar(c, "w:bz2"),
    "tar.xz": lambda c: make_tar(c, "w:xz"),
    "tar.lz4": lambda c: lz4.frame.compress(make_tar(c)),
    "tar.zst": lambda c: zstandard.compress(make_tar(c)),
    "7z": make_7z,
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_all_comes_out_as_it_went_in(walk, sha, kind):
    walked = walk(ARCHIVES[kind](CONTENTS))
    assert walked.refused is None
    assert walked.troubles == []
    assert {b"/".join(m.steps).decode(): (m.size_bytes, m.sha256) for m in walked.members} == {
        name: (len(data), sha(data)) for name, data in CONTENTS.items()
    }
    by = {"zip": "zip end record", "7z": "7z streams and empty files"}.get(kind.split()[0])
    assert [(one.by, one.said, one.met) for one in walked.tallies] == (
        [(by, len(CONTENTS), len(CONTENTS))] if by else []
    )
    assert {m.containers for m in walked.members} == {0}
    assert {m.inside for m in walked.members} == {None}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_wanted_bytes_are_given(walk, kind):
    steps = [[b"b/c.bin"], [b"b/empty"]]
    walked = walk(ARCHIVES[kind](CONTENTS), want=steps)
    assert walked.data == {(b"b/c.bin",): CONTENTS["b/c.bin"], (b"b/empty",): b""}
    assert len(walked.members) == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text("abc/.\n\u202e", min_size=1, max_size=9), st.binary(max_size=50), max_size=6))
def test_conservation(walk, sha, contents):
    contents = {name: data for name, data in contents.items() if not name.endswith("/")}
    for make in (make_zip, make_tar):
        walked = walk(make(contents), content_type="application/zip" if make is make_zip else "application/x-tar")
        if make is make_tar and not contents:
            continue
        # Contents may begin as a stream does, whatever they are: what is inside of one is counted by itself.
        members = [one for one in walked.members if len(one.steps) == 1]
        counted = [one for one in walked.troubles if one.counts and len(one.steps) == 1]
        assert len(members) + len(counted) == len(contents)
        assert sorted(one.sha256 for one in members) == sorted(map(sha, contents.values()))


def test_times_say_what_they_mean(walk):
    (member,) = walk(make_tar({"a": b"1"})).members
    assert (member.modified, member.times_from) == (WHEN * 1_000_000, "tar")
    (member,) = walk(make_zip({"a": b"1"})).members
    assert (member.modified, member.times_from) == (WHEN * 1_000_000, "zip-local")
    packed = io.BytesIO()
    with gzip.GzipFile("photo.jpg", "wb", fileobj=packed, mtime=WHEN) as file:
        file.write(b"x")
    (member,) = walk(packed.getvalue()).members
    assert (member.steps, member.modified, member.times_from) == ([b"photo.jpg"], WHEN * 1_000_000, "gzip")


@pytest.mark.parametrize("pack", PACKS)
def test_several_streams_are_one_content_and_garbage_is_told(walk, pack):
    packed = pack(b"one") + pack(b"two")
    (member,) = walk(packed, want=[[b"content"]]).members
    assert walk(packed, want=[[b"content"]]).data == {(b"content",): b"onetwo"}
    assert member.size_bytes == 6
    walked = walk(packed + b"garbage")
    assert [m.size_bytes for m in walked.members] == [6]
    assert [(one.code, one.counts) for one in walked.troubles] == [("damaged", False)]


@pytest.mark.parametrize("pack", PACKS)
def test_a_cut_stream_is_told(walk, pack):
    packed = pack(bytes(range(256)) * 4000)
    walked = walk(packed[:-5])
    assert [one.code for one in walked.troubles] == ["truncated"]


def test_nested_containers_are_walked_in_place(walk, sha):
    inner = make_zip({"deep.txt": b"deep"})
    middle = make_tar({"first": b"1", "inner.zip": inner, "last": b"2"}, "w:gz")
    outer = make_zip({"m.tgz": middle, "end": b"e"})
    walked = walk(outer)
    assert [(m.number, m.steps, m.containers, m.inside) for m in walked.members] == [
        (0, [b"m.tgz"], 0, None),
        (1, [b"m.tgz", b"first"], 1, 0),
        (2, [b"m.tgz", b"inner.zip"], 1, 0),
        (3, [b"m.tgz", b"inner.zip", b"deep.txt"], 2, 2),
        (4, [b"m.tgz", b"last"], 1, 0),
        (5, [b"end"], 0, None),
    ]
    assert walked.members[2].sha256 == sha(inner)
    wanted = [[b"m.tgz", b"inner.zip", b"deep.txt"], [b"m.tgz", b"inner.zip"]]
    assert walk(outer, want=wanted).data == {tuple(wanted[0]): b"deep", tuple(wanted[1]): inner}


def test_skip_and_lose_keep_the_numbers(walk):
    outer = make_zip({"a": b"1", "n.zip": make_zip({"x": b"x", "y": b"y"}), "z": b"9"})
    whole = walk(outer).members
    for skip in range(6):
        again = walk(outer, skip=skip)
        assert again.members == whole[skip:]
    lost = walk(outer, skip=2, lose=[2])
    assert [m.steps for m in lost.members] == [[b"n.zip", b"y"], [b"z"]]
    assert [(t.number, t.steps, t.code, t.counts) for t in lost.troubles] == [(2, [b"n.zip", b"x"], "crashed", True)]
    unopened = walk(outer, skip=2, lose=[1])
    assert [m.steps for m in unopened.members] == [[b"z"]] or unopened.members == []
    assert [(t.steps, t.code, t.counts) for t in unopened.troubles] == [([b"n.zip"], "crashed", False)]


def test_links_and_devices_are_recorded_and_not_followed(walk):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("file", tarfile.REGTYPE), ("sym", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE),
            ("fifo", tarfile.FIFOTYPE), ("dir", tarfile.DIRTYPE),
        ):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    walked = walk(out.getvalue())
    assert [m.steps for m in walked.members] == [[b"file"]]
    assert [(t.steps[0], t.code) for t in walked.troubles] == [
        (b"sym", "link"), (b"hard", "link"), (b"dev", "special"), (b"fifo", "special"),
    ]  # fmt: skip
    assert all(t.counts for t in walked.troubles)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("sym")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.mkdir("dir") if hasattr(archive, "mkdir") else archive.writestr("dir/", b"")
    walked = walk(out.getvalue())
    assert walked.members == []
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"sym"], "link", True)]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_share_a_name_are_all_read(walk, sha):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for data in (b"1", b"2", b"3"):
            archive.writestr("same", data)
    walked = walk(out.getvalue())
    assert [(m.steps, m.sha256) for m in walked.members] == [
        ([b"same"], sha(b"1")), ([b"same#2"], sha(b"2")), ([b"same#3"], sha(b"3")),
    ]  # fmt: skip
    assert [(t.code, t.counts) for t in walked.troubles] == [("duplicate_name", False)] * 2


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x", "a/../../b", "C:\\x"])
def test_names_that_leave_are_kept_as_names(walk, name, monkeypatch):
    for make in (make_zip, make_tar, make_7z):
        if make is make_7z:
            monkeypatch.setattr("py7zr.py7zr.check_archive_path", lambda _: True)  # it would not write such names
        walked = walk(make({"ok": b"1", name.replace("\\", "/"): b"2"}))
        assert [m.steps for m in walked.members] == [[b"ok"], [name.replace("\\", "/").encode()]]
        assert [(t.code, t.counts) for t in walked.troubles] == [("traversal", False)]


def test_names_are_bytes(walk):
    names = [b"new\nline", b"nul\0inside", "\u202etxt.exe".encode(), b"\xff\xfe not utf-8", b"n" * 255, b"p" * 9000]
    placed = {b"X%03d" % i + b"_" * (len(name) - 4): name for i, name in enumerate(names)}
    raw = make_zip({alias.decode(): b"" for alias in placed})
    for alias, name in placed.items():
        assert raw.count(alias) == 2  # local header and central directory
        raw = raw.replace(alias, name)
    walked = walk(raw)
    assert [m.steps[0] for m in walked.members][:5] == names[:5]
    assert len(walked.members) == 6
    assert len(walked.members[5].steps[0]) < 4096
    names = [name for name in names[:5] if b"\0" not in name]
    walked = walk(make_tar({name.decode("utf-8", "surrogateescape"): b"" for name in names}, format=tarfile.GNU_FORMAT,
                           errors="surrogateescape"))  # fmt: skip
    assert [m.steps[0] for m in walked.members] == names


def test_encrypted_members_are_listed(walk):
    raw = bytearray(make_zip({"a": b"1", "b": b"2"}))
    at = raw.rindex(b"PK\1\2", 0, raw.rindex(b"PK\1\2") - 1)
    raw[at + 8] |= 1
    walked = walk(bytes(raw))
    assert [m.steps for m in walked.members] == [[b"b"]]
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"a"], "encrypted", True)]


@pytest.mark.parametrize(("keys", "code"), [([], "encrypted"), ([b"wrong"], "encrypted"), ([b"x", b"right"], None)])
@pytest.mark.parametrize("header", [False, True])
def test_encrypted_7z_opens_with_its_key(walk, keys, code, header):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password="right", header_encryption=header) as archive:
        archive.writestr(b"secret", "s.txt")
    walked = walk(out.getvalue(), secrets=keys)
    if code is None:
        assert [(m.steps, m.size_bytes) for m in walked.members] == [([b"s.txt"], 6)]
    else:
        assert walked.members == []
        assert walked.refused.code == code


def test_a_wrong_checksum_is_told_and_the_bytes_are_taken(walk, sha):
    raw = bytearray(make_zip({"a": b"content", "b": b"other"}, zipfile.ZIP_STORED))
    raw[raw.index(b"content")] ^= 1
    walked = walk(bytes(raw))
    assert walked.members[0].sha256 == sha(b"bontent")
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"a"], "bad_checksum", False)]


def test_what_stands_before_a_zip_does_not_matter(walk):
    assert [m.steps for m in walk(b"MZ" + b"\x90" * 5000 + make_zip({"a": b"1"}), "application/zip").members] == [
        [b"a"]
    ]


def test_zip64_is_read(walk, monkeypatch, sha):
    monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 2)
    monkeypatch.setattr("zipfile.ZIP64_LIMIT", 100)
    raw = make_zip({"a": b"1" * 500, "b": b"2" * 500, "c": b"3"}, zipfile.ZIP_STORED)
    assert b"PK\6\6" in raw
    assert b"PK\6\7" in raw
    for before in (b"", b"MZ" + bytes(999)):
        walked = walk(before + raw, "application/zip")
        assert [m.sha256 for m in walked.members] == [sha(b"1" * 500), sha(b"2" * 500), sha(b"3")]
        assert walked.troubles == []


def test_what_is_known_and_not_read_is_named(walk):
    for head in (b"Rar!\x1a\x07\x01\0", b"MSCF\0\0\0\0", b"MSWIM\0\0\0"):
        assert walk(head + bytes(5000)).refused.code == "unsupported"
    walked = walk(make_zip({"x.rar": b"Rar!\x1a\x07\x01\0rest"}))
    assert [m.steps for m in walked.members] == [[b"x.rar"]]
    assert [(t.steps, t.code, t.counts) for t in walked.troubles] == [([b"x.rar"], "unsupported", False)]


def test_each_nested_archive_says_how_many_it_holds_once(walk):
    outer = make_zip({"n.zip": make_zip({"a": b"1", "b": b"2"}), "n.7z": make_7z({"c": b"3", "d/e": b""})})
    for skip in range(6):
        tallies = [(one.steps, one.said, one.met) for one in walk(outer, skip=skip).tallies]
        assert tallies == [([b"n.zip"], 2, 2), ([b"n.7z"], 2, 2), ([], 2, 2)][(skip > 2) + (skip > 5) :]
    assert walk(outer, want=[[b"n.zip", b"a"]]).tallies == []


def test_an_end_record_that_promises_more_is_told_with_both_numbers(walk):
    raw = bytearray(make_zip({"a": b"1", "b": b"2"}))
    raw[-12] = raw[-14] = 3
    walked = walk(bytes(raw))
    assert [m.steps for m in walked.members] == [[b"a"], [b"b"]]
    assert [(one.said, one.met) for one in walked.tallies] == [(3, 2)]


def test_an_archive_with_folders_links_and_a_key_agrees_with_itself(walk, tmp_path):
    (tmp_path / "sub" / "empty").mkdir(parents=True)
    (tmp_path / "sub" / "f").write_bytes(b"f" * 99)
    (tmp_path / "sub" / "none").write_bytes(b"")
    (tmp_path / "sub" / "link").symlink_to("f")
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password="k", header_encryption=True) as archive:
        archive.writeall(tmp_path / "sub", "sub")
    (tally,) = walk(out.getvalue(), secrets=[b"k"]).tallies
    assert (tally.said, tally.met) == (5, 5), "the folders, the files and the link"
