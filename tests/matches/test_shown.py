"""A listed picture that a still shows in a part of it is met, and the match says in which part."""

import struct

from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.fingerprints import FOUND, Fingerprint, Regions
from vigie.rows.matches import Known, Match, Withdrawn
from vigie.steps.matches import media_shown

CONTENT = b"A" * 32
HASH = bytes(range(32))


def flipped(bits):
    return (int.from_bytes(HASH, "big") ^ ((1 << bits) - 1)).to_bytes(32, "big")


def region(value, box=(100, 200, 500, 300), tile=FOUND, quality=90, weak=1):
    return struct.pack(">4H3B", *box, tile, quality, weak) + value


def known(**more):
    plain = {
        "list": b"L" * 16, "number": 1, "entry": "E1", "algorithm": "pdq", "value": HASH, "meaning": "listed",
        "category": "1", "series": "", "quality": 100, "frame": 0, "at_s": 0.0, "withdrawn": False,
    }  # fmt: skip
    return Known.make(**{**plain, **more})


def matched(*records, listed=None, plain=bytes(32), withdrawn=()):
    print_ = Fingerprint.make(
        content=CONTENT,
        algorithm="pdq",
        frame=0,
        at_s=0.0,
        value=plain,
        quality=90,
        weak=1,
        sampling="still",
        trimmed=b"",
    )
    tables = {
        "regions": of(Regions, [Regions.make(content=CONTENT, prints=b"".join(records))]),
        "fingerprints": of(Fingerprint, [print_]),
        "known": of(Known, [listed or known()]),
        "withdrawn": of(Withdrawn, withdrawn),
    }
    stage = STAGES[media_shown.shown.__name__]
    (made,) = whole(stage, tables, stage.settings({}))
    assert made.row is Match
    return made.rows()


def test_the_nearest_part_is_named():
    (one,) = matched(region(flipped(20)), region(flipped(9), (10, 20, 300, 400)), region(flipped(15), tile=4))
    assert (one.method, one.variant, one.distance_bits) == ("region", "region:10,20,300,400", 9)
    assert (one.entry, one.meaning, one.category, one.threshold_bits) == ("E1", "listed", "1", 24)


def test_beyond_the_threshold_poor_or_small_parts_meet_nothing():
    assert not matched(region(flipped(25)))
    assert not matched(region(HASH, quality=49))
    assert not matched(region(HASH, weak=65))
    assert not matched(region(HASH, tile=8))
    assert not matched(region(HASH), listed=known(quality=49))
    assert not matched(region(HASH), listed=known(withdrawn=True))


def test_a_flat_half_or_quarter_meets_nothing_and_a_rectangle_as_flat_does():
    for poor in ({"quality": 59}, {"weak": 25}):
        assert not matched(region(HASH, tile=3, **poor))
        assert matched(region(HASH, **poor))
    assert matched(region(HASH, tile=3, quality=60, weak=24))
    assert not matched(region(HASH, tile=3), listed=known(quality=59))
    assert matched(region(HASH), listed=known(quality=59))


def test_what_the_whole_still_meets_is_not_told_again():
    assert not matched(region(HASH), plain=flipped(24))
    assert len(matched(region(HASH), plain=flipped(25))) == 1


def test_what_a_list_took_back_is_not_met():
    one = known()
    assert not matched(region(HASH), listed=one, withdrawn=[Withdrawn.make(known=one.key, by=b"W" * 16)])
