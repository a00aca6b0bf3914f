"""A small case made by the command line itself, from pictures drawn here."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vigie.desk.cli import call
from vigie.numeric.pdq import hash_rgb

EVIL = (b"[red]alarm.png", b"=cmd()|calc.png", "\u202egnp.exe.png".encode(), b"new\nline.png", b"caf\xe9.png")


def picture(seed: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A smooth random field: rich in the low frequencies that PDQ looks at."""
    field = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(field).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def seizure(tmp_path_factory):
    """A folder of evidence, and a list that names one of its pictures."""
    root = tmp_path_factory.mktemp("seizure")
    evidence = root / "server"
    (evidence / "up").mkdir(parents=True)
    for seed in range(6):
        picture(seed).save(evidence / "up" / f"p{seed}.png")
    picture(3, (200, 150)).save(evidence / "up" / "again.jpg", quality=80)
    shutil.copy(evidence / "up/p0.png", evidence / "copy.png")
    (evidence / "notes.txt").write_text("nothing")
    (evidence / "broken.png").write_bytes((evidence / "up/p5.png").read_bytes()[:300])
    for seed, name in enumerate(EVIL, 20):
        picture(seed).save(os.fsdecode(os.fsencode(evidence) + b"/" + name), format="png")
    digest = hashlib.sha256((evidence / "up/p3.png").read_bytes()).hexdigest()
    value = hash_rgb(np.asarray(Image.open(evidence / "up/p3.png"))).value.hex()
    (root / "unit.csv").write_text(f"Ref,Digest,Print\nU1,{digest},{value}\n")
    (root / "mapping.toml").write_text('entry = "Ref"\nsha256 = "Digest"\npdq = "Print"\n')
    return root


@pytest.fixture(scope="session")
def whole(seizure, tmp_path_factory):
    """A case that was run to its end; not to be changed."""
    case = tmp_path_factory.mktemp("cases") / "whole"
    assert call(["new", str(case), "--authority", "[b]Unit[/b]", "--examiner", "A. Person"]) == 0
    assert call(["add", str(case), str(seizure / "server"), "--jobs", "1"]) == 0
    assert call(["lists", "add", str(case), str(seizure / "unit.csv"), "--mapping", str(seizure / "mapping.toml")]) == 0
    assert call(["run", str(case), "--engine", "inline"]) == 0
    return case


@pytest.fixture
def case(whole, tmp_path) -> Path:
    """A copy of it that may be changed."""
    return Path(shutil.copytree(whole, tmp_path / "case"))


@pytest.fixture
def vigie(capfd):
    """Run a command line in this process: exit code, stdout, stderr."""

    def run(*arguments):
        code = call([str(one) for one in arguments])
        said = capfd.readouterr()
        return code, said.out, said.err

    capfd.readouterr()
    return run
