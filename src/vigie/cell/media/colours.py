"""One conversion to RGB bytes for every mode that Pillow has; docs/fingerprints.md states each."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

BAND_PX: t.Final = 256
"""Rows converted at a time: a large picture is never held three times."""

Pixels = npt.NDArray[np.uint8]


def rgb(image: Image.Image) -> Pixels:
    """Return uint8[h, w, 3]. Alpha is dropped, palettes are looked up, colour profiles are ignored."""
    image.load()
    width, height = image.size
    out = np.empty((height, width, 3), np.uint8)
    lowest, highest = _range(image)
    for top in range(0, height, BAND_PX):
        band = image.crop((0, top, width, min(top + BAND_PX, height)))
        out[top : top + BAND_PX] = _band(band, lowest, highest)
    return out


def _band(band: Image.Image, lowest: float, highest: float) -> Pixels:
    match band.mode:
        case "RGB":
            return np.asarray(band)
        case "I;16" | "I;16L" | "I;16B" | "I;16N" | "I" | "F":
            values = np.nan_to_num(np.asarray(band).astype(np.float64), nan=lowest, posinf=highest, neginf=lowest)
            grey = np.rint((values - lowest) * (255.0 / (highest - lowest))).clip(0, 255).astype(np.uint8)
            return np.repeat(grey[:, :, None], 3, axis=2)
        case "LAB":
            return np.asarray(_from_lab(band))
        case "RGBa":  # premultiplied: only Pillow's own detour divides again
            return np.asarray(band.convert("RGBA").convert("RGB"))
        case "La":
            return np.asarray(band.convert("LA").convert("RGB"))
        case _:
            return np.asarray(band.convert("RGB"))


def _range(image: Image.Image) -> tuple[float, float]:
    """Values that become 0 and 255: the type's own for 16 bits; the picture's own where the type names none."""
    if image.mode not in {"I", "F"}:
        return 0.0, 65535.0
    values = np.asarray(image)
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() == finite.max():
        return 0.0, 1.0
    return float(finite.min()), float(finite.max())


def _from_lab(band: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(band, transform)
    if converted is None:  # only where asked to work in place
        raise ValueError("LAB could not be converted")
    return converted
