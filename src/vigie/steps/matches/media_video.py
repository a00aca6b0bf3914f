"""Videos that share frames with a listed video, by the share of each that meets the other."""

import typing as t

import numpy as np

from vigie.kernel.stage import Params, stage
from vigie.kernel.table import Table, columns, query
from vigie.numeric import coverage
from vigie.numeric.distinct import distinct
from vigie.rows.fingerprints import Fingerprint
from vigie.rows.matches import Known, Match, Withdrawn

LONGEST_MS: t.Final = 10_000
"""A frame stands for ten seconds at most: the usual distance of key frames (250 at 25 a second)."""


class Video(Params, frozen=True):
    """Settings.

    Sources: vPDQ (frame distance 31, quality 50) and python-threatexchange (80 % of the query, 0 % of the
    known video); media.md 5.1 for the share of the known video, which alone finds a clip inside a compilation.
    """

    most_bits: int = 31
    least_quality: int = 50
    most_weak: int = 64
    """As in ``near``."""
    same_bits: int = 4
    """A frame so near the last one kept of its video is the same picture; its time is added to that one's."""
    least_held: float = 0.8
    """vPDQ's rule: so much of ours is theirs ..."""
    least_known: float = 0.0
    """... and so much of theirs is ours."""
    least_covered: float = 0.8
    """Coverage rule: so much of theirs is in ours, whatever else ours holds ..."""
    least_different: int = 3
    """... in so many mutually different frames, or all different ones that theirs has. A lone title proves nothing."""


@stage(split="content")
def video(
    fingerprints: Table[Fingerprint], known: Table[Known], withdrawn: Table[Withdrawn], params: Video
) -> Table[Match]:
    """Match a video with every entry whose frames it covers (coverage rule), or that covers it (vPDQ's rule).

    Shares are of time, not of frame counts: each frame of quality stands for the time until the next, so that key
    frames, one a second and every frame are comparable.
    """
    held = query(Fingerprint, "select * from held where algorithm = 'vpdq'", held=fingerprints)
    listed = query(
        Known,
        """
        select * replace (
            dense_rank() over (order by list, entry) - 1 as number,
            row_number() over (order by list, entry, at_s, frame, key) as frame,
            '' as entry, '' as category, '' as series)
        from known where algorithm = 'vpdq' and octet_length(value) = 32
            and not known.withdrawn and key not in (select known from taken_back)
        """,
        known=known,
        taken_back=withdrawn,
    )
    label = distinct(held.words("content")).labels()
    good = (held.column("quality") >= params.least_quality) & (held.column("weak") <= params.most_weak)
    a = coverage.frames(
        label,
        held.column("at_s"),
        held.column("frame"),
        held.words("value"),
        good,
        same_bits=params.same_bits,
        most_ms=LONGEST_MS,
    )
    b = coverage.frames(
        listed.column("number"),
        listed.column("at_s"),
        listed.column("frame"),
        listed.words("value").reshape(-1, 4),
        listed.column("quality") >= params.least_quality,
        same_bits=params.same_bits,
        most_ms=LONGEST_MS,
    )
    met = coverage.meet(a, b, radius=params.most_bits, enough=params.least_different)
    share_held = np.round(met.ours_ms / coverage.total_ms(a, len(held))[met.ours], 4)
    share_known = np.round(met.theirs_ms / coverage.total_ms(b, len(listed))[met.theirs], 4)
    variety = coverage.variety(b, len(listed), enough=params.least_different, apart_bits=params.most_bits)
    by_vpdq = (share_held >= params.least_held) & (share_known >= params.least_known)
    covered = (share_known >= params.least_covered) & (met.different >= variety[met.theirs])
    hit = np.flatnonzero(by_vpdq | covered)
    found = columns(
        Match,
        content=held.matrix("content")[a.row[met.best_ours[hit]]],
        known=listed.matrix("key")[b.row[met.best_theirs[hit]]],
        list=np.zeros((len(hit), 16), np.uint8),
        entry=[""] * len(hit),
        method=["video"] * len(hit),
        algorithm=["vpdq"] * len(hit),
        distance_bits=met.distance[hit],
        threshold_bits=np.full(len(hit), params.most_bits),
        share_held=share_held[hit],
        share_known=share_known[hit],
        frames=met.ours_frames[hit],
        meaning=[""] * len(hit),
        category=[""] * len(hit),
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
