"""The search for rectangles in C at each level of vector instructions, and by numpy and numba: the same rectangles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import regions_native, regions_numba
from vigie.numeric.native import LEVELS, NATIVE
from vigie.numeric.pdq import hash_rgb
from vigie.numeric.regions import PARTS, regions_of

NUMBA = regions_numba.Loops()
NATIVES = [regions_native.Loops(NATIVE, level) for level in NATIVE.levels] if NATIVE else []

each_level = pytest.mark.parametrize("loops", NATIVES, ids=lambda loops: LEVELS[loops.level])
needs_native = pytest.mark.skipif(not NATIVES, reason="not built: python src/vigie/numeric/native/build.py")


def page(height, width, seed):
    """A ground with boxes of one level, noise, stripes and spots, over each other and over the edge."""
    rng = np.random.default_rng(seed)
    out = np.full((height, width, 3), rng.integers(0, 256), np.uint8)
    for _ in range(int(rng.integers(0, 14))):
        top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
        part = out[top : top + int(rng.integers(1, height + 1)), left : left + int(rng.integers(1, width + 1))]
        match int(rng.integers(0, 5)):
            case 0:
                part[:] = rng.integers(0, 256, 3)
            case 1:
                part[:] = rng.integers(0, 256, part.shape)
            case 2:
                part[:: int(rng.integers(1, 9))] = rng.integers(0, 256)
            case 3:
                part[:, :: int(rng.integers(1, 9))] = rng.integers(0, 256)
            case _:
                part[rng.random(part.shape[:2]) < rng.random()] = rng.integers(0, 256)
    return out


@needs_native
@each_level
@settings(deadline=None, max_examples=120)
@given(
    sides=st.one_of(
        st.tuples(st.integers(100, 900), st.integers(100, 900)),
        st.tuples(st.integers(127, 140), st.integers(2_000, 30_000)),
        st.tuples(st.integers(2_000, 30_000), st.integers(127, 140)),
    ),
    seed=st.integers(0, 1 << 30),
    most=st.integers(1, 8),
)
def test_the_same_rectangles(loops, sides, seed, most):
    image = page(*sides, seed)
    assert loops.rectangles(image, most) == NUMBA.rectangles(image, most)


@needs_native
@each_level
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.6, 0.97])
@pytest.mark.parametrize("sides", [(400, 400), (399, 257), (1601, 1200)])
def test_the_same_rectangles_of_noise_and_chequers(loops, sides, share):
    """As many blocks and gaps as there can be."""
    rng = np.random.default_rng(int(100 * share))
    image = np.where(rng.random(sides) < share, np.uint8(200), np.uint8(20))
    image[::2, sides[1] // 2 :] ^= 128
    image[sides[0] // 2 :, ::3] = 77
    three = np.ascontiguousarray(np.stack([image] * 3, axis=2))
    assert loops.rectangles(three, 8) == NUMBA.rectangles(three, 8)


@needs_native
@each_level
def test_what_c_would_trust_is_checked(loops):
    image = np.zeros((200, 200, 3), np.uint8)
    for wrong in (image[:, ::2], image[:, :, 0], image.astype(np.int16), image[:, :, ::-1]):
        with pytest.raises(ValueError, match="contiguous"):
            loops.rectangles(wrong, 8)
    with pytest.raises(ValueError, match="-1"):
        loops.rectangles(image, -1)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1 << 30))
def test_the_hash_of_a_rectangle_is_that_of_the_picture_it_shows(seed):
    rng = np.random.default_rng(seed)
    image = np.full((1000, 1000, 3), 240, np.uint8)
    top, left, high, wide = (int(one) for one in rng.integers((50, 50, 200, 200), (300, 300, 600, 600)))
    shown = np.repeat(np.repeat(rng.integers(0, 200, (60, 60, 3), np.uint8), 10, 0), 10, 1)[:high, :wide]
    image[top : top + high, left : left + wide] = shown
    box = (left, top, wide, high)  # of thousand pixels a side
    assert PARTS == 1000
    assert [one.hash for one in regions_of(image) if one.box == box and one.tile < 0] == [hash_rgb(shown)]
