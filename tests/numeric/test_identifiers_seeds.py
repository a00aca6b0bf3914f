"""Where seeds begin, and what is alike between words: in C what it is in Python, which is the judge."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from vigie.numeric.identifiers_seeds import LENGTHS, alike, holds, longest
from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import forms

needs_library = pytest.mark.skipif(NATIVE is None, reason="no native loops: python src/vigie/numeric/native/build.py")
ENGLISH = Mnemonic("english")
NUMBERS = {word: number for number, word in enumerate(ENGLISH.wordlist)}
seeds = st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda many: st.binary(min_size=many, max_size=many)).map(
    lambda entropy: [NUMBERS[word] for word in ENGLISH.to_mnemonic(entropy).split()]
)  # fmt: skip
words = st.lists(st.lists(st.integers(0, 2047), max_size=40) | seeds, max_size=12).map(
    lambda some: [*itertools.chain.from_iterable(some)]
)  # fmt: skip


@needs_library
@settings(deadline=None, max_examples=200)
@example([0] * 700, False)
@example([0] * 11 + [3] + [2047] * 300, True)
@given(words, st.booleans())
def test_where_seeds_begin_by_both(some, different):
    numbers = np.array(some, np.int16)
    judge = longest(numbers, different=different, native=None).tolist()
    for form in forms(NATIVE):
        assert longest(numbers, different=different, form=form).tolist() == judge


@given(seeds)
def test_a_seed_begins_where_it_does(some):
    assert holds(some)
    assert longest(np.array(some, np.int16), different=False)[0] == len(some)


@settings(max_examples=50)
@given(words)
def test_they_cover_what_all_seeds_do(some):
    held = longest(np.array(some, np.int16), different=False).tolist()
    mine = {at + i for at, many in enumerate(held) for i in range(many)}
    spans = [(at, many) for many in LENGTHS for at in range(len(some) - many + 1) if holds(some[at : at + many])]
    assert mine == {at + i for at, many in spans for i in range(many)}


@pytest.mark.parametrize("wrong", [[-1] * 12, [2048] * 12])
def test_of_numbers_that_no_word_has(wrong):
    with pytest.raises(ValueError, match="numbered"):
        longest(np.array(wrong, np.int16), different=False)


@needs_library
@given(st.lists(st.sampled_from([b" ", b", ", b" 1. ", b" 22. ", b"7", b"", b"\n"]), max_size=30))
def test_what_is_alike_by_both(between):
    text = b"word" + b"".join(one + b"word" for one in between)
    spans = np.array([(one.start(), one.end(), 5) for one in re.finditer(b"word", text)], np.int64)
    body = np.frombuffer(text, np.uint8)
    bare = [one.strip(b"0123456789").translate(None, b"0123456789") for one in between]
    told = alike(body, spans).tolist()
    assert told == alike(body, spans, native=None).tolist() == [a == b for a, b in itertools.pairwise(bare)]


@pytest.mark.parametrize("wrong", [[[0, 4, 0], [3, 5, 0]], [[0, 2, 0], [4, 99, 0]], [[-1, 2, 0]]])
def test_words_that_lie_nowhere(wrong):
    with pytest.raises(ValueError, match="ascend"):
        alike(np.zeros(9, np.uint8), np.array(wrong))
