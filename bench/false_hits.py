"""How often unrelated pictures meet by chance, by variant and radius.

``python bench/false_hits.py [--sources N] FOLDER...`` (at most so many of all folders, as many of each).

Each picture is a *source*. Sources whose plain hashes are at most 60 bits apart in any orientation, or that meet in
several of their parts, are taken for copies: one of them stays. Of each source some random windows (45-100 % of each
side) are held as they are, and some others are asked for in every variant; windows of one source are never compared.
Windows multiply the comparisons, not the sources: the figures say both. Nothing is counted that ``near`` would leave
out (quality below 50, more than 64 weak bits). Counts, not timings; they depend on the pictures and on the seed.

Benign pictures of different kinds: the Debian packages named in docs/matching.md.
"""

import argparse
import itertools
from collections import Counter

import numpy as np
import numpy.typing as npt

from bench_pictures import SAME_BITS, pictures
from vigie.numeric import hamming, union
from vigie.numeric.distinct import Ints, Words
from vigie.numeric.pdq import ORIENTATIONS
from vigie.numeric.variants import HELD, QUERY, Prints, Recipe, prints
from vigie.numeric.variants_view import view_of

LEAST_PX = 160
WINDOWS_HELD, WINDOWS_ASKED = 60, 3
RADII = (20, 22, 24, 26, 28, 30, 31)
SEED = 1
TURNS = tuple(Recipe(name, orientation=place) for place, name in enumerate(ORIENTATIONS))
ASKED = (*TURNS, *QUERY, *HELD)


def window(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return top, left, bottom, right of a random part, in shares."""
    high, wide = rng.uniform(0.45, 1.0, 2)
    top, left = rng.uniform(0, 1 - high), rng.uniform(0, 1 - wide)
    return top, left, top + high, left + wide


def good(made: Prints) -> npt.NDArray[np.bool_]:
    """Mark what is compared at all."""
    return (made.quality >= 50) & (made.weak <= 64)


def words(values: npt.NDArray[np.uint8]) -> Words:
    """Return hashes as codes."""
    return np.ascontiguousarray(values).view(np.uint64).reshape(-1, 4)


def gathered(folders: list[str], most: int) -> tuple[Words, Ints, Words, Ints, Ints, Ints]:
    """Return codes held and asked, each with its source, and the variant asked."""
    held, held_of, asked, asked_of, kind, plain, plain_of = [], [], [], [], [], [], []
    some = (
        itertools.islice(pictures([one], least_px=LEAST_PX, longest_px=640), -(-most // len(folders)))
        for one in folders
    )
    for source, image in enumerate(itertools.chain.from_iterable(some)):
        rng = np.random.default_rng([SEED, source])
        whole = view_of(image)
        first = prints(whole, TURNS)
        if not good(first)[0]:
            continue
        plain.append(words(first.values))
        plain_of.append(source)
        made = prints(whole, tuple(Recipe("", *window(rng)) for _ in range(WINDOWS_HELD)))
        held.append(words(made.values)[good(made)])
        held_of.append(np.full(len(held[-1]), source))
        for _ in range(WINDOWS_ASKED):
            top, left, bottom, right = window(rng) * np.repeat([image.shape[:2]], 2, axis=0).ravel()
            made = prints(view_of(image[int(top) : int(bottom), int(left) : int(right)]), ASKED)
            use = good(made)
            asked.append(words(made.values)[use])
            asked_of.append(np.full(use.sum(), source))
            kind.append(np.flatnonzero(use))
    stay = kept(np.array(plain_of), np.array(plain))
    return (
        np.concatenate(held), np.concatenate(held_of), np.concatenate(asked), np.concatenate(asked_of),
        np.concatenate(kind), stay,
    )  # fmt: skip


def kept(of: Ints, codes: Words) -> Ints:
    """Return the sources that stay when copies are dropped: connected by plain hashes, turned or not."""
    index = hamming.build(codes[:, 0])
    a, b = [], []
    for turn in range(codes.shape[1]):
        found = hamming.search(index, np.ascontiguousarray(codes[:, turn]), SAME_BITS)
        a.append(found.query[found.query != found.id])
        b.append(found.id[found.query != found.id])
    label = union.components(len(of), np.concatenate(a), np.concatenate(b))
    return of[np.unique(label)]


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sources", type=int, default=1 << 30)
    arguments.add_argument("folders", nargs="+")
    given = arguments.parse_args()
    held, held_of, asked, asked_of, kind, stay = gathered(given.folders, given.sources)
    use, ask = np.isin(held_of, stay), np.isin(asked_of, stay)
    held, held_of, asked, asked_of, kind = held[use], held_of[use], asked[ask], asked_of[ask], kind[ask]
    index = hamming.build(held)
    hits = []
    for start in range(0, len(asked), 65_536):
        found = hamming.search(index, np.ascontiguousarray(asked[start : start + 65_536]), max(RADII))
        query = found.query + start
        other = asked_of[query] != held_of[found.id]
        hits.append(np.stack([query[other], found.id[other], found.distance[other].astype(np.int64)]))
    query, met, bits = np.concatenate(hits, axis=1)
    low, high = np.minimum(asked_of[query], held_of[met]), np.maximum(asked_of[query], held_of[met])
    pair = low * (held_of.max() + 1) + high
    many = {one for one, count in Counter(pair[kind[query] == 0].tolist()).items() if count >= 3}
    copies = np.isin(pair, np.array(sorted(many), np.int64))
    print(f"{len(stay):,} sources, {len(held):,} windows held, {len(asked):,} hashes asked")
    print(
        f"{len(many):,} pairs of sources meet as they are in 3 windows or more: taken for copies, {copies.sum():,} hits"
    )
    print("\n| asked as | comparisons |" + "".join(f" <= {radius} |" for radius in RADII))
    print("|---|---|" + "---|" * len(RADII))
    groups = {"as it is": {0}, "7 other orientations": set(range(1, 8))}
    names = [one.name for one in (*QUERY, *HELD)]
    for kind_of in ("pad", "tilt", "crop", "top", "left", "bottom", "right", "high", "wide"):
        places = {8 + place for place, one in enumerate(names) if one.startswith(kind_of)}
        groups[f"{len(places)} {kind_of}s"] = places
    for name, kinds in groups.items():
        some = np.isin(kind, sorted(kinds))
        comparisons = int(some.sum()) * len(held) * (1 - 1 / len(stay))
        mine = some[query] & ~copies
        counts = [int((bits[mine] <= radius).sum()) for radius in RADII]
        print(f"| {name} | {comparisons:.1e} |" + "".join(f" {one / comparisons:.1e} ({one}) |" for one in counts))


if __name__ == "__main__":
    main()
