"""Addresses right beside other letters or digits: found in files, told apart from the others, and not watched."""

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.cell.identifiers.find import find
from vigie.cell.identifiers.sight import sights
from vigie.numeric.coins import base58, bech32
from vigie.numeric.coins.glued import glued
from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import forms

needs_library = pytest.mark.skipif(NATIVE is None, reason="no native loops: python src/vigie/numeric/native/build.py")
ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
LONG = "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
SCRIPT = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
letters = st.text(LETTERS, max_size=20)
hashes = st.binary(min_size=20, max_size=20) | st.integers(0, 20).map(lambda many: bytes(many) + b"x" * (20 - many))
addresses = (
    st.sampled_from([ADDRESS, SEGWIT, SEGWIT.upper(), LONG, TAPROOT, SCRIPT, "1" * 30])
    | st.builds(lambda first, some: base58.written(bytes([first]) + some), st.sampled_from([0, 5, 111]), hashes)
    | st.builds(lambda some: bech32.address("bc", 0, some), hashes)
)


def seen(text):
    """Return (encoding, byte, value) of what stands in a file."""
    body = text.encode() if isinstance(text, str) else text
    return [
        (one.encoding, start, value)
        for one in sights(io.BytesIO(body))
        for start, value in zip(one.starts.tolist(), one.found.value, strict=True)
    ]


@needs_library
@settings(deadline=None, max_examples=150)
@example(["addr" + ADDRESS, "1" * 60, "3" * 34, SEGWIT + SEGWIT, ADDRESS[:-1]])
@example(["", "1", "bc1", "x" * 25 + "1", "x" * 25 + "3", "x" * 25 + "bc"])
@given(st.lists(st.lists(letters | addresses, max_size=4).map("".join), max_size=4))
def test_the_same_in_c_and_in_python(runs):
    body = np.frombuffer("".join(runs).encode(), np.uint8)
    ends = np.cumsum([0, *map(len, runs)], dtype=np.int64)
    judge = glued(body, ends[:-1], ends[1:], native=None).tolist()
    for form in forms(NATIVE):
        assert glued(body, ends[:-1], ends[1:], form=form).tolist() == judge


@pytest.mark.parametrize("address", [ADDRESS, SEGWIT, SEGWIT.upper(), LONG, TAPROOT, SCRIPT])
@pytest.mark.parametrize(("before", "after"), [("addr", ""), ("", "x"), ("3", "z"), ("1", "1"), ("Q" * 60, "9" * 60)])
def test_beside_letters(address, before, after):
    value = address.lower() if address[:2].lower() == "bc" else address
    assert ("glued", 4 + len(before), value) in seen(f"x = {before}{address}{after};")


def test_beside_the_length_of_a_record():
    assert seen(b"\0\1K" + ADDRESS.encode() + b"\x05") == [("glued", 3, ADDRESS)]


def test_two_in_one_and_one_that_stands_alone():
    assert seen(f"{ADDRESS} {SCRIPT}{SEGWIT}") == [
        ("utf-8", 0, ADDRESS), ("glued", len(ADDRESS) + 1, SCRIPT), ("glued", 2 * len(ADDRESS) + 1, SEGWIT),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", [f"a%3A{ADDRESS}", f"a=3D{ADDRESS}", f"\\n{ADDRESS}", f"\\u003a{SEGWIT}", f"bitcoin:{SEGWIT}"]
)
def test_what_is_found_otherwise_is_not_said_twice(text):
    places = [(start, value) for _, start, value in seen(text)]
    assert len(places) == len(set(places)) == 1
    assert "glued" not in [one for one, _, _ in seen(text)]


@pytest.mark.parametrize(
    "text",
    [f"x{ADDRESS[:-1]}", "x" * 170 + ADDRESS, f"q{SEGWIT[:-1]}p", f"z{base58.written(bytes([111]) + bytes(20))}"],
)
def test_what_is_none(text):
    assert seen(text) == []


def test_texts_of_people_are_not_looked_through_for_such():
    body = np.frombuffer(f"addr{ADDRESS}".encode(), np.uint8)
    assert len(find(body, np.array([0, len(body)], np.int64)).row) == 0


def test_a_key_beside_letters_is_in_no_context():
    key = base58.written(b"\x80" + bytes(range(1, 33)) + b"\1")
    for one in sights(io.BytesIO(f"x{ADDRESS} q{key} {SEGWIT}".encode())):
        assert not any(key[:16] in line for line in one.found.context)


@pytest.mark.parametrize(("starts", "ends"), [([-1], [5]), ([5], [3]), ([0], [99])])
def test_runs_that_lie_nowhere(starts, ends):
    with pytest.raises(ValueError, match="within"):
        glued(np.zeros(9, np.uint8), np.array(starts), np.array(ends))
