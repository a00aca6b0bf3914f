"""A medium that fails while a file on it is read: the problem says so, and does not blame the file."""

import errno
import io
import os

import pytest

from vigie.cell import child
from vigie.cell.job import Bench
from vigie.cell.jobs import compare, decode, read_list, watch
from vigie.rows import wire
from vigie.rows.codes import CODES


class Failing(io.BytesIO):
    """A file of which nothing from one place on can be read."""

    def __init__(self, data, good, number=errno.EIO):
        super().__init__(data)
        self.good, self.number = good, number

    def read(self, size=-1):
        if self.number and self.tell() + (size if size >= 0 else 1 << 40) > self.good:
            raise OSError(self.number, os.strerror(self.number))
        return super().read(size)


class Said:
    """Counts what a job sends, as a child does."""

    count = 0

    def send(self, _):
        self.count += 1


def verdict(job, ask, *files):
    said = Said()
    return child._work(job, ask, Bench(files=list(files), scratch=[], scratch_paths=[], send=said.send), said)


@pytest.mark.parametrize("good", [0, 100])
@pytest.mark.parametrize("number", sorted(child.MEDIUM))
def test_a_still(still, good, number):
    found = verdict(decode.JOB, wire.Decode(content_type="image/jpeg"), Failing(still("JPEG"), good, number))
    assert (found.code, found.detail) == ("unreadable", f"read: {os.strerror(number)}")


@pytest.mark.parametrize("share", [0, 3])
@pytest.mark.parametrize("sampling", ["key", "dense"])
def test_a_video(clip, share, sampling):
    data = clip("avi", "rawvideo", frames=60)
    assert len(data) > 3 << 18, "FFmpeg reads it in several pieces"
    ask = wire.Watch(content_type="video/x-msvideo", sampling=sampling)
    assert isinstance(verdict(watch.JOB, ask, Failing(data, len(data) + (1 << 20))), wire.Done)
    assert verdict(watch.JOB, ask, Failing(data, share * len(data) // 4)).code == "unreadable"


def test_two_that_are_compared(still):
    ask = wire.Compare(content_types=["image/png", "image/png"], parts=[None, None])
    assert verdict(compare.JOB, ask, io.BytesIO(still("PNG")), Failing(still("PNG"), 50)).code == "unreadable"


def test_a_list():
    ask = wire.ReadList(format="checksums", mapping={}, paths=[])
    assert verdict(read_list.JOB, ask, Failing(b"5d41402abc4b2a76b9719d911017c592  a\n" * 9, 0)).code == "unreadable"


def test_what_the_input_itself_brings_about_is_still_a_crash(still):
    found = verdict(decode.JOB, wire.Decode(content_type="image/jpeg"), Failing(still("JPEG"), 0, errno.EBADF))
    assert found.code == "crashed"


def test_the_code_says_what_to_do():
    assert "medium" in CODES["unreadable"]
