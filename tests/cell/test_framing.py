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


def _feed(unpacker, came):
    """Give bytes to it as ``os.readv`` would: as many at once as there is room for."""
    while came:
        count = 0
        for room in unpacker.room():
            room[: len(came)] = came[: len(room)]
            count, came = count + len(came[: len(room)]), came[len(room) :]
        yield from unpacker.took(count)


@given(BODIES, st.lists(st.integers(0, 1 << 16), max_size=10))
def test_any_cut_of_the_stream_gives_the_same_frames(bodies, cuts):
    stream = b"".join(framing.HEAD.pack(len(body)) + body for body in bodies)
    unpacker = framing.Unpacker(MOST)
    assert [body for piece in _cut(stream, cuts) for body in _feed(unpacker, piece)] == bodies
    assert unpacker.unfinished == 0


@given(BODIES, st.integers(1, 4))
def test_a_stream_cut_short_is_seen(bodies, missing):
    stream = b"".join(framing.HEAD.pack(len(body)) + body for body in [*bodies, b"last"])
    unpacker = framing.Unpacker(MOST)
    assert list(_feed(unpacker, stream[:-missing])) == bodies
    assert unpacker.unfinished == 8 - missing


@given(st.binary(max_size=5000))
def test_whatever_comes_is_bounded(noise):
    unpacker = framing.Unpacker(MOST)
    try:
        bodies = list(_feed(unpacker, noise))
    except framing.Malformed:
        return
    assert all(len(body) <= MOST for body in bodies)
    assert unpacker.unfinished <= MOST + framing.HEAD.size


def test_frames_before_a_bad_length_are_given_first():
    unpacker = framing.Unpacker(10)
    frames = _feed(unpacker, framing.HEAD.pack(2) + b"ok" + framing.HEAD.pack(11))
    assert next(frames) == b"ok"
    with pytest.raises(framing.Malformed):
        next(frames)


def test_a_message_too_large_is_the_sender_s_mistake():
    with pytest.raises(ValueError, match="Data"):
        framing.pack(wire.Data(data=bytes(100), last=True), 50)


def test_a_small_frame_does_not_keep_a_large_one():
    unpacker = framing.Unpacker(MOST)
    large, small = _feed(unpacker, b"".join(framing.HEAD.pack(len(one)) + one for one in (bytes(4000), b"ok")))
    assert len(memoryview(large).obj) == 4000
    assert len(memoryview(small).obj) == 2


@given(st.lists(st.integers(0, 2_000_000), max_size=6))
def test_a_frame_larger_than_a_reading_comes_whole_however_it_is_cut(cuts):
    bodies = [bytes([number]) * size for number, size in enumerate((3, framing.READ_BYTES * 3 + 1, 0, 5))]
    stream = b"".join(framing.HEAD.pack(len(body)) + body for body in bodies)
    unpacker = framing.Unpacker(1 << 20)
    assert [body for piece in _cut(stream, cuts) for body in _feed(unpacker, piece)] == bodies


def test_a_frame_is_packed_into_the_room_of_one_that_was_sent():
    frame = framing.pack(wire.Data(data=b"the first, longer", last=False), 100)
    again = framing.pack(wire.Data(data=b"second", last=True), 100, frame)
    assert again is frame
    assert again == framing.pack(wire.Data(data=b"second", last=True), 100)
