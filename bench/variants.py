"""What the variants of a still cost beside its plain hash: ``python bench/variants.py``. Medians, one thread."""

import functools
import time
from collections.abc import Callable

import numpy as np

from vigie.numeric.pdq import hash_rgb, orientations
from vigie.numeric.variants import HELD, QUERY, all_of, prints
from vigie.numeric.variants_packed import RECORD
from vigie.numeric.variants_view import view_of

SIZES = ((512, 512), (3000, 4000))


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time of one call."""
    work()
    times = []
    for _ in range(15):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def main() -> None:
    """Print the table."""
    print("| Picture | plain hash | eight orientations | view | asked variants | held variants | all of it |")
    print("|---|---|---|---|---|---|---|")
    for height, width in SIZES:
        small = np.random.default_rng(1).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
        image = np.ascontiguousarray(np.kron(small, np.ones((8, 8, 1), np.uint8)))
        view = view_of(image)
        parts = (
            functools.partial(hash_rgb, image),
            functools.partial(orientations, image),
            functools.partial(view_of, image),
            functools.partial(prints, view, QUERY),
            functools.partial(prints, view, HELD),
            functools.partial(all_of, image),
        )
        print(f"| {width} x {height} |", " | ".join(f"{median_ms(one):.2f} ms" for one in parts), "|")
    print(f"\n{RECORD * len(all_of(image)[1].names):,} bytes a still; {len(QUERY)} asked, {len(HELD)} held, 8 turned")


if __name__ == "__main__":
    main()
