"""Made-up cameras: makers, bodies and places (all in the open sea) that families of drawings claim to come from."""

import datetime as dt

import numpy as np
from PIL import Image

from vigie.sample.drawing import generator

MAKERS = {"Lumen": ("L-3", "L-5 Pro", "Halo 2"), "Okari": ("OK-100", "OK-220", "Trail")}
_EXIF, _GPS = 0x8769, 0x8825
_MAKE, _MODEL, _ORIENTATION, _SOFTWARE, _DATE = 0x010F, 0x0110, 0x0112, 0x0131, 0x0132
_DATE_TAKEN, _SERIAL, _LENS = 0x9003, 0xA431, 0xA434


def body(seed: int, number: int) -> tuple[str, str, str]:
    """Return maker, model and serial number of one camera body; the same number is the same body."""
    rng = generator(seed, "plan", 1, number)
    maker = sorted(MAKERS)[int(rng.integers(len(MAKERS)))]
    model = MAKERS[maker][int(rng.integers(3))]
    return maker, model, f"{maker[:2].upper()}{int(rng.integers(10**7)):07d}"


def exif(seed: int, camera: int, taken: int, rng: np.random.Generator) -> Image.Exif:
    """Return the EXIF block of a picture taken by this body at this time (seconds since 1970, UTC)."""
    maker, model, serial = body(seed, camera)
    when = dt.datetime.fromtimestamp(taken, dt.UTC).strftime("%Y:%m:%d %H:%M:%S")
    block = Image.Exif()
    block[_MAKE], block[_MODEL], block[_SOFTWARE], block[_DATE] = maker, model, f"{maker} 1.{camera % 10}", when
    block[_ORIENTATION] = 1
    block.get_ifd(_EXIF).update({_DATE_TAKEN: when, _SERIAL: serial, _LENS: f"{maker} {20 + camera % 5 * 15}mm"})
    if rng.random() < 0.5:
        south, west = rng.uniform(5, 45), rng.uniform(5, 30)
        block.get_ifd(_GPS).update({1: "S", 2: _degrees(south), 3: "W", 4: _degrees(west)})
    return block


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    return float(whole), float(minutes), round((value - whole - minutes / 60) * 3600, 2)
