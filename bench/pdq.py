"""What a PDQ hash costs, one thread, beside its peers in the same run; decoding, and from JPEG to hash.

``python bench/pdq.py [--repeats N] [--pictures FOLDER]``. Milliseconds of CPU, medians; pictures are drawn from a seed.
``hash``: pixels to hash. ``end to end``: JPEG bytes to hash; the floor is what simplejpeg takes to decode alone. Peers:
pdqhash (the C++ reference), behind Pillow as ThreatExchange uses it, and Thorn's perception where it is installed.
``--pictures``: compare every picture below a folder with pdqhash, bit by bit.
"""

from __future__ import annotations

import argparse
import collections
import functools
import importlib.util
import io
import os
import statistics
import time
import typing as t
from pathlib import Path

import numpy as np
import pdqhash  # type: ignore[import-untyped]  # it ships no types
import simplejpeg
from PIL import Image

import figures
from vigie.numeric import native, pdq_native, pdq_numba
from vigie.numeric.pdq import COSINES, hash_luma, hash_rgb, lines_of_rgb, orientations

if t.TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {
    "512 x 512": (512, 512),
    "640 x 360": (360, 640),
    "1280 x 720": (720, 1280),
    "1920 x 1080": (1080, 1920),
    "4032 x 3024": (3024, 4032),
}
LEAST_QUALITY = 50
ROUND_S = 0.004


def picture(height: int, width: int) -> np.ndarray[t.Any, np.dtype[np.uint8]]:
    """Return a benign picture: smooth shapes with grain, so that its JPEG is about as large as a camera's."""
    rng = np.random.default_rng(height)
    shapes = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    grain = rng.normal(0, 6, (height, width, 1)).astype(np.float32)
    out: np.ndarray[t.Any, np.dtype[np.uint8]] = np.clip(np.asarray(shapes, np.float32) + grain, 0, 255).astype(
        np.uint8
    )
    return out


def median_ms(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Time the tasks in turn, ``repeats`` rounds, so that what else the machine does meets all of them alike.

    A short one is run several times in a row and the mean is taken: a clock and a cold cache would be most of it.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    many: dict[str, int] = {}
    for name, task in tasks.items():
        task()
        began = time.thread_time()
        task()
        many[name] = max(1, min(20, int(ROUND_S / (time.thread_time() - began))))
    for _ in range(repeats):
        for name, task in tasks.items():
            began = time.thread_time()
            for _ in range(many[name]):
                task()
            times[name].append(1e3 * (time.thread_time() - began) / many[name])
    return {name: statistics.median(each) for name, each in times.items()}


def pillow(data: bytes) -> np.ndarray:
    """Decode as ThreatExchange does."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def rows(size: str, repeats: int) -> tuple[str, str, list[figures.Bar]]:
    """Return the two lines of one size, and what is drawn of it."""
    image = picture(*SIZES[size])
    grey = np.ascontiguousarray(image[:, :, 1])
    lines, numba = lines_of_rgb(image), pdq_numba.Loops()
    jpeg = simplejpeg.encode_jpeg(image, quality=92, colorsubsampling="420")
    spent = median_ms(
        {
            "exact": lambda: hash_rgb(image),
            "triage": lambda: hash_luma(grey, full_range=True),
            "eight": lambda: orientations(image),
            "numba": lambda: numba.hash_of(lines, COSINES),
            "peer": lambda: pdqhash.compute(image),
            "decode": lambda: simplejpeg.decode_jpeg(jpeg, "RGB"),
            "decode grey": lambda: simplejpeg.decode_jpeg(jpeg, "GRAY"),
            "end exact": lambda: hash_rgb(simplejpeg.decode_jpeg(jpeg, "RGB")),
            "end triage": lambda: hash_luma(simplejpeg.decode_jpeg(jpeg, "GRAY")[:, :, 0], full_range=True),
            "end peer": lambda: pdqhash.compute(pillow(jpeg)),
        },
        repeats,
    )
    peer, end = spent["peer"], spent["end peer"]
    hashing = f"{size:12}" + "".join(f" {spent[name]:8.3f}" for name in ("exact", "triage", "eight", "numba"))
    hashing += f" {peer:9.2f}" + "".join(f" {peer / spent[name]:8.0f}x" for name in ("exact", "triage", "numba"))
    whole = f"{size:12} {len(jpeg) / 1e6:5.2f}"
    whole += "".join(f" {spent[name]:8.2f}" for name in ("decode", "end exact", "decode grey", "end triage"))
    whole += f" {end:9.2f} {end / spent['end exact']:8.1f}x {end / spent['end triage']:8.1f}x"
    whole += f" {spent['exact'] / spent['decode']:8.1%} {spent['decode'] / spent['end exact']:8.1%}"
    named = {"exact": ("exact", True), "triage": ("triage", True), "peer": ("pdqhash", False)}
    bars = [(f"{label}, {size}", 1e3 / spent[name], ours) for name, (label, ours) in named.items()]
    return hashing, whole, bars


def perception(repeats: int) -> str:
    """Say how long Thorn's perception takes for a decoded 1 MP picture, or that it is not here."""
    if importlib.util.find_spec("perception") is None:
        return "perception (Thorn): not installed"
    hashers = importlib.import_module("perception.hashers")
    image, hasher = picture(1024, 1024), hashers.PDQHash()
    spent = median_ms({"theirs": lambda: hasher.compute(image), "ours": lambda: hash_rgb(image)}, repeats)
    return f"perception (Thorn), 1024 x 1024: {spent['theirs']:.2f} ms, ours {spent['ours']:.3f} ms"


def compare(folder: Path) -> None:
    """Print how far our hashes lie from pdqhash's, for every picture of quality 50 or more below ``folder``."""
    far: collections.Counter[int] = collections.Counter()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png", ".webp"} or not path.is_file():
            continue
        image = np.ascontiguousarray(pillow(path.read_bytes()))
        ours, (bits, _) = hash_rgb(image), pdqhash.compute(image)
        if ours.quality < LEAST_QUALITY:
            continue
        theirs = np.packbits(np.asarray(bits, np.uint8)).tobytes()
        distance = (int.from_bytes(ours.value) ^ int.from_bytes(theirs)).bit_count()
        far[distance] += 1
        if distance:
            print(f"{distance:3} bits, {ours.weak:3} weak: {path.relative_to(folder)}")
    print(f"{far[0]} of {far.total()} pictures of quality 50 or more: 0 bits from pdqhash")


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=15)
    arguments.add_argument("--pictures", type=Path)
    given = arguments.parse_args()
    if given.pictures:
        compare(given.pictures)
        return
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {native.using()}; {given.repeats} repeats")
    both = [rows(size, given.repeats if size != "4032 x 3024" else max(given.repeats // 2, 5)) for size in SIZES]
    figures.keep("pdq", "PDQ from pixels, one thread", "hashes a second", [bar for *_, bars in both for bar in bars])
    columns = ("exact", "triage", "eight", "numba")
    print(f"\n{'hash':12}" + "".join(f" {name:>8}" for name in columns), end="")
    print(f" {'pdqhash':>9} {'exact':>9} {'triage':>9} {'numba':>9}")
    print(*(hashing for hashing, _, _ in both), sep="\n")
    columns = ("decode", "exact", "grey", "triage")
    print(f"\n{'end to end':12} {'MB':>5}" + "".join(f" {name:>8}" for name in columns), end="")
    print(f" {'reference':>9} {'exact':>9} {'triage':>9} {'hash':>8} {'floor':>8}")
    print(*(whole for _, whole, _ in both), sep="\n")
    print("\nhash: share of decoding that the exact hash adds; floor: decoding alone, of the exact end to end")
    if native.NATIVE:
        image = picture(*SIZES["1920 x 1080"])
        lines = lines_of_rgb(image)
        levels = {native.LEVELS[level]: pdq_native.Loops(native.NATIVE, level) for level in native.NATIVE.levels}
        spent = median_ms(
            {name: functools.partial(loops.hash_of, lines, COSINES) for name, loops in levels.items()}, given.repeats
        )
        print("1920 x 1080 exact by level: " + ", ".join(f"{name} {each:.3f}" for name, each in spent.items()))
    print(perception(given.repeats))


if __name__ == "__main__":
    main()
