"""One drawing: everything in it follows from (seed, stream, index), so any drawing can be made alone."""

import typing as t

import numpy as np
from PIL import Image, ImageChops

from vigie.sample.layouts import LAYOUTS, textured
from vigie.sample.noise import fractal

Stream = t.Literal["image", "video", "plan", "lists", "foreign"]
STREAMS: tuple[Stream, ...] = t.get_args(Stream)
DARKEST = 0.25
"""What the deepest shade leaves of the light."""
_LIFT = [min(255, round(1.45 * value)) for value in range(256)]
"""Light that the shade takes away again, on average."""
SIZES = ((640, 480), (512, 512), (480, 640), (800, 600), (720, 540), (960, 640))


def generator(seed: int, stream: Stream, *index: int) -> np.random.Generator:
    """Return the random generator of one thing; streams and indices never share numbers."""
    return np.random.default_rng([seed, STREAMS.index(stream), *index])


def still(seed: int, index: int) -> Image.Image:
    """Return the drawing of one image family; RGB, one of ``SIZES``."""
    rng = generator(seed, "image", index)
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    return draw(rng, width, height)


def draw(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a drawing (RGB, width x height px).

    Large-scale light and shade are laid over every layout: PDQ sees only frequencies 1 to 16 of a picture,
    and without them all landscapes (bright above, dark below) would lie near each other.
    """
    image = textured(rng, width, height, cells=int(rng.integers(2, 5)))
    LAYOUTS[int(rng.integers(len(LAYOUTS)))](rng, image)
    shade = fractal(rng, width // 4, height // 4, cells=int(rng.integers(3, 7)), octaves=3, gain=0.7)
    light = Image.fromarray(np.rint(255 * (DARKEST + (1 - DARKEST) * shade)).astype(np.uint8))
    lit = ImageChops.multiply(image.point(_LIFT * 3), _grey(light.resize(image.size, Image.Resampling.BILINEAR)))
    return ImageChops.add(lit, _grey(Image.fromarray(rng.integers(0, 9, (height, width), dtype=np.uint8))), 1, -4)


def _grey(plane: Image.Image) -> Image.Image:
    return Image.merge("RGB", [plane] * 3)
