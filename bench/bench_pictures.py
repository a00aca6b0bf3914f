"""Pictures to measure with, from folders of benign ones."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from qt_resources import entries

Pixels = npt.NDArray[np.uint8]
ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
MOST_PIXELS = 40_000_000
Image.MAX_IMAGE_PIXELS = None  # larger ones are left out below, by their header
SAME_BITS = 60
"""Pictures at most so far apart are taken for copies of one."""


def pictures(folders: Iterable[str], *, least_px: int, longest_px: int) -> Iterator[Pixels]:
    """Yield all pictures in folders or ``.rcc`` files whose sides have ``least_px``, reduced, RGB, in one order."""
    for folder in folders:
        if not Path(folder).exists():
            raise SystemExit(f"{folder} is not there; docs/matching.md 7 names the Debian packages")
    for folder in folders:
        for file in _files(Path(folder)):
            with Image.open(file) as image:
                if min(image.size) >= least_px and image.size[0] * image.size[1] <= MOST_PIXELS:
                    image.draft("RGB", (longest_px, longest_px))
                    plain = image.convert("RGBA") if "transparency" in image.info else image
                    small = plain.convert("RGB")
                    small.thumbnail((longest_px, longest_px))
                    yield np.asarray(small)


def _files(place: Path) -> Iterator[Path | io.BytesIO]:
    if place.suffix == ".rcc":
        yield from (io.BytesIO(held) for name, held in entries(place) if Path(name).suffix.lower() in ENDINGS)
    for path in sorted(place.rglob("*")):
        if path.suffix.lower() in ENDINGS and path.is_file() and not path.is_symlink():
            yield path


def bits(one: bytes | Pixels, other: bytes | Pixels) -> int:
    """Return the distance of two hashes."""
    return int(np.bitwise_count(np.frombuffer(bytes(one), np.uint8) ^ np.frombuffer(bytes(other), np.uint8)).sum())
