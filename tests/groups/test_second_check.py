"""Pictures shown in a page, or with something laid over them, are found again and proved by the second check."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kernel.rig import Rig
from vigie.kernel.local import Local
from vigie.rows.artefacts import File
from vigie.rows.groups import Candidate, Compared, Member
from vigie.rows.problems import Problem


def scene(seed, size=(640, 480)):
    """A picture with structure everywhere: shapes over a gradient."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = rng.integers(0, size[0] - 40), rng.integers(0, size[1] - 40)
        w, h = rng.integers(8, 90, 2)
        shape = (pen.ellipse, pen.rectangle)[rng.integers(2)]
        shape((int(x), int(y), int(x + w), int(y + h)), fill=tuple(int(c) for c in rng.integers(0, 256, 3)))
    return image


def page(image, ground):
    """A screenshot that shows the picture among other boxes."""
    out = Image.new("RGB", (1280, 1024), ground)
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, 0, 1280, 50), fill=(60, 90, 160))
    pen.rectangle((40, 900, 300, 960), fill=(200, 80, 80))
    for line in range(6):
        pen.text((900, 200 + 30 * line), "some words beside the picture", fill=(128, 128, 128))
    out.paste(image.resize((560, 420), Image.Resampling.LANCZOS), (180, 260))
    return out


def banded(image):
    out = image.copy()
    pen = ImageDraw.Draw(out)
    pen.rectangle((30, 380, 610, 430), fill="black")
    pen.text((40, 395), "vigie.example 2026", fill="white")
    return out


def jpeg(image):
    held = io.BytesIO()
    image.save(held, "JPEG", quality=85)
    return held.getvalue()


@pytest.fixture(scope="module")
def engine():
    one = Local(1)
    yield one
    one.close()


@pytest.fixture(scope="module")
def rig(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("seizure")
    for seed in range(6):
        (folder / f"{seed}.jpg").write_bytes(jpeg(scene(seed)))
    (folder / "light.jpg").write_bytes(jpeg(page(scene(0), (240, 240, 240))))
    (folder / "band.jpg").write_bytes(jpeg(banded(scene(2))))
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("dark.jpg", jpeg(page(scene(1), (20, 20, 20))))
        archive.writestr("3 and 4.jpg", jpeg(beside(scene(3), scene(4))))
    one = Rig(tmp_path_factory.mktemp("case"), engine)
    one.add(folder)
    one.run()
    return one


def beside(one, other):
    out = Image.new("RGB", (1400, 560), (250, 250, 250))
    out.paste(one, (30, 40))
    out.paste(other, (720, 40))
    return out


@pytest.fixture(scope="module")
def name(rig):
    names = {one.sha256: one.locator.split("!")[-1].split("/")[-1] for one in rig.case.read(File)}
    return names.__getitem__


def test_what_a_page_shows_and_what_a_band_covers_is_proved(rig, name):
    proved = {frozenset((name(one.a), name(one.b))) for one in rig.case.read(Compared) if one.verdict == "same"}
    assert proved == {
        frozenset(("0.jpg", "light.jpg")),
        frozenset(("1.jpg", "dark.jpg")),
        frozenset(("2.jpg", "band.jpg")),
        frozenset(("3.jpg", "3 and 4.jpg")),
        frozenset(("4.jpg", "3 and 4.jpg")),
    }


def test_the_row_says_where_the_picture_lies(rig, name):
    (one,) = [one for one in rig.case.read(Compared) if "light.jpg" in (name(one.a), name(one.b))]
    shown = one.a if one.variant_of == "a" else one.b
    assert name(shown) == "light.jpg"
    left, top, width, height = map(int, one.variant.removeprefix("region:").split(","))
    assert (left, top, width, height) == pytest.approx((141, 254, 438, 410), abs=4)
    assert one.inliers >= 50
    assert one.agreement > 0.8
    assert abs(one.degrees) < 1


def test_a_page_with_one_picture_joins_its_group_and_one_with_two_joins_none(rig, name):
    group = {name(one.content): one.group for one in rig.case.read(Member)}
    assert group["light.jpg"] == group["0.jpg"]
    assert group["dark.jpg"] == group["1.jpg"]
    assert group["band.jpg"] == group["2.jpg"]
    assert len({group[one] for one in ("3.jpg", "4.jpg", "3 and 4.jpg")}) == 3


def test_every_candidate_has_a_row_or_a_problem(rig):
    rows = {one.candidate for one in rig.case.read(Compared)}
    lost = {one.unit for one in rig.case.read(Problem) if one.stage == "compared"}
    assert {one.key for one in rig.case.read(Candidate)} == rows | lost
    assert not rows & lost
    assert rig.all_holds()
