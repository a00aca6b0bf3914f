"""Checksums and normal forms: the published vectors hold, and nothing that differs from them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from vigie.cell.identifiers import coins, ethereum, iban, mail, monero, onion, phones, tox, urls
from vigie.cell.identifiers.keccak import keccak256
from vigie.numeric.coins import base58, bech32

BIP350 = (
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
    "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
NOT_BIP350 = (
    "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1pw5dgrnzv",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
    "bc1gmk9yu",
)
EIP55 = (
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
MONERO = (
    "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge",
    "46tM15KsogEW5MiVmBn7waPF8u8ZsB6aHjJk7BAv1wvMKfWhQ2h2so5BCJ9cRakfPt5BFo452oy3K8UK6L2u2v7aJ3Nf7P2",
    "86iQTnEqQ9mXJFvBvbY3KU5do5Jh2NCkpTcZsw3TMZ6oKNJhELvAreZFQ1p8EknRRTKPp2vg9fJvy47Q4ARVChjLMuUAFQJ",
    "4BUqMSeJfNQGudzEJNvzQ2LXh4tbUdW4YCM7mq55edxBT7t1297vwCMZSnJwGvEKEKbH8hGmhZZAGhdHbp2te6AA38ZMi4knaCKLprMPni",
)
TOX = "56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB5"
IBANS = (
    "GB82 WEST 1234 5698 7654 32", "DE89 3704 0044 0532 0130 00", "FR14 2004 1010 0505 0001 3M02 606",
    "NO93 8601 1117 947", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "BE68 5390 0754 7034", "NL91 ABNA 0417 1643 00",
    "CH93 0076 2011 6238 5295 7", "IT60 X054 2811 1010 0000 0123 456", "ES91 2100 0418 4502 0005 1332",
    "PL61 1090 1014 0000 0712 1981 2874", "SE45 5000 0000 0583 9825 7466", "SA03 8000 0000 6080 1016 7519",
    "TR33 0006 1005 1978 6457 8413 26", "BR97 0036 0305 0000 1000 9795 493P 1", "AT61 1904 3002 3457 3201",
    "PT50 0002 0123 1234 5678 9015 4", "GR16 0110 1250 0000 0001 2300 695", "UA21 3223 1300 0002 6007 2335 6600 1",
)  # fmt: skip


def test_segwit_addresses_of_bip_350():
    assert [bech32.segwit(text, ("bc", "tb")) for text in BIP350] == [text.lower() for text in BIP350]
    assert [bech32.segwit(text, ("bc", "tb")) for text in NOT_BIP350] == [None] * len(NOT_BIP350)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "btc"),
        ("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "btc"),
        ("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "btc"),
        ("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", "ltc"),
        ("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "doge"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "trx"),
    ],
)
def test_coins_by_their_version(text, kind):
    assert coins.address(text) == (kind, text)
    other = text[:-1] + ("a" if text[-1] != "a" else "e")
    assert coins.address(other) is None


def encoded(body):
    held = body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    number, out = int.from_bytes(held), ""
    while number:
        number, digit = divmod(number, 58)
        out = base58.DIGITS[digit] + out
    return "1" * (len(held) - len(held.lstrip(b"\0"))) + out


@given(st.binary(min_size=1, max_size=80))
def test_base58check_gives_back_what_was_written(body):
    assert base58.checked(encoded(body)) == body


@given(st.text(alphabet=base58.DIGITS, min_size=20, max_size=60))
def test_base58_by_chance_is_no_address(text):
    assert base58.checked(text) is None or encoded(base58.checked(text)) == text


def test_private_keys_are_told_from_public_ones():
    assert coins.private("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ")
    assert coins.private("KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617")
    assert coins.private(
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
    )
    assert not coins.private(
        "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
    )
    assert not coins.private("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")


def test_keccak_is_not_sha3():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_ethereum_by_eip_55():
    for text in EIP55:
        mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
        assert ethereum.address(text) == (text.lower(), mixed)
        if mixed:
            at = next(at for at, one in enumerate(text) if at > 1 and one.isalpha())
            assert ethereum.address(text[:at] + text[at].swapcase() + text[at + 1 :]) is None
    assert ethereum.address("0x" + "0" * 40) is None


@pytest.mark.parametrize("text", MONERO)
def test_monero_standard_subaddress_and_integrated(text):
    assert monero.address(text) == text
    for at in (1, 30, len(text) - 1):
        other = text[:at] + ("2" if text[at] != "2" else "3") + text[at + 1 :]
        assert monero.address(other) is None


def test_tox_is_compared_by_its_key():
    assert tox.identifier(TOX) == TOX[:64] == tox.identifier(TOX.lower())
    assert tox.identifier(TOX[:-1] + "6") is None
    assert tox.identifier("0" * 76) is None


@pytest.mark.parametrize(
    "name",
    [
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd",  # rend-spec-v3, 6
        "sp3k262uwy4r2k3ycr5awluarykdpag6a7y33jxop4cs2lu5uz5sseqd",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad",
    ],
)
def test_onion_services_of_version_3(name):
    assert onion.address(f"{name}.onion") == f"{name}.onion" == onion.address(f"{name.upper()}.onion")
    assert onion.address(f"{name[:-2]}ad.onion") is None or name.endswith("ad")
    assert onion.address(f"b{name[1:]}.onion") is None


@pytest.mark.parametrize("text", IBANS)
def test_iban_examples_of_the_registry(text):
    plain = text.replace(" ", "")
    assert iban.number(text) == plain
    assert iban.number(plain[:-1] + ("1" if plain[-1] != "1" else "2")) is None
    assert iban.number(plain + "0") is None


def test_mail_is_compared_without_case_and_with_the_domain_in_ascii():
    assert mail.address("User@B\u00dcCHER.example") == "user@xn--bcher-kva.example"  # as partners have it
    assert mail.address("A.b+c@Example.ORG") == "a.b+c@example.org"
    for wrong in ("a@b", "a@b.nosuchtld", ".a@b.org", "a..b@c.org", "a@-b.org", "a@b-.org", "@b.org", "a@b..org", "a@"):
        assert mail.address(wrong) is None, wrong
    assert mail.address("a@" + "x" * 64 + ".org") is None


@given(st.emails())
def test_normal_forms_of_mail_stay(text):
    value = mail.address(text)
    if value is not None:
        assert mail.address(value) == value


def test_phones_as_e164():
    assert phones.number("+33 (0)6 12 34 56 78") == "+33612345678" == phones.number("0033612345678")
    assert phones.number("+49 170 1234567") == "+491701234567"
    assert phones.number("06 12 34 56 78") is None
    assert phones.number("06 12 34 56 78", "FR") == "+33612345678"
    assert phones.number("+33 6") is None
    assert phones.number("+999 123 456 789") is None


def test_urls_in_one_form():
    assert urls.url("HTTP://User:pw@Example.ORG:80?a=1&amp;b=2#c") == "http://example.org/?a=1&b=2"
    assert urls.url("https://example.org:8080/A") == "https://example.org:8080/A"
    assert urls.url("http://192.0.2.7/x") == "http://192.0.2.7/x"
    assert urls.url("http://localhost/x") is None
    assert urls.url("http://999.1.1.1/") is None


def test_word_list_is_the_one_whose_checksums_are_known():
    words = Mnemonic("english").wordlist
    assert len(words) == 2048
    assert all(3 <= len(word) <= 8 and word.isascii() and word.islower() for word in words)
