"""Bars of films: C and numpy find the same, and what stands within bars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric.bars import Bars, inside, inside_numpy
from vigie.numeric.native import NATIVE


@pytest.mark.skipif(NATIVE is None, reason="the native library is not built: python src/vigie/numeric/native/build.py")
@given(
    st.integers(0, 2**32), st.integers(1, 70), st.integers(1, 70), st.integers(0, 9), st.integers(0, 9),
    st.integers(0, 20), st.integers(0, 9), st.integers(0, 7),
)  # fmt: skip
def test_c_finds_what_numpy_finds(seed, height, width, across, down, level, grain, pad):
    rng = np.random.default_rng(seed)
    held = rng.integers(0, 256, (height, width + pad), dtype=np.uint8)
    plane = held[:, :width]
    if grain < 5:
        plane[:] = np.clip(rng.normal(16, grain, plane.shape), 0, 255)
    plane[:across] = 16
    plane[height - across :] = level
    plane[:, :down] = 16
    plane[:, width - down :] = 18
    assert inside(plane) == inside_numpy(plane)


def test_what_stands_within_bars_is_found():
    plane = np.random.default_rng(1).integers(30, 256, (90, 160), dtype=np.uint8)
    assert inside(plane) == (0, 0, 90, 160)
    plane[:12], plane[-10:], plane[:, :20], plane[:, -20:] = 16, 17, 16, 16
    assert inside(plane) == (12, 20, 80, 140)
    plane[-10:] = 90
    assert inside(plane)[0] == 0, "a bar on one side is none"


def test_a_dark_frame_says_nothing():
    bars = Bars(90, 160)
    bars.look(np.full((90, 160), 16, np.uint8))
    assert bars.inside() is None
