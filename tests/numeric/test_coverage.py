"""Shares of time that two sequences of frames have in common."""

import numpy as np

from vigie.numeric import coverage, hamming

RNG = np.random.default_rng(11)
SCENES = RNG.integers(0, 1 << 64, (40, 4), dtype=np.uint64)


def film(scenes, every_s=1.0, item=0, same_bits=0):
    n = len(scenes)
    return coverage.frames(
        np.full(n, item),
        np.arange(n) * every_s,
        np.arange(n),
        SCENES[list(scenes)],
        np.ones(n, np.bool_),
        same_bits=same_bits,
        most_ms=10_000,
    )


def test_every_frame_and_one_a_second_weigh_alike():
    dense = film(np.repeat(range(10), 30), every_s=1 / 30)
    assert len(dense.item) == 10
    assert np.abs(dense.weight_ms - 1000).max() <= 1
    sparse = film(range(10))
    assert (sparse.weight_ms == 1000).all()


def test_a_frame_of_low_quality_keeps_its_time_to_itself():
    found = coverage.frames(
        np.zeros(3, np.int64),
        np.array([0.0, 1.0, 4.0]),
        np.arange(3),
        SCENES[:3],
        np.array([True, False, True]),
        same_bits=0,
        most_ms=10_000,
    )
    assert found.weight_ms.tolist() == [1000, 3000]
    assert found.row.tolist() == [0, 2]


def test_a_frame_weighs_ten_seconds_at_most_and_one_alone_weighs_something():
    assert film([0, 1], every_s=500.0).weight_ms.tolist() == [10_000, 10_000]
    assert film([0]).weight_ms.tolist() == [1]


def test_a_clip_inside_a_compilation_is_covered_and_covers_little():
    ours, theirs = film(range(20)), film(range(5, 9))
    met = coverage.meet(ours, theirs, radius=31, enough=3)
    assert (met.ours_ms.tolist(), met.theirs_ms.tolist()) == ([4000], [4000])
    assert (met.ours_frames.tolist(), met.different.tolist()) == ([4], [3])
    assert ours.row[met.best_ours].tolist() == [5]
    assert coverage.total_ms(ours, 1).tolist() == [20_000]


def test_shares_are_those_of_comparing_all(monkeypatch):
    """Whole and in small blocks, by the index and by comparing: always what two loops find."""
    near = SCENES[RNG.integers(40, size=120)].copy()
    near[:, 0] ^= RNG.integers(0, 1 << 20, 120, dtype=np.uint64)
    item = np.sort(RNG.integers(0, 6, 120))
    ours = coverage.frames(
        item, np.arange(120.0), np.arange(120), near, np.ones(120, np.bool_), same_bits=0, most_ms=9000
    )
    theirs = film(range(40))
    bits = np.bitwise_count(ours.code[:, None] ^ theirs.code[None]).sum(axis=2) <= 31
    expected = [
        (
            k,
            ours.weight_ms[(ours.item == k) & bits.any(axis=1)].sum(),
            theirs.weight_ms[bits[ours.item == k].any(axis=0)].sum(),
        )
        for k in range(6)
    ]
    for block, scanned in ((4096, 1 << 28), (7, 1 << 28), (7, 0)):
        monkeypatch.setattr(coverage, "BLOCK", block)
        monkeypatch.setattr(hamming, "SCANNED", scanned)
        met = coverage.meet(ours, theirs, radius=31, enough=3)
        assert list(zip(met.ours, met.ours_ms, met.theirs_ms, strict=True)) == expected


def test_a_frame_of_many_families_is_counted_in_each():
    films = [film([0, i], item=i) for i in range(1, 6)]
    together = coverage.Frames(*(np.concatenate(columns) for columns in zip(*films, strict=True)))
    counts = coverage.families(together, np.arange(6), radius=31)
    assert counts.tolist() == [5, 1] * 5
    assert set(coverage.families(together, np.zeros(6, np.int64), radius=31)) == {1}
