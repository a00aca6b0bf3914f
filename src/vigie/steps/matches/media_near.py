"""Pictures that look alike: PDQ hashes a few bits apart, stills and frames in one space."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, join, query
from vigie.numeric import coverage
from vigie.numeric.distinct import Ints, distinct
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Known, Match, Withdrawn
from vigie.steps.listed import ALGORITHMS, LONGEST_MS, Algorithm, Listed, listed, matches, told

COMPARED: t.Final[tuple[tuple[str, Algorithm, str], ...]] = (
    ("pdq", "pdq", "near"),
    ("pdq", "vpdq", "frame"),
    ("vpdq", "pdq", "frame"),
)
"""Ours, theirs, method. Frames against frames is the business of ``video``."""
CLOSEST: t.Final = np.array(["dense", "key", "still"])


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
    theirs = {name: listed(name, known, withdrawn, shelf, least_quality=params.least_quality) for name in ALGORITHMS}
    found = [_matched(held, ours, theirs[name], name, method, params) for ours, name, method in COMPARED]
    return told(join(Match, found), known)


def _matched(
    fingerprints: Table[Fingerprint], ours: str, theirs: Listed, algorithm: str, method: str, params: Near
) -> Table[Match]:
    held = query(Fingerprint, f"select * from held where algorithm = '{ours}'", held=fingerprints)
    label = distinct(held.words("content")).labels()
    good = (held.column("quality") >= params.least_quality) & (held.column("weak") <= params.most_weak)
    a = coverage.frames(
        label, held.column("at_s"), held.column("frame"), held.words("value"), good, same_bits=0, most_ms=LONGEST_MS
    )
    b = theirs.frames
    met = coverage.meet(a, b, radius=params.most_bits, enough=0, index=theirs.tables)
    mine, other = a.row[met.best_ours], b.row[met.best_theirs]
    at_held, at_known = held.column("at_s")[mine], theirs.rows.column("at_s")[other]
    return matches(
        content=held.matrix("content")[mine],
        known=theirs.rows.matrix("key")[other],
        method=method,
        algorithm=algorithm,
        sampling=_sampling(held, label)[mine].tolist(),
        distance_bits=met.distance,
        threshold_bits=params.most_bits,
        share_held=np.round(met.ours_ms / coverage.total_ms(a, len(held))[met.ours], 4),
        share_known=np.round(met.theirs_ms / coverage.total_ms(b, len(theirs.rows))[met.theirs], 4),
        frames=met.ours_frames,
        start_s=at_held,
        end_s=at_held,
        known_start_s=at_known,
        known_end_s=at_known,
    )


def _sampling(held: Table[Fingerprint], label: Ints) -> npt.NDArray[t.Any]:
    """Return for each row the closest sampling of its content: a frame may have been read as key frame and densely."""
    place = np.searchsorted(CLOSEST, np.array(held.column("sampling"), dtype=str))
    least = np.full(len(held), len(CLOSEST) - 1)
    np.minimum.at(least, label, place)
    closest: npt.NDArray[t.Any] = CLOSEST[least[label]]
    return closest
