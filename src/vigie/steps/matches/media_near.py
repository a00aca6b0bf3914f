"""Pictures that look alike: PDQ hashes a few bits apart, stills and frames in one space."""

import typing as t

import numpy as np

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, columns, join, query
from vigie.numeric import coverage
from vigie.numeric.distinct import distinct
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Known, Match, Withdrawn

COMPARED: t.Final = (("pdq", "pdq", "near"), ("pdq", "vpdq", "frame"), ("vpdq", "pdq", "frame"))
"""Ours, theirs, method. Frames against frames is the business of ``video``."""
LONGEST_MS: t.Final = 10_000


class Near(Params, frozen=True):
    """Settings. Sources: ThreatExchange ``pdq`` README (31 of 256 bits; quality below 50 discarded); media.md 2.1."""

    most_bits: Bits = 31
    least_quality: Quality = 50
    most_weak: Count = 64
    """A hash with more than so many of its 256 coefficients at the median is noise: photographs have 1-2, flags,
    stripes and flat fields up to 256 even at quality 100. A quarter can flip 64 bits: twice the threshold."""


@stage(split="content")
def near(
    fingerprints: Table[Fingerprint],
    dense: Table[DensePrint],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    params: Near,
    shelf: Shelf,
) -> Table[Match]:
    """Match stills with listed pictures and listed video frames, and our video frames with listed pictures.

    One row for each content and listed hash; where theirs is a video, one for each content and entry, with its
    nearest frame.
    """
    held = query(Fingerprint, "select * from f union all select * from d", f=fingerprints, d=dense)
    return join(Match, [_matched(held, known, withdrawn, params, shelf, *one) for one in COMPARED])


def _matched(
    fingerprints: Table[Fingerprint],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    params: Near,
    shelf: Shelf,
    ours: str,
    theirs: str,
    method: str,
) -> Table[Match]:
    held = query(Fingerprint, f"select * from held where algorithm = '{ours}'", held=fingerprints)
    # An item is one listed picture, or all frames of one entry in an order that no two rows share.
    # A withdrawn picture is hidden, so that the list's segment stays; a withdrawn frame would change what others weigh.
    item, frame, hidden = "row_number() over (order by list, key)", "frame", "true"
    if theirs == "vpdq":
        hidden = "not gone"
        item = "dense_rank() over (order by list, entry)"
        frame = "row_number() over (order by list, entry, at_s, frame, key)"
    listed = query(
        Known,
        f"""
        select * exclude (gone) replace (
            {item} - 1 as number, {frame} as frame, gone as withdrawn, '' as entry, '' as category, '' as series)
        from (select *, withdrawn or key in (select known from taken_back) as gone from known)
        where algorithm = '{theirs}' and octet_length(value) = 32 and {hidden}
        """,
        known=known,
        taken_back=withdrawn,
    )
    label = distinct(held.words("content")).labels()
    good = (held.column("quality") >= params.least_quality) & (held.column("weak") <= params.most_weak)
    a = coverage.frames(
        label, held.column("at_s"), held.column("frame"), held.words("value"), good, same_bits=0, most_ms=LONGEST_MS
    )
    b = coverage.frames(
        listed.column("number"),
        listed.column("at_s"),
        listed.column("frame"),
        listed.words("value").reshape(-1, 4),
        listed.column("quality") >= params.least_quality,
        same_bits=0,
        most_ms=LONGEST_MS,
    )
    index = shelf.index(b.code, listed.matrix("list")[b.row], listed.column("withdrawn")[b.row])
    met = coverage.meet(a, b, radius=params.most_bits, enough=0, index=index)
    rows = len(met.ours)
    at_held, at_known = held.column("at_s")[a.row[met.best_ours]], listed.column("at_s")[b.row[met.best_theirs]]
    found = columns(
        Match,
        content=held.matrix("content")[a.row[met.best_ours]],
        known=listed.matrix("key")[b.row[met.best_theirs]],
        list=np.zeros((rows, 16), np.uint8),
        entry=[""] * rows,
        method=[method] * rows,
        algorithm=[theirs] * rows,
        variant=[""] * rows,
        distance_bits=met.distance,
        threshold_bits=np.full(rows, params.most_bits),
        share_held=np.round(met.ours_ms / coverage.total_ms(a, len(held))[met.ours], 4),
        share_known=np.round(met.theirs_ms / coverage.total_ms(b, len(listed))[met.theirs], 4),
        frames=met.ours_frames,
        relation=[""] * rows,
        start_s=at_held,
        end_s=at_held,
        known_start_s=at_known,
        known_end_s=at_known,
        run_s=np.zeros(rows),
        spans=np.zeros(rows, np.int64),
        different=np.zeros(rows, np.int64),
        meaning=[""] * rows,
        category=[""] * rows,
    )
    return query(
        Match,
        """
        select f.* replace (k.list as list, k.entry as entry, k.meaning as meaning, k.category as category)
        from found f join known k on k.key = f.known
        """,
        found=found,
        known=known,
    )
