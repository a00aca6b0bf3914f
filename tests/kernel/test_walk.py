"""Listing what lies on a disk: everything is told, nothing is followed, and the examiner's machine is no evidence."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.conftest import new_case
from kernel.rig import snapshot
from vigie.kernel import intake
from vigie.kernel.case import Case
from vigie.kernel.errors import UsageError
from vigie.kernel.walk import refuse, walk
from vigie.rows import locator
from vigie.rows.evidence import Found, Item
from vigie.rows.problems import Problem

NOBODY = "65534"
ROOT = os.geteuid() == 0


def listed(path: Path) -> tuple[dict[bytes, Found], dict[bytes, Problem]]:
    """Return what a walk finds, by the bytes of the paths."""
    raw = os.fsencode(path)
    item = Item.make(
        name="it",
        path=locator.show(raw),
        kind="folder" if path.is_dir() else "file",
        taken_in_at=intake.now(),
        examiner="e",
    )
    rows = list(walk(item))
    found = {locator.read(one.path): one for one in rows if isinstance(one, Found)}
    problems = {b"!".join(locator.split(one.subject)[1:]): one for one in rows if isinstance(one, Problem)}
    assert len(found) + len(problems) == len(rows)
    return found, problems


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (folder := tmp_path / "tree").mkdir()
    (folder / "a.jpg").write_bytes(b"a")
    return folder


def test_all_files_of_a_folder_and_then_those_below(tree: Path) -> None:
    (tree / "b").mkdir()
    for name in ("b/2", "b/1", "B", "ä", "b.txt"):
        (tree / name).write_bytes(b"12")
    found, problems = listed(tree)
    assert set(list(found)[:4]) == {b"B", b"a.jpg", b"b.txt", "ä".encode()}
    assert set(list(found)[4:]) == {b"b/1", b"b/2"}
    assert {path: one.size_bytes for path, one in found.items() if one.size_bytes != 2} == {b"a.jpg": 1}
    assert problems == {}


def test_links_are_recorded_and_never_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "private.jpg").write_bytes(b"no evidence")
    (tree / "sub").mkdir()
    for name, target in {
        "out": "../outside", "file": "../outside/private.jpg", "passwd": "/etc/passwd", "loop": "loop", "up": "..",
        "sub/round": "..", "gone": "nowhere", "inside": "a.jpg",
    }.items():  # fmt: skip
        (tree / name).symlink_to(target)
    before = snapshot(tree)
    found, problems = listed(tree)
    assert snapshot(tree) == before, "not even the access time of a link may change"
    assert list(found) == [b"a.jpg"]
    assert {path.decode(): (one.code, one.counts) for path, one in problems.items()} == dict.fromkeys(
        ("out", "file", "passwd", "loop", "up", "sub/round", "gone", "inside"), ("link", False)
    )


def test_pipes_and_sockets_are_recorded_and_never_opened(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "socket"))
        found, problems = listed(tree)
    assert list(found) == [b"a.jpg"]
    assert {path: (one.code, one.detail) for path, one in problems.items()} == {
        b"pipe": ("special", "pipe"),
        b"socket": ("special", "socket"),
    }


@pytest.mark.skipif(not ROOT, reason="only root can make device files: run the tests as root as well")
def test_devices_are_recorded_and_never_opened(tree: Path) -> None:
    os.mknod(tree / "zero", 0o20666, os.makedev(1, 5))
    os.mknod(tree / "disk", 0o60666, os.makedev(254, 0))
    found, problems = listed(tree)
    assert list(found) == [b"a.jpg"]
    assert {path: one.detail for path, one in problems.items()} == {
        b"disk": "block device",
        b"zero": "character device",
    }


@pytest.fixture
def mounted(tree: Path) -> Iterator[Path]:
    (tree / "mnt").mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "none", str(tree / "mnt")], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this machine lets nobody mount: run the tests as root outside a container as well")
    yield tree / "mnt"
    subprocess.run(["umount", str(tree / "mnt")], check=True)


def test_another_file_system_is_named_and_not_entered(tree: Path, mounted: Path) -> None:
    (mounted / "elsewhere.jpg").write_bytes(b"no part of it")
    found, problems = listed(tree)
    assert list(found) == [b"a.jpg"]
    assert [(path, one.code, one.counts) for path, one in problems.items()] == [(b"mnt", "special", True)]
    assert "add it by itself" in problems[b"mnt"].detail


LIST = """
import sys
from vigie.kernel.intake import now
from vigie.kernel.walk import walk
from vigie.rows.evidence import Found, Item
item = Item.make(name="it", path=sys.argv[1], kind="folder", taken_in_at=now(), examiner="e")
rows = list(walk(item))
print(sorted(one.path for one in rows if isinstance(one, Found)))
print(sorted((one.subject, one.code) for one in rows if not isinstance(one, Found)))
"""


def test_what_may_not_be_read_is_said() -> None:
    """As an ordinary user: in a process of its own where the tests run as root."""
    if ROOT and shutil.which("setpriv") is None:
        pytest.skip("setpriv is absent: apt-get install util-linux")
    folder = Path("/tmp") / f"vigie-walk-{os.getpid()}"
    tree = folder / "tree"
    (tree / "closed").mkdir(parents=True)
    (tree / "open").mkdir()
    (tree / "listed").mkdir()
    for name in ("closed/a", "open/b", "listed/c", "secret"):
        (tree / name).write_bytes(b"1")
    command = [sys.executable, "-c", LIST, str(tree)]
    if ROOT:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    try:
        folder.chmod(0o755)
        for name, mode in {"": 0o755, "open": 0o755, "secret": 0o600, "closed": 0o000, "listed": 0o444}.items():
            (tree / name).chmod(mode)
        home = {**os.environ, "HOME": str(folder)}  # that of root is closed to others
        done = subprocess.run(command, capture_output=True, check=False, text=True, env=home)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [
            "['open/b', 'secret']",  # the digest will say that it cannot be read
            "[('it!closed', 'unreadable'), ('it!listed/c', 'unreadable')]",
        ]
    finally:
        for name in ("closed", "listed"):
            (tree / name).chmod(0o755)
        shutil.rmtree(folder)


NAMES = [
    b"x" * 255,
    "ü".encode() * 127,
    b"new\nline.jpg",
    b"tab\tand\rreturn",
    "photo\u202egpj.exe".encode(),
    "\u2066hidden\u2069".encode(),
    b"caf\xe9-\xff\xfe.jpg",
    b"-rf",
    b"--help",
    b"bang!bang.jpg",
    b"back\\slash\\x41",
    b" leading and trailing ",
    b"'quote\"; drop table files; --",
    b"$(id)`id`%s{0}",
    b"*?[a-z]",
    "\U0001f600".encode(),
    b"\x01\x7f",
    b".hidden",
    b"a#2",
]


def test_every_name_comes_back_byte_by_byte(tree: Path) -> None:
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(tree) + b"/" + name)).write_bytes(name)
    found, problems = listed(tree)
    assert problems == {}
    assert set(found) == {b"a.jpg", *NAMES}
    for path, one in found.items():
        assert one.path.isprintable()
        assert locator.read(one.path) == path
        assert len(locator.split(locator.join(b"it", path))) == 2


def test_long_paths(tree: Path) -> None:
    deep = b"/".join([b"d" * 100] * 4)
    (tree / deep.decode()).mkdir(parents=True)
    (tree / deep.decode() / "f.jpg").touch()
    found, problems = listed(tree)
    assert deep + b"/f.jpg" in found
    assert problems == {}


def test_paths_longer_than_the_system_takes_are_said(tree: Path) -> None:
    here = os.getcwd()  # noqa: PTH109 - the longest paths are only reached step by step
    try:
        os.chdir(tree)
        for _ in range(25):
            os.mkdir("d" * 200)  # noqa: PTH102 - relative, as above
            os.chdir("d" * 200)
        found, problems = listed(tree)
    finally:
        os.chdir(here)
    assert list(found) == [b"a.jpg"]
    assert [(one.code, one.counts) for one in problems.values()] == [("unreadable", True)]
    shutil.rmtree(tree)


def test_times_that_no_calendar_has(tree: Path) -> None:
    os.utime(tree / "a.jpg", (-(2**33), -(2**33)))
    (one,) = listed(tree)[0].values()
    assert one.modified is None or one.modified.year < 1970


def refused(path: bytes, case: Path) -> str:
    with pytest.raises(UsageError) as caught:
        refuse(path, os.fsencode(case))
    return str(caught.value)


def test_the_examiners_own_machine_is_no_evidence(tmp_path: Path, tree: Path) -> None:
    case = new_case(tmp_path / "cases" / "one")
    for path in (
        b"/",
        b"//",
        b"/./",
        b"/tmp/..",
        b"/proc",
        b"/proc/1",
        b"/sys",
        b"/sys/kernel",
        b"/dev",
        b"/dev/null",
    ):
        assert "Image the medium and add the image" in refused(path, case)
    for path in (case, case.parent, tmp_path, case / "evidence"):
        assert "outside" in refused(os.fsencode(path), case) or "beside" in refused(os.fsencode(path), case)
    (tmp_path / "link").symlink_to(tree)
    assert str(tree) in refused(os.fsencode(tmp_path / "link"), case)
    (tmp_path / "to-the-case").symlink_to(case)
    assert "outside" in refused(os.fsencode(tmp_path / "to-the-case" / "evidence"), case)
    assert "medium is attached" in refused(os.fsencode(tmp_path / "nothing"), case)
    assert refuse(os.fsencode(tree), os.fsencode(case)) is None


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    case = Case.open(new_case(tmp_path / "case"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        intake.register(case, os.fsencode(tmp_path / "pipe"))
    assert len(case.read(Item)) == 0
    assert not list((case.folder / "tables").rglob("*.parquet"))


def test_items_have_names_of_their_own(tmp_path: Path, tree: Path) -> None:
    case = Case.open(new_case(tmp_path / "case"))
    first = intake.register(case, os.fsencode(tree))
    assert first.name == "tree"
    size = case.custody.size
    assert intake.register(case, os.fsencode(tree)) == first
    assert intake.register(case, os.fsencode(tree) + b"/../tree/") == first
    assert case.custody.size == size, "the same path twice is nothing twice"
    (other := tmp_path / "other" / "tree").mkdir(parents=True)
    with pytest.raises(UsageError, match="--name"):
        intake.register(case, os.fsencode(other))
    second = intake.register(case, os.fsencode(other), name="bad!\n\u202ename")
    assert second.name.isprintable()
    assert "!" not in second.name
    assert len(case.read(Item)) == 2
    assert [one.item for one in case.read(Found)] == [first.key]


def test_a_file_as_an_item_brings_its_segments(tmp_path: Path) -> None:
    for name in ("disk.001", "disk.002", "disk.003", "other.002", "disk.txt"):
        (tmp_path / name).write_bytes(b"1")
    found, problems = listed(tmp_path / "disk.001")
    assert list(found) == [b"", b"disk.002", b"disk.003"]
    assert problems == {}
