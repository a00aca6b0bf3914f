"""Search finds exactly what comparing everything finds, whatever the codes are like."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import hamming
from vigie.numeric.hamming_native import NativeLoops
from vigie.numeric.hamming_numba import NumbaLoops
from vigie.numeric.native import LEVELS, NATIVE

LOOPS = [NumbaLoops(), *(NativeLoops(NATIVE, level) for level in (NATIVE.levels if NATIVE else ()))]
NAMES = ["numba", *(LEVELS[level] for level in (NATIVE.levels if NATIVE else ()))]
RADII = (0, 1, 15, 16, 31, 32, 47, 256)


def brute(codes, queries, radius):
    bits = np.bitwise_count(codes[None] ^ queries[:, None]).sum(axis=2, dtype=np.int64)
    query, found = np.nonzero(bits <= radius)
    return query, found, bits[query, found]


def flipped(code, bits):
    out = code.copy()
    for bit in bits:
        out[bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    return out


def random_codes(rng, n):
    return rng.integers(0, 1 << 64, (n, 4), dtype=np.uint64)


def near_copies(rng, codes, n, most=45):
    return np.array(
        [flipped(codes[rng.integers(len(codes))], rng.choice(256, rng.integers(most), replace=False)) for _ in range(n)]
    )


def skewed(rng, n):
    """Half the codes are alike in all but one word: their buckets hold half of everything."""
    codes = random_codes(rng, n)
    codes[::2, :3] = codes[0, :3]
    return codes


SETS = {
    "random": random_codes,
    "clusters": lambda rng, n: near_copies(rng, random_codes(rng, n // 20), n, 20),
    "skewed": skewed,
    "few values": lambda rng, n: random_codes(rng, 7)[rng.integers(7, size=n)],
    "all equal": lambda rng, n: np.repeat(random_codes(rng, 1), n, axis=0),
}


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("n", [300, 9500])
def test_nothing_is_missing_and_nothing_too_much(kind, n):
    rng = np.random.default_rng(n)
    codes = SETS[kind](rng, n)
    queries = np.concatenate([near_copies(rng, codes, 40), random_codes(rng, 5), codes[:5]])
    index = hamming.build(codes)
    for radius in (15, 31, 47) if n > 1000 else RADII:
        found = hamming.search(index, queries, radius)
        assert found.id.dtype == np.int64
        for mine, theirs in zip(found, brute(codes, queries, radius), strict=True):
            np.testing.assert_array_equal(mine, theirs, err_msg=f"{kind} {n} radius {radius}")


def rows(found):
    return sorted(map(tuple, found.tolist()))


@pytest.mark.parametrize("loops", LOOPS, ids=NAMES)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    radius=st.sampled_from(RADII),
    shared=st.integers(0, 4),
    kind=st.sampled_from(sorted(SETS)),
)
def test_every_form_finds_what_comparing_all_finds(loops, seed, radius, shared, kind):
    """The tables are forced, for a few hundred codes would be compared without them; ``shared`` words crowd buckets."""
    rng = np.random.default_rng(seed)
    codes = SETS[kind](rng, 250)
    codes[:, :shared] = codes[0, :shared]
    order, starts = loops.order(codes)
    codes = codes[order[starts[:-1]]]
    queries = np.unique(near_copies(rng, codes, 20, 70), axis=0)
    expected = rows(np.stack(brute(codes, queries, radius), axis=1))
    assert rows(loops.scan(codes, queries, radius, above=False)) == expected
    a, b, bits = brute(codes, codes, radius)
    twice = rows(np.stack([a, b, bits], axis=1)[a < b])
    assert rows(loops.scan(codes, codes, radius, above=True)) == twice
    if radius > hamming.MOST_BITS:
        return
    tables = loops.tables(codes)
    found, left = loops.probe(tables, queries, radius, 1 << 40)
    assert rows(found) == expected
    assert not left.any()
    assert rows(loops.stream(tables, loops.tables(queries), radius)) == expected
    assert rows(loops.join(tables, radius)) == twice
    tests = loops.candidates(tables, queries, radius)
    found, left = loops.probe(tables, queries, radius, int(tests.max()) - 1)
    np.testing.assert_array_equal(left, tests == tests.max())
    assert rows(found) == [row for row in expected if not left[row[0]]]


@pytest.mark.parametrize("kind", SETS)
def test_numba_and_every_native_form_make_the_same_segment(kind, monkeypatch):
    rng = np.random.default_rng(11)
    codes = SETS[kind](rng, 9000)
    made = []
    for loops in LOOPS:
        monkeypatch.setattr(hamming, "LOOPS", loops)
        made.append(hamming.segment(codes))
    for one in made[1:]:
        for mine, theirs in zip(one, made[0], strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("kind", ["clusters", "skewed"])
def test_large_buckets_and_long_batches(kind, monkeypatch):
    """Buckets longer than any block, and more queries than are gathered, streamed or put into a tile at a time."""
    monkeypatch.setattr(hamming, "TOGETHER", 3000)
    rng = np.random.default_rng(12)
    codes = SETS[kind](rng, 9000)
    codes[:, 0] &= np.uint64(0xFFFF_FFFF_0000_0000)
    flips = rng.integers(0, 1 << 64, (4200, 4, 3), dtype=np.uint64)
    queries = codes[rng.integers(len(codes), size=4200)] ^ flips[..., 0] & flips[..., 1] & flips[..., 2]
    queries[::2] = codes[:2100] ^ (np.uint64(1) << rng.integers(0, 64, (2100, 4), dtype=np.uint64))
    for radius in (31,) if kind == "skewed" else (31, 47):
        some = slice(2000, 2100)
        expected = brute(codes, queries[some], radius)
        every = []
        for loops in LOOPS:
            monkeypatch.setattr(hamming, "LOOPS", loops)
            every.append(hamming.search(hamming.build(codes), queries, radius))
        part = slice(*np.searchsorted(every[0].query, [some.start, some.stop]))
        for mine, theirs in zip(every[0], (expected[0] + some.start, *expected[1:]), strict=True):
            np.testing.assert_array_equal(mine[part], theirs)
        for one in every[1:]:
            for mine, theirs in zip(one, every[0], strict=True):
                np.testing.assert_array_equal(mine, theirs)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    radius=st.sampled_from((0, 15, 31, 47, 64)),
    cuts=st.lists(st.integers(0, 400), max_size=5),
    kind=st.sampled_from(sorted(SETS)),
    worth=st.sampled_from((1, 100, 10_000)),
)
def test_segments_and_withdrawals_change_nothing_else(seed, radius, cuts, kind, worth):
    """However the rows are cut into segments, the same is found; what is withdrawn is missing, and nothing else."""
    rng = np.random.default_rng(seed)
    codes = SETS[kind](rng, 400)
    queries = near_copies(rng, codes, 15)
    withdrawn = rng.random(400) < 0.3
    parts = np.split(np.arange(400), sorted(cuts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "WORTH_TABLES", worth)
        segments = [hamming.segment(codes[part]) for part in parts]
        whole = hamming.search(hamming.build(codes), queries, radius)
        cut = hamming.search(hamming.together(segments), queries, radius)
        less = hamming.search(hamming.together(segments, [withdrawn[part] for part in parts]), queries, radius)
    for mine, theirs in zip(whole, brute(codes, queries, radius), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(cut, whole, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(less, whole, strict=True):
        np.testing.assert_array_equal(mine, theirs[~withdrawn[whole.id]])


def test_marks_for_another_number_of_rows_are_refused():
    with pytest.raises(ValueError, match="marks of withdrawal for a segment of 3 rows"):
        hamming.together([hamming.segment(np.zeros((3, 4), np.uint64))], [np.zeros(2, np.bool_)])


@pytest.mark.parametrize("kind", SETS)
def test_a_join_connects_the_same_rows_as_all_pairs_do(kind):
    rng = np.random.default_rng(5)
    codes = SETS[kind](rng, 400)
    found = hamming.pairs(codes, 31)
    query, other, bits = brute(codes, codes, 31)
    everything = {(a, b): d for a, b, d in zip(query, other, bits, strict=True) if a < b}
    got = {(a, b): d for a, b, d in zip(*found, strict=True)}
    assert len(got) == len(found.id)
    assert got.items() <= everything.items()
    first = {}
    for i, code in enumerate(map(bytes, codes)):
        first.setdefault(code, i)
    hubs = {(first[bytes(codes[a])], first[bytes(codes[b])]) for a, b in everything}
    assert {(min(h), max(h)) for h in hubs if h[0] != h[1]} <= got.keys()
    assert all((first[bytes(code)], i) in got for i, code in enumerate(codes) if first[bytes(code)] != i)


def test_a_million_equal_codes_are_not_a_trillion_pairs():
    codes = np.tile(np.array([[1, 2, 3, 4]], np.uint64), (1_000_000, 1))
    found = hamming.pairs(codes, 31)
    assert len(found.id) == 999_999
    assert not found.query.any()


def test_within_is_search():
    rng = np.random.default_rng(3)
    codes = random_codes(rng, 500)
    queries = near_copies(rng, codes, 50)
    for mine, theirs in zip(
        hamming.within(codes, queries, 31), hamming.search(hamming.build(codes), queries, 31), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("codes", [np.zeros((3, 2), np.uint64), np.zeros((3, 4), np.int64), np.zeros(4, np.uint64)])
def test_codes_of_another_shape_are_refused(codes):
    with pytest.raises(TypeError, match=r"codes are uint64\[n, 4\]"):
        hamming.build(codes)


def test_nothing_to_search():
    none = np.zeros((0, 4), np.uint64)
    some = np.ones((2, 4), np.uint64)
    assert not len(hamming.search(hamming.build(none), some, 31).id)
    assert not len(hamming.search(hamming.build(some), none, 31).id)
    assert not len(hamming.pairs(none, 31).id)


def test_needles_in_the_haystack_of_threatexchange():
    """1,350 reference hashes and 100 needles: the index gives what comparing all gives, at every radius."""
    folder = next((p / "shared/data/pdq" for p in Path(__file__).parents if (p / "shared/data/pdq").is_dir()), None)
    if folder is None:
        pytest.skip("no ../shared/data: the conformance data lies beside the repository")
    hay, needles = (
        np.frombuffer(bytes.fromhex("".join((folder / f"{name}.txt").read_text().split())), np.uint64).reshape(-1, 4)
        for name in ("haystack", "needles")
    )
    assert (len(hay), len(needles)) == (1350, 100)
    tables = hamming.LOOPS.tables(np.unique(hay, axis=0))
    for radius in (0, 15, 16, 31, 32, 64, 96):
        expected = brute(hay, needles, radius)
        print(f"radius {radius}: {len(expected[0])} pairs")
        for mine, theirs in zip(hamming.search(hamming.build(hay), needles, radius), expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        if radius <= hamming.MOST_BITS:
            probed, _ = hamming.LOOPS.probe(tables, needles, radius, 1 << 40)
            assert rows(probed) == rows(np.stack(brute(tables.codes, needles, radius), axis=1))


def test_the_farthest_distance_and_radii_that_are_none() -> None:
    one, other = np.zeros((1, 4), np.uint64), np.full((1, 4), 2**64 - 1, np.uint64)
    assert hamming.within(one, other, 256).distance.tolist() == [256]
    for radius in (-1, 257):
        with pytest.raises(ValueError, match="radius"):
            hamming.within(one, other, radius)
