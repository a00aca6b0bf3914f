"""The hash of a video frame from its luma plane, with no colour conversion where the format has such a plane."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.pdq import hash_luma, hash_rgb
from vigie.numeric.pdq_operator import Hash
from vigie.numeric.planes import Planes

if t.TYPE_CHECKING:
    import av
    import numpy.typing as npt

_LUMA_FIRST: t.Final = ("yuv4", "yuvj", "yuva4", "nv1", "nv2", "nv4", "gray", "p01", "p21", "p41")
"""Names of pixel formats whose plane 0 is luma and nothing else."""
_HIGH_BITS: t.Final = ("p01", "p21", "p41")
"""Of these, the formats that keep their 10 to 16 bits at the high end of each word."""
_STUDIO: t.Final = 1
_FULL: t.Final = 2
"""``color_range`` of FFmpeg."""


class Hasher:
    """Hashes the frames of one film; what follows from their format is settled once, for most films have one."""

    def __init__(self) -> None:
        self._format: tuple[t.Any, ...] = ()
        self._planes: Planes | None = None

    def hash(self, frame: av.VideoFrame) -> Hash:
        """Return the vPDQ hash of one frame, as coded (rotation not applied, interlaced lines as they lie)."""
        plane = frame.planes[0]
        format_ = (frame.format.name, frame.width, frame.height, frame.color_range, plane.line_size)
        if format_ != self._format:
            self._format, self._planes = format_, _planes(frame)
        return self._planes.hash(plane.buffer_ptr, plane.buffer_size) if self._planes else hash_frame(frame)


class Luma(t.NamedTuple):
    """The luma plane of a frame."""

    plane: npt.NDArray[np.uint8]
    """uint8[h, w]."""
    full_range: bool


def luma_of(frame: av.VideoFrame) -> Luma | None:
    """Return the plane, where it lies if it has 8 bits; None where the format has none."""
    plane = _luma(frame)
    return None if plane is None else Luma(plane, _full_range(frame))


def hash_frame(frame: av.VideoFrame) -> Hash:
    """As ``Hasher.hash``, for one frame of any format."""
    luma = luma_of(frame)
    if luma is None:
        return hash_rgb(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    return hash_luma(luma.plane, full_range=luma.full_range)


def _full_range(frame: av.VideoFrame) -> bool:
    name = frame.format.name
    return frame.color_range == _FULL or name.startswith("yuvj") or (name[0] == "g" and frame.color_range != _STUDIO)


def _planes(frame: av.VideoFrame) -> Planes | None:
    """Return what hashes planes like that of this frame where they lie; None where they have no 8 bits of luma."""
    line = frame.planes[0].line_size
    if not frame.format.name.startswith(_LUMA_FIRST) or frame.format.components[0].bits != 8 or line < frame.width:
        return None
    return Planes(frame.height, frame.width, line, full_range=_full_range(frame))


def _luma(frame: av.VideoFrame) -> npt.NDArray[np.uint8] | None:
    """Return uint8[h, w], a view of the plane where it has 8 bits; None where there is no such plane."""
    name = frame.format.name
    if not name.startswith(_LUMA_FIRST):
        return None
    bits = frame.format.components[0].bits
    line = frame.planes[0].line_size
    size = 1 if bits == 8 else 2
    data = memoryview(frame.planes[0])
    if bits > 16 or line < frame.width * size or len(data) < (frame.height - 1) * line + frame.width * size:
        return None
    if size == 1:
        return np.ndarray((frame.height, frame.width), np.uint8, data, strides=(line, 1))
    order = ">" if name.endswith("be") else "<"
    words = np.ndarray((frame.height, frame.width), np.dtype(order + "u2"), data, strides=(line, 2))
    return (words >> (8 if name.startswith(_HIGH_BITS) else bits - 8)).astype(np.uint8)
