"""Hashes of variants: those of the pictures that the edits really make, to a few bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from vigie.numeric import pdq
from vigie.numeric.variants import HELD, NAMES, QUERY, TRIMMED, TURNED, Recipe, all_of, prints
from vigie.numeric.variants_packed import RECORD, unpacked
from vigie.numeric.variants_view import view_of
from vigie.rows.fingerprints import CROPS, EDITED, VARIANTS
from vigie.rows.fingerprints import TRIMMED as ROWS_TRIMMED
from vigie.rows.fingerprints import TURNED as ROWS_TURNED

SIZES = [(640, 480), (333, 777), (1500, 1000)]
SEVERAL = 12
"""Bits that a view of 256 cells and PDQ's own rounding of places may cost; a third of what counts as near."""


def drawn(width, height, seed=5):
    """Overlapping shapes: gradients at all of PDQ's frequencies, as photographs have."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), (120, 130, 110))
    pen = ImageDraw.Draw(picture)
    for _ in range(80):
        x, y = rng.uniform(-0.1, 1.1, 2)
        a, b = rng.uniform(0.05, 0.35, 2)
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        box = (x * width, y * height, (x + a) * width, (y + b) * height)
        shape(box, fill=tuple(int(c) for c in rng.integers(0, 256, 3)))
    return picture


def bits(one, other):
    return int(np.bitwise_count(np.frombuffer(bytes(one), np.uint8) ^ np.frombuffer(bytes(other), np.uint8)).sum())


def plain(image):
    return pdq.hash_rgb(np.asarray(image)).value


def made(image):
    _, found = all_of(np.asarray(image))
    return dict(zip(found.names, found.values, strict=True))


def framed(image, across, down, colour):
    out = Image.new("RGB", (image.width + 2 * across, image.height + 2 * down), colour)
    out.paste(image, (across, down))
    return out


def test_the_names_are_those_of_the_rows():
    assert NAMES == VARIANTS
    assert (*TURNED, *TRIMMED) == (*ROWS_TURNED, *ROWS_TRIMMED)
    assert tuple(one.name for one in QUERY) == EDITED
    assert tuple(one.name for one in HELD) == CROPS


@pytest.mark.parametrize("size", SIZES)
def test_as_it_is_and_turned_are_exact(size):
    image = drawn(*size)
    found = made(image)
    turns = pdq.orientations(np.asarray(image))
    for name, value in zip(("", *TURNED), turns.values, strict=True):
        assert found[name].tobytes() == value.tobytes()
    assert found[""].tobytes() == plain(image)


@pytest.mark.parametrize("size", SIZES)
def test_a_crop_is_that_of_the_cropped_picture(size):
    image = drawn(*size)
    found = made(image)
    for one in HELD:
        w, h = image.size
        box = (round(one.left * w), round(one.top * h), round(one.right * w), round(one.bottom * h))
        assert bits(found[one.name], plain(image.crop(box))) <= SEVERAL, one.name


@pytest.mark.parametrize("off", [(3.5, 8, 0, 0), (0, 0, 7.9, 2), (0, 5.7, 0, 9.9), (5.7, 0, 0, 5.7), (0, 0, 8.7, 0)])
def test_a_cut_between_two_steps_meets_one_of_the_crops(off):
    """Per cent off top, left, bottom, right."""
    image = drawn(900, 700)
    top, left, bottom, right = off
    cut = image.crop((round(9 * left), round(7 * top), round(900 - 9 * right), round(700 - 7 * bottom)))
    found = made(image)
    assert min(bits(found[name], plain(cut)) for name in CROPS) <= 24


@pytest.mark.parametrize("size", SIZES)
def test_a_tilt_undoes_a_tilt(size):
    image = drawn(*size)
    for degrees in (-4, -1.8, 2.5, 5):
        tilted = image.rotate(degrees, Image.Resampling.BICUBIC)  # counter-clockwise, black corners
        name = f"tilt{degrees:+g}"
        undone, as_it_is = bits(made(tilted)[name], plain(image)), bits(plain(tilted), plain(image))
        assert undone <= 31, name
        assert undone < as_it_is, name


def test_a_pad_gives_back_the_frame():
    image = drawn(900, 700)
    cut = image.crop((22, 17, 878, 683))  # 2.4 % a side; what was there can only be guessed
    assert bits(made(cut)["pad2.5"], plain(image)) < bits(plain(cut), plain(image)) / 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("across", "down", "colour"), [(60, 40, "black"), (90, 90, "white"), (0, 80, (30, 30, 90))])
def test_a_border_is_trimmed_in_every_orientation(size, across, down, colour):
    image = drawn(*size)
    found = made(framed(image, across, down, colour))
    turns = pdq.orientations(np.asarray(image))
    for name, value in zip(TRIMMED, turns.values, strict=True):
        assert bits(found[name], value) <= 24, name


def test_without_a_border_nothing_is_trimmed():
    assert not set(TRIMMED) & set(made(drawn(640, 480)))
    assert view_of(np.full((300, 200, 3), 77, np.uint8)).inside is None, "what is all border has none"


def test_a_sky_below_a_bar_is_no_border():
    image = drawn(640, 480)
    ImageDraw.Draw(image).rectangle((0, 0, 640, 60), fill=(150, 180, 230))
    inside = view_of(np.asarray(framed(image, 0, 60, "black"))).inside
    assert inside is not None
    assert abs(inside.top - 60 / 600) < 0.01


def test_a_small_picture_is_only_turned():
    _, found = all_of(np.asarray(drawn(63, 200)))
    assert found.names == ("", *TURNED)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**32 - 1))
def test_any_size_and_any_pixels_give_hashes(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    hash_, found = all_of(image)
    assert found.values.shape == (len(found.names), 32)
    assert found.values[0].tobytes() == hash_.value
    assert ((found.quality >= 0) & (found.quality <= 100) & (found.weak >= 0) & (found.weak <= 256)).all()
    assert set(found.names) <= set(NAMES)


def test_a_flat_picture_is_weak_in_every_variant():
    _, found = all_of(np.full((200, 300, 3), 90, np.uint8))
    assert (found.quality == 0).all()
    assert (found.weak == 256).all()


def test_a_large_picture_read_in_part_gives_nearly_the_same():
    image = drawn(2600, 2100)
    whole = Recipe("whole")
    assert bits(prints(view_of(np.asarray(image)), (whole,)).values[0], plain(image)) <= 6


def test_records_come_back_in_order_and_without_the_poor():
    codes = np.random.default_rng(3).integers(0, 256, (4, 32), np.uint8)
    rows = [bytes((number, quality, weak)) + code.tobytes() for (number, quality, weak), code in zip(
        [(5, 90, 1), (0, 49, 1), (2, 50, 64), (1, 90, 65)], codes, strict=True)]  # fmt: skip
    found = unpacked([b"", b"".join(rows), rows[2]], least_quality=50, most_weak=64)
    assert found.still.tolist() == [1, 1, 2]
    assert found.number.tolist() == [2, 5, 2]
    assert found.code.view(np.uint8).reshape(-1, 32).tolist() == codes[[2, 0, 2]].tolist()
    with pytest.raises(ValueError, match="no whole number"):
        unpacked([bytes(RECORD + 1)], least_quality=50, most_weak=64)
