"""Which key frames are looked at: the first in each few seconds, all where times do not say."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.cell.media import video
from vigie.cell.media.sparse import Sparse


def times(answer):
    return [round(each.at_s, 2) for each in answer.prints]


@pytest.mark.parametrize(
    ("apart_s", "kept"),
    [(0, range(0, 400, 5)), (4.0, range(0, 400, 20)), (5.0, range(0, 400, 25)), (100.0, range(0, 400, 25))],
)
def test_the_first_key_frame_of_each_stretch(ask, clip, apart_s, kept):
    """Eighty seconds with a key frame a second; never fewer than sixteen of them."""
    data = clip("matroska", "ffv1", gop=5, rate=5, frames=400, size=(32, 24), still=True, g=5)
    answer = ask(data, "video/x-matroska", sampling="key", key_apart_s=apart_s)
    assert times(answer) == pytest.approx([number / 5 for number in kept], abs=0.002)
    assert [each.frame for each in answer.prints] == list(range(len(kept)))
    assert answer.facts.frames == 400
    assert not answer.troubles


@pytest.mark.parametrize(
    ("format_", "codec", "content_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mpegts", "libx264", "video/mp2t"),
        ("mp4", "libx265", "video/mp4"),
        ("webm", "libvpx-vp9", "video/webm"),
        ("avi", "mpeg4", "video/x-msvideo"),
        ("vob", "mpeg2video", "video/mpeg"),
    ],
)
def test_what_is_left_out_changes_no_other_frame(ask, clip, format_, codec, content_type):
    """Open groups of pictures, delayed output, reordered frames: the rest is the same bit for bit."""
    more = {"x265-params": "log-level=none:pools=1:open-gop=1:keyint=5"} if codec == "libx265" else {}
    data = clip(format_, codec, frames=120, gop=5, rate=5, size=(96, 64), **more)
    every = ask(data, content_type, sampling="key", key_apart_s=0)
    few = ask(data, content_type, sampling="key", key_apart_s=1e6)
    assert 12 <= len(few.prints) < len(every.prints)
    assert times(few)[0] == times(every)[0]
    assert {(each.at_s, each.value) for each in few.prints} <= {(each.at_s, each.value) for each in every.prints}


def test_a_film_that_does_not_say_how_long_it_is_keeps_all(clip):
    data = clip("webm", "libvpx", frames=40, gop=1, rate=25, muxing={"live": "1"})
    with av.open(io.BytesIO(data)) as container:
        assert not container.duration
    found = video.sample(io.BytesIO(data), "video/webm", "key", 10**6, 100, key_apart_s=4.0)
    assert len(found.prints) == 40


def test_where_time_goes_back_it_begins_anew():
    """A recording joined of two, as transport streams are."""
    assert chosen(4.0, [0, 2, 4, 6, 8, 0, 2, 4, 5]) == [0, 4, 8, 0, 4]


def test_without_time_stamps_all_are_kept():
    assert chosen(4.0, [None] * 5) == [None] * 5
    assert chosen(4.0, [7, 7, 7, 7]) == [7] * 4


def test_after_one_that_cannot_be_read_the_next_is_taken():
    keys = Sparse(4.0)
    keys.took(0.0)
    assert keys.wants(4.0)  # and it failed: nobody says took
    assert keys.wants(5.0)
    keys.took(5.0)
    assert not keys.wants(6.0)


def chosen(every_s, at):
    keys = Sparse(every_s)
    out = []
    for each in at:
        if keys.wants(each):
            keys.took(each)
            out.append(each)
    return out


@given(st.floats(0.01, 100), st.lists(st.floats(0, 10), min_size=1, max_size=60))
def test_no_stretch_that_has_one_is_without(every_s, gaps):
    """Every key frame has one that was kept less than a stretch before it, and no stretch has two."""
    at = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    kept = chosen(every_s, at)
    assert kept[0] == at[0]
    for each in at:
        assert min(each - one for one in kept if one <= each) <= every_s
    ordered = sorted(set(kept))
    numbers = [(one - at[0]) // every_s for one in ordered]
    assert len(set(numbers)) == len(numbers)
