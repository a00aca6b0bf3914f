"""What each variant finds of ordinarily edited photographs: ``python bench/recall.py [--photographs N] FOLDER...``.

The plain hash of every photograph is what a list holds; its crops are what a case indexes beside it. Each edit is
applied, saved as JPEG, read again and asked for. The columns add up, in the order of the work. Counts, not timings.
Benign landscapes and objects: the Debian packages named in docs/matching.md, others than the variants were chosen on.
"""

import argparse
import io
import math
from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench_pictures import SAME_BITS, Pixels, bits, pictures
from vigie.numeric.pdq import hash_rgb
from vigie.numeric.pdq_operator import Hash
from vigie.numeric.variants import HELD, QUERY, TRIMMED, TURNED, Prints, all_of
from vigie.steps.matches.media_varied import Varied

Rng = np.random.Generator
Change = Callable[[Image.Image, Rng], Image.Image]
NEAR = Varied().most_bits
EDITED = Varied().most_bits_edited
PADS = tuple(one.name for one in QUERY if one.name.startswith("pad"))
TILTS = tuple(one.name for one in QUERY if one.name.startswith("tilt"))
CROPS = tuple(one.name for one in HELD)
COLUMNS = ("PDQ alone", "+ turned", "+ trimmed", "+ pads", "+ tilts", "+ held crops")
RADII = (20, 24, 30)
"""What all of it finds where other variants than turns are asked for within so many bits."""
MOST = 40


def cut(left: float, top: float, right: float, bottom: float) -> Change:
    """Cut off these shares of the sides."""

    def change(image: Image.Image, _: Rng) -> Image.Image:
        w, h = image.size
        return image.crop((round(w * left), round(h * top), round(w * (1 - right)), round(h * (1 - bottom))))

    return change


def even(percent: float) -> Change:
    """Cut so much off each side."""
    return cut(*(percent / 100,) * 4)


def uneven(low: float, high: float) -> Change:
    """Cut off each side a share of its own."""
    return lambda image, rng: cut(*rng.uniform(low / 100, high / 100, 4))(image, rng)


SIDES = {"even": (0, 1, 2, 3), "one side": (0,), "two opposite sides": (0, 2), "two sides at a corner": (0, 1)}


def drawn(low: float, high: float, how: str | None = None) -> Change:
    """Cut a share drawn for each picture off sides drawn for each: of two sides its own off each; any of ``SIDES``."""

    def change(image: Image.Image, rng: Rng) -> Image.Image:
        sides, first = SIDES[how or list(SIDES)[rng.integers(len(SIDES))]], int(rng.integers(4))
        shares = rng.uniform(low / 100, high / 100, 2)
        off = [0.0] * 4
        for place, side in enumerate(sides):
            off[(first + side) % 4] = float(shares[place if len(sides) == 2 else 0])
        return cut(*off)(image, rng)

    return change


def turn(degrees: float, *, whole: bool = False) -> Change:
    """Turn in the same frame with black corners, or in one that holds it whole."""
    return lambda image, _: image.rotate(degrees, Image.Resampling.BICUBIC, expand=whole)


def straighten(degrees: float) -> Change:
    """Turn and cut to the largest part without corners, as editors do."""

    def change(image: Image.Image, rng: Rng) -> Image.Image:
        w, h, angle = image.width, image.height, math.radians(abs(degrees))
        part = min(w / (w * math.cos(angle) + h * math.sin(angle)), h / (w * math.sin(angle) + h * math.cos(angle)))
        spare = (1 - part) / 2
        return cut(spare, spare, spare, spare)(image.rotate(degrees, Image.Resampling.BICUBIC), rng)

    return change


def border(across: float, down: float, colour: str) -> Change:
    """Set a border of so many per cent of width and height."""

    def change(image: Image.Image, _: Rng) -> Image.Image:
        x, y = round(image.width * across / 100), round(image.height * down / 100)
        out = Image.new("RGB", (image.width + 2 * x, image.height + 2 * y), colour)
        out.paste(image, (x, y))
        return out

    return change


def logo(percent: float) -> Change:
    """Set a sign of so much of the width into a corner."""

    def change(image: Image.Image, _: Rng) -> Image.Image:
        out, size = image.copy(), round(image.width * percent / 100)
        x, y = image.width - size - 8, image.height - size - 8
        pen = ImageDraw.Draw(out)
        pen.ellipse((x, y, x + size, y + size), fill=(230, 30, 40))
        pen.polygon([(x + size / 2, y + 4), (x + 6, y + size * 0.8), (x + size - 6, y + size * 0.8)], fill="white")
        return out

    return change


def band(percent: float) -> Change:
    """Set a line of text on a black band of so much of the height."""

    def change(image: Image.Image, _: Rng) -> Image.Image:
        out, high = image.copy(), round(image.height * percent / 100)
        pen, x, y = ImageDraw.Draw(out), round(image.width * 0.05), image.height - 2 * high
        pen.rectangle((x, y, image.width - x, y + high), fill=(0, 0, 0))
        pen.text((x + 10, y + 2), "vigie.example 2026", font=ImageFont.load_default(max(8, high - 6)), fill="white")
        return out

    return change


def phone(image: Image.Image, _: Rng) -> Image.Image:
    """Show it as a phone does: bar above, text and buttons below, on white."""
    w, h = image.size
    high = round(max(1.9 * w, 1.35 * h))
    out, font = Image.new("RGB", (w, high), (250, 250, 250)), ImageFont.load_default(max(10, w // 28))
    pen, y = ImageDraw.Draw(out), (high - h) // 2
    pen.text((w * 0.04, w * 0.02), "12:40", font=font, fill="black")
    pen.text((w * 0.8, w * 0.02), "87 %", font=font, fill="black")
    out.paste(image, (0, y))
    pen.text((w * 0.04, y + h + w * 0.03), "photo 12 of 80 - shared yesterday", font=font, fill=(60, 60, 60))
    for i in range(4):
        pen.ellipse(
            (w * (0.08 + 0.25 * i), high - w * 0.12, w * (0.16 + 0.25 * i), high - w * 0.04), fill=(90, 90, 200)
        )
    return out


def transposed(how: Image.Transpose, then: Change | None = None) -> Change:
    """Turn or mirror exactly, and edit further."""
    return lambda image, rng: (then or (lambda one, _: one))(image.transpose(how), rng)


def bright(times: float) -> Change:
    """Multiply all levels."""
    return lambda image, _: image.point([min(255, round(level * times)) for level in range(256)] * 3)


def same(image: Image.Image, _: Rng) -> Image.Image:
    """Leave it as it is: only saved anew."""
    return image


FLIP = Image.Transpose
EDITS = {
    "resize to half": lambda image, _: image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS),
    "resize to 160 px": lambda image, _: image.resize((160, round(160 * image.height / image.width))),
    **{f"JPEG quality {quality}": same for quality in (30, 60, 95)},
    "brightness x 0.7": bright(0.7),
    "brightness x 1.3": bright(1.3),
    "mirrored": transposed(FLIP.FLIP_LEFT_RIGHT),
    "upside down": transposed(FLIP.FLIP_TOP_BOTTOM),
    "turned 90": transposed(FLIP.ROTATE_270),
    "turned 180": transposed(FLIP.ROTATE_180),
    "turned 270": transposed(FLIP.ROTATE_90),
    **{f"tilted {degrees:g} degrees": turn(degrees) for degrees in (1, 1.8, -2, 3, -3.3, 4)},
    "tilted 4 degrees, whole": turn(4, whole=True),
    "straightened by 2 degrees": straighten(2),
    "black border 10 %": border(10, 10, "black"),
    "white border 20 %": border(20, 20, "white"),
    "bars above and below 15 %": border(0, 15, "black"),
    "mirrored, border 10 %": transposed(FLIP.FLIP_LEFT_RIGHT, border(10, 10, "black")),
    **{f"crop {percent:g} % a side": even(percent) for percent in (1, 2, 3, 4, 5, 6.3, 7.5, 8.7, 10, 11.2)},
    "left 5 %": cut(0.05, 0, 0, 0),
    "top 6.2 %": cut(0, 0.062, 0, 0),
    "bottom 8.7 %": cut(0, 0, 0, 0.087),
    "right 10 %": cut(0, 0, 0.1, 0),
    "top and left 5.7 %": cut(0.057, 0.057, 0, 0),
    "bottom and right 9 %": cut(0, 0, 0.09, 0.09),
    "left and right 10 %": cut(0.1, 0, 0.1, 0),
    "top and bottom 7.9 %": cut(0, 0.079, 0, 0.079),
    **{f"{how}, 0-5 %": drawn(0, 5, how) for how in SIDES},
    **{f"{how}, 5-10 %": drawn(5, 10, how) for how in SIDES},
    "**any of these, 5-10 %**": drawn(5, 10),
    "uneven crop 0-5 %": uneven(0, 5),
    "uneven crop 5-10 %": uneven(5, 10),
    "mirrored, crop 5 %": transposed(FLIP.FLIP_LEFT_RIGHT, even(5)),
    "logo 10 %": logo(10),
    "logo 20 %": logo(20),
    "text band 5 %": band(5),
    "text band 10 %": band(10),
    "shown on a phone": phone,
}


def read_again(image: Image.Image, name: str) -> Pixels:
    """Save as JPEG and read."""
    held = io.BytesIO()
    image.save(held, "JPEG", quality=int(name.rsplit(maxsplit=1)[-1]) if name.startswith("JPEG") else 80)
    return np.asarray(Image.open(held).convert("RGB"))


def distances(held: Hash, crops: Prints, edited: Pixels) -> list[int]:
    """Return the least distance by each column."""
    plain, made = all_of(edited)
    by = {name: bits(value, held.value) for name, value in zip(made.names, made.values, strict=True)}
    cropped = {name: bits(value, plain.value) for name, value in zip(crops.names, crops.values, strict=True)}
    groups = ((by, ("",)), (by, TURNED), (by, TRIMMED), (by, PADS), (by, TILTS), (cropped, CROPS))
    return [min((found[name] for name in some if name in found), default=256) for found, some in groups]


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--photographs", type=int, default=MOST)
    arguments.add_argument("folders", nargs="+")
    given = arguments.parse_args()
    photographs = distinct(pictures(given.folders, least_px=480, longest_px=900), given.photographs)
    held = [all_of(one) for one in photographs]
    print(f"{len(photographs)} photographs; at most {NEAR} bits plain and turned, {EDITED} by other variants\n")
    heads = (*COLUMNS, *(f"all at {most}" for most in RADII))
    print(f"| Processing | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for number, (name, edit) in enumerate(EDITS.items()):
        found = []
        for place, image in enumerate(photographs):
            changed = edit(Image.fromarray(image), np.random.default_rng([number, place]))
            found.append(distances(*held[place], read_again(changed, name)))
        met = [np.array(found) <= np.array([NEAR, NEAR, *(most,) * 4]) for most in (EDITED, *RADII)]
        columns = [np.logical_or.accumulate(met[0], axis=1), *(one.any(axis=1, keepdims=True) for one in met[1:])]
        shares = 100 * np.concatenate(columns, axis=1).mean(axis=0)
        print(f"| {name} | {' | '.join(f'{one:.4g}' for one in shares)} |", flush=True)


def distinct(given: Iterable[Pixels], most: int = MOST) -> list[Pixels]:
    """Return up to ``most`` photographs that PDQ can tell apart."""
    out: list[Pixels] = []
    codes: list[bytes] = []
    for image in given:
        found = hash_rgb(image)
        usable = found.quality >= 50 and found.weak <= 64
        if usable and all(bits(found.value, other) > SAME_BITS for other in codes):
            out.append(image)
            codes.append(found.value)
        if len(out) == most:
            break
    return out


if __name__ == "__main__":
    main()
