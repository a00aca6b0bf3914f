"""A zip may hold members that its central directory leaves out: they are not read, and not passed over in silence."""

import io
import struct
import zipfile

import pytest

from vigie.cell.containers import zips
from vigie.cell.containers.entry import Entry, Fault, Source


def archive(left_out, *, streamed=False):
    """A zip of three members whose directory leaves one out; None: none."""
    out = io.BytesIO()
    target = out
    if streamed:  # data descriptors behind the members
        target = type("Pipe", (), {"write": lambda _, data: out.write(data), "flush": lambda _: None})()
    with zipfile.ZipFile(target, "w") as made:
        for name in ("a", "b", "c"):
            made.writestr(name, name.encode() * 400)
    raw = out.getvalue()
    start = raw.rfind(b"PK\5\6")
    size, offset = struct.unpack("<LL", raw[start + 12 : start + 20])
    records = [b"PK\1\2" + one for one in raw[offset : offset + size].split(b"PK\1\2")[1:]]
    kept = [one for index, one in enumerate(records) if index != left_out]
    directory = b"".join(kept)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(kept), len(kept), len(directory), offset, 0)
    return raw[:offset] + directory + end


def found(raw):
    """Read it all; return the names and what is said beside them."""
    names, said = [], []
    for one in zips.read(Source(files=[io.BytesIO(raw)], content_type="application/zip")):
        if isinstance(one, Entry):
            names.append(b"".join(one.steps))
            b"".join(one.chunks())
        elif isinstance(one, Fault):
            said.append(one.detail)
    return names, said


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_a_member_that_the_directory_leaves_out_is_told_of(left_out, streamed):
    names, said = found(archive(left_out, streamed=streamed))
    assert len(names) == 2
    assert len(said) == 1
    assert "no directory lists" in said[0]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_whole_archive_gives_no_remark(streamed):
    assert found(archive(None, streamed=streamed)) == ([b"a", b"b", b"c"], [])
