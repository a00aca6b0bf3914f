"""Stretches of two sequences of frames that run alike, and frames that everybody shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import alignment, coverage

RNG = np.random.default_rng(23)
SCENES = RNG.integers(0, 1 << 64, (400, 4), dtype=np.uint64)


def several(*items, same_bits=0):
    """Frames of items, each a list of (scene, second)."""
    rows = [(number, scene, at) for number, item in enumerate(items) for scene, at in item]
    item, scene, at = (np.array(column) for column in zip(*rows, strict=True))
    made = coverage.frames(
        item, at.astype(float), np.arange(len(rows)), SCENES[scene], np.ones(len(rows), np.bool_),
        same_bits=same_bits, most_ms=10_000,
    )  # fmt: skip
    return made, np.rint(at[made.row] * 1000).astype(np.int64)


def every(scenes, *, start=0.0, step=1.0):
    return [(scene, start + step * place) for place, scene in enumerate(scenes)]


def aligned(ours, theirs, **more):
    (a, at_a), (b, at_b) = ours, theirs
    found = alignment.pairs(a, b, radius=31)
    common = alignment.commonness(a, b, found)
    return alignment.align(
        a, at_a, b, at_b, found, common, enough=3, apart_bits=31, gap_ms=10_000, **({"most_common": 10} | more)
    )


def spans(met, place=0):
    names = ("ours_start_ms", "ours_end_ms", "theirs_start_ms", "theirs_end_ms")
    return [round(getattr(met, name)[place] / 1000, 1) for name in names]


def test_a_part_of_a_film_inside_another_film_is_named_on_both_sides():
    ours = every([*range(100, 120), *range(5, 15), *range(130, 150)])
    met = aligned(several(ours), several(every(range(30))))
    assert spans(met) == [20.0, 30.0, 5.0, 15.0]
    assert (met.spans[0], met.run_different[0], met.ours_frames[0]) == (1, 3, 10)
    assert (met.in_order_ours_ms[0], met.in_order_theirs_ms[0]) == (10_000, 10_000)


def test_a_clip_that_is_shown_twice_has_two_spans():
    ours = every([*range(8), *range(100, 120), *range(8), *range(130, 140)])
    met = aligned(several(ours), several(every(range(8))))
    assert met.spans[0] == 2
    assert met.in_order_ours_ms[0] == 16_000
    assert met.in_order_theirs_ms[0] == 8000


@pytest.mark.parametrize("speed", [1.0, 24 / 25, 25 / 24])
def test_the_speed_may_be_that_of_another_broadcast_standard(speed):
    ours = every(range(120), start=7.0, step=0.5 * speed)
    met = aligned(several(ours), several(every(range(120), step=0.5)))
    assert met.spans[0] == 1
    start, end, theirs_start, theirs_end = spans(met)
    assert (start, theirs_start) == (7.0, 0.0)
    assert end == pytest.approx(7 + 60 * speed, abs=0.6)
    assert theirs_end == pytest.approx(60, abs=0.6)


def test_frames_in_another_order_are_no_stretch():
    shuffled = np.random.default_rng(5).permutation(40)
    met = aligned(several(every(shuffled)), several(every(range(40))))
    assert (met.ours_ms[0], met.theirs_ms[0]) == (40_000, 40_000)
    assert met.ours_end_ms[0] - met.ours_start_ms[0] < 12_000


def test_key_frames_ten_seconds_apart_meet_a_list_of_one_a_second():
    ours = several(every(range(0, 100, 10), start=30.0, step=10.0))
    met = aligned(ours, several(every(range(100))))
    assert spans(met)[:2] == [30.0, 130.0]
    assert met.in_order_ours_ms[0] == 100_000
    assert met.in_order_theirs_ms[0] >= 90_000


def test_a_title_that_unrelated_films_show_weighs_next_to_nothing():
    """Twelve films of ours and three entries begin alike; each goes on by itself, and one is a copy."""
    title = range(300, 306)
    held = [every([*title, *range(20 * n, 20 * n + 20)]) for n in range(12)]
    listed = [every([*title, *range(4)]), every([*title, *range(350, 370)]), every([*title, *range(375, 395)])]
    met = aligned(several(*held), several(*listed))
    by = {(int(a), int(b)): place for place, (a, b) in enumerate(zip(met.ours, met.theirs, strict=True))}
    plain, weighed = met.theirs_ms, met.weighed_theirs
    assert len(by) == 36
    assert plain[by[5, 0]] == 6000
    assert weighed[by[5, 0]] < 0.2
    assert weighed[by[0, 0]] == pytest.approx(1.0)
    assert met.different[by[5, 1]] == 0
    assert met.different[by[0, 0]] == 3


def test_copies_of_one_film_make_nothing_common():
    held = [every(range(20), start=0.1 * n) for n in range(40)]
    (a, _), (b, _) = ours, theirs = several(*held), several(every(range(20)))
    common = alignment.commonness(a, b, alignment.pairs(a, b, radius=31))
    assert not common[0].any()
    assert not common[1].any()
    assert (aligned(ours, theirs).different == 3).all()


def test_a_frame_of_too_many_entries_is_compared_with_those_that_most_frames_meet(monkeypatch):
    monkeypatch.setattr(alignment, "MOST_ENTRIES", 4)
    listed = [every([399, *range(10 * n, 10 * n + 5)]) for n in (9, 8, 7, 6, 0)]
    met = aligned(several(every([399, *range(5)])), several(*listed))
    assert met.theirs.tolist() == [0, 1, 2, 4]
    assert met.ours_frames.tolist() == [1, 1, 1, 6]


def test_what_goes_first_is_kept_however_many_others_are_met_more_often(monkeypatch):
    monkeypatch.setattr(alignment, "MOST_ENTRIES", 4)
    (a, _), (b, _) = several(every(range(5))), several(*[every(range(5))] * 6, every([0, 21, 22]))
    found = alignment.pairs(a, b, radius=31, first=np.arange(7) == 6)
    assert np.unique(b.item[found.theirs]).tolist() == [0, 1, 2, 3, 6]
    (there,) = np.unique(a.item[found.ours])
    assert not there


def test_a_film_listed_more_often_than_is_looked_at_still_matches():
    entries = alignment.MOST_ENTRIES + 1
    met = aligned(several(every(range(4))), several(*[every(range(4))] * entries))
    assert met.theirs.tolist() == list(range(alignment.MOST_ENTRIES))
    assert (met.ours_ms == 4000).all()
    assert (met.run_different == 3).all()


@pytest.mark.parametrize("cut", [slice(None), slice(1200, 1500)])
def test_a_still_camera_makes_few_pairs_and_still_matches(cut):
    """Each frame is its own, and all of them are near each other; ours is the film or a part of it."""
    noise = RNG.integers(0, 256, (3000, 6))
    bits = np.zeros((3000, 256), np.uint8)
    np.put_along_axis(bits, noise, 1, axis=1)
    codes = np.packbits(bits, axis=1).view(np.uint64) ^ SCENES[0]
    (a, at_a), (b, at_b) = (
        (coverage.Frames(np.zeros(n, np.int64), code, np.full(n, 1000), np.arange(n)), np.arange(n) * 1000)
        for n, code in ((len(codes[cut]), codes[cut]), (3000, codes))
    )
    found = alignment.pairs(a, b, radius=31)
    assert len(found.ours) <= alignment.MOST_OFFSETS * len(a.code) + 3000
    met = aligned((a, at_a), (b, at_b))
    assert (met.ours_ms[0], met.theirs_ms[0]) == (1000 * len(a.code), 3_000_000)
    assert met.distance[0] == 0
    first = cut.start or 0
    assert spans(met) == pytest.approx([0, len(a.code), first, first + len(a.code)], abs=1.0)


def test_a_still_camera_that_sees_two_pictures_in_turn_matches_in_order():
    (a, at_a), (b, at_b) = (several(every([0, 1] * n, start=start)) for n, start in ((300, 40.0), (400, 0.0)))
    assert len(alignment.pairs(a, b, radius=31).ours) <= alignment.MOST_OFFSETS * 600 + 800
    met = aligned((a, at_a), (b, at_b))
    assert (met.ours_ms[0], met.theirs_ms[0]) == (600_000, 800_000)
    assert met.in_order_ours_ms[0] >= 480_000


def test_nothing_in_common_is_no_row():
    met = aligned(several(every(range(5))), several(every(range(10, 15))))
    assert all(len(column) == 0 for column in met)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=40))
def test_the_chain_is_the_longest_that_never_goes_back(values):
    given_ = np.array(values, np.int64)
    chain = alignment._chain(given_)
    assert (np.diff(chain) > 0).all()
    assert (np.diff(given_[chain]) >= 0).all()
    longest = [1] * len(values)
    for k in range(len(values)):
        longest[k] = 1 + max((longest[j] for j in range(k) if values[j] <= values[k]), default=0)
    assert len(chain) == max(longest, default=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=30))
def test_the_peak_lies_where_the_intervals_weigh_most(given_):
    low = np.array([float(a) for a, _, _ in given_])
    high = low + [float(length) for _, length, _ in given_]
    weight = np.array([float(w) for _, _, w in given_])
    at, top = alignment._peak(low, high, weight)
    assert top == weight[(low <= at) & (at <= high)].sum()
    assert top == max(weight[(low <= x) & (x <= high)].sum() for x in low)
