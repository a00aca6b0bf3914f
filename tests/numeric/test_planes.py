"""A plane hashed where it lies has the bits of the same plane hashed as an array."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.pdq import hash_luma
from vigie.numeric.planes import Planes

SIDES = st.integers(1, 300)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.integers(0, 64), st.booleans(), st.integers(0, 1 << 30))
def test_as_hash_luma(height, width, padding, full_range, seed):
    rows = np.random.default_rng(seed).integers(0, 256, (2, height, width + padding), dtype=np.uint8)
    planes = Planes(height, width, width + padding, full_range=full_range)
    for one in rows:
        expected = hash_luma(one[:, :width], full_range=full_range)
        assert planes.hash(one.ctypes.data, one.nbytes - padding) == expected


def test_too_few_bytes_are_not_read():
    rows = np.zeros((10, 16), np.uint8)
    planes = Planes(10, 12, 16, full_range=True)
    with pytest.raises(ValueError, match="155 bytes for a plane of 156"):
        planes.hash(rows.ctypes.data, 155)


def test_lines_that_overlap_are_no_plane():
    with pytest.raises(ValueError, match="12 apart"):
        Planes(10, 16, 12, full_range=True)
