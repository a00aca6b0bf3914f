"""Connected sets of near-duplicates: what one look at one member tells about."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.stage import Bits, Params, Share, stage
from vigie.kernel.table import Table, columns, query
from vigie.numeric.distinct import Ints, distinct
from vigie.numeric.medoid import Codes, Links, sets
from vigie.rows.artefacts import File
from vigie.rows.base import key_of
from vigie.rows.fingerprints import TURNED, Fingerprint
from vigie.rows.groups import Compared, Group, Link, Member
from vigie.rows.matches import Standing

GRAVITY: t.Final = ("listed", "conflict", "near", "new", "benign")
"""Gravest first. A sure fact before a disputed one, a suspicion before none; a benign member clears nobody."""
KINDS: t.Final = ("image", "video", "mixed", "other")


class Grouping(Params, frozen=True):
    """Settings."""

    widest_bits: Bits = 62
    """Largest distance from the middle: twice the threshold of 31, for two copies of a picture that are each within
    31 of it are within 62 of each other (triangle inequality); unrelated pictures lie about 128 apart."""
    least_longer: Share = 0.3
    """So much of the longer video must be in the shorter. A clip inside a compilation is linked and not grouped:
    the compilation would chain all its clips, and a listed one would tell on the others."""
    edited_bits: Bits = 12
    """Added to a link by a variant other than a turn or mirror: it is a weaker sign, so a set falls apart there first,
    and fewer of them make a chain."""
    compared_bits: Bits = 40
    """A pair that the second check proved counts as so far apart: more than any other link, so that a set falls apart
    there first, and less than ``widest_bits``, so that copies round one picture hold together."""


@stage(split=None)
def groups(
    standings: Table[Standing],
    links: Table[Link],
    compared: Table[Compared],
    fingerprints: Table[Fingerprint],
    files: Table[File],
    params: Grouping,
) -> tuple[Table[Group], Table[Member]]:
    """Put every image and video into exactly one group, and listed or disputed files of other kinds into their own.

    A set that chaining has made wider than ``widest_bits`` is cut at its weakest links.
    """
    held = query(
        Standing,
        # How many files hold the content travels in ``matches``, which is not needed here.
        """
        select s.* replace (coalesce(f.files, 0) as matches)
        from standings s left join (select sha256, count(*) as files from files group by sha256) f
        on f.sha256 = s.content
        where s.kind <> 'other' or s.standing in ('listed', 'conflict')
        """,
        standings=standings,
        files=files,
    )
    stills = query(
        Fingerprint,
        # One hash for each content, whatever the order of rows.
        """
        select * from held where algorithm = 'pdq'
        qualify row_number() over (partition by content order by frame, value, key) = 1
        """,
        held=fingerprints,
    )
    used = query(
        Link,
        f"""
        select * replace (distance_bits + case when variant in {("", *TURNED)!r} then 0 else {params.edited_bits} end
            as distance_bits)
        from links where method <> 'video' or share_longer >= {params.least_longer}
        """,
        links=links,
    )
    proved = query(
        Compared,
        # A page that shows several pictures would chain them, as a compilation would its clips: it is not grouped.
        """
        with shown as (
            select case variant_of when 'a' then a else b end as page, count(distinct variant) as parts
            from c where verdict = 'same' and variant_of <> '' group by page
        )
        select c.* from c left join shown s on s.page = case variant_of when 'a' then a else b end and variant_of <> ''
        where verdict = 'same' and coalesce(s.parts, 1) = 1
        """,
        c=compared,
    )
    n = len(held)
    ends = (np.concatenate([used.words(end), proved.words(end)]) for end in ("a", "b"))
    bits = np.concatenate([used.column("distance_bits"), np.full(len(proved), params.compared_bits)])
    place, a, b, s = _numbered(held.words("content"), *ends, stills.words("content"))
    codes = Codes(np.zeros((n, 4), np.uint64), np.zeros(n, np.bool_))
    mine = s >= 0
    codes.value[s[mine]], codes.known[s[mine]] = stills.words("value")[mine], True
    both = (a >= 0) & (b >= 0)
    found = sets(n, Links(a[both], b[both], bits[both]), codes, widest_bits=params.widest_bits)
    digest, gravity, kind, copies = _in_order(held, place)
    head = np.flatnonzero(found.label == np.arange(n))
    keys = np.zeros((n, 16), np.uint8)
    for i in head:
        keys[i] = np.frombuffer(key_of(Group, digest[i].tobytes()), np.uint8)
    made = columns(
        Group,
        first=digest[head],
        representative=digest[found.middle[head]],
        kind=[KINDS[k] for k in _kinds(kind, found.label)[head]],
        standing=[GRAVITY[g] for g in _least(gravity, found.label, len(GRAVITY))[head]],
        contents=np.bincount(found.label, minlength=n)[head],
        files=_summed(copies, found.label)[head],
        diameter_bits=-_least(-found.distance, found.label, 0)[head],
        weakest_link_bits=found.weakest[head],
    )
    members = columns(
        Member,
        content=digest,
        group=keys[found.label],
        standing=[GRAVITY[g] for g in gravity],
        distance_bits=found.distance,
    )
    return made, members


def _numbered(contents: npt.NDArray[np.uint64], *others: npt.NDArray[np.uint64]) -> list[Ints]:
    """Give contents numbers in the order of their digests, and the others those numbers; -1 where they are none."""
    same = distinct(np.concatenate([contents, *others]).byteswap())
    label = same.labels()
    held = np.zeros(len(same.starts) - 1, np.int64)
    held[label[: len(contents)]] = 1
    number = np.where(held == 1, np.cumsum(held) - 1, -1)[label]
    return np.split(number, np.cumsum([len(contents), *map(len, others)])[:-1])


def _in_order(held: Table[Standing], place: Ints) -> tuple[npt.NDArray[np.uint8], Ints, Ints, Ints]:
    """Digest, gravity, kind and number of files of each content, in the order of the digests."""
    order = np.argsort(place)
    gravity = np.array([GRAVITY.index(s) for s in held.column("standing")], np.int64)
    kind = np.array([KINDS.index(k) for k in held.column("kind")], np.int64)
    return held.matrix("content")[order], gravity[order], kind[order], held.column("matches")[order]


def _least(values: Ints, label: Ints, most: int) -> Ints:
    out = np.full(len(values), most, np.int64)
    np.minimum.at(out, label, values)
    return out


def _summed(values: Ints, label: Ints) -> Ints:
    out = np.zeros(len(values), np.int64)
    np.add.at(out, label, values)
    return out


def _kinds(kind: Ints, label: Ints) -> Ints:
    """Kind of each set: that of its members where they agree, else mixed."""
    low, high = _least(kind, label, len(KINDS)), -_least(-kind, label, 0)
    return np.where(low == high, low, KINDS.index("mixed"))
