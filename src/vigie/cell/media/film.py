"""One video file opened for reading: which demuxer, which stream, and its frames in presentation order."""

from __future__ import annotations

import dataclasses
import errno
import fractions
import io
import typing as t

import av
import av.error
import av.stream

from vigie.cell.job import Refused
from vigie.cell.media import boxes

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.media.sparse import Sparse

DEMUXERS: t.Final = {
    "video/mp4": "mov",
    "video/x-m4v": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/3gpp2": "mov",
    "video/x-matroska": "matroska",
    "video/matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/avi": "avi",
    "video/vnd.avi": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-ms-asf": "asf",
    "video/x-ms-wmv": "asf",
    "application/vnd.ms-asf": "asf",
    "video/x-flv": "flv",
    "video/ogg": "ogg",
}
"""Content type -> FFmpeg's demuxer: nothing is probed, so a playlist can never be opened as one."""

CODECS: t.Final = (
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg1video,mpeg2video,mpeg4,h261,h263,h263i,h263p,"
    "flv,flashsv,flashsv2,vp6,vp6f,vp6a,wmv1,wmv2,wmv3,vc1,wmv3image,vc1image,mss1,mss2,msmpeg4v1,msmpeg4v2,msmpeg4,"
    "mjpeg,mjpegb,ljpeg,rawvideo,prores,dnxhd,dvvideo,ffv1,huffyuv,ffvhuff,utvideo,theora,svq1,svq3,cinepak,"
    "indeo2,indeo3,indeo4,indeo5,msvideo1,msrle,qtrle,rpza,smc,rv10,rv20,rv30,rv40,png,magicyuv,cfhd,vvc"
)
"""The decoders that may run; the rest of FFmpeg's several hundred is attack surface without a use."""

Skip = t.Literal["DEFAULT", "NONREF", "NONKEY"]
"""What the decoder leaves out: nothing; frames that no other refers to; all but key frames. Kept frames are the
same bit for bit (measured, reference/media.md 4); ``BIDIR`` is not, so it is not offered."""

MOST_SAMPLES: t.Final = 20_000_000
"""Frames that a container's table may count: ninety hours at 60 a second. FFmpeg takes 24 bytes for each on opening."""

MOST_ERRORS: t.Final = 1000
"""Broken packets after which the rest is given up."""


class Frame(t.NamedTuple):
    """A decoded frame and its time."""

    picture: av.VideoFrame
    at_s: float
    """Seconds from the start of the stream, from its time stamp; never ``number / rate``."""


@dataclasses.dataclass(kw_only=True)
class Film:
    """An open video stream, and how reading it went so far."""

    container: t.Any
    stream: t.Any
    demuxer: str
    most_pixels: int
    packets: int = 0
    """Packets of the stream that have been read: its frames, seen or skipped."""
    decoded: int = 0
    broken: int = 0
    why: str = ""
    """What the first error said."""

    def said_s(self) -> float:
        """Duration as the stream says, else the container; 0 where neither does."""
        stream, container = self.stream, self.container
        if stream.duration and stream.duration > 0 and stream.time_base:
            return float(stream.duration * stream.time_base)
        return float(container.duration) / av.time_base if container.duration and container.duration > 0 else 0.0

    def frames(self, skip: Skip, keys: Sparse | None = None) -> Iterator[Frame]:
        """Decode to the end, or to where nothing more can be read; errors are counted, not raised.

        ``keys``: which of the key frames, where only these are asked for; all, where it is None.
        """
        context = self.stream.codec_context
        context.thread_count = 1
        context.skip_frame = skip
        context.options = {"max_pixels": str(self.most_pixels), "threads": "1"}
        start: int | None = self.stream.start_time
        base: fractions.Fraction | None = self.stream.time_base
        last = 0.0
        # A packet that is to be skipped costs the decoder 16 us, 4 ms for each key frame of 250: it gets none.
        # So the container says what a key frame is; VP9's and VVC's decoders do not skip as they are told anyway.
        for picture in self._pictures(keys, keys_only=skip == "NONKEY"):
            if skip == "NONKEY" and not picture.key_frame:
                continue
            pts = picture.pts
            if pts is not None and base:
                start = pts if start is None else start
                # Division of whole numbers is rounded once, as that of a fraction, and costs a tenth of it.
                last = _bounded((pts - start) * base.numerator / base.denominator)
            self.decoded += 1
            yield Frame(picture, last)

    def _pictures(self, keys: Sparse | None, *, keys_only: bool) -> Iterator[av.VideoFrame]:
        packets = self.container.demux(self.stream)
        while self.broken < MOST_ERRORS:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                self._note(error)
                return
            if packet is None:
                return
            self.packets += packet.size > 0
            chosen = keys if keys_only and packet.size else None
            if keys_only and packet.size and not packet.is_keyframe:
                continue
            at_s = self._at_s(packet) if chosen else None
            if chosen and not chosen.wants(at_s):
                continue
            try:
                pictures = packet.decode()
            except av.error.FFmpegError as error:
                self._note(error)
                continue
            if chosen:
                chosen.took(at_s)
            for picture in pictures:
                if picture.width * picture.height > self.most_pixels:
                    raise Refused("too_large", f"a frame of {picture.width} x {picture.height} pixels")
                yield picture

    def _at_s(self, packet: t.Any) -> float | None:
        stamp, base = packet.dts if packet.pts is None else packet.pts, self.stream.time_base
        return None if stamp is None or not base else _bounded(stamp * base.numerator / base.denominator)

    def _note(self, error: av.error.FFmpegError) -> None:
        if isinstance(error, MemoryError):
            raise Refused("memory_limit", "decoding needs more memory than the cell has") from error
        self.broken += 1
        self.why = self.why or f"{type(error).__name__}: {error.strerror}"


class _Input:
    """A file as FFmpeg sees it: a place that cannot be is an error it is told of, not one that is raised through it."""

    def __init__(self, file: t.BinaryIO) -> None:
        self.read = file.read
        self.tell = file.tell
        self._seek = file.seek

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Return the new place, or a negative errno as FFmpeg's callbacks do."""
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError):  # of a file; of bytes in memory
            return -errno.EINVAL


def open_film(file: t.BinaryIO, content_type: str, most_pixels: int) -> Film:
    """Open the first real video stream. Raises ``Refused``: empty, unsupported, no_frames, too_large, decode_error."""
    demuxer = DEMUXERS.get(content_type)
    if demuxer is None:
        raise Refused("unsupported", f"no video reader for {content_type}")
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if not head:
        raise Refused("empty")
    if demuxer == "mov" and (told := boxes.samples(file)) > MOST_SAMPLES:
        raise Refused("too_large", f"its table counts {told} frames, the bound is {MOST_SAMPLES}")
    if demuxer == "mpeg" and head != b"\0\0\1\xba":
        demuxer = "mpegvideo"  # an elementary stream, with no pack header
    try:
        container = av.open(
            _Input(file),
            format=demuxer,
            options={"protocol_whitelist": "none", "codec_whitelist": CODECS, "max_pixels": str(most_pixels)},
            metadata_errors="replace",
            buffer_size=1 << 18,
            io_open=_nothing_else,
        )
    except av.error.FFmpegError as error:
        if isinstance(error, MemoryError):
            raise Refused("memory_limit", "opening needs more memory than the cell has") from error
        raise Refused("decode_error", f"{type(error).__name__}: {error.strerror}") from error
    return Film(
        container=container,
        stream=_stream(container, most_pixels),
        demuxer=demuxer,
        most_pixels=most_pixels,
    )


def _stream(container: t.Any, most_pixels: int) -> t.Any:
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise Refused("no_frames", "no video stream in it")
    context = streams[0].codec_context
    if context is None or context.name not in CODECS.split(","):
        raise Refused("unsupported", f"video codec {getattr(context, 'name', 'unknown')}")
    if context.width * context.height > most_pixels:
        raise Refused("too_large", f"{context.width} x {context.height} pixels, the bound is {most_pixels}")
    return streams[0]


def _nothing_else(url: str, flags: int, options: dict[str, str]) -> t.NoReturn:
    del flags, options
    raise PermissionError(f"a video may not open {url!r}")


def _bounded(seconds: float) -> float:
    return min(max(seconds, -1e9), 1e9)
