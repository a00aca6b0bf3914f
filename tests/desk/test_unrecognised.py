"""A picture that nothing recognises as one is in no queue: so there is a word about it."""

import json
import zipfile

from vigie.desk.cli import call


def test_what_is_named_like_a_picture_and_is_none_is_named(tmp_path, vigie):
    case, seized = tmp_path / "case", tmp_path / "seized"
    seized.mkdir()
    noise = bytes(range(128, 256)) * 9
    for name in ("a.JPG", "b.bin", "c.txt"):
        (seized / name).write_bytes(noise)
    (seized / "d.jpg").write_text("<?php echo 1; ?>\n" * 9)  # known for what it is
    with zipfile.ZipFile(seized / "e.zip", "w") as out:
        out.writestr("f.mp4", noise)
    assert call(["new", str(case), "--authority", "A", "--examiner", "E"]) == 0
    assert vigie("add", case, seized)[0] == 0
    assert vigie("run", case, "--engine", "inline")[0] == 0
    rows = json.loads(vigie("show", case, "problems", "--json")[1])["rows"]
    assert {(one["subject"], one["code"]) for one in rows} == {
        ("seized!a.JPG", "unrecognised"),
        ("seized!e.zip!f.mp4", "unrecognised"),
    }
    assert not any(one["counts"] for one in rows)  # each is a file all the same
