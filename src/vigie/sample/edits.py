"""What people and programs do to pictures: each edit by its name, which is what ``Truth.edit`` says."""

import io
import typing as t
from collections.abc import Callable

import msgspec
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vigie.sample.shapes import colour

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the pixels, and the format the result is saved in."""

    change: Change
    format: str = "JPEG"
    suffix: str = ".jpg"
    save: dict[str, t.Any] = {}
    far: bool = False
    """Is plain PDQ not expected to see through it?"""


def _same(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return image


def _resize(part: float) -> Change:
    def change(image: Image.Image, _: np.random.Generator) -> Image.Image:
        return image.resize((round(image.width * part), round(image.height * part)), Image.Resampling.LANCZOS)

    return change


def _crop(part: float) -> Change:
    def change(image: Image.Image, _: np.random.Generator) -> Image.Image:
        x, y = round(image.width * part), round(image.height * part)
        return image.crop((x, y, image.width - x, image.height - y))

    return change


def _logo(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Set a small sign into a corner: 9 % of the width."""
    out, size = image.copy(), round(image.width * 0.09)
    left = 8 if rng.random() < 0.5 else image.width - size - 8
    draw = ImageDraw.Draw(out)
    draw.ellipse((left, 8, left + size, 8 + size), fill=colour(rng, 150))
    draw.polygon([(left + size / 2, 12), (left + 6, size), (left + size - 6, size)], fill=colour(rng, 0, 100))
    return out


def _bar(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Write a line of text on a bar over the lowest 4 % of the picture."""
    out, high = image.copy(), round(image.height * 0.04)
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, image.height - high, image.width, image.height), fill=colour(rng, 0, 60))
    draw.text(
        (8, image.height - high + 2), "okari.example", font=ImageFont.load_default(high - 4), fill=(255, 255, 255)
    )
    return out


def _tone(times: float, gamma: float) -> Change:
    table = [min(255, round(255 * times * (value / 255) ** gamma)) for value in range(256)]

    def change(image: Image.Image, _: np.random.Generator) -> Image.Image:
        return image.point(table * 3)

    return change


def _palette(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """Take 256 colours by octree: median cut, which Pillow takes by itself, is slower than all other edits together."""
    return image.quantize(256, method=Image.Quantize.FASTOCTREE)


def _turn(how: Image.Transpose) -> Change:
    def change(image: Image.Image, _: np.random.Generator) -> Image.Image:
        return image.transpose(how)

    return change


EDITS: dict[str, Edit] = {
    "original": Edit(change=_same, save={"quality": 92}),
    **{f"jpeg{quality}": Edit(change=_same, save={"quality": quality}) for quality in (30, 45, 60, 75, 85, 95)},
    "png": Edit(change=_same, format="PNG", suffix=".png", save={"compress_level": 1}),
    "webp": Edit(change=_same, format="WEBP", suffix=".webp", save={"quality": 80, "method": 0}),
    "gif": Edit(change=_palette, format="GIF", suffix=".gif"),
    "bmp": Edit(change=_same, format="BMP", suffix=".bmp"),
    "tiff": Edit(change=_same, format="TIFF", suffix=".tif", save={"compression": "packbits"}),
    "resize75": Edit(change=_resize(0.75), save={"quality": 85}),
    "resize50": Edit(change=_resize(0.5), save={"quality": 80}),
    "resize25": Edit(change=_resize(0.25), save={"quality": 85}),
    "crop1": Edit(change=_crop(0.01), save={"quality": 85}),
    "crop2": Edit(change=_crop(0.02), save={"quality": 85}),
    "logo": Edit(change=_logo, save={"quality": 85}),
    "bar": Edit(change=_bar, save={"quality": 85}),
    "brighter": Edit(change=_tone(1.2, 1.0), save={"quality": 85}),
    "darker": Edit(change=_tone(0.75, 1.0), save={"quality": 85}),
    "gamma": Edit(change=_tone(1.0, 1.4), save={"quality": 85}),
    "crop10": Edit(change=_crop(0.10), save={"quality": 85}, far=True),
    "mirror": Edit(change=_turn(Image.Transpose.FLIP_LEFT_RIGHT), save={"quality": 85}, far=True),
    "turn90": Edit(change=_turn(Image.Transpose.ROTATE_90), save={"quality": 85}, far=True),
}
NEAR = tuple(name for name, edit in EDITS.items() if not edit.far and name != "original")
FAR = tuple(name for name, edit in EDITS.items() if edit.far)
HEAVY = ("bmp", "tiff", "png")
"""Ten times the bytes of a JPEG: kept rare, so that samples stay small."""


def apply(drawing: Image.Image, name: str, rng: np.random.Generator, exif: Image.Exif | None) -> bytes:
    """Return the bytes of the file that this edit makes of the drawing; EXIF only where cameras write it."""
    edit = EDITS[name]
    out = io.BytesIO()
    extra = {"exif": exif.tobytes()} if exif is not None and edit.format in {"JPEG", "WEBP", "TIFF"} else {}
    edit.change(drawing, rng).save(out, edit.format, **edit.save, **extra)
    return out.getvalue()
