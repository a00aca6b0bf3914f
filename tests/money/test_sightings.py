"""What stands in files: every form of every identifier is found at its byte, and what is none never is."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell.identifiers import coins, sight
from vigie.numeric.coins import base58, bech32, descriptors
from vigie.rows.people import IDENTIFIERS, SECRETS

XPUB = "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
KEY = base58.written(b"\x80" + bytes(range(1, 33)) + b"\1")
SEED = "abandon " * 3 + "ability able about above absent absorb abstract absurd "
ENCODED = {
    "utf-8": str.encode,
    "utf-16le": lambda text: text.encode("utf-16-le"),
    "utf-16be": lambda text: text.encode("utf-16-be"),
}


def drawn(chance: random.Random) -> dict[str, str]:
    """Return one of each kind."""
    plain = f"wpkh({XPUB}/{chance.randrange(9)}/*)"
    hash_ = chance.randbytes(20)
    return {
        "btc": chance.choice([base58.written(b"\0" + hash_), base58.written(b"\5" + hash_),
                              bech32.address("bc", 0, hash_), bech32.address("bc", 1, hash_ + bytes(12)).upper()]),
        "btctest": chance.choice([base58.written(b"\x6f" + hash_), base58.written(b"\xc4" + hash_),
                                  bech32.address("tb", 0, hash_), bech32.address("bcrt", 0, hash_)]),
        "xpub": XPUB,
        "descriptor": f"{plain}#{descriptors.checksum(plain)}",
        "txid": chance.randbytes(32).hex(),
        "bolt11": bech32.written("lnbc2500u", [chance.randrange(32) for _ in range(200)], bech32.BECH32),
        "bip21": f"bitcoin:{base58.written(bytes(1) + hash_)}?amount=0.{chance.randrange(1, 99)}&label=a",
        "silent": bech32.written("sp", [0, *bech32.packed(b"\2" + chance.randbytes(65))], bech32.BECH32M),
    }  # fmt: skip


def found(data: bytes) -> set[tuple[str, str, int]]:
    return {
        (one.encoding, IDENTIFIERS[kind], start)
        for one in sight.sights(io.BytesIO(data))
        for kind, start in zip(one.found.kind, one.starts.tolist(), strict=True)
    }


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("beside", [("\n", "\n"), (" ", ","), ('"', '"'), ("=", ";"), ("\0", "\0"), ("<b>", "</b>")])
def test_each_kind_is_found_in_each_encoding_at_its_byte(encoding: str, beside: tuple[str, str]) -> None:
    chance = random.Random(repr(beside))
    data, wanted = b"x" * chance.randrange(2), set()
    for _ in range(20):
        for kind, text in drawn(chance).items():
            data += ENCODED[encoding]("some words " + beside[0])
            wanted.add((kind, len(data)))
            data += ENCODED[encoding](text + beside[1])
        data += ENCODED[encoding]("\n")
    got = found(data)
    there = {(kind, start) for _, kind, start in got}
    if encoding == "utf-16be":  # at the edge of a text it may look like the other one, whose letters begin a byte later
        there |= {(kind, start - 1) for kind, start in there}
    assert wanted <= there


@pytest.mark.parametrize("before", ["a\\n", "%3A", "u\\u003d", "x\\x3d", "to=%20"])
def test_what_is_left_of_an_escape_does_not_hide_an_address(before: str) -> None:
    for text in ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"):
        assert ("utf-8", "btc", len(before)) in found(f"{before}{text} ".encode())


def test_entities_and_per_cent_codes_are_read() -> None:
    text = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    for whole in ("".join(f"&#{ord(one)};" for one in text), "".join(f"%{ord(one):02x}" for one in text)):
        assert found(f"pay {whole} now".encode()) == {("escaped", "btc", 4)}


@pytest.mark.parametrize("before", [0, sight.ROW - 20, sight.PIECE - 20, sight.PIECE - 34, 2 * sight.PIECE - 5])
def test_no_end_of_a_piece_hides_anything(before: int) -> None:
    text = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
    for filler in (b".", b"\n", b"ab ", b"\0"):
        data = (filler * before)[:before] + f" {text} ".encode() + b"." * 100
        assert {(kind, start) for _, kind, start in found(data)} == {("btc", before + 1)}


def test_keys_and_seeds_are_told_apart_and_stand_in_no_context() -> None:
    data = f"key {KEY} and bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu".encode()
    (one,) = sight.sights(io.BytesIO(data))
    assert [(start, SECRETS[kind], value) for start, kind, value in one.hidden] == [(4, "private_key", KEY.encode())]
    assert KEY not in " ".join(one.found.context)


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("secret", [KEY, "mother obey loan sugar lucky amount amount fluid lava crime surge kiss"])
def test_secrets_are_sealed_in_each_encoding(encoding: str, secret: str) -> None:
    data = ENCODED[encoding](f"backup of it: {secret}, not to be lost; order 7 is still to be paid")
    (one,) = sight.sights(io.BytesIO(data))
    assert [value.replace(b"\0", b"").decode() for _, _, value in one.hidden] == [secret]
    assert one.encoding == encoding


def test_of_decoys_none_is_taken() -> None:
    chance, out = random.Random(5), []
    for _ in range(25_000):
        some = drawn(chance) if not len(out) % 50 else some  # noqa: F821 - the first is drawn
        for kind in ("btc", "btctest", "bolt11", "silent", "xpub"):
            text = some[kind]
            at = chance.randrange(6, len(text))
            other = chance.choice([one for one in "23456789" if one != text[at]])
            out.append(text[:at] + other + text[at + 1 :])
    assert not found("\n".join(out).encode())


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"%41", b"&#65;", b"\0", b"a\0", b"1", b")#qqqqqqqq", b"((", b" ", b"lnbc1", XPUB.encode()])
    )
)
def test_any_bytes_are_looked_at(parts: list[bytes]) -> None:
    data = b"".join(parts)
    assert all(0 <= start < len(data) for _, _, start in found(data))


def test_a_transaction_is_a_candidate_only() -> None:
    assert coins.transaction("00" * 32) is None
    assert coins.transaction(b"this is a text of thirty-two byt".hex()) is None
    assert coins.transaction("Ab" + "c1" * 31) is None
    assert coins.transaction("4A5E1E4BAAB89F3A32518A88C31BC87F618F76673E2CC77AB2127B7AFDEDA33B") == (
        "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    )
