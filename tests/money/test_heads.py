"""Headers of a node, held against work, order and difficulty."""

import hashlib
import struct

import pytest

from vigie.kernel.chain.heads import GENESIS, Heads
from vigie.kernel.chain.node import HEADERS, About, NodeError
from vigie.numeric.headers import shows_work
from vigie.rows.blocks import LIMITS

FORM = "<i32s32sIII"
ROOT = bytes.fromhex("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")[::-1]
FIRST = struct.pack(FORM, 1, bytes(32), ROOT, 1296688602, 0x207FFFFF, 2)


def digest(header):
    return hashlib.sha256(hashlib.sha256(header).digest()).digest()


def mined(before, number, bits=0x207FFFFF, time=None):
    nonce = 0
    while True:
        header = struct.pack(
            "<i32s32sIII", 4, digest(before), number.to_bytes(32), time or 1296688602 + number, bits, nonce
        )
        if shows_work(header, LIMITS["regtest"]):
            return header
        nonce += 1


def chain(count, salt=0):
    out = [FIRST]
    while len(out) < count:
        out.append(mined(out[-1], len(out) + salt))
    return out


class Fake:
    """A node that says what it is told to."""

    def __init__(self, headers):
        self.chain = headers

    def __str__(self):
        return "fake:1"

    def about(self):
        return About("regtest", len(self.chain) - 1, len(self.chain) - 1, "", False)

    def hash_at(self, height):
        return digest(self.chain[height])[::-1]

    def headers(self, first, count):
        hashes = [digest(one)[::-1] for one in self.chain]
        start = hashes.index(first) if first in hashes else 0
        return b"".join(self.chain[start : start + min(count, HEADERS)])


def read(node, heads=None):
    heads = heads or Heads("regtest")
    return heads, heads.follow(node, lambda _: None)


def test_all_headers_are_read_and_found():
    node = Fake(chain(30))
    heads, fork = read(node)
    assert (len(heads), fork) == (30, 0)
    assert heads.hash_at(0).hex() == GENESIS["regtest"]
    assert [heads.height_of(node.hash_at(height)) for height in range(30)] == list(range(30))
    assert heads.height_of(bytes(32)) == -1
    assert heads.medians(29) == sorted(1296688602 + n for n in range(18, 29))[5]


def test_more_headers_are_added_and_a_reorganisation_takes_back_those_that_left():
    old = chain(20)
    heads, _ = read(Fake(old))
    new = old[:15]
    while len(new) < 25:
        new.append(mined(new[-1], len(new) + 1000))
    _, fork = read(Fake(new), heads)
    assert fork == 15
    assert [heads.at(height) for height in range(25)] == new
    assert heads.height_of(digest(old[17])[::-1]) == -1
    assert read(Fake(new), heads)[1] == 25


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda one: [*one[:5], mined(one[3], 99), *one[6:]], "does not follow"),
        (lambda one: [*one[:5], next(bad for bad in worthless(one[4])), *one[6:]], "no work"),
        (lambda one: [mined(FIRST, 7), *one[1:]], "other headers"),
    ],
)
def test_headers_that_cannot_be_are_refused(spoil, says):
    with pytest.raises(NodeError, match=says):
        read(Fake(spoil(chain(10))))


def worthless(before):
    for nonce in range(1000):
        header = struct.pack(FORM, 4, digest(before), bytes(32), 1296688700, 0x207FFFFF, nonce)
        if not shows_work(header, LIMITS["regtest"]):
            yield header


def test_another_chain_is_not_taken_for_a_reorganisation():
    heads, _ = read(Fake(chain(230)))
    other = [FIRST]
    while len(other) < 230:
        other.append(mined(other[-1], len(other) + 5000))
    with pytest.raises(NodeError, match="200 blocks deep"):
        read(Fake(other), heads)


def test_the_main_chain_s_difficulty_is_what_core_computes():
    """The first change: block 32,256 of the main chain has 0x1d00d86a, by the times of 30,240 and 32,255."""
    heads = Heads("main")
    heads.raw = bytearray(32256 * 80)
    for height, time in ((30240, 1261130161), (32255, 1262152739)):
        heads.raw[height * 80 + 68 : height * 80 + 76] = struct.pack("<II", time, 0x1D00FFFF)
    assert heads._earned(32256) == 0x1D00D86A
    assert heads._earned(32255) == 0
