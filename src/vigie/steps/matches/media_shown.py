"""Stills that show a listed picture in a part of them: screenshots, pages, collages."""

import numpy as np

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, join
from vigie.numeric import hamming
from vigie.numeric.distinct import Ints, heads
from vigie.numeric.regions_packed import FOUND, Packed, some, unpacked
from vigie.numeric.regions_pairs import LARGE_TILES
from vigie.rows.fingerprints import Fingerprint, Regions, region
from vigie.rows.matches import Known, Match, Withdrawn
from vigie.steps.listed import Listed, listed, matches, told

AT_ONCE = 50_000
"""Stills taken at a time: their regions are 50 MB."""


class Shown(Params, frozen=True):
    """Settings. Measured: docs/matching.md 8."""

    most_bits: Bits = 24
    """Less than for the edited variants in ``varied``: parts of flat pictures meet more often by chance than the whole,
    and the listed picture is not there to be laid over ours."""
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""
    least_quality_tile: Quality = 60
    """Of halves and quarters, and of what they meet: those of drawings are flat and much alike. With the next it takes
    nearly half of the false hits away and leaves 99 of 100 tiles of photographs (docs/matching.md 8)."""
    most_weak_tile: Count = 24


@stage(split="content")
def shown(
    regions: Table[Regions],
    fingerprints: Table[Fingerprint],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    params: Shown,
    shelf: Shelf,
) -> Table[Match]:
    """Match parts of stills with listed pictures: rectangles found in them, and their halves and quarters.

    One row for each still and listed hash, with the nearest part; none where the whole still is as near.
    """
    theirs = listed("pdq", known, withdrawn, shelf, least_quality=params.least_quality)
    parts = regions.parts("content", -(-len(regions) // AT_ONCE))
    return told(
        join(Match, [_shown(part, theirs, params) for part in parts]),
        known,
        f"""
        where not exists (
            select 1 from p where p.content = f.content and p.algorithm = 'pdq'
                and bit_count(xor(p.value::bit, k.value::bit)) <= {params.most_bits})
        """,
        p=fingerprints,
    )


def _shown(part: Table[Regions], theirs: Listed, params: Shown) -> Table[Match]:
    given = _asked(part, params)
    hits = hamming.search(theirs.tables, given.code, params.most_bits)
    row = theirs.frames.row[hits.id]
    fit = (given.tile[hits.query] == FOUND) | (theirs.rows.column("quality")[row] >= params.least_quality_tile)
    place = np.flatnonzero(fit)
    query, bits = hits.query[place], hits.distance[place].astype(np.int64)
    best = place[_nearest(given.still[query], hits.id[place], bits, query)]
    return matches(
        content=part.matrix("content")[given.still[hits.query[best]]],
        known=theirs.rows.matrix("key")[row[best]],
        method="region",
        algorithm="pdq",
        variant=[region(*given.box[one].tolist()) for one in hits.query[best]],
        distance_bits=hits.distance[best],
        threshold_bits=params.most_bits,
    )


def _asked(part: Table[Regions], params: Shown) -> Packed:
    """Return the rectangles, and the halves and quarters that are good enough."""
    prints = part.column("prints")
    found = unpacked(prints, least_quality=params.least_quality, most_weak=params.most_weak)
    tiles = unpacked(prints, least_quality=params.least_quality_tile, most_weak=params.most_weak_tile)
    kept = (some(found, found.tile == FOUND), some(tiles, tiles.tile < LARGE_TILES))
    return Packed(*(np.concatenate(column) for column in zip(*kept, strict=True)))


def _nearest(still: Ints, other: Ints, bits: Ints, place: Ints) -> Ints:
    """Return the place of the nearest part for each still and listed hash; of equals the first."""
    order = np.lexsort((place, bits, other, still))
    return order[heads(still[order], other[order])]
