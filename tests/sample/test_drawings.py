"""Drawings are rich enough for PDQ, unlike each other, and their edits stay near or leave as truth says."""

import io
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image

from vigie.numeric.pdq import hash_rgb
from vigie.sample.drawing import generator, still
from vigie.sample.edits import EDITS, FAR, apply

DRAWINGS = 60
SEED = 11
ALWAYS_NEAR = {name for name in EDITS if name.startswith("jpeg")} | {
    "png", "webp", "gif", "bmp", "tiff", "resize75", "resize50", "resize25", "brighter", "darker"
}  # fmt: skip


@pytest.fixture(scope="module")
def drawings():
    return [still(SEED, index) for index in range(DRAWINGS)]


def bits(value):
    return np.unpackbits(np.frombuffer(value, np.uint8))


def test_quality_is_above_50_and_hashes_do_not_hang_on_noise(drawings):
    hashes = [hash_rgb(np.asarray(image)) for image in drawings]
    assert min(one.quality for one in hashes) > 50
    assert max(one.weak for one in hashes) < 16


def test_families_lie_far_apart(drawings):
    """Random hashes of 128 set bits differ by 128 +- 8; photographs come near that, and so must drawings."""
    hashes = np.array([bits(hash_rgb(np.asarray(image)).value) for image in drawings])
    distances = (hashes[:, None] != hashes[None]).sum(axis=2)[np.triu_indices(len(hashes), 1)]
    print(f"between families: min {distances.min()}, 1 % {np.percentile(distances, 1)}, median {np.median(distances)}")
    assert distances.min() > 60
    assert 120 <= np.median(distances) <= 136


def test_edits_keep_the_distance_they_are_known_for(drawings):
    """The table that docs/sample.md shows: bits from the original, by edit."""
    table = defaultdict(list)
    for index, drawing in enumerate(drawings[:8]):
        known = bits(_hash(drawing, "original", index))
        for name in EDITS:
            table[name].append(int((known != bits(_hash(drawing, name, index))).sum()))
    for name, found in table.items():
        near = np.mean(np.array(found) <= 31)
        print(f"{name:10} median {np.median(found):5.1f} max {max(found):4d} within 31: {near:.0%}")
    assert {name for name in ALWAYS_NEAR if max(table[name]) > 31} == set()
    assert {name for name in FAR if min(table[name]) <= 31} == set()


def _hash(drawing, name, index):
    data = apply(drawing, name, generator(SEED, "plan", 2, index), None)
    with Image.open(io.BytesIO(data)) as image:
        return hash_rgb(np.asarray(image.convert("RGB"))).value


def test_a_drawing_can_be_made_alone(drawings):
    assert still(SEED, 17).tobytes() == drawings[17].tobytes()
