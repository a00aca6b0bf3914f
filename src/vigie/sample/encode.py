"""Frames into a video file, and a video file into another container: one thread, no random identifiers."""

import typing as t
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Codec, container and settings of a video file."""

    codec: str
    container: str
    suffix: str
    options: dict[str, str]
    bit_rate: int = 0
    """Bits per second where the codec has no constant quality; 0 where ``options`` says it."""


X264 = {"preset": "superfast", "threads": "1", "x264-params": "cpu-independent=1"}
TARGETS = {
    "h264-mp4": Target(codec="libx264", container="mp4", suffix=".mp4", options=X264 | {"crf": "23"}),
    "h264-mkv": Target(codec="libx264", container="matroska", suffix=".mkv", options=X264 | {"crf": "23"}),
    "h264-mov": Target(codec="libx264", container="mov", suffix=".mov", options=X264 | {"crf": "21"}),
    "mpeg4-avi": Target(codec="mpeg4", container="avi", suffix=".avi", options={"threads": "1"}, bit_rate=1_500_000),
    "vp8-webm": Target(
        codec="libvpx",
        container="webm",
        suffix=".webm",
        # not "realtime": there VP8 chooses its effort by the clock, and no two runs give the same bytes
        options={"threads": "1", "deadline": "good", "cpu-used": "5"},
        bit_rate=1_200_000,
    ),
    "wmv2-asf": Target(codec="wmv2", container="asf", suffix=".wmv", options={"threads": "1"}, bit_rate=1_800_000),
    "low-mp4": Target(codec="libx264", container="mp4", suffix=".mp4", options=X264 | {"crf": "31"}),
}


def encode(
    frames: Iterable[Pixels], path: Path, target: Target, *, rate: int, gop: int, tags: t.Mapping[str, str]
) -> None:
    """Write frames (uint8[h, w, 3], all of one even size) as a video of ``rate`` frames per second.

    ``gop``: at most so many frames from one key frame to the next. ``tags``: what the file says of its origin.
    """
    with av.open(str(path), "w", format=target.container, options={"fflags": "+bitexact"}) as out:
        out.metadata.update(tags)
        stream: t.Any = None
        for number, pixels in enumerate(frames):
            if stream is None:
                stream = out.add_stream(target.codec, rate=rate, options=target.options | {"g": str(gop)})
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.thread_count = 1
                if target.bit_rate:
                    stream.bit_rate = target.bit_rate
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def remux(source: Path, path: Path, container: str) -> None:
    """Write the packets of a video into another container: the frames stay bit for bit the same."""
    with (
        av.open(str(source)) as given,
        av.open(str(path), "w", format=container, options={"fflags": "+bitexact"}) as out,
    ):
        stream = out.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
