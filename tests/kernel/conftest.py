"""A small seizure of drawn pictures, and a case that took it in."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vigie.steps
from drive import main
from vigie.kernel.case import Case
from vigie.kernel.local import Local
from vigie.kernel.settings import About

vigie.steps.load()


def draw(seed: int, side: int = 160) -> Image.Image:
    """Return a picture of overlapping gradients and boxes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side] / side
    image = np.stack([np.sin(x * rng.uniform(2, 9) + y * rng.uniform(2, 9) + c) for c in rng.uniform(0, 6, 3)], -1)
    for _ in range(12):
        top, left = rng.integers(0, side - 20, 2)
        height, width = rng.integers(10, 60, 2)
        image[top : top + height, left : left + width] += rng.uniform(-1, 1, 3)
    return Image.fromarray(np.uint8((image - image.min()) / np.ptp(image) * 255))


@pytest.fixture(scope="session")
def seizure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with 40 pictures, some twice, a zip with ten more, a text and a broken picture."""
    folder = tmp_path_factory.mktemp("seizure")
    (folder / "up").mkdir()
    for number in range(40):
        draw(number).save(folder / "up" / f"{number}.jpg", quality=85)
    for number in range(0, 20, 2):
        draw(number).resize((120, 120)).save(folder / "up" / f"{number}-small.png")
    (folder / "up" / "copy.jpg").write_bytes((folder / "up" / "1.jpg").read_bytes())
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        for number in range(50, 60):
            draw(number).save(folder / "member.webp")
            archive.write(folder / "member.webp", f"pics/{number}.webp")
    (folder / "member.webp").unlink()
    (folder / "notes.txt").write_text("nothing to see\n")
    (folder / "broken.jpg").write_bytes((folder / "up" / "2.jpg").read_bytes()[:900])
    (folder / "empty.jpg").touch()
    return folder


def new_case(folder: Path) -> Path:
    """Make an empty case."""
    Case.create(folder, About(name="t", authority="court", examiner="examiner", created="2026-11-22"))
    return folder


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory, seizure: Path) -> Path:
    """Return a case in which everything was run without a disturbance."""
    folder = new_case(tmp_path_factory.mktemp("done") / "case")
    main(folder, [str(seizure)])
    return folder


@pytest.fixture(scope="session")
def engine() -> Iterator[Local]:
    """Return one engine for all tests of this folder: a cell costs a second to start."""
    engine = Local(1)
    yield engine
    engine.close()
