"""Stills: bytes to RGB once, with the format fixed by the content type the house found."""

from __future__ import annotations

import dataclasses
import io
import typing as t

import PIL
import pillow_heif
import simplejpeg
from PIL import AvifImagePlugin, Image

from vigie.cell.job import Refused
from vigie.cell.media import exif, gif, jpeg, png, tiff
from vigie.cell.media.colours import Pixels, rgb
from vigie.cell.media.verdicts import verdicts
from vigie.numeric.pdq_operator import LONGEST_SIDE_PX

FORMATS: t.Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/x-ms-bmp": "BMP",
    "image/tiff": "TIFF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/heic-sequence": "HEIF",
    "image/heif-sequence": "HEIF",
    "image/avif": "AVIF",
    "image/avif-sequence": "AVIF",
}
"""Content type -> the one Pillow reader that may try: the library never guesses."""
MOST_BYTES: t.Final = 1 << 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Still:
    """A decoded still: the first frame where there are several."""

    format: str
    pixels: Pixels
    """uint8[h, w, 3], as stored: EXIF orientation is recorded, not applied."""
    frames: int
    said: exif.Said
    decoder: str


def prepare() -> None:
    """Register the readers; none may start a thread, for the sandbox allows none."""
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.init()


def decode(data: bytes, content_type: str, most_pixels: int) -> Still:
    """Decode one image. Raises ``Refused``: empty, unsupported, too_large, truncated, decode_error, memory_limit."""
    reader = FORMATS.get(content_type)
    if reader is None:
        raise Refused("unsupported", f"no image reader for {content_type}")
    if not data:
        raise Refused("empty")
    Image.MAX_IMAGE_PIXELS = most_pixels
    found = png.parts(data) if reader == "PNG" else None
    with verdicts(), _opened(found.picture if found else data, reader) as image:
        width, height = image.size
        if width * height > most_pixels:
            raise Refused("too_large", f"{width} x {height} pixels, the bound is {most_pixels}")
        if max(width, height) > LONGEST_SIDE_PX:
            raise Refused("too_large", f"{width} x {height} pixels, the bound of a side is {LONGEST_SIDE_PX}")
        pixels, decoder = _jpeg(data, image) if reader == "JPEG" else (rgb(image), _decoder(reader))
        block = data if reader == "TIFF" else found.exif if found else _block(image)
        frames = found.frames if found else _frames(data, image, reader)
        return Still(format=reader.lower(), pixels=pixels, frames=frames, said=exif.read(block), decoder=decoder)


def _opened(data: bytes, reader: str) -> Image.Image:
    """Let one reader open it: ``Image.open`` would put an address of ours in place of the reader's own words."""
    opened: Image.Image = Image.OPEN[reader][0](io.BytesIO(data), "")
    return opened


def _jpeg(data: bytes, image: Image.Image) -> tuple[Pixels, str]:
    """Decode with libjpeg-turbo straight to RGB; Pillow takes CMYK, and files with errors that libjpeg survives."""
    if (process := jpeg.process(data)) in jpeg.LOSSLESS_OR_LAYERED:
        raise Refused("unsupported", f"a lossless or hierarchical JPEG (SOF{process - 0xC0})")
    if image.mode in {"RGB", "L"}:
        try:
            pixels: Pixels = simplejpeg.decode_jpeg(data, "RGB")
        except ValueError as error:
            if "memory" in str(error).lower():  # Pillow would need more yet, and call it a broken stream
                raise
            return rgb(image), _decoder("JPEG")
        return pixels, f"simplejpeg {simplejpeg.__version__}"
    return rgb(image), _decoder("JPEG")


def _decoder(reader: str) -> str:
    if reader == "HEIF":
        return f"pillow-heif {pillow_heif.__version__}, libheif {pillow_heif.libheif_version()}"
    return f"Pillow {PIL.__version__}"


def _block(image: Image.Image) -> bytes:
    found = image.info.get("exif", b"")
    return found if isinstance(found, bytes) else b""


def _frames(data: bytes, image: Image.Image, reader: str) -> int:
    """Count frames by structure where Pillow would walk (or decode) every one of them in Python."""
    match reader:
        case "GIF":
            return gif.frames(data)
        case "TIFF":
            found = tiff.block(data)
            return found.pages() if found else 1
        case "JPEG":
            return 1
        case _:
            count = getattr(image, "n_frames", 1)
            return min(max(int(count), 1), 1 << 31)
