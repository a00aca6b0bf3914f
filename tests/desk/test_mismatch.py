"""An image that does not hold what it says: refused, and gone on with only where the examiner says so of it."""

import json
import os
import shutil
import subprocess

import pytest

from vigie.desk.cli import call


def damaged(folder, name):
    """An E01 of random bytes with one bit turned in its data."""
    if not shutil.which("ewfacquire"):
        pytest.skip("ewfacquire is not there: apt install ewf-tools")
    folder.mkdir()
    (folder / "raw").write_bytes(os.urandom(1 << 20))
    command = ["ewfacquire", "-u", "-c", "none", "-t", str(folder / name), str(folder / "raw")]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "raw").unlink()
    image = folder / f"{name}.E01"
    raw = bytearray(image.read_bytes())
    raw[len(raw) // 2] ^= 1
    image.write_bytes(raw)
    return image


def test_accepting_one_damaged_image_accepts_no_other(tmp_path, vigie):
    case, a, b = tmp_path / "case", damaged(tmp_path / "a", "a"), damaged(tmp_path / "b", "b")
    assert call(["new", str(case), "--authority", "A", "--examiner", "E"]) == 0
    code, _, err = vigie("add", case, a)
    assert code == 3
    assert "a.E01" in err
    assert "--accept-mismatch" in err
    assert vigie("add", case, a, "--accept-mismatch", "the only copy")[0] == 0
    assert vigie("report", case)[0] == 0
    assert "because: the only copy" in (case / "report.html").read_text()
    assert vigie("add", case, b)[0] == 3
    code, _, err = vigie("add", case, a, "--accept-mismatch", "the only copy")
    assert code == 3
    assert "b.E01" in err
    assert vigie("run", case)[0] == 3
    entries = [json.loads(line) for line in (case / "custody.log").read_text().splitlines()]
    assert [one["about"]["reason"] for one in entries if one["act"] == "mismatch_accepted"] == ["the only copy"]
