"""The loops of variants in C at each level of vector instructions, and by numba: the same bits."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import variants, variants_native, variants_numba
from vigie.numeric.native import LEVELS, NATIVE

NUMBA = variants_numba.Loops()
NATIVES = [variants_native.Loops(NATIVE, level) for level in NATIVE.levels] if NATIVE else []

each_level = pytest.mark.parametrize("loops", NATIVES, ids=lambda loops: LEVELS[loops.level])
if not NATIVES:
    pytestmark = pytest.mark.skip(reason="the native library is not built: python src/vigie/numeric/native/build.py")


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def framed(height, width, edge, seed):
    """Noise of few levels, in a border of one level: ``edge`` pixels a side."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), seed % 256, np.uint8)
    image[edge : height - edge, edge : width - edge] = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)[
        edge : height - edge, edge : width - edge
    ]
    return image.reshape(height, 3 * width)


@each_level
@settings(deadline=None, max_examples=40)
@given(
    height=st.integers(1, 1400),
    width=st.integers(1, 900),
    edge=st.integers(0, 60),
    seed=st.integers(0, 1 << 30),
)
def test_views(loops, height, width, edge, seed):
    pixels = framed(height, width, edge, seed)
    steps = max(height // 256, 1), max(width // 256, 1)
    ours, theirs = loops.view(pixels, *steps), NUMBA.view(pixels, *steps)
    assert same(ours, theirs)


@each_level
@pytest.mark.parametrize(("height", "width"), [(4097, 300), (256, 4000), (2560, 2047)])
def test_views_of_large_pictures(loops, height, width):
    """Of these not every row is read."""
    pixels = framed(height, width, 31, height)
    steps = height // 256, max(width // 256, 1)
    assert same(loops.view(pixels, *steps), NUMBA.view(pixels, *steps))


@each_level
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1 << 30), flat=st.booleans())
def test_hashes(loops, seed, flat):
    """All variants that there are, and maps that lead far out of the view, mirrored or not."""
    rng = np.random.default_rng(seed)
    grid = np.full((256, 256), 7.5, np.float32) if flat else rng.uniform(0, 255, (256, 256)).astype(np.float32)
    maps, edges = variants._maps((*variants.QUERY, *variants.HELD), 300, 400)
    wild = rng.uniform(-300, 600, (6, 6))
    wild[:, [1, 2, 4, 5]] /= 100
    wild[:3, [2, 4]] = 0.0
    maps = np.ascontiguousarray(np.concatenate([maps, wild]))
    edges = np.concatenate([edges, [0, 1, 0, 1, 0, 1]])
    tables = variants._DCT, variants._DCT_T
    assert same(loops.hashes(grid, maps, edges, *tables), NUMBA.hashes(grid, maps, edges, *tables))


@each_level
def test_what_c_would_trust_is_checked(loops):
    grid, maps, edges = np.zeros((256, 256), np.float32), np.zeros((1, 6)), np.zeros(1, np.int64)
    tables = variants._DCT, variants._DCT_T
    for wrong in (grid[:255], grid.astype(np.float64), grid[:, ::-1]):
        with pytest.raises(ValueError, match="contiguous"):
            loops.hashes(wrong, maps, edges, *tables)
    with pytest.raises(ValueError, match="contiguous"):
        loops.hashes(grid, maps, np.zeros(2, np.int64), *tables)
    with pytest.raises(ValueError, match="nowhere"):
        loops.hashes(grid, np.full((1, 6), np.nan), edges, *tables)
    with pytest.raises(ValueError, match="0 x 5"):
        loops.view(np.zeros((5, 0), np.uint8), 1, 1)


def test_where_the_native_library_is_used_numba_is_not_loaded():
    code = "import sys; from vigie.cell.jobs import decode, watch; decode.warm(); watch.warm()\n"
    code += "assert not [name for name in sys.modules if name.split('.')[0] in ('numba', 'llvmlite')]"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert not done.returncode, done.stderr
