"""Decode one still: facts and fingerprints from one reading of its bytes.

Videos are another job (``watch``), for their libraries are the larger part of what a fork of this zygote would copy.
"""

from __future__ import annotations

import io
import typing as t

import numpy as np
from PIL import Image

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.media import images
from vigie.numeric.regions import regions_of
from vigie.numeric.variants import all_of
from vigie.numeric.variants_view import view_of
from vigie.rows.fingerprints import FOUND, VARIANTS
from vigie.rows.wire import Box, Decode, Facts, Parts, Print, Region, Trouble, Variant, Varied

if t.TYPE_CHECKING:
    from vigie.numeric.regions import Region as Found
    from vigie.numeric.variants import Prints
    from vigie.rows.wire import Reply


ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22 + 65535
"""End of central directory, with the longest comment there can be (APPNOTE 4.3.16)."""
NUMBERS = {name: number for number, name in enumerate(VARIANTS)}


def run(ask: Decode, bench: Bench) -> None:
    """Answer one ``Facts``, one ``Print``, one ``Varied`` and one ``Parts``, or raise ``Refused``."""
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
    view = view_of(still.pixels)
    (value, quality, weak), more = all_of(still.pixels, view)
    bench.send(Print(algorithm="pdq", frame=0, at_s=0.0, value=value, quality=quality, weak=weak, sampling="still"))
    bench.send(Varied(variants=_variants(more)))
    bench.send(Parts(regions=[_region(one) for one in regions_of(still.pixels, view)]))
    if data.rfind(ZIP_END, -ZIP_END_BYTES) >= 0:
        bench.send(Trouble(code="appended", detail="it ends as a zip archive does", counts=False))


def warm() -> None:
    """Import decoders, read one small picture of each kind: the child can open nothing."""
    images.prepare()
    noise = Image.radial_gradient("L").convert("RGB").resize((160, 120))
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
    page = np.zeros((160, 160, 3), np.uint8)
    page[40:120, 40:120] = np.arange(80)[:, None]
    regions_of(page)


def _rehearse(content_type: str, held: io.BytesIO) -> None:
    answers: list[Reply] = []
    held.seek(0)
    run(Decode(content_type=content_type), Bench(files=[held], scratch=[], scratch_paths=[], send=answers.append))


def _variants(of: Prints) -> list[Variant]:
    codes = of.values.tobytes()
    each = zip(of.names, range(0, len(codes), 32), of.quality.tolist(), of.weak.tolist(), strict=True)
    return [
        Variant(number=NUMBERS[name], value=codes[at : at + 32], quality=quality, weak=weak)
        for name, at, quality, weak in each
    ]


def _region(of: Found) -> Region:
    left, top, width, height = of.box
    return Region(
        box=Box(left=left, top=top, width=width, height=height),
        tile=FOUND if of.tile < 0 else of.tile,
        value=of.hash.value,
        quality=of.hash.quality,
        weak=of.hash.weak,
    )


JOB = Job(ask=Decode, run=run, warm=warm)
