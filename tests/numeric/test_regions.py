"""Parts of pictures: rectangles are found where they lie, and few pairs come of what looks alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.regions import MOST_FOUND, TILES, regions_of
from vigie.numeric.regions_found import rectangles
from vigie.numeric.regions_packed import FOUND, Packed, unpacked
from vigie.numeric.regions_pairs import WHOLE, Bounds, Stills, candidates

BOUNDS = Bounds(tile_bits=24, region_bits=31, least_votes=2, most_met=4, most_pairs=2)


def noise(seed, height, width):
    """A picture of large and small spots, far from black and white."""
    rng = np.random.default_rng(seed)
    small = rng.integers(60, 200, (-(-height // 12), -(-width // 12), 3), np.uint8)
    return np.repeat(np.repeat(small, 12, 0), 12, 1)[:height, :width]


@settings(max_examples=25, deadline=None)
@given(
    top=st.integers(60, 300), left=st.integers(20, 500), high=st.integers(150, 400), wide=st.integers(200, 600),
    ground=st.sampled_from([0, 20, 240, 255]),
)  # fmt: skip
def test_a_picture_on_a_page_is_found_to_the_pixel(top, left, high, wide, ground):
    page = np.full((800, 1200, 3), ground, np.uint8)
    page[:40] = 130
    page[top : top + high, left : left + wide] = noise(1, high, wide)
    assert (top, left, top + high, left + wide) in [tuple(one) for one in rectangles(page, MOST_FOUND)]


def test_what_touches_a_picture_does_not_hide_it():
    page = np.full((800, 1200, 3), 250, np.uint8)
    page[300:340, 100:1000] = (20, 90, 200)
    page[200:600, 300:800] = noise(2, 400, 500)
    assert (200, 300, 600, 800) in [tuple(one) for one in rectangles(page, MOST_FOUND)]


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    seed=st.integers(0, 5),
    kind=st.sampled_from(["flat", "noise", "bars"]),
)
def test_whatever_the_picture_its_regions_lie_inside_and_are_few(height, width, seed, kind):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    if kind == "flat":
        image[:] = 77
    elif kind == "bars":
        image[:, ::2] = 0
    found = regions_of(image)
    assert len(found) <= MOST_FOUND + len(TILES)
    for one in found:
        left, top, wide, high = one.box
        assert 0 <= left < left + wide <= 1000
        assert 0 <= top < top + high <= 1000


def packed(*rows):
    """Rows of still, tile, hash."""
    still, tile, code = zip(*rows, strict=True)
    box = np.tile([0, 0, 500, 500], (len(rows), 1))
    return Packed(np.array(still), box, np.array(tile), np.stack(code))


def code(seed, flipped=0):
    words = np.random.default_rng(seed).integers(0, 1 << 63, 4, np.uint64)
    words[0] ^= np.uint64((1 << flipped) - 1)
    return words


def stills(count):
    return Stills(np.arange(count), np.stack([code(900 + i) for i in range(count)]))


def test_two_tiles_in_the_same_places_make_a_candidate_and_one_does_not():
    given_ = packed(
        (0, 0, code(1)), (0, 1, code(2)), (1, 0, code(1, 5)), (1, 1, code(2, 9)), (2, 0, code(1, 3)), (2, 1, code(5))
    )  # fmt: skip
    found = candidates(given_, stills(3), np.arange(3), BOUNDS)
    assert (found.a.tolist(), found.b.tolist(), found.votes.tolist()) == ([0], [1], [2])
    assert found.part_a.tolist() == found.part_b.tolist() == [WHOLE]


def test_what_is_linked_already_is_no_candidate():
    given_ = packed((0, 0, code(1)), (0, 1, code(2)), (1, 0, code(1)), (1, 1, code(2)))
    assert len(candidates(given_, stills(2), np.zeros(2, np.int64), BOUNDS).a) == 0


def test_a_part_that_looks_like_a_whole_still_names_whose_part_it_is():
    given_ = packed((2, FOUND, code(901, 7)))
    found = candidates(given_, stills(3), np.arange(3), BOUNDS)
    assert (found.a.tolist(), found.b.tolist(), found.bits.tolist()) == ([1], [2], [7])
    assert (found.part_a.tolist(), found.part_b.tolist()) == ([WHOLE], [0])


def test_common_tiles_do_not_vote_and_each_still_has_few_candidates():
    header = [(still, tile, code(7 + tile, still)) for still in range(12) for tile in (0, 1)]
    assert len(candidates(packed(*header), stills(12), np.arange(12), BOUNDS).a) == 0
    wide = BOUNDS._replace(most_met=100)
    found = candidates(packed(*header), stills(12), np.arange(12), wide)
    assert 0 < len(found.a) <= 12 * wide.most_pairs


def test_a_string_that_is_no_whole_number_of_records_is_refused():
    with pytest.raises(ValueError, match="43 bytes"):
        unpacked([b"x" * 44], least_quality=50, most_weak=64)
