"""What a drawing shows: hills, a town, pebbles, a mosaic, stripes, a lake, furrows, lamps at night."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from vigie.sample.noise import blend, fractal, ridge
from vigie.sample.shapes import colour, house, sun, tree

Layout = Callable[[np.random.Generator, Image.Image], None]


def textured(rng: np.random.Generator, width: int, height: int, *, cells: int = 8) -> Image.Image:
    """Return a picture of one material: two random colours mixed by a fractal field.

    It is made at a third of the size and enlarged: it is soft anyway, and this is most of the work of drawing.
    """
    dark, light = np.array(colour(rng, 0, 190), np.float32), np.array(colour(rng, 60), np.float32)
    small = blend(fractal(rng, width // 3, height // 3, cells=cells, octaves=4), dark, light)
    return small.resize((width, height), Image.Resampling.BILINEAR)


def hills(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw three to six ridges one before the other, with trees and houses on them and a sun behind."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    sun(draw, rng, rng.uniform(0, width), rng.uniform(0, height * 0.5), rng.uniform(0.04, 0.2) * height)
    count = int(rng.integers(3, 7))
    for step in range(count):
        middle = height * (0.25 + 0.7 * (step + rng.uniform(-0.3, 0.3)) / count)
        line = middle + height * rng.uniform(0.15, 0.5) * ridge(rng, width, cells=int(rng.integers(2, 6)), rough=0.5)
        outline = [(float(x), float(line[x])) for x in range(0, width, 2)]
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).polygon([(0, height), *outline, (width, float(line[-1])), (width, height)], fill=255)
        image.paste(textured(rng, width, height, cells=int(rng.integers(3, 20))), mask=mask)
        for x in rng.integers(0, width, int(rng.integers(0, 9))).tolist():
            if rng.random() < 0.7:
                tree(draw, rng, x, float(line[x]) + 3, rng.uniform(0.08, 0.35) * height)
            else:
                house(
                    draw, rng, x, float(line[x]) + 5, rng.uniform(0.05, 0.2) * width, rng.uniform(0.06, 0.25) * height
                )


def town(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw rows of houses of many heights."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for row in range(int(rng.integers(2, 5))):
        x = rng.uniform(-0.1, 0.0) * width
        ground = height * (0.6 + 0.15 * row)
        while x < width:
            wide = rng.uniform(0.06, 0.24) * width
            house(draw, rng, x, ground, wide, rng.uniform(0.1, 0.65) * height)
            x += wide * rng.uniform(1.0, 1.3)


def pebbles(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw some hundred round stones, large ones first."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for radius in sorted((height * 0.02 * (1 + 12 * rng.random(160) ** 4)).tolist(), reverse=True):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        flat = rng.uniform(0.5, 1.0)
        draw.ellipse(
            (x - radius, y - radius * flat, x + radius, y + radius * flat), fill=colour(rng), outline=colour(rng, 0, 80)
        )


def mosaic(rng: np.random.Generator, image: Image.Image) -> None:
    """Fill the picture with cells around random points, each cell of one colour."""
    width, height = image.size
    points = rng.random((int(rng.integers(20, 90)), 2)).astype(np.float32)
    tones = rng.integers(0, 256, (len(points), 3)).astype(np.uint8)
    across, down = width // 6, height // 6
    x, y = np.meshgrid(np.linspace(0, 1, across, dtype=np.float32), np.linspace(0, 1, down, dtype=np.float32))
    nearest = np.argmin((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2, axis=2)
    cells = Image.fromarray(tones[nearest]).resize(image.size, Image.Resampling.BICUBIC)
    image.paste(Image.blend(cells, image, float(rng.uniform(0.1, 0.4))))


def stripes(rng: np.random.Generator, image: Image.Image) -> None:
    """Lay turned stripes over parts of the picture, bent by a field so that no two drawings share them."""
    width, height = image.size
    across, down = width // 2, height // 2
    x, y = np.meshgrid(
        np.linspace(0, width / height, across, dtype=np.float32), np.linspace(0, 1, down, dtype=np.float32)
    )
    for _ in range(int(rng.integers(1, 4))):
        turn, per_side = rng.uniform(0, np.pi), rng.uniform(2, 9)
        bend = fractal(rng, across, down, cells=3, octaves=3) * rng.uniform(0.5, 2.0)
        wave = np.sin(2 * np.pi * (per_side * (x * np.cos(turn) + y * np.sin(turn)) + bend))
        where = fractal(rng, across, down, cells=2, octaves=3) > 0.45
        mask = Image.fromarray(((wave > rng.uniform(-0.4, 0.4)) & where).astype(np.uint8) * 255)
        image.paste(textured(rng, width, height), mask=mask.resize(image.size))


def lake(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw hills and mirror the upper part into a lake with ripples."""
    hills(rng, image)
    height = image.height
    shore = int(height * rng.uniform(0.5, 0.75))
    upper = np.asarray(image)[:shore][::-1][: height - shore]
    shift = (rng.uniform(2, 10) * np.sin(np.arange(len(upper)) * rng.uniform(0.1, 0.6))).astype(int)
    water = np.stack([np.roll(row, by, axis=0) for row, by in zip(upper, shift.tolist(), strict=True)])
    tinted = water * rng.uniform(0.4, 0.9) + np.array(colour(rng, 0, 90), np.float32) * 0.4
    image.paste(Image.fromarray(np.clip(tinted, 0, 255).astype(np.uint8)), (0, shore))


def furrows(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw a field whose furrows meet in a point, under a sky with a few trees on the horizon."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    horizon, meet = height * rng.uniform(0.2, 0.6), width * rng.uniform(-0.2, 1.2)
    edges = np.sort(rng.uniform(-1.5, 2.5, int(rng.integers(12, 30)))) * width
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        draw.polygon([(meet, horizon), (left, height), (right, height)], fill=colour(rng, 20, 230))
    for x in rng.uniform(0, width, int(rng.integers(2, 10))).tolist():
        tree(draw, rng, x, horizon + 4, rng.uniform(0.1, 0.4) * height)


def lamps(rng: np.random.Generator, image: Image.Image) -> None:
    """Darken the picture and hang lamps of all sizes into it."""
    width, height = image.size
    image.paste(Image.eval(image, lambda value: value // 3))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(12, 40))):
        sun(draw, rng, rng.uniform(0, width), rng.uniform(0, height), height * 0.02 * (1 + 7 * rng.random() ** 3))


def shards(rng: np.random.Generator, image: Image.Image) -> None:
    """Throw textured triangles over each other."""
    width, height = image.size
    for _ in range(int(rng.integers(8, 16))):
        mask = Image.new("L", image.size)
        corners = [(float(x) * width, float(y) * height) for x, y in rng.uniform(-0.1, 1.1, (3, 2))]
        ImageDraw.Draw(mask).polygon(corners, fill=255)
        image.paste(Image.new("RGB", image.size, colour(rng)), mask=mask)


LAYOUTS: tuple[Layout, ...] = (hills, town, pebbles, mosaic, stripes, lake, furrows, lamps, shards)
