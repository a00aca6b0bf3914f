"""The passes over texts in C at each level of vector instructions, and by numba: the same marks."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.numeric import identifiers_native, identifiers_numba
from vigie.numeric.identifiers_anchors import WORDS, anchors, words
from vigie.numeric.identifiers_scan import LEAST_RUN, P_GROUPS, P_RUN
from vigie.numeric.native import LEVELS, NATIVE

NUMBA = identifiers_numba.Loops()
NATIVES = [identifiers_native.Loops(NATIVE, level) for level in NATIVE.levels] if NATIVE else []

each_level = pytest.mark.parametrize("loops", NATIVES, ids=lambda loops: LEVELS[loops.level])
needs_native = pytest.mark.skipif(not NATIVES, reason="not built: python src/vigie/numeric/native/build.py")

PARTS = [
    b"a@b.org", b"://", b"+33 6", b"00336", b"AB12", b"-----BEGIN", b"&#64;", b"%40", b"0xa", b" at ", b"[at]", b"dot ",
    b"arroba", b"x.onion", b"t.me/", b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", b"ABCD EF01 " * 5, b" ",
    *(word.encode() for word in WORDS), *(word.upper().encode() for word in WORDS),
]  # fmt: skip
some = st.one_of(
    st.sampled_from(PARTS),
    st.tuples(st.sampled_from([b"a", b"0", b" ", b"A1", b"@", b"\xd0"]), st.integers(20, 90)).map(
        lambda one: one[0] * one[1]
    ),
    st.binary(max_size=9),
)
texts = st.lists(some, max_size=20).map(b"".join)


def marks(loops, text, first, end, national, room=1024):
    """Return places, runs and groups, each in its order."""
    values, state = np.frombuffer(text, np.uint8), np.full(3, first, np.int64)
    out, held = np.empty((room, 3), np.int64), []
    while state[0] < end:
        held += out[: loops.marks(values, first, end, anchors(national=national), state, out)].tolist()
    places = [one for one in held if one[0] == one[1]]
    assert [at for at, _, _ in places] == sorted(at for at, _, _ in places)
    return sorted(places), *([one for one in held if one[2] == what] for what in (P_RUN, P_GROUPS))


@needs_native
@each_level
@settings(deadline=None, max_examples=120)
@example(b"@" * 700, 0, 0, True)
@example(b"a" * 700 + b" " * 700, 3, 5, False)
@given(texts, st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_the_same_marks(loops, text, before, behind, national):
    first = min(before, len(text))
    end = max(first, len(text) - behind)
    assert marks(loops, text, first, end, national) == marks(NUMBA, text, first, end, national)


@needs_native
@each_level
def test_what_c_would_trust_is_checked(loops):
    values, wanted, state = np.zeros(9, np.uint8), anchors(national=False), np.zeros(3, np.int64)
    out = np.empty((1024, 3), np.int64)
    for wrong in (values[::2], values.astype(np.int8)):
        with pytest.raises(ValueError, match="contiguous"):
            loops.marks(wrong, 0, len(wrong), wanted, state, out)
    with pytest.raises(ValueError, match="9 bytes"):
        loops.marks(values, 0, 10, wanted, state, out)
    with pytest.raises(ValueError, match="for marks"):
        loops.marks(values, 0, 9, wanted, state, out[:100])


def looked(by, text, cuts, national, glued):
    """Return what stands round all marks of rows, and how much was too much of each."""
    values, offsets = np.frombuffer(text, np.uint8), np.array([0, *cuts, len(text)], np.int64)
    state, out, held = np.zeros(3, np.int64), np.empty((1024, 3), np.int64), np.zeros((3, 2), np.int64)
    left, found = np.zeros(len(offsets) - 1, np.int64), []
    while state[0] < len(text):
        some = out[: NUMBA.marks(values, 0, len(text), anchors(national=national), state, out)]
        room = np.empty((len(some) + int((some[:, 1] - some[:, 0]).sum()) // LEAST_RUN, 4), np.int64)
        found += room[: by.look(values, offsets, some, words(), held, room, left, glued=glued)].tolist()
    return found, left.tolist()


MORE = [
    b"bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", b"BCRT1" + b"Q" * 40, b"lnbc" + b"q" * 100, b"tsp1" + b"q" * 112,
    b"%3A1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", b"\\n1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", b"0x" + b"aB3" * 22,
    b"05" + b"ab" * 32, b"xpub" + b"z" * 107, b"wpkh(a_b)#abcdefgh", b"someone@example.org",
    b"DE89 3704 0044 0532 0130 00", b"(040) 12 34 567", b"https://example.org/a?b", b"0x" + b"AB" * 8, b"&#x40;",
    b" [at] ", b" dot ", b"T.me/", b"[ At", b"a" * 56 + b".onion",
    "\u0442\u0433: ".encode(), "\u0421\u043a\u0430\u0439\u043f".encode(),
    b"\xc2\xa0", b")#", b"+49",
]  # fmt: skip
richer = st.lists(st.one_of(some, st.sampled_from(MORE)), max_size=24).map(b"".join)


@needs_native
@settings(deadline=None, max_examples=400)
@example(b"@" * 20_100, [0], False, False)
@given(richer, st.lists(st.integers(0, 10_000), max_size=4), st.booleans(), st.booleans())
def test_the_same_candidates(text, cuts, national, glued):
    cuts = sorted(min(cut, len(text)) for cut in cuts)
    assert looked(NATIVES[0], text, cuts, national, glued) == looked(NUMBA, text, cuts, national, glued)


@needs_native
def test_marks_outside_of_the_rows_are_refused():
    values, offsets, held = np.zeros(90, np.uint8), np.array([0, 40], np.int64), np.zeros((3, 2), np.int64)
    given = (words(), held, np.empty((9, 4), np.int64), np.zeros(1, np.int64))
    for wrong in ([[41, 41, 1]], [[-1, 0, 1]], [[0, 90, P_RUN]]):
        with pytest.raises(ValueError, match="marks"):
            NATIVES[0].look(values, offsets, np.array(wrong, np.int64), *given, glued=False)
