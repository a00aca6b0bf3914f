"""A drawn film: scenes over which a camera glides slowly while discs drift through, with hard cuts between."""

from collections.abc import Iterator

import msgspec
from PIL import Image, ImageDraw

from vigie.sample.drawing import draw, generator
from vigie.sample.shapes import colour

SHAPES = ((320, 180), (426, 240), (640, 360))
"""Not 480 wide: there x264 was seen to give other bytes in one of ten runs."""
RATES = (24, 25, 30)


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """Size in px, frames per second, and the number of frames of each scene."""

    width: int
    height: int
    rate: int
    scenes: tuple[int, ...]


def film(seed: int, index: int, *, small: bool) -> Film:
    """Return the outline of one film: 3 to 8 s, two to five scenes; ``small``: 3 to 4 s of the least size."""
    rng = generator(seed, "video", index)
    width, height = SHAPES[0] if small else SHAPES[int(rng.integers(len(SHAPES)))]
    rate = RATES[int(rng.integers(len(RATES)))]
    count = 2 if small else int(rng.integers(2, 5))
    scenes = tuple(round(rate * float(rng.uniform(1.6, 1.95))) for _ in range(count))
    return Film(width=width, height=height, rate=rate, scenes=scenes)


def frames(seed: int, index: int, outline: Film) -> Iterator[Image.Image]:
    """Yield the frames of a film, RGB.

    The camera moves by at most 1.5 % of the width in a second: PDQ sees a shift of 2 % as another picture, and
    what is sampled at other moments than a list's frames must still meet them, as in most real films.
    """
    for number, length in enumerate(outline.scenes):
        rng = generator(seed, "video", index, number + 1)
        wide = draw(rng, round(outline.width * 1.25), round(outline.height * 1.25))
        start = rng.uniform(0.05, 0.15, 2)
        speed = rng.uniform(-0.015, 0.015, 2) / outline.rate
        discs = [(rng.uniform(0, 1, 2), rng.uniform(-0.06, 0.06, 2), colour(rng)) for _ in range(3)]
        for at in range(length):
            x, y = (start + speed * at) * (outline.width, outline.height)
            box = (float(x), float(y), float(x) + outline.width, float(y) + outline.height)
            frame = wide.resize((outline.width, outline.height), Image.Resampling.BILINEAR, box=box)
            pen = ImageDraw.Draw(frame)
            for where, drift, tone in discs:
                middle = (where + drift * at / outline.rate) * (outline.width, outline.height)
                radius = outline.height * 0.025
                pen.ellipse((*(middle - radius).tolist(), *(middle + radius).tolist()), fill=tone)
            yield frame
