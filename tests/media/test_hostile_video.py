"""Broken and hostile videos: Facts and Prints, or one Refused; what was decoded before the damage counts."""

import io
import struct
import time

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.cell.job import Refused
from vigie.cell.media.film import DEMUXERS
from vigie.rows.codes import CODES

KINDS = [
    ("mp4", "libx264", "video/mp4"),
    ("mov", "mjpeg", "video/quicktime"),
    ("matroska", "mpeg4", "video/x-matroska"),
    ("webm", "libvpx-vp9", "video/webm"),
    ("avi", "mpeg4", "video/x-msvideo"),
    ("mpegts", "mpeg2video", "video/mp2t"),
    ("vob", "mpeg2video", "video/mpeg"),
    ("asf", "wmv2", "video/x-ms-asf"),
    ("flv", "flv", "video/x-flv"),
]


@pytest.fixture(scope="module")
def samples(clip):
    made = {}
    for format_, codec, content_type in KINDS:
        pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        made[content_type] = clip(format_, codec, size=(64, 48), frames=12, gop=4, pixels=pixels)
    return made


def verdict(ask, data, content_type, **more):
    """The code of the refusal or of the trouble, ``""`` where all went well; anything else fails the test."""
    began = time.process_time()
    try:
        answer = ask(data, content_type, **more)
    except Refused as refused:
        return _known(refused.code)
    finally:
        assert time.process_time() - began < 10.0
    assert all(trouble.code in CODES and not trouble.counts for trouble in answer.troubles)
    assert all(abs(each.at_s) <= 1e9 for each in answer.prints)
    return answer.troubles[0].code if answer.troubles else ""


def _known(code):
    assert code in CODES
    return code


@pytest.mark.parametrize("content_type", [kind[2] for kind in KINDS])
def test_cut_at_many_points(ask, samples, content_type):
    data = samples[content_type]
    for end in {*range(0, 64, 7), *range(0, len(data), max(len(data) // 40, 1))}:
        for sampling in ("key", "dense"):
            code = verdict(ask, data[:end], content_type, sampling=sampling)
            assert code in {"", "empty", "truncated", "decode_error", "no_frames", "unsupported"}
            assert code or end


def tables_first(data):
    """An MP4 with its ``moov`` before its ``mdat``, as phones and servers write it."""
    at = data.index(b"moov") - 4
    moov = bytearray(data[at:])
    table = moov.index(b"stco") + 8
    for entry in range(struct.unpack_from(">I", moov, table)[0]):
        place = table + 4 + 4 * entry
        struct.pack_into(">I", moov, place, struct.unpack_from(">I", moov, place)[0] + len(moov))
    start = struct.unpack_from(">I", data)[0]
    return data[:start] + moov + data[start:at]


def test_frames_before_the_cut_count(ask, clip):
    data = tables_first(clip(frames=40, gop=5))
    answer = ask(data[: len(data) * 2 // 3], "video/mp4", sampling="dense")
    whole = ask(data, "video/mp4", sampling="dense")
    assert not whole.troubles
    assert [each.code for each in answer.troubles] == ["truncated"]
    assert 3 < len(answer.prints) < len(whole.prints)
    assert {each.value for each in answer.prints[:-2]} <= {each.value for each in whole.prints} | {
        each.value for each in answer.prints
    }


@pytest.mark.parametrize("content_type", [kind[2] for kind in KINDS])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=8))
def test_flipped_bits(ask, samples, content_type, flips):
    data = bytearray(samples[content_type])
    for place, bit in flips:
        data[int(place * (len(data) - 1))] ^= 1 << bit
    verdict(ask, bytes(data), content_type, sampling="dense", most_pixels=1_000_000)


def patched(data, box, offset, value):
    """``data`` with ``value`` at ``offset`` behind the four letters of the first box of that name."""
    at = data.index(box) + 4 + offset
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    ("box", "offset", "value"),
    [
        (b"mvhd", 12, bytes(4)),  # time scale 0
        (b"mdhd", 12, bytes(4)),
        (b"mdhd", 16, b"\xff" * 4),  # duration
        (b"stts", 4, b"\xff" * 4),  # entry counts
        (b"stsz", 8, b"\xff" * 4),
        (b"stsc", 4, b"\x7f" + b"\xff" * 3),
        (b"stco", 4, b"\xff" * 4),
        (b"stco", 8, b"\xff" * 4),  # offset
        (b"stts", 12, b"\xff" * 4),  # negative deltas
        (b"stss", 4, bytes(4)),
        (b"tkhd", 76, b"\xff" * 8),  # size
        (b"avc1", 24, b"\xff" * 4),
        (b"elst", 8, b"\xff" * 8),
        (b"trak", -8, b"\xff" * 4),  # box size
        (b"moov", -8, struct.pack(">I", 9)),
    ],
)
def test_broken_tables(ask, clip, box, offset, value):
    data = patched(clip(frames=12, gop=4), box, offset, value)
    for sampling in ("key", "dense"):
        verdict(ask, data, "video/mp4", sampling=sampling)


def test_a_million_empty_tracks(ask):
    track = struct.pack(">I4s", 8, b"trak")
    moov = track * 1_000_000
    data = struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4s", 8 + len(moov), b"moov") + moov
    assert verdict(ask, data, "video/mp4") in {"decode_error", "memory_limit"}  # 1,000 streams is FFmpeg's bound


def test_a_frame_larger_than_its_container_says(ask, clip):
    """The bound holds for what is decoded, not only for what the header announces."""
    data = clip("avi", "mjpeg", pixels="yuvj420p", frames=2)
    start = data.index(b"\xff\xc0") + 5
    lying = data[:start] + struct.pack(">HH", 60_000, 60_000) + data[start + 4 :]
    assert verdict(ask, lying, "video/x-msvideo", most_pixels=1_000_000) in {
        "",
        "truncated",
        "decode_error",
        "too_large",
    }


PLAYLISTS = [
    b"ffconcat version 1.0\nfile {0}\n",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{0}\n#EXT-X-ENDLIST\n",
    b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nconcat:{0}|{0}\n#EXT-X-ENDLIST\n",
    b"<?xml version='1.0'?><MPD><Period><BaseURL>{0}</BaseURL></Period></MPD>",
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    b"RIFF\x40\0\0\0AVI LIST\x10\0\0\0GAB2\0\0\0#EXTM3U\n#EXTINF:1,\n{0}\n",
]


@pytest.mark.parametrize("playlist", PLAYLISTS)
@pytest.mark.parametrize("content_type", sorted(DEMUXERS))
def test_playlists_are_never_followed(ask, clip, tmp_path, playlist, content_type):
    """The file they name exists and is a good video: were it opened, frames would come."""
    bait = tmp_path / "bait.mp4"
    bait.write_bytes(clip(frames=2, size=(64, 48)))
    assert verdict(ask, playlist.replace(b"{0}", str(bait).encode()), content_type) in {"decode_error", "no_frames"}


def test_a_reference_to_another_file_is_not_followed(ask, clip):
    """QuickTime's external data reference (``dref`` with an alias instead of "self contained")."""
    data = clip("mov", "mjpeg", pixels="yuvj420p", frames=2, size=(64, 48))
    verdict(ask, patched(data, b"url ", 0, bytes(4)), "video/quicktime")


def test_a_cover_picture_is_no_video(ask):
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=44100, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame(64, 48, "yuvj420p")))
        container.mux(cover.encode(None))
        container.mux(sound.encode(None))
    assert verdict(ask, held.getvalue(), "video/mp4") == "no_frames"
