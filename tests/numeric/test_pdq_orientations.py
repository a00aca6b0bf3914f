"""All eight exact orientations from one reading, and the reduced view: against really turning and shrinking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vigie.numeric.pdq import ORIENTATIONS, hash_luma, hash_rgb, orientations
from vigie.numeric.pdq_operator import LONGEST_SIDE_PX, axis

EXIF = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_270,  # Pillow counts counter-clockwise
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_90,
)
"""What Pillow's ``exif_transpose`` does for the tag 1 to 8."""


def blobs(height, width, seed, coarse=9):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (coarse, coarse, 3), dtype=np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def turned(image, how):
    return np.asarray(Image.fromarray(image) if how is None else Image.fromarray(image).transpose(how))


@settings(deadline=None, max_examples=60)
@given(height=st.integers(5, 700), width=st.integers(5, 700), seed=st.integers(0, 1 << 30), flat=st.booleans())
def test_each_is_the_hash_of_the_really_turned_picture(height, width, seed, flat):
    """Bit by bit, also where all bits are rounding noise: the samples are the same numbers."""
    image = np.full((height, width, 3), seed % 256, np.uint8) if flat else blobs(height, width, seed)
    found = orientations(image)
    assert len(ORIENTATIONS) == len(found.values) == 8
    for i, how in enumerate(EXIF):
        one = hash_rgb(turned(image, how))
        assert (found.values[i].tobytes(), found.quality[i], found.weak[i]) == one, ORIENTATIONS[i]


def test_a_luma_plane_has_eight_too():
    plane = blobs(301, 222, 4)[:, :, 1]
    found = orientations(plane)
    for i, how in enumerate(EXIF):
        assert found.values[i].tobytes() == hash_luma(turned(plane, how), full_range=True).value


def test_too_small_to_hash_in_any_orientation():
    found = orientations(blobs(4, 100, 1))
    assert not found.values.any()
    assert found.quality.tolist() == [0] * 8
    assert found.weak.tolist() == [256] * 8


def sums(operator, line):
    """Every row of weights times its pixels, in whole numbers."""
    assert operator.first.min() >= 0
    ends = operator.first + np.diff(operator.at)
    assert (ends <= len(line)).all()
    return [
        operator.weights[operator.at[k] : operator.at[k + 1]] @ line[operator.first[k] : ends[k]]
        for k in range(len(ends))
    ]


def test_mirrored_weights_are_the_weights_of_the_mirrored_line():
    rng = np.random.default_rng(0)
    for length in [*range(1, 400), 1023, 1024, 4032, 65_535, LONGEST_SIDE_PX]:
        line = rng.integers(0, 256, length)
        assert sums(axis(length), line[::-1]) == sums(axis(length, mirrored=True), line)


def test_a_side_beyond_the_bound_is_refused():
    with pytest.raises(ValueError, match="262145"):
        hash_luma(np.zeros((5, LONGEST_SIDE_PX + 1), np.uint8), full_range=True)
