"""Contents of the case that look alike, whether or not anybody knows them."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, Share, stage
from vigie.kernel.table import Table, columns, query
from vigie.numeric import coverage, hamming, union
from vigie.numeric.distinct import Ints, distinct
from vigie.numeric.variants_links import Held, best, linked
from vigie.numeric.variants_packed import unpacked
from vigie.rows.fingerprints import TURNED, VARIANTS, DensePrint, Fingerprint, Variants
from vigie.rows.groups import Link

LONGEST_MS: t.Final = 10_000
"""As in ``video``: a frame stands for ten seconds at most."""
AT_ONCE: t.Final = 20_000
"""Stills whose variants are read at a time: 110 MB."""


class Links(Params, frozen=True):
    """Settings. Sources: ThreatExchange ``pdq`` README and vPDQ for bits and quality; the rest docs/matching.md."""

    most_bits: Bits = 31
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``: beyond, a hash is noise and would tie all flat pictures into one heap."""
    same_bits: Bits = 8
    """A frame so near the last one kept of its video is not compared again."""
    least_share: Share = 0.5
    """So much of the shorter video must be in the other ..."""
    least_different: Count = 3
    """... in so many mutually different frames, or all that either has."""
    most_families: Count = 5
    """A frame seen in more unrelated families of videos (black, title, logo) ties nothing."""
    most_families_of_still: Count = 1
    """A still seen in more families is ambiguous and is tied to none of them."""
    most_bits_edited: Bits = 28
    """For variants of stills other than turns and mirrors, which are held to ``most_bits``; as in ``varied``."""


class _Found(t.NamedTuple):
    a: Ints
    b: Ints
    method: str
    bits: Ints
    share: npt.NDArray[np.float64]
    share_longer: npt.NDArray[np.float64]
    variant: Ints | None = None
    """Place in ``VARIANTS``; None where all are as they are."""
    of_a: npt.NDArray[np.bool_] | None = None


@stage(split=None)
def links(
    fingerprints: Table[Fingerprint], variants: Table[Variants], dense: Table[DensePrint], params: Links, shelf: Shelf
) -> Table[Link]:
    """Link contents whose stills are near, whose videos share enough, or a still and the one video it is most of.

    Stills are near as they are, or one of them in a variant: turned, without its border, cropped.

    Equal hashes of many contents give a star, not every pair: the same contents hang together.
    """
    held = query(
        Fingerprint,
        f"""
        select * from (select * from f union all select * from d)
        where quality >= {params.least_quality} and weak <= {params.most_weak}
        """,
        f=fingerprints,
        d=dense,
    )
    # In the order of their bytes, so that the smaller label is the smaller digest.
    contents = distinct(held.words("content").byteswap())
    digests = held.matrix("content")[contents.first]
    item, is_pdq = contents.labels(), held.column("algorithm") == "pdq"
    is_video = ~np.isin(item, item[is_pdq])
    stills, videos = _frames(held, item, is_pdq, 0), _frames(held, item, is_video, params.same_bits)
    family = np.arange(len(digests))
    segment = shelf.segment(stills.code)
    near = _stills(stills, segment, params)
    index = shelf.index(videos.code)
    alike = _videos(videos, index, family, params)
    family = union.components(
        len(family), alike.a[alike.share >= params.least_share], alike.b[alike.share >= params.least_share]
    )
    seen = coverage.families(videos, family, radius=params.most_bits, index=index)
    videos = coverage.only(videos, seen <= params.most_families)
    index = shelf.index(videos.code)
    alike = _videos(videos, index, family, params)
    family = union.components(len(family), alike.a, alike.b)
    shown = _stills_in_videos(stills, videos, index, family, params)
    parts = (near, _varied(variants, stills, hamming.together([segment]), near, digests, params), alike, shown)
    return columns(
        Link,
        a=digests[np.concatenate([p.a for p in parts])],
        b=digests[np.concatenate([p.b for p in parts])],
        method=[p.method for p in parts for _ in p.a],
        variant=[name for p in parts for name in _variants_of(p)],
        variant_of=[name for p in parts for name in _whose(p)],
        distance_bits=np.concatenate([p.bits for p in parts]),
        share=np.concatenate([p.share for p in parts]),
        share_longer=np.concatenate([p.share_longer for p in parts]),
    )


def _frames(held: Table[Fingerprint], item: Ints, which: npt.NDArray[np.bool_], same_bits: int) -> coverage.Frames:
    return coverage.frames(
        item[which],
        held.column("at_s")[which],
        held.column("frame")[which],
        held.words("value")[which],
        np.ones(int(which.sum()), np.bool_),
        same_bits=same_bits,
        most_ms=LONGEST_MS,
    )


def _stills(stills: coverage.Frames, segment: hamming.Segment, params: Links) -> _Found:
    found = hamming.joined(segment, params.most_bits)
    # Frames are sorted by item, so of each pair the first is the smaller digest.
    a, b, bits = stills.item[found.query], stills.item[found.id], found.distance.astype(np.int64)
    order = np.lexsort((bits, b, a))
    order = order[a[order] < b[order]]
    order = order[np.unique(np.stack([a[order], b[order]]), axis=1, return_index=True)[1]]
    ones = np.ones(len(order))
    return _Found(a[order], b[order], "near", bits[order], ones, ones)


def _varied(
    variants: Table[Variants],
    stills: coverage.Frames,
    index: hamming.Index,
    near: _Found,
    digests: npt.NDArray[np.uint8],
    params: Links,
) -> _Found:
    """Link stills of which a variant is near another as it is."""
    held = Held(stills.item, index, union.components(len(digests), near.a, near.b))
    radius = np.array([params.most_bits if n in ("", *TURNED) else params.most_bits_edited for n in VARIANTS])
    found = []
    for part in variants.parts("content", -(-len(variants) // AT_ONCE)):
        given = unpacked(part.column("prints"), least_quality=params.least_quality, most_weak=params.most_weak)
        place = _places(digests, part.matrix("content"))
        found.append(linked(held, given, np.where(np.isin(place, stills.item), place, -1), radius))
    met = best(found)
    ones = np.ones(len(met.varied))
    low, high = np.minimum(met.varied, met.other), np.maximum(met.varied, met.other)
    return _Found(low, high, "near", met.bits, ones, ones, met.number, met.varied == low)


def _places(digests: npt.NDArray[np.uint8], contents: npt.NDArray[np.uint8]) -> Ints:
    """Return the place of each content among the digests, which are in order; -1 where it is not there."""
    rows = np.concatenate([digests, contents])
    same = distinct(np.ascontiguousarray(rows).view(np.uint64))
    first = same.first[same.labels()[len(digests) :]]
    return np.where(first < len(digests), first, -1)


def _variants_of(of: _Found) -> list[str]:
    return [""] * len(of.a) if of.variant is None else [VARIANTS[number] for number in of.variant]


def _whose(of: _Found) -> list[str]:
    return [""] * len(of.a) if of.of_a is None else ["a" if mine else "b" for mine in of.of_a]


def _videos(videos: coverage.Frames, index: hamming.Index, family: Ints, params: Links) -> _Found:
    items = len(family)
    met = coverage.meet(
        videos, videos, radius=params.most_bits, enough=params.least_different, themselves=True, index=index
    )
    total = coverage.total_ms(videos, items)
    variety = coverage.variety(videos, items, enough=params.least_different, apart_bits=params.most_bits)
    a, b = met.ours, met.theirs
    share_a, share_b = np.round(met.ours_ms / total[a], 4), np.round(met.theirs_ms / total[b], 4)
    shorter_a = (total[a] < total[b]) | ((total[a] == total[b]) & (share_a >= share_b))
    share, longer = np.where(shorter_a, share_a, share_b), np.where(shorter_a, share_b, share_a)
    keep = (share >= params.least_share) & (met.different >= np.minimum(variety[a], variety[b]))
    return _Found(a[keep], b[keep], "video", met.middle[keep], share[keep], longer[keep])


def _stills_in_videos(
    stills: coverage.Frames, videos: coverage.Frames, index: hamming.Index, family: Ints, params: Links
) -> _Found:
    met = coverage.meet(stills, videos, radius=params.most_bits, enough=0, index=index)
    seen = np.unique(np.stack([met.ours, family[met.theirs]]), axis=1)[0]
    keep = np.bincount(seen, minlength=len(family))[met.ours] <= params.most_families_of_still
    still, video, bits = met.ours[keep], met.theirs[keep], met.distance[keep]
    longer = np.round(met.theirs_ms[keep] / coverage.total_ms(videos, len(family))[video], 4)
    # One video only, that of which the still is the largest part: a still never chains two videos.
    order = np.lexsort((video, bits, -longer, still))
    best = order[np.unique(still[order], return_index=True)[1]]
    still, video = still[best], video[best]
    low, high = np.minimum(still, video), np.maximum(still, video)
    return _Found(low, high, "frame", bits[best], np.ones(len(best)), longer[best])
