"""PDQ against the reference: pdqhash 0.2.8 (ThreatExchange C++), published values, and a literal two-pass filter."""

import csv
import pathlib
import warnings

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vigie.cell.media import images
from vigie.numeric.pdq import hash_luma, hash_rgb, lines_of_rgb, reduce_to_64
from vigie.numeric.pdq_operator import axis

DATA = pathlib.Path(__file__).parents[2] / ".." / "shared" / "data" / "pdq"
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}

needs_data = pytest.mark.skipif(not DATA.exists(), reason="conformance data is not at ../shared/data/pdq")


def pictures():
    return sorted(p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.suffix in TYPES) if DATA.exists() else []


def published():
    if not DATA.exists():
        return []
    with (DATA / "expected.csv").open() as file:
        return [(row["file"], row["pdq"], int(row["tolerance_bits"])) for row in csv.DictReader(file)]


def pixels(name):
    images.prepare()
    path = DATA / name
    return images.decode(path.read_bytes(), TYPES[path.suffix], 100_000_000).pixels


def reference(image):
    bits, quality = pdqhash.compute(np.ascontiguousarray(image))
    return np.packbits(np.asarray(bits, np.uint8)).tobytes(), quality


def bits(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@needs_data
@pytest.mark.parametrize("name", pictures())
def test_same_bits_as_the_reference(name):
    """Our decoder and ours hash, against Pillow's ``convert("RGB")`` (ThreatExchange's way) and pdqhash."""
    ours = hash_rgb(pixels(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, quality = reference(np.asarray(Image.open(DATA / name).convert("RGB")))
    distance = bits(ours.value, theirs)
    print(f"{name}: {distance} bits from pdqhash, quality {ours.quality}/{quality}, weak {ours.weak}")
    assert abs(ours.quality - quality) <= 1
    if quality >= 50:
        assert distance == 0


@needs_data
@pytest.mark.parametrize(("name", "value", "tolerance"), published())
def test_published_values(name, value, tolerance):
    """The values printed in the ThreatExchange files come from other decoders: within each project's own tolerance."""
    distance = bits(hash_rgb(pixels(name)).value, bytes.fromhex(value))
    print(f"{name}: {distance} bits from the published value, tolerance {tolerance}")
    assert distance <= tolerance


@needs_data
def test_colour_modes_give_nearly_one_hash():
    original = hash_rgb(pixels("modes/original.jpg")).value
    for name in pictures():
        if name.startswith("modes/"):
            distance = bits(hash_rgb(pixels(name)).value, original)
            print(f"{name}: {distance} bits from the original")
            assert distance <= 10


@needs_data
def test_exif_orientation_is_recorded_and_not_applied():
    images.prepare()
    stills = [
        images.decode((DATA / f"exif-rotation/exif-rotn-{n}.jpg").read_bytes(), "image/jpeg", 100_000_000)
        for n in (1, 6)
    ]
    assert [still.said.orientation for still in stills] == [1, 6]
    assert [still.pixels.shape for still in stills] == [(3024, 4032, 3)] * 2


def literal(image):
    """The reference's filter word for word, in float64: two passes of box means per axis, then decimation."""
    luma = image.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    height, width = luma.shape
    for _ in range(2):
        luma = box(luma, (width + 127) // 128)
        luma = box(luma.T, (height + 127) // 128).T
    rows = [int((k + 0.5) * height / 64) for k in range(64)]
    columns = [int((k + 0.5) * width / 64) for k in range(64)]
    return luma[np.ix_(rows, columns)]


def box(lines, window):
    half = (window + 2) // 2
    left, right = window - half, half - 1
    length = lines.shape[1]
    sums = np.concatenate([np.zeros((lines.shape[0], 1)), np.cumsum(lines, axis=1)], axis=1)
    first = np.maximum(np.arange(length) - left, 0)
    last = np.minimum(np.arange(length) + right, length - 1)
    return (sums[:, last + 1] - sums[:, first]) / (last - first + 1)


def test_operator_is_the_two_pass_filter_for_every_length():
    """Sample by sample: the whole-number weights, and the box that the edge cuts off, against the literal filter."""
    rng = np.random.default_rng(2)
    for length in range(1, 601):
        line = rng.integers(0, 256, length)
        window = (length + 127) // 128
        twice = box(box(line[None, :].astype(np.float64), window), window)[0]
        operator = axis(length)
        rows = np.split(operator.weights, operator.at[1:-1])
        sums = [row @ line[first : first + len(row)] for first, row in zip(operator.first, rows, strict=True)]
        if window % 2 == 0:
            cut_off = sums.pop()
            sums[63] += cut_off * window / (window - 1)
        for k in range(64):
            assert sums[k] / window**2 == pytest.approx(twice[int((k + 0.5) * length / 64)], abs=1e-9)


@pytest.mark.parametrize("across", [5, 64, 129, 300])
def test_picture_of_every_length_is_the_literal_filter(across):
    """Both axes together, in the compiled loops."""
    rng = np.random.default_rng(across)
    for length in range(5, 601):
        image = rng.integers(0, 256, (length, across, 3), dtype=np.uint8)
        ours = reduce_to_64(lines_of_rgb(image))
        assert np.abs(ours - literal(image)).max() < 1e-9
        assert np.array_equal(reduce_to_64(lines_of_rgb(image.transpose(1, 0, 2))), ours.T)


@settings(deadline=None, max_examples=60)
@given(height=st.integers(5, 300), width=st.integers(5, 300), seed=st.integers(0, 1 << 30), coarse=st.integers(2, 12))
def test_random_sizes_against_the_literal_filter_and_pdqhash(height, width, seed, coarse):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (coarse, coarse, 3), dtype=np.uint8))
    image = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    ours = hash_rgb(image)
    theirs, quality = reference(image)
    assert abs(ours.quality - quality) <= 1
    # only coefficients that lie on the median within rounding may fall on its other side
    assert bits(ours.value, theirs) <= max(0, 2 * (ours.weak - 1))
    dct = np.sqrt(2 / 64) * np.cos(np.pi / 128 * np.arange(1, 17)[:, None] * (2 * np.arange(64)[None, :] + 1))
    coefficients = (dct @ literal(image) @ dct.T).ravel()
    median = np.sort(coefficients)[127]
    sure = np.abs(coefficients - median) > 1e-6
    found = np.unpackbits(np.frombuffer(ours.value, np.uint8))[::-1].astype(bool)
    assert np.array_equal(found[sure], (coefficients > median)[sure])


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (4, 300), (300, 4)])
def test_too_small_to_hash(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert hash_rgb(image) == (bytes(32), 0, 256)
    assert reference(image) == (bytes(32), 0)


def test_flat_pictures_are_flagged_weak():
    for level in (0, 127, 255):
        flat = hash_rgb(np.full((200, 300, 3), level, np.uint8))
        assert (flat.quality, flat.weak) == (0, 256)


@pytest.mark.parametrize(("height", "width", "pad"), [(64, 64, 0), (480, 720, 16), (33, 17, 15), (1080, 1920, 0)])
def test_padded_planes_hash_as_their_visible_part(height, width, pad):
    rng = np.random.default_rng(height)
    plane = rng.integers(0, 256, (height, width + pad), dtype=np.uint8)
    visible = np.ascontiguousarray(plane[:, :width])
    assert hash_luma(plane[:, :width], full_range=True) == hash_luma(visible, full_range=True)
    assert hash_luma(visible, full_range=True).value == hash_rgb(np.repeat(visible[:, :, None], 3, axis=2)).value


def test_studio_range_is_stretched_and_full_range_is_not():
    """A limited-range plane hashes like the picture it stands for."""
    full = np.asarray(Image.effect_mandelbrot((320, 240), (-2.0, -1.2, 1.0, 1.2), 60))
    studio = np.rint(full * (219 / 255) + 16).astype(np.uint8)
    right = hash_luma(full, full_range=True)
    assert abs(hash_luma(studio, full_range=False).quality - right.quality) <= 2
    assert bits(hash_luma(studio, full_range=False).value, right.value) <= 6
