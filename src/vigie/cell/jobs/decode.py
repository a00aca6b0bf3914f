"""Decode one media content: facts and fingerprints from one reading of its bytes."""

from __future__ import annotations

import io
import typing as t

import av
from PIL import Image

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.media import images, video
from vigie.numeric.variants import all_of
from vigie.rows.fingerprints import VARIANTS
from vigie.rows.wire import Decode, Facts, Print, Trouble, Variant, Varied

if t.TYPE_CHECKING:
    from vigie.numeric.variants import Prints
    from vigie.rows.wire import Reply


ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22 + 65535
"""End of central directory, with the longest comment there can be (APPNOTE 4.3.16)."""


def run(ask: Decode, bench: Bench) -> None:
    """Answer one ``Facts`` and its ``Print``s, or raise ``Refused``."""
    if ask.content_type in images.FORMATS:
        _still(ask, bench)
    else:
        _video(ask, bench)


def warm() -> None:
    """Import codecs, compile loops, read one small picture of each kind: the child can open nothing."""
    images.prepare()
    noise = Image.radial_gradient("L").convert("RGB").resize((80, 60))
    for content_type, mode in (
        ("image/jpeg", "RGB"),
        ("image/jpeg", "CMYK"),
        ("image/png", "P"),
        ("image/gif", "P"),
        ("image/webp", "RGB"),
        ("image/bmp", "RGB"),
        ("image/tiff", "LAB"),
    ):
        held = io.BytesIO()
        picture = Image.new("LAB", noise.size) if mode == "LAB" else noise.convert(mode)
        picture.save(held, images.FORMATS[content_type])
        _rehearse(content_type, held)
    for pixels in ("yuv420p", "bgr24"):
        _rehearse("video/x-msvideo", _clip(pixels))


def _clip(pixels: str) -> io.BytesIO:
    """One grey frame, uncompressed: an encoder proper could start threads."""
    held = io.BytesIO()
    with av.open(held, "w", format="avi") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 80, 60, pixels
        container.mux(stream.encode(av.VideoFrame(80, 60, pixels)))
    return held


def _rehearse(content_type: str, held: io.BytesIO) -> None:
    answers: list[Reply] = []
    held.seek(0)
    run(Decode(content_type=content_type), Bench(files=[held], scratch=[], scratch_paths=[], send=answers.append))


def _still(ask: Decode, bench: Bench) -> None:
    file = bench.files[0]
    size = file.seek(0, io.SEEK_END)
    if size > images.MOST_BYTES:
        raise Refused("too_large", f"an image of {size} bytes, the bound is {images.MOST_BYTES}")
    file.seek(0)
    data = file.read(size)  # exactly: a reader allocates what it is asked for, before it reads
    still = images.decode(data, ask.content_type, ask.most_pixels)
    height, width, _ = still.pixels.shape
    said = still.said
    bench.send(
        Facts(
            kind="image",
            format=still.format,
            width_px=width,
            height_px=height,
            frames=still.frames,
            duration_s=0.0,
            orientation=said.orientation,
            camera_make=said.camera_make,
            camera_model=said.camera_model,
            camera_serial=said.camera_serial,
            lens=said.lens,
            software=said.software,
            taken=said.taken,
            latitude=said.latitude,
            longitude=said.longitude,
            decoder=still.decoder,
        )
    )
    (value, quality, weak), more = all_of(still.pixels)
    bench.send(Print(algorithm="pdq", frame=0, at_s=0.0, value=value, quality=quality, weak=weak, sampling="still"))
    bench.send(Varied(variants=[_variant(more, place) for place in range(len(more.names))]))
    if data.rfind(ZIP_END, -ZIP_END_BYTES) >= 0:
        bench.send(Trouble(code="appended", detail="it ends as a zip archive does", counts=False))


def _variant(of: Prints, place: int) -> Variant:
    return Variant(
        number=VARIANTS.index(of.names[place]),
        value=of.values[place].tobytes(),
        quality=int(of.quality[place]),
        weak=int(of.weak[place]),
    )


def _video(ask: Decode, bench: Bench) -> None:
    result = video.sample(bench.files[0], ask.content_type, ask.sampling, ask.most_pixels, ask.most_prints)
    bench.send(result.facts)
    for each in result.prints:
        bench.send(each)
    if result.shortfall:
        bench.send(Trouble(code="truncated", detail=result.shortfall[:1000], counts=False))
    if result.bounded:
        detail = f"more than {ask.most_prints} frames to keep; the rest was not looked at"
        bench.send(Trouble(code="too_large", detail=detail, counts=False))


JOB = Job(ask=Decode, run=run, warm=warm)
