"""Where the native library is not built, numba does the work in the cell too, in a child that can compile nothing."""

import pathlib

import numpy as np
import pytest
from PIL import Image

from vigie.kernel.cell import Cell, Limits
from vigie.numeric.pdq import hash_rgb
from vigie.numeric.variants import all_of
from vigie.rows import wire

JOBS = pathlib.Path(__file__).parent / "fallback"
LIMITS = Limits(wall_s=60, cpu_s=20, memory_bytes=512 << 20)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("scratch"), jobs=JOBS, minimum="S0") as cell:
        yield cell


def picture(mode, width, height):
    """Shapes with a frame; of 16 and 32 bits in their own range."""
    rng = np.random.default_rng(width * 1000 + height)
    small = Image.fromarray(rng.integers(0, 256, (7, 9, 3), dtype=np.uint8))
    image = Image.new("RGB", (width, height), (9, 9, 9))
    inner = max(width - 20, 1), max(height - 20, 1)
    image.paste(small.resize(inner, Image.Resampling.BICUBIC), (10, 10))
    if mode in {"I;16", "I", "F"}:
        grey = np.asarray(image.convert("L"), np.float32) * 200
        return Image.fromarray(grey.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("content_type", "kind", "mode"),
    [
        ("image/jpeg", "JPEG", "RGB"),
        ("image/jpeg", "JPEG", "L"),
        ("image/jpeg", "JPEG", "CMYK"),
        ("image/png", "PNG", "RGB"),
        ("image/png", "PNG", "LA"),
        ("image/png", "PNG", "1"),
        ("image/png", "PNG", "I;16"),
        ("image/gif", "GIF", "P"),
        ("image/webp", "WEBP", "RGBA"),
        ("image/bmp", "BMP", "L"),
        ("image/tiff", "TIFF", "F"),
        ("image/tiff", "TIFF", "I"),
    ],
)
@pytest.mark.parametrize("size", [(3, 4), (5, 63), (64, 64), (333, 257), (1100, 130)])
def test_odd_pictures(cell, tmp_path, content_type, kind, mode, size):
    image = picture(mode, *size)
    image.save(tmp_path / "still", kind)
    with (tmp_path / "still").open("rb") as file:
        *replies, last = cell.ask(wire.Decode(content_type=content_type), [file.fileno()], limits=LIMITS)
    assert isinstance(last, wire.Done), last
    prints = [each for each in replies if isinstance(each, wire.Print)]
    varied = [each for each in replies if isinstance(each, wire.Varied)]
    assert len(prints) == len(varied) == 1
    if kind == "PNG" and mode == "RGB":  # the same as the loops that this process uses
        pixels = np.asarray(image)
        value, more = all_of(pixels)
        assert prints[0].value == value.value == hash_rgb(pixels).value
        assert [each.value for each in varied[0].variants] == [value.tobytes() for value in more.values]
