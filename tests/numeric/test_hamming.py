"""Search finds exactly what comparing everything finds, whatever the codes are like."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import hamming

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
@pytest.mark.parametrize("n", [300, 6000])
def test_nothing_is_missing_and_nothing_too_much(kind, n):
    rng = np.random.default_rng(n)
    codes = SETS[kind](rng, n)
    queries = np.concatenate([near_copies(rng, codes, 40), random_codes(rng, 5), codes[:5]])
    index = hamming.build(codes)
    for radius in RADII[:-1] if n > 1000 else RADII:
        found = hamming.search(index, queries, radius)
        for mine, theirs in zip(found, brute(codes, queries, radius), strict=True):
            np.testing.assert_array_equal(mine, theirs, err_msg=f"{kind} {n} radius {radius}")


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    radius=st.sampled_from(RADII),
    shared=st.integers(0, 4),
    repeats=st.integers(1, 3),
)
def test_tables_and_comparing_all_agree(seed, radius, shared, repeats):
    """The tables are forced by their own functions, for a few thousand codes would be compared without them."""
    rng = np.random.default_rng(seed)
    codes = np.tile(random_codes(rng, 200), (repeats, 1))
    codes[:, :shared] = codes[0, :shared]
    queries = near_copies(rng, codes, 20)
    offsets, entries = hamming._tables(codes, codes.view(np.uint16))
    if radius <= hamming.MOST_INDEXED_BITS:
        got = hamming._probe(codes, offsets, entries, queries, queries.view(np.uint16), radius)
        assert sorted(map(tuple, got)) == list(zip(*brute(codes, queries, radius), strict=True))
        a, b, bits = brute(codes, codes, radius)
        got = hamming._join(codes, offsets, entries, radius)
        pairs = {(min(i, j), max(i, j), d) for i, j, d in got}
        assert len(pairs) == len(got)
        assert pairs == {(i, j, d) for i, j, d in zip(a, b, bits, strict=True) if i < j}


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
    offsets, entries = hamming._tables(hay, hay.view(np.uint16))
    for radius in (0, 15, 16, 31, 32, 64, 96):
        expected = brute(hay, needles, radius)
        print(f"radius {radius}: {len(expected[0])} pairs")
        for mine, theirs in zip(hamming.search(hamming.build(hay), needles, radius), expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        if radius <= hamming.MOST_INDEXED_BITS:
            probed = hamming._probe(hay, offsets, entries, needles, needles.view(np.uint16), radius)
            assert sorted(map(tuple, probed)) == list(zip(*expected, strict=True))
