"""Things that stand in the drawings: suns, trees, houses, ponds. None of them is a living being."""

import numpy as np
from PIL import ImageDraw

Colour = tuple[int, int, int]


def colour(rng: np.random.Generator, low: int = 0, high: int = 256) -> Colour:
    """Return a random colour with channels in low..high-1."""
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def sun(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """Draw rings of light of radius ``size`` px around (x, y)."""
    outer, inner = colour(rng, 120), colour(rng, 200)
    steps = 6
    for step in range(steps):
        radius = size * (1 - step / steps)
        part = step / (steps - 1)
        red, green, blue = (round(a + (b - a) * part) for a, b in zip(outer, inner, strict=True))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(red, green, blue))


def tree(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """Draw a tree of height ``size`` px that stands on (x, y): a fir or a round crown."""
    trunk, leaf = colour(rng, 20, 90), colour(rng, 10, 150)
    draw.rectangle((x - size / 18, y - size * 0.5, x + size / 18, y), fill=trunk)
    if rng.random() < 0.5:
        for level in range(3):
            top, wide = y - size * (1 - level * 0.22), size * (0.16 + 0.09 * level)
            draw.polygon([(x, top), (x - wide, top + size * 0.38), (x + wide, top + size * 0.38)], fill=leaf)
    else:
        for _ in range(5):
            left, up = rng.uniform(-0.18, 0.18, 2) * size
            radius = size * rng.uniform(0.14, 0.24)
            middle = y - size * 0.7 + up
            draw.ellipse((x + left - radius, middle - radius, x + left + radius, middle + radius), fill=leaf)


def house(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, wide: float, high: float) -> None:
    """Draw a house with roof and rows of windows; (x, y) is its lower left corner, sizes in px."""
    wall, roof, glass = colour(rng, 60), colour(rng, 20, 200), colour(rng, 30)
    draw.rectangle((x, y - high, x + wide, y), fill=wall)
    if rng.random() < 0.6:
        peak = high * rng.uniform(0.2, 0.5)
        draw.polygon([(x - 2, y - high), (x + wide / 2, y - high - peak), (x + wide + 2, y - high)], fill=roof)
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 7))
    cell_x, cell_y = wide / columns, high / rows
    for column in range(columns):
        for row in range(rows):
            if rng.random() < 0.8:
                left, top = x + (column + 0.25) * cell_x, y - high + (row + 0.2) * cell_y
                draw.rectangle((left, top, left + cell_x * 0.5, top + cell_y * 0.55), fill=glass)
