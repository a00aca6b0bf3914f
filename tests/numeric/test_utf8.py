import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.numeric.utf8 import PIECE_BYTES, whole, whole_codec

EDGES = bytes.fromhex("00 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ed ef f0 f1 f4 f5 ff")


def judged(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(max_examples=500)
@example(b"a" * 40 + b"\xed\xa0\x80")  # a surrogate
@example(b"\xc0\x80" + b"a" * 40)  # longer than it need be
@example("é".encode() * 40 + b"\xc3")  # cut short
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(str.encode),
        st.lists(st.sampled_from(EDGES), max_size=8).map(bytes),
        st.tuples(st.text(max_size=40), st.lists(st.sampled_from(EDGES), max_size=4), st.text(max_size=40)).map(
            lambda one: one[0].encode() + bytes(one[1]) + one[2].encode()
        ),
    )
)
def test_it_is_utf8_where_python_reads_it(raw: bytes) -> None:
    values = np.frombuffer(raw, np.uint8)
    assert whole(values) == whole_codec(values) == judged(raw)


def test_each_sequence_of_edges_is_judged_alike() -> None:
    for one in EDGES:
        for two in EDGES:
            for three in EDGES:
                raw = bytes((one, two, three, 0x80))
                assert whole(np.frombuffer(raw, np.uint8)) == judged(raw), raw


@pytest.mark.parametrize("at", [0, 5])
def test_a_character_between_two_pieces_is_whole(at: int) -> None:
    raw = np.frombuffer(b"a" * (PIECE_BYTES - 1 - at) + "é€𝄞".encode() * 3, np.uint8)
    assert whole(raw)
    assert whole_codec(raw)
    assert not whole_codec(raw[:-1])
