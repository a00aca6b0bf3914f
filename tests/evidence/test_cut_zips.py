"""A zip that is cut off still gives what lies before the cut, byte for byte, and says that it is cut."""

import io
import random
import struct
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KIND = "application/zip"
METHODS = {"stored": zipfile.ZIP_STORED, "deflate": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2,
           "lzma": zipfile.ZIP_LZMA}  # fmt: skip
rng = random.Random(5)
CONTENTS = {
    f"folder/{number:02}.bin": (b"line %d\n" % number * 300) + rng.randbytes(number * 97) for number in range(24)
} | {"folder/empty": b"", "fake": b"PK\3\4" * 50 + b"PK\7\x08" * 50 + b"PK\1\2PK\5\6" * 20}


class Pipe(io.RawIOBase):
    """Cannot seek: zipfile then leaves sizes to data descriptors."""

    def __init__(self):
        super().__init__()
        self.out = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.out.write(data)


def zipped(contents, method=zipfile.ZIP_DEFLATED, *, streamed=False):
    pipe = Pipe()
    target = pipe if streamed else pipe.out
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 9, 13, 12, 26, 40)), data, method)
    return pipe.out.getvalue()


def ends(raw):
    """Where the packed bytes of each member end, by the whole archive's directory."""
    out = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for info in archive.infolist():
            name_bytes, extra_bytes = struct.unpack_from("<HH", raw, info.header_offset + 26)
            out[info.filename] = info.header_offset + 30 + name_bytes + extra_bytes + info.compress_size
    return out


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_what_lies_before_a_cut_is_read(walk, sha, method, streamed):
    if method == "lzma" and streamed:
        pytest.skip("its size is in the directory alone")
    raw = zipped(CONTENTS, METHODS[method], streamed=streamed)
    directory, end = raw.rindex(b"PK\5\6"), ends(raw)
    for cut in (*(len(raw) * part // 16 for part in range(1, 16)), directory, directory - 1):
        walked = walk(raw[:cut], KIND)
        found = {b"/".join(member.steps).decode(): member for member in walked.members}
        whole = [name for name in CONTENTS if end[name] + (16 if streamed else 0) <= cut]
        for name in whole:
            assert (found[name].size_bytes, found[name].sha256) == (len(CONTENTS[name]), sha(CONTENTS[name])), cut
        assert {member.origin for member in walked.members} <= {"orphan"}
        assert {member.times_from for member in walked.members} <= {"zip-local"}
        assert len(walked.members) <= len(whole) + 1, "the cut one, and none that was never there"
        said = [trouble.code for trouble in walked.troubles if not trouble.steps]
        # `fake` ends in what looks like an end record: where that is the last one, its directory lies nowhere
        assert said in (["truncated"], ["damaged"]) or walked.refused.code in ("truncated", "damaged"), cut


def test_the_bytes_of_a_salvaged_member_are_given(walk):
    raw = zipped(CONTENTS, streamed=True)
    wanted = [b"folder/20.bin"]
    assert walk(raw[: len(raw) - 60], KIND, want=[wanted]).data == {tuple(wanted): CONTENTS["folder/20.bin"]}


def test_a_cut_within_a_nested_stored_zip_gives_the_outer_members(walk):
    inner = zipped({"x": b"x" * 900, "y": b"y"})
    raw = zipped({"first": b"1", "inner.zip": inner, "last": rng.randbytes(9000)}, zipfile.ZIP_STORED)
    walked = walk(raw[: ends(raw)["inner.zip"]], KIND)
    assert [b"!".join(member.steps) for member in walked.members] == [
        b"first", b"inner.zip", b"inner.zip!x", b"inner.zip!y",
    ]  # fmt: skip
    assert [(trouble.steps, trouble.code) for trouble in walked.troubles] == [([], "truncated")]


def test_of_two_joined_zips_both_are_read(walk):
    walked = walk(zipped({"a": b"1", "b": b"2"}) + zipped({"c": b"3"}), KIND)
    assert [(member.steps, member.origin) for member in walked.members] == [
        ([b"a"], "orphan"), ([b"b"], "orphan"), ([b"c"], "allocated"),
    ]  # fmt: skip
    assert [(trouble.code, trouble.counts) for trouble in walked.troubles] == [("damaged", False)]


def test_encrypted_members_of_a_cut_zip_are_listed(walk):
    raw = bytearray(zipped({"a": b"1", "b": b"2"}))
    raw[raw.index(b"PK\3\4", 10) + 6] |= 1
    walked = walk(bytes(raw[: raw.index(b"PK\1\2")]), KIND)
    assert [member.steps for member in walked.members] == [[b"b"]]
    assert [(t.steps, t.code, t.counts) for t in walked.troubles if t.steps] == [([b"a"], "encrypted", True)]


def header(flags, method, packed, size, name=b"n", extra=b""):
    return (
        struct.pack("<4s5HL2L2H", b"PK\3\4", 20, flags, method, 0, 0, 0, packed, size, len(name), len(extra))
        + name
        + extra
    )


@pytest.mark.parametrize("flags", [0, 8])
@pytest.mark.parametrize("method", [0, 8, 12, 14, 93, 95])
@pytest.mark.parametrize("packed", [0, 1, 0xFFFFFFFE, 0xFFFFFFFF])
def test_sizes_that_lie_end_in_bounded_time(walk, flags, method, packed):
    started = time.monotonic()
    walked = walk(header(flags, method, packed, 0xFFFFFFFF) * 500, KIND)
    assert time.monotonic() - started < 5
    assert walked.refused or walked.troubles


def test_streams_that_lead_nowhere_end_at_a_bound(walk):
    # each header is followed by a stored block of DEFLATE that takes up to 64 KiB of what follows and then breaks
    raw = b"".join(header(8, 8, 0, 0) + b"\0" + struct.pack("<HH", 60_000, 5535) for _ in range(4000))
    started = time.monotonic()
    walked = walk(raw, KIND)
    assert time.monotonic() - started < 10
    assert walked.troubles[-1].code in ("bomb", "truncated")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([header(8, 0, 0, 0), header(0, 8, 5, 5), b"PK\3\4", b"PK\7\x08", b"\x03\0", bytes(40)]),
                max_size=30), st.binary(max_size=30))  # fmt: skip
def test_any_run_of_headers(walk, run, noise):
    walk(header(0, 0, 0, 0) + b"".join(run) + noise, KIND)


def test_a_damaged_directory_costs_no_member(walk, sha):
    raw = bytearray(zipped(CONTENTS))
    (directory,) = struct.unpack_from("<L", raw, len(raw) - 6)
    record = raw.index(b"PK\1\2", directory + 1)
    raw[record] ^= 1
    walked = walk(bytes(raw), KIND)
    assert sorted(member.sha256 for member in walked.members) == sorted(map(sha, CONTENTS.values()))
    assert [(trouble.code, trouble.counts) for trouble in walked.troubles if not trouble.steps] == [("damaged", False)]
