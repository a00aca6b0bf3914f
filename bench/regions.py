"""What parts of pictures and the second check find, and how often it errs: ``python bench/regions.py FOLDER...``.

Every photograph is edited, saved as JPEG, read again and asked for. Columns: PDQ of the whole; the variants of
``recall.py``; a part of ours that is near the plain hash, as ``shown`` matches lists; a candidate, as ``candidates``
makes them inside a case; and what the second check then proves. Below: the second check on all pairs of different
photographs, and on pages that have the same frame round different photographs. Costs of a still and a pair at the end.
"""

import math
import sys
import time

import numpy as np
from PIL import Image, ImageDraw

from bench_pictures import bits, pictures
from recall import EDITED, EDITS, NEAR, distinct, read_again
from vigie.cell.media import overlay
from vigie.numeric.pdq import hash_rgb
from vigie.numeric.regions import regions_of
from vigie.numeric.regions_pairs import LARGE_TILES
from vigie.numeric.variants import all_of
from vigie.numeric.variants_view import view_of
from vigie.steps.groups.media_candidates import Candidates
from vigie.steps.groups.media_compared import Comparing
from vigie.steps.matches.media_shown import Shown

COLUMNS = ("PDQ alone", "+ variants", "+ parts against a list", "candidate in a case", "proved by the second check")
MOST = 40
MOST_APART = 160
"""Photographs for the pairs of different ones: 12,720 pairs."""
PAGES = ((1080, 1920), (1920, 1080), (1280, 1024))


def page(rng, *, dark, busy):
    """Draw a page without its picture: a bar, boxes, lines of text."""
    width, height = PAGES[rng.integers(len(PAGES))]
    ground = int(rng.integers(0, 40) if dark else rng.integers(215, 256))
    out = Image.new("RGB", (width, height), (ground,) * 3)
    pen = ImageDraw.Draw(out)
    for _ in range(busy):
        w, h = rng.uniform(0.03, 0.3) * width, rng.uniform(0.02, 0.1) * height
        x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
        pen.rectangle((x, y, x + w, y + h), fill=tuple(int(level) for level in rng.integers(0, 256, 3)))
        pen.text((rng.uniform(0, width - 200), rng.uniform(0, height - 20)), "vigie example text 2026", fill=(128,) * 3)
    pen.rectangle((0, 0, width, height * 0.04), fill=(60, 90, 160))
    return out


def shown(share, *, dark, busy=5):
    """Show a picture in a page, so much as wide as the page where it fits."""

    def change(image, rng):
        out = page(rng, dark=dark, busy=busy)
        w, h = out.width * share, out.width * share * image.height / image.width
        fit = min(1.0, 0.85 * out.height / h)
        small = image.resize((round(w * fit), round(h * fit)), Image.Resampling.LANCZOS)
        x = int(rng.integers(0, out.width - small.width + 1))
        out.paste(small, (x, int(rng.integers(math.ceil(out.height * 0.05), out.height - small.height + 1))))
        return out

    return change


def collage(others, count, gap):
    """Set the picture beside others, in a row or two by two."""

    def change(image, rng):
        some = [image, *(Image.fromarray(others[i]) for i in rng.choice(len(others), count - 1, replace=False))]
        cell, across = (480, 360), 2 if count == 4 else count
        out = Image.new("RGB", ((cell[0] + gap) * across + gap, (cell[1] + gap) * -(-count // across) + gap), "white")
        for place, at in enumerate(rng.permutation(count)):
            x, y = gap + (cell[0] + gap) * (place % across), gap + (cell[1] + gap) * (place // across)
            out.paste(some[at].resize(cell, Image.Resampling.LANCZOS), (x, y))
        return out

    return change


def edits(others):
    """Return what is measured."""
    sizes = (0.3, 0.5, 0.8)
    return {
        **{name: EDITS[name] for name in ("logo 20 %", "text band 10 %")},
        "mirrored, then nothing else": EDITS["mirrored"],
        **{f"page, light, {100 * share:.0f} % wide": shown(share, dark=False) for share in sizes},
        **{f"page, dark, {100 * share:.0f} % wide": shown(share, dark=True) for share in sizes},
        "shown on a phone": EDITS["shown on a phone"],
        **{f"collage of {count}, gaps": collage(others, count, 16) for count in (2, 3, 4)},
        **{f"collage of {count}, no gaps": collage(others, count, 0) for count in (2, 4)},
    }


def good(regions):
    """Leave out what is too poor to be compared."""
    return [one for one in regions if one.hash.quality >= Shown().least_quality and one.hash.weak <= Shown().most_weak]


def candidate(ours, theirs, plain):
    """Return the part of ours to be compared; () for all of it, None where the pair is no candidate."""
    tiles = {one.tile: one.hash.value for one in theirs if one.tile >= 0}
    met = [bits(one.hash.value, tiles[one.tile]) for one in ours if one.tile in tiles]
    if sum(one <= Candidates().tile_bits for one in met) >= Candidates().least_votes:
        return ()
    near = [(bits(one.hash.value, plain), one.box) for one in ours if one.tile < LARGE_TILES]
    bits_, box = min(near, default=(256, None))
    return box if bits_ <= Candidates().region_bits else None


def part(image, box):
    """Cut a part out."""
    height, width, _ = image.shape
    left, top, wide, high = box or (0, 0, 1000, 1000)
    return image[
        top * height // 1000 : -(-(top + high) * height // 1000),
        left * width // 1000 : -(-(left + wide) * width // 1000),
    ]


def same(found):
    """Judge as ``compared`` does."""
    settings = Comparing()
    common = max(found.overlap_a, found.overlap_b)
    return (
        found.inliers >= settings.least_inliers
        and found.agreement >= settings.least_agreement
        and common >= settings.least_overlap
    )


def found_by(image, edited):
    """Return the answer in each column."""
    plain = hash_rgb(image).value
    held, crops = all_of(image)
    whole, made = all_of(edited)
    least = bits(whole.value, plain)
    turned = min(bits(value, plain) for value in made.values[:8])
    varied = min(*(bits(value, plain) for value in made.values), *(bits(value, whole.value) for value in crops.values))
    ours, theirs = good(regions_of(edited)), good(regions_of(image))
    near = min((bits(one.hash.value, plain) for one in ours if one.tile < LARGE_TILES), default=256)
    box = candidate(ours, theirs, plain)
    laid = None if box is None else overlay.overlay(overlay.picture(part(edited, box)), overlay.picture(image))
    del held
    return (
        least <= NEAR,
        turned <= NEAR or varied <= EDITED,
        near <= Shown().most_bits,
        box is not None,
        laid is not None and same(laid),
    )


def recall(photographs):
    """Print the share found."""
    print(f"{len(photographs)} photographs\n\n| Processing | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for number, (name, edit) in enumerate(edits(photographs).items()):
        answers = []
        for place, image in enumerate(photographs):
            changed = edit(Image.fromarray(image), np.random.default_rng([number, place]))
            answers.append(found_by(image, read_again(changed, name)))
        found = np.array(answers)
        found[:, :3] = np.logical_or.accumulate(found[:, :3], axis=1)
        print(f"| {name} | {' | '.join(f'{one:.4g}' for one in 100 * found.mean(axis=0))} |", flush=True)


def errors(photographs):
    """Print how often the second check takes different pictures for the same."""
    held = [overlay.picture(one) for one in photographs]
    pairs = [(i, j) for i in range(len(held)) for j in range(i)]
    start = time.perf_counter()
    laid = [overlay.overlay(held[i], held[j]) for i, j in pairs]
    spent = (time.perf_counter() - start) / len(pairs)
    _say("pairs of different photographs", laid, [pairs[at] for at in range(len(pairs))])
    print(f"cost of a pair: features {_features_s(photographs) * 2000:.1f} ms, overlay {spent * 1000:.1f} ms")
    pages = []
    for place, image in enumerate(photographs):
        layout = np.random.default_rng([99, place // 8])  # eight pages in a row have one frame
        out = shown(0.5, dark=bool(layout.integers(2)), busy=8)(Image.fromarray(image).resize((640, 480)), layout)
        pages.append(overlay.picture(read_again(out, "")))
    alike = [(i, j) for i in range(len(pages)) for j in range(i) if i // 8 == j // 8]
    _say(
        "pairs of pages with one frame and different photographs",
        [overlay.overlay(pages[i], pages[j]) for i, j in alike],
        alike,
    )


def _say(what, laid, pairs):
    wrong = [(pair, one) for pair, one in zip(pairs, laid, strict=True) if same(one)]
    n, k = len(laid), len(wrong)
    bound = 3.0 / n if not k else (k + 1.96 * math.sqrt(k) + 1.92) / n
    print(f"\n{n:,} {what}: {k} taken for the same; at most {bound:.1e} with 95 % confidence")
    for place, least in enumerate((6, 8, 10, 12, 16, 24)):
        del place
        print(f"  at least {least} inliers: {sum(one.inliers >= least for one in laid)}", end=";")
    print(f"  highest agreement with 6 inliers: {max((o.agreement for o in laid if o.inliers >= 6), default=0):.2f}")
    for pair, one in wrong[:5]:
        print("  ", pair, one)


def _features_s(photographs):
    start = time.perf_counter()
    for one in photographs[:20]:
        overlay.picture(one)
    return (time.perf_counter() - start) / len(photographs[:20])


def cost(photographs):
    """Print what regions cost beside the hash and the variants."""
    big = np.ascontiguousarray(np.asarray(Image.fromarray(photographs[0]).resize((4000, 3000))))
    for name, images in (("900 px", photographs[:20]), ("12 MP", [big] * 5)):
        spent = []
        for work in (hash_rgb, view_of, all_of, regions_of, lambda one: regions_of(one, views[id(one)])):
            views = {id(one): view_of(one) for one in images}
            start = time.perf_counter()
            for one in images:
                work(one)
            spent.append(1000 * (time.perf_counter() - start) / len(images))
        print(
            f"{name}: PDQ {spent[0]:.1f} ms, view {spent[1]:.1f}, PDQ and variants {spent[2]:.1f}, regions {spent[3]:.1f}, of a view {spent[4]:.1f}"
        )


def main(folders):
    """Print all."""
    overlay.prepare()
    some = list(pictures(folders, least_px=480, longest_px=900))
    recall(distinct(iter(some)))
    errors(apart(some))
    cost(some)


def apart(given):
    """Return photographs none of which is like another, in any orientation or part of it."""
    out, codes = [], []
    for image in given:
        plain, made = all_of(image)
        near = 80
        if (
            plain.quality >= 50
            and plain.weak <= 64
            and all(
                bits(value, code) > near for code in codes for value in made.values[:8]
            )
        ):
            out.append(image)
            codes.append(plain.value)
        if len(out) == MOST_APART:
            break
    return out


if __name__ == "__main__":
    main(sys.argv[1:])
