"""Chunks behind their lengths, however they are cut into pieces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.chunked import END, MALFORMED, MORE, Chunks


def number(value, width=4):
    return bytes([value < 0]) + abs(value).to_bytes(width, "little")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=300)), st.integers(2, 8), st.data())
def test_what_was_written_comes_out(chunks, width, data):
    text = b"".join(number(len(one), width) + one for one in chunks) + number(0, width)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    machine, out, status = Chunks(width), b"", MORE
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        status, at, piece = machine.read(
            np.frombuffer(text[begin:end] + b"more"[: 4 * (end == len(text))], np.uint8), 0
        )
        out += piece
        if status == END:
            break
    assert (status, begin + at, out) == (END, len(text), b"".join(chunks))


@pytest.mark.parametrize("length", [number(-1), number(-1, 8), number(1 << 41, 8), b"\0" + b"\xff" * 8])
def test_lengths_that_are_none(length):
    text = np.frombuffer(length + b"x" * 9, np.uint8)
    assert Chunks(len(length) - 1).read(text, 0)[::2] == (MALFORMED, b"")
