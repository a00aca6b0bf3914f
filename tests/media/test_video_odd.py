"""Videos that are odd and not broken: hours of stills, interlaced lines, turning rates, tables that claim too much."""

import io
import struct
import time

import av
import pytest

from vigie.cell.job import Refused
from vigie.cell.media import boxes, video
from vigie.cell.media.film import MOST_SAMPLES

HOURS = 8


def test_eight_hours_of_stills(ask, clip):
    times = [hour * 3600 * 25 for hour in range(HOURS + 1)]
    data = clip(frames=HOURS + 1, gop=1, times=times, size=(160, 120))
    for sampling in ("key", "dense"):
        answer = ask(data, "video/mp4", sampling=sampling)
        assert [each.at_s for each in answer.prints] == pytest.approx([3600.0 * hour for hour in range(HOURS + 1)])
        assert answer.facts.duration_s == pytest.approx(HOURS * 3600, abs=60)
        assert not answer.troubles


def test_eight_hours_of_one_still_are_a_few_prints(ask, clip):
    """A picture that stands for a whole working day costs no more than what changes in it."""
    every_s = 10
    times = [number * every_s * 25 for number in range(HOURS * 3600 // every_s)]
    data = clip(frames=len(times), gop=250, times=times, still=True, size=(64, 48), preset="ultrafast")
    for sampling, most in (("key", 12), ("dense", 2)):
        began = time.process_time()
        answer = ask(data, "video/mp4", sampling=sampling)
        assert time.process_time() - began < 5.0
        assert 1 <= len(answer.prints) <= most
        assert answer.facts.frames == len(times)
        assert answer.facts.duration_s == pytest.approx(HOURS * 3600, abs=every_s)
        assert not answer.troubles
    assert [each.at_s for each in answer.prints] == pytest.approx([0, times[-1] / 25])


def test_a_rate_that_changes_keeps_its_times(ask, clip):
    times = [0, 1, 2, 3, 53, 103, 104, 105, 106, 356]
    answer = ask(clip("mp4", gop=3, frames=10, times=times), "video/mp4", sampling="key", key_apart_s=0)
    assert {round(each.at_s * 25) for each in answer.prints} <= set(times)
    assert len(answer.prints) >= 3


@pytest.mark.parametrize("options", [{"flags": "+ildct+ilme"}, {"x264-params": "tff=1"}])
def test_interlaced_lines_are_hashed_as_they_lie(ask, clip, options):
    data = clip(frames=6, gop=3, **options)
    with av.open(io.BytesIO(data)) as container:
        assert all(frame.interlaced_frame for frame in container.decode(video=0))
    plain, woven = ask(clip(frames=6, gop=3), "video/mp4"), ask(data, "video/mp4")
    near = [
        min((int.from_bytes(one.value) ^ int.from_bytes(other.value)).bit_count() for other in plain.prints)
        for one in woven.prints
    ]
    assert near
    assert max(near) <= 31


@pytest.mark.parametrize(("count", "code"), [(10**9, "too_large"), (MOST_SAMPLES + 1, "too_large")])
def test_a_table_that_claims_a_billion_frames(ask, clip, count, code):
    """FFmpeg would take 24 bytes for each before a single one is read."""
    data = bytearray(clip(frames=4))
    at = data.index(b"stsz") + 4
    struct.pack_into(">II", data, at + 4, 1, count)  # all samples of one byte: no table needs to follow
    with pytest.raises(Refused, match=code):
        ask(bytes(data), "video/mp4")


def test_sound_may_count_more(clip):
    """Uncompressed sound has a sample for each sample: only tracks of pictures are counted."""
    data = bytearray(clip(frames=4))
    struct.pack_into(">I", data, data.index(b"stsz") + 12, 10**9)
    assert boxes.samples(io.BytesIO(data)) == 10**9
    kind = data.index(b"hdlr") + 12
    data[kind : kind + 4] = b"soun"
    assert boxes.samples(io.BytesIO(data)) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        b"\0" * 4096,
        struct.pack(">I4s", 8, b"moov") * 1000,
        struct.pack(">I4sQ", 1, b"moov", 1 << 63) + bytes(64),
        struct.pack(">I4sQ", 1, b"free", 3) + bytes(64),
        struct.pack(">I4s", 0, b"trak") + bytes(8),
        struct.pack(">I4s", 1 << 31, b"moov") + struct.pack(">I4s", 1 << 31, b"trak") * 50,
    ],
)
def test_boxes_that_cannot_be_end_the_walk(data):
    assert boxes.samples(io.BytesIO(data)) == 0


def test_as_many_boxes_as_are_looked_at(monkeypatch):
    monkeypatch.setattr(boxes, "MOST_BOXES", 10)
    read = []

    class Counted(io.BytesIO):
        def read(self, size=-1):
            read.append(size)
            return super().read(size)

    assert boxes.samples(Counted(struct.pack(">I4s", 8, b"free") * 100 + bytes(16))) == 0
    assert len(read) == 10


def test_a_stream_without_key_frames_is_sampled_densely(ask, clip):
    """Intra refresh: the container marks the first packet only."""
    data = clip(frames=30, gop=300, **{"x264-params": "intra-refresh=1:keyint=20:scenecut=0"})
    answer = ask(data, "video/mp4", sampling="key")
    assert answer.prints
    assert not answer.troubles


class Endless(io.RawIOBase):
    """A recording that begins again for ever, as a camera's stream does; it can be sought in and has no end."""

    def __init__(self, data):
        super().__init__()
        self.data, self.at, self.given = data, 0, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=io.SEEK_SET):
        if whence == io.SEEK_END:
            raise OSError("it has no end")
        self.at = offset if whence == io.SEEK_SET else self.at + offset
        return self.at

    def read(self, size=-1):
        assert size >= 0, "nothing may be read to the end"
        start = self.at % len(self.data)
        out = self.data[start : start + size]
        self.at += len(out)
        self.given += len(out)
        return out


@pytest.mark.parametrize("sampling", ["key", "dense"])
def test_a_stream_without_end_ends_where_enough_is_kept(clip, sampling):
    endless = Endless(clip("mpegts", gop=5))
    result = video.sample(endless, "video/mp2t", sampling, 10**6, 40)
    assert result.bounded
    assert len(result.prints) == 40
    assert endless.given < 60 * len(endless.data)
