"""Smooth random fields: what clouds, stone and grass in the drawings are made of."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]


def fractal(
    rng: np.random.Generator, width: int, height: int, *, cells: int, octaves: int, gain: float = 0.55
) -> Field:
    """Return a field (height, width) with values 0..1: value noise summed over octaves of doubling frequency.

    ``cells``: how many lattice cells of the coarsest octave fit into the longer side.
    """
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for _ in range(octaves):
        across = max(2, round(cells * width / max(width, height)) + 1)
        down = max(2, round(cells * height / max(width, height)) + 1)
        lattice = Image.fromarray(rng.random((down, across), dtype=np.float32))
        total += weight * np.asarray(lattice.resize((width, height), Image.Resampling.BICUBIC))
        weight *= gain
        cells *= 2
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def ridge(rng: np.random.Generator, width: int, *, cells: int, rough: float) -> Field:
    """Return a line of heights (width,) around 0, about -0.5..0.5: the outline of a hill."""
    line = np.zeros(width, np.float32)
    weight = 1.0
    at = np.linspace(0.0, 1.0, width)
    for _ in range(5):
        knots = rng.random(cells + 1) - 0.5
        line += (weight * np.interp(at * cells, np.arange(cells + 1), knots)).astype(np.float32)
        weight *= rough
        cells *= 2
    return line


def blend(field: Field, dark: NDArray[np.float32], light: NDArray[np.float32]) -> Image.Image:
    """Return the picture that goes from colour ``dark`` to ``light`` (each 3 values 0..255) as the field goes 0..1."""
    pixels = dark + field[..., None] * (light - dark)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
