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

    from vigie.numeric.bars import Inside

_LUMA_FIRST: t.Final = ("yuv4", "yuvj", "yuva4", "nv1", "nv2", "nv4", "gray", "p01", "p21", "p41")
"""Names of pixel formats whose plane 0 is luma and nothing else."""
_HIGH_BITS: t.Final = ("p01", "p21", "p41")
"""Of these, the formats that keep their 10 to 16 bits at the high end of each word."""
_STUDIO: t.Final = 1
_FULL: t.Final = 2
"""``color_range`` of FFmpeg."""


class Hasher:
    """Hashes the frames of one film, or what is between its bars; what follows from their format is settled once."""

    def __init__(self) -> None:
        self._format: tuple[t.Any, ...] = ()
        self._planes: Planes | None = None

    def hash(self, frame: av.VideoFrame, part: Inside | None = None) -> Hash:
        """Return the vPDQ hash of a frame, or of a part of its luma plane, which it must have then.

        As coded: rotation is not applied, interlaced lines are taken as they lie.
        """
        plane = frame.planes[0]
        format_ = (frame.format.name, frame.width, frame.height, frame.color_range, plane.line_size, part)
        if format_ != self._format:
            self._format, self._planes = format_, _planes(frame, part)
        if self._planes:
            at = part.top * plane.line_size + part.left if part else 0
            return self._planes.hash(plane.buffer_ptr + at, plane.buffer_size - at)
        return hash_frame(frame, part)


class Luma(t.NamedTuple):
    """The luma plane of a frame."""

    plane: npt.NDArray[np.uint8]
    """uint8[h, w]."""
    full_range: bool


def luma_of(frame: av.VideoFrame) -> Luma | None:
    """Return the plane, where it lies if it has 8 bits; None where the format has none."""
    plane = _luma(frame)
    return None if plane is None else Luma(plane, _full_range(frame))


def hash_frame(frame: av.VideoFrame, part: Inside | None = None) -> Hash:
    """As ``Hasher.hash``, for one frame of any format."""
    luma = luma_of(frame)
    if luma is None:
        return hash_rgb(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    plane = luma.plane[part.top : part.bottom, part.left : part.right] if part else luma.plane
    return hash_luma(plane, full_range=luma.full_range)


def has_luma(frame: av.VideoFrame) -> bool:
    """Tell whether plane 0 of the frame's format is luma and nothing else."""
    return frame.format.name.startswith(_LUMA_FIRST)


def _full_range(frame: av.VideoFrame) -> bool:
    name = frame.format.name
    return frame.color_range == _FULL or name.startswith("yuvj") or (name[0] == "g" and frame.color_range != _STUDIO)


def _planes(frame: av.VideoFrame, part: Inside | None) -> Planes | None:
    """Return what hashes planes like that of this frame where they lie; None where they have no 8 bits of luma."""
    line = frame.planes[0].line_size
    if not frame.format.name.startswith(_LUMA_FIRST) or frame.format.components[0].bits != 8 or line < frame.width:
        return None
    height, width = (part.bottom - part.top, part.right - part.left) if part else (frame.height, frame.width)
    return Planes(height, width, line, full_range=_full_range(frame))


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
