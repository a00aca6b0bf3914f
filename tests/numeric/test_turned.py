"""Hashes turned without their pictures, held to hashes of pictures really turned."""

import numpy as np
import pytest

from vigie.numeric.pdq import hash_rgb
from vigie.numeric.turned import TURNS, turned
from vigie.rows.fingerprints import TURNED
from vigie.sample.drawing import draw

REALLY = {
    "mirrored": lambda a: a[:, ::-1],
    "turned 180": lambda a: a[::-1, ::-1],
    "upside down": lambda a: a[::-1],
    "transposed": lambda a: a.transpose(1, 0, 2),
    "turned 90": lambda a: np.rot90(a, -1),
    "transversed": lambda a: np.rot90(a, -1)[::-1],
    "turned 270": np.rot90,
}
PICTURES = [np.asarray(draw(np.random.default_rng(seed), 426, 240)) for seed in range(6)]


def code(picture):
    return np.frombuffer(hash_rgb(np.ascontiguousarray(picture)).value, np.uint64).reshape(1, 4)


@pytest.mark.parametrize("name", TURNED)
def test_it_is_near_the_hash_of_the_turned_picture(name):
    distances = [
        int(np.bitwise_count(turned(code(one), TURNED.index(name)) ^ code(REALLY[name](one))).sum()) for one in PICTURES
    ]
    assert np.median(distances) <= 31
    assert max(distances) <= 70


@pytest.mark.parametrize("turn", range(len(TURNS)))
def test_four_times_is_none(turn):
    codes = np.random.default_rng(1).integers(0, 1 << 64, (50, 4), dtype=np.uint64)
    again = codes
    for _ in range(4):
        again = turned(again, turn)
    assert (again == codes).all()
    assert not (turned(codes, turn) == codes).all(axis=1).any()
