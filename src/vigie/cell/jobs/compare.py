"""Lay one still over another: the second check of two that parts of them say are alike."""

from __future__ import annotations

import io
import typing as t

import numpy as np
from PIL import Image

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.media import images, overlay
from vigie.rows.wire import Compare, Laid

if t.TYPE_CHECKING:
    from vigie.cell.media.colours import Pixels
    from vigie.rows.wire import Box, Reply

PARTS: t.Final = 1000


def run(ask: Compare, bench: Bench) -> None:
    """Answer one ``Laid``, or raise ``Refused``."""
    with overlay.failures():
        second = overlay.picture(_read(bench, ask, 1))
        first = overlay.picture(_read(bench, ask, 0), second)
        found = overlay.overlay(first, second)
    bench.send(
        Laid(
            features=found.features,
            tried=found.tried,
            inliers=found.inliers,
            agreement=round(found.agreement, 4),
            framed=round(found.framed, 4),
            structure=round(found.structure, 4),
            overlap_a=round(found.overlap_a, 4),
            overlap_b=round(found.overlap_b, 4),
            scale=round(found.scale, 4),
            degrees=round(found.degrees, 2),
            shift_x=round(found.shift_x, 4),
            shift_y=round(found.shift_y, 4),
        )
    )


def _read(bench: Bench, ask: Compare, place: int) -> Pixels:
    """Decode one of the two as ``decode`` does, and return the part that is asked about."""
    file, which = bench.files[place], ("first", "second")[place]
    size = file.seek(0, io.SEEK_END)
    if size > images.MOST_BYTES:
        raise Refused("too_large", f"the {which}: an image of {size} bytes, the bound is {images.MOST_BYTES}")
    file.seek(0)
    try:
        pixels = images.decode(file.read(size), ask.content_types[place], ask.most_pixels).pixels
    except Refused as why:
        raise Refused(why.code, f"the {which}: {why.detail}") from why
    return _part(pixels, ask.parts[place])


def _part(pixels: Pixels, box: Box | None) -> Pixels:
    if box is None:
        return pixels
    height, width = pixels.shape[:2]
    top, left = box.top * height // PARTS, box.left * width // PARTS
    bottom = min(-(-(box.top + box.height) * height // PARTS), height)
    right = min(-(-(box.left + box.width) * width // PARTS), width)
    if top >= bottom or left >= right:
        raise Refused("decode_error", f"there is nothing at {box.left},{box.top} of {width} x {height} pixels")
    return pixels[top:bottom, left:right]


def warm() -> None:
    """Import decoders, lay one small picture over another: the child can open nothing."""
    images.prepare()
    overlay.prepare()
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (24, 32, 3), np.uint8)).resize((320, 240), Image.Resampling.BICUBIC)
    answers: list[Reply] = []
    for content_type in ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"):
        held = [io.BytesIO(), io.BytesIO()]
        for one in held:
            noise.save(one, images.FORMATS[content_type])
        ask = Compare(content_types=(content_type, content_type))
        run(ask, Bench(files=list(held), scratch=[], scratch_paths=[], send=answers.append))


JOB = Job(ask=Compare, run=run, warm=warm)
