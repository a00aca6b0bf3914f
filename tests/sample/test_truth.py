"""The truth names every file of the evidence and nothing else, and says of each what independent readers see."""

import hashlib
import io
import os
import subprocess
import sys
from collections import defaultdict

import av
import numpy as np
import pytest
from PIL import Image

from vigie.numeric.pdq import hash_rgb
from vigie.rows.codes import CODES
from vigie.rows.matches import STANDINGS
from vigie.sample.drawing import STREAMS, generator
from vigie.sample.edits import EDITS
from vigie.sample.make import make
from vigie.sample.plan import SCALES, plan


def test_truth_covers_every_file_and_no_other(found, truth):
    assert set(found) == set(truth)


def test_digests_are_those_of_the_files(found, truth):
    told = {locator: truth[locator]["sha256"] for locator, data in found.items() if data is not None}
    assert told == {locator: hashlib.sha256(data).digest() for locator, data in found.items() if data is not None}


def test_columns_hold_only_what_they_may(truth):
    for row in truth.values():
        assert row["kind"] in {"image", "video", "container", "other"}
        assert row["standing"] in {"", *STANDINGS}
        assert row["problem"] == "" or row["problem"] in CODES
        assert bool(row["family"]) == bool(row["edit"])
        assert row["family"] or not row["reachable"]


def test_every_standing_and_every_hard_case_is_there(truth, case):
    rows = truth.values()
    assert {row["standing"] for row in rows} == {"", *STANDINGS}
    assert {row["problem"] for row in rows if row["problem"]} == {
        "truncated", "decode_error", "empty", "encrypted", "traversal", "bad_checksum", "link"
    }  # fmt: skip
    assert any(not row["reachable"] for row in rows if row["edit"] in EDITS and EDITS[row["edit"]].far)
    assert case.images >= 120
    assert case.videos >= 12
    depths = {locator.count("!") for locator in truth}
    assert depths >= {0, 1, 2, 3}


def test_media_decode_and_are_what_truth_says(found, truth):
    """Whatever the name: each picture and video without a Problem opens and has more than one colour."""
    for locator, row in truth.items():
        data = found[locator]
        if row["problem"] or row["kind"] not in {"image", "video"}:
            continue
        if row["kind"] == "image":
            with Image.open(io.BytesIO(data)) as image:
                assert hash_rgb(np.asarray(image.convert("RGB"))).quality > 50, locator
        else:
            with av.open(io.BytesIO(data)) as given:
                frames = [frame.pts for frame in given.decode(video=0)]
                assert len(frames) >= 40, locator
                assert frames == sorted(set(frames)), locator


def test_copies_have_the_bytes_of_a_member_of_their_family(truth):
    others = defaultdict(set)
    for row in truth.values():
        if row["edit"] != "copy":
            others[row["family"]].add(row["sha256"])
    copies = [row for row in truth.values() if row["edit"] == "copy"]
    assert copies
    assert all(row["sha256"] in others[row["family"]] for row in copies)


def test_families_do_not_share_contents(truth):
    family = defaultdict(set)
    for row in truth.values():
        if row["family"]:
            family[row["sha256"]].add(row["family"])
    assert all(len(names) == 1 for names in family.values())


def test_same_seed_same_bytes_in_another_process(case, tmp_path):
    """Neither the order of a set nor memory that nobody initialised may show in a file."""
    code = "import sys, pathlib, vigie.sample.make as m; m.make(pathlib.Path(sys.argv[1]), seed=7, size='small')"
    env = os.environ | {"PYTHONHASHSEED": "12345", "MALLOC_PERTURB_": "85"}
    subprocess.run([sys.executable, "-c", code, tmp_path / "again"], check=True, env=env)
    assert _state(case.folder) == _state(tmp_path / "again")


def _state(folder):
    return {
        path.relative_to(folder): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime if path.is_relative_to(folder / "evidence") else 0,
        )
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def test_another_seed_is_another_case():
    assert list(plan(1, "small")) != list(plan(2, "small"))


@pytest.mark.parametrize("size", ["small", "medium"])
def test_plan_holds_what_the_size_promises(size):
    families = list(plan(3, size))
    for kind, wanted in (("image", SCALES[size].images), ("video", SCALES[size].videos)):
        assert sum(len(one.members) for one in families if one.kind == kind) == wanted
    steps = [member.steps for one in families for member in one.members]
    assert len(set(steps)) == len(steps)
    assert len({one.name for one in families}) == len(families)
    assert list(plan(3, size)) == families


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="is not empty"):
        make(tmp_path, seed=1, size="small")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_streams_do_not_share_numbers():
    drawn = {stream: generator(1, stream, 5).integers(0, 1 << 62) for stream in STREAMS}
    assert len(set(drawn.values())) == len(STREAMS)
