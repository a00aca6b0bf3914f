"""What is inside the fence with a child, and what is not."""

import os
import pathlib

import pytest

from vigie.kernel.cell import Limits
from vigie.rows import wire

SCRATCH = Limits(file_bytes=1 << 20)


@pytest.fixture(autouse=True)
def _needs_all_layers(cell):
    if cell.level < "S2":
        pytest.skip(f"these fences need isolation S2; {cell.weakness}")


@pytest.fixture
def evidence(tmp_path):
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "disk.raw").write_bytes(b"evidence")
    (tmp_path / "case" / "other.raw").write_bytes(b"not asked for")
    return tmp_path / "case"


def test_inputs_are_read_from_their_beginning(play, evidence):
    fds = [os.open(evidence / name, os.O_RDONLY) for name in ("disk.raw", "other.raw")]
    os.lseek(fds[0], 5, os.SEEK_SET)
    replies = play("echo", fds=fds)
    assert [reply.data for reply in replies[:-1]] == [b"evidence", b"not asked for"]
    for fd in fds:
        os.close(fd)


def test_two_hundred_inputs(play, evidence):
    fds = [os.open(evidence / "disk.raw", os.O_RDONLY) for _ in range(200)]
    replies = play("echo", fds=fds)
    assert replies[-1] == wire.Done(replies=200)
    for fd in fds:
        os.close(fd)


def test_a_child_has_no_descriptor_but_its_own(play, evidence):
    with (evidence / "disk.raw").open("rb") as file:
        (listed, _) = play("descriptors", fds=[file.fileno()])
    assert len(listed.data.split(b",")) == 3 + 2  # standard streams, result, input


def test_a_writable_input_or_a_folder_is_refused(play, evidence):
    with (evidence / "disk.raw").open("r+b") as file, pytest.raises(ValueError, match="read-only"):
        play("nothing", fds=[file.fileno()])
    folder = os.open(evidence, os.O_RDONLY)
    with pytest.raises(ValueError, match="neither a file"):
        play("nothing", fds=[folder])
    os.close(folder)


def test_too_many_descriptors_are_refused(play, evidence):
    with (evidence / "disk.raw").open("rb") as file, pytest.raises(ValueError, match="descriptors"):
        play("nothing", fds=[file.fileno()] * 300)


def test_scratch_can_be_written_and_is_bounded(play):
    assert play("scratch", number=50, scratch=1, limits=SCRATCH)[0].data == b"x" * 50
    assert isinstance(play("scratch", number=2 << 20, scratch=1, limits=SCRATCH)[-1], wire.Failed)
    assert play("scratch", number=50, scratch=1, limits=Limits())[-1].code == "crashed"


def test_scratch_is_found_by_path(play):
    assert play("scratch", number=9, path=b"by path", opens=True, scratch=1, limits=SCRATCH)[0].data == b"x" * 9


def test_scratch_leaves_no_name_behind(play, cell):
    play("scratch", number=50, scratch=2, limits=SCRATCH)
    assert list(pathlib.Path(cell._scratch).iterdir()) == []


def test_a_job_that_opens_files_opens_only_those_named(play, evidence):
    disk, other = bytes(evidence / "disk.raw"), bytes(evidence / "other.raw")
    assert play("read path", path=disk, readable=[disk], opens=True)[0].data == b"evidence"
    for path in (other, b"/etc/passwd", b"/proc/self/mem", b"/proc/self/environ"):
        (refused,) = play("read path", path=path, readable=[disk], opens=True)
        assert "PermissionError" in refused.detail


def test_a_named_folder_may_be_listed_but_its_files_not_read(play, evidence):
    folder, disk = bytes(evidence), bytes(evidence / "disk.raw")
    assert play("list path", path=folder, readable=[folder], opens=True)[0].data == b"disk.raw\nother.raw"
    assert "PermissionError" in play("read path", path=disk, readable=[folder], opens=True)[0].detail
    assert "PermissionError" in play("list path", path=folder, readable=[disk], opens=True)[0].detail


def test_evidence_cannot_be_written_nor_removed(play, evidence):
    disk = bytes(evidence / "disk.raw")
    for act in ("write path", "unlink"):
        assert "PermissionError" in play(act, path=disk, readable=[disk], opens=True)[0].detail
    assert (evidence / "disk.raw").read_bytes() == b"evidence"


def test_a_job_that_opens_nothing_cannot_open_even_those(play, evidence):
    disk = bytes(evidence / "disk.raw")
    (refused,) = play("read path", path=disk, readable=[disk])
    assert "PermissionError" in refused.detail


def test_a_path_that_is_not_there_is_our_error(play, evidence):
    with pytest.raises(FileNotFoundError):
        play("read path", path=b"x", readable=[bytes(evidence / "gone")], opens=True)
    assert play("nothing") == [wire.Done(replies=0)]


def test_a_decoder_may_use_a_thread(play):
    assert play("thread")[0].data == b"\x01"


def test_the_environment_is_as_good_as_empty(play):
    names = set(play("environment")[0].data.split(b","))
    assert names <= {
        b"HOME",
        b"LC_ALL",
        b"OMP_NUM_THREADS",
        b"OPENBLAS_NUM_THREADS",
        b"MKL_NUM_THREADS",
        b"NUMBA_NUM_THREADS",
        b"MALLOC_ARENA_MAX",
        b"MALLOC_MMAP_THRESHOLD_",
        b"MALLOC_TRIM_THRESHOLD_",
        b"ARROW_DEFAULT_MEMORY_POOL",  # Arrow's own allocator would start a thread
        b"JE_ARROW_MALLOC_CONF",
        b"PWD",  # bubblewrap sets it
    }


def test_descriptors_do_not_leak(play, evidence):
    def held():
        return len(list(pathlib.Path("/proc/self/fd").iterdir()))

    fd = os.open(evidence / "disk.raw", os.O_RDONLY)
    play("echo", fds=[fd], scratch=1)
    before = held()
    for _ in range(200):
        play("echo", fds=[fd], scratch=1)
    assert held() == before
    assert len(play("descriptors", fds=[fd])[0].data.split(b",")) == 5
    os.close(fd)


def _descendants(pid):
    """An orphan goes to the zygote, which is one of ours: nothing that lives on can hide."""
    listing = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(child) for child in listing.read_text().split()]
    return children + [below for child in children for below in _descendants(child)]


def test_what_a_child_leaves_behind_is_killed(play):
    """Without the filter a child can fork, and its grandchild can leave session and group."""
    play("nothing")
    before = _descendants(os.getpid())
    assert play("linger", layers=("limits", "landlock"))[0].data == b"left one behind"
    assert _descendants(os.getpid()) == before
