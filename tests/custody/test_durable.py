import hashlib
import signal
import subprocess
import sys

import pytest

from vigie.kernel import durable


def test_bytes_stand_whole_under_their_name(tmp_path):
    path = tmp_path / "a"
    assert durable.write(path, b"one") == hashlib.sha256(b"one").hexdigest() == durable.sha256_of(path)
    durable.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_block_that_fails_leaves_what_was(tmp_path):
    path = tmp_path / "a"
    durable.write(path, b"one")
    with pytest.raises(KeyboardInterrupt), durable.writing(path) as stream:  # noqa: PT012 - half of it written
        stream.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"one"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_nothing_is_seen_before_the_block_ends(tmp_path):
    with durable.writing(tmp_path / "a") as stream:
        stream.write(b"x" * 100_000)
        assert not (tmp_path / "a").exists()
        assert durable.sweep(tmp_path) == [], "a living writer's file is not swept"
    assert (tmp_path / "a").stat().st_size == 100_000


def test_what_a_killed_writer_left_is_swept(tmp_path):
    code = (
        "import sys;from pathlib import Path;from vigie.kernel import durable\n"
        "with durable.writing(Path(sys.argv[1])) as s: s.write(b'x'*100000);print(1,flush=True);sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a")]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer.stdout.readline()
    assert durable.sweep(tmp_path) == []
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    swept = durable.sweep(tmp_path)
    assert len(swept) == 1
    assert ".tmp-" in swept[0].name
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        durable.write(tmp_path / "none" / "a", b"")
