"""How tests run a list through the job, without the sandbox."""

import io
import os

import pytest

from vigie.cell.job import Bench, Refused
from vigie.cell.jobs.read_list import JOB
from vigie.rows import wire


@pytest.fixture
def read(tmp_path):
    """Run the job on these bytes; returns its replies, a refusal as the last one."""

    def run(content, name="auto", mapping=None):
        path = tmp_path / "list"
        path.write_bytes(content)
        replies = []
        with path.open("rb") as file:
            bench = Bench(files=[file], scratch=[], scratch_paths=[], send=replies.append)
            try:
                JOB.run(wire.ReadList(format=name, mapping=mapping or {}, paths=[os.fsencode(path)]), bench)
            except Refused as refused:
                replies.append(wire.Failed(code=refused.code, detail=refused.detail))
        return replies

    return run


@pytest.fixture
def read_stream():
    """Run the job on an open file that makes its content as it is read."""

    def run(file, name):
        counted = {}

        def send(reply):
            kind = type(reply).__name__
            counted[kind] = counted.get(kind, 0) + 1
            counted[f"last {kind}"] = reply

        JOB.run(wire.ReadList(format=name), Bench(files=[file], scratch=[], scratch_paths=[], send=send))
        return counted

    return run


class Repeated(io.RawIOBase):
    """``head``, then ``unit`` so many times, then ``tail``: a file of any size in no memory."""

    def __init__(self, head, unit, times, tail):
        self._parts = (head, unit, tail)
        self._times = times
        self.seek(0)

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        assert whence == 0
        self._source = self._made()
        self._left = b""
        self._drop = offset
        return offset

    def _made(self):
        head, unit, tail = self._parts
        yield head
        block = unit * max(1, (1 << 16) // len(unit))
        whole, rest = divmod(self._times * len(unit), len(block))
        for _ in range(whole):
            yield block
        yield block[:rest]
        yield tail

    def readinto(self, buffer):
        while True:
            while not self._left:
                part = next(self._source, None)
                if part is None:
                    return 0
                self._left = part
            if not self._drop:
                break
            dropped = min(self._drop, len(self._left))
            self._left, self._drop = self._left[dropped:], self._drop - dropped
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


@pytest.fixture
def repeated():
    return lambda head, unit, times, tail=b"": io.BufferedReader(Repeated(head, unit, times, tail))
