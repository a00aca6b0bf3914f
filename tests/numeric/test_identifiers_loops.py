"""The passes over texts in C at each level of vector instructions, and by numba: the same marks."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.numeric import identifiers_native, identifiers_numba
from vigie.numeric.identifiers_anchors import WORDS, anchors
from vigie.numeric.identifiers_scan import P_GROUPS, P_RUN
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
