"""An image that does not hold what it says: refused, and gone on with only where the examiner says so of it."""

import json
import os
import shutil
import subprocess

import pytest

from vigie.desk.cli import call


def damaged(folder, name):
    """An E01 of random bytes with one bit turned in its data."""
    image = acquired(folder, name, os.urandom(1 << 20))
    raw = bytearray(image.read_bytes())
    raw[len(raw) // 2] ^= 1
    image.write_bytes(raw)
    return image


def acquired(folder, name, content):
    if not shutil.which("ewfacquire"):
        pytest.skip("ewfacquire is not there: apt install ewf-tools")
    folder.mkdir()
    (folder / "raw").write_bytes(content)
    command = ["ewfacquire", "-u", "-c", "fast", "-t", str(folder / name), str(folder / "raw")]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "raw").unlink()
    return folder / f"{name}.E01"


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


def test_damage_that_no_digest_tells_stops_it_too(tmp_path, vigie):
    """One bit of a chunk of zeros, which libewf reads as zeros: the digest of the whole is right all the same."""
    image = acquired(tmp_path / "z", "z", bytes(1 << 20))
    raw = bytearray(image.read_bytes())
    raw[raw.index(b"sectors\0") + 76 + 20] ^= 0xFF
    image.write_bytes(raw)
    case = tmp_path / "case"
    assert call(["new", str(case), "--authority", "A", "--examiner", "E"]) == 0
    code, _, err = vigie("add", case, image)
    assert code == 3
    assert "chunk 0 (sectors 0 to 63): its checksum fails" in " ".join(err.split())
    assert vigie("run", case)[0] == 3
    assert vigie("add", case, image, "--accept-mismatch", "the only copy")[0] == 0
    assert vigie("report", case)[0] == 0
    assert "damaged (1: chunk 0" in (case / "report.html").read_text()
