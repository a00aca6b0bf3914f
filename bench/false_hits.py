"""How often unrelated pictures meet by chance, by variant and radius.

``python bench/false_hits.py [--sources N] [--photographs PART,...] FOLDER...`` (at most so many sources of all folders,
as many of each; folders with such a part in their path hold photographs: more windows of each, and tables apart).

Each picture is a *source*. Sources whose plain hashes are at most 60 bits apart in any orientation, or that meet in
several of their windows, are taken for copies: one of them stays. Of each source some random windows (45-100 % of each
side) are held as they are, some others asked for in every variant and in the parts of ``shown`` (flat ones too);
windows of one source are never compared. Windows multiply the comparisons, not the sources, and are not independent:
the figures say how many pairs of sources the hits come from. Nothing is counted that ``near`` would leave out (quality
below 50, more than 64 weak bits). Counts, not timings; they depend on the pictures and on the seed.

Benign pictures of different kinds: the Debian packages named in docs/matching.md.
"""

import argparse
import itertools
import json
import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench_pictures import SAME_BITS, Pixels, pictures
from vigie.numeric import hamming, union
from vigie.numeric.distinct import Ints, Words
from vigie.numeric.pdq import ORIENTATIONS
from vigie.numeric.regions import Region, regions_of
from vigie.numeric.regions_pairs import LARGE_TILES
from vigie.numeric.variants import HELD, QUERY, Recipe, prints
from vigie.numeric.variants_view import view_of

LEAST_PX = 160
RADII = (16, 18, 20, 22, 24, 26, 28, 30, 31)
SEED = 1
TURNS = tuple(Recipe(name, orientation=place) for place, name in enumerate(ORIENTATIONS))
ASKED = (*TURNS, *QUERY, *HELD)
PARTS = ("rectangles found", "halves", "quarters")
MANY = 3
"""Sources that meet as they are in so many windows are copies in parts."""


class Windows(t.NamedTuple):
    """How many of each source."""

    held: int
    asked: int


PHOTOGRAPHS, OTHERS = Windows(1000, 22), Windows(250, 5)


class Hashes(t.NamedTuple):
    """Codes, of which source each is, and (where asked) as what."""

    code: Words
    source: Ints
    kind: Ints


class Sources(t.NamedTuple):
    """The sources that were hashed."""

    plain: Words
    """uint64[n, 8, 4]: in all orientations."""
    photograph: npt.NDArray[np.bool_]
    held: Hashes
    asked: Hashes


class Row(t.NamedTuple):
    """One row of the table."""

    name: str
    hashes: int
    """Of ours for each picture: kinds of this row."""
    comparisons: float
    hits: list[int]
    """At most so far apart as each of ``RADII``."""
    pairs: list[int]
    """Pairs of sources that these hits come from."""


def window(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return top, left, bottom, right of a random part, in shares."""
    high, wide = rng.uniform(0.45, 1.0, 2)
    top, left = rng.uniform(0, 1 - high), rng.uniform(0, 1 - wide)
    return top, left, top + high, left + wide


def good(quality: Ints, weak: Ints) -> npt.NDArray[np.bool_]:
    """Mark what is compared at all."""
    return (quality >= 50) & (weak <= 64)


def words(values: npt.NDArray[np.uint8]) -> Words:
    """Return hashes as codes."""
    return np.ascontiguousarray(values).view(np.uint64).reshape(-1, 4)


def part(of: Region) -> int | None:
    """Return the place of a region in ``PARTS``; None where ``shown`` does not ask for it."""
    if of.tile >= LARGE_TILES:
        return None
    return 0 if of.tile < 0 else 1 + of.tile // 4


def asked(image: Pixels) -> tuple[Words, Ints]:
    """Return all that one picture is asked for as, and as what."""
    view = view_of(image)
    made = prints(view, ASKED)
    use = good(made.quality, made.weak)
    some = [(place, one.hash) for one in regions_of(image, view) if (place := part(one)) is not None]
    fine = [(place, one) for place, one in some if one.quality >= 50 and one.weak <= 64]
    codes = np.frombuffer(b"".join(one.value for _, one in fine), np.uint8)
    kinds = [len(ASKED) + place for place, _ in fine]
    return np.concatenate([words(made.values[use]), words(codes)]), np.array([*np.flatnonzero(use), *kinds], np.int64)


def gathered(given: Iterator[tuple[Pixels, bool]]) -> Sources:
    """Hash all sources: pictures, and whether each is a photograph."""
    plain: list[Words] = []
    photograph: list[bool] = []
    held: list[Hashes] = []
    ask: list[Hashes] = []
    for number, (image, real) in enumerate(given):
        rng = np.random.default_rng([SEED, number])
        whole, windows = view_of(image), PHOTOGRAPHS if real else OTHERS
        first = prints(whole, TURNS)
        if not good(first.quality, first.weak)[0]:
            continue
        source = len(plain)
        plain.append(words(first.values))
        photograph.append(real)
        made = prints(whole, tuple(Recipe("", *window(rng)) for _ in range(windows.held)))
        code = words(made.values)[good(made.quality, made.weak)]
        held.append(Hashes(code, np.full(len(code), source), np.zeros(len(code), np.int64)))
        for _ in range(windows.asked):
            top, left, bottom, right = window(rng) * np.repeat([image.shape[:2]], 2, axis=0).ravel()
            code, kind = asked(np.ascontiguousarray(image[int(top) : int(bottom), int(left) : int(right)]))
            ask.append(Hashes(code, np.full(len(code), source), kind))
        if not source % 200:
            print(f"<!-- {source} sources -->", flush=True)
    return Sources(np.array(plain), np.array(photograph), _joined(held), _joined(ask))


def _joined(of: list[Hashes]) -> Hashes:
    return Hashes(
        np.concatenate([one.code for one in of]),
        np.concatenate([one.source for one in of]),
        np.concatenate([one.kind for one in of]),
    )


def kept(codes: Words) -> Ints:
    """Return the sources that stay when copies are dropped: connected by plain hashes, turned or not."""
    index = hamming.build(np.ascontiguousarray(codes[:, 0]))
    a, b = [], []
    for turn in range(codes.shape[1]):
        found = hamming.search(index, np.ascontiguousarray(codes[:, turn]), SAME_BITS)
        a.append(found.query[found.query != found.id])
        b.append(found.id[found.query != found.id])
    return np.unique(union.components(len(codes), np.concatenate(a), np.concatenate(b)))


def some(of: Hashes, stay: npt.NDArray[np.bool_]) -> Hashes:
    """Keep the hashes of these sources."""
    use = stay[of.source]
    return Hashes(of.code[use], of.source[use], of.kind[use])


def met(held: Hashes, ask: Hashes) -> npt.NDArray[np.int64]:
    """Return what meets of different sources: int64[5, n], kind, sources asked and held, bits, number of the pair."""
    index = hamming.build(held.code)
    out = []
    for start in range(0, len(ask.code), 1 << 18):
        found = hamming.search(index, np.ascontiguousarray(ask.code[start : start + (1 << 18)]), max(RADII))
        query, bits = found.query + start, found.distance.astype(np.int64)
        ours, theirs = ask.source[query], held.source[found.id]
        pair = np.minimum(ours, theirs) << 32 | np.maximum(ours, theirs)
        out.append(np.stack([ask.kind[query], ours, theirs, bits, pair])[:, ours != theirs])
    return np.concatenate(out, axis=1)


def groups() -> dict[str, list[int]]:
    """Return the rows, and what kinds of hashes each holds."""
    out = {"as it is": [0], "other orientations": list(range(1, 8))}
    for place, one in enumerate((*QUERY, *HELD), len(TURNS)):
        out.setdefault(_group(one.name), []).append(place)
    out |= {name: [len(ASKED) + place] for place, name in enumerate(PARTS)}
    return {f"{len(kinds)} {name}" if name.islower() and len(kinds) > 1 else name: kinds for name, kinds in out.items()}


def _group(name: str) -> str:
    sides = re.findall(r"[a-z]+", name)
    if len(sides) == 1:
        return {"pad": "pads", "tilt": "tilts", "crop": "even crops", "high": "two opposite sides, as much of each",
                "wide": "two opposite sides, as much of each"}.get(sides[0], "one side")  # fmt: skip
    return "two opposite sides" if sorted(sides) in (["bottom", "top"], ["left", "right"]) else "two sides at a corner"


def rows(held: Hashes, ask: Hashes, hits: npt.NDArray[np.int64], *, windows: int) -> list[Row]:
    """Count by row. ``windows``: how many pictures were asked for."""
    mine = np.bincount(held.source, minlength=int(max(held.source.max(), ask.source.max())) + 1)
    out = []
    for name, kinds in groups().items():
        which = np.isin(ask.kind, kinds)
        comparisons = float((len(held.code) - mine[ask.source[which]]).sum())
        bits, pair = hits[3:, np.isin(hits[0], kinds)]
        near = [bits <= radius for radius in RADII]
        out.append(Row(name, round(which.sum() / windows), comparisons, [int(one.sum()) for one in near],
                       [len(np.unique(pair[one])) for one in near]))  # fmt: skip
    return out


def rate(row: Row, place: int) -> str:
    """Write a rate: hits and pairs of sources, or where there are none the upper 95 % bound."""
    hits, pairs = row.hits[place], row.pairs[place]
    return f"{hits / row.comparisons:.1e} ({hits}; {pairs})" if hits else f"< {3.0 / row.comparisons:.1e}"


def table(made: list[Row]) -> None:
    """Print rows."""
    print("\n| asked as | comparisons |" + "".join(f" <= {radius} |" for radius in RADII))
    print("|---|---|" + "---|" * len(RADII))
    for row in made:
        cells = "".join(f" {rate(row, place)} |" for place in range(len(RADII)))
        print(f"| {row.name} | {row.comparisons:.1e} |{cells}", flush=True)


def reported(of: Sources, stay: npt.NDArray[np.bool_], what: str) -> dict[str, t.Any]:
    """Search, print and return what was found among these sources."""
    held, ask = some(of.held, stay), some(of.asked, stay)
    hits = met(held, ask)
    found, count = np.unique(hits[4, hits[0] == 0], return_counts=True)
    copies = found[count >= MANY]
    left = hits[:, ~np.isin(hits[4], copies)]
    windows = int((ask.kind == 0).sum())
    print(f"\n{what}: {stay.sum():,} sources, {len(held.code):,} windows held, {windows:,} windows asked for as")
    print(
        f"{len(ask.code):,} hashes. {len(copies):,} pairs of sources meet as they are in {MANY} windows or more: taken"
    )
    print(f"for copies, {hits.shape[1] - left.shape[1]:,} hits left out.")
    made = rows(held, ask, left, windows=windows)
    table(made)
    return {"sources": int(stay.sum()), "held": len(held.code), "asked": windows, "hashes": len(ask.code),
            "copies": len(copies), "radii": RADII, "rows": [one._asdict() for one in made]}  # fmt: skip


def main() -> None:
    """Print the tables, and keep their counts as JSON where a file is named."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sources", type=int, default=1 << 30)
    arguments.add_argument("--photographs", default="nebulae,landscapes,wallpapers,backgrounds")
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("folders", nargs="+")
    given = arguments.parse_args()
    names, most = given.photographs.split(","), -(-given.sources // len(given.folders))
    of = gathered(
        (image, any(name in folder for name in names))
        for folder in given.folders
        for image in itertools.islice(pictures([folder], least_px=LEAST_PX, longest_px=640), most)
    )
    stay = np.zeros(len(of.plain), np.bool_)
    stay[kept(of.plain)] = True
    print(f"{len(of.plain):,} pictures, {(~stay).sum():,} dropped as copies of others")
    made = {"all": reported(of, stay, "All")}
    kinds = {"photographs": stay & of.photograph, "others": stay & ~of.photograph}
    if all(one.any() for one in kinds.values()):
        made |= {name: reported(of, one, f"{name.capitalize()} alone") for name, one in kinds.items()}
    if given.keep:
        given.keep.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
