"""Stills that are not linked, though parts of them look alike: worth laying over each other."""

import numpy as np

from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, columns, query
from vigie.numeric import union
from vigie.numeric.distinct import Ints, distinct
from vigie.numeric.regions_packed import Packed, unpacked
from vigie.numeric.regions_pairs import WHOLE, Bounds, Stills
from vigie.numeric.regions_pairs import candidates as paired
from vigie.rows.artefacts import File
from vigie.rows.fingerprints import Fingerprint, Regions, region
from vigie.rows.groups import Candidate, Link


class Candidates(Params, frozen=True):
    """Settings. What they find and cost: docs/matching.md 8. Candidates are looked at again, so they may be wide."""

    tile_bits: Bits = 24
    region_bits: Bits = 31
    least_votes: Count = 2
    """So many equal tiles of two stills must look alike ..."""
    most_met: Count = 64
    """... and a tile that meets more others than this is common - a frame, a header - and does not vote."""
    most_pairs: Count = 8
    """Candidates for each still at most, the best."""
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""


@stage(split=None)
def candidates(
    regions: Table[Regions],
    fingerprints: Table[Fingerprint],
    links: Table[Link],
    files: Table[File],
    params: Candidates,
) -> Table[Candidate]:
    """Pair stills that no link ties together: equal tiles look alike, or one shows the other in a part of it.

    One pair for each two families of linked stills: what hangs together needs one more link and no second one.
    """
    held = query(
        Regions,
        "select * from r where content in (select sha256 from f where kind = 'image') order by content",
        r=regions,
        f=files,
    )
    stills = query(
        Fingerprint,
        f"""
        select * from p where algorithm = 'pdq' and quality >= {params.least_quality} and weak <= {params.most_weak}
            and content in (select content from h)
        qualify row_number() over (partition by content order by frame, value, key) = 1
        """,
        p=fingerprints,
        h=held,
    )
    tied = query(Link, "select * from l where method = 'near'", l=links)
    number = _numbers(held, held.words("content"), stills.words("content"), tied.words("a"), tied.words("b"))
    _, of_still, a, b = number
    both = (a >= 0) & (b >= 0)
    family = union.components(len(held), a[both], b[both])
    given = unpacked(held.column("prints"), least_quality=params.least_quality, most_weak=params.most_weak)
    bounds = Bounds(params.tile_bits, params.region_bits, params.least_votes, params.most_met, params.most_pairs)
    found = paired(given, Stills(of_still, stills.words("value")), family, bounds)
    digests = held.matrix("content")
    made = columns(
        Candidate,
        a=digests[found.a],
        b=digests[found.b],
        by=["tiles" if x == y == WHOLE else "region" for x, y in zip(found.part_a, found.part_b, strict=True)],
        part_a=_names(given, found.part_a),
        part_b=_names(given, found.part_b),
        votes=found.votes,
        distance_bits=found.bits,
        size_bytes=np.zeros(len(found.a), np.int64),
    )
    return query(
        Candidate,
        """
        with sizes as (select sha256, min(size_bytes) as bytes from f group by sha256)
        select m.* replace (x.bytes + y.bytes as size_bytes)
        from made m join sizes x on x.sha256 = m.a join sizes y on y.sha256 = m.b
        """,
        made=made,
        f=files,
    )


def _numbers(held: Table[Regions], *contents: np.ndarray[tuple[int, int], np.dtype[np.uint64]]) -> list[Ints]:
    """Return the place of each content among the stills, which are in the order of their digests; -1: not there."""
    same = distinct(np.concatenate(contents))
    first = same.first[same.labels()]
    return np.split(np.where(first < len(held), first, -1), np.cumsum([len(one) for one in contents])[:-1])


def _names(given: Packed, rows: Ints) -> list[str]:
    return ["" if row == WHOLE else region(*given.box[row].tolist()) for row in rows]
