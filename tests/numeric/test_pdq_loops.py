"""C at each level of vector instructions, and numba: the same bits, from pixels to figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import pdq_native, pdq_numba
from vigie.numeric.native import LEVELS, NATIVE
from vigie.numeric.pdq import COSINES, lines_of_luma, lines_of_rgb
from vigie.numeric.pdq_operator import LONGEST_SIDE_PX

NUMBA = pdq_numba.Loops()
NATIVES = [pdq_native.Loops(NATIVE, level) for level in NATIVE.levels] if NATIVE else []

each_level = pytest.mark.parametrize("loops", NATIVES, ids=lambda loops: LEVELS[loops.level])
if not NATIVES:
    pytestmark = pytest.mark.skip(reason="the native library is not built: python src/vigie/numeric/native/build.py")


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def agree(loops, lines):
    for rows in (False, True):
        for columns in (False, True):
            ours = loops.reduce(lines, rows_mirrored=rows, columns_mirrored=columns)
            theirs = NUMBA.reduce(lines, rows_mirrored=rows, columns_mirrored=columns)
            assert ours.tobytes() == theirs.tobytes()
            assert same(loops.print_of(ours, COSINES), NUMBA.print_of(theirs, COSINES))
    assert same(loops.hash_of(lines, COSINES), NUMBA.hash_of(lines, COSINES))
    assert same(loops.orientations(lines, COSINES), NUMBA.orientations(lines, COSINES))


@each_level
def test_every_length(loops):
    """Heights 5..600, widths that leave every remainder of a vector; extremes of brightness, where sums are largest."""
    rng = np.random.default_rng(7)
    for length in range(5, 601):
        image = rng.integers(0, 256, (length, 5 + length * 37 % 200, 3), dtype=np.uint8)
        if length % 5 == 0:
            image[:] = 255
        agree(loops, lines_of_rgb(image))


@each_level
@settings(deadline=None, max_examples=30)
@given(
    height=st.integers(5, 1500),
    width=st.integers(5, 700),
    pad=st.integers(0, 40),
    full=st.booleans(),
    seed=st.integers(0, 1 << 30),
)
def test_padded_planes(loops, height, width, pad, full, seed):
    plane = np.random.default_rng(seed).integers(0, 256, (height, width + pad), dtype=np.uint8)[:, :width]
    agree(loops, lines_of_luma(plane, full_range=full))


@each_level
@pytest.mark.parametrize("height", [2048, 2049, 7040, 7041, 8192, 8193, LONGEST_SIDE_PX])
def test_where_sums_no_longer_fit(loops, height):
    """Windows of 16 (sums of 16 bits), 55 (weights of 16 bits) and 64 (products of 16 bits) are the last of their kind;
    white pixels make the sums as large as they get.
    """
    rng = np.random.default_rng(height)
    for image in (np.full((height, 70, 3), 255, np.uint8), rng.integers(0, 256, (height, 70, 3), dtype=np.uint8)):
        lines = lines_of_rgb(image)
        ours = loops.reduce(lines, rows_mirrored=False, columns_mirrored=False)
        assert ours.tobytes() == NUMBA.reduce(lines, rows_mirrored=False, columns_mirrored=False).tobytes()
        if image.min() == 255:
            assert (ours == 255.0).all()
    wide = lines_of_rgb(np.ascontiguousarray(image.transpose(1, 0, 2)))
    assert (
        loops.reduce(wide, rows_mirrored=False, columns_mirrored=False).tobytes()
        == NUMBA.reduce(wide, rows_mirrored=False, columns_mirrored=False).tobytes()
        == ours.T.tobytes()
    )


@each_level
@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 1 << 30), kind=st.sampled_from(["noise", "flat", "stripes", "steps"]))
def test_64_x_64_pictures(loops, seed, kind):
    """Also those where many coefficients are equal, or zeros of either sign."""
    rng = np.random.default_rng(seed)
    picture = {
        "noise": lambda: rng.uniform(0, 255, (64, 64)),
        "flat": lambda: np.full((64, 64), float(seed % 256)),
        "stripes": lambda: np.repeat(rng.integers(0, 256, (64, 1)), 64, axis=1).astype(np.float64),
        "steps": lambda: np.kron(rng.integers(0, 6, (8, 8)), np.ones((8, 8))) * 51.0,
    }[kind]()
    assert same(loops.print_of(picture, COSINES), NUMBA.print_of(picture, COSINES))


@each_level
def test_what_c_would_trust_is_checked(loops):
    lines = lines_of_rgb(np.zeros((40, 30, 3), np.uint8))
    with pytest.raises(ValueError, match="bytes for a picture of"):
        loops.hash_of(lines._replace(height=41), COSINES)
    with pytest.raises(ValueError, match="contiguous"):
        loops.print_of(np.zeros((64, 128))[:, ::2], COSINES)


def test_the_table_of_cosines_hides_the_last_bits_of_any_library():
    """No entry lies near the middle between two of the numbers it may be rounded to."""
    angles = np.arange(1, 17)[None, :] * (2 * np.arange(64)[:, None] + 1)
    exact = np.sqrt(2 / 64) * np.cos(np.pi / 128 * angles) * 2.0**40
    off = np.abs(exact - np.floor(exact) - 0.5)
    assert off.min() > 20 * np.spacing(np.abs(exact).max())
    assert np.array_equal(COSINES, np.rint(exact) / 2.0**40)
