"""The tree of headers: the branch with most work, and the difficulty that was due (Bitcoin Core, ``pow.cpp``)."""

import struct

import pytest

from vigie.kernel.chain.tree import Tree
from vigie.kernel.errors import UsageError
from vigie.numeric.headers import PERIOD, block_hash, compact, next_bits, target

LIMIT = 0x1D00FFFF


def headers(times, bits, *, before=bytes(32), salt=0):
    """Return headers that follow each other, without work: the tree does not look at hashes."""
    out = []
    for number, (time, one) in enumerate(zip(times, bits, strict=True)):
        out.append(struct.pack("<i32s32sIII", 1, before, (number + salt).to_bytes(32), time, one, 0))
        before = block_hash(out[-1])
    return out


def standing(network, given, height):
    """Return a tree with headers of which the first stands at a height."""
    tree = Tree(network)
    numbers = [tree.add(given[0], height=height), *(tree.add(one) for one in given[1:])]
    return tree, numbers


def period(first_time, last_time, bits, due, *, height):
    """Return a whole period of headers and the first one of the next."""
    times = [first_time, *(first_time + 1 for _ in range(PERIOD - 2)), last_time, last_time + 1]
    given = headers(times, [bits] * PERIOD + [due], before=b"\1" * 32)
    return standing("main", given, height)


@pytest.mark.parametrize(
    ("first", "last", "bits", "due"),
    [  # heights 30,240 to 32,256 and 0 to 2,016 of the main chain; the others are of Core, pow_tests.cpp
        (1261130161, 1262152739, 0x1D00FFFF, 0x1D00D86A),
        (1231006505, 1233061996, 0x1D00FFFF, 0x1D00FFFF),
        (1279008237, 1279297671, 0x1C05A3F4, 0x1C0168FD),
        (1263163443, 1269211443, 0x1C387F6F, 0x1D00E1FD),
    ],
)
def test_the_difficulty_that_core_computes_is_due(first, last, bits, due):
    tree, numbers = period(first, last, bits, due, height=PERIOD * 15)
    tree.check(numbers)
    tree, numbers = period(first, last, bits, due - 1, height=PERIOD * 15)
    with pytest.raises(UsageError, match=f"height {PERIOD * 16}.*{due - 1:08x}, due {due:08x}"):
        tree.check(numbers)


def test_within_a_period_it_stays():
    given = headers([5, 6, 7], [LIMIT, LIMIT, LIMIT - 1], before=b"\1" * 32)
    tree, numbers = standing("signet", given, PERIOD + 1)
    with pytest.raises(UsageError, match=f"height {PERIOD + 3}"):
        tree.check(numbers)


def test_a_period_that_began_before_what_is_known_is_not_judged():
    given = headers([5, 6, 7], [LIMIT, 0x1C05A3F4, 0x1C05A3F4], before=b"\1" * 32)
    tree, numbers = standing("main", given, PERIOD - 1)
    tree.check(numbers)  # of height 2016, nobody here knows when its period began


@pytest.mark.parametrize("network", ["test", "testnet4", "regtest"])
def test_networks_with_rules_for_slow_days_are_not_judged(network):
    """Their blocks may have the least difficulty after twenty minutes (BIP 94), which work alone does not tell."""
    given = headers([5, 6 + 20 * 60, 7 + 20 * 60], [0x1C05A3F4, LIMIT, 0x1C05A3F4], before=b"\1" * 32)
    tree, numbers = standing(network, given, 5)
    tree.check(numbers)


def test_it_never_moves_by_more_than_four_nor_above_the_limit():
    assert next_bits(0x1C05A3F4, 1, LIMIT) == compact(target(0x1C05A3F4) // 4)
    assert next_bits(0x1C387F6F, 10**9, LIMIT) == 0x1D00E1FD
    assert next_bits(LIMIT, 10**9, LIMIT) == LIMIT


def test_the_branch_with_more_work_is_the_chain_and_not_the_longer_one():
    first = headers([5, 6, 7, 8], [LIMIT] * 4, before=b"\1" * 32)
    tree, numbers = standing("regtest", first, 10)
    assert tree.best == numbers[-1]
    heavy = headers([6], [0x1C05A3F4], before=block_hash(first[0]), salt=99)
    other = tree.add(heavy[0])
    assert tree.best == other
    assert tree.branch(tree.best) == [numbers[0], other]
    assert tree.beside(tree.branch(tree.best)) == numbers[1:]


def test_a_header_may_come_before_the_one_it_follows():
    given = headers([5, 6, 7, 8], [LIMIT] * 4, before=b"\1" * 32)
    tree = Tree("regtest")
    late = [tree.add(one) for one in reversed(given[1:])]
    assert [tree.heights[one] for one in late] == [-1, -1, -1]
    assert tree.roots() == [late[2]]
    tree.add(given[0], height=3)
    assert [tree.heights[one] for one in late] == [6, 5, 4]
    assert tree.best == late[0]
    assert tree.roots() == []
