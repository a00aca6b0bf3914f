"""Films: the same pictures in another container, ordinary edits, and what a film's outline promises."""

import av
import numpy as np
import pytest

from vigie.sample.encode import TARGETS, encode, remux
from vigie.sample.family_film import CONTAINERS, ORIGINALS, suffix
from vigie.sample.film import Film, film, frames
from vigie.sample.look import film as prints
from vigie.sample.look import ties

OUTLINE = Film(width=320, height=180, rate=24, scenes=(30, 30))


@pytest.fixture(scope="module")
def pictures():
    return [np.asarray(image) for image in frames(5, 1, OUTLINE)]


def decoded(path):
    with av.open(str(path)) as given:
        return [frame.to_ndarray().tobytes() for frame in given.decode(video=0)]


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_is_written_and_gives_the_same_bytes_twice(tmp_path, pictures, name):
    paths = [tmp_path / f"{number}{TARGETS[name].suffix}" for number in range(2)]
    for path in paths:
        encode(pictures, path, TARGETS[name], rate=24, gop=20, tags={"title": "t"})
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert len(decoded(paths[0])) == len(pictures)


@pytest.mark.parametrize("container", ["matroska", "mov", "mp4"])
def test_remux_keeps_every_frame_bit_for_bit(tmp_path, pictures, container):
    source, other = tmp_path / "a.mp4", tmp_path / "b"
    encode(pictures, source, TARGETS["h264-mp4"], rate=24, gop=20, tags={})
    remux(source, other, container)
    assert decoded(source) == decoded(other)
    assert source.read_bytes() != other.read_bytes()


def test_key_frames_come_at_least_as_often_as_asked(tmp_path, pictures):
    encode(pictures, tmp_path / "a.mp4", TARGETS["h264-mp4"], rate=24, gop=12, tags={})
    with av.open(str(tmp_path / "a.mp4")) as given:
        keys = [number for number, frame in enumerate(given.decode(video=0)) if frame.key_frame]
    assert max(np.diff([*keys, len(pictures)])) <= 12


def test_a_cut_makes_another_picture_and_a_second_does_not(tmp_path, pictures):
    encode(pictures, tmp_path / "a.mp4", TARGETS["h264-mp4"], rate=24, gop=50, tags={})
    seconds, keys = prints(tmp_path / "a.mp4")
    assert len(seconds) == 3
    assert ties(seconds[:1], keys[:1])
    assert not ties(seconds[2:], seconds[:1])


@pytest.mark.parametrize("small", [True, False])
def test_films_last_three_to_eight_seconds(small):
    for index in range(40):
        outline = film(9, index, small=small)
        assert 3 <= sum(outline.scenes) / outline.rate <= 8
        assert len(outline.scenes) >= 2
        assert outline.width % 2 == outline.height % 2 == 0


@pytest.mark.parametrize("index", range(len(ORIGINALS)), ids=ORIGINALS)
def test_every_original_can_change_its_container(tmp_path, pictures, index):
    """Matroska does not take every codec: a large sample met the one that a small one never drew."""
    target = TARGETS[ORIGINALS[index]]
    source, other = tmp_path / f"a{target.suffix}", tmp_path / f"b{suffix('remux', index)}"
    encode(pictures, source, target, rate=24, gop=12, tags={})
    remux(source, other, CONTAINERS[other.suffix])
    assert source.suffix != other.suffix
    assert other.stat().st_size > 1000
