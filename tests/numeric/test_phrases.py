"""Phrases in C and by numba: the same, wherever they stand and whatever is between their words."""

import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.numeric.identifiers_phrases import lookup, phrases, rows_with, told
from vigie.numeric.native import NATIVE

LISTS = (
    ["able", "acid", "about", "zoo", "absolute", "wink", "winter", "yellow"],
    ["été", "zoo", "e\u0301te\u0301", "あいこくしん", "的", "하늘"],
)
HELD = lookup([{word.encode(): i for i, word in enumerate(words)} for words in LISTS])
BETWEEN = [
    " ", "\n", ", ", "\u3000", '", "', "</td><td>", '</b></li>\n<li class="w n-1" style="color: red"><b>', "&nbsp;",
    "\\n", "%20", "\n12. ", " a) ", "'),(17,'", "\xa0", "_", "\0", "=0A", "\\u3000", "\u2022", "; ",
]  # fmt: skip
needs_native = pytest.mark.skipif(not NATIVE, reason="not built: python src/vigie/numeric/native/build.py")
word = st.sampled_from([one for some in LISTS for one in some] + ["ABLE", "Zoo"])
part = st.one_of(
    st.tuples(st.lists(word, max_size=30), st.sampled_from(BETWEEN)).map(lambda one: one[1].join(one[0]).encode()),
    st.sampled_from(
        [b"no", b"absolutely", b"<", b"<td", b"&", b"%", b"\\", b"=", b"a@zoo", b"\xc3", b"." * 250, b"x" * 60]
    ),
    st.binary(max_size=12),
)


def arena(some):
    return np.frombuffer(b"".join(some), np.uint8), np.cumsum([0, *map(len, some)])


@needs_native
@settings(deadline=None, max_examples=150)
@example([b"zoo " * 12 + b"zoo", b"zoo " * 12, b"zoo" * 30, b"zoo " * 11, b"zoo"])
@example([b"zoo " * 4000])
@given(st.lists(st.lists(part, max_size=6).map(b"".join), min_size=1, max_size=4))
def test_the_same_by_both(some):
    text, offsets = arena(some)
    assert phrases(text, offsets, HELD).tolist() == phrases(text, offsets, HELD, native=None).tolist()
    given_ = told(text, 0, len(text), HELD)
    assert given_.tolist() == told(text, 0, len(text), HELD, native=None).tolist()
    for many in (2, 4):
        assert (
            rows_with(text, offsets, HELD, many).tolist() == rows_with(text, offsets, HELD, many, native=None).tolist()
        )


@needs_native
@pytest.mark.parametrize("before", range(0, 130, 3))
def test_the_shortest_phrase_wherever_it_stands(before):
    text = b"x" * before + b"!" + b"zoo " * 11 + b"zoo"
    assert phrases(*arena([b"y", text, b"zoo"]), HELD).tolist() == [[1, before + 2, len(text) + 1]]


@needs_native
@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("words", LISTS, ids=["ascii", "others"])
def test_whatever_stands_between_words(between, words):
    chance = random.Random(between)
    for before in ["", "nothing of it ", "<p>text<br>", "x" * 300 + " ", "able acid no ", "\n" * 500]:
        body = between.join(chance.choice(words) for _ in range(12)).encode()
        text = before.encode() + b"!" + body + b"! and no more"
        start = len(before.encode()) + 1
        assert phrases(*arena([text]), HELD).tolist() == [[0, start, start + len(body)]]
        assert len(told(np.frombuffer(text, np.uint8), start, start + len(body), HELD)) == 12


@pytest.mark.parametrize("native", [NATIVE, None])
def test_words_of_one_list_that_follow_each_other(native):
    some = [
        b"zoo able, acid",
        b"zoo able, acid <b>wink</b>",
        b"acid wink \xe7\x9a\x84 able",
        b"zoo zoo \xe7\x9a\x84 zoo",
    ]
    assert rows_with(*arena(some), HELD, 4, native=native).tolist() == [False, True, False, True]


@needs_native
def test_what_c_would_trust_is_checked():
    text = np.zeros(9, np.uint8)
    for offsets in ([0, 10], [5, 3], [-1, 9], []):
        with pytest.raises(ValueError, match="9 bytes"):
            phrases(text, np.array(offsets, np.int64), HELD)
    with pytest.raises(ValueError, match="not bytes"):
        phrases(text[::2], np.array([0, 4]), HELD)
