"""What a still costs beside its decoding: ``python bench/variants.py``. CPU ms of one thread, least and median.

``view``, ``edited`` and ``tiles``: the small view, and the hashes sampled from it. ``rectangles``: found and hashed. A
*photograph* has none, a *page* shows four pictures on a ground.
"""

from __future__ import annotations

import functools
import time
import typing as t

import numpy as np
import simplejpeg

from pdq import picture
from vigie.numeric import native
from vigie.numeric.pdq import hash_rgb, orientations
from vigie.numeric.regions import TILES, found, regions_of
from vigie.numeric.variants import EDITED, all_of, prints
from vigie.numeric.variants_packed import RECORD
from vigie.numeric.variants_view import view_of

if t.TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {"0.3 MP": (480, 640), "2 MP": (1080, 1920), "12 MP": (3024, 4032)}
ROUNDS = 15


def page(height: int, width: int) -> np.ndarray:
    """Return a light page with four pictures and lines of text."""
    out = np.full((height, width, 3), 244, np.uint8)
    shown = picture(height * 2 // 5, width * 2 // 5) // 2 + 40
    for top in (height // 20, height * 11 // 20):
        for left in (width // 20, width * 11 // 20):
            out[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    out[height // 2 : height // 2 + height // 60, :: max(width // 200, 2)] = 20
    return out


def of_still(image: np.ndarray) -> list[t.Any]:
    """Do all that ``decode`` does with the pixels."""
    view = view_of(image)
    return [all_of(image, view), regions_of(image, view)]


def milliseconds(tasks: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Return the least and the median CPU time of each; they are run in turn."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS + 1):
        for name, task in tasks.items():
            start = time.thread_time()
            task()
            times[name].append(1000 * (time.thread_time() - start))
    return {name: (min(each[1:]), float(np.median(each[1:]))) for name, each in times.items()}


def main() -> None:
    """Print the table."""
    print(f"{native.using()}; {len(EDITED)} variants, {len(TILES)} tiles, {RECORD} bytes a variant\n")
    for number, (name, sides) in enumerate(SIZES.items()):
        for kind, image in (("photograph", picture(*sides)), ("page", page(*sides))):
            jpeg = simplejpeg.encode_jpeg(image, quality=90, colorsubsampling="420")
            view = view_of(image)
            tasks: dict[str, Callable[[], object]] = {
                "decode": functools.partial(simplejpeg.decode_jpeg, jpeg, "RGB"),
                "plain hash": functools.partial(hash_rgb, image),
                "eight": functools.partial(orientations, image),
                "view": functools.partial(view_of, image),
                "edited": functools.partial(prints, view, EDITED),
                "tiles": functools.partial(prints, view, TILES),
                "rectangles": functools.partial(found, image),
                "all but decode": functools.partial(of_still, image),
            }
            took = milliseconds(tasks)
            if number == 0 and kind == "photograph":
                print(f"| picture | {' | '.join(took)} |\n|---|{'---|' * len(took)}")
            cells = (f"{least:.2f} / {median:.2f}" for least, median in took.values())
            print(f"| {name}, {kind} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
