"""Stills that show a listed picture in a part of them: screenshots, pages, collages."""

import numpy as np

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, columns, join, query
from vigie.numeric import hamming
from vigie.numeric.distinct import Ints
from vigie.numeric.regions_packed import FOUND, some, unpacked
from vigie.numeric.regions_pairs import LARGE_TILES
from vigie.rows.fingerprints import Fingerprint, Regions, region
from vigie.rows.matches import Known, Match, Withdrawn

AT_ONCE = 50_000
"""Stills taken at a time: their regions are 50 MB."""


class Shown(Params, frozen=True):
    """Settings. Measured: docs/matching.md 8."""

    most_bits: Bits = 24
    """As for the edited variants in ``varied``, for each comparison more is another chance to be wrong; and the listed
    picture is not there to be laid over ours."""
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""


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
    listed = query(
        Known,
        # In the order of ``near``, withdrawn ones hidden: so the segments are those that stand on the shelf already.
        f"""
        select * replace (withdrawn or key in (select known from taken_back) as withdrawn,
            '' as entry, '' as category, '' as series)
        from known where algorithm = 'pdq' and octet_length(value) = 32 and quality >= {params.least_quality}
        order by list, key
        """,
        known=known,
        taken_back=withdrawn,
    )
    tables = shelf.index(listed.words("value").reshape(-1, 4), listed.matrix("list"), listed.column("withdrawn"))
    parts = regions.parts("content", -(-len(regions) // AT_ONCE))
    found = join(Match, [_shown(part, listed, tables, params) for part in parts])
    return query(
        Match,
        f"""
        select f.* replace (k.list as list, k.entry as entry, k.meaning as meaning, k.category as category)
        from found f join known k on k.key = f.known
        where not exists (
            select 1 from p where p.content = f.content and p.algorithm = 'pdq'
                and bit_count(xor(p.value::bit, k.value::bit)) <= {params.most_bits})
        """,
        found=found,
        known=known,
        p=fingerprints,
    )


def _shown(part: Table[Regions], listed: Table[Known], tables: hamming.Index, params: Shown) -> Table[Match]:
    given = unpacked(part.column("prints"), least_quality=params.least_quality, most_weak=params.most_weak)
    given = some(given, (given.tile == FOUND) | (given.tile < LARGE_TILES))
    hits = hamming.search(tables, given.code, params.most_bits)
    still = given.still[hits.query]
    best = _nearest(still, hits.id, hits.distance.astype(np.int64), hits.query)
    still, row, bits = still[best], hits.id[best], hits.distance[best].astype(np.int64)
    rows = len(best)
    at_known = np.zeros(rows)
    return columns(
        Match,
        content=part.matrix("content")[still],
        known=listed.matrix("key")[row],
        list=np.zeros((rows, 16), np.uint8),
        entry=[""] * rows,
        method=["region"] * rows,
        algorithm=["pdq"] * rows,
        variant=[region(*given.box[one].tolist()) for one in hits.query[best]],
        distance_bits=bits,
        threshold_bits=np.full(rows, params.most_bits),
        share_held=np.ones(rows),
        share_known=np.ones(rows),
        frames=np.ones(rows, np.int64),
        relation=[""] * rows,
        start_s=at_known,
        end_s=at_known,
        known_start_s=at_known,
        known_end_s=at_known,
        run_s=at_known,
        spans=np.zeros(rows, np.int64),
        different=np.zeros(rows, np.int64),
        meaning=[""] * rows,
        category=[""] * rows,
    )


def _nearest(still: Ints, other: Ints, bits: Ints, place: Ints) -> Ints:
    """Return the place of the nearest part for each still and listed hash; of equals the first."""
    order = np.lexsort((place, bits, other, still))
    head = np.ones(len(order), np.bool_)
    head[1:] = (np.diff(still[order]) != 0) | (np.diff(other[order]) != 0)
    return order[head]
