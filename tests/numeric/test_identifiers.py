"""Candidates: whatever is round them, all that may be one is there, once, and within its row."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.numeric import identifiers_scan as scan
from vigie.numeric.identifiers import candidates, phrases
from vigie.numeric.identifiers_anchors import WORDS
from vigie.numeric.identifiers_phrases import lookup
from vigie.numeric.identifiers_quotes import quoted

LIST = ["able", "acid", "about", "zoo", "absolute"[:8], "wink", "winter", "yellow"]
HELD = lookup([{word.encode(): i for i, word in enumerate(LIST)}])
BEGUN = {
    scan.MAIL: b"a@b.org", scan.HANDLE: b"@name", scan.URL: b"http://example.org",
    scan.RUN: b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    scan.PHONE: b"+33 6 12 34 56 78", scan.IBAN: b"DE89 3704 0044 0532 0130 00", scan.KEY_ID: b"0x0123456789abcdef",
    scan.GROUPS: b"ABCD EF01 2345 6789 ABCD  EF01 2345 6789 ABCD EF01", scan.LINK: b"t.me/",
    scan.ONION: b"d" * 56 + b".onion",
}  # fmt: skip


def arena(rows):
    return np.frombuffer(b"".join(rows), np.uint8), np.cumsum([0, *map(len, rows)])


def spans(rows, **how):
    """Return (row, start within it, end, what) of all."""
    values, offsets = arena(rows)
    found = candidates(values, offsets, **how)
    low = offsets[found.row]
    return list(
        zip(
            found.row.tolist(),
            (found.start - low).tolist(),
            (found.end - low).tolist(),
            found.what.tolist(),
            strict=True,
        )
    )


@pytest.mark.parametrize("what", BEGUN)
@pytest.mark.parametrize("before", range(9))
def test_found_wherever_in_eight_bytes_it_begins(what, before):
    text = BEGUN[what]
    row = b"." * before + b" " + text
    assert (1, before + 1, len(row), what) in spans([b"x", row, b"y"])
    assert (0, 0, len(text), what) in spans([text])


@pytest.mark.parametrize("word", range(len(WORDS)))
def test_words_that_announce(word):
    name = WORDS[word]
    for text in (name, name.upper() if name.isascii() else name, name.capitalize()):
        row = f"my {text} : x".encode()
        assert (0, 3, 3 + len(text.encode()), scan.WORD + word) in spans([row])
        assert not any(what == scan.WORD + word for *_, what in spans([f"x{name} y".encode()])) or not name.isascii()


def test_rows_do_not_join():
    assert spans([b"a@b", b".org"]) == []
    assert spans([b"1A1zP1eP5QGefi2DM", b"PTfTL5SLmv7DivfNa"]) == []
    assert spans([b"+33 6 12 3", b"4 56 78"]) == []
    halves = [b"ABCD EF01 2345 6789 ABCD ", b" EF01 2345 6789 ABCD EF01"]
    assert not [what for *_, what in spans(halves) if what == scan.GROUPS]
    assert spans([b"tele", b"gram: x"]) == []
    assert (
        phrases(*arena([b"able acid about zoo wink yellow ", b"able acid about zoo wink yellow"]), HELD).tolist() == []
    )


parts = st.one_of(
    st.sampled_from([*BEGUN.values(), b" ", b"@", b"able ", b"00", b"[at]", b"telegram", b"-----BEGIN PGP", b"&#64;"]),
    st.binary(max_size=6),
)
rows = st.lists(st.lists(parts, max_size=5).map(b"".join), max_size=6)


@settings(deadline=None)
@example(
    [b"+33 6 12 34 56 78DE89 3704 0044 0532 0130 00", b"ABCD EF01 2345 6789 ABCD  EF01 2345 6789 ABCD EF01"],
    False,
)
@given(rows, st.booleans())
def test_each_row_is_seen_as_if_it_were_alone(some, national):
    how = {"national": national, "words": HELD}
    got = spans(some, **how)
    assert got == [(row, *rest) for row, text in enumerate(some) for _, *rest in spans([text], **how)]
    assert all(0 <= start < end <= len(some[row]) for row, start, end, _ in got)


@given(
    st.lists(st.sampled_from(LIST), min_size=1, max_size=30),
    st.sampled_from([" ", "\n", ", ", ". "]),
    st.binary(max_size=40),
)
def test_phrases_of_twelve_words_and_no_fewer(some, gap, before):
    text = gap.join(some).encode()
    row = before + b"!" + text + b"!"
    found = phrases(*arena([b"x", row]), HELD).tolist()
    start = 1 + len(before) + 1
    assert found == ([[1, start, start + len(text)]] if len(some) >= 12 else [])


@pytest.mark.parametrize("what", [scan.RUN, scan.GROUPS])
def test_found_where_the_room_for_candidates_ends(what):
    text = BEGUN[what]
    for many in range(1005, 1016):
        row = b"a@b.org " * many + text
        assert (0, len(row) - len(text), len(row), what) in spans([row])


def test_more_candidates_than_a_row_may_have_are_counted():
    values, offsets = arena([b"a@b.org " * 20_100, b"a@b.org"])
    found = candidates(values, offsets)
    assert np.bincount(found.row).tolist() == [scan.MOST, 1]
    assert found.left.tolist() == [100, 0]


def test_quotes_nest_and_end_with_the_row():
    values, offsets = arena([b"[quote][QUOTE=x]a[/quote]b[/quote]c", b"d", b"> e"])
    places = np.array([16, 25, 34, 35, 38])
    assert quoted(values, offsets, np.array([0, 0, 0, 1, 2]), places).tolist() == [True, True, False, False, True]


def test_offsets_have_to_fit():
    with pytest.raises(ValueError, match="ascend"):
        candidates(np.zeros(2, np.uint8), np.array([0, 3]))
