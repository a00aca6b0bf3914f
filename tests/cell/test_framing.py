"""Frames: what was packed comes out again however it is cut, and no length is believed beyond its bound."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.rows import framing, wire

MOST = 1 << 12
BODIES = st.lists(st.binary(max_size=200), max_size=20)


def _cut(stream, cuts):
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@given(BODIES, st.lists(st.integers(0, 1 << 16), max_size=10))
def test_any_cut_of_the_stream_gives_the_same_frames(bodies, cuts):
    stream = b"".join(framing.HEAD.pack(len(body)) + body for body in bodies)
    unpacker = framing.Unpacker(MOST)
    assert [body for piece in _cut(stream, cuts) for body in unpacker.feed(piece)] == bodies
    assert unpacker.unfinished == 0


@given(BODIES, st.integers(1, 4))
def test_a_stream_cut_short_is_seen(bodies, missing):
    stream = b"".join(framing.HEAD.pack(len(body)) + body for body in [*bodies, b"last"])
    unpacker = framing.Unpacker(MOST)
    assert list(unpacker.feed(stream[:-missing])) == bodies
    assert unpacker.unfinished == 8 - missing


@given(st.binary(max_size=5000))
def test_whatever_comes_is_bounded(noise):
    unpacker = framing.Unpacker(MOST)
    try:
        bodies = list(unpacker.feed(noise))
    except framing.Malformed:
        return
    assert all(len(body) <= MOST for body in bodies)
    assert unpacker.unfinished <= MOST + framing.HEAD.size


def test_frames_before_a_bad_length_are_given_first():
    unpacker = framing.Unpacker(10)
    frames = unpacker.feed(framing.HEAD.pack(2) + b"ok" + framing.HEAD.pack(11))
    assert next(frames) == b"ok"
    with pytest.raises(framing.Malformed):
        next(frames)


def test_a_message_too_large_is_the_sender_s_mistake():
    with pytest.raises(ValueError, match="Data"):
        framing.pack(wire.Data(data=bytes(100), last=True), 50)


def test_a_small_frame_does_not_keep_a_large_one():
    unpacker = framing.Unpacker(MOST)
    large, small = unpacker.feed(b"".join(framing.HEAD.pack(len(one)) + one for one in (bytes(4000), b"ok")))
    assert len(memoryview(large).obj) > 4000
    assert len(memoryview(small).obj) == 2
