"""Lines that may hold something of a secret: in C, and by the rules one by one."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.cell.identifiers import bare
from vigie.cell.identifiers.words import listed
from vigie.numeric.native import NATIVE
from vigie.numeric.texts import of

COIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
KEY = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss"
PARTS = [
    *listed()[0][:4], *listed()[0][:4], *listed()[4][-3:], "zoo", "a", "notaword", COIN, COIN[:20], KEY[:15],
    KEY[:16], KEY, "\\u3042", "<b>", "&amp;", "%20", "=3D", "@", "\u3042", "x" * 49, "1" * 20, "aB3" * 5, "aB3" * 6,
    "-", "7",
]  # fmt: skip
lines = st.lists(st.sampled_from(PARTS), max_size=14).map(" ".join)
some = st.lists(
    st.tuples(lines, st.sampled_from([COIN, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", KEY[:16], "Zz9"]))
)


@pytest.mark.skipif(NATIVE is None, reason="not built: python src/vigie/numeric/native/build.py")
@settings(deadline=None, max_examples=300)
@example([("abandon ability 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa able about", COIN)])
@example([("x" * 49 + "able abandon ability about", "Zz9")])
@example([(" ".join(["abandon"] * 3) + " é zoo", "Zz9")])
@example([("zoo able " + "b" * 38 + "@example.org" + "\U0001f600" * 48 + " zoo able", "b" * 38 + "@example.org")])
@example([("mole" + "\\u0020dipolo" * 4 + "\\u002", "020dipolo\\u0020dipolo\\u")])
@given(some)
def test_the_same_in_c(texts):
    shown, values = (of([one[at].encode() for one in texts]) for at in (0, 1))
    assert bare.lines(shown, values).tolist() == bare.lines(shown, values, native=None).tolist()


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        (f"paid to {COIN} on time", False),
        (f"abandon ability {COIN} able about", True),
        (f"abandon ability {COIN} able", False),
        (f"{COIN} {KEY[:16]}", True),
        (f"{COIN} {KEY[:15]}", False),
        (f"{COIN} " + "\\u3042" * 8, True),
        (f"{COIN} " + "\\u3042" * 7, False),
    ],
)
def test_what_is_hidden(line, hidden):
    for native in {NATIVE, None}:
        assert bare.lines(of([line.encode()]), of([COIN.encode()]), native=native).tolist() == [hidden]
