"""Taking evidence in: once, with a manifest that any machine can check."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bad_input.makers import jpeg
from kernel.rig import Rig
from vigie.kernel.intake import sha256sum_line
from vigie.kernel.local import Local
from vigie.kernel.run import Recipe
from vigie.rows.evidence import Item

NAMES = (b"a.jpg", b"new\nline.jpg", b"back\\slash.jpg", b"caf\xe9\xff.jpg", b"bang!.jpg", b"-c", b"sub/b.jpg", b"r\rr")


def test_a_manifest_that_sha256sum_checks(tmp_path: Path, engine: Local) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is absent: apt-get install coreutils")
    seized = tmp_path / "seized"
    (seized / "sub").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        Path(os.fsdecode(os.fsencode(seized) + b"/" + name)).write_bytes(jpeg(110 + number))
    rig = Rig(tmp_path / "case", engine)
    taken = rig.add(seized)
    assert (taken.originals, taken.problems, taken.again) == (len(NAMES), 0, False)
    manifest = rig.folder / taken.manifest
    check = ["sha256sum", "--check", "--strict", "--quiet", str(manifest)]
    assert subprocess.run(check, cwd=seized, check=False, capture_output=True).returncode == 0
    size = rig.case.custody.size
    assert rig.add(seized).again
    assert rig.case.custody.size == size
    assert len(rig.case.read(Item)) == 1
    (seized / "a.jpg").write_bytes(jpeg(3))
    assert subprocess.run(check, cwd=seized, check=False, capture_output=True).returncode == 1


def test_one_file_is_an_item_too(tmp_path: Path, engine: Local) -> None:
    path = tmp_path / "new\nline.jpg"
    path.write_bytes(jpeg(120))
    rig = Rig(tmp_path / "case", engine)
    taken = rig.add(path)
    assert taken.item.isprintable()
    assert (rig.folder / taken.manifest).read_bytes().startswith(b"\\")
    rig.run(("files", "prints"))
    (one,) = rig.case.read(Item)
    assert one.kind == "file"
    assert rig.problems() == {}


def test_an_empty_folder(tmp_path: Path, engine: Local) -> None:
    (tmp_path / "nothing").mkdir()
    rig = Rig(tmp_path / "case", engine)
    taken = rig.add(tmp_path / "nothing")
    assert (taken.originals, taken.size_bytes, taken.problems) == (0, 0, 0)
    rig.run()
    assert rig.all_holds()


def test_a_case_without_evidence(tmp_path: Path, engine: Local) -> None:
    rig = Rig(tmp_path / "case", engine)
    rig.run()
    assert rig.all_holds()


def test_lines_as_coreutils_write_them() -> None:
    digest = bytes(32)
    assert sha256sum_line(digest, b"a b") == b"0" * 64 + b"  a b\n"
    assert sha256sum_line(digest, b"a\nb") == b"\\" + b"0" * 64 + b"  a\\nb\n"
    assert sha256sum_line(digest, b"a\\b") == b"\\" + b"0" * 64 + b"  a\\\\b\n"


@pytest.mark.parametrize(
    "other",
    [
        {"stage": "y"}, {"code": "y"}, {"params": {"a": 2}}, {"inputs": {"t": ["2"]}}, {"tools": {"numpy": "2"}},
        {"cell": "y"}, {"attempt": 1},
    ],
)  # fmt: skip
def test_all_that_decides_what_comes_out_is_in_the_name_of_a_run(other: dict[str, object]) -> None:
    given = {
        "stage": "x",
        "code": "x",
        "params": {"a": 1},
        "inputs": {"t": ["1"]},
        "tools": {"numpy": "1"},
        "cell": "x",
    }
    one, two = Recipe(**given), Recipe(**{**given, **other})
    assert one.id == Recipe(**given).id
    assert one.id != two.id
    assert (one.kind == two.kind) == (other.keys() <= {"inputs", "attempt"})
