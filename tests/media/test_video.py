"""Videos of every container and codec: facts, sampling, times, ranges, sizes."""

import io

import av
import numpy as np
import pytest

from vigie.cell.job import Refused
from vigie.cell.media.film import DEMUXERS, open_film
from vigie.cell.media.video import hashes
from vigie.numeric.pdq import hash_rgb

KINDS = [
    ("mp4", "libx264", "video/mp4", "h264", {}),
    ("mp4", "libx265", "video/mp4", "hevc", {"x265-params": "log-level=none:pools=1"}),
    ("mp4", "libx264", "video/mp4", "h264", {"pixels": "yuv420p10le"}),
    ("mov", "prores_ks", "video/quicktime", "prores", {"pixels": "yuv422p10le"}),
    ("mov", "mjpeg", "video/quicktime", "mjpeg", {"pixels": "yuvj420p"}),
    ("3gp", "h263", "video/3gpp", "h263", {"size": (176, 144)}),
    ("matroska", "libx264", "video/x-matroska", "h264", {}),
    ("matroska", "ffv1", "video/x-matroska", "ffv1", {"gop": 1}),
    ("webm", "libvpx", "video/webm", "vp8", {}),
    ("webm", "libvpx-vp9", "video/webm", "vp9", {}),
    ("avi", "mpeg4", "video/x-msvideo", "mpeg4", {}),
    ("avi", "rawvideo", "video/x-msvideo", "rawvideo", {"pixels": "bgr24"}),
    ("mpegts", "mpeg2video", "video/mp2t", "mpeg2video", {}),
    ("mpegts", "libx264", "video/mp2t", "h264", {}),
    ("vob", "mpeg2video", "video/mpeg", "mpeg2video", {}),
    ("mpeg1video", "mpeg1video", "video/mpeg", "mpeg1video", {}),
    ("asf", "wmv2", "video/x-ms-asf", "wmv2", {}),
    ("flv", "flv", "video/x-flv", "flv1", {}),
    ("flv", "libx264", "video/x-flv", "h264", {}),
]
INTRA = {"prores", "mjpeg", "ffv1", "rawvideo"}


def bits(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.mark.parametrize(("format_", "codec", "content_type", "name", "more"), KINDS)
def test_every_container(ask, clip, draw, format_, codec, content_type, name, more):
    data = clip(format_, codec, **more)
    size = more.get("size", (160, 120))
    key = ask(data, content_type, sampling="key")
    dense = ask(data, content_type, sampling="dense")
    assert (key.facts.kind, key.facts.codec, key.facts.format) == ("video", name, _demuxer(format_))
    assert (key.facts.width_px, key.facts.height_px) == size
    assert key.facts.frames == 20
    if format_ != "mpeg1video":  # an elementary stream says nothing of its length
        assert key.facts.duration_s == pytest.approx(0.8, abs=0.09)
    assert not key.troubles + dense.troubles
    assert {each.sampling for each in key.prints} == {"key"}
    assert {each.algorithm for each in key.prints} == {"vpdq"}
    assert 15 <= len(key.prints) <= 17 if name in INTRA else 2 <= len(key.prints) <= 4
    every = ask(data, content_type, sampling="key", key_apart_s=0)
    assert len(every.prints) == 20 if name in INTRA else 2 <= len(every.prints) <= 4
    assert len(dense.prints) > 8
    times = [each.at_s for each in dense.prints]
    assert times == sorted(times)
    assert key.prints[0].at_s == pytest.approx(0, abs=0.001)
    assert bits(key.prints[0].value, hash_rgb(draw(*size)).value) <= 20
    assert {each.value for each in key.prints if each.at_s == 0} == {dense.prints[0].value}


def _demuxer(format_):
    return {"mp4": "mov", "3gp": "mov", "webm": "matroska", "vob": "mpeg", "mpeg1video": "mpegvideo"}.get(
        format_, format_
    )


def test_every_demuxer_exists():
    assert set(DEMUXERS.values()) <= {name.split(",")[0] for name in av.formats_available} | {"mov", "matroska"}


@pytest.mark.parametrize("size", [(2, 2), (16, 2), (34, 18), (18, 34), (66, 50), (1366, 766)])
def test_odd_sizes_are_hashed_without_their_padding(ask, clip, draw, size):
    answer = ask(clip("matroska", "ffv1", gop=1, size=size, frames=2), "video/x-matroska")
    assert (answer.facts.width_px, answer.facts.height_px) == size
    if min(size) >= 18:
        assert bits(answer.prints[0].value, hash_rgb(draw(*size)).value) <= 16


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (17, 33), (33, 17)])
def test_truly_odd_sizes(ask, clip, size):
    answer = ask(clip("matroska", "ffv1", gop=1, size=size, frames=2, pixels="yuv444p"), "video/x-matroska")
    assert (answer.facts.width_px, answer.facts.height_px) == size


@pytest.mark.parametrize(
    "pixels", ["yuv420p", "yuv422p10le", "yuv444p12le", "gray", "gray16le", "bgr0", "gbrp10le", "yuva420p"]
)
def test_pixel_formats_give_nearly_one_hash(ask, clip, draw, pixels):
    answer = ask(clip("matroska", "ffv1", gop=1, frames=1, pixels=pixels), "video/x-matroska")
    assert bits(answer.prints[0].value, hash_rgb(draw(160, 120)).value) <= 12


def test_ten_bits_have_the_quality_of_eight(ask, clip):
    eight = ask(clip("matroska", "ffv1", gop=1, frames=1), "video/x-matroska").prints[0]
    ten = ask(clip("matroska", "ffv1", gop=1, frames=1, pixels="yuv420p10le"), "video/x-matroska").prints[0]
    assert bits(eight.value, ten.value) <= 4
    assert abs(eight.quality - ten.quality) <= 2


def test_full_range_is_not_stretched(ask, clip):
    limited = ask(clip(frames=1), "video/mp4").prints[0]
    full = ask(clip(frames=1, full=True), "video/mp4").prints[0]
    assert bits(limited.value, full.value) <= 8
    assert abs(limited.quality - full.quality) <= 3


def test_rotation_is_recorded_and_not_applied(ask, clip):
    plain, turned = ask(clip(), "video/mp4"), ask(clip(turn=90), "video/mp4")
    assert plain.facts.orientation == 1
    assert abs(turned.facts.orientation) == 90
    assert [each.value for each in turned.prints] == [each.value for each in plain.prints]


def test_times_come_from_time_stamps(ask, clip):
    """Variable frame rate: never number / rate."""
    times = [0, 1, 2, 30, 31, 90, 200, 201]
    answer = ask(clip("matroska", "ffv1", gop=1, frames=8, times=times), "video/x-matroska", key_apart_s=0)
    assert [each.at_s for each in answer.prints] == pytest.approx([n / 25 for n in times], abs=0.001)
    assert [each.frame for each in answer.prints] == list(range(8))


def test_dense_keeps_what_changes_and_the_ends(ask, clip):
    still = ask(clip(still=True, frames=30, codec="mpeg4"), "video/mp4", sampling="dense")
    moving = ask(clip(frames=30, codec="mpeg4"), "video/mp4", sampling="dense")
    assert (still.prints[0].frame, still.prints[-1].frame) == (0, 29)
    assert len(still.prints) <= 8
    assert len(moving.prints) >= 25


def test_skipping_changes_no_bit(clip):
    data = clip(frames=40)
    all_frames = {at: hashed for _, at, hashed in _all(data, "DEFAULT")}
    for skip in ("NONREF", "NONKEY"):
        kept = {at: hashed for _, at, hashed in _all(data, skip)}
        assert 0 < len(kept) < len(all_frames)
        assert all(all_frames[at] == hashed for at, hashed in kept.items())


def _all(data, skip):
    film = open_film(io.BytesIO(data), "video/mp4", 10**8)
    with film.container:
        yield from hashes(film, skip)


def test_one_frame(ask, clip):
    for sampling in ("key", "dense"):
        answer = ask(clip(frames=1), "video/mp4", sampling=sampling)
        assert len(answer.prints) == 1
        assert answer.facts.frames == 1


@pytest.mark.parametrize("sampling", ["key", "dense"])
def test_no_more_prints_than_asked_for(ask, clip, sampling):
    answer = ask(clip("matroska", "ffv1", gop=1), "video/x-matroska", sampling=sampling, most_prints=7)
    assert len(answer.prints) == 7
    assert [(each.code, each.counts) for each in answer.troubles] == [("too_large", False)]
    exactly = ask(clip("matroska", "ffv1", gop=1), "video/x-matroska", sampling="key", most_prints=20)
    assert not exactly.troubles


def test_what_the_container_says(ask, clip):
    tags = {
        "com.apple.quicktime.make": "Lumen",
        "com.apple.quicktime.model": "Phone 3",
        "com.apple.quicktime.creationdate": "2026-11-22T03:44:05+0100",
        "com.apple.quicktime.location.ISO6709": "+48.2083-016.3708+170/",
        "com.apple.quicktime.software": "9.1\x07",
    }
    facts = ask(clip("mov", tags=tags, muxing={"movflags": "use_metadata_tags"}), "video/quicktime").facts
    assert (facts.camera_make, facts.camera_model, facts.software) == ("Lumen", "Phone 3", "9.1")
    assert facts.taken == "2026-11-22T03:44:05+0100"
    assert (facts.latitude, facts.longitude) == (48.2083, -16.3708)
    assert facts.encoder.startswith("Lavf")


def test_sound_alone_is_no_video(ask):
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(Refused, match="no_frames"):
        ask(held.getvalue(), "video/mp4")


def test_the_demuxer_is_not_guessed(ask, clip):
    with pytest.raises(Refused):
        ask(clip("matroska", "mpeg4"), "video/mp4")


def test_more_pixels_than_the_bound(ask, clip):
    with pytest.raises(Refused, match="too_large"):
        ask(clip(), "video/mp4", most_pixels=160 * 120 - 1)


def test_same_bytes_same_answer(ask, clip):
    data = clip()
    assert ask(data, "video/mp4", sampling="dense") == ask(data, "video/mp4", sampling="dense")
