"""The same walk through the real sandbox: what the readers need is loaded before the doors close."""

import gzip
import io
import os
import zipfile

import py7zr
import pytest

from vigie.cell import sniff
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.isolation import Level
from vigie.rows.wire import Done, Expand, Integrity, Look, Member, Seen, Verify

MIB = 1 << 20


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("cell"), minimum=Level.S0) as cell:
        yield cell


@pytest.fixture
def ask(cell):
    def run(ask, path, readable=()):
        fd = os.open(path, os.O_RDONLY)
        try:
            limits = Limits(wall_s=60, cpu_s=60, file_bytes=256 * MIB, output_bytes=64 * MIB)
            return list(cell.ask(ask, [fd], limits=limits, scratch=3, readable=readable))
        finally:
            os.close(fd)

    return run


def test_archives_and_an_image(ask, call, tmp_path):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(b"seven", "s.txt")
    (tree := tmp_path / "tree").mkdir()
    with zipfile.ZipFile(tree / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("n.7z", out.getvalue())
        archive.writestr("n.gz", gzip.compress(b"text"))
        archive.writestr("large.zip", b"PK\5\6" + bytes(18) + bytes(17 * MIB))
    with (tmp_path / "raw").open("wb") as file:
        file.truncate(8 * MIB)
    call("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, tmp_path / "raw")
    call("ewfacquire", "-u", "-t", tmp_path / "e", "-C", "c", "-D", "d", "-e", "e", "-E", "n", "-N", "n",
         tmp_path / "raw")  # fmt: skip
    for path in (tmp_path / "raw", tmp_path / "e.E01"):
        with path.open("rb") as file:
            kind = sniff.content_type(file.read(sniff.HEAD_BYTES))
        replies = ask(Expand(content_type=kind, paths=[os.fsencode(path)]), path, [os.fsencode(path)])
        assert isinstance(replies[-1], Done), replies[-1]
        assert {b"!".join(m.steps[1:]) for m in replies if isinstance(m, Member)} >= {
            b"/a.zip", b"/a.zip!n.7z", b"/a.zip!n.7z!s.txt", b"/a.zip!n.gz", b"/a.zip!n.gz!n", b"/a.zip!large.zip",
        }  # fmt: skip
        assert isinstance(ask(Look(), path)[0], Seen)
    (found, done) = ask(Verify(content_type=kind, paths=[os.fsencode(path)]), path, [os.fsencode(path)])
    assert isinstance(found, Integrity)
    assert found.stored_md5 == found.computed_md5
    assert isinstance(done, Done)
