"""Laying one still over another: whatever the two are, it ends in one answer or one verdict, within its bounds."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from media.conftest import drawn
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import compare
from vigie.cell.media import images, overlay
from vigie.kernel.cell import Cell, Limits
from vigie.rows.wire import Box, Compare, Done, Failed, Laid

JPEG, PNG = "image/jpeg", "image/png"


def saved(image, form="PNG"):
    held = io.BytesIO()
    image.save(held, form)
    return held.getvalue()


def picture(seed=0, size=(480, 360)):
    return Image.fromarray(np.asarray(drawn(*size, seed)))


def flat(level=128, size=(400, 300)):
    return Image.new("RGB", size, (level,) * 3)


def claims(width, height):
    """A PNG that says to be so large, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="module", autouse=True)
def _prepared():
    images.prepare()
    overlay.prepare()


def laid(one, other, types=(PNG, PNG), parts=(None, None)):
    answers = []
    files = [io.BytesIO(one), io.BytesIO(other)]
    bench = Bench(files=files, scratch=[], scratch_paths=[], send=answers.append)
    compare.run(Compare(content_types=types, parts=parts), bench)
    (answer,) = answers
    return answer


def test_identical_pictures_lie_exactly_over_each_other():
    found = laid(saved(picture()), saved(picture()))
    assert found.inliers == found.tried > 50
    assert (found.agreement, found.overlap_a, found.overlap_b) == (1.0, 1.0, 1.0)
    assert found.scale == pytest.approx(1, abs=1e-3)
    assert found.degrees == pytest.approx(0, abs=0.1)


def test_the_map_says_size_turn_and_place():
    whole = picture(3, (640, 480))
    shown = Image.new("RGB", (640, 480), (20, 20, 20))
    shown.paste(whole.resize((320, 240), Image.Resampling.LANCZOS), (300, 20))
    found = laid(saved(whole), saved(shown))
    assert found.scale == pytest.approx(0.5, abs=0.01)
    assert found.shift_x == pytest.approx((300 + 160) / 640 - 0.5, abs=0.01)
    assert found.shift_y == pytest.approx((20 + 120) / 480 - 0.5, abs=0.01)
    assert found.overlap_b == pytest.approx(0.25, abs=0.02)
    assert found.agreement > 0.8
    turned = laid(saved(whole), saved(whole.rotate(-30, Image.Resampling.BICUBIC)))
    assert turned.degrees == pytest.approx(30, abs=1)


def test_the_same_bytes_give_the_same_answer():
    one, other = saved(picture(4)), saved(picture(4).resize((300, 220)), "JPEG")
    assert laid(one, other, (PNG, JPEG)) == laid(one, other, (PNG, JPEG))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (15, 15), (400, 300)])
def test_flat_and_tiny_pictures_have_no_features(size):
    found = laid(saved(flat(size=size)), saved(picture()))
    assert (found.features, found.tried, found.inliers, found.agreement) == (0, 0, 0, 0)
    assert laid(saved(flat()), saved(flat(10, size))).features == 0


def test_different_pictures_are_not_the_same():
    for seed in range(6):
        found = laid(saved(picture(seed)), saved(picture(seed + 50)))
        assert found.inliers < 12 or found.agreement < 0.3


def test_repeated_patterns_and_noise_stay_within_bounds():
    board = Image.fromarray(np.uint8(np.indices((300, 400)).sum(axis=0) // 20 % 2 * 255))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8))
    for one in (board, noise):
        for other in (board, noise, picture()):
            found = laid(saved(one), saved(other))
            assert 0 <= found.inliers <= found.tried <= found.features <= overlay.FEATURES + 50


def test_parts_are_compared_alone_and_empty_ones_refused():
    page = Image.new("RGB", (900, 700), "white")
    page.paste(picture(), (300, 200))
    box = Box(left=333, top=285, width=534, height=516)
    found = laid(saved(page), saved(picture()), parts=(box, None))
    assert found.overlap_a > 0.95
    assert found.scale == pytest.approx(1, abs=0.02)
    with pytest.raises(Refused, match="decode_error"):
        laid(saved(page), saved(picture()), parts=(Box(left=1000, top=0, width=0, height=1000), None))


HOSTILE = {
    "empty": (b"", "empty"),
    "no picture": (b"not a picture", "decode_error"),
    "cut": (saved(picture())[:2000], "truncated"),
    "too large": (claims(60_000, 60_000), "too_large"),
    "says more than it has": (claims(4000, 4000), "truncated"),
}


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(("data", "code"), HOSTILE.values(), ids=list(HOSTILE))
def test_what_cannot_be_decoded_is_one_verdict_that_says_which(data, code, place):
    pair = [saved(picture()), saved(picture())]
    pair[place] = data
    with pytest.raises(Refused) as why:
        laid(*pair)
    assert why.value.code == code
    assert why.value.detail.startswith(("the first", "the second")[place])


def test_the_cell_answers_as_the_job_does(tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "compare.py").write_text("from vigie.cell.jobs.compare import JOB\n")
    paths = [tmp_path / "one", tmp_path / "other"]
    pairs = [(saved(picture()), saved(picture().resize((400, 300)))), (saved(flat()), saved(flat())), (b"x", b"y")]
    with Cell(scratch=tmp_path, jobs=tmp_path / "jobs") as cell:
        for pair in pairs:
            for path, data in zip(paths, pair, strict=True):
                path.write_bytes(data)
            with paths[0].open("rb") as one, paths[1].open("rb") as other:
                fds = [one.fileno(), other.fileno()]
                *replies, last = cell.ask(Compare(content_types=(PNG, PNG)), fds, limits=Limits(wall_s=30))
            if pair[0] == b"x":
                assert isinstance(last, Failed)
                assert last.code == "decode_error"
            else:
                assert isinstance(last, Done), last
                assert [type(one) for one in replies] == [Laid]
                assert replies == [laid(*pair)]
