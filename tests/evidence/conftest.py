"""Run the cell's jobs in this process, with every reply put through the real wire format."""

import hashlib
import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from vigie.cell import sniff
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import expand as expand_job
from vigie.cell.jobs import look as look_job
from vigie.cell.jobs import verify as verify_job
from vigie.rows import codes
from vigie.rows.wire import REPLIES, Data, Expand, Look, Member, Seen, Tallied, Trouble, Verify

PACKAGES = {
    "mke2fs": "e2fsprogs", "mkfs.vfat": "dosfstools", "mcopy": "mtools", "mdel": "mtools",
    "mkntfs": "ntfs-3g", "ntfscp": "ntfs-3g",
    "mkfs.xfs": "xfsprogs", "mkfs.exfat": "exfatprogs", "qemu-img": "qemu-utils", "ewfacquire": "ewf-tools",
    "cryptsetup": "cryptsetup-bin", "ewfacquirestream": "ewf-tools",
    "genisoimage": "genisoimage", "sgdisk": "gdisk", "mkfs.btrfs": "btrfs-progs", "mksquashfs": "squashfs-tools",
    "xorriso": "xorriso",
}  # fmt: skip


class Walked(NamedTuple):
    """What one walk gave."""

    members: list[Member]
    troubles: list[Trouble]
    data: dict[tuple[bytes, ...], bytes]
    refused: Any
    replies: list[Any]
    tallies: list[Tallied]


class _Wire:
    """Sends as the cell does: what does not survive the line fails the test."""

    def __init__(self):
        self.replies = []

    def __call__(self, reply):
        raw = msgspec.msgpack.encode(reply)
        assert len(raw) <= (1 << 20) + 4096
        self.replies.append(msgspec.msgpack.decode(raw, type=REPLIES))


@pytest.fixture(scope="session")
def tool():
    """Return the path of a tool, or skip and say which package has it."""

    def find(name):
        path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
        if path is None:
            pytest.skip(f"{name} is absent: apt-get install {PACKAGES[name]}")
        return path

    return find


@pytest.fixture(scope="session")
def call(tool):
    """Run a tool; its output is shown only where it fails."""

    def run(name, *args, **kwargs):
        for _ in range(5):
            done = subprocess.run([tool(name), *map(str, args)], capture_output=True, check=False, **kwargs)
            if b"Unable to get accurate CPU usage" not in done.stderr:  # qemu-img times its own key derivation
                break
        assert done.returncode == 0, (name, args, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    return run


@pytest.fixture
def bench(tmp_path):
    """Return a maker of benches with three scratch files."""
    opened = []

    def make(files):
        scratch = [(tmp_path / f"scratch{i}").open("w+b") for i in range(3)]
        opened.extend(scratch)
        wire = _Wire()
        return Bench(files=files, scratch=scratch, scratch_paths=[], send=wire), wire

    yield make
    for file in opened:
        file.close()


@pytest.fixture
def walk(bench):
    """Expand bytes, or the files at paths; returns ``Walked``."""

    def run(what, content_type=None, **ask):
        if isinstance(what, bytes):
            files, paths = [io.BytesIO(what)], []
            head, tail = what[: sniff.HEAD_BYTES], what[-512:]
        else:
            files, paths = [], [os.fsencode(path) for path in (what if isinstance(what, list) else [what])]
            with Path(os.fsdecode(paths[0])).open("rb") as file:
                head = file.read(sniff.HEAD_BYTES)
                file.seek(-min(512, file.seek(0, 2)), 2)
                tail = file.read()
        kind = content_type or sniff.content_type(head, tail=tail)
        desk, wire = bench(files)
        refused = None
        try:
            expand_job.run(Expand(content_type=kind, paths=paths, **ask), desk)
        except Refused as verdict:
            refused = verdict
        assert refused is None or refused.code in codes.CODES
        members = [reply for reply in wire.replies if isinstance(reply, Member)]
        troubles = [reply for reply in wire.replies if isinstance(reply, Trouble)]
        assert all(trouble.code in codes.CODES for trouble in troubles)
        counted = sorted([one.number for one in members] + [one.number for one in troubles if one.counts])
        if ask.get("want") is None and not ask.get("skip"):
            assert counted == list(range(len(counted))), "each number once, from 0, none left out"
        assert len({tuple(one.steps) for one in members}) == len(members), "no two members share a locator"
        data, current = {}, None
        for reply in wire.replies:
            if isinstance(reply, Member):
                current = tuple(reply.steps)
            elif isinstance(reply, Data):
                data[current] = data.get(current, b"") + reply.data
        tallies = [reply for reply in wire.replies if isinstance(reply, Tallied)]
        assert len({tuple(one.steps) for one in tallies}) == len(tallies), "one word on each container"
        return Walked(members, troubles, data, refused, wire.replies, tallies)

    return run


@pytest.fixture
def look(bench):
    """Look at contents; returns the replies."""

    def run(*contents):
        desk, wire = bench([io.BytesIO(one) if isinstance(one, bytes) else one for one in contents])
        look_job.run(Look(), desk)
        assert all(isinstance(reply, Seen | Trouble) for reply in wire.replies)
        return wire.replies

    return run


@pytest.fixture
def verify(bench):
    """Verify the image at these paths; returns the one reply."""

    def run(paths, content_type):
        desk, wire = bench([])
        verify_job.run(Verify(content_type=content_type, paths=[os.fsencode(path) for path in paths]), desk)
        (reply,) = wire.replies
        return reply

    return run


@pytest.fixture(scope="session")
def sha():
    """Return the SHA-256 of bytes."""
    return lambda data: hashlib.sha256(data).digest()
