"""The door to evidence: it leaves no trace, needs no right to write, and never keeps a key."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vigie
from bad_input.makers import jpeg, sevenzipped, zipped
from kernel.rig import Rig, snapshot
from vigie.kernel import blob
from vigie.kernel.blob import Spool, differs, digest_of, open_original
from vigie.kernel.local import Local
from vigie.kernel.verify import verify
from vigie.rows.evidence import Verification

PACKAGES = {"mke2fs": "e2fsprogs", "ewfacquire": "ewf-tools", "qemu-img": "qemu-utils"}
KEY = "Hunter-of-keys-42"


def call(name: str, *args: str | Path) -> None:
    """Run a tool, or skip and say which package has it."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{name} is absent: apt-get install {PACKAGES[name]}")
    done = subprocess.run([path, *map(str, args)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Return an ext4 image with pictures and an archive in it."""
    tree = tmp_path / "tree"
    (tree / "up").mkdir(parents=True)
    (tree / "up" / "a.jpg").write_bytes(jpeg(80))
    (tree / "up" / "b.zip").write_bytes(zipped(("in.jpg", jpeg(81))))
    path = tmp_path / "disk.img"
    with path.open("wb") as out:
        out.truncate(4 << 20)
    call("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, path)
    return path


def test_a_disk_and_its_copy_are_left_as_they_were(tmp_path: Path, disk: Path, engine: Local) -> None:
    seized = tmp_path / "seized"
    seized.mkdir()
    call(
        "ewfacquire",
        "-u",
        "-t",
        seized / "e",
        "-C",
        "c",
        "-D",
        "d",
        "-e",
        "e",
        "-E",
        "n",
        "-N",
        "n",
        "-S",
        "1MiB",
        disk,
    )
    disk.rename(seized / "disk.img")
    for path in seized.iterdir():
        path.chmod(0o444)
    seized.chmod(0o555)
    before = snapshot(seized)
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    assert [one.verdict for one in rig.case.read(Verification)] == ["verified"]
    rig.run()
    assert rig.all_holds()
    assert rig.problems() == {}
    names = {path.rpartition("!")[2] for path in rig.files()}
    assert {"in.jpg", "/up/a.jpg", "/up/b.zip"} <= names
    report = verify(rig.folder, lambda _: None)
    assert snapshot(seized) == before
    assert report.differences == []
    seized.chmod(0o755)


def secret_files(folder: Path, secret: bytes) -> list[Path]:
    """Return what below the case folder holds the secret, in any spelling that a log might use."""
    spellings = (secret, secret.hex().encode(), secret.decode().encode("utf-16-le"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(one in path.read_bytes() for one in spellings)]


def test_a_key_opens_and_is_kept_nowhere(tmp_path: Path, disk: Path, engine: Local) -> None:
    seized = tmp_path / "seized"
    seized.mkdir()
    (seized / "locked.7z").write_bytes(sevenzipped(("in.jpg", jpeg(82)), password=KEY))
    call("qemu-img", "convert", "--object", f"secret,id=k,data={KEY}", "-O", "luks", "-o", "key-secret=k,iter-time=10",
         disk, seized / "locked.img")  # fmt: skip
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    rig.run()
    assert {(where, code) for _, where, code in rig.problems()} == {
        ("locked.7z", "encrypted"), ("locked.img!luks", "encrypted"),
    }  # fmt: skip
    assert rig.holds()
    with_wrong = Local(1)
    try:
        rig.engine, rig.secrets = with_wrong, (b"no key at all",)
        rig.run()
        assert {code for _, _, code in rig.problems()} == {"encrypted"}
    finally:
        with_wrong.close()
    rig.engine, rig.secrets = engine, (b"no key at all", KEY.encode())
    rig.run()
    assert rig.problems() == {}
    files = rig.files()
    assert files["locked.7z!in.jpg"].sha256 != bytes(32)
    assert any(path.endswith("b.zip!in.jpg") for path in files)
    assert rig.all_holds()
    assert secret_files(rig.folder, KEY.encode()) == []
    rig.secrets = ()
    rig.run()
    assert rig.problems() == {}, "what was opened once stays listed"
    assert rig.all_holds()


def test_an_ordinary_users_read_only_evidence() -> None:
    """Root is allowed everything, so this is a process of another user where the tests run as root."""
    home = Path("/tmp") / f"vigie-user-{os.getpid()}"
    (seized := home / "seized").mkdir(parents=True)
    (work := home / "work").mkdir()
    try:
        become, interpreter = ordinary_user(home)
        (seized / "a.jpg").write_bytes(jpeg(85))
        (seized / "b.zip").write_bytes(zipped(("in.jpg", jpeg(83))))
        (seized / "secret.jpg").write_bytes(jpeg(84))
        (seized / "a.jpg").chmod(0o444)
        (seized / "secret.jpg").chmod(0o000)
        seized.chmod(0o555)
        tests = str(Path(__file__).parent.parent)
        command = [*become, interpreter, "-c", AS_USER, tests, str(work / "case"), str(seized)]
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": "/nonexistent"}  # no place to keep anything
        done = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == (
            "['a.jpg', 'b.zip', 'b.zip!in.jpg'] [('originals', 'secret.jpg', 'unreadable')]"
        )
    finally:
        seized.chmod(0o755)
        shutil.rmtree(home)


def ordinary_user(home: Path) -> tuple[list[str], str]:
    """Return how to become one, and a Python that one may start; ours may lie in root's own folder."""
    if os.geteuid():
        return [], sys.executable
    base = f"/usr/bin/python3.{sys.version_info.minor}"
    if shutil.which("setpriv") is None or not Path(base).exists():
        pytest.skip(f"needs setpriv and {base} to become an ordinary user: apt-get install util-linux python3")
    made = subprocess.run([base, "-m", "venv", "--without-pip", home / "venv"], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("the system's Python makes no environments: apt-get install python3-venv")
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site,) = (home / "venv").glob("lib/*/site-packages")
    (site / "ours.pth").write_text("\n".join([*libraries, str(Path(vigie.__file__).parents[1])]))
    os.chown(home / "work", 65534, 65534)
    home.chmod(0o755)
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
    return become, str(home / "venv" / "bin" / "python")


AS_USER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from kernel.rig import MEDIA, Rig
from vigie.kernel.local import Local
engine = Local(1)
try:
    rig = Rig(Path(sys.argv[2]), engine)
    rig.add(Path(sys.argv[3]))
    rig.run(MEDIA)
    assert rig.holds()
    print(sorted(rig.files()), sorted(rig.problems()))
finally:
    engine.close()
"""


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to("file")
    for name in ("pipe", "link", "."):
        with pytest.raises(OSError, match=r"regular|symbolic"):
            open_original(os.fsencode(tmp_path / name))
    with pytest.raises(FileNotFoundError):
        open_original(os.fsencode(tmp_path / "none"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    fd = open_original(os.fsencode(tmp_path / "file"))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(fd, b"2")
    os.close(fd)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_difference_is_seen_by_content_not_by_time(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    fd = open_original(os.fsencode(path))
    sha256, modified = digest_of(fd), blob.time_of(os.fstat(fd).st_mtime_ns)
    os.close(fd)
    raw = os.fsencode(path)
    assert differs(raw, 3, modified, sha256) == ""
    os.utime(path, (1, 1))
    assert differs(raw, 3, modified, sha256) == "", "touched, and the same bytes"
    path.write_bytes(b"two")
    assert sha256.hex() in differs(raw, 3, modified, sha256)
    assert differs(raw, 3, None, sha256)


@pytest.mark.parametrize("size", [0, 1, (1 << 16) + 1])
def test_a_spool_gives_back_what_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(blob, "IN_MEMORY_BYTES", 1 << 16)
    data = os.urandom(size)
    spool = Spool(tmp_path)
    for start in range(0, size, 5000):
        spool.add(data[start : start + 5000])
    assert spool.in_memory == (size <= 1 << 16)
    with spool.blob() as held:
        assert os.read(held.fd, size + 1) == data
        assert digest_of(held.fd) == held.sha256
        assert held.size_bytes == size
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(held.fd, b"x")
    assert list(tmp_path.iterdir()) == [], "no copy of evidence stands under any name"
