"""The FAT16 images that vigie writes, judged by The Sleuth Kit, fsck.fat and mtools."""

import shutil
import subprocess

import pytest
import pytsk3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample.walking import START_BYTES, disk
from vigie.sample.fat import Content, write_image

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N"), max_codepoint=0xFFFF), min_size=1, max_size=60)
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts) + ".bin"),
    st.tuples(st.binary(max_size=3000), st.booleans()),
    max_size=20,
)


def image(folder, files):
    contents = []
    for number, (path, (data, deleted)) in enumerate(files.items()):
        kept = folder / str(number)
        kept.write_bytes(data)
        contents.append(
            Content(path=path, bytes_at=kept, size_bytes=len(data), modified=1_700_000_000, deleted=deleted)
        )
    write_image(folder / "disk.img", contents, serial=7, label="TEST")
    return folder / "disk.img"


def clashes(files):
    """A name that FAT sees twice, in whatever case, or that is a file here and a folder there."""
    seen = {}
    for path in files:
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            key = "/".join(parts[:depth])
            if seen.setdefault(key.casefold(), (key, depth == len(parts))) != (key, depth == len(parts)):
                return True
    return False


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES.filter(lambda files: not clashes(files)))
def test_what_was_written_is_read_back_deleted_files_too(tmp_path, files):
    """An empty deleted file has no cluster, so nothing but its name is left of it."""
    read = {path.decode(): data for path, data, _ in disk(image(tmp_path, files).read_bytes())}
    assert read == {path: data for path, (data, _) in files.items()}


def test_deleted_files_are_marked_as_such(tmp_path):
    out = image(tmp_path, {"/a/kept.jpg": (b"k" * 900, False), "/a/gone long name.jpg": (b"g" * 5000, True)})
    flags = {path: allocated for path, _, allocated in disk(out.read_bytes())}
    assert flags == {b"/a/kept.jpg": True, b"/a/gone long name.jpg": False}


def test_the_partition_table_is_read(tmp_path):
    out = image(tmp_path, {"/a.txt": (b"a", False)})
    parts = list(pytsk3.Volume_Info(pytsk3.Img_Info(str(out))))
    found = [(part.start * 512, part.desc) for part in parts if part.flags == pytsk3.TSK_VS_PART_FLAG_ALLOC]
    assert found == [(START_BYTES, b"Win95 FAT16 (0x0e)")]


def test_fsck_finds_nothing_to_say(case, tmp_path):
    if not shutil.which("fsck.fat"):
        pytest.skip("install dosfstools to have the file system checked")
    partition = tmp_path / "p1"
    partition.write_bytes((case.folder / "evidence" / "disk1.img").read_bytes()[START_BYTES:])
    done = subprocess.run(["fsck.fat", "-n", partition], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) == 2, done.stdout


def test_mtools_reads_the_live_files(case, tmp_path):
    if not shutil.which("mcopy"):
        pytest.skip("install mtools to have the file system read by it")
    source = f"{case.folder / 'evidence' / 'disk1.img'}@@{START_BYTES}"
    subprocess.run(["mcopy", "-s", "-n", "-i", source, "::/DCIM", tmp_path], check=True, env={"LC_ALL": "C.UTF-8"})
    copied = {path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    live = {len(data) for path, data, kept in disk((case.folder / "evidence" / "disk1.img").read_bytes()) if kept}
    assert copied <= live
    assert copied


def test_too_much_for_fat16_is_refused_with_what_to_do(tmp_path):
    huge = Content(path="/a", bytes_at=tmp_path / "a", size_bytes=3 << 30, modified=0, deleted=False)
    with pytest.raises(ValueError, match="put fewer into the image"):
        write_image(tmp_path / "disk.img", [huge], serial=1, label="TEST")
