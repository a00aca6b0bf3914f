"""What parts of pictures and the second check find, and how often it errs: ``python bench/regions.py FOLDER...``.

First the second check on all pairs of different photographs, and on pages that have the same frame round different
ones (``--only errors``); what a still and a pair cost (``--only cost``). Then each photograph is edited, saved as JPEG,
read again, asked for (``--only recall``). Columns: PDQ of the whole; the variants of ``recall.py``; a part of ours that
is near the plain hash, as ``shown`` matches lists; a candidate, as ``candidates`` makes it inside a case; and what the
second check proves of those.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageDraw

from bench_pictures import Pixels, bits, pictures
from recall import EDITED, EDITS, NEAR, Change, Rng, distinct, read_again
from vigie.cell.media import overlay
from vigie.numeric.pdq import hash_rgb
from vigie.numeric.regions import Region, regions_of
from vigie.numeric.regions_pairs import LARGE_TILES
from vigie.numeric.variants import all_of
from vigie.numeric.variants_view import view_of
from vigie.steps.groups.media_candidates import Candidates
from vigie.steps.groups.media_compared import Comparing
from vigie.steps.matches.media_shown import Shown

COLUMNS = ("PDQ alone", "+ variants", "+ parts against a list", "candidate in a case", "proved by the second check")
MOST_APART = 112
"""Photographs for the pairs of different ones: 6,216 pairs."""
APART_BITS = 80
MOST_EDITED = 30
PAGES = ((1080, 1920), (1920, 1080), (1280, 1024))
SHAPE = (640, 480)
FRAMED = 8
"""So many pages have one frame."""
SETTINGS = Comparing()


def page(rng: Rng, *, dark: bool, busy: int) -> Image.Image:
    """Draw a page without its picture: a bar, boxes, lines of text."""
    width, height = PAGES[rng.integers(len(PAGES))]
    ground = int(rng.integers(0, 40) if dark else rng.integers(215, 256))
    out = Image.new("RGB", (width, height), (ground,) * 3)
    pen = ImageDraw.Draw(out)
    for _ in range(busy):
        w, h = rng.uniform(0.03, 0.3) * width, rng.uniform(0.02, 0.1) * height
        x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
        red, green, blue = rng.integers(0, 256, 3).tolist()
        pen.rectangle((x, y, x + w, y + h), fill=(red, green, blue))
        pen.text((rng.uniform(0, width - 200), rng.uniform(0, height - 20)), "vigie example text 2026", fill=(128,) * 3)
    pen.rectangle((0, 0, width, height * 0.04), fill=(60, 90, 160))
    return out


def shown(share: float, *, dark: bool, busy: int = 5) -> Change:
    """Show a picture in a page, so much as wide as the page where it fits."""

    def change(image: Image.Image, rng: Rng) -> Image.Image:
        out = page(rng, dark=dark, busy=busy)
        w, h = out.width * share, out.width * share * image.height / image.width
        fit = min(1.0, 0.85 * out.height / h)
        small = image.resize((round(w * fit), round(h * fit)), Image.Resampling.LANCZOS)
        x = int(rng.integers(0, out.width - small.width + 1))
        out.paste(small, (x, int(rng.integers(math.ceil(out.height * 0.05), out.height - small.height + 1))))
        return out

    return change


def collage(others: list[Pixels], count: int, gap: int) -> Change:
    """Set the picture beside others, in a row or two by two."""

    def change(image: Image.Image, rng: Rng) -> Image.Image:
        some = [image, *(Image.fromarray(others[i]) for i in rng.choice(len(others), count - 1, replace=False))]
        cell, across = (480, 360), 2 if count == 4 else count
        out = Image.new("RGB", ((cell[0] + gap) * across + gap, (cell[1] + gap) * -(-count // across) + gap), "white")
        for place, at in enumerate(rng.permutation(count)):
            x, y = gap + (cell[0] + gap) * (place % across), gap + (cell[1] + gap) * (place // across)
            out.paste(some[at].resize(cell, Image.Resampling.LANCZOS), (x, y))
        return out

    return change


def edits(others: list[Pixels]) -> dict[str, Change]:
    """Return what is measured."""
    return {
        **{name: EDITS[name] for name in ("logo 20 %", "text band 10 %", "shown on a phone")},
        **{
            f"page, {'dark' if dark else 'light'}, picture {100 * share:.0f} % wide": shown(share, dark=dark)
            for dark in (False, True)
            for share in (0.3, 0.5, 0.8)
        },
        **{f"collage of {count}, gaps": collage(others, count, 16) for count in (2, 3, 4)},
        **{f"collage of {count}, no gaps": collage(others, count, 0) for count in (2, 4)},
    }


def good(regions: Iterable[Region]) -> list[Region]:
    """Leave out what is too poor to be compared."""
    return [one for one in regions if one.hash.quality >= Shown().least_quality and one.hash.weak <= Shown().most_weak]


def fit(tile: Region) -> bool:
    """Tell whether ``shown`` asks for a tile."""
    good_enough = tile.hash.quality >= Shown().least_quality_tile and tile.hash.weak <= Shown().most_weak_tile
    return tile.tile < LARGE_TILES and good_enough


def candidate(ours: list[Region], theirs: list[Region], plain: bytes) -> tuple[int, ...] | None:
    """Return the part of ours to be compared; () for all of it, None where the pair is no candidate."""
    tiles = {one.tile: one.hash.value for one in theirs if one.tile >= 0}
    met = [bits(one.hash.value, tiles[one.tile]) for one in ours if one.tile in tiles]
    if sum(one <= Candidates().tile_bits for one in met) >= Candidates().least_votes:
        return ()
    near = [(bits(one.hash.value, plain), one.box) for one in ours if one.tile < LARGE_TILES]
    least, box = min(near, default=(256, ()))
    return box if least <= Candidates().region_bits else None


def part(image: Pixels, box: tuple[int, ...]) -> Pixels:
    """Cut a part out."""
    height, width, _ = image.shape
    left, top, wide, high = box or (0, 0, 1000, 1000)
    rows = slice(top * height // 1000, -(-(top + high) * height // 1000))
    return image[rows, left * width // 1000 : -(-(left + wide) * width // 1000)]


def same(found: overlay.Overlay) -> bool:
    """Judge as ``compared`` does."""
    plain = found.structure < SETTINGS.least_structure
    least = SETTINGS.least_agreement_plain if plain else SETTINGS.least_agreement
    return found.framed >= max(least, SETTINGS.least_framed) or (
        found.inliers >= SETTINGS.least_inliers
        and found.agreement >= least
        and max(found.overlap_a, found.overlap_b) >= SETTINGS.least_overlap
    )


def found_by(image: Pixels, edited: Pixels) -> tuple[bool, ...]:
    """Return the answer in each column."""
    plain = hash_rgb(image).value
    _, crops = all_of(image)
    whole, made = all_of(edited)
    turned = min(bits(value, plain) for value in made.values[:8])
    varied = min(
        *(bits(value, plain) for value in made.values),
        *(bits(value, whole.value) for value in crops.values),
    )
    ours, theirs = good(regions_of(edited)), good(regions_of(image))
    fine = hash_rgb(image).quality >= Shown().least_quality_tile
    near = min((bits(one.hash.value, plain) for one in ours if one.tile < 0 or (fine and fit(one))), default=256)
    box, second = candidate(ours, theirs, plain), overlay.picture(image)
    return (
        bits(whole.value, plain) <= NEAR,
        turned <= NEAR or varied <= EDITED,
        near <= Shown().most_bits,
        box is not None,
        box is not None and same(overlay.overlay(overlay.picture(part(edited, box), second), second)),
    )


def recall(photographs: list[Pixels]) -> None:
    """Print the share found."""
    print(f"\n{len(photographs)} photographs\n\n| Processing | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for number, (name, edit) in enumerate(edits(photographs).items()):
        answers = []
        for place, image in enumerate(photographs):
            changed = edit(Image.fromarray(image), np.random.default_rng([number, place]))
            answers.append(found_by(image, read_again(changed, name)))
        found = np.array(answers)
        found[:, :3] = np.logical_or.accumulate(found[:, :3], axis=1)
        print(f"| {name} | {' | '.join(f'{one:.4g}' for one in 100 * found.mean(axis=0))} |", flush=True)


def errors(photographs: list[Pixels]) -> None:
    """Print how often the second check takes different pictures for the same."""
    shaped = [np.asarray(Image.fromarray(one).resize(SHAPE)) for one in photographs]
    start = time.perf_counter()
    held = [overlay.picture(one) for one in shaped]
    features = (time.perf_counter() - start) / len(held)
    pairs = [(i, j) for i in range(len(held)) for j in range(i)]
    start = time.perf_counter()
    laid = [overlay.overlay(held[i], held[j]) for i, j in pairs]
    spent = (time.perf_counter() - start) / len(pairs)
    _say("pairs of different photographs", laid, pairs)
    print(f"\ncost of a pair: features of both {features * 2000:.1f} ms, overlay {spent * 1000:.1f} ms", flush=True)
    pages = []
    for place, image in enumerate(shaped):
        layout = np.random.default_rng([99, place // FRAMED])
        out = shown(0.5, dark=bool(layout.integers(2)), busy=8)(Image.fromarray(image), layout)
        pages.append(overlay.picture(read_again(out, "")))
    alike = [(i, j) for i in range(len(pages)) for j in range(i) if i // FRAMED == j // FRAMED]
    laid = [overlay.overlay(pages[i], pages[j]) for i, j in alike]
    _say("pairs of pages with one frame and different photographs", laid, alike)


def _say(what: str, laid: list[overlay.Overlay], pairs: list[tuple[int, int]]) -> None:
    wrong = [pair for pair, one in zip(pairs, laid, strict=True) if same(one)]
    n, k = len(laid), len(wrong)
    bound = 3.0 / n if not k else (k + 1.96 * math.sqrt(k) + 1.92) / n
    print(f"\n{n:,} {what}: {k} taken for the same; at most {bound:.1e} with 95 % confidence; {wrong[:12]}")
    counts = {least: sum(one.inliers >= least for one in laid) for least in (6, 8, 10, 12, 16, 24)}
    print("  at least so many inliers:", counts)
    steps = (0.3, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8)
    enough = [one.agreement for one in laid if one.inliers >= SETTINGS.least_inliers]
    print("  of those with enough, at least so much agreement:", {s: sum(one >= s for one in enough) for s in steps})
    print("  agreement of frames:", {s: sum(one.framed >= s for one in laid) for s in steps}, flush=True)


def cost(photographs: list[Pixels]) -> None:
    """Print what regions cost beside the hash and the variants."""
    big = np.asarray(Image.fromarray(photographs[0]).resize((4000, 3000)))
    works: dict[str, Callable[[Pixels], object]] = {
        "PDQ": hash_rgb,
        "view": view_of,
        "PDQ and variants": all_of,
        "regions and a view": regions_of,
    }
    for name, images in (("900 px", photographs[:20]), ("12 MP", [big] * 5)):
        for what, work in works.items():
            start = time.perf_counter()
            for one in images:
                work(one)
            print(f"{name}: {what} {1000 * (time.perf_counter() - start) / len(images):.1f} ms", flush=True)


def apart(given: Iterable[Pixels]) -> list[Pixels]:
    """Return photographs, wider than high, that are far from each other in any orientation.

    Upright ones are left out: in sets of wallpapers they are crops of the others.
    """
    out: list[Pixels] = []
    codes: list[bytes] = []
    for image in given:
        plain, made = all_of(image)
        wide = image.shape[1] > image.shape[0]
        usable = plain.quality >= Shown().least_quality and plain.weak <= Shown().most_weak
        if wide and usable and all(bits(v, code) > APART_BITS for code in codes for v in made.values[:8]):
            out.append(image)
            codes.append(plain.value)
        if len(out) == MOST_APART:
            break
    return out


def main() -> None:
    """Print all, or one part."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", choices=("errors", "cost", "recall"))
    arguments.add_argument("--photographs", type=int, default=MOST_EDITED)
    arguments.add_argument("folders", nargs="+")
    given = arguments.parse_args()
    overlay.prepare()
    some = list(pictures(given.folders, least_px=360, longest_px=900))
    if given.only in {None, "errors"}:
        errors(apart(some))
    if given.only in {None, "cost"}:
        cost(some)
    if given.only in {None, "recall"}:
        recall(distinct(some, given.photographs))


if __name__ == "__main__":
    main()
