"""What C decides of many at once is what the rules say one by one; what it leaves to them changes nothing."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.cell.identifiers import context, find, pgp, raw, readers
from vigie.cell.identifiers.keccak import keccak256
from vigie.cell.identifiers.place import Hidden, Hit, Place
from vigie.cell.identifiers.sealed import Sealed
from vigie.numeric import identifiers_scan as scan
from vigie.numeric import sha256
from vigie.numeric.coins import base58, bech32, told
from vigie.numeric.identifiers import candidates
from vigie.numeric.lines_round import lines_round
from vigie.numeric.native import NATIVE
from vigie.numeric.texts import taken
from vigie.rows.people import IDENTIFIERS

needs_library = pytest.mark.skipif(NATIVE is None, reason="no native loops: python src/vigie/numeric/native/build.py")
ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
ARMOR = "-----BEGIN PGP MESSAGE-----\n\n{}\n-----END PGP MESSAGE-----\n"


def segwit(prefix: str) -> st.SearchStrategy[str]:
    """Draw texts with a right checksum: versions, lengths, paddings and constants are right or wrong."""
    data = st.lists(st.integers(0, 31), min_size=26, max_size=70)
    right = st.builds(
        bech32.address, st.just(prefix), st.sampled_from([0, 1, 16]), st.sampled_from([bytes(20), b"\7" * 32])
    )
    return right | st.builds(bech32.written, st.just(prefix), data, st.sampled_from([bech32.BECH32, bech32.BECH32M, 5]))


def base_58() -> st.SearchStrategy[str]:
    versions = st.sampled_from([0, 5, 0x6F, 0xC4, 0x30, 0x32, 0x1E, 0x16, 0x41, 0x80, 0xEF, 7])
    body = st.builds(lambda version, rest: bytes([version]) + rest, versions, st.binary(min_size=19, max_size=33))
    return st.builds(base58.written, body | st.builds(bytes, st.integers(1, 24)))


def monero() -> st.SearchStrategy[str]:
    """Draw texts of Monero's base 58 with a right checksum; network bytes and lengths are right or wrong."""

    def made(first: int, rest: bytes) -> str:
        held = bytes([first]) + rest
        held += keccak256(held)[:4]
        return "".join(block(held[at : at + 8]) for at in range(0, len(held), 8))

    def block(held: bytes) -> str:
        number, out = int.from_bytes(held), ""
        for _ in range((0, 2, 3, 5, 6, 7, 9, 10, 11)[len(held)]):
            number, digit = divmod(number, 58)
            out = base58.DIGITS[digit] + out
        return out

    sizes = st.sampled_from([64, 72])
    return st.builds(
        made, st.sampled_from([18, 19, 42, 24]), sizes.flatmap(lambda many: st.binary(min_size=many, max_size=many))
    )


def ethereum() -> st.SearchStrategy[str]:
    """Draw addresses with the case that EIP-55 asks for, or another."""

    def made(held: bytes, case: str) -> str:
        low = held.hex()
        nibbles = keccak256(low.encode()).hex()
        right = "".join(one.upper() if wish >= "8" else one for one, wish in zip(low, nibbles, strict=False))
        return "0x" + (getattr(right, case)() if case else right)

    some = st.binary(min_size=20, max_size=20) | st.sampled_from([bytes(20), b"\x11" * 20, b"\xab" * 20])
    return st.builds(made, some, st.sampled_from(["", "", "lower", "upper", "swapcase"]))


texts = st.one_of(
    monero(), ethereum(),
    *map(segwit, ("bc", "tb", "bcrt", "ltc", "lnbc2500u", "sp", "tsp", "bc1q", "xx")), base_58(),
    st.text(base58.DIGITS, min_size=25, max_size=120),
)  # fmt: skip
changes = st.tuples(st.sampled_from(["", "upper", "title", "digit"]), st.integers(0, 200), st.sampled_from("2zQ1b"))


def changed(text: str, how: tuple[str, int, str]) -> str:
    if how[0] == "digit":
        at = how[1] % len(text)
        return text[:at] + how[2] + text[at + 1 :]
    return getattr(text, how[0])() if how[0] else text


def ruled(text: str) -> list[Hit | Hidden | int]:
    data = memoryview(text.encode())
    return list(readers.readers(None)[scan.RUN](Place(data, 0, len(data), 0, len(data))))


@needs_library
@settings(max_examples=600, deadline=None)
@example(ADDRESS, ("", 0, ""))
@example("1" * 26 + ADDRESS[26:], ("", 0, ""))
@given(texts, changes)
def test_a_run_is_what_its_rule_says(text: str, how: tuple[str, int, str]) -> None:
    text = changed(text, how)
    values = np.frombuffer(text.encode(), np.uint8)
    some = candidates(values, np.array([0, len(values)]))
    if not ((some.what == scan.RUN) & (some.start == 0)).any():
        return  # no rule is asked
    for form in sha256.forms(NATIVE):
        (code,) = told.told(values, np.array([0]), np.array([len(values)]), form=form).tolist()
        if code == told.UNSURE:
            continue
        lower = bool(code & told.LOWER)
        kind = (code & ~told.LOWER) - told.FIRST
        value = taken(values, np.array([0]), np.array([len(values)]), np.array([lower])).strings()[0]
        assert ruled(text) == (
            [] if code == told.NOTHING else [Hit(0, len(text), told.KINDS[kind], value, checked=told.CHECKED[kind])]
        )


WORDS = ["key ", "PRIVATE: ", "secret", "sk=", "disk ", "tx ", "txid: ", "hash ", "fingerprint ", "PGP ", "fpr:",
         "Schl\u00fcssel ", "public key ", "commit ", "\n\n", "\0", "0x",
         "x" * 70, "my ", "\u79c1\u94a5", "ab" * 32 + " "]  # fmt: skip
hexes = st.one_of(
    st.binary(min_size=32, max_size=32), st.binary(min_size=20, max_size=20), st.binary(min_size=38, max_size=38),
    st.sampled_from([b"x" * 32, b"\x12" * 32, bytes(32), b"\xbc\x1a" * 16, b"\xbc\x1f" + b"\x07" * 18]),
    st.just(b"\xbc\x1e" * 19),
).map(bytes.hex)  # fmt: skip
beside = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)


@needs_library
@settings(max_examples=600, deadline=None)
@example("", "bc1" + "0e5d7" * 12 + "a", "", "")
@example("is the private ", "07" * 20 + "9a" * 12, "", "")
@given(beside, hexes, st.sampled_from(["", "upper", "title"]), beside)
def test_a_hash_is_what_its_rule_says(before: str, text: str, case: str, after: str) -> None:
    text = getattr(text, case)() if case else text
    data = f"{before} {text} {after}".encode()
    values, start = np.frombuffer(data, np.uint8), len(before.encode()) + 1
    some = candidates(values, np.array([0, len(values)]))
    if not ((some.what == scan.RUN) & (some.start == start) & (some.end == start + len(text))).any():
        return  # no rule is asked
    (code,) = told.told(values, np.array([start]), np.array([start + len(text)])).tolist()
    place = Place(memoryview(data), 0, len(data), start, start + len(text))
    said = list(readers.readers(None)[scan.RUN](place))
    if code == told.NOTHING:
        assert said == []
    elif code != told.UNSURE:
        assert told.KINDS[(code & ~told.LOWER) - told.FIRST] == "txid"
        assert said == [Hit(start, start + len(text), "txid", text.lower(), checked=False)]


def alternatives(pattern: str) -> list[str]:
    """Return the words of a rule that are ASCII, without what they may not stand beside."""
    bare = re.sub(r"\(\?<?[!=](?:[^()]|\([^()]*\))*\)|\\b", "", pattern).replace("(?:", "").replace(")", "")
    return [one for one in bare.split("|") if one.isascii() and one.isalpha()]


@needs_library
def test_c_asks_wherever_a_word_of_the_rules_stands() -> None:
    said = alternatives(raw._SECRET.pattern) + alternatives(pgp._SAID.pattern.decode())
    assert {"priv", "chave", "chiave", "sk", "entropy", "fpr", "finger"} <= set(said)
    for word, prefix, turn in itertools.product(said, ("", "0x"), (str, str.upper, str.title)):
        text = f"{turn(word)}: {prefix}{'2d711642b726b044' * 4} "
        values, start = np.frombuffer(text.encode(), np.uint8), len(word) + 2
        (code,) = told.told(values, np.array([start]), np.array([len(text) - 1])).tolist()
        assert code == told.UNSURE, text


@needs_library
def test_lists_of_hashes_need_no_rule() -> None:
    line = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08  a/file.txt\n"
    values = np.frombuffer(line.encode() * 3, np.uint8)
    starts = np.arange(3) * len(line)
    assert told.told(values, starts, starts + 64).tolist() == [told.FIRST + 5 | told.LOWER] * 3
    assert found(line) == [("txid", line[:64].lower())]
    assert found("bc1" + "0e5d7" * 12 + "a") == [("txid", "bc1" + "0e5d7" * 12 + "a")]


@needs_library
def test_each_kind_is_decided_without_a_rule() -> None:
    some = {
        "btc": [ADDRESS, bech32.address("bc", 0, bytes(20)), bech32.address("bc", 1, bytes(32)).upper()],
        "btctest": [base58.written(b"\x6f" + bytes(20)), bech32.address("bcrt", 0, bytes(32))],
        "ltc": [base58.written(b"\x30" + bytes(20)), bech32.address("ltc", 0, bytes(20))],
        "doge": [base58.written(b"\x1e" + bytes(20))], "trx": [base58.written(b"\x41" + bytes(20))],
        "eth": ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        "xmr": ["44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"],
    }  # fmt: skip
    for kind, held in some.items():
        for text in held:
            values = np.frombuffer(text.encode(), np.uint8)
            code = int(told.told(values, np.array([0]), np.array([len(values)]))[0])
            assert told.KINDS[(code & ~told.LOWER) - told.FIRST] == kind


parts = st.sampled_from(
    [" ", "  ", "\n", "\t", "word", "a", ".", "x" * 90, "y" * 210, "<b>", "&amp;", "é", "\0", ADDRESS]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(parts, max_size=14).map("".join), st.data())
def test_a_line_is_the_same_by_both(text: str, data: st.DataObject) -> None:
    values = np.frombuffer(text.encode(), np.uint8)
    low, start, end, high = sorted(data.draw(st.lists(st.integers(0, len(values)), min_size=4, max_size=4)))
    said, (asked,) = lines_round(values, np.array([[low, high, start, end]]))
    assert asked or said.strings()[0] == context.line(values.data, low, high, (start, end), Sealed([]))


def test_most_lines_are_not_asked_for() -> None:
    values = np.frombuffer(f"paid  to\n{ADDRESS}\ton time".encode(), np.uint8)
    assert NATIVE is None or not lines_round(values, np.array([[0, len(values), 9, 43]]))[1][0]


def found(text: str) -> list[tuple[str, str]]:
    values = np.frombuffer(text.encode(), np.uint8)
    got = find.find(values, np.array([0, len(values)]))
    return [(IDENTIFIERS[kind], value) for kind, value in zip(got.kind, got.value, strict=True)]


def test_what_stands_in_a_block_or_a_secret_is_none() -> None:
    key = base58.written(b"\x80" + bytes(range(1, 33)) + b"\1")
    assert found(ARMOR.format(ADDRESS)) == []
    assert found(f"{ADDRESS}\n{ARMOR.format(ADDRESS)}{ADDRESS} {key}") == [("btc", ADDRESS)] * 2
    assert found(f"-----BEGIN RSA PRIVATE KEY-----\n{ADDRESS}\n-----END RSA PRIVATE KEY-----\n") == []


def test_places_ascend_whoever_decided_them() -> None:
    text = f"a@example.org {ADDRESS} b@example.org bitcoin:{ADDRESS}?amount=1 {ADDRESS}"
    assert [kind for kind, _ in found(text)] == ["email", "btc", "email", "bip21", "btc", "btc"]


def test_of_too_many_the_first_stay() -> None:
    text = f"{ADDRESS} a@example.org " * (find.MOST // 2 + 5)
    values = np.frombuffer(text.encode(), np.uint8)
    got = find.find(values, np.array([0, len(values)]))
    assert (len(got.row), got.left.tolist()) == (find.MOST, [10])
    assert got.start.tolist() == sorted(got.start.tolist())
