"""Bars at the edges of a film: frames carry a second hash, of what is between them; others do not."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from vigie.numeric.bars import Bars
from vigie.numeric.pdq import hash_rgb

SIZE = (320, 240)


def bits(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.fixture(scope="module")
def pictures(draw):
    return [draw(*SIZE, seed=seed) for seed in range(8)]


def film(pictures, *, top=0, left=0, bottom=0, right=0, level=16, changed=None, pixels="yuv420p"):
    """Each picture for a second, within bars of so many pixels."""
    held = io.BytesIO()
    with av.open(held, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=5, options={"crf": "23"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixels
        stream.codec_context.gop_size, stream.codec_context.thread_count = 5, 1
        for number, image in enumerate(pictures):
            small = Image.fromarray(image).resize((SIZE[0] - left - right, SIZE[1] - top - bottom))
            out = np.full((SIZE[1], SIZE[0], 3), level, np.uint8)
            out[top : SIZE[1] - bottom, left : SIZE[0] - right] = np.asarray(small)
            frame = av.VideoFrame.from_ndarray(changed(number, out) if changed else out, format="rgb24")
            for _ in range(5):
                container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))
    return held.getvalue()


@pytest.mark.parametrize("sampling", ["key", "dense"])
@pytest.mark.parametrize(
    "bars",
    [
        {"top": 30, "bottom": 30},
        {"left": 40, "right": 40},
        {"top": 24, "bottom": 16, "left": 10, "right": 30},
        {"top": 6, "bottom": 20, "level": 235},
        {"top": 30, "bottom": 30, "pixels": "yuv420p10le"},
    ],
)
def test_what_is_between_the_bars_has_its_own_hash(ask, pictures, sampling, bars):
    answer = ask(film(pictures, **bars), "video/x-matroska", sampling=sampling, key_apart_s=0)
    for each in answer.prints:
        plain = hash_rgb(pictures[min(int(each.at_s + 0.01), 7)])
        assert bits(each.trimmed.value, plain.value) <= 20
        assert abs(each.trimmed.quality - plain.quality) <= 10
    assert {int(each.at_s + 0.01) for each in answer.prints} == set(range(8))


@pytest.mark.parametrize("sampling", ["key", "dense"])
def test_a_film_without_bars_has_no_second_hash(ask, pictures, sampling):
    answer = ask(film(pictures), "video/x-matroska", sampling=sampling)
    assert {each.trimmed for each in answer.prints} == {None}


def test_a_dark_scene_and_a_black_frame_do_not_widen_the_bars(ask, pictures):
    """The first shows black lines inside the film, too, and says so for a second only."""

    def darker(number, image):
        if number == 0:
            image[:80] = 16
        return np.full_like(image, 16) if number == 3 else image

    data = film(pictures, top=30, bottom=30, changed=darker)
    answer = ask(data, "video/x-matroska", key_apart_s=0)
    for each in answer.prints:
        number = int(each.at_s + 0.01)
        if number not in (0, 3):
            assert bits(each.trimmed.value, hash_rgb(pictures[number]).value) <= 20


def test_bars_that_come_and_go_are_none(ask, pictures):
    data = film(
        pictures, changed=lambda number, image: np.where(np.arange(240)[:, None, None] < 40 * (number % 2), 16, image)
    )
    assert {each.trimmed for each in ask(data, "video/x-matroska", key_apart_s=0).prints} == {None}


def test_black_film_tells_nothing():
    bars = Bars(48, 64)
    for level in (0, 16, 128, 255):
        bars.look(np.full((48, 64), level, np.uint8))
    assert bars.inside() is None


def test_one_line_is_no_bar():
    plane = np.random.default_rng(1).integers(0, 256, (480, 640), dtype=np.uint8)
    plane[:2] = plane[-2:] = 16
    bars = Bars(480, 640)
    bars.look(plane)
    assert bars.inside() is None
    plane[:20] = 16
    bars = Bars(480, 640)
    bars.look(plane)
    assert bars.inside() == (20, 0, 478, 640)


def test_a_sky_is_no_bar():
    """Of two opposite sides both have one, and of one level."""
    plane = np.random.default_rng(1).integers(0, 256, (480, 640), dtype=np.uint8)
    plane[:60] = 200
    for below in (None, 16):
        plane[-10:] = plane[-10:] if below is None else below
        bars = Bars(480, 640)
        bars.look(plane)
        assert bars.inside() is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_small_planes(shape):
    bars = Bars(*shape)
    bars.look(np.zeros(shape, np.uint8))
    bars.look((np.arange(shape[0] * shape[1]) * 97 % 256).astype(np.uint8).reshape(shape))
    inside = bars.inside()
    assert inside is None or (inside.top < inside.bottom and inside.left < inside.right)
